using System.Globalization;
using System.Security.Cryptography;
using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>What a receipt number alone shows: how it stands, and nothing of what stands in it.</summary>
public sealed record FoundCase(string Number, string Stage, Procedure Procedure, CaseState State, DateTimeOffset ArrivedAt, DateOnly DueOn, DateTimeOffset? ClosedAt);

/// <summary>
/// Without an account: the receipt number shows how a filing stands. To see all of it one has to read the mailbox, or the telephone, that stands in the
/// filing: it gets a code that opens it once. Whether there is a filing of that number, and which address it has, is told to nobody: a job
/// looks, so the page takes the same time and says the same for every number.
/// </summary>
static class FindCase
{
    static readonly TimeSpan Window = TimeSpan.FromMinutes(10);
    public static readonly TimeSpan Opens = TimeSpan.FromHours(2);
    const int Looks = 30, Asks = 10, AsksOfNumber = 5, Codes = 20;

    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("find", () => Page.Show<FindCasePage>(new { Form = Form.Empty }));
        to.MapPost("find", Look);
        to.MapPost("find/link", Ask);
        to.MapGet("find/code", (string? code, bool? sent) => Page.Show<OpenByCodePage>(new { Form = Form.With(("code", code is { Length: <= 40 } ? code : "")), Sent = sent == true }));
        to.MapPost("find/code", Open);
    }

    static async Task<IResult> Look(Form form, Visit visit, TownDb db, SharedCounters counters, HttpContext http)
    {
        var number = NumberOf(form);
        if (form.Wrong) return Page.Show<FindCasePage>(new { Form = form }, 422);
        if (await Late(visit, counters, "look", visit.Network, Looks, Window, form, http)) return Page.Show<FindCasePage>(new { Form = form }, 429);
        var of = await db.Set<Case>().AsNoTracking().Where(c => c.Number == number).Select(c => new { c.Number, c.Stage, c.DefinitionId, c.State, c.ArrivedAt, c.DueOn, c.ClosedAt }).SingleOrDefaultAsync(http.RequestAborted);
        if (of is null)
        {
            form.Wrongly("number", "There is no filing with this number. Please compare it with your receipt.");
            return Page.Show<FindCasePage>(new { Form = form }, 422);
        }
        return Page.Show<FindCasePage>(new { Form = form, Found = new FoundCase(of.Number, of.Stage, await Catalog.Version(db, of.DefinitionId, http.RequestAborted), of.State, of.ArrivedAt, of.DueOn, of.ClosedAt) });
    }

    static async Task<IResult> Ask(Form form, Visit visit, TownDb db, SharedCounters counters, HttpContext http)
    {
        var number = NumberOf(form);
        if (form.Wrong) return Page.Show<FindCasePage>(new { Form = form }, 422);
        await db.NotTwice(form.Once);
        if (await Late(visit, counters, "ask", visit.Network, Asks, Window, form, http) || await Late(visit, counters, "ask of number", number, AsksOfNumber, TimeSpan.FromDays(1), form, http))
            return Page.Show<FindCasePage>(new { Form = form }, 429);
        db.Enqueue(new SendCaseLink(number, visit.Lang.Code));
        var path = "procedures/find/code?sent=true";
        await db.Save(form.Once, visit.Link(path), http.RequestAborted);
        return Page.Go(visit, path);
    }

    static async Task<IResult> Open(Form form, Visit visit, TownDb db, SharedCounters counters, TimeProvider time, HttpContext http)
    {
        var code = SendCaseLink.Read(form.Text("code", 40, required: true));
        var (hash, now) = (MyCases.HashOf(code), time.GetUtcNow());
        // Whoever goes back to this page with another code opens another case.
        var once = form.Once is { } page ? new Guid(SHA256.HashData([.. page.ToByteArray(), .. hash]).AsSpan(0, 16)) : (Guid?)null;
        await db.NotTwice(once, http.RequestAborted);
        if (!form.Wrong && await Late(visit, counters, "code", visit.Network, Codes, Window, form, http)) return Page.Show<OpenByCodePage>(new { Form = form }, 429);
        if (!form.Wrong && await db.Set<CaseLink>().SingleOrDefaultAsync(l => l.TokenHash == hash && l.UsedAt == null && l.EndsAt > now, http.RequestAborted) is { } link)
        {
            var (key, path) = (HeldKeys.New(http, visit, db, once, link.CaseId, Opens), ShowMyCase.PathOf(link.CaseId) + "?done=code");
            (link.UsedAt, link.VisitHash, link.VisitEndsAt) = (now, MyCases.HashOf(key), now + Opens);
            db.Audit(visit.Did("procedures.open_by_code", $"procedures/cases/{link.CaseId}", at: now));
            try
            {
                await db.Save(once, visit.Link(path), http.RequestAborted);
                HeldKeys.Give(http, visit, link.CaseId, key, Opens);
                return Page.Go(visit, path);
            }
            catch (DbUpdateConcurrencyException) { }    // of two who type it at once, one was first
        }
        if (!form.Wrong) form.Wrongly("code", "This is not the code, or it was used already, or it is older than 30 minutes. You can ask for a new one.");
        return Page.Show<OpenByCodePage>(new { Form = form }, 422);
    }

    static string NumberOf(Form form)
    {
        var typed = form.Text("number", 40, required: true);
        if (typed.Length > 0 && !ReceiptNumber.TryParse(typed, out _)) form.Wrongly("number", "This is no receipt number. It has ten digits, like 123-456-7890: please compare it with your receipt.");
        return ReceiptNumber.TryParse(typed, out var number) ? number.Digits : "";
    }

    /// <summary>Counts one more; too many are asked to come later.</summary>
    internal static async Task<bool> Late(Visit visit, SharedCounters counters, string what, string whose, int most, TimeSpan window, Form form, HttpContext http)
    {
        var (within, wait) = await counters.Count(visit.Town, $"procedures {what}", whose, most, window, http.RequestAborted);
        if (within) return false;
        http.Response.Headers.RetryAfter = ((int)wait.TotalSeconds + 1).ToString(CultureInfo.InvariantCulture);
        form.Wrongly("", "Too many attempts. Please try again in {0} minutes.", (int)wait.TotalMinutes + 1);
        return true;
    }
}
