using Komachi.Platform;
using Komachi.Platform.Audit;
using Komachi.Platform.Portal;
using Komachi.Platform.Rights;
using Komachi.Platform.Web;

namespace Komachi.Announcements;

/// <summary>
/// What the town has to say: residents read it in three languages on the first page, as a list, as feeds and as data;
/// staff write it, see how it will look, and let it go out now or at its hour.
/// </summary>
public sealed class AnnouncementsModule : IModule
{
    public void Define(ModuleBuilder m)
    {
        m.Name("announcements", "Announcements");
        m.Tables(Announcement.Map);
        m.Permission("announcements.write", "Write and publish announcements");

        m.Public(FindAnnouncements.Routes, ReadAnnouncement.Routes, Feeds.Routes);
        m.Menu(MenuPlace.Portal, "Announcements", "announcements");
        m.Portal(10, NewestAnnouncements.Load);
        m.Urgent(Emergencies.Now);
        m.Finds(MenuPlace.Portal, 40, "Announcements", SearchAnnouncements.Find, all: "announcements");
        m.Life(40, "Announcements", SearchAnnouncements.ForLife);
        m.Signpost("Announcements", "What the town has to say, newest first, by category", "announcements", "お知らせ 新着 ニュース 広報 RSS フィード news feed");

        m.Desk("announcements.write", ListAnnouncements.Routes, WriteAnnouncement.Routes, WithdrawAnnouncement.Routes, ExportAnnouncements.Routes);
        m.Menu(MenuPlace.Desk, "Announcements", "desk/announcements", "announcements.write");

        m.Api(AnnouncementsApi.Routes);

        m.Job<PublishAnnouncement>();
        m.Hears<AnnouncementPublished>(TellAuthor.OnPublished);

        m.Figure("announcements.published", "Announcements to read now", CountAnnouncements.Visible);
        m.Figure("announcements.languages_share", "Announcements in all three languages (%)", CountAnnouncements.LanguagesShare);
        m.Figure("announcements.month", "Announcements published in the last 30 days", CountAnnouncements.Month);
        m.Deed("announcements.draft", "Saved a draft of an announcement").Deed("announcements.schedule", "Scheduled an announcement").Deed("announcements.publish", "Published an announcement");
        m.Deed("announcements.change", "Changed an announcement").Deed("announcements.withdraw", "Withdrew an announcement");
        m.Retains("announcements.closed", "Announcements that ended or were withdrawn", "The town's own rules for its documents", Keep.FiscalYears(5), AnnouncementEnds.Due);
        m.Town(AnnouncementsTown.Load);
    }
}
