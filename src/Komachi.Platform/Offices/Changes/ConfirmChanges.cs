using System.Text.Json;
using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.Jobs;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Offices;

/// <summary>What was made and ended by a confirmed set, with the versions that it left: who changes such a row later is in the way of taking it back.</summary>
sealed record Undo(Guid[] Departments, Undo.State[] States, Guid[] Assignments, Undo.Ended[] ClosedDepartments, Undo.Ended[] EndedAssignments)
{
    public sealed record State(Guid DepartmentId, DateOnly FromOn);

    public sealed record Ended(Guid Id, DateOnly? Until, Guid? Successor, int Version);
}

/// <summary>Writes a change set into the town, and takes it out again while its day has not come. The callers save.</summary>
static class ConfirmChanges
{
    /// <summary>The plan was made of tracked rows: what changed in it is what is saved, all in one transaction.</summary>
    public static void Write(ChangeSet set, ChangePlan plan, TownDb db, Guid by, DateTimeOffset now, Func<string, object?, Guid?, AuditEntry> did)
    {
        if (plan.Mistakes.Count > 0) throw new InvalidOperationException("A set with mistakes is not confirmed.");
        foreach (var made in plan.NewPosts.Cast<object>().Concat(plan.NewDepartments).Concat(plan.NewStates).Concat(plan.NewAssignments)) db.Add(made);
        db.ChangeTracker.DetectChanges();
        var undo = new Undo(
            [.. plan.NewDepartments.Select(d => d.Id)],
            [.. plan.NewStates.Select(s => new Undo.State(s.DepartmentId, s.FromOn))],
            [.. plan.NewAssignments.Select(a => a.Id)],
            // A department that only changed its name or place has a new state; its version moved all the same.
            [.. db.ChangeTracker.Entries<Department>().Where(e => e.State == EntityState.Modified)
                .Select(e => new Undo.Ended(e.Entity.Id, e.Property(d => d.UntilOn).OriginalValue, e.Property(d => d.SuccessorId).OriginalValue, e.Entity.Version))],
            [.. db.ChangeTracker.Entries<Assignment>().Where(e => e.State == EntityState.Modified)
                .Select(e => new Undo.Ended(e.Entity.Id, e.Property(a => a.UntilOn).OriginalValue, null, e.Entity.Version))]);
        set.Confirm(JsonSerializer.Serialize(undo, JobKind.Json), by, now);
        db.Audit(did("offices.confirm_changes", new { set.EffectiveOn, Departments = undo.Departments.Length, Closed = plan.Closed.Count, People = plan.People.Count }, null));
        foreach (var person in plan.People)
            db.Audit(did("offices.move", new { set.EffectiveOn, Gained = person.Gained.Count, Lost = person.Lost.Count }, person.AccountId));
    }

    /// <summary>False when something of it was changed since, or its day has come.</summary>
    public static async Task<bool> TakeBack(ChangeSet set, TownDb db, DateOnly today, DateTimeOffset now, CancellationToken stop = default)
    {
        if (set.State != ChangeSetState.Confirmed || set.EffectiveOn <= today) return false;
        var undo = JsonSerializer.Deserialize<Undo>(set.Undo!, JobKind.Json)!;
        var chart = await Chart.Load(db, toChange: true, stop);
        var touched = undo.Assignments.Concat(undo.EndedAssignments.Select(e => e.Id)).ToArray();
        var assignments = await db.Set<Assignment>().Where(a => touched.Contains(a.Id) || undo.Departments.Contains(a.DepartmentId)).ToDictionaryAsync(a => a.Id, stop);

        // What somebody built on it since stands in the way: a later move of the same person, a person in a new department.
        var ownStates = undo.States.Select(s => (s.DepartmentId, s.FromOn)).ToHashSet();
        if (assignments.Values.Any(a => undo.Departments.Contains(a.DepartmentId) && !undo.Assignments.Contains(a.Id)) ||
            undo.Assignments.Any(id => assignments.GetValueOrDefault(id)?.Version != 1) ||
            undo.EndedAssignments.Any(e => assignments.GetValueOrDefault(e.Id)?.Version != e.Version) ||
            undo.Departments.Any(id => chart.Find(id)?.Version != 1) ||
            undo.ClosedDepartments.Any(e => chart.Find(e.Id)?.Version != e.Version) ||
            chart.States.Any(s => !ownStates.Contains((s.DepartmentId, s.FromOn)) && (undo.Departments.Contains(s.DepartmentId) || s.ParentId is { } parent && undo.Departments.Contains(parent))))
            return false;
        if (await db.Set<Deputy>().AnyAsync(d => d.AssignmentId != null && undo.Assignments.Contains(d.AssignmentId.Value), stop)) return false;
        if (await db.Set<OfficeDepartment>().AnyAsync(d => undo.Departments.Contains(d.DepartmentId), stop)) return false;

        foreach (var ended in undo.EndedAssignments) assignments[ended.Id].Restore(ended.Until);
        foreach (var id in undo.Assignments) db.Remove(assignments[id]);
        foreach (var closed in undo.ClosedDepartments) chart.Find(closed.Id)!.Restore(closed.Until, closed.Successor);
        foreach (var state in chart.States.Where(s => ownStates.Contains((s.DepartmentId, s.FromOn))).ToArray())
        {
            chart.States.Remove(state);
            db.Remove(state);
        }
        foreach (var department in chart.Departments.Where(d => undo.Departments.Contains(d.Id)).ToArray())
        {
            chart.Departments.Remove(department);
            db.Remove(department);
        }
        if (chart.Problems(today).Any()) return false;
        set.TakeBack(now);
        return true;
    }
}
