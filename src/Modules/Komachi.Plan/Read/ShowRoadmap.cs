using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Komachi.Plan;

/// <summary>What is done in which year, as a table that draws as bars.</summary>
static class ShowRoadmap
{
    public static void Routes(IEndpointRouteBuilder to) => to.MapGet("roadmap", async ([FromQuery(Name = "plan")] string? key, TownDb db, TimeProvider time, HttpContext http) => await Revision.Shown(db, http.RequestAborted, key) is { } plan
        ? Page.Show<ShowRoadmapPage>(new { Plan = plan, Today = time.Today() })
        : ShowPlan.NoPlan(key)).WithMetadata(KeptPage.Mark);
}
