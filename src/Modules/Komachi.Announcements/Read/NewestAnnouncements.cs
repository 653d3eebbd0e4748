using Komachi.Platform.Data;
using Komachi.Platform.Portal;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Announcements;

/// <summary>On the town's first page: the newest, and among them the important ones first.</summary>
internal static class NewestAnnouncements
{
    const int Shown = 8;

    public static async Task<RenderFragment> Load(Visit visit, TownDb db, DateTimeOffset now)
    {
        var newest = await db.Set<Announcement>().AsNoTracking().VisibleAt(now).NewestFirst().Take(Shown).Lines().ToListAsync();
        return PortalRegistration.Fragment<NewestAnnouncementsBlock>((nameof(NewestAnnouncementsBlock.Lines), newest.OrderByDescending(l => l.Urgency).ToArray()));
    }
}

/// <summary>What must stand above every page of the town now.</summary>
internal static class Emergencies
{
    const int Shown = 3;

    public static async Task<IReadOnlyList<TownNotice>> Now(TownDb db, DateTimeOffset now) =>
        (await db.Set<Announcement>().AsNoTracking().VisibleAt(now).Where(a => a.Urgency == Urgency.Emergency).NewestFirst().Take(Shown).Lines().ToListAsync())
            .Select(l => new TownNotice(l.Title, $"announcements/{l.Id}")).ToArray();
}
