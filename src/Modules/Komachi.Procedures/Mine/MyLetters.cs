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
            await Find(id, visit, db, time, http) is var (letter, of) ? Page.Show<LetterPage>(new { Letter = letter, Case = of, CheckAt = CheckAt(letter, visit, http) }) : Page.NotFound);
        to.MapGet("letters/{id:guid}/pdf", async (Guid id, Visit visit, TownDb db, TimeProvider time, HttpContext http) =>
            await Find(id, visit, db, time, http) is var (letter, of) && IsHere(letter) ? Page.Pdf<LetterPaper>(new { Letter = letter, Case = of, CheckAt = CheckAt(letter, visit, http) }, $"{Furigana.Bare(letter.Title.In(Lang.Japanese))} {of.Number}.pdf") : Page.NotFound);
    }

    /// <summary>Electronically it lies here; on paper it is in the post, and only that is said.</summary>
    public static bool IsHere(Letter letter) => letter is { Delivery: Delivery.Electronic, DeliveredAt: not null };

    static async Task<(Letter, Case)?> Find(Guid id, Visit visit, TownDb db, TimeProvider time, HttpContext http)
    {
        if (await db.Set<Letter>().SingleOrDefaultAsync(l => l.Id == id, http.RequestAborted) is not { } letter) return null;
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

    /// <summary>Where anybody who holds it asks whether it is ours; the host is the town's own where it has one.</summary>
    static string CheckAt(Letter letter, Visit visit, HttpContext http) =>
        $"{http.Request.Scheme}://{http.Request.Host}{visit.LinkIn(Lang.Japanese, "procedures/verify").With(("number", letter.Number), ("code", letter.Code))}";
}
