using System.Collections.Concurrent;
using Komachi.Platform.Data;
using Komachi.Platform.Files;
using Komachi.Platform.Towns;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Looks;

/// <summary>How a town presents itself now, as its pages draw it.</summary>
public sealed record TownLook(Colour Colour, TownOffice Office, ShownPicture? Emblem = null, ShownPicture? Photo = null)
{
    public Said FooterText { get; init; } = [];
    public IReadOnlyList<FooterLink> FooterLinks { get; init; } = [];

    /// <summary>As <c>town.yaml</c> says.</summary>
    public static TownLook Of(TownProfile profile) => new(Colour.TryParse(profile.Colour, out var colour) ? colour : new Colour(0, 23, 193), profile.Office);
}

/// <summary>A picture that everybody sees, at an address that is another when it is another picture.</summary>
public sealed record ShownPicture(Guid Id, FileType Type, int Width, int Height, Said Says)
{
    public string Path => $"look/{Id}.{Type.Endings[0]}";
}

/// <summary>
/// Asked by every page, so kept for half a second a town, like what is urgent (<see cref="Web.TownNotices"/>): with kept pages a change stands
/// everywhere within two seconds.
/// </summary>
public sealed class TownLooks(TownDatabases databases, TimeProvider time)
{
    readonly ConcurrentDictionary<string, (long At, Task<TownLook> Look)> _kept = new();
    readonly ConcurrentDictionary<string, (string Database, TownLook Look)> _known = new();

    /// <summary>What was read last, without asking anybody: for pages that say that the database is away.</summary>
    public TownLook Known(Town town) => _known.TryGetValue(town.Slug, out var known) && known.Database == town.Database ? known.Look : TownLook.Of(town.Profile);

    public Task<TownLook> Of(Town town)
    {
        if (_kept.TryGetValue(town.Slug, out var kept) && time.GetElapsedTime(kept.At) < TimeSpan.FromSeconds(0.5) && !kept.Look.IsFaulted) return kept.Look;
        var asked = Ask(town);
        _kept[town.Slug] = (time.GetTimestamp(), asked);
        return asked;
    }

    /// <summary>It was just changed here: who saved it sees it at once.</summary>
    internal void Forget(Town town) => _kept.TryRemove(town.Slug, out _);

    async Task<TownLook> Ask(Town town)
    {
        await using var db = databases.Open(town);
        var look = await Read(db, town);
        _known[town.Slug] = (town.Database, look);
        return look;
    }

    internal static async Task<TownLook> Read(TownDb db, Town town)
    {
        var saved = await db.Set<SavedLook>().AsNoTracking().SingleAsync();
        Guid?[] ids = [saved.EmblemId, saved.PhotoId];
        var pictures = saved.EmblemId is null && saved.PhotoId is null ? []
            : await db.Set<LookPicture>().Where(p => ids.Contains(p.Id)).Select(p => new { p.Id, p.Type, p.Width, p.Height }).ToDictionaryAsync(p => p.Id);
        var look = TownLook.Of(town.Profile);
        return look with
        {
            Colour = Colour.TryParse(saved.Colour, out var colour) ? colour : look.Colour,
            Office = saved.OfficeName.Count == 0 ? look.Office : new() { Name = saved.OfficeName, Address = saved.OfficeAddress, Telephone = saved.OfficeTelephone, Hours = saved.OfficeHours },
            Emblem = Picture(saved.EmblemId, saved.EmblemSays), Photo = Picture(saved.PhotoId, saved.PhotoSays),
            FooterText = saved.FooterText, FooterLinks = saved.FooterLinks,
        };

        ShownPicture? Picture(Guid? id, Said says) => id is { } known && pictures.TryGetValue(known, out var p) && FileType.Find(p.Type) is { } type ? new(known, type, p.Width, p.Height, says) : null;
    }
}
