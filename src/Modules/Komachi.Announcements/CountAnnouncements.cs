using Komachi.Platform.Data;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Announcements;

/// <summary>The module's figures: how much there is to read, for how many it is readable, how much was new.</summary>
internal static class CountAnnouncements
{
    public static async Task<decimal?> Visible(TownDb db, TimeProvider time, CancellationToken stop) =>
        await db.Set<Announcement>().VisibleAt(time.GetUtcNow()).CountAsync(stop);

    public static async Task<decimal?> LanguagesShare(TownDb db, TimeProvider time, CancellationToken stop)
    {
        var visible = db.Set<Announcement>().VisibleAt(time.GetUtcNow());
        var all = await visible.CountAsync(stop);
        var languages = Lang.Shipped.Select(l => l.Code).ToArray();
        return all == 0 ? null : Math.Round(100m * await visible.CountAsync(a => languages.All(l => a.SaidIn.Contains(l)), stop) / all, 1);
    }

    public static async Task<decimal?> Month(TownDb db, TimeProvider time, CancellationToken stop)
    {
        var now = time.GetUtcNow();
        var from = now.AddDays(-30);
        return await db.Set<Announcement>().CountAsync(a => a.State == AnnouncementState.Published && a.PublishAt > from && a.PublishAt <= now, stop);
    }
}
