using System.Text;
using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Komachi.Plan;

/// <summary>The whole plan as the file that a town loads.</summary>
static class DownloadPlan
{
    public static void Routes(IEndpointRouteBuilder to) => to.MapGet("download.yaml", async (Visit visit, TownDb db, HttpContext http) =>
    {
        if (await Revision.Shown(db, http.RequestAborted) is not { } plan) return Page.NotFound;
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"plan-{visit.Town.Slug}.yaml\"";
        return Results.Text(PlanYaml.Write(plan), "application/yaml", Encoding.UTF8);
    });
}
