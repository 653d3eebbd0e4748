using System.Collections.Concurrent;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Portal;
using Komachi.Platform.Towns;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Offices;

/// <summary>Whom a page names to be asked: a department in its office, or the office itself.</summary>
/// <param name="Telephone">The department's own, or its office's.</param>
public sealed record OfficeToAsk(DepartmentNode? Department, Said Office, string OfficeKey, Said Address, string Telephone, OpeningCalendar Calendar);

/// <summary>The departments and offices of a town on one day, as pages name them. It is never changed, and holds as long as the town's edition and the day do.</summary>
public sealed class AskableOffices
{
    static readonly ConcurrentDictionary<string, AskableOffices> Kept = new();

    readonly Guid _edition;
    readonly IReadOnlyList<(Office Office, OpeningCalendar Calendar)> _all;    // also those that open later
    readonly IReadOnlyList<(Office Office, OpeningCalendar Calendar)> _offices;
    readonly ILookup<Guid, Guid> _where;    // department → offices

    AskableOffices(Guid edition, IReadOnlyList<(Office Office, OpeningCalendar Calendar)> all, ILookup<Guid, Guid> where, DepartmentTree tree) =>
        (_edition, _all, _offices, _where, Tree) = (edition, all, [.. all.Where(o => o.Office.On(tree.On))], where, tree);

    public DepartmentTree Tree { get; }

    /// <summary>By which a department's days are counted, from this day on: its own office, or that of the nearest department above it, or the town's first. Null in a town without offices.</summary>
    public OpeningCalendar? CalendarOf(Guid department) => OpeningCalendar.OfDepartment(department, Tree, _all, _where);

    /// <summary>The town's first office; null where it has none.</summary>
    public OfficeToAsk? Main => _offices.Count == 0 ? null : At(_offices[0], null);

    /// <summary>The department, or where its work went; its office, or that of the nearest department above it. Without one the town's first office.</summary>
    public OfficeToAsk? Of(Guid? department) => department is { } id && Tree.Standing(id) is { } standing ? At(PlaceOf(standing), Tree.Find(standing)) : Main;

    /// <summary>By the name that people know it by, in Japanese; an office of that name, or without either the town's first.</summary>
    public OfficeToAsk? Named(string? name) => Tree.All.FirstOrDefault(n => n.Name.In(Lang.Japanese) == name) is { } node ? Of(node.Id)
        : _offices.FirstOrDefault(o => o.Office.Name.In(Lang.Japanese) == name) is { Office: not null } office ? At(office, null) : Main;

    /// <summary>The departments that see to an event in somebody's life, the nearest first.</summary>
    internal IEnumerable<DepartmentNode> AllFor(LifeEvent life) =>
        life.Departments.SelectMany(part => Tree.All.Where(n => n.Depth > 0 && n.Name.In(Lang.Japanese).Contains(part, StringComparison.Ordinal))).Distinct();

    internal DepartmentNode? For(LifeEvent life) => AllFor(life).FirstOrDefault();

    /// <summary>Offices first: they are places.</summary>
    internal IEnumerable<Found> Find(Asked asked, Lang lang) =>
        _offices.Where(o => asked.In(Folding.Fold(string.Join('\n', [.. o.Office.Name.Values, .. o.Office.Address.Values, o.Office.Telephone]))))
            .Select(o => new Found(o.Office.Name.In(lang), Line(o.Office.Address.In(lang), o.Office.Telephone), $"offices#{o.Office.Key}"))
            .Concat(Tree.All.Where(n => n.Depth > 0 && asked.In(Folding.Fold(string.Join('\n', [.. n.Name.Values, n.Telephone])))).Select(n => Hit(n, lang)));

    internal Found Hit(DepartmentNode node, Lang lang)
    {
        var at = Of(node.Id);
        return new(node.Name.In(lang), at is null ? null : Line(at.Office.In(lang), at.Telephone), at is null ? "offices" : $"offices#{at.OfficeKey}");
    }

    static string Line(string where, string telephone) => telephone.Length == 0 ? where : $"{where} {telephone}";

    (Office Office, OpeningCalendar Calendar)? PlaceOf(Guid department)
    {
        for (Guid? at = department; at is { } id; at = Tree.Find(id)?.ParentId)
            foreach (var office in _offices)
                if (_where[id].Contains(office.Office.Id)) return office;
        return _offices.Count > 0 ? _offices[0] : null;
    }

    static OfficeToAsk? At((Office Office, OpeningCalendar Calendar)? place, DepartmentNode? department) => place is not { } at ? null
        : new(department is { Depth: > 0 } ? department : null, at.Office.Name, at.Office.Key, at.Office.Address, department is { Telephone.Length: > 0 } own ? own.Telephone : at.Office.Telephone, at.Calendar);

    /// <summary>Today's: one statement while nothing has changed, none for whom the edition is known already, and eight in the first moment of an edition or a day.</summary>
    public static async ValueTask<AskableOffices> Today(TownDb db, CancellationToken stop = default)
    {
        // The edition first: what changes in between makes what is read newer than its label, and it is read again.
        var (today, edition) = (db.Today, await db.Edition(stop));
        if (Kept.TryGetValue(db.Town.Slug, out var kept) && kept._edition == edition && kept.Tree.On == today) return kept;
        var tree = (await Chart.Load(db, stop: stop)).On(today);
        var where = (await db.Set<OfficeDepartment>().AsNoTracking().ToListAsync(stop)).ToLookup(d => d.DepartmentId, d => d.OfficeId);
        return Kept[db.Town.Slug] = new(edition, await OpeningCalendar.All(db, today, stop), where, tree);
    }
}

/// <summary>
/// Asked by every page for residents, so kept for two seconds a town, as long as a change may take to show. What is kept are calendars: whether
/// it is open now is asked of them by each page.
/// </summary>
public sealed class OfficesToAsk(TownDatabases databases, TimeProvider time)
{
    static readonly TimeSpan Kept = TimeSpan.FromSeconds(2);

    readonly ConcurrentDictionary<string, (long At, Task<AskableOffices> Offices)> _kept = new();

    public Task<AskableOffices> Of(Town town)
    {
        if (_kept.TryGetValue(town.Slug, out var kept) && time.GetElapsedTime(kept.At) < Kept && !kept.Offices.IsFaulted) return kept.Offices;
        var read = Read(town);
        _kept[town.Slug] = (time.GetTimestamp(), read);
        return read;
    }

    async Task<AskableOffices> Read(Town town)
    {
        await using var db = databases.Open(town);
        return await AskableOffices.Today(db);
    }
}

/// <summary>What the search and the pages of life events find here.</summary>
static class FindOffices
{
    public static async Task<IReadOnlyList<Found>> Find(Visit visit, TownDb db, Asked asked, int n) => [.. (await AskableOffices.Today(db, asked.Stop)).Find(asked, visit.Lang).Take(n)];

    public static async Task<IReadOnlyList<Found>> ForLife(Visit visit, TownDb db, LifeEvent life, DateTimeOffset now)
    {
        var offices = await AskableOffices.Today(db);
        return [.. offices.AllFor(life).Take(5).Select(n => offices.Hit(n, visit.Lang))];
    }
}
