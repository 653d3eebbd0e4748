using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Offices;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Desk;

/// <summary>Saves what a list is narrowed to, shares it with the department in which one mainly works, and throws it away.</summary>
public static class KeepViews
{
    /// <summary>A view as its list's tabs and the page of all views show it.</summary>
    /// <param name="Own">The visitor saved it, and may throw it away.</param>
    public sealed record Line(Guid Id, string List, string Name, string Query, Guid? DepartmentId, bool Own);

    // A sealed search is good for a day, and what it holds may be a person's name; a place in a list is no condition.
    static readonly string[] NotKept = ["find", "after", "done"];

    internal static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("", async (Visit visit, TownDb db, House house) => await Show(Form.Empty, visit, db, house));
        to.MapPost("", Keep);
        to.MapPost("{id:guid}/share", Share);
        to.MapPost("{id:guid}/drop", Drop);
    }

    /// <summary>What the visitor has, of one list or of all: their own views, and those that others share where they work.</summary>
    public static IQueryable<Line> For(Visit visit, TownDb db, DateOnly today, string? list = null)
    {
        var me = visit.Visitor!.AccountId;
        var mine = db.Set<Assignment>().Where(a => a.AccountId == me && a.FromOn <= today && (a.UntilOn == null || a.UntilOn >= today)).Select(a => a.DepartmentId);
        return db.Set<View>().AsNoTracking().Where(v => list == null || v.List == list).Where(v => v.AccountId == me || v.DepartmentId != null && mine.Contains(v.DepartmentId.Value))
            .OrderBy(v => v.List).ThenBy(v => v.Name).ThenBy(v => v.Id).Take(100).Select(v => new Line(v.Id, v.List, v.Name, v.Query, v.DepartmentId, v.AccountId == me));
    }

    static async Task<IResult> Keep(Form form, Visit visit, TownDb db, House house, TimeProvider time)
    {
        var (me, list, query) = (visit.Visitor!.AccountId, form.Typed("list"), QueryOf(form.Typed("query")));
        if (!MenuEntry.For(visit, house, MenuPlace.Desk).Any(e => IsOf(list, e)) || list.Length > 100 || query.Length > 2000) return Page.NotFound;
        var name = form.Text("name", View.LongestName, required: true);
        var view = await db.Set<View>().SingleOrDefaultAsync(v => v.AccountId == me && v.List == list && v.Name == name);
        if (view is null && await db.Set<View>().CountAsync(v => v.AccountId == me && v.List == list) >= View.MostOfOne) form.Wrongly("name", "This list has {0} views of yours already. Please throw one away first.", View.MostOfOne);
        if (form.Wrong) return await Show(form, visit, db, house);

        if (view is null) db.Add(view = new() { AccountId = me, List = list, Name = name, Query = query });
        (view.Query, view.KeptAt) = (query, time.GetUtcNow());
        db.Audit(visit.Did("desk.keep_view", $"views/{view.Id}", details: new { list }));
        var back = list + (query.Length > 0 ? "?" + query : "");
        await db.Save(form.Once, visit.Link(back));
        return Page.Go(visit, back);
    }

    static async Task<IResult> Share(Guid id, Form form, Visit visit, TownDb db, TimeProvider time)
    {
        if (await Own(id, visit, db) is not { } view) return Page.NotFound;
        view.DepartmentId = form.Typed("share") == "on" ? await Mainly(visit, db, time.Today()) : null;
        db.Audit(visit.Did("desk.share_view", $"views/{id}", details: new { view.DepartmentId }));
        await db.Save(form.Once, visit.Link("desk/views"));
        return Page.Go(visit, "desk/views");
    }

    static async Task<IResult> Drop(Guid id, Form form, Visit visit, TownDb db)
    {
        if (await Own(id, visit, db) is not { } view) return Page.NotFound;
        db.Remove(view);
        db.Audit(visit.Did("desk.drop_view", $"views/{id}", details: new { view.List }));
        await db.Save(form.Once, visit.Link("desk/views"));
        return Page.Go(visit, "desk/views");
    }

    static async Task<IResult> Show(Form form, Visit visit, TownDb db, House house)
    {
        var tree = await DepartmentTrees.Today(db);
        var views = await For(visit, db, tree.On).ToListAsync();
        return Page.Show<ViewsPage>(new { Form = form, Views = views.Where(v => MenuEntry.For(visit, house, MenuPlace.Desk).Any(e => IsOf(v.List, e))).ToArray(), Tree = tree, Department = await Mainly(visit, db, tree.On) }, form.Wrong ? 422 : 200);
    }

    /// <summary>Lists stand on pages of the menu, or below one.</summary>
    internal static bool IsOf(string list, MenuEntry entry) => list == entry.Href || list.StartsWith(entry.Href + "/", StringComparison.Ordinal);

    static Task<View?> Own(Guid id, Visit visit, TownDb db) => db.Set<View>().SingleOrDefaultAsync(v => v.Id == id && v.AccountId == visit.Visitor!.AccountId);

    static Task<Guid?> Mainly(Visit visit, TownDb db, DateOnly today) =>
        db.Set<Assignment>().Where(a => a.AccountId == visit.Visitor!.AccountId && a.FromOn <= today && (a.UntilOn == null || a.UntilOn >= today))
            .OrderBy(a => a.Kind == AssignmentKind.Main ? 0 : 1).ThenBy(a => a.Id).Select(a => (Guid?)a.DepartmentId).FirstOrDefaultAsync();

    /// <summary>The conditions of an address, always written alike, so that the current view is known by its text.</summary>
    internal static string QueryOf(string typed) => string.Join('&', QueryHelpers.ParseQuery(typed).Where(p => !NotKept.Contains(p.Key)).SelectMany(p => p.Value.Where(v => !string.IsNullOrEmpty(v)).Select(v => (p.Key, Value: v!)))
        .OrderBy(p => p.Key, StringComparer.Ordinal).ThenBy(p => p.Value, StringComparer.Ordinal).Take(20).Select(p => $"{Uri.EscapeDataString(p.Key)}={Uri.EscapeDataString(p.Value)}"));
}
