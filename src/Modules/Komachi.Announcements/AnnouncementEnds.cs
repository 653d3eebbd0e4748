using Komachi.Platform.Rights;

namespace Komachi.Announcements;

/// <summary>What is over stays for the town's own records and then goes. It says nothing about residents.</summary>
internal static class AnnouncementEnds
{
    public static IQueryable<Announcement> Due(Night night) => night.Db.Set<Announcement>().Where(a => a.ClosedAt < night.Before);
}
