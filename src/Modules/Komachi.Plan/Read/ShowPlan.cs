using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Komachi.Plan;

/// <summary>The plan's first page: where it wants to go, how far it is, and all that is done for it.</summary>
static class ShowPlan
{
    /// <summary>A plan with more measures than anybody reads in one go shows its policies with counts, and the measures on a page of their own.</summary>
    public const int MostMeasures = 60;

    public static void Routes(IEndpointRouteBuilder to) => to.MapGet("", async (TownDb db, TimeProvider time, HttpContext http) => await Revision.Shown(db, http.RequestAborted) is { } plan
        ? Page.Show<ShowPlanPage>(new { Plan = plan, Far = await HowFar.Of(db, plan, time.Today(), http.RequestAborted) })
        : Page.Show<NoPlanPage>()).WithMetadata(KeptPage.Mark);
}
