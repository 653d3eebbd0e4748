using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Komachi.Plan;

/// <summary>What it costs by year and policy, drawn and as a table.</summary>
static class ShowCosts
{
    public static void Routes(IEndpointRouteBuilder to) => to.MapGet("costs", async (TownDb db, HttpContext http) => await Revision.Asked(db, http) is { } plan
        ? Page.Show<ShowCostsPage>(new { Plan = plan })
        : ShowPlan.NoPlan(http)).WithMetadata(KeptPage.Mark);
}
