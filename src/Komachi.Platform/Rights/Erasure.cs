using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.People;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Rights;

/// <summary>What becomes of everything that is held about a person when they are forgotten.</summary>
public sealed record Outlook(IReadOnlyList<Fate> Fates, bool Held)
{
    public IEnumerable<Fate> Goes => Held ? [] : Fates.Where(f => f.StaysBecause is null);
    public IEnumerable<Fate> Stays => Fates.Where(f => Held || f.StaysBecause is not null);
}

/// <summary>
/// Forgetting a person: what may go goes at once and together, what has to stay stays and is named with its reason. What a hold
/// stops, or what has to say for now whom it is about, goes in the first night in which nothing stops it.
/// </summary>
static class Erasure
{
    public static async Task<Outlook> Look(AboutPerson about, House house) => (await LookAt(about, house)).Outlook;

    static async Task<(Outlook Outlook, AboutPerson About)> LookAt(AboutPerson about, House house)
    {
        var fates = new List<Fate>();
        foreach (var module in Parts(about, house))
        {
            fates.AddRange((await module.Look(about)).Where(f => f.Count > 0));
            if (fates.Where(f => f is { StaysBecause: not null, SaysWho: true }).ToArray() is { Length: > 0 } who)
                about = about with { WhoStays = true, WhoStaysUntil = who.All(f => f.Until is not null) ? who.Max(f => f.Until) : null };
        }
        return (new(fates, await Hold.PersonsAt(about.Db, about.Now).ContainsAsync(about.PersonId, about.Stop)), about);
    }

    /// <summary>Those that stand on others first, and people last.</summary>
    static IEnumerable<Forgotten> Parts(AboutPerson about, House house) => house.All<Forgotten>().Where(f => house.Has(about.Db.Town, f.Module)).Reverse();

    /// <summary>Within a transaction of the caller's, who saves.</summary>
    public static async Task<Outlook> Forget(AboutPerson about, House house, bool atCounter = false)
    {
        var row = await about.Db.Set<ErasureOfPerson>().SingleOrDefaultAsync(e => e.PersonId == about.PersonId, about.Stop);
        var asked = row is null;
        if (row is null) about.Db.Add(row = new() { PersonId = about.PersonId, AskedAt = about.Now, AtCounter = atCounter });
        var (outlook, all) = await LookAt(about, house);
        if (asked || row.ForgottenAt is null && !outlook.Held)
        {
            row.NotedAt = null;
            about.Db.Enqueue(new NoteErasures());
        }
        if (outlook.Held)
        {
            // Nothing is touched that somebody may need as it is; but nobody goes in any more.
            foreach (var account in await about.Db.Set<Account>().Where(a => a.PersonId == about.PersonId && a.Kind == AccountKind.Resident).ToListAsync(about.Stop)) account.Close(about.Now);
            return outlook;
        }
        foreach (var module in Parts(about, house)) await module.Forget(all);
        row.ForgottenAt ??= about.Now;
        if (!all.WhoStays) row.DoneAt ??= about.Now;
        return outlook;
    }

    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("erase", async (Visit visit, TownDb db, House house, Words words, HttpContext http, TimeProvider time) =>
            Security.Again(visit, time) ?? await Show(Form.Empty, visit, db, house, words, http, time));
        to.MapPost("erase", Post);
    }

    static async Task<IResult> Show(Form form, Visit visit, TownDb db, House house, Words words, HttpContext http, TimeProvider time)
    {
        http.Response.Headers.CacheControl = "no-store";
        var outlook = await Look(new(visit.Visitor!.PersonId!.Value, db, words, time.GetUtcNow(), http.RequestAborted), house);
        return Page.Show<EraseMePage>(new { Form = form, Outlook = outlook }, form.Wrong ? 422 : 200);
    }

    static async Task<IResult> Post(Form form, Visit visit, TownDb db, House house, Words words, HttpContext http, TimeProvider time)
    {
        if (Security.Again(visit, time) is { } again) return again;
        if (!form.Ticked("sure")) form.Wrongly("sure", "Please tick this if you are sure.");
        if (form.Wrong) return await Show(form, visit, db, house, words, http, time);
        var person = visit.Visitor!.PersonId!.Value;
        var outlook = await Now(new(person, db, words, time.GetUtcNow(), http.RequestAborted), house, atCounter: false, visit.Did("rights.erase", subject: $"persons/{person}", about: person));
        SessionDoor.Take(http, visit);
        visit.Visitor = null;    // signed out: the account that the session belonged to is closed
        http.Response.Headers.CacheControl = "no-store";
        return Page.Show<ErasedPage>(new { Outlook = outlook });
    }

    /// <summary>All of it in one transaction.</summary>
    public static async Task<Outlook> Now(AboutPerson about, House house, bool atCounter, AuditEntry audit)
    {
        await using var together = await about.Db.Database.BeginTransactionAsync(about.Stop);
        var outlook = await Forget(about, house, atCounter);
        about.Db.Audit(audit);
        await about.Db.Save(stop: about.Stop);
        await together.CommitAsync(about.Stop);
        return outlook;
    }
}
