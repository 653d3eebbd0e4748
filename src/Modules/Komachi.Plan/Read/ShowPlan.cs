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

    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("", async (TownDb db, TimeProvider time, HttpContext http) => await Revision.Asked(db, http) is { } plan
            ? Page.Show<ShowPlanPage>(new { Plan = plan, Far = await HowFar.Of(db, plan, time.Today(), http.RequestAborted), All = await Revision.AllOfTown(db, http.RequestAborted) })
            : NoPlan(http)).WithMetadata(KeptPage.Mark);
        // What hardly changes and few look up: guidelines, bodies, facts, what came before.
        to.MapGet("about", async (TownDb db, HttpContext http) => await Revision.Asked(db, http) is { } plan ? Page.Show<AboutPlanPage>(new { Plan = plan }) : NoPlan(http)).WithMetadata(KeptPage.Mark);
    }

    /// <summary>The town has none here, or none of that key.</summary>
    public static IResult NoPlan(HttpContext http) => string.IsNullOrEmpty(http.Request.Query[Revision.Key]) ? Page.Show<NoPlanPage>() : Page.NotFound;
}
