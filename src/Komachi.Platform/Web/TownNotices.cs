using System.Collections.Concurrent;
using Komachi.Platform.Data;
using Komachi.Platform.Towns;
using Komachi.Ui.Words;

namespace Komachi.Platform.Web;

/// <summary>What must stand above every page of a town now.</summary>
public sealed record TownNotice(Said Title, string Path);

/// <summary>A module's answer to "is there anything urgent?"; registered by <c>m.Urgent(…)</c>.</summary>
public sealed record UrgentSource(Func<TownDb, DateTimeOffset, Task<IReadOnlyList<TownNotice>>> Ask, ModuleBuilder Module);

public static class UrgentRegistration
{
    public static ModuleBuilder Urgent(this ModuleBuilder m, Func<TownDb, DateTimeOffset, Task<IReadOnlyList<TownNotice>>> ask) => m.Offer(new UrgentSource(ask, m));
}

/// <summary>
/// Asked by every page, so kept for half a second a town: a page makes no query more for it. Not longer: a kept page
/// (<see cref="KeptPages"/>) may be shown for another one and a half, and within two seconds a warning must stand everywhere.
/// </summary>
public sealed class TownNotices(House house, TownDatabases databases, TimeProvider time)
{
    readonly ConcurrentDictionary<string, (long At, Task<IReadOnlyList<TownNotice>> Notices)> _kept = new();

    public Task<IReadOnlyList<TownNotice>> Of(Town town)
    {
        if (_kept.TryGetValue(town.Slug, out var kept) && time.GetElapsedTime(kept.At) < TimeSpan.FromSeconds(0.5) && !kept.Notices.IsFaulted) return kept.Notices;
        var asked = Ask(town);
        _kept[town.Slug] = (time.GetTimestamp(), asked);
        return asked;
    }

    async Task<IReadOnlyList<TownNotice>> Ask(Town town)
    {
        await using var db = databases.Open(town);
        var notices = new List<TownNotice>();
        foreach (var source in house.All<UrgentSource>().Where(s => house.Has(town, s.Module))) notices.AddRange(await source.Ask(db, time.GetUtcNow()));
        return notices;
    }
}
