using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Komachi.Plan;

/// <summary>All measures, or those of a policy or of a state: where the counts of the first page lead.</summary>
static class ListMeasures
{
    public static void Routes(IEndpointRouteBuilder to) => to.MapGet("measures", async (string? state, string? policy, TownDb db, TimeProvider time, HttpContext http) =>
    {
        if (await Revision.Shown(db, http.RequestAborted) is not { } plan) return Page.Show<NoPlanPage>();
        var far = await HowFar.Of(db, plan, time.Today(), http.RequestAborted);
        var of = plan.Policies.Find(p => p.Code == policy);
        Track? track = PlanView.Tracks.Where(t => PlanView.Slug(t, far.Period) == state).Select(t => (Track?)t).FirstOrDefault();
        return Page.Show<ListMeasuresPage>(new
        {
            Far = far, Policy = of?.Code, State = track,
            Measures = plan.Measures.Where(m => (of is null || m.Policy == of.Code) && (track is null || far.Of(m) == track)).ToArray(),
        });
    }).WithMetadata(KeptPage.Mark);
}
