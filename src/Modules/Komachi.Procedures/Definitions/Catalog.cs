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
/// What can be filed in a town. A published text never changes, so it is read from the database once a process; what is offered
/// holds as long as the town's edition and the day do.
/// </summary>
public static class Catalog
{
    static readonly ConcurrentDictionary<Guid, Procedure> Read = new();
    static readonly ConcurrentDictionary<string, Shelf> Kept = new();

    sealed record Shelf(Guid Edition, DateOnly On, IReadOnlyList<Offered> Offered, IReadOnlyDictionary<string, Offered> ByKey);

    /// <summary>
    /// What is published, not ended, and valid on that day, in the order of their titles: of each procedure the newest version that is in force. A next year's
    /// version may be published long before its day, and until then the one before it is offered.
    /// </summary>
    public static async ValueTask<IReadOnlyList<Offered>> Of(TownDb db, DateOnly on, CancellationToken stop = default) => (await Now(db, on, stop)).Offered;

    public static async ValueTask<Offered?> Find(TownDb db, string key, DateOnly on, CancellationToken stop = default) => (await Now(db, on, stop)).ByKey.GetValueOrDefault(key);

    static async ValueTask<Shelf> Now(TownDb db, DateOnly on, CancellationToken stop)
    {
        // The edition first: what changes in between makes what is read newer than its label, and it is read again.
        var edition = await db.Edition(stop);
        if (Kept.TryGetValue(db.Town.Slug, out var kept) && kept.Edition == edition && kept.On == on) return kept;
        var rows = await db.Set<Published>().AsNoTracking().Where(d => d.PublishedAt != null && d.EndedAt == null).OrderByDescending(d => d.Number).Select(d => new { d.Id, d.Key, d.Number }).ToListAsync(stop);
        var left = rows.GroupBy(r => r.Key).Select(g => new Queue<(Guid Id, int Number)>(g.Select(r => (r.Id, r.Number)))).ToList();
        var found = new List<Offered>();
        while (left.Count > 0)
        {
            await Load(db, [.. left.Select(q => q.Peek().Id)], stop, orLeave: true);
            foreach (var versions in left)
            {
                var (id, number) = versions.Dequeue();
                var procedure = Read.GetValueOrDefault(id);
                if (procedure?.Definition.From is { } from && on < from) continue;
                versions.Clear();
                if (procedure is not null && !(procedure.Definition.Until < on)) found.Add(new(id, number, procedure));
            }
            left.RemoveAll(q => q.Count == 0);
        }
        return Kept[db.Town.Slug] = new(edition, on, [.. found.OrderBy(o => o.Procedure.Title.In(Lang.Japanese), StringComparer.Ordinal)], found.ToDictionary(o => o.Key));
    }

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

    /// <param name="orLeave">What this program cannot read is left out, and keeps nobody from filing the rest; its own pages at the desk fail for all to see.</param>
    static async Task Load(TownDb db, IReadOnlyCollection<Guid> ids, CancellationToken stop, bool orLeave = false)
    {
        var missing = ids.Where(id => !Read.ContainsKey(id)).Distinct().ToArray();
        if (missing.Length == 0) return;
        foreach (var row in await db.Set<Published>().AsNoTracking().Where(d => missing.Contains(d.Id) && d.PublishedAt != null).Select(d => new { d.Id, d.Document }).ToListAsync(stop))
            try
            {
                Read[row.Id] = Procedure.Of(row.Document);
            }
            catch (InvalidOperationException) when (orLeave) { }
    }

    /// <summary>The department that a definition wishes for: by its code, or by the first of its words that stands in a name; else the town itself.</summary>
    public static Guid DepartmentOf(DepartmentWish wish, DepartmentTree tree) =>
        (wish.Code is { } code ? tree.ByCode(code) : null)?.Id
        ?? wish.Words.Select(w => tree.All.FirstOrDefault(d => d.Depth > 0 && d.Name.In(Lang.Japanese).Contains(w, StringComparison.Ordinal))).FirstOrDefault(d => d is not null)?.Id
        ?? tree.Root?.Id ?? Guid.Empty;
}
