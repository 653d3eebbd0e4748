using Komachi.Platform.Data;
using Komachi.Platform.Web;

namespace Komachi.Platform.Portal;

/// <summary>Something that happened, as it stands on the desk's first page.</summary>
public sealed record Happened(DateTimeOffset At, string Text, string Href);

/// <summary>What a module has to tell at the desk: at most so many things, newest first; what is older than two weeks is left out. Its title, a key of the words, says of which kind they are.</summary>
public sealed record Lately(string Title, string? Permission, Func<Visit, TownDb, DateTimeOffset, int, Task<IReadOnlyList<Happened>>> Find, ModuleBuilder Module)
{
    const int Most = 8;
    static readonly TimeSpan Back = TimeSpan.FromDays(14);

    internal static async Task<IReadOnlyList<(Lately Of, Happened What)>> On(Visit visit, TownDb db, House house, DateTimeOffset now)
    {
        var all = new List<(Lately Of, Happened What)>();
        foreach (var one in house.All<Lately>().Where(l => house.Has(visit.Town, l.Module) && (l.Permission is null || visit.Visitor?.May(l.Permission) == true)))
            all.AddRange((await one.Find(visit, db, now, Most)).Where(h => h.At >= now - Back).Select(h => (one, h)));
        return [.. all.OrderByDescending(a => a.What.At).Take(Most)];
    }
}

public static class LatelyRegistration
{
    /// <summary>Lines under "What is new" on the desk's first page, for all staff or for those who hold the permission: one short statement that an index answers.</summary>
    public static ModuleBuilder Lately(this ModuleBuilder m, string title, string? permission, Func<Visit, TownDb, DateTimeOffset, int, Task<IReadOnlyList<Happened>>> find) =>
        m.Offer(new Lately(title, permission, find, m));
}
