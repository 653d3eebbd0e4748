using System.Runtime.CompilerServices;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Offices;
using Komachi.Platform.People;
using Komachi.Platform.Portal;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>To what the inbox is narrowed, as it stands in its address. What cannot be is left out, never an error.</summary>
public sealed record InboxWish
{
    /// <summary>A state, or "closed"; none: everything that is open.</summary>
    public string State { get; init; } = "";
    public string Procedure { get; init; } = "";
    public Guid? Department { get; init; }

    /// <summary>me, nobody, or somebody's account.</summary>
    public string Who { get; init; } = "";

    /// <summary>late, waiting (for the applicant) or unread.</summary>
    public string Only { get; init; } = "";

    /// <summary>approve or decide: a step of that kind is open.</summary>
    public string Step { get; init; } = "";
    public string Way { get; init; } = "";
    public string Search { get; init; } = "";

    public bool IsClosed => State is "granted" or "refused" or "withdrawn" or "closed";
    public bool IsEmpty => this with { Found = null } == new InboxWish();

    /// <summary>The seal under which a name that is looked for is carried on: names stand in no address.</summary>
    public string? Found { get; init; }

    public static InboxWish Read(Func<string, string?> ask)
    {
        string One(string name, params string[] of) => ask(name) is { } said && of.Contains(said) ? said : "";
        return new()
        {
            State = One("state", "arrived", "correcting", "accepted", "granted", "refused", "withdrawn", "closed"), Procedure = ask("procedure") is { Length: <= 60 } key ? key : "",
            Department = Guid.TryParse(ask("department"), out var department) ? department : null, Who = ask("who") is "me" or "nobody" ? ask("who")! : Guid.TryParse(ask("who"), out var who) ? who.ToString() : "",
            Only = One("only", "late", "waiting", "unread"), Step = One("step", "approve", "decide"), Way = Enum.TryParse<Way>(ask("way"), ignoreCase: true, out var way) && Enum.IsDefined(way) ? way.ToString().ToLowerInvariant() : "",
            Search = (ask("q") ?? "").Trim() is var q && q.Length > 100 ? q[..(char.IsHighSurrogate(q[99]) ? 99 : 100)] : q,
        };
    }

    public (string, string?)[] Query => [("state", State), ("procedure", Procedure), ("department", Department?.ToString()), ("who", Who), ("only", Only), ("step", Step), ("way", Way), ("find", Found)];

    /// <summary>Without what is looked for: to be saved as a view, or narrowed further.</summary>
    public (string, string?)[] Conditions => [.. Query.Where(q => q.Item1 != "find")];
}

/// <param name="Title">Null: about a person of whom this clerk must not know.</param>
/// <param name="At">The day by which the open ones are ordered, or the moment at which it was closed.</param>
public sealed record InboxRow(Guid Id, string Number, string? Title, string Procedure, CaseState State, DateOnly DueOn, DateOnly? StoppedOn, Guid? AssigneeId, bool Unread, Way Way, DateTimeOffset At, string Clock, Komachi.Ui.Tone Tone, string? Owner);

/// <summary>
/// What waits at the desk: what is due first stands first. A department sees what it has and what it was asked for a step of; each page begins behind the
/// last row of the one before, so the list is as quick with a million cases as with ten.
/// </summary>
static class Inbox
{
    public const int PageSize = 50, MostCounted = 1000;

    public static void Routes(IEndpointRouteBuilder to) => to.MapGet("", Get);

    static async Task<IResult> Get(string? after, string? done, Sought sought, [AsParameters] AtDesk desk) =>
        await Show(Wish(desk, sought), Cursor.Read(after), desk, done, sought: sought);

    public static InboxWish Wish(AtDesk desk, Sought sought) =>
        InboxWish.Read(name => desk.Http.Request.Query[name].ToString() is { Length: > 0 } said && name != "q" ? said : sought[name]) with { Found = sought.Token };

    public static async Task<IResult> Show(InboxWish wish, Cursor? after, AtDesk desk, string? done = null, Form? form = null, Sought? sought = null)
    {
        var (db, tree) = (desk.Db, await desk.Tree());
        var (rows, next) = await Rows(wish, after, PageSize, desk, tree);
        var departments = desk.Me.DepartmentsFor("procedures.review", tree);
        return Page.Show<InboxPage>(new
        {
            Wish = wish, Rows = rows, Next = next, After = after, Done = done, Form = form ?? Form.Empty, Sought = sought ?? Sought.Nothing,
            Procedures = (IReadOnlyList<Komachi.Ui.Option>)[.. (await Catalog.Of(db, desk.Today, desk.Stop)).Select(o => new Komachi.Ui.Option(o.Key, o.Procedure.Title.In(desk.Visit.Lang)))],
            Departments = (IReadOnlyList<Komachi.Ui.Option>)[.. tree.All.Where(d => d.Depth > 0 && departments?.Contains(d.Id) != false).Select(d => new Komachi.Ui.Option(d.Id.ToString(), tree.PathOf(d.Id, desk.Visit.Lang)))],
            Colleagues = await Colleagues(desk, tree),
        }, form is { Wrong: true } ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK);
    }

    /// <summary>Those who work on filings in any department of mine.</summary>
    static async Task<IReadOnlyList<Komachi.Ui.Option>> Colleagues(AtDesk desk, DepartmentTree tree)
    {
        var mine = desk.Me.DepartmentsFor("procedures.review", tree);
        var ids = (await desk.Db.WhoHolds("procedures.review", desk.Today, desk.Stop)).Where(h => mine is null || h.DepartmentId is not { } where || mine.Contains(where) || mine.Any(d => tree.IsWithin(d, where))).Select(h => h.AccountId).Distinct().ToArray();
        return [.. (await StaffNames.Of(desk.Db, ids, desk.Stop)).OrderBy(a => a.Value, StringComparer.Ordinal).Select(a => new Komachi.Ui.Option(a.Key.ToString(), a.Value) { IsName = true })];
    }

    public static async Task<(IReadOnlyList<InboxRow> Rows, Cursor? Next)> Rows(InboxWish wish, Cursor? after, int most, AtDesk desk, DepartmentTree tree)
    {
        var (db, t) = (desk.Db, desk.Words);
        var (cases, next) = await PageOf(wish, after, most, desk, tree);
        var hidden = await desk.Persons.HiddenAmong([.. cases.Select(c => c.PersonId).OfType<Guid>().Distinct()]);
        // Who looks for a name must not learn from an empty row that it is there.
        if (wish.Search.Length > 0 && !ReceiptNumber.TryParse(wish.Search, out _)) cases = [.. cases.Where(c => c.PersonId is not { } about || !hidden.Contains(about))];
        var versions = await Catalog.Versions(db, [.. cases.Select(c => c.DefinitionId)], desk.Stop);
        var names = await StaffNames.Of(db, [.. cases.Select(c => c.AssigneeId).OfType<Guid>()], desk.Stop);
        var first = cases.Where(c => c.ClosedAt is null && c.DueOn < desk.Today).Select(c => c.DueOn).DefaultIfEmpty(desk.Today).Min();
        var calendars = await OpeningCalendar.OfDepartments(tree, db, first, desk.Stop);
        return ([.. cases.Select(c =>
        {
            var (clock, tone) = CaseWords.Clock(c.State, c.DueOn, c.StoppedOn, c.ClosedAt is not null, desk.Today, calendars(c.DepartmentId), t);
            var procedure = versions[c.DefinitionId];
            var title = c.Stage.Length == 0 ? procedure.Title.In(t.Lang) : $"{procedure.Title.In(t.Lang)} · {procedure.StageOf(c.Stage).Definition.Title.In(t.Lang)}";
            return new InboxRow(c.Id, c.Number, c.PersonId is { } about && hidden.Contains(about) ? null : c.Title, title, c.State, c.DueOn, c.StoppedOn, c.AssigneeId, c.Unread, c.Way, PlaceOf(c).At, clock, tone,
                c.AssigneeId is { } owner ? names.GetValueOrDefault(owner) : null);
        })], next);
    }

    static Cursor PlaceOf(Slim c) => new(c.ClosedAt ?? JapanTime.At(c.DueOn), c.Id);

    sealed record Slim(Guid Id, string Number, Guid DefinitionId, string Stage, string Title, CaseState State, DateOnly DueOn, DateOnly? StoppedOn, Guid? AssigneeId, bool Unread, Way Way, DateTimeOffset? ClosedAt, Guid? PersonId, Guid DepartmentId);

    /// <summary>A page of what the departments have, and of what they were asked for: each from an index of its own, and put together in order.</summary>
    static async Task<(List<Slim> Cases, Cursor? Next)> PageOf(InboxWish wish, Cursor? after, int most, AtDesk desk, DepartmentTree tree)
    {
        var found = new List<Slim>();
        foreach (var some in Parts(wish, desk.Me, desk.Db, tree, desk.Today))
            found.AddRange(await InOrder(some, wish.IsClosed, after).Take(most + 1).Select(c => new Slim(c.Id, c.Number, c.DefinitionId, c.Stage, c.Title, c.State, c.DueOn, c.StoppedOn, c.AssigneeId, c.Unread, c.Way, c.ClosedAt, c.PersonId, c.DepartmentId)).ToListAsync(desk.Stop));
        var together = found.DistinctBy(c => c.Id);
        List<Slim> page = [.. (wish.IsClosed ? together.OrderByDescending(c => c.ClosedAt).ThenByDescending(c => c.Id) : together.OrderBy(c => c.DueOn).ThenBy(c => c.Id)).Take(most + 1)];
        if (page.Count <= most) return (page, null);
        page.RemoveAt(most);
        return (page, PlaceOf(page[^1]));
    }

    static IQueryable<Case> InOrder(IQueryable<Case> some, bool closed, Cursor? after)
    {
        if (closed)
        {
            if (after is { } end) some = some.Where(c => EF.Functions.LessThan(ValueTuple.Create(c.ClosedAt, c.Id), ValueTuple.Create((DateTimeOffset?)end.At, end.Id)));
            return some.OrderByDescending(c => c.ClosedAt).ThenByDescending(c => c.Id);
        }
        if (after is { } last)
        {
            var day = JapanTime.DayOf(last.At);
            some = some.Where(c => EF.Functions.GreaterThan(ValueTuple.Create(c.DueOn, c.Id), ValueTuple.Create(day, last.Id)));
        }
        return some.OrderBy(c => c.DueOn).ThenBy(c => c.Id);
    }

    /// <summary>The ids of all that match, up to so many: for what is done to many at once.</summary>
    public static async Task<IReadOnlyList<Guid>> AllOf(InboxWish wish, int most, AtDesk desk, DepartmentTree tree)
    {
        var ids = new List<(Guid Id, Guid? PersonId)>();
        foreach (var some in Parts(wish, desk.Me, desk.Db, tree, desk.Today))
            ids.AddRange((await InOrder(some, wish.IsClosed, null).Take(most).Select(c => new { c.Id, c.PersonId }).ToListAsync(desk.Stop)).Select(c => (c.Id, c.PersonId)));
        var hidden = await desk.Persons.HiddenAmong([.. ids.Select(i => i.PersonId).OfType<Guid>().Distinct()]);
        return [.. ids.Where(i => i.PersonId is not { } about || !hidden.Contains(about)).Select(i => i.Id).Distinct().Take(most)];
    }

    static IEnumerable<IQueryable<Case>> Parts(InboxWish wish, Visitor me, TownDb db, DepartmentTree tree, DateOnly today)
    {
        var all = Narrowed(wish, me, db, tree, today);
        if (me.DepartmentsFor("procedures.review", tree)?.ToArray() is not { } mine)
        {
            yield return all;
            yield break;
        }
        yield return all.Where(c => mine.Contains(c.DepartmentId));
        yield return all.Where(c => db.Set<Step>().Any(s => s.CaseId == c.Id && s.State == StepState.Open && s.DepartmentId != null && mine.Contains(s.DepartmentId.Value)));
    }

    static IQueryable<Case> Narrowed(InboxWish wish, Visitor me, TownDb db, DepartmentTree tree, DateOnly today)
    {
        var some = db.Set<Case>().AsNoTracking().Where(c => c.ErasedAt == null);
        some = wish.IsClosed ? some.Where(c => c.ClosedAt != null) : some.Where(c => c.ClosedAt == null);
        if (Enum.TryParse<CaseState>(wish.State, ignoreCase: true, out var state)) some = some.Where(c => c.State == state);
        if (wish.Procedure.Length > 0) some = some.Where(c => c.Procedure == wish.Procedure);
        if (wish.Department is { } department)
        {
            var below = tree.Below(department).ToArray();
            some = some.Where(c => below.Contains(c.DepartmentId));
        }
        if (wish.Who == "me") some = some.Where(c => c.AssigneeId == me.AccountId);
        else if (wish.Who == "nobody") some = some.Where(c => c.AssigneeId == null);
        else if (Guid.TryParse(wish.Who, out var who)) some = some.Where(c => c.AssigneeId == who);
        if (wish.Only == "late") some = some.Where(c => c.DueOn < today && c.StoppedOn == null);
        else if (wish.Only == "waiting") some = some.Where(c => c.State == CaseState.Correcting);
        else if (wish.Only == "unread") some = some.Where(c => c.Unread);
        if (wish.Step.Length > 0)
        {
            var (kind, asked) = (wish.Step, me.DepartmentsFor("procedures." + wish.Step, tree)?.ToArray());
            some = asked is null ? some.Where(c => db.Set<Step>().Any(s => s.CaseId == c.Id && s.State == StepState.Open && s.Kind == kind))
                : some.Where(c => db.Set<Step>().Any(s => s.CaseId == c.Id && s.State == StepState.Open && s.Kind == kind && asked.Contains(s.DepartmentId ?? c.DepartmentId)));
        }
        if (Enum.TryParse<Way>(wish.Way, ignoreCase: true, out var way)) some = some.Where(c => c.Way == way);
        if (ReceiptNumber.TryParse(wish.Search, out var number)) some = some.Where(c => c.Number == number.Digits);
        else
            foreach (var word in Folding.WordsOf(wish.Search)) some = some.Where(c => c.SearchKey.Contains(word));
        return some;
    }

    /// <summary>For the desk's search: by number or by name, what moved last first.</summary>
    public static async Task<IReadOnlyList<Found>> Find(Visit visit, TownDb db, Asked asked, int n)
    {
        var tree = await TreeOf(visit, db);
        var wish = new InboxWish { Search = asked.Text };
        var found = new List<(Guid Id, string Number, string Title, Guid DefinitionId, DateTimeOffset MovedAt, Guid? PersonId)>();
        foreach (var closed in new[] { "", "closed" })
            foreach (var some in Parts(wish with { State = closed }, visit.Visitor!, db, tree, db.Today))
                found.AddRange((await some.OrderByDescending(c => c.MovedAt).Take(n).Select(c => new { c.Id, c.Number, c.Title, c.DefinitionId, c.MovedAt, c.PersonId }).ToListAsync(asked.Stop)).Select(c => (c.Id, c.Number, c.Title, c.DefinitionId, c.MovedAt, c.PersonId)));
        var hidden = asked.Persons is { } persons ? await persons.HiddenAmong([.. found.Select(f => f.PersonId).OfType<Guid>().Distinct()]) : found.Select(f => f.PersonId).OfType<Guid>().ToHashSet();
        found = [.. found.Where(f => f.PersonId is not { } about || !hidden.Contains(about)).DistinctBy(f => f.Id).OrderByDescending(f => f.MovedAt).Take(n)];
        var versions = await Catalog.Versions(db, [.. found.Select(f => f.DefinitionId)], asked.Stop);
        return [.. found.Select(f => new Found(f.Title.Length > 0 ? f.Title : new ReceiptText(f.Number).ToString(), $"{new ReceiptText(f.Number)} {versions[f.DefinitionId].Title.In(visit.Lang)}", $"desk/procedures/cases/{f.Id}", f.MovedAt))];
    }

    // Several lines of the desk's first page ask for it in one visit.
    static readonly ConditionalWeakTable<Visit, DepartmentTree> Trees = [];

    static async Task<DepartmentTree> TreeOf(Visit visit, TownDb db)
    {
        if (Trees.TryGetValue(visit, out var known)) return known;
        var tree = await DepartmentTrees.Today(db);
        Trees.AddOrUpdate(visit, tree);
        return tree;
    }

    /// <summary>How many of these wait for this visitor, each once though they come from several departments; counted as far as anybody can see to.</summary>
    public static Func<Visit, TownDb, DateTimeOffset, Task<int>> Count(InboxWish wish) => async (visit, db, _) =>
        await Parts(wish, visit.Visitor!, db, await TreeOf(visit, db), db.Today).Select(some => some.Select(c => c.Id).Take(MostCounted)).Aggregate((all, more) => all.Union(more)).Take(MostCounted).CountAsync();

    /// <summary>What is open in departments that are to be closed.</summary>
    public static async Task<IReadOnlyDictionary<Guid, int>> OpenIn(TownDb db, IReadOnlyCollection<Guid> departments, CancellationToken stop) =>
        await db.Set<Case>().Where(c => c.ClosedAt == null && departments.Contains(c.DepartmentId)).GroupBy(c => c.DepartmentId).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, stop);

    /// <summary>Its heir goes on with what a closed department had open. Closed cases stay with whom decided them.</summary>
    public static async Task OnReplaced(DepartmentReplaced replaced, Komachi.Platform.Jobs.JobRun run)
    {
        await run.Db.Set<Case>().Where(c => c.ClosedAt == null && c.DepartmentId == replaced.OldId).ExecuteUpdateAsync(c => c.SetProperty(x => x.DepartmentId, replaced.NewId).SetProperty(x => x.Version, x => x.Version + 1), run.Stop);
        await run.Db.Set<Step>().Where(s => s.DepartmentId == replaced.OldId && (s.State == StepState.Open || s.State == StepState.Waiting)).ExecuteUpdateAsync(s => s.SetProperty(x => x.DepartmentId, (Guid?)replaced.NewId).SetProperty(x => x.Version, x => x.Version + 1), run.Stop);
    }
}
