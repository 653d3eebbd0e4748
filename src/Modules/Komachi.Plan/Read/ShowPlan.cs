using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Komachi.Plan;

/// <summary>The plan's first page: where it wants to go, how long it runs, and all that is done for it.</summary>
static class ShowPlan
{
    public static void Routes(IEndpointRouteBuilder to) => to.MapGet("", async (TownDb db, TimeProvider time, HttpContext http) => await Revision.Shown(db, http.RequestAborted) is { } plan
        ? Page.Show<ShowPlanPage>(new { Plan = plan, Period = PlanView.PeriodOf(plan, time.Today()) })
        : Page.Show<NoPlanPage>()).WithMetadata(KeptPage.Mark);
}

/// <summary>One measure with everything that the plan says of it.</summary>
static class ShowMeasure
{
    public static void Routes(IEndpointRouteBuilder to) => to.MapGet("measures/{code}", async (string code, TownDb db, TimeProvider time, HttpContext http) =>
        await Revision.Shown(db, http.RequestAborted) is { } plan && plan.Find(code) is { } measure
            ? Page.Show<ShowMeasurePage>(new { Plan = plan, Measure = measure, Period = PlanView.PeriodOf(plan, time.Today()) })
            : Page.NotFound).WithMetadata(KeptPage.Mark);
}

/// <summary>What is done in which year, as a table that draws as bars.</summary>
static class ShowRoadmap
{
    public static void Routes(IEndpointRouteBuilder to) => to.MapGet("roadmap", async (TownDb db, TimeProvider time, HttpContext http) => await Revision.Shown(db, http.RequestAborted) is { } plan
        ? Page.Show<ShowRoadmapPage>(new { Plan = plan, Today = time.Today() })
        : Page.Show<NoPlanPage>()).WithMetadata(KeptPage.Mark);
}

/// <summary>What it costs by year and policy, drawn and as a table.</summary>
static class ShowCosts
{
    public static void Routes(IEndpointRouteBuilder to) => to.MapGet("costs", async (TownDb db, HttpContext http) => await Revision.Shown(db, http.RequestAborted) is { } plan
        ? Page.Show<ShowCostsPage>(new { Plan = plan })
        : Page.Show<NoPlanPage>()).WithMetadata(KeptPage.Mark);
}
