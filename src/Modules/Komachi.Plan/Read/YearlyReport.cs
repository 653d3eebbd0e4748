using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Komachi.Plan;

/// <summary>What became of the plan in a fiscal year: per policy and measure its target, what it was, how it stood and what it cost. On screen, on paper, as a PDF.</summary>
public static class YearlyReport
{
    internal static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("report", async (string? year, TownDb db, TimeProvider time, HttpContext http) => await Read(year, db, time, http) is var (far, of)
            ? Page.Show<YearlyReportPage>(new { Far = far, Year = of })
            : Page.Show<NoPlanPage>()).WithMetadata(KeptPage.Mark);
        to.MapGet("report/pdf", async (string? year, Visit visit, TownDb db, Words words, TimeProvider time, HttpContext http) => await Read(year, db, time, http) is var (far, of)
            ? Page.Pdf<YearlyReportPaper>(new { Far = far, Year = of }, $"{far.Plan.Plan.Title.In(visit.Lang)} {of.Short(visit.Lang.Ours)}.pdf")
            : Page.NotFound);
    }

    /// <summary>A year that is not the plan's is the last that is over.</summary>
    static async Task<(HowFar Far, PlanYear Year)?> Read(string? year, TownDb db, TimeProvider time, HttpContext http)
    {
        if (await Revision.Shown(db, http.RequestAborted) is not { Years: { Count: > 0 } years } plan) return null;
        var today = time.Today();
        return (await HowFar.Of(db, plan, today, http.RequestAborted), PlanYear.Read(year) is { } asked && years.Contains(asked) ? asked : HowFar.LastYearOver(plan, today) ?? years[0]);
    }

    /// <summary>Whether the year's own target was reached; null where there is no number on one side.</summary>
    public static bool? Reached(Indicator indicator, decimal? actual, PlanYear year) =>
        actual is { } value && indicator.Targets.GetValueOrDefault(year.Label, Amount.None).Value is { } target ? HowFar.Meets(indicator.Direction, value, target) : null;

    /// <summary>What it was in that year: a number, or the words that were given last if they are of that year.</summary>
    public static Amount ActualOf(HowFar far, string of, Indicator indicator, PlanYear year) =>
        far.In(of, indicator, year) is { } number ? Amount.Of(number)
        : far.LastOf(of, indicator) is var (value, on, _) && value.Is == AmountIs.Text && FiscalYear.Of(on).Year == year.Year ? value : Amount.None;
}
