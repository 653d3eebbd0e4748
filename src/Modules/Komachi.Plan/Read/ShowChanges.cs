using System.Globalization;
using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Plan;

/// <summary>A revision as residents read of it: when, why, and what moved since the one before.</summary>
public sealed record ChangeShown(int Number, DateTimeOffset PublishedAt, string? Note, IReadOnlyList<Difference>? Moved);

/// <summary>What changed in the plan and when: every revision with its note, the newest first.</summary>
static class ShowChanges
{
    const int OnAPage = 10;

    public static void Routes(IEndpointRouteBuilder to) => to.MapGet("changes", async (string? before, TownDb db, HttpContext http) =>
    {
        if (await Revision.Asked(db, http) is not { } shown) return ShowPlan.NoPlan(http);
        var below = int.TryParse(before, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : int.MaxValue;
        var some = await db.Set<Revision>().AsNoTracking().Where(r => r.Plan == shown.Plan.Key && r.PublishedAt != null && r.Number < below).OrderByDescending(r => r.Number).Take(OnAPage + 1).ToListAsync(http.RequestAborted);
        return Page.Show<ShowChangesPage>(new
        {
            Plan = shown,
            Changes = some.Take(OnAPage).Select((r, i) => new ChangeShown(r.Number, r.PublishedAt!.Value, r.Note, i + 1 < some.Count ? Differences.Between(some[i + 1].Read(), r.Read()) : null)).ToArray(),
            Older = some.Count > OnAPage ? some[OnAPage - 1].Number : (int?)null,
        });
    }).WithMetadata(KeptPage.Mark);
}
