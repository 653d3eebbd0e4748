using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Portal;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Offices;

/// <summary>The departments as they are on a day, and the days on which they will change.</summary>
static class ShowTree
{
    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("", Show);
        to.MapGet("export.yaml", async (string? on, Visit visit, TownDb db, TimeProvider time, HttpContext http) =>
        {
            var day = Managing.ReadDay(on) ?? time.Today();
            http.Response.Headers.ContentDisposition = $"attachment; filename=\"offices-{visit.Town.Slug}-{day.ForInput()}.yaml\"";
            return Results.Text(await OfficesTown.Export(db, day, http.RequestAborted), "application/yaml", System.Text.Encoding.UTF8);
        });
    }

    /// <summary>For the desk's search: departments of today by name or code.</summary>
    public static async Task<IReadOnlyList<Found>> Find(Visit visit, TownDb db, Asked asked, int n)
    {
        var tree = await DepartmentTrees.On(JapanTime.DayOf(asked.Now), db, asked.Stop);
        return [.. tree.All.Where(d => asked.In(Folding.Fold(string.Join(' ', d.Name.Values.Append(d.Code))))).Take(n)
            .Select(d => new Found(d.Name.In(visit.Lang), d.Depth > 1 ? tree.PathOf(d.Id, visit.Lang) : d.Telephone, $"desk/offices/departments/{d.Id}"))];
    }

    static async Task<IResult> Show(string? on, Visit visit, TownDb db, TimeProvider time, HttpContext http)
    {
        var today = time.Today();
        var day = Managing.ReadDay(on) ?? today;
        var chart = await Chart.Load(db, stop: http.RequestAborted);
        var people = await db.Set<Assignment>().Where(a => a.FromOn <= day && (a.UntilOn == null || a.UntilOn >= day))
            .GroupBy(a => a.DepartmentId).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, http.RequestAborted);
        var changes = chart.Departments.SelectMany(d => new[] { d.FromOn, d.UntilOn?.AddDays(1) ?? d.FromOn }).Concat(chart.States.Select(s => s.FromOn))
            .Where(d => d > today).Distinct().Order().Take(12).ToArray();
        var tree = chart.On(day);
        return Page.Show<ShowTreePage>(new { Tree = tree, Today = today, Changes = changes, People = people, All = visit.ManagesAll(chart.On(today)) });
    }
}
