using Komachi.Platform.Data;
using Komachi.Platform.Jobs;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Announcements;

/// <summary>
/// Tells the house when a scheduled announcement goes out. It makes nothing visible: the clock does that. The version says
/// whether it is still the announcement for which the job was left; a later change left a job of its own.
/// </summary>
internal sealed record PublishAnnouncement(Guid Id, int Version) : IJob<PublishAnnouncement>
{
    public static string Name => "announcements.publish_announcement";
    public static string Title => "Publish an announcement at its hour";

    public static async Task Run(PublishAnnouncement job, JobRun run)
    {
        var announcement = await run.Db.Set<Announcement>().FirstOrDefaultAsync(a => a.Id == job.Id && a.Version == job.Version, run.Stop);
        // No look at the clock: the queue's is the database's, and this process's may be a moment behind it.
        if (announcement is not null) Tell(announcement, by: null, run.Db, run.Time.GetUtcNow());
    }

    /// <summary>To be called after every change: at once when it is out, by a job when it is to go out, not at all for the rest.</summary>
    public static void WhenDue(Announcement announcement, Guid? by, TownDb db, DateTimeOffset now)
    {
        switch (announcement.StandingAt(now))
        {
            case Standing.Visible: Tell(announcement, by, db, now); break;
            case Standing.Scheduled: db.Enqueue(new PublishAnnouncement(announcement.Id, announcement.Version), at: announcement.PublishAt); break;
        }
    }

    static void Tell(Announcement announcement, Guid? by, TownDb db, DateTimeOffset now)
    {
        if (announcement.Announce(now))
            db.Raise(new AnnouncementPublished(announcement.Id, announcement.Title, announcement.Category, announcement.Urgency, by));
    }
}
