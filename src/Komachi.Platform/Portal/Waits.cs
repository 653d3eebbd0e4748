using Komachi.Platform.Data;
using Komachi.Platform.Web;

namespace Komachi.Platform.Portal;

/// <summary>
/// Something at the desk that waits for somebody to see to it. How many are counted each time the desk's first page is opened, for this visitor:
/// what they may not see to themselves is not among them. Its title is a key of the words.
/// </summary>
public sealed record Waits(string Title, string Href, string? Permission, Func<Visit, TownDb, DateTimeOffset, Task<int>> Count, bool Mine, ModuleBuilder Module)
{
    /// <summary>What waits for this visitor, and how many; what does not wait is left out.</summary>
    internal static async Task<IReadOnlyList<(Waits For, int Count)>> On(Visit visit, TownDb db, House house, DateTimeOffset now)
    {
        var waiting = new List<(Waits, int)>();
        foreach (var one in house.All<Waits>().Where(w => house.Has(visit.Town, w.Module) && (w.Permission is null || visit.Visitor?.May(w.Permission) == true)).OrderBy(w => w.Module.AlwaysOn))
            if (await one.Count(visit, db, now) is var count and > 0) waiting.Add((one, count));
        return waiting;
    }
}

public static class WaitsRegistration
{
    /// <summary>A line under "My department's work" on the desk's first page, for those who hold the permission: one short statement that an index answers.</summary>
    public static ModuleBuilder Waits(this ModuleBuilder m, string title, string href, string permission, Func<Visit, TownDb, DateTimeOffset, Task<int>> count) =>
        m.Offer(new Waits(title, href, permission, count, false, m));

    /// <summary>A line under "My work": what waits for this very person, and for nobody else.</summary>
    public static ModuleBuilder WaitsForMe(this ModuleBuilder m, string title, string href, string? permission, Func<Visit, TownDb, DateTimeOffset, Task<int>> count) =>
        m.Offer(new Waits(title, href, permission, count, true, m));
}
