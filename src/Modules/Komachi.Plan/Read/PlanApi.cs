using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Komachi.Plan;

/// <summary>The plan as data. Where the document says that there is nothing it says "none", and "lost" where its text lost what it said.</summary>
public static class PlanApi
{
    /// <param name="From">First fiscal year, as the plan writes it: R4 is 令和4年度, from April 2022.</param>
    public sealed record PlanAnswer(string Key, Said Title, string Period, string From, string Until, Said Vision, Said Summary, PolicyItem[] Policies, MeasureItem[] Measures, Totals Totals, string[] Lost, string Url, TownItem Town, bool Compare);

    /// <param name="Code">全国地方公共団体コード.</param>
    public sealed record TownItem(string Slug, string Code, Said Name);

    public sealed record PolicyItem(string Code, Said Title, string Summary, Group[] Groups, Indicator[] Indicators, IndicatorStanding[] Standings);

    /// <summary>What became of an indicator. State is onTrack, behind, done, measured or notMeasured; of a plan that ended reached, notReached, measured or notMeasured.</summary>
    /// <param name="Values">The last number of each fiscal year.</param>
    public sealed record IndicatorStanding(string Indicator, string State, DateOnly? LastOn, decimal? LastValue, string? LastText, Dictionary<string, decimal> Values, OutlookItem? Outlook);

    /// <summary>A straight line to the end of the plan, from the baseline that it states or the first value, over the last one.</summary>
    public sealed record OutlookItem(DateOnly From, DateOnly End, decimal AtEnd, decimal? Target, bool? Reached);

    /// <param name="Costs">Thousand yen by fiscal year.</param>
    /// <param name="State">As its worst indicator of those that are measured.</param>
    public sealed record MeasureItem(string Code, string Policy, string? Group, Said Title, Said Summary, string? Goal, string[] Departments, string[] National, PlanAction[] Actions, Indicator[] Indicators, Dictionary<string, Amount> Costs, string At, string Url, string State, IndicatorStanding[] Standings);

    /// <param name="CostByYear">Thousand yen: what all measures cost in a fiscal year.</param>
    /// <param name="States">How many measures stand how; of a plan whose indicators stand at its policies how many indicators.</param>
    public sealed record Totals(int Policies, int Measures, int Indicators, Dictionary<string, decimal> CostByYear, decimal Cost, Dictionary<string, int> States);

    internal static void Routes(IEndpointRouteBuilder to) =>
        to.MapGet("", Get).WithName("plan").WithSummary("The town's DX plan: policies, measures, indicators, costs, and how far each of them is");

    static async Task<Results<Ok<PlanAnswer>, NotFound>> Get(Visit visit, TownDb db, TimeProvider time, HttpContext http)
    {
        if (await Revision.Shown(db, http.RequestAborted) is not { } plan) return TypedResults.NotFound();
        var far = await HowFar.Of(db, plan, time.Today(), http.RequestAborted);
        var costs = plan.Years.Select(y => (y.Label, Cost: PlanView.CostOf(plan.Measures, y))).Where(c => c.Cost is not null).ToDictionary(c => c.Label, c => c.Cost!.Value);
        return TypedResults.Ok(new PlanAnswer(plan.Plan.Key, plan.Plan.Title, PlanView.PeriodOf(plan, time.Today()).ToString().ToLowerInvariant(), plan.Plan.From, plan.Plan.Until, plan.Plan.Vision, plan.Plan.Summary,
            [.. plan.Policies.Select(p => new PolicyItem(p.Code, p.Title, p.Summary, [.. p.Groups], [.. p.Indicators], Standings(p.Code, p.Indicators)))],
            [.. plan.Measures.Select(m => new MeasureItem(m.Code, m.Policy, m.Group, m.Title, m.Summary, m.Goal, [.. m.Departments], [.. m.National], [.. m.Actions], [.. m.Indicators], m.Costs, m.At,
                http.Whole(visit.LinkIn(Lang.Japanese, $"plan/measures/{m.Code}")), PlanView.Slug(far.Of(m), far.Period), Standings(m.Code, m.Indicators)))],
            new(plan.Policies.Count, plan.Measures.Count, plan.Measures.Sum(m => m.Indicators.Count) + plan.Policies.Sum(p => p.Indicators.Count), costs, costs.Values.Sum(), far.Counted().Tracks.GroupBy(t => PlanView.Slug(t, far.Period)).OrderBy(g => g.Key, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Count())),
            [.. plan.Plan.Lost], http.Whole(visit.LinkIn(Lang.Japanese, "plan")), new(visit.Town.Slug, visit.Town.Code, visit.Town.Name), plan.Plan.Compare));

        IndicatorStanding[] Standings(string of, IEnumerable<Indicator> indicators) => [.. indicators.Select(i =>
        {
            var (last, standing, outlook) = (far.LastOf(of, i), far.StandingOf(of, i), far.OutlookOf(of, i));
            return new IndicatorStanding(i.Name, PlanView.Slug(far.Of(of, i), far.Period), last?.On, last?.Value.Value, last is { Value.Is: AmountIs.Text } said ? said.Value.Text : null,
                standing is null ? [] : standing.Years.Zip(standing.YearValues).ToDictionary(y => new PlanYear(y.First).Label, y => y.Second),
                outlook is null ? null : new(outlook.From, outlook.End, outlook.AtEnd, outlook.Target, outlook.Reached));
        })];
    }
}
