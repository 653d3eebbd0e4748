using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>All that is told of a letter to somebody who holds it.</summary>
public sealed record GenuineLetter(string Kind, DateTimeOffset MadeAt, DateTimeOffset? RevokedAt);

/// <summary>For whoever was shown a letter or certificate: whether it is the town's, of when, and whether it still holds. Nothing of what stands in it.</summary>
static class VerifyLetter
{
    static readonly TimeSpan Window = TimeSpan.FromMinutes(10);
    const int Most = 30;

    public static void Routes(IEndpointRouteBuilder to)
    {
        // The square on a letter leads here; only the button asks.
        to.MapGet("verify", (string? number, string? code) => Page.Show<VerifyLetterPage>(new { Form = Form.With(("number", Short(number)), ("code", Short(code))) }));
        to.MapPost("verify", Verify);

        static string Short(string? text) => text is { Length: <= 80 } ? text : "";
    }

    static async Task<IResult> Verify(Form form, Visit visit, TownDb db, SharedCounters counters, HttpContext http)
    {
        var number = Folding.Fold(form.Text("number", 80)).Replace(" ", "", StringComparison.Ordinal);
        var code = SendCaseLink.Read(form.Text("code", 80, required: true));
        if (form.Wrong) return Page.Show<VerifyLetterPage>(new { Form = form }, 422);
        if (await FindCase.Late(visit, counters, "verify", visit.Network, Most, Window, form, http)) return Page.Show<VerifyLetterPage>(new { Form = form }, 429);
        var grouped = string.Join('-', code.Chunk(4).Select(c => new string(c)));
        // Before its seal is set it is no letter of the town.
        var letter = await db.Set<Letter>().AsNoTracking().Where(l => (l.Code == code || l.Code == grouped) && (!l.WantsSeal || l.Sealed)).Select(l => new { l.Number, l.Kind, l.MadeAt, l.RevokedAt }).FirstOrDefaultAsync(http.RequestAborted);
        var ours = letter is not null && (letter.Number is null || Folding.Fold(letter.Number).Replace(" ", "", StringComparison.Ordinal) == number);
        return Page.Show<VerifyLetterPage>(new { Form = form, Asked = true, Letter = ours ? new GenuineLetter(letter!.Kind, letter.MadeAt, letter.RevokedAt) : null });
    }
}
