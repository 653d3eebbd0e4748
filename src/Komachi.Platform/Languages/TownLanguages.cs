using System.Collections.Concurrent;
using System.Collections.Frozen;
using Komachi.Platform.Data;
using Komachi.Platform.Towns;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Languages;

/// <summary>A language that is switched on, with its words that fit.</summary>
sealed record SpokenLanguage(Lang Lang, FrozenDictionary<string, string> Words);

/// <summary>
/// The further languages of each town, in memory. They are read when a page first asks for them, and again when somebody rang for the town (as jobs
/// do, too): then the versions are compared, twice a second at most, and only what changed is read. So a page asks the database nothing for them, and a
/// change shows on every process within the two seconds that <see cref="Web.KeptPages"/> promise.
/// </summary>
public sealed class TownLanguages : IDisposable
{
    readonly ConcurrentDictionary<string, Picture> _pictures = new();
    readonly TownDatabases _databases;
    readonly WordBook _book;
    readonly Doorbell _bell;
    readonly TimeProvider _time;

    internal TownLanguages(TownDatabases databases, House house, Doorbell bell, TimeProvider time)
    {
        (_databases, _book, _bell, _time) = (databases, house.Words, bell, time);
        bell.Heard += Rung;
    }

    /// <summary>All in which residents of this town may read: those that we ship, then those that it switched on.</summary>
    public async ValueTask<IReadOnlyList<Lang>> AllOf(Town town, CancellationToken stop = default) => [.. Lang.Shipped, .. (await Of(town, stop)).Select(s => s.Lang)];

    /// <summary>Those that are switched on, in the order of <see cref="Lang.Further"/>.</summary>
    internal ValueTask<IReadOnlyList<SpokenLanguage>> Of(Town town, CancellationToken stop = default) =>
        _pictures.TryGetValue(town.Slug, out var known) && known.Database == town.Database && (!known.Stale || _time.GetElapsedTime(known.LookedAt) < TimeSpan.FromSeconds(0.5))
            ? new(known.Spoken) : new(Look(town, known, stop));

    /// <summary>The words of one, if the town speaks it.</summary>
    internal async ValueTask<IReadOnlyDictionary<string, string>?> WordsOf(Town town, Lang lang, CancellationToken stop) =>
        (await Of(town, stop)).FirstOrDefault(s => s.Lang == lang)?.Words;

    async Task<IReadOnlyList<SpokenLanguage>> Look(Town town, Picture? known, CancellationToken stop)
    {
        var at = _time.GetTimestamp();
        await using var db = _databases.Open(town);
        var on = db.Set<TownLanguage>().AsNoTracking().Where(l => l.IsOn);
        var versions = (await on.Select(l => new { l.Code, l.Version }).ToListAsync(stop)).Select(l => (l.Code, l.Version)).Order().ToArray();
        var spoken = known is not null && known.Database == town.Database && known.Versions.SequenceEqual(versions) ? known.Spoken
            : versions.Length == 0 ? [] : InOrder(await on.ToListAsync(stop));
        _pictures[town.Slug] = new(town.Database, at, versions, spoken);
        return spoken;
    }

    IReadOnlyList<SpokenLanguage> InOrder(List<TownLanguage> languages) =>
        [.. Lang.Further.Select(l => languages.Find(t => t.Code == l.Code)).OfType<TownLanguage>().Select(t => new SpokenLanguage(t.Lang, WordReview.Of(t.Words, t.Lang, _book).Sound))];

    /// <summary>Changed just now, here: whoever did it sees it with the next page.</summary>
    internal void Forget(Town town) => _pictures.TryRemove(town.Slug, out _);

    void Rung(string? slug)
    {
        if (slug is not null && _pictures.TryGetValue(slug, out var one)) one.Stale = true;
        if (slug is null)
            foreach (var picture in _pictures.Values) picture.Stale = true;
    }

    public void Dispose() => _bell.Heard -= Rung;

    sealed class Picture(string database, long lookedAt, (string, int)[] versions, IReadOnlyList<SpokenLanguage> spoken)
    {
        public readonly string Database = database;
        public readonly long LookedAt = lookedAt;
        public readonly (string, int)[] Versions = versions;
        public readonly IReadOnlyList<SpokenLanguage> Spoken = spoken;
        public volatile bool Stale;
    }
}
