using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Rights;

/// <summary>The desk's page on ends: every kind of record with its period, what is due, what went last, and what stops it.</summary>
public static class Retention
{
    /// <param name="Due">To be erased in the next night.</param>
    /// <param name="Kept">Would be, and is held.</param>
    public sealed record Line(RecordKind Kind, Keep Keep, bool Own, int All, int Due, int Kept, RetentionRun? Last, bool Held);

    /// <param name="Person">Shown to who may see them.</param>
    public sealed record HoldLine(Hold Hold, string? Person, string? By);

    const int MostHolds = 200;

    internal static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("", async (string? done, Visit visit, TownDb db, House house, HttpContext http, TimeProvider time) => await Show(Form.Empty, visit, db, house, http, time, done));
        to.MapGet("{kind}", async (string kind, Visit visit, TownDb db, House house, HttpContext http) =>
            Find(house, visit, kind) is { } found ? await ShowOne(found, null, db, http) : Page.NotFound);
        to.MapPost("{kind}", Set);
        to.MapPost("{kind}/hold", HoldKind);
        to.MapPost("holds/{id:guid}/end", End);
    }

    static RecordKind? Find(House house, Visit visit, string key) => RecordKinds.Of(house, visit.Town).FirstOrDefault(k => k.Key == key);

    static async Task<IResult> Show(Form form, Visit visit, TownDb db, House house, HttpContext http, TimeProvider time, string? done = null)
    {
        var (now, stop) = (time.GetUtcNow(), http.RequestAborted);
        var own = await db.Set<Period>().AsNoTracking().ToDictionaryAsync(p => p.Kind, p => p.Keep, stop);
        var last = (await db.Set<RetentionRun>().AsNoTracking().GroupBy(r => r.Kind).Select(g => g.OrderByDescending(r => r.NightOn).First()).ToListAsync(stop)).ToDictionary(r => r.Kind);
        var holds = await Hold.At(db, now).AsNoTracking().OrderByDescending(h => h.FromAt).Take(MostHolds)
            .LeftJoin(db.Set<People.Account>(), h => h.ById, a => (Guid?)a.Id, (hold, by) => new { hold, By = by == null ? null : by.Name }).ToListAsync(stop);
        var persons = holds.Where(h => h.hold.PersonId is not null).Select(h => h.hold.PersonId!.Value).ToArray();
        var names = await MayBeShown.Persons(visit, db).Where(p => persons.Contains(p.Id)).ToDictionaryAsync(p => p.Id, p => p.Name, stop);
        var nobody = db.Set<Hold>().Where(h => false).Select(h => h.Id);
        var lines = new List<Line>();
        foreach (var kind in RecordKinds.Of(house, visit.Town))
        {
            var keep = own.TryGetValue(kind.Key, out var set) ? set : kind.Keep;
            var night = new Night(db, keep.Before(now), now, Hold.PersonsAt(db, now), stop);
            var due = await kind.CountDue(night);
            var held = holds.Any(h => h.hold.Kind == kind.Key);
            var all = await kind.CountDue(night with { Held = nobody });
            lines.Add(new(kind, keep, own.ContainsKey(kind.Key), await kind.CountAll(night), held ? 0 : due, held ? all : all - due, last.GetValueOrDefault(kind.Key), held));
        }
        return Page.Show<RetentionPage>(new
        {
            Form = form, Lines = lines, Done = done,
            Holds = holds.Select(h => new HoldLine(h.hold, h.hold.PersonId is { } person ? names.GetValueOrDefault(person) : null, h.By)).ToArray(),
            Waiting = await db.Set<ErasureOfPerson>().CountAsync(e => e.DoneAt == null, stop),
        }, form.Wrong ? 422 : 200);
    }

    static async Task<IResult> ShowOne(RecordKind kind, Form? form, TownDb db, HttpContext http)
    {
        var own = await db.Set<Period>().AsNoTracking().SingleOrDefaultAsync(p => p.Kind == kind.Key, http.RequestAborted);
        var keep = own?.Keep ?? kind.Keep;
        form ??= Form.With(("unit", keep.Unit.ToString()), ("count", keep.Count.ToString(System.Globalization.CultureInfo.InvariantCulture)), ("version", (own?.Version ?? 0).ToString(System.Globalization.CultureInfo.InvariantCulture)));
        return Page.Show<PeriodPage>(new { Form = form, Kind = kind }, form.Wrong ? 422 : 200);
    }

    static async Task<IResult> Set(string kind, Form form, Visit visit, TownDb db, House house, HttpContext http, TimeProvider time)
    {
        if (Find(house, visit, kind) is not { } found) return Page.NotFound;
        var now = time.GetUtcNow();
        var own = await db.Set<Period>().SingleOrDefaultAsync(p => p.Kind == kind);
        var unit = form.Choice("unit", Enum.GetNames<KeepUnit>());
        var count = form.Number("count", 0, 36500);
        var reason = form.Text("reason", most: 300, required: true);
        if (!form.Wrong && count > Most(Enum.Parse<KeepUnit>(unit))) form.Wrongly("count", "That is longer than a hundred years.");
        if (!form.Wrong && found.Least is { } least && new Keep(Enum.Parse<KeepUnit>(unit), count).Before(now) > least.Before(now)) form.Wrongly("count", "A law wants these records kept longer than that.");
        if (form.Typed("version") != (own?.Version ?? 0).ToString(System.Globalization.CultureInfo.InvariantCulture)) form.Wrongly("", "Someone else changed this in the meantime");
        if (form.Wrong) return await ShowOne(found, form, db, http);

        var (before, keep) = (own?.Keep ?? found.Keep, new Keep(Enum.Parse<KeepUnit>(unit), count));
        if (own is null) db.Add(own = new() { Kind = kind });
        (own.Unit, own.Count, own.SetBy, own.SetAt, own.Version) = (keep.Unit, keep.Count, visit.Visitor!.AccountId, now, own.Version + 1);
        db.Audit(visit.Did("rights.set_period", subject: $"records/{kind}", details: new { from = $"{before.Count} {before.Unit}", to = $"{keep.Count} {keep.Unit}" }, reason: reason));
        return await Done("period", form, visit, db);
    }

    static int Most(KeepUnit unit) => unit switch { KeepUnit.Days => 36500, KeepUnit.Months => 1200, _ => 100 };

    static async Task<IResult> HoldKind(string kind, Form form, Visit visit, TownDb db, House house, HttpContext http, TimeProvider time)
    {
        if (Find(house, visit, kind) is not { } found) return Page.NotFound;
        var reason = form.Text("reason", most: 300, required: true);
        var until = Until(form, time.GetUtcNow());
        if (form.Wrong) return await ShowOne(found, form, db, http);
        var hold = new Hold { Kind = kind, Reason = reason, ById = visit.Visitor!.AccountId, FromAt = time.GetUtcNow(), UntilAt = until };
        db.Add(hold);
        db.Audit(visit.Did("rights.hold", subject: $"records/{kind}", reason: reason));
        return await Done("held", form, visit, db);
    }

    internal static DateTimeOffset? Until(Form form, DateTimeOffset now)
    {
        var until = form.Moment("until");
        if (until <= now) form.Wrongly("until", "Please choose a time that is still to come.");
        return until;
    }

    static async Task<IResult> End(Guid id, Form form, Visit visit, TownDb db, House house, HttpContext http, TimeProvider time)
    {
        var now = time.GetUtcNow();
        var hold = await db.Set<Hold>().SingleOrDefaultAsync(h => h.Id == id);
        if (hold is not { EndedAt: null }) return Page.NotFound;
        var reason = form.Text("reason", most: 300, required: true);
        if (form.Wrong) return await Show(form, visit, db, house, http, time);
        (hold.EndedAt, hold.EndedBy) = (now, visit.Visitor!.AccountId);
        db.Audit(visit.Did("rights.end_hold", subject: hold.Kind is { } kind ? $"records/{kind}" : $"persons/{hold.PersonId}", about: hold.PersonId, reason: reason));
        return await Done("ended", form, visit, db);
    }

    static async Task<IResult> Done(string what, Form form, Visit visit, TownDb db)
    {
        var path = $"desk/retention?done={what}";
        await db.Save(form.Once, visit.Link(path));
        return Page.Go(visit, path);
    }
}
