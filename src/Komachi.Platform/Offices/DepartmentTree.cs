using System.Collections.Frozen;
using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Komachi.Ui.Words;

namespace Komachi.Platform.Offices;

/// <summary>A department as it is on one day.</summary>
/// <param name="Depth">0 is the town itself.</param>
public sealed record DepartmentNode(Guid Id, string Code, Said Name, Guid? ParentId, int Depth, string Telephone, int Sort, DateOnly FromOn, DateOnly? UntilOn);

/// <summary>The departments of one day, never changed: what belongs to what, and who carries on what was closed.</summary>
public sealed class DepartmentTree
{
    readonly FrozenDictionary<Guid, DepartmentNode> _open;
    readonly FrozenDictionary<Guid, Guid> _standing;    // closed department → who carries its work on
    readonly FrozenDictionary<Guid, Guid[]> _within;    // department → itself and all above it

    internal DepartmentTree(DateOnly day, Chart chart)
    {
        On = day;
        var open = chart.Departments.Where(d => d.On(day)).Select(d => (Department: d, State: chart.StateOf(d.Id, day))).Where(d => d.State is not null).ToArray();
        var below = open.ToLookup(d => d.State!.ParentId);
        var nodes = new List<DepartmentNode>();
        var within = new Dictionary<Guid, Guid[]>();
        Walk(null, 0, []);
        All = nodes;
        _open = nodes.ToFrozenDictionary(n => n.Id);
        _within = within.ToFrozenDictionary();

        var standing = new Dictionary<Guid, Guid>();
        foreach (var closed in chart.Departments.Where(d => d.UntilOn < day))
        {
            var (at, steps) = (closed, 0);
            while (at is not null && !_open.ContainsKey(at.Id) && steps++ < 100)    // more steps than a history has
                at = (at.SuccessorId ?? (at.UntilOn is { } last ? chart.StateOf(at.Id, last)?.ParentId : null)) is { } next ? chart.Find(next) : null;
            if (at is not null && _open.ContainsKey(at.Id)) standing[closed.Id] = at.Id;
        }
        _standing = standing.ToFrozenDictionary();

        void Walk(Guid? parent, int depth, Guid[] above)
        {
            foreach (var (department, state) in below[parent].OrderBy(d => d.State!.Sort).ThenBy(d => d.Department.Code, StringComparer.Ordinal).ThenBy(d => d.Department.Id))
            {
                if (within.ContainsKey(department.Id)) continue;
                nodes.Add(new(department.Id, department.Code, state!.Name, state.ParentId, depth, state.Telephone, state.Sort, department.FromOn, department.UntilOn));
                Guid[] chain = [department.Id, .. above];
                within[department.Id] = chain;
                Walk(department.Id, depth + 1, chain);
            }
        }
    }

    public DateOnly On { get; }

    /// <summary>From the top, each followed by those below it.</summary>
    public IReadOnlyList<DepartmentNode> All { get; }

    /// <summary>The town itself.</summary>
    public DepartmentNode? Root => All.Count > 0 ? All[0] : null;

    /// <summary>The department, if there is one of that id on this day.</summary>
    public DepartmentNode? Find(Guid id) => _open.GetValueOrDefault(id);

    public DepartmentNode? ByCode(string code) => All.FirstOrDefault(n => n.Code == code);

    /// <summary>Itself while it is open; afterwards who carries its work on: its successor, or what it belonged to.</summary>
    public Guid? Standing(Guid id) => _open.ContainsKey(id) ? id : _standing.TryGetValue(id, out var heir) ? heir : null;

    /// <summary>Is it that department or one below it? A closed one is where its work went.</summary>
    public bool IsWithin(Guid id, Guid upper) => Standing(id) is { } standing && Standing(upper) is { } above && Array.IndexOf(_within[standing], above) >= 0;

    /// <summary>It and all to which it belongs, up to the town itself; none where it is gone without an heir.</summary>
    internal IReadOnlyList<Guid> Above(Guid id) => Standing(id) is { } standing ? _within[standing] : [];

    /// <summary>It and all below it, and the closed ones whose work they carry on: what a query asks for.</summary>
    public IReadOnlySet<Guid> Below(Guid upper)
    {
        var below = new HashSet<Guid>();
        if (Standing(upper) is not { } top) return below;
        foreach (var node in All)
            if (Array.IndexOf(_within[node.Id], top) >= 0) below.Add(node.Id);
        foreach (var (closed, heir) in _standing)
            if (below.Contains(heir)) below.Add(closed);
        return below;
    }

    /// <summary>The way down to it, without the town itself: "福祉部 こども課".</summary>
    public string PathOf(Guid id, Lang lang) => Standing(id) is not { } standing ? ""
        : _within[standing] is { Length: 1 } ? _open[standing].Name.In(lang)
        : string.Join(' ', _within[standing].Reverse().Skip(1).Select(i => _open[i].Name.In(lang)));
}

/// <summary>The departments as they stand on a day. Today's costs nothing but the first time for whoever is signed in, since the statement that finds the session also reads the edition.</summary>
public static class DepartmentTrees
{
    public static async ValueTask<DepartmentTree> Today(TownDb db, CancellationToken stop = default) => (await AskableOffices.Today(db, stop)).Tree;

    /// <summary>As it was or will be on another day, as far as that is known.</summary>
    public static async Task<DepartmentTree> On(DateOnly day, TownDb db, CancellationToken stop = default) => day == db.Today ? await Today(db, stop) : (await Chart.Load(db, stop: stop)).On(day);
}
