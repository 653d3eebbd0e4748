using Komachi.Platform.Data;
using Komachi.Platform.Portal;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Announcements;

/// <summary>What the portal's search finds of announcements, and what the page of an event in life shows of them.</summary>
internal static class SearchAnnouncements
{
    const int OfLife = 5, OfOneLetter = 1000;

    public static async Task<IReadOnlyList<Found>> Find(Visit visit, TownDb db, Asked asked, int n) =>
        Hits(visit.Lang, await Saying(db, asked, n).Lines().ToListAsync(asked.Stop));

    internal static IQueryable<Announcement> Saying(TownDb db, Asked asked, int n)
    {
        var visible = db.Set<Announcement>().AsNoTracking().VisibleAt(asked.Now);
        // A letter alone has no trigram, so no index finds it: it is looked for among what is new.
        if (asked.Words.All(word => word.EnumerateRunes().Count() == 1)) visible = visible.NewestFirst().Take(OfOneLetter);
        return visible.Saying(asked.Text).NewestFirst().Take(n);
    }

    public static async Task<IReadOnlyList<Found>> ForLife(Visit visit, TownDb db, LifeEvent life, DateTimeOffset now)
    {
        var newest = new List<AnnouncementLine>();
        // One statement a category: each is the head of an index.
        foreach (var category in life.Topics.Select(t => Naming.Find<Category>(t)).OfType<Category>())
            newest.AddRange(await db.Set<Announcement>().AsNoTracking().VisibleAt(now).About(category).NewestFirst().Take(OfLife).Lines().ToListAsync());
        return Hits(visit.Lang, newest.OrderByDescending(l => l.PublishAt).Take(OfLife));
    }

    static IReadOnlyList<Found> Hits(Lang reader, IEnumerable<AnnouncementLine> lines) =>
        [.. lines.Select(l => new Found(l.Title.In(reader), null, $"announcements/{l.Id}", l.PublishAt, l.Title.LangOf(reader)))];
}
