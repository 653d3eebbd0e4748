using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Komachi.Plan;

/// <summary>One measure with everything that the plan says of it.</summary>
static class ShowMeasure
{
    public static void Routes(IEndpointRouteBuilder to) => to.MapGet("measures/{code}", async (string code, [FromQuery(Name = "plan")] string? key, TownDb db, TimeProvider time, HttpContext http) =>
        await Revision.Shown(db, http.RequestAborted, key) is { } plan && plan.Find(code) is { } measure
            ? Page.Show<ShowMeasurePage>(new { Plan = plan, Measure = measure, Period = PlanView.PeriodOf(plan, time.Today()) })
            : Page.NotFound).WithMetadata(KeptPage.Mark);
}
