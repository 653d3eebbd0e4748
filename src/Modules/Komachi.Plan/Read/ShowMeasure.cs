using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Plan;

/// <summary>One measure with everything that the plan says of it.</summary>
static class ShowMeasure
{
    public static void Routes(IEndpointRouteBuilder to) => to.MapGet("measures/{code}", async (string code, TownDb db, TimeProvider time, HttpContext http) =>
        await Revision.Shown(db, http.RequestAborted) is { } plan && plan.Find(code) is { } measure
            ? Page.Show<ShowMeasurePage>(new { Plan = plan, Measure = measure, Far = await HowFar.Of(db, plan, time.Today(), http.RequestAborted), Given = await Given(plan, measure, db, http.RequestAborted) })
            : Page.NotFound).WithMetadata(KeptPage.Mark);

    /// <summary>What people gave as its values, the newest first; what was measured each night is in the chart and in the file.</summary>
    static async Task<ILookup<string, Given>> Given(PlanDocument plan, Measure measure, TownDb db, CancellationToken stop)
    {
        var key = plan.Plan.Key;
        if (measure.Indicators.Count == 0) return Enumerable.Empty<Given>().ToLookup(_ => "");
        var rows = await db.Set<Actual>().AsNoTracking().Where(a => a.Plan == key && a.Of == measure.Code && a.Source != ActualSource.Figure).OrderByDescending(a => a.OnDay).ThenByDescending(a => a.At).Take(60)
            .Select(a => new { a.Indicator, Given = new Given(a.Id, a.OnDay, a.Value, a.Text, a.Source, a.Asked, a.Answered, a.Evidence, null, a.At, a.Corrects, a.Reason) }).ToListAsync(stop);
        var names = rows.ToDictionary(r => r.Given.Id, r => r.Indicator);
        return WriteActual.MarkCorrected([.. rows.Select(r => r.Given)]).ToLookup(g => names[g.Id]);
    }
}
