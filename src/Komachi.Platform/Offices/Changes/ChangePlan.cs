using Komachi.Platform.Data;
using Komachi.Platform.People;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Offices;

/// <summary>Who works where, to be changed in memory: rows that are tracked are saved, others are only looked at.</summary>
sealed class Staffing(List<Assignment> assignments)
{
    public List<Assignment> Assignments => assignments;

    public static async Task<Staffing> Load(TownDb db, DateOnly from, bool toChange = false, CancellationToken stop = default)
    {
        var some = db.Set<Assignment>().Where(a => a.UntilOn == null || a.UntilOn >= from);
        return new(await (toChange ? some : some.AsNoTracking()).ToListAsync(stop));
    }

    /// <summary>
    /// The department's people go where its work goes; where nobody carries it on, their assignments end with it.
    /// </summary>
    public void FollowClosing(Department closed, Guid? changeSet = null)
    {
        var from = closed.UntilOn!.Value.AddDays(1);
        foreach (var assignment in assignments.Where(a => a.DepartmentId == closed.Id && a.Meets(from, null)).ToArray())
        {
            var begins = assignment.FromOn > from ? assignment.FromOn : from;
            var carried = closed.SuccessorId is { } heir ? assignment.CarriedOnIn(heir, begins, changeSet) : null;
            assignment.End(from.AddDays(-1));
            if (carried is not null && !assignments.Exists(a => a.AccountId == carried.AccountId && a.DepartmentId == carried.DepartmentId && a.RoleId == carried.RoleId && a.Meets(carried.FromOn, carried.UntilOn)))
                assignments.Add(carried);
        }
    }
}

/// <summary>What somebody may do in one department.</summary>
public sealed record HeldRight(string Permission, Guid DepartmentId);

/// <summary>What a change means to one person.</summary>
public sealed record PersonEffect(Guid AccountId, string SignIn, string Name, IReadOnlyList<Guid> Before, IReadOnlyList<Guid> After,
    IReadOnlyList<HeldRight> Gained, IReadOnlyList<HeldRight> Lost, IReadOnlyList<HeldRight> Kept)
{
    /// <summary>They work nowhere any more.</summary>
    public bool NothingLeft => After.Count == 0;
}

/// <summary>A department that closes, and how much is open in it by the titles of the modules that were asked.</summary>
public sealed record ClosingDepartment(Guid Id, Guid? SuccessorId, IReadOnlyList<(string Title, int Count)> Open);

/// <summary>
/// A change set worked out: the same steps in memory whether it is looked at or saved, so what was seen is what happens.
/// </summary>
sealed class ChangePlan
{
    readonly List<CellMistake> _mistakes = [];
    (string File, int Row) _place;

    /// <summary>As a person goes through the tables.</summary>
    public IReadOnlyList<CellMistake> Mistakes => [.. _mistakes.OrderBy(m => m.File, StringComparer.Ordinal).ThenBy(m => m.Row)];
    public required DateOnly On { get; init; }
    public required DepartmentTree Before { get; init; }
    public DepartmentTree After { get; private set; } = null!;
    public required Chart Chart { get; init; }
    public required Staffing Staffing { get; init; }
    public List<Post> NewPosts { get; } = [];
    public List<Department> NewDepartments { get; } = [];
    public List<DepartmentState> NewStates { get; } = [];
    public List<Assignment> NewAssignments { get; } = [];
    public List<Department> Closed { get; } = [];
    public IReadOnlyList<PersonEffect> People { get; private set; } = [];

    /// <summary>Seven statements, however large the town and the change are.</summary>
    public static async Task<ChangePlan> Make(ChangeSet set, TownDb db, bool toChange, CancellationToken stop = default)
    {
        var read = ReadChanges.Of(set.DepartmentsCsv, set.MovesCsv);
        var on = set.EffectiveOn;
        var chart = await Chart.Load(db, toChange, stop);
        var plan = new ChangePlan { On = on, Before = chart.On(on), Chart = chart, Staffing = await Staffing.Load(db, on.AddDays(-1), toChange, stop) };
        plan._mistakes.AddRange(read.Mistakes);
        var roles = await db.Set<Role>().AsNoTracking().ToListAsync(stop);
        var posts = await db.Set<Post>().AsNoTracking().OrderBy(p => p.Rank).ToListAsync(stop);
        var named = read.Moves.Select(m => m.SignIn).Distinct().ToArray();
        var accounts = await db.Set<Account>().AsNoTracking().Where(a => named.Contains(a.SignInName)).Select(a => new Named(a.Id, a.SignInName, a.Name, a.Kind, a.ClosedAt != null)).ToListAsync(stop);

        var heldBefore = plan.Held(roles, plan.Before);
        var there = (plan.Chart.States.ToHashSet(), plan.Staffing.Assignments.ToHashSet());
        plan.ChangeDepartments(read.Departments, set.Id);
        plan.MovePeople(read.Moves, accounts, roles, posts, set.Id);
        foreach (var closed in plan.Closed) plan.Staffing.FollowClosing(closed, set.Id);
        plan.NewStates.AddRange(plan.Chart.States.Where(s => !there.Item1.Contains(s)));
        plan.NewAssignments.AddRange(plan.Staffing.Assignments.Where(a => !there.Item2.Contains(a)));
        plan.After = chart.On(on);
        await plan.Compare(heldBefore, plan.Held(roles, plan.After), [.. named], accounts, db, stop);
        return plan;
    }

    sealed record Named(Guid Id, string SignIn, string Name, AccountKind Kind, bool Closed);

    void ChangeDepartments(IReadOnlyList<DepartmentLine> lines, Guid set)
    {
        // Who is meant is settled before anything changes: a code may be closed and given anew on one day.
        var meant = new Dictionary<DepartmentLine, Department>();
        foreach (var line in lines.Where(l => l.Action != DepartmentAction.Add))
            if (Chart.ByCode(line.Code, On) is { } department) meant[line] = department;
            else At(line).Wrongly("code", "There is no department with the code {0} on {1}.", line.Code, On);
        foreach (var (line, department) in meant.Where(m => m.Key.Action == DepartmentAction.Close))
        {
            if (department.UntilOn is not null) At(line).Wrongly("code", "{0} closes on {1} already.", line.Code, department.UntilOn);
            department.Close(On.AddDays(-1), null);
            Closed.Add(department);
        }
        foreach (var line in lines.Where(l => l.Action == DepartmentAction.Add))
        {
            if (Chart.Departments.Exists(d => d.Code == line.Code && d.Meets(On, null))) At(line).Wrongly("code", "There is a department with the code {0} already.", line.Code);
            else NewDepartments.Add(meant[line] = Chart.Add(line.Code, On, line.Name, null, line.Telephone ?? "", line.Sort ?? 1000 + line.Row, set));
        }
        foreach (var (line, department) in meant.OrderBy(m => m.Key.Row))
        {
            if (line.Action == DepartmentAction.Close)
            {
                if (line.Successor.Length == 0) continue;
                if (Chart.ByCode(line.Successor, On) is { } heir) department.Close(department.UntilOn!.Value, heir.Id);
                else At(line).Wrongly("successor", "There is no department with the code {0} on {1}.", line.Successor, On);
                continue;
            }
            var before = Chart.NearestState(department.Id, On);
            var parent = before.ParentId;
            if (line.Parent.Length > 0)
            {
                if (Chart.ByCode(line.Parent, On) is { } above) parent = above.Id;
                else At(line).Wrongly("parent", "There is no department with the code {0} on {1}.", line.Parent, On);
            }
            else if (line.Action == DepartmentAction.Add) parent = Before.Root?.Id;    // without another place: right below the town
            if (line.Action == DepartmentAction.Add) before.ParentId = parent;
            else if (Chart.States.Exists(s => s.DepartmentId == department.Id && s.FromOn > On))
                At(line).Wrongly("code", "{0} has a change planned for a later day: take that back first.", line.Code);
            else
            {
                var name = new Said();
                foreach (var (lang, text) in line.Name.ContainsKey("ja") ? line.Name : before.Name.Concat(line.Name)) name[lang] = text;
                if (before.FromOn == On) At(line).Wrongly("code", "{0} changes on this very day already: take that back first.", line.Code);
                else Chart.Change(department, On, name, parent, line.Telephone is { Length: > 0 } telephone ? telephone : before.Telephone, line.Sort ?? before.Sort, set);
            }
        }
        var rowOf = meant.ToLookup(m => m.Value.Id, m => m.Key.Row);
        foreach (var problem in Chart.Problems(On))
            _mistakes.Add(new(ReadChanges.DepartmentsFile, rowOf[problem.Department.Id].FirstOrDefault(), "", problem.Message, problem.Values));
    }

    void MovePeople(IReadOnlyList<MoveLine> lines, IReadOnlyList<Named> accounts, IReadOnlyList<Role> roles, IReadOnlyList<Post> posts, Guid set)
    {
        var bySignIn = accounts.ToDictionary(a => a.SignIn);
        var byKey = roles.ToDictionary(r => r.Key);
        var byName = roles.GroupBy(r => r.Name.In(Lang.Japanese)).ToDictionary(g => g.Key, g => g.First());
        var byPost = posts.ToDictionary(p => p.Name.In(Lang.Japanese));
        var ofAccount = Staffing.Assignments.ToLookup(a => a.AccountId);
        var moved = new Dictionary<(Guid, string), int>();
        foreach (var line in lines)
        {
            if (!bySignIn.TryGetValue(line.SignIn, out var person) || person.Kind != AccountKind.Staff || person.Closed)
            {
                At(line).Wrongly("person", "No member of staff signs in as {0}.", line.SignIn);
                continue;
            }
            // A list that slipped by one row moves everybody wrongly: the name, where it is given, has to fit.
            if (line.Name.Length > 0 && Bare(line.Name) != Bare(person.Name)) At(line).Wrongly("name", "{0} signs in as somebody of another name.", line.SignIn);
            var about = line.Action is MoveAction.Move or MoveAction.Leave ? "main" : line.Department + line.Role + line.Action;
            if (!moved.TryAdd((person.Id, about), line.Row)) At(line).Wrongly("person", "{0} stands in row {1} already.", line.SignIn, moved[(person.Id, about)]);
            var own = ofAccount[person.Id].Where(a => a.Meets(On, null)).ToArray();
            if (line.Action == MoveAction.Leave)
            {
                foreach (var assignment in own) assignment.End(On.AddDays(-1));
                continue;
            }
            var department = Chart.ByCode(line.Department, On) ?? (line.Action == MoveAction.End ? Chart.ByCode(line.Department, On.AddDays(-1)) : null);
            if (department is null)
            {
                At(line).Wrongly("department", "There is no department with the code {0} on {1}.", line.Department, On);
                continue;
            }
            if (line.Action == MoveAction.End)
            {
                var ended = own.Where(a => a.DepartmentId == department.Id).ToArray();
                if (ended.Length == 0) At(line).Wrongly("department", "{0} does not work there.", line.SignIn);
                foreach (var assignment in ended) assignment.End(On.AddDays(-1));
                continue;
            }
            Role? role = null;
            if (line.Role.Length > 0 && !byKey.TryGetValue(line.Role, out role) && !byName.TryGetValue(line.Role, out role)) At(line).Wrongly("role", "There is no role \"{0}\".", line.Role);
            Post? post = null;
            if (line.Post.Length > 0 && !byPost.TryGetValue(line.Post, out post))
            {
                NewPosts.Add(post = new() { Name = new(line.Post), Rank = 1000 + NewPosts.Count + posts.Count });
                byPost[line.Post] = post;
            }
            if (post?.MayBeGiven(On) == false) At(line).Wrongly("post", "The post {0} ends on {1}.", line.Post, post.UntilOn!.Value);
            if (line.Action == MoveAction.Move)
                foreach (var main in own.Where(a => a.Kind == AssignmentKind.Main))
                {
                    if (main.FromOn >= On) At(line).Wrongly("person", "{0} has another move planned for {1}.", line.SignIn, main.FromOn);
                    else main.End(On.AddDays(-1));
                }
            else if (own.Any(a => a.DepartmentId == department.Id && a.RoleId == role?.Id && a.Meets(On, null)))
                At(line).Wrongly("department", "{0} works there with that role already.", line.SignIn);
            var telephone = line.Telephone is { Length: > 0 } given ? given : own.FirstOrDefault(a => a.Kind == AssignmentKind.Main)?.Telephone ?? "";
            Staffing.Assignments.Add(Assignment.Begin(person.Id, department.Id, post?.Id, role?.Id, line.Action == MoveAction.Move ? AssignmentKind.Main : AssignmentKind.Concurrent, telephone, On, changeSet: set));
        }
    }

    /// <summary>Where each works on the day, and what they hold there.</summary>
    Dictionary<Guid, (HashSet<Guid> Departments, HashSet<HeldRight> Rights)> Held(IReadOnlyList<Role> roles, DepartmentTree tree)
    {
        var permissions = roles.ToDictionary(r => r.Id, r => r.Permissions);
        var held = new Dictionary<Guid, (HashSet<Guid> Departments, HashSet<HeldRight> Rights)>();
        foreach (var assignment in Staffing.Assignments.Where(a => a.On(On)))
        {
            if (!held.TryGetValue(assignment.AccountId, out var own)) held[assignment.AccountId] = own = ([], []);
            own.Departments.Add(assignment.DepartmentId);
            if (assignment.RoleId is { } role)
                foreach (var permission in permissions.GetValueOrDefault(role) ?? []) own.Rights.Add(new(permission, assignment.DepartmentId));
        }
        return held;
    }

    async Task Compare(Dictionary<Guid, (HashSet<Guid> Departments, HashSet<HeldRight> Rights)> before, Dictionary<Guid, (HashSet<Guid> Departments, HashSet<HeldRight> Rights)> after,
        HashSet<string> named, IReadOnlyList<Named> known, TownDb db, CancellationToken stop)
    {
        var nobody = (Departments: new HashSet<Guid>(), Rights: new HashSet<HeldRight>());
        var touched = before.Keys.Union(after.Keys)
            .Where(id => before.GetValueOrDefault(id, nobody) is var b && after.GetValueOrDefault(id, nobody) is var a && (!b.Departments.SetEquals(a.Departments) || !b.Rights.SetEquals(a.Rights)))
            .Union(known.Where(k => named.Contains(k.SignIn)).Select(k => k.Id)).ToArray();
        var unknown = touched.Except(known.Select(k => k.Id)).ToArray();
        var all = known.Concat(await db.Set<Account>().AsNoTracking().Where(a => unknown.Contains(a.Id)).Select(a => new Named(a.Id, a.SignInName, a.Name, a.Kind, a.ClosedAt != null)).ToListAsync(stop)).ToDictionary(a => a.Id);
        People = [.. touched.Where(all.ContainsKey).Select(id =>
        {
            var (b, a) = (before.GetValueOrDefault(id, nobody), after.GetValueOrDefault(id, nobody));
            return new PersonEffect(id, all[id].SignIn, all[id].Name, [.. b.Departments], [.. a.Departments],
                [.. a.Rights.Except(b.Rights)], [.. b.Rights.Except(a.Rights)], [.. a.Rights.Intersect(b.Rights)]);
        }).OrderBy(p => p.SignIn, StringComparer.Ordinal)];
    }

    /// <summary>What is open in the departments that close: a statement for each module that counts.</summary>
    public async Task<IReadOnlyList<ClosingDepartment>> CountOpen(House house, TownDb db, CancellationToken stop = default)
    {
        if (Closed.Count == 0) return [];
        var ids = Closed.Select(d => d.Id).ToArray();
        var counts = new List<(string Title, IReadOnlyDictionary<Guid, int> By)>();
        foreach (var work in house.All<OpenWork>().Where(w => house.Has(db.Town, w.Module))) counts.Add((work.Title, await work.Count(db, ids, stop)));
        return [.. Closed.Select(d => new ClosingDepartment(d.Id, d.SuccessorId, [.. counts.Select(c => (c.Title, c.By.GetValueOrDefault(d.Id))).Where(c => c.Item2 > 0)]))];
    }

    ChangePlan At(DepartmentLine line)
    {
        _place = (ReadChanges.DepartmentsFile, line.Row);
        return this;
    }

    ChangePlan At(MoveLine line)
    {
        _place = (ReadChanges.MovesFile, line.Row);
        return this;
    }

    void Wrongly(string column, string message, params object[] values) => _mistakes.Add(new(_place.File, _place.Row, column, message, values));

    /// <summary>Names are compared without the spaces that some write between them.</summary>
    static string Bare(string name) => name.Replace(" ", "").Replace("\u3000", "");
}
