using Komachi.Platform.Data;
using Komachi.Platform.Offices;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Plan;

/// <summary>What a plan is held against beside itself: the town's other plans, and the departments that it has today.</summary>
sealed class AroundPlan(IReadOnlyList<PlanDocument> others, IReadOnlySet<string> departments)
{
    public static async Task<AroundPlan> Of(TownDb db, CancellationToken stop)
    {
        var published = await db.Set<Revision>().AsNoTracking().Where(r => r.PublishedAt != null && !db.Set<Revision>().Any(l => l.Plan == r.Plan && l.PublishedAt != null && l.Number > r.Number)).ToListAsync(stop);
        var tree = await DepartmentTrees.Today(db, stop);
        return new([.. published.Select(r => r.Read())], tree.All.Select(d => d.Name.In(Lang.Japanese)).ToHashSet());
    }

    public IReadOnlyList<PlanDocument> Plans => others;

    public IEnumerable<PlanProblem> Check(PlanDocument document)
    {
        var plan = document.Plan;
        foreach (var other in others.Where(o => o.Plan.Key != plan.Key && plan.After != o.Plan.Key && o.Plan.After != plan.Key))
            if (document.Years is { Count: > 0 } ours && other.Years is { Count: > 0 } theirs && ours[0].CompareTo(theirs[^1]) <= 0 && theirs[0].CompareTo(ours[^1]) <= 0)
                yield return new("plan, from", "its period overlaps the plan \"{0}\" ({1} to {2}), and it is not said that one follows the other.", other.Plan.Title.In(Lang.Japanese), Cells.WriteYear(other.Plan.From), Cells.WriteYear(other.Plan.Until)) { On = plan, Field = "from" };
        if (plan.After is { } after && others.All(o => o.Plan.Key != after)) yield return new("plan, after", "the plan {0} that it follows is not here.", after) { On = plan, Field = "after", IsHint = true };
        // Documents name what they name, and departments come and go: to be known, no more.
        foreach (var measure in document.Measures)
            foreach (var department in measure.Departments.Where(d => !departments.Contains(d)))
                yield return new($"measure {measure.Code}", "the town has no department \"{0}\" today.", department) { On = measure, Field = "departments", IsHint = true };
    }

    /// <summary>The plan that takes this one's place, where it is here.</summary>
    public PlanDocument? SuccessorOf(PlanDocument document) => others.FirstOrDefault(o => o.Plan.After == document.Plan.Key);
}
