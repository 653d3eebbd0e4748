using System.Globalization;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Offices;

/// <summary>A department: what it is on a day, who works there, where it came from and goes to; changing and closing it from a day on.</summary>
public static class ShowDepartment
{
    /// <summary>A name of another department, for links.</summary>
    public sealed record Other(Guid Id, Said Name, string Code, DateOnly? On = null);

    public sealed record View(Guid Id, string Code, Said Name, string Telephone, DateOnly FromOn, DateOnly? UntilOn, DateOnly On, int Version,
        Other? Parent, Other? Successor, IReadOnlyList<Other> Predecessors, IReadOnlyList<Other> Below, IReadOnlyList<(DateOnly On, Said Name, Other? Parent)> States, IReadOnlyList<Said> Offices);

    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("departments/{id:guid}", async (Guid id, string? on, Guid? after, string? done, Visit visit, TownDb db, TimeProvider time, HttpContext http) =>
        {
            var chart = await Chart.Load(db, stop: http.RequestAborted);
            return chart.Find(id) is { } department ? await Show(department, chart, Managing.ReadDay(on), after, null, null, done, visit, db, time, http) : Page.NotFound;
        });
        to.MapPost("departments/{id:guid}", Change);
        to.MapPost("departments/{id:guid}/close", Close);
        to.MapGet("departments/new", New);
        to.MapPost("departments/new", Add);
    }

    static async Task<IResult> Show(Department department, Chart chart, DateOnly? on, Guid? after, Form? form, Form? closing, string? done, Visit visit, TownDb db, TimeProvider time, HttpContext http, bool overtaken = false)
    {
        var today = time.Today();
        // A department is shown as it is, or as it began, or as it ended.
        var day = on ?? (department.FromOn > today ? department.FromOn : department.UntilOn < today ? department.UntilOn.Value : today);
        var state = chart.NearestState(department.Id, day);
        var tree = chart.On(today);
        var places = await db.Set<OfficeDepartment>().Where(d => d.DepartmentId == department.Id).Join(db.Set<Office>(), d => d.OfficeId, o => o.Id, (d, o) => o)
            .OrderBy(o => o.Sort).Select(o => o.Name).ToListAsync(http.RequestAborted);
        var (people, next) = await StaffList.Read(db, day, [department.Id], null, after, http.RequestAborted);
        var view = new View(department.Id, department.Code, state.Name, state.Telephone, department.FromOn, department.UntilOn, day, department.Version,
            OtherOf(state.ParentId), OtherOf(department.SuccessorId),
            [.. chart.Departments.Where(d => d.SuccessorId == department.Id).Select(d => OtherOf(d.Id)!)],
            [.. chart.On(day).All.Where(n => n.ParentId == department.Id).Select(n => new Other(n.Id, n.Name, n.Code))],
            [.. chart.States.Where(s => s.DepartmentId == department.Id).OrderBy(s => s.FromOn).Select(s => (s.FromOn, s.Name, OtherOf(s.ParentId)))],
            places);
        form ??= Form.With([.. state.Name.Fields("name"), ("parent", state.ParentId?.ToString()), ("telephone", state.Telephone), ("sort", state.Sort.ToString(CultureInfo.InvariantCulture)),
            ("from", today.ForInput()), ("version", department.Version.ToString(CultureInfo.InvariantCulture))]);
        var manages = visit.Manages(department.Id, tree);
        return Page.Show<ShowDepartmentPage>(new
        {
            View = view, Form = form, Closing = closing ?? Form.With(("lastDay", EndOfYear(today).ForInput())), People = people, Next = next, Begins = after is null, Done = done, Overtaken = overtaken,
            Manages = manages && (department.UntilOn is null || department.UntilOn >= today),
            Parents = tree.Options(visit.Lang, n => visit.Manages(n.Id, tree) && !tree.IsWithin(n.Id, department.Id)),
            Successors = tree.Options(visit.Lang, n => n.Id != department.Id && n.Depth > 0),
        }, overtaken ? 409 : form.Wrong || closing is { Wrong: true } ? 422 : 200);

        Other? OtherOf(Guid? id) => id is { } one && chart.Find(one) is { } other ? new(one, chart.NearestState(one, day).Name, other.Code) : null;
    }

    /// <summary>Reorganisations come on 1 April: most departments close on the day before.</summary>
    static DateOnly EndOfYear(DateOnly today) => new(today.Month > 3 ? today.Year + 1 : today.Year, 3, 31);

    static async Task<IResult> Change(Guid id, Form form, Visit visit, TownDb db, TimeProvider time, HttpContext http)
    {
        var organisation = await Organisation.ToChange(db);
        var chart = await Chart.Load(db, toChange: true);
        if (chart.Find(id) is not { } department) return Page.NotFound;
        var today = time.Today();
        var tree = chart.On(today);
        if (!visit.Manages(id, tree)) return Managing.NotYours;
        var name = form.SaidIn("name", 100);
        var telephone = form.Text("telephone", most: 40);
        var sort = form.Number("sort", 0, 1_000_000);
        var from = form.Day("from", required: true);
        var old = chart.NearestState(id, from ?? today);
        var parent = Guid.TryParse(form.Typed("parent"), out var above) ? above : (Guid?)null;
        if (old.ParentId is null) parent = null;    // the town itself stays at the top
        else if (parent is null) form.Wrongly("parent", "Please choose one.");
        else if (parent != old.ParentId && (tree.Find(parent.Value) is null || !visit.Manages(parent.Value, tree))) form.Wrongly("parent", "You do not look after that department.");
        if (from < today) form.Wrongly("from", "Changes begin today at the earliest: what was, stays as it was.");
        if (from < department.FromOn || department.UntilOn < from) form.Wrongly("from", "The department does not exist on that day.");
        if (!form.Wrong)
        {
            var before = chart.States.Count;
            chart.Change(department, from!.Value, name, parent, telephone, sort);
            foreach (var added in chart.States.Skip(before)) db.Add(added);
            if (chart.Problems(from.Value).FirstOrDefault() is { } problem) form.Wrongly("parent", problem.Message, Shown(problem.Values, visit.Lang));
        }
        if (form.Wrong) return await Again(id, form, null, visit, db, time, http);
        if (form.Typed("version") != (department.Version - 1).ToString(CultureInfo.InvariantCulture)) return await Again(id, form, null, visit, db, time, http, overtaken: true);
        organisation.Changed();
        db.Audit(visit.Did("offices.change_department", $"departments/{id}", new { department.Code, From = from, Name = name.In(Lang.Japanese) }));
        return await Save($"desk/offices/departments/{id}?done=changed", id, form, null, visit, db, time, http);
    }

    static async Task<IResult> Close(Guid id, Form form, Visit visit, TownDb db, TimeProvider time, HttpContext http)
    {
        var organisation = await Organisation.ToChange(db);
        var chart = await Chart.Load(db, toChange: true);
        if (chart.Find(id) is not { } department) return Page.NotFound;
        var today = time.Today();
        var tree = chart.On(today);
        if (!visit.Manages(id, tree)) return Managing.NotYours;
        var last = form.Day("lastDay", required: true);
        var heir = Guid.TryParse(form.Typed("successor"), out var successor) ? successor : (Guid?)null;
        if (department.UntilOn is not null) form.Wrongly("lastDay", "The department closes on {0} already.", JapanTime.Show(department.UntilOn.Value, visit.Lang));
        if (chart.NearestState(id, today).ParentId is null) form.Wrongly("lastDay", "The town itself cannot be closed.");
        if (last < today) form.Wrongly("lastDay", "Its last day is today at the earliest.");
        if (heir is { } one && (one == id || chart.Find(one) is not { } found || last is { } day && !found.On(day.AddDays(1)))) form.Wrongly("successor", "The successor does not exist on the day after.");
        if (!form.Wrong)
        {
            var staffing = await Staffing.Load(db, last!.Value, toChange: true);
            var before = staffing.Assignments.Count;
            department.Close(last.Value, heir);
            staffing.FollowClosing(department);
            foreach (var carried in staffing.Assignments.Skip(before)) db.Add(carried);
            if (chart.Problems(last.Value.AddDays(1)).FirstOrDefault() is { } problem) form.Wrongly("lastDay", problem.Message, Shown(problem.Values, visit.Lang));
        }
        if (form.Wrong) return await Again(id, null, form, visit, db, time, http);
        if (form.Typed("version") != (department.Version - 1).ToString(CultureInfo.InvariantCulture)) return await Again(id, null, form, visit, db, time, http, overtaken: true);
        organisation.Changed();
        db.Audit(visit.Did("offices.close_department", $"departments/{id}", new { department.Code, LastDay = last, Successor = heir }));
        return await Save($"desk/offices/departments/{id}?done=closed", id, null, form, visit, db, time, http);
    }

    static async Task<IResult> New(string? parent, Visit visit, TownDb db, TimeProvider time)
    {
        var tree = await DepartmentTrees.Today(db);
        return ShowNew(Form.With(("parent", parent ?? tree.Root?.Id.ToString()), ("from", time.Today().ForInput()), ("sort", "1000")), visit, tree);
    }

    static IResult ShowNew(Form form, Visit visit, DepartmentTree tree) =>
        Page.Show<AddDepartmentPage>(new { Form = form, Parents = tree.Options(visit.Lang, n => visit.Manages(n.Id, tree)) }, form.Wrong ? 422 : 200);

    static async Task<IResult> Add(Form form, Visit visit, TownDb db, TimeProvider time)
    {
        var organisation = await Organisation.ToChange(db);
        var chart = await Chart.Load(db);
        var today = time.Today();
        var tree = chart.On(today);
        var name = form.SaidIn("name", 100);
        var code = form.Text("code", most: 40, required: true);
        var telephone = form.Text("telephone", most: 40);
        var sort = form.Number("sort", 0, 1_000_000);
        var from = form.Day("from", required: true);
        var parent = Guid.TryParse(form.Typed("parent"), out var above) ? above : (Guid?)null;
        if (tree.Root is not null && parent is null) form.Wrongly("parent", "Please choose one.");
        if (parent is { } upper ? !visit.Manages(upper, tree) : !visit.ManagesAll(tree)) form.Wrongly("parent", "You do not look after that department.");
        if (from < today) form.Wrongly("from", "Changes begin today at the earliest: what was, stays as it was.");
        if (!form.Wrong)
        {
            if (chart.Departments.Exists(d => d.Code == code && d.Meets(from!.Value, null))) form.Wrongly("code", "There is a department with the code {0} already.", code);
            else
            {
                var department = chart.Add(code, from!.Value, name, parent, telephone, sort);
                db.Add(department);
                db.Add(chart.States[^1]);
                if (chart.Problems(from.Value).FirstOrDefault() is { } problem) form.Wrongly("parent", problem.Message, Shown(problem.Values, visit.Lang));
                else
                {
                    organisation.Changed();
                    db.Audit(visit.Did("offices.add_department", $"departments/{department.Id}", new { code, From = from, Name = name.In(Lang.Japanese) }));
                    var path = $"desk/offices/departments/{department.Id}?done=added";
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
        }
        return ShowNew(form, visit, tree);
    }

    static async Task<IResult> Save(string path, Guid id, Form? form, Form? closing, Visit visit, TownDb db, TimeProvider time, HttpContext http)
    {
        try
        {
            await db.Save((form ?? closing)!.Once, visit.Link(path));
            return Page.Go(visit, path);
        }
        catch (Exception e) when (e.IsOvertaken())
        {
            return await Again(id, form, closing, visit, db, time, http, overtaken: true);
        }
    }

    /// <summary>As it is stored, with what was typed.</summary>
    static async Task<IResult> Again(Guid id, Form? form, Form? closing, Visit visit, TownDb db, TimeProvider time, HttpContext http, bool overtaken = false)
    {
        db.ChangeTracker.Clear();
        var chart = await Chart.Load(db);
        return chart.Find(id) is { } department ? await Show(department, chart, null, null, form, closing, null, visit, db, time, http, overtaken) : Page.NotFound;
    }

    internal static object[] Shown(object[] values, Lang lang) => [.. values.Select(v => v is DateOnly day ? JapanTime.Show(day, lang) : v)];
}
