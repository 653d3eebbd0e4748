using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Komachi.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Komachi.Plan;

/// <summary>What is urgent and what is important: the scores of groups and measures as a picture and a table, where the plan gives any.</summary>
public static class PlanPriorities
{
    internal static void Routes(IEndpointRouteBuilder to) => to.MapGet("priorities", async (TownDb db, HttpContext http) => await Revision.Shown(db, http.RequestAborted) is { } plan
        ? Page.Show<PlanPrioritiesPage>(new { Plan = plan })
        : Page.Show<NoPlanPage>()).WithMetadata(KeptPage.Mark);

    /// <param name="Measure">The measure that it is; null for a group.</param>
    public sealed record Score(string Title, int Urgency, int Importance, Measure? Measure, bool Later);

    public static IEnumerable<Score> Scored(PlanDocument plan) =>
        plan.Policies.SelectMany(p => p.Groups).Where(g => g is { Urgency: not null, Importance: not null }).Select(g => new Score(g.Title, g.Urgency!.Value, g.Importance!.Value, null, g.Later))
            .Concat(plan.Measures.Where(m => m is { Urgency: not null, Importance: not null }).Select(m => new Score(m.Title.In(Komachi.Ui.Words.Lang.Japanese), m.Urgency!.Value, m.Importance!.Value, m, false)));
}
