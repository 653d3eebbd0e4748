using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Komachi.Plan;

/// <summary>The plan's first page: where it wants to go, how long it runs, and all that is done for it.</summary>
static class ShowPlan
{
    public static void Routes(IEndpointRouteBuilder to) => to.MapGet("", async ([FromQuery(Name = "plan")] string? key, TownDb db, TimeProvider time, HttpContext http) => await Revision.Shown(db, http.RequestAborted, key) is { } plan
        ? Page.Show<ShowPlanPage>(new { Plan = plan, Period = PlanView.PeriodOf(plan, time.Today()), All = await Revision.AllOfTown(db, http.RequestAborted) })
        : NoPlan(key)).WithMetadata(KeptPage.Mark);

    /// <summary>The town has none here, or none of that key.</summary>
    public static IResult NoPlan(string? key) => string.IsNullOrEmpty(key) ? Page.Show<NoPlanPage>() : Page.NotFound;
}
