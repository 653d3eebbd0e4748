using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Komachi.Plan;

/// <summary>What is done in which year, as a table that draws as bars.</summary>
static class ShowRoadmap
{
    public static void Routes(IEndpointRouteBuilder to) => to.MapGet("roadmap", async (TownDb db, TimeProvider time, HttpContext http) => await Revision.Asked(db, http) is { } plan
        ? Page.Show<ShowRoadmapPage>(new { Plan = plan, Today = time.Today() })
        : ShowPlan.NoPlan(http)).WithMetadata(KeptPage.Mark);
}
