using System.Globalization;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.People;
using Komachi.Platform.Web;
using Komachi.Ui;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Offices;

/// <summary>Somebody begins to work in a department, or ends to: from a day on, today at the earliest.</summary>
public static class AssignPeople
{
    public const int MostFound = 30;

    public sealed record Found(Guid Id, string Name, string SignIn);

    public sealed record Who(Guid Id, string Name, string SignIn, IReadOnlyList<StaffLine> Works);

    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("assign", async (Guid? department, Guid? person, Sought sought, Visit visit, TownDb db, TimeProvider time, HttpContext http) =>
        {
            var tree = await DepartmentTrees.Today(db);
            var form = Form.With(("department", sought["department"] ?? (department ?? tree.Root?.Id)?.ToString()), ("person", person?.ToString()), ("from", time.Today().ForInput()), ("kind", "main"));
            return await Show(form, sought, visit, db, tree, http);
        });
        to.MapPost("assign", Assign);
        to.MapGet("assignments/{id:guid}", async (Guid id, Visit visit, TownDb db, TimeProvider time) =>
            await ShowOne(id, Form.With(("lastDay", time.Today().ForInput())), visit, db, await DepartmentTrees.Today(db), time));
        to.MapPost("assignments/{id:guid}/end", End);
    }

    static async Task<IResult> Show(Form form, Sought sought, Visit visit, TownDb db, DepartmentTree tree, HttpContext http)
    {
        var search = sought["q"];
        var found = search is null ? [] : await db.Set<Account>().AsNoTracking().Where(a => a.Kind == AccountKind.Staff && a.ClosedAt == null).Called(search)
            .OrderBy(a => a.Name).ThenBy(a => a.Id).Take(MostFound + 1).Select(a => new Found(a.Id, a.Name, a.SignInName)).ToListAsync(http.RequestAborted);
        Who? who = null;
        if (Guid.TryParse(form.Typed("person"), out var person) && await db.Set<Account>().AsNoTracking().FirstOrDefaultAsync(a => a.Id == person && a.Kind == AccountKind.Staff && a.ClosedAt == null) is { } account)
            who = new(person, account.Name, account.SignInName, await WorksOf(person, db));
        var roles = await db.Set<Role>().AsNoTracking().OrderBy(r => r.Key).ToListAsync();
        var from = Managing.ReadDay(form.Typed("from")) ?? DateOnly.MinValue;
        var posts = await db.Set<Post>().AsNoTracking().Where(p => p.UntilOn == null || p.UntilOn >= from).OrderBy(p => p.Rank).ToListAsync();
        return Page.Show<AssignPage>(new
        {
            Form = form, Sought = sought, Found = found, Who = who, Tree = tree,
            Departments = tree.Options(visit.Lang, n => visit.Manages(n.Id, tree)),
            Roles = (IReadOnlyList<Option>)[.. roles.Select(r => new Option(r.Id.ToString(), r.Name.In(visit.Lang)))],
            Posts = (IReadOnlyList<Option>)[.. posts.Select(p => new Option(p.Id.ToString(), p.Name.In(visit.Lang)))],
        }, form.Wrong ? 422 : 200);
    }

    static async Task<IReadOnlyList<StaffLine>> WorksOf(Guid account, TownDb db) =>
        await db.Set<Assignment>().AsNoTracking().Where(a => a.AccountId == account).OrderByDescending(a => a.FromOn).Take(20)
            .LeftJoin(db.Set<Post>(), a => a.PostId, p => (Guid?)p.Id, (a, p) => new { a, Post = p })
            .LeftJoin(db.Set<Role>(), r => r.a.RoleId, x => (Guid?)x.Id, (r, x) => new { r.a, r.Post, Role = x })
            .OrderByDescending(r => r.a.FromOn)
            .Select(r => new StaffLine(r.a.Id, r.a.AccountId, "", r.a.DepartmentId, r.Post == null ? null : r.Post.Name, r.Role == null ? null : r.Role.Name, r.a.Kind, r.a.Telephone, r.a.FromOn, r.a.UntilOn))
            .ToListAsync();

    static async Task<IResult> Assign(Form form, Visit visit, TownDb db, TimeProvider time, HttpContext http)
    {
        var organisation = await Organisation.ToChange(db);
        var chart = await Chart.Load(db);
        var today = time.Today();
        var tree = chart.On(today);
        var account = Guid.TryParse(form.Typed("person"), out var person)
            ? await db.Set<Account>().AsNoTracking().FirstOrDefaultAsync(a => a.Id == person && a.Kind == AccountKind.Staff && a.ClosedAt == null) : null;
        if (account is null) form.Wrongly("q", "Please look for the person and choose one.|offices");
        var department = Guid.TryParse(form.Typed("department"), out var id) ? chart.Find(id) : null;
        if (department is null) form.Wrongly("department", "Please choose one.");
        else if (!visit.Manages(department.Id, tree)) form.Wrongly("department", "You do not look after that department.");
        Role? role = null;
        if (form.Typed("role") is { Length: > 0 } chosen && (!Guid.TryParse(chosen, out var roleId) || (role = await db.Set<Role>().AsNoTracking().FirstOrDefaultAsync(r => r.Id == roleId)) is null)) form.Wrongly("role", "Please choose one.");
        if (role is not null && department is not null && !form.Wrong && !visit.MayGive(role, department.Id, tree)) form.Wrongly("role", "This role may do more than you may yourself.");
        Post? post = null;
        if (form.Typed("post") is { Length: > 0 } title && (!Guid.TryParse(title, out var postId) || (post = await db.Set<Post>().AsNoTracking().FirstOrDefaultAsync(p => p.Id == postId)) is null)) form.Wrongly("post", "Please choose one.");
        var kind = form.Choice("kind", ["main", "concurrent"]) == "concurrent" ? AssignmentKind.Concurrent : AssignmentKind.Main;
        var telephone = form.Text("telephone", most: 40);
        var (from, until) = (form.Day("from", required: true), form.Day("until"));
        if (from < today) form.Wrongly("from", "Rights begin today at the earliest: nothing is allowed afterwards that was done before.");
        if (from is { } day && post?.MayBeGiven(day) == false) form.Wrongly("post", "This post ends on {0}.", JapanTime.Show(post.UntilOn!.Value, visit.Lang));
        if (until < from) form.Wrongly("until", "The last day lies before the first.|offices");
        if (department is not null && from is { } first && (department.FromOn > first || department.UntilOn is { } end && (until is null || until > end)))
            form.Wrongly("department", "The department does not exist for the whole period.");
        if (!form.Wrong)
        {
            // A new main post ends the one before it; what had been planned for later is somebody's decision, not ours.
            var own = await db.Set<Assignment>().Where(a => a.AccountId == person && (a.UntilOn == null || a.UntilOn >= from)).ToListAsync();
            if (kind == AssignmentKind.Main)
                foreach (var main in own.Where(a => a.Kind == AssignmentKind.Main && a.Meets(from!.Value, until)))
                {
                    if (main.FromOn >= from) form.Wrongly("from", "Another main post begins on {0}. End that one first.", JapanTime.Show(main.FromOn, visit.Lang));
                    else if (!visit.Manages(main.DepartmentId, tree)) form.Wrongly("kind", "Their main post is in a department that you do not look after: that one's has to end it first.");
                    else main.End(from!.Value.AddDays(-1));
                }
            if (own.Any(a => a.DepartmentId == department!.Id && a.RoleId == role?.Id && a.Meets(from!.Value, until))) form.Wrongly("department", "They work there with that role already.");
            if (!form.Wrong)
            {
                var begun = Assignment.Begin(person, department!.Id, post?.Id, role?.Id, kind, telephone, from!.Value, until);
                db.Add(begun);
                organisation.Changed();
                db.Audit(visit.Did("offices.assign", $"assignments/{begun.Id}", new { department.Code, Role = role?.Key, From = from, Until = until, Kind = kind, Self = person == visit.Visitor!.AccountId }, about: person));
                var path = $"desk/offices/departments/{department.Id}?on={from.Value.ForInput()}&done=assigned";
                try
                {
                    await db.Save(form.Once, visit.Link(path));
                    return Page.Go(visit, path);
                }
                catch (Exception e) when (e.IsOvertaken())
                {
                    form.Wrongly("", "Someone else changed the departments at this moment. Look at it again, then send once more.");
                }
            }
        }
        db.ChangeTracker.Clear();
        return await Show(form, Sought.Nothing, visit, db, tree, http);
    }

    static async Task<IResult> ShowOne(Guid id, Form form, Visit visit, TownDb db, DepartmentTree tree, TimeProvider time)
    {
        var row = await db.Set<Assignment>().AsNoTracking().Where(a => a.Id == id)
            .Join(db.Set<Account>(), a => a.AccountId, p => p.Id, (a, p) => new { a, p.Name })
            .LeftJoin(db.Set<Post>(), r => r.a.PostId, p => (Guid?)p.Id, (r, p) => new { r.a, r.Name, Post = p })
            .LeftJoin(db.Set<Role>(), r => r.a.RoleId, x => (Guid?)x.Id, (r, x) => new { r.a, r.Name, r.Post, Role = x }).FirstOrDefaultAsync();
        if (row is null) return Page.NotFound;
        var chart = await Chart.Load(db);
        var name = chart.NearestState(row.a.DepartmentId, row.a.FromOn > tree.On ? row.a.FromOn : tree.On).Name;
        return Page.Show<AssignmentPage>(new
        {
            Line = new StaffLine(id, row.a.AccountId, row.Name, row.a.DepartmentId, row.Post?.Name, row.Role?.Name, row.a.Kind, row.a.Telephone, row.a.FromOn, row.a.UntilOn),
            Department = name.In(visit.Lang), Version = row.a.Version, Form = form, Permissions = row.Role?.Permissions ?? [],
            Manages = visit.Manages(row.a.DepartmentId, tree) && (row.a.UntilOn is null || row.a.UntilOn >= time.Today()),
        }, form.Wrong ? 422 : 200);
    }

    static async Task<IResult> End(Guid id, Form form, Visit visit, TownDb db, TimeProvider time)
    {
        var organisation = await Organisation.ToChange(db);
        var assignment = await db.Set<Assignment>().FirstOrDefaultAsync(a => a.Id == id);
        if (assignment is null) return Page.NotFound;
        var tree = await DepartmentTrees.Today(db);
        if (!visit.Manages(assignment.DepartmentId, tree)) return Managing.NotYours;
        var today = time.Today();
        var last = form.Typed("do") == "now" ? today.AddDays(-1) : form.Day("lastDay", required: true);
        if (last < today.AddDays(-1)) form.Wrongly("lastDay", "Its last day is today at the earliest.");
        if (assignment.UntilOn < last) form.Wrongly("lastDay", "It ends on {0} already.", JapanTime.Show(assignment.UntilOn.Value, visit.Lang));
        if (form.Typed("version") != assignment.Version.ToString(CultureInfo.InvariantCulture)) form.Wrongly("", "Someone else changed the departments at this moment. Look at it again, then send once more.");
        if (!form.Wrong)
        {
            assignment.End(last!.Value);
            organisation.Changed();
            db.Audit(visit.Did("offices.end_assignment", $"assignments/{id}", new { LastDay = last }, about: assignment.AccountId));
            var path = $"desk/offices/departments/{assignment.DepartmentId}?done=ended";
            try
            {
                await db.Save(form.Once, visit.Link(path));
                return Page.Go(visit, path);
            }
            catch (Exception e) when (e.IsOvertaken())
            {
                form.Wrongly("", "Someone else changed the departments at this moment. Look at it again, then send once more.");
            }
        }
        db.ChangeTracker.Clear();
        return await ShowOne(id, form, visit, db, tree, time);
    }
}
