using System.Globalization;
using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.MyNumbers;

/// <summary>The desk's page of uses: what asks for the number, on what law, since when, and how many lie there.</summary>
public static class SwitchUses
{
    public sealed record Line(MyNumberUse Use, TownsUse? Town, int Kept, int Soon, int Purged);

    internal static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("", async (string? done, Visit visit, TownDb db, House house, HttpContext http, TimeProvider time) => await Show(Form.Empty, visit, db, house, http, time, done));
        to.MapPost("{use}/on", On);
        to.MapPost("{use}/off", Off);
    }

    static IEnumerable<MyNumberUse> All(House house, Visit visit) => house.All<MyNumberUse>().Where(u => house.Has(visit.Town, u.Module));

    static async Task<IResult> Show(Form form, Visit visit, TownDb db, House house, HttpContext http, TimeProvider time, string? done = null)
    {
        var soon = time.GetUtcNow().AddDays(14);
        var towns = await db.Set<TownsUse>().AsNoTracking().ToDictionaryAsync(u => u.Use, http.RequestAborted);
        var counts = (await db.Set<KeptNumber>().GroupBy(n => n.Use)
            .Select(g => new { Use = g.Key, Kept = g.Count(n => n.PurgedAt == null), Soon = g.Count(n => n.PurgedAt == null && n.PurgeAt <= soon), Purged = g.Count(n => n.PurgedAt != null) }).ToListAsync(http.RequestAborted)).ToDictionary(c => c.Use);
        return Page.Show<UsesPage>(new
        {
            Form = form, Done = done,
            Lines = All(house, visit).Select(u => new Line(u, towns.GetValueOrDefault(u.Key), counts.GetValueOrDefault(u.Key)?.Kept ?? 0, counts.GetValueOrDefault(u.Key)?.Soon ?? 0, counts.GetValueOrDefault(u.Key)?.Purged ?? 0)).ToArray(),
        }, form.Wrong ? 422 : 200);
    }

    static async Task<IResult> On(string use, Form form, Visit visit, TownDb db, House house, HttpContext http, TimeProvider time)
    {
        if (All(house, visit).FirstOrDefault(u => u.Key == use) is null) return Page.NotFound;
        var row = await db.Set<TownsUse>().SingleOrDefaultAsync(u => u.Use == use);
        var basis = form.Text("basis", most: 300, required: true);
        var days = form.Number("days", 1, 3650);
        // 番号法9条 names who may use it and for what; without a paragraph there is no use.
        if (basis.Length > 0 && !(basis.Contains('法') || basis.Contains("条例")) || basis.Length > 0 && !basis.Contains('条')) form.Wrongly("basis", "Please name the law, its article and its paragraph.");
        if (form.Wrong) return await Show(form, visit, db, house, http, time);
        var now = time.GetUtcNow();
        if (row is null) db.Add(row = new() { Use = use });
        (row.Basis, row.Days, row.OnAt, row.ById, row.ChangedAt, row.Version) = (basis, days, row.OnAt ?? now, visit.Visitor!.AccountId, now, row.Version + 1);
        db.Audit(visit.Did("my_numbers.switch_on", $"uses/{use}", new { days }, reason: basis));
        return await Done("on", form, visit, db);
    }

    /// <summary>Without a use there is no reason to hold its numbers: they go in the same transaction.</summary>
    static async Task<IResult> Off(string use, Form form, Visit visit, TownDb db, House house, HttpContext http, TimeProvider time)
    {
        var row = await db.Set<TownsUse>().SingleOrDefaultAsync(u => u.Use == use && u.OnAt != null);
        if (row is null) return Page.NotFound;
        var reason = form.Text("reason", most: 300, required: true);
        if (!form.Ticked("sure")) form.Wrongly("sure", "Please tick this if you are sure.");
        if (form.Wrong) return await Show(form, visit, db, house, http, time);
        var now = time.GetUtcNow();
        await using var together = await db.Database.BeginTransactionAsync(http.RequestAborted);
        (row.OnAt, row.ById, row.ChangedAt, row.Version) = (null, visit.Visitor!.AccountId, now, row.Version + 1);
        var purged = await PurgeForgotten.Purge(db.Set<KeptNumber>().Where(n => n.Use == use && n.PurgedAt == null), PurgedBecause.SwitchedOff, now, http.RequestAborted);
        db.Audit(visit.Did("my_numbers.switch_off", $"uses/{use}", new { purged }, reason: reason));
        const string then = "desk/my-numbers?done=off";
        await db.Save(form.Once, visit.Link(then), http.RequestAborted);
        await together.CommitAsync(http.RequestAborted);
        return Page.Go(visit, then);
    }

    static async Task<IResult> Done(string what, Form form, Visit visit, TownDb db)
    {
        var path = $"desk/my-numbers?done={what}";
        await db.Save(form.Once, visit.Link(path));
        return Page.Go(visit, path);
    }
}

/// <summary>The desk's pages on numbers that lie there: a list without any of them, one read with a reason, and handing over.</summary>
public static class ReadNumbers
{
    internal const int Most = 100;

    public sealed record Line(Guid Id, string Use, string Subject, DateTimeOffset KeptAt, DateTimeOffset PurgeAt);

    internal static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("", async (string? done, Visit visit, TownDb db, House house, HttpContext http) =>
        {
            var lines = await MayBeSeen(visit, db).OrderBy(n => n.PurgeAt).ThenBy(n => n.Id).Take(Most).Select(n => new Line(n.Id, n.Use, n.Subject, n.KeptAt, n.PurgeAt)).ToListAsync(http.RequestAborted);
            return Page.Show<KeptNumbersPage>(new { Lines = lines, Titles = house.All<MyNumberUse>().ToDictionary(u => u.Key, u => u.Title), Done = done });
        });
        to.MapGet("{id:guid}", async (Guid id, Visit visit, TownDb db) => await Ask(id, Form.Empty, visit, db));
        to.MapPost("{id:guid}", Show);
        to.MapPost("{id:guid}/handed-over", HandOver);
    }

    static IQueryable<KeptNumber> MayBeSeen(Visit visit, TownDb db)
    {
        var persons = Rights.MayBeShown.Persons(visit, db);
        return db.Set<KeptNumber>().AsNoTracking().Where(n => n.PurgedAt == null && persons.Any(p => p.Id == n.PersonId));
    }

    static async Task<IResult> Ask(Guid id, Form form, Visit visit, TownDb db, bool gone = false) =>
        await MayBeSeen(visit, db).SingleOrDefaultAsync(n => n.Id == id) is { } number
            ? Page.Show<ReadNumberPage>(new { Form = form, Number = number, Gone = gone }, form.Wrong ? 422 : 200) : Page.NotFound;

    static async Task<IResult> Show(Guid id, Form form, Visit visit, TownDb db, MyNumberSafe safe, HttpContext http)
    {
        var reason = form.Text("reason", most: 300, required: true);
        if (form.Wrong) return await Ask(id, form, visit, db);
        var number = await safe.Read(visit, db, id, reason, form.Once, visit.Link($"desk/my-numbers/kept/{id}"), http.RequestAborted);
        if (number is null) return await Ask(id, form, visit, db, gone: true);
        http.Response.Headers.CacheControl = "no-store";
        return Page.Show<ShownNumberPage>(new { Id = id, Number = number });
    }

    static async Task<IResult> HandOver(Guid id, Form form, Visit visit, TownDb db, MyNumberSafe safe, HttpContext http)
    {
        var to = form.Text("to", most: 100, required: true);
        if (form.Wrong) return await Ask(id, form, visit, db);
        if (!await Rights.MayBeShown.To(visit, db, (await MayBeSeen(visit, db).SingleOrDefaultAsync(n => n.Id == id))?.PersonId ?? default, http.RequestAborted)
            || !await safe.HandedOver(visit, db, id, to, http.RequestAborted)) return Page.NotFound;
        var path = "desk/my-numbers/kept?done=handed";
        await db.Save(form.Once, visit.Link(path));
        return Page.Go(visit, path);
    }
}
