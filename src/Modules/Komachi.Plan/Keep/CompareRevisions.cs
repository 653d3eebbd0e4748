using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Plan;

/// <summary>Any two revisions of a plan side by side, the draft among them.</summary>
static class CompareRevisions
{
    public static void Routes(IEndpointRouteBuilder to) => to.MapGet("compare", Show);

    static async Task<IResult> Show(string? plan, string? from, string? to, TownDb db, HttpContext http)
    {
        plan = string.IsNullOrEmpty(plan) ? Revision.Pick(await Revision.OfTown(db, http.RequestAborted), db.Today)?.Plan ?? "" : plan;
        var lines = await KeepPlan.Lines(db, http.RequestAborted, plan);
        if (lines.Count == 0) return Page.Show<NoDraftPage>();
        // Unless asked otherwise: the newest against the one before it.
        var later = Number(to) ?? lines[0].Number;
        var earlier = Number(from) ?? lines.FirstOrDefault(l => l.Number < later)?.Number ?? later;
        if (earlier > later) (earlier, later) = (later, earlier);
        var both = await db.Set<Revision>().AsNoTracking().Where(r => r.Plan == plan && (r.Number == earlier || r.Number == later)).ToListAsync(http.RequestAborted);
        if (both.Find(r => r.Number == earlier) is not { } one || both.Find(r => r.Number == later) is not { } other) return Page.NotFound;
        var (before, after) = (one.Read(), other.Read());
        return Page.Show<CompareRevisionsPage>(new { Plan = after, Lines = lines, Earlier = earlier, Later = later, Moved = Differences.Between(before, after) });
    }

    static int? Number(string? text) => int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : null;
}
