using System.Collections.Concurrent;
using Komachi.Platform.Data;
using Komachi.Platform.Offices;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>A procedure as this town offers it now.</summary>
public sealed record Offered(Guid Id, int Number, Procedure Procedure)
{
    public string Key => Procedure.Key;
}

/// <summary>
/// What can be filed in a town. A published text never changes, so it is read from the database once a process; afterwards a list costs one
/// statement that reads no text.
/// </summary>
public static class Catalog
{
    static readonly ConcurrentDictionary<Guid, Procedure> Read = new();

    /// <summary>
    /// What is published, not ended, and valid on that day, in the order of their titles: of each procedure the newest version that is in force. A next year's
    /// version may be published long before its day, and until then the one before it is offered.
    /// </summary>
    public static async Task<IReadOnlyList<Offered>> Of(TownDb db, DateOnly on, CancellationToken stop = default)
    {
        var rows = await db.Set<Published>().AsNoTracking().Where(d => d.PublishedAt != null && d.EndedAt == null).OrderByDescending(d => d.Number).Select(d => new { d.Id, d.Key, d.Number }).ToListAsync(stop);
        var left = rows.GroupBy(r => r.Key).Select(g => new Queue<(Guid Id, int Number)>(g.Select(r => (r.Id, r.Number)))).ToList();
        var found = new List<Offered>();
        while (left.Count > 0)
        {
            await Load(db, [.. left.Select(q => q.Peek().Id)], stop);
            foreach (var versions in left)
            {
                var (id, number) = versions.Dequeue();
                if (Read[id].Definition.From is { } from && on < from) continue;
                versions.Clear();
                if (!(Read[id].Definition.Until < on)) found.Add(new(id, number, Read[id]));
            }
            left.RemoveAll(q => q.Count == 0);
        }
        return [.. found.OrderBy(o => o.Procedure.Title.In(Lang.Japanese), StringComparer.Ordinal)];
    }

    public static async Task<Offered?> Find(TownDb db, string key, DateOnly on, CancellationToken stop = default) => (await Of(db, on, stop)).FirstOrDefault(o => o.Key == key);

    /// <summary>The version with which a draft or a case began.</summary>
    public static async ValueTask<Procedure> Version(TownDb db, Guid definition, CancellationToken stop = default)
    {
        if (Read.TryGetValue(definition, out var known)) return known;
        await Load(db, [definition], stop);
        return Read[definition];
    }

    /// <summary>Of several at once, for a list.</summary>
    public static async Task<IReadOnlyDictionary<Guid, Procedure>> Versions(TownDb db, IReadOnlyCollection<Guid> definitions, CancellationToken stop = default)
    {
        await Load(db, definitions, stop);
        return definitions.Distinct().ToDictionary(id => id, id => Read[id]);
    }

    internal static IQueryable<Published> Newest(TownDb db) =>
        db.Set<Published>().AsNoTracking().Where(d => d.PublishedAt != null && !db.Set<Published>().Any(n => n.Key == d.Key && n.PublishedAt != null && n.Number > d.Number));

    static async Task Load(TownDb db, IReadOnlyCollection<Guid> ids, CancellationToken stop)
    {
        var missing = ids.Where(id => !Read.ContainsKey(id)).Distinct().ToArray();
        if (missing.Length == 0) return;
        foreach (var row in await db.Set<Published>().AsNoTracking().Where(d => missing.Contains(d.Id) && d.PublishedAt != null).Select(d => new { d.Id, d.Document }).ToListAsync(stop))
            Read[row.Id] = Procedure.Of(row.Document);
    }

    /// <summary>The department that a definition wishes for: by its code, or by the first of its words that stands in a name; else the town itself.</summary>
    public static Guid DepartmentOf(DepartmentWish wish, DepartmentTree tree) =>
        (wish.Code is { } code ? tree.ByCode(code) : null)?.Id
        ?? wish.Words.Select(w => tree.All.FirstOrDefault(d => d.Depth > 0 && d.Name.In(Lang.Japanese).Contains(w, StringComparison.Ordinal))).FirstOrDefault(d => d is not null)?.Id
        ?? tree.Root?.Id ?? Guid.Empty;
}
