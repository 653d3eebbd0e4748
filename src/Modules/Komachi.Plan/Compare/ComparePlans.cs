using Komachi.Platform;
using Komachi.Platform.Towns;
using Komachi.Platform.Web;
using Komachi.Ui;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Komachi.Plan;

/// <summary>The plans of several towns side by side: what each does for the same item of the state's plan, what it measures of the same kind, what it spends.</summary>
static class ComparePlans
{
    /// <summary>More columns than this nobody reads side by side.</summary>
    public const int Most = 6;

    public static void Routes(IEndpointRouteBuilder to)
    {
        var services = to.ServiceProvider;
        var plans = new PlansOfTowns(services.GetRequiredService<Registry>(), services.GetRequiredService<OwnAddress>(), services.GetRequiredService<WebOptions>(), services.GetRequiredService<TimeProvider>());
        to.MapGet("compare", async (string[]? town, HttpContext http) =>
        {
            var all = await plans.All(http.RequestAborted);
            return Page.Show<ComparePlansPage>(new { All = all, Chosen = Chosen(all, town) });
        });
        to.MapGet("compare/costs.csv", async (string[]? town, Words words, HttpContext http) =>
        {
            var chosen = Chosen(await plans.All(http.RequestAborted), town).Where(t => t.Plan?.Totals.CostByYear.Count > 0).ToArray();
            var years = YearsOf(chosen);
            return ChartFile.Of(http, "costs", words["Fiscal year"], [.. years.Select(y => y.Short(words.Lang))], CostsDrawn(chosen, years, words));
        });
    }

    static IReadOnlyList<TownsPlan> Chosen(IReadOnlyList<TownsPlan> all, string[]? keys)
    {
        var there = all.Where(t => t.Plan is not null);
        var chosen = there.Where(t => keys?.Contains(t.Key) == true).ToArray();
        return [.. (chosen.Length > 0 ? chosen : there).Take(Most)];
    }

    public static IReadOnlyList<PlanYear> YearsOf(IEnumerable<TownsPlan> towns) =>
        [.. towns.SelectMany(t => t.Plan!.Totals.CostByYear.Keys).Select(PlanYear.Read).OfType<PlanYear>().Distinct().Order()];

    public static IReadOnlyList<Series> CostsDrawn(IEnumerable<TownsPlan> towns, IReadOnlyList<PlanYear> years, Words words) =>
        [.. towns.Select(t => new Series(t.Name.In(words.Lang), [.. years.Select(y => t.Plan!.Totals.CostByYear.TryGetValue(y.Label, out var cost) ? (double?)cost : null)]))];

    /// <summary>An indicator and whose it is.</summary>
    public sealed record Measured(TownsPlan Town, Indicator Indicator, PlanApi.IndicatorStanding? Standing, string Path);

    /// <summary>Of the same kind is what the same figure of the program measures.</summary>
    public static IEnumerable<IGrouping<string, Measured>> OfOneKind(IEnumerable<TownsPlan> towns) =>
        towns.SelectMany(t => t.Plan!.Measures.SelectMany(m => m.Indicators.Select(i => new Measured(t, i, StandingOf(m.Standings, i), $"plan/measures/{m.Code}")))
                .Concat(t.Plan.Policies.SelectMany(p => p.Indicators.Select(i => new Measured(t, i, StandingOf(p.Standings, i), "plan")))))
            .Where(m => m.Indicator.Figure is not null).GroupBy(m => m.Indicator.Figure!).OrderByDescending(g => g.Select(m => m.Town.Key).Distinct().Count()).ThenBy(g => g.Key, StringComparer.Ordinal);

    // Another installation may be of an older version, and say nothing of what became of it.
    static PlanApi.IndicatorStanding? StandingOf(PlanApi.IndicatorStanding[]? standings, Indicator indicator) => standings?.FirstOrDefault(s => s.Indicator == indicator.Name);

    /// <summary>How it stands, as its town says it.</summary>
    public static (Track Track, Period Period) TrackOf(string state, string period) => (state switch
    {
        "done" or "reached" => Track.Done, "onTrack" => Track.OnTrack, "behind" or "notReached" => Track.Behind, "measured" => Track.Measured, _ => Track.NotMeasured,
    }, period switch { "ended" => Period.Ended, "coming" => Period.Coming, _ => Period.Running });
}
