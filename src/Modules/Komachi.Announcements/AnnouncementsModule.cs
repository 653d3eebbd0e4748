using Komachi.Platform;
using Komachi.Platform.Audit;
using Komachi.Platform.Portal;
using Komachi.Platform.Rights;
using Komachi.Platform.Web;
using Microsoft.EntityFrameworkCore;

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
        m.Menu(MenuPlace.Desk, "Announcements", "desk/announcements", "announcements.write", key: 'n');

        m.Finds(MenuPlace.Desk, 40, "Announcements", ListAnnouncements.Find, "announcements.write", all: "desk/announcements");
        m.WaitsForMe("My drafts of announcements", "desk/announcements", "announcements.write", (visit, db, _) => db.Set<Announcement>().CountAsync(a => a.State == AnnouncementState.Draft && a.AuthorId == visit.Visitor!.AccountId));
        m.Waits("Announcements that go out by themselves", "desk/announcements?shelf=scheduled", "announcements.write", (_, db, now) => db.Set<Announcement>().CountAsync(a => a.State == AnnouncementState.Published && a.PublishAt > now));
        m.Lately("Announcements", null, ListAnnouncements.Lately);

        m.Api(AnnouncementsApi.Routes);

        m.Job<PublishAnnouncement>();
        m.Hears<AnnouncementPublished>("Tell its author that an announcement is out", TellAuthor.OnPublished);

        m.Figure("announcements.published", "Announcements to read now", CountAnnouncements.Visible);
        m.Figure("announcements.languages_share", "Announcements in all three languages (%)", CountAnnouncements.LanguagesShare);
        m.Figure("announcements.month", "Announcements published in the last 30 days", CountAnnouncements.Month);
        m.Deed("announcements.draft", "Saved a draft of an announcement").Deed("announcements.schedule", "Scheduled an announcement").Deed("announcements.publish", "Published an announcement");
        m.Deed("announcements.change", "Changed an announcement").Deed("announcements.withdraw", "Withdrew an announcement");
        m.Retains("announcements.closed", "Announcements that ended or were withdrawn", "The town's own rules for its documents", Keep.FiscalYears(5), AnnouncementEnds.Due);
        m.Town(AnnouncementsTown.Load);
    }
}
