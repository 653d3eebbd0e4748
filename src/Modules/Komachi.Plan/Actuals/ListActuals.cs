using Komachi.Platform;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Offices;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Komachi.Plan;

/// <summary>An indicator in the desk's list.</summary>
/// <param name="Mine">Whether who looks may give its value.</param>
/// <param name="MeasuresItself">Its figure is measured by a service that runs here; null where it is bound to none.</param>
public sealed record ActualLine(Placed Placed, Track Track, (Amount Value, DateOnly On, int Number)? Last, bool Waits, bool Mine, bool? MeasuresItself);

/// <summary>All indicators at the desk: how each stands, and whose turn it is to say.</summary>
static class ListActuals
{
    public static readonly string[] Shelves = ["waiting", "behind", "unmeasured", "all"];

    public static void Routes(IEndpointRouteBuilder to) => to.MapGet("actuals", async (string? state, Visit visit, TownDb db, House house, TimeProvider time, HttpContext http) =>
    {
        if (await Revision.Shown(db, http.RequestAborted) is not { } plan) return Page.Show<ListActualsPage>(new { Shelf = "all" });
        var (far, tree) = (await HowFar.Of(db, plan, time.Today(), http.RequestAborted), await DepartmentTrees.Today(db, http.RequestAborted));
        var figures = house.FiguresOf(visit.Town).Select(f => f.Key).ToHashSet();
        var lines = HowFar.Indicators(plan).Select(p => new ActualLine(p, far.Of(p.Of, p.Indicator), far.LastOf(p.Of, p.Indicator), far.Waits(p), MayGive.Value(visit.Visitor!, p.Measure, tree),
            p.Indicator.Figure is { } figure ? figures.Contains(figure) : null)).ToArray();
        var shelf = Shelves.Contains(state) ? state! : "all";
        return Page.Show<ListActualsPage>(new { Far = far, Shelf = shelf, Lines = lines.Where(l => On(shelf, l)).ToArray(), Counts = Shelves.ToDictionary(s => s, s => lines.Count(l => On(s, l))) });
    });

    static bool On(string shelf, ActualLine line) => shelf switch
    {
        "waiting" => line.Waits,
        "behind" => line.Track == Track.Behind,
        "unmeasured" => line.Track == Track.NotMeasured,
        _ => true,
    };

    /// <summary>For the desk's first page: how many wait for a value that this visitor may give.</summary>
    public static async Task<int> Waiting(Visit visit, TownDb db, DateTimeOffset now)
    {
        var today = JapanTime.DayOf(now);
        if (await Revision.Shown(db, default) is not { } plan || HowFar.LastYearOver(plan, today) is null) return 0;
        var waiting = HowFar.Indicators(plan).ToList();
        // Only where a measure names departments does it matter who belongs to which.
        if (!visit.Visitor!.May("plan.check"))
        {
            var tree = await DepartmentTrees.On(today, db);
            waiting.RemoveAll(p => !MayGive.Value(visit.Visitor!, p.Measure, tree));
        }
        if (waiting.Count == 0) return 0;
        var far = await HowFar.Of(db, plan, today);
        return waiting.Count(far.Waits);
    }
}
