using System.Text;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Komachi.Plan;

/// <summary>The whole plan as the file that a town loads, and what its charts draw for a spreadsheet.</summary>
static class DownloadPlan
{
    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("costs.csv", async (Visit visit, TownDb db, Words words, HttpContext http) => await Revision.Shown(db, http.RequestAborted) is { } plan && PlanView.HasCosts(plan)
            ? ChartFile.Of(http, $"{visit.Town.Slug}-costs", words["Fiscal year"], PlanView.Heads(plan, words), PlanView.CostsDrawn(plan, words)) : Page.NotFound);
        to.MapGet("measures/{code}/targets.csv", async (string code, int? indicator, Visit visit, TownDb db, Words words, TimeProvider time, HttpContext http) =>
            await Revision.Shown(db, http.RequestAborted) is { } plan && plan.Find(code)?.Indicators.ElementAtOrDefault(indicator ?? 0) is { } one
                ? ChartFile.Of(http, $"{visit.Town.Slug}-{code}", words["Fiscal year"], PlanView.Heads(plan, words), PlanView.Drawn(code, one, await HowFar.Of(db, plan, time.Today(), http.RequestAborted), words)) : Page.NotFound);
        to.MapGet("policies/{code}/indicator.csv", async (string code, int? indicator, Visit visit, TownDb db, Words words, TimeProvider time, HttpContext http) =>
            await Revision.Shown(db, http.RequestAborted) is { } plan && plan.Policies.Find(p => p.Code == code)?.Indicators.ElementAtOrDefault(indicator ?? 0) is { } one
                ? ChartFile.Of(http, $"{visit.Town.Slug}-policy", words["Fiscal year"], PlanView.Heads(plan, words), PlanView.Drawn(code, one, await HowFar.Of(db, plan, time.Today(), http.RequestAborted), words)) : Page.NotFound);
        to.MapGet("download.yaml", async (Visit visit, TownDb db, HttpContext http) =>
        {
            if (await Revision.Shown(db, http.RequestAborted) is not { } plan) return Page.NotFound;
            http.Response.Headers.ContentDisposition = $"attachment; filename=\"plan-{visit.Town.Slug}.yaml\"";
            return Results.Text(PlanYaml.Write(plan), "application/yaml", Encoding.UTF8);
        });
    }
}
