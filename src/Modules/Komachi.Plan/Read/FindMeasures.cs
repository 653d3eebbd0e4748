using Komachi.Platform.Data;
using Komachi.Platform.Portal;
using Komachi.Platform.Web;
using Komachi.Ui.Words;

namespace Komachi.Plan;

/// <summary>For the town's search: measures in whose words all that was typed stands.</summary>
static class FindMeasures
{
    public static async Task<IReadOnlyList<Found>> Find(Visit visit, TownDb db, Asked asked, int n) => await Revision.Shown(db, asked.Stop) is not { } plan ? []
        : [.. plan.Measures.Where(m => asked.In(Folding.Fold(string.Join(' ', [.. m.Title.Values, .. m.Summary.Values, .. m.Actions.Select(a => a.Title)])))).Take(n)
            .Select(m => new Found(m.Title.In(visit.Lang), m.Summary.In(visit.Lang), $"plan/measures/{m.Code}"))];
}
