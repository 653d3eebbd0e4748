using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>A letter or certificate that its applicant opens: the first time is written down, since then it was read.</summary>
static class MyLetters
{
    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("letters/{id:guid}", async (Guid id, Visit visit, TownDb db, TimeProvider time, HttpContext http) =>
            await Find(id, visit, db, time, http) is var (letter, of) ? Page.Show<LetterPage>(new { Letter = letter, Case = of, CheckAt = CheckAt(letter, visit, http), Seal = await SealOf(letter, db, http), Next = await NextOf(letter, db, http) }) : Page.NotFound);
        to.MapGet("letters/{id:guid}/pdf", async (Guid id, Visit visit, TownDb db, TimeProvider time, HttpContext http) =>
        {
            if (await Find(id, visit, db, time, http) is not var (letter, of) || !IsHere(letter)) return Page.NotFound;
            var seal = await SealOf(letter, db, http);
            return Page.Pdf<LetterPaper>(new { Letter = letter, Case = of, CheckAt = CheckAt(letter, visit, http), Seal = seal }, $"{Furigana.Bare(letter.Title.In(Lang.Japanese))} {of.Number}.pdf");
        });
    }

    /// <summary>Electronically it lies here; on paper it is in the post, and only that is said.</summary>
    public static bool IsHere(Letter letter) => letter is { Delivery: Delivery.Electronic, DeliveredAt: not null };

    /// <summary>What the applicant may know of: before its seal is set it is no letter, and what was taken back before it went out never was one.</summary>
    public static bool MayBeKnown(Letter letter) => (!letter.WantsSeal || letter.Sealed) && (letter.RevokedAt is null || letter.DeliveredAt is not null);

    static async Task<OfficialSeal?> SealOf(Letter letter, TownDb db, HttpContext http) => letter.SealId is { } id ? (await OfficialSeal.Of([letter], db, http.RequestAborted)).GetValueOrDefault(id) : null;

    /// <summary>The letter that took its place, once the applicant may know of it.</summary>
    static async Task<Letter?> NextOf(Letter letter, TownDb db, HttpContext http) =>
        letter.RevokedAt is not null && await db.Set<Letter>().AsNoTracking().SingleOrDefaultAsync(l => l.InsteadOfId == letter.Id, http.RequestAborted) is { } next && MayBeKnown(next) ? next : null;

    static async Task<(Letter, Case)?> Find(Guid id, Visit visit, TownDb db, TimeProvider time, HttpContext http)
    {
        if (await db.Set<Letter>().SingleOrDefaultAsync(l => l.Id == id, http.RequestAborted) is not { } letter || !MayBeKnown(letter)) return null;
        if (await MyCases.Find(visit, letter.CaseId, db, http.RequestAborted) is not { } of) return null;
        if (IsHere(letter) && letter.OpenedAt is null)
        {
            var now = time.GetUtcNow();
            letter.Open(now);
            of.Happened(MoveKind.PaperOpened, visit.Visitor?.AccountId, now);
            db.Audit(visit.Did("procedures.open_letter", $"procedures/letters/{id}", new { letter.Result }, about: of.PersonId, at: now));
            db.AddNews(of);
            try
            {
                await db.Save(stop: http.RequestAborted);
            }
            catch (DbUpdateConcurrencyException) { }    // opened in two tabs at once: one of them has written it down
        }
        return (letter, of);
    }

    /// <summary>Where anybody who holds it asks whether it is ours; never the host of the request, which could send it anywhere.</summary>
    static string CheckAt(Letter letter, Visit visit, HttpContext http) =>
        http.Sent(visit, Lang.Japanese, "procedures/verify").With(("number", letter.Number), ("code", letter.Code));
}
