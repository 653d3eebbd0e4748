using Komachi.Platform.Data;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Offices;

/// <summary>All departments over all time, in memory: a town has some hundred. Changes are made here, checked, and then saved.</summary>
sealed class Chart(List<Department> departments, List<DepartmentState> states)
{
    public List<Department> Departments => departments;
    public List<DepartmentState> States => states;

    /// <summary>Two statements, however many departments there are.</summary>
    public static async Task<Chart> Load(TownDb db, bool toChange = false, CancellationToken stop = default)
    {
        var (some, said) = (db.Set<Department>().AsQueryable(), db.Set<DepartmentState>().AsQueryable());
        return toChange
            ? new(await some.ToListAsync(stop), await said.ToListAsync(stop))
            : new(await some.AsNoTracking().ToListAsync(stop), await said.AsNoTracking().ToListAsync(stop));
    }

    public Department? Find(Guid id) => departments.Find(d => d.Id == id);

    public Department? ByCode(string code, DateOnly on) => departments.Find(d => d.Code == code && d.On(on));

    public DepartmentState? StateOf(Guid id, DateOnly on) => states.Where(s => s.DepartmentId == id && s.FromOn <= on).MaxBy(s => s.FromOn);

    /// <summary>In that day's state, or in the first or the last one that it had.</summary>
    public DepartmentState NearestState(Guid id, DateOnly on) => StateOf(id, on) ?? states.Where(s => s.DepartmentId == id).MinBy(s => s.FromOn)!;

    public DepartmentTree On(DateOnly day) => new(day, this);

    public Department Add(string code, DateOnly from, Said name, Guid? parent, string telephone, int sort, Guid? changeSet = null, DateOnly? until = null)
    {
        var department = Department.Open(code, from, changeSet, until);
        departments.Add(department);
        states.Add(new() { DepartmentId = department.Id, FromOn = from, Name = name, ParentId = parent, Telephone = telephone, Sort = sort, ChangeSetId = changeSet });
        return department;
    }

    /// <summary>From that day on it is called so and belongs there; a state of the same day is written over. What had been planned for later stays.</summary>
    public DepartmentState Change(Department department, DateOnly from, Said name, Guid? parent, string telephone, int sort, Guid? changeSet = null)
    {
        var state = states.Find(s => s.DepartmentId == department.Id && s.FromOn == from);
        if (state is null) states.Add(state = new() { DepartmentId = department.Id, FromOn = from, Name = name, ChangeSetId = changeSet });
        (state.Name, state.ParentId, state.Telephone, state.Sort) = (name, parent, telephone, sort);
        department.Touched();
        return state;
    }

    public sealed record Problem(Department Department, string Message, params object[] Values);

    /// <summary>Everything that could not be so, on any day from then on: circles, departments under closed ones, two of a code.</summary>
    public IEnumerable<Problem> Problems(DateOnly since)
    {
        // A problem begins on a day on which something begins or ends.
        var days = departments.SelectMany(d => new[] { d.FromOn, d.UntilOn?.AddDays(1) ?? d.FromOn }).Concat(states.Select(s => s.FromOn))
            .Where(d => d > since).Append(since).Distinct().Order().ToArray();
        var said = new HashSet<(Guid, string)>();
        foreach (var day in days)
        {
            var open = departments.Where(d => d.On(day)).ToDictionary(d => d.Id);
            var parents = open.Keys.ToDictionary(id => id, id => StateOf(id, day)?.ParentId);
            var roots = parents.Where(p => p.Value is null).Select(p => open[p.Key]).OrderBy(d => d.FromOn).ThenBy(d => d.Id).ToArray();
            foreach (var second in roots.Skip(1))
                if (said.Add((second.Id, "root"))) yield return new(second, "\"{0}\" belongs to no department on {1}: only the town itself stands at the top.", NameOf(second, day), day);
            foreach (var (id, parent) in parents)
            {
                if (parent is { } above && !open.ContainsKey(above))
                {
                    if (said.Add((id, "closed"))) yield return new(open[id], "\"{0}\" would belong to a department that does not exist on {1}.", NameOf(open[id], day), day);
                    continue;
                }
                var (at, steps) = (parent, 0);
                while (at is { } one && one != id && steps++ < parents.Count) at = parents.GetValueOrDefault(one);
                if (at == id && said.Add((id, "circle"))) yield return new(open[id], "\"{0}\" would stand above itself on {1}.", NameOf(open[id], day), day);
            }
            foreach (var same in open.Values.GroupBy(d => d.Code).Where(g => g.Count() > 1))
                if (said.Add((same.First().Id, "code"))) yield return new(same.First(), "There would be two departments with the code {0} on {1}.", same.Key, day);
        }
    }

    string NameOf(Department department, DateOnly day) => NearestState(department.Id, day).Name.In(Lang.Japanese);
}
