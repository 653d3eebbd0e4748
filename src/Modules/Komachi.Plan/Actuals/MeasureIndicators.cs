using Komachi.Platform;
using Komachi.Platform.Days;
using Komachi.Platform.Jobs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Komachi.Plan;

/// <summary>
/// Each night, for the day that ended: indicators that are bound to a figure measure themselves. Run again it changes nothing, and where the
/// service that publishes the figure is not running nothing is written: no value is not nought.
/// </summary>
sealed record MeasureIndicators : IJob<MeasureIndicators>
{
    public static string Name => "plan.measure_indicators";
    public static string Title => "Measure the plan's indicators";

    public static async Task Run(MeasureIndicators job, JobRun run)
    {
        var (now, day) = (run.Time.GetUtcNow(), run.Time.Today().AddDays(-1));
        if (await Revision.Shown(run.Db, run.Stop) is not { } plan || PlanView.PeriodOf(plan, day) != Period.Running) return;
        var figures = run.Services.GetRequiredService<House>().FiguresOf(run.Town).ToDictionary(f => f.Key);
        var key = plan.Plan.Key;
        var measured = await run.Db.Set<Actual>().AsNoTracking().Where(a => a.Plan == key && a.OnDay == day && a.Source == ActualSource.Figure).Select(a => new { a.Of, a.Indicator }).ToListAsync(run.Stop);
        foreach (var placed in HowFar.Indicators(plan))
            if (placed.Indicator.Figure is { } name && figures.TryGetValue(name, out var figure) && !measured.Exists(m => m.Of == placed.Of && m.Indicator == placed.Indicator.Name)
                && await figure.Measure(run.Db, run.Time, run.Stop) is { } value)
                await Standing.Add(run.Db, Actual.Measured(placed.KeyIn(plan), day, value, now), run.Stop);
    }
}
