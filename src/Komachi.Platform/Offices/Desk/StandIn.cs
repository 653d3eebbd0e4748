using System.Globalization;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.People;
using Komachi.Platform.Portal;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Offices;

/// <summary>
/// Who stands in for whom: everybody for their own duties, and who looks after departments for the people in them. A deputy
/// holds what the other holds by assignment, from the first day to the last, and never passes it on.
/// </summary>
public static class StandIn
{
    const int LongestDays = 366;

    /// <param name="Own">The visitor may end it.</param>
    public sealed record Line(Guid Id, string Whose, string Deputy, DateOnly FromOn, DateOnly UntilOn, string Reason, int Version, bool Own);

    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("", async (Guid? whose, Guid? deputy, Sought sought, string? done, Visit visit, TownDb db, TimeProvider time) =>
            await Show(Form.With(("whose", whose?.ToString() ?? sought["whose"]), ("deputy", deputy?.ToString() ?? sought["deputy"]), ("from", time.Today().ForInput())), sought, done, visit, db, await DepartmentTrees.Today(db), time));
        to.MapPost("", Give);
        to.MapPost("{id:guid}/end", End);
    }

    internal static Task<int> MineToday(Visit visit, TownDb db, DateTimeOffset now)
    {
        var today = JapanTime.DayOf(now);
        return db.Set<Deputy>().CountAsync(d => d.DeputyId == visit.Visitor!.AccountId && d.FromOn <= today && d.UntilOn >= today);
    }

    internal static async Task<IReadOnlyList<Happened>> GivenToMe(Visit visit, TownDb db, DateTimeOffset now, int n)
    {
        var today = JapanTime.DayOf(now);
        return await db.Set<Deputy>().AsNoTracking().Where(d => d.DeputyId == visit.Visitor!.AccountId && d.UntilOn >= today).OrderByDescending(d => d.GivenAt).Take(n)
            .Join(db.Set<Account>(), d => d.AccountId, a => a.Id, (d, a) => new Happened(d.GivenAt, a.Name, "desk/deputy")).ToListAsync();
    }

    static async Task<IResult> Show(Form form, Sought sought, string? done, Visit visit, TownDb db, DepartmentTree tree, TimeProvider time)
    {
        var (me, today) = (visit.Visitor!.AccountId, time.Today());
        var all = visit.ManagesAll(tree);
        var lines = await db.Set<Deputy>().AsNoTracking().Where(d => d.UntilOn >= today && (all || d.AccountId == me || d.DeputyId == me))
            .OrderBy(d => d.FromOn).ThenBy(d => d.Id).Take(200)
            .Join(db.Set<Account>(), d => d.AccountId, a => a.Id, (d, a) => new { d, Whose = a.Name }).Join(db.Set<Account>(), r => r.d.DeputyId, a => a.Id, (r, a) => new { r.d, r.Whose, Deputy = a.Name })
            .OrderBy(r => r.d.FromOn).ThenBy(r => r.d.Id)
            .Select(r => new Line(r.d.Id, r.Whose, r.Deputy, r.d.FromOn, r.d.UntilOn, r.d.Reason, r.d.Version, all || r.d.AccountId == me)).ToListAsync();
        var search = sought["q"];
        var found = search is null ? [] : await db.Set<Account>().AsNoTracking().Where(a => a.Kind == AccountKind.Staff && a.ClosedAt == null && a.Id != me).Called(search)
            .OrderBy(a => a.Name).ThenBy(a => a.Id).Take(AssignPeople.MostFound).Select(a => new AssignPeople.Found(a.Id, a.Name, a.SignInName)).ToListAsync();
        Guid?[] ids = [Guid.TryParse(form.Typed("whose"), out var whose) ? whose : null, Guid.TryParse(form.Typed("deputy"), out var deputy) ? deputy : null];
        var names = await db.Set<Account>().AsNoTracking().Where(a => ids.Contains(a.Id) && a.Kind == AccountKind.Staff).ToDictionaryAsync(a => a.Id, a => a.Name);
        return Page.Show<StandInPage>(new
        {
            Form = form, Sought = sought, Found = found, Lines = lines, Done = done, All = all,
            Whose = ids[0] is { } one ? names.GetValueOrDefault(one) : null, Deputy = ids[1] is { } other ? names.GetValueOrDefault(other) : null,
        }, form.Wrong ? 422 : 200);
    }

    static async Task<IResult> Give(Form form, Visit visit, TownDb db, TimeProvider time)
    {
        var (me, today) = (visit.Visitor!.AccountId, time.Today());
        var tree = await DepartmentTrees.Today(db);
        var whose = Guid.TryParse(form.Typed("whose"), out var other) ? other : me;
        if (whose != me)
        {
            // Who looks after a part of the town may see to it that its people are stood in for; all of a person's duties lie there.
            var works = await db.Set<Assignment>().Where(a => a.AccountId == whose && (a.UntilOn == null || a.UntilOn >= today)).Select(a => a.DepartmentId).ToListAsync();
            if (works.Count == 0 ? !visit.ManagesAll(tree) : !works.TrueForAll(d => visit.Manages(d, tree))) return Managing.NotYours;
        }
        var deputy = Guid.TryParse(form.Typed("deputy"), out var chosen) ? await db.Set<Account>().AsNoTracking().FirstOrDefaultAsync(a => a.Id == chosen && a.Kind == AccountKind.Staff && a.ClosedAt == null) : null;
        if (deputy is null) form.Wrongly("q", "Please look for the person and choose one.|offices");
        else if (deputy.Id == whose) form.Wrongly("q", "Nobody stands in for themselves.");
        else if (whose != me && deputy.Id == me) form.Wrongly("q", "Nobody takes over another's duties by themselves: that person, or somebody else, decides it.");
        var (from, until) = (form.Day("from", required: true), form.Day("until", required: true));
        var reason = form.Text("reason", most: 200, required: true);
        if (from < today) form.Wrongly("from", "Rights begin today at the earliest: nothing is allowed afterwards that was done before.");
        if (until < from) form.Wrongly("until", "The last day lies before the first.|offices");
        else if (until > from?.AddDays(LongestDays)) form.Wrongly("until", "At most a year; then somebody should decide anew.");
        if (form.Wrong) return await Show(form, Sought.Nothing, null, visit, db, tree, time);
        var given = new Deputy { AccountId = whose, DeputyId = deputy!.Id, FromOn = from!.Value, UntilOn = until!.Value, Reason = reason, GivenById = me, GivenAt = time.GetUtcNow() };
        db.Add(given);
        db.Audit(visit.Did("offices.give_deputy", $"deputies/{given.Id}", new { given.DeputyId, given.FromOn, given.UntilOn }, about: whose, reason: reason));
        await db.Save(form.Once, visit.Link("desk/deputy?done=given"));
        return Page.Go(visit, "desk/deputy?done=given");
    }

    static async Task<IResult> End(Guid id, Form form, Visit visit, TownDb db, TimeProvider time)
    {
        var given = await db.Set<Deputy>().FirstOrDefaultAsync(d => d.Id == id);
        if (given is null) return Page.NotFound;
        if (given.AccountId != visit.Visitor!.AccountId && !visit.ManagesAll(await DepartmentTrees.Today(db))) return Managing.NotYours;
        if (form.Typed("version") != given.Version.ToString(CultureInfo.InvariantCulture)) return Page.Conflict;
        given.End(time.Today().AddDays(-1));
        db.Audit(visit.Did("offices.end_deputy", $"deputies/{id}", about: given.AccountId));
        try
        {
            await db.Save(form.Once, visit.Link("desk/deputy?done=ended"));
        }
        catch (DbUpdateConcurrencyException)
        {
            return Page.Conflict;
        }
        return Page.Go(visit, "desk/deputy?done=ended");
    }
}
