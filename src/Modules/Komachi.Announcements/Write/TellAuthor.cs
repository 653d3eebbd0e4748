using Komachi.Platform;
using Komachi.Platform.Days;
using Komachi.Platform.Jobs;
using Komachi.Platform.Mail;
using Komachi.Platform.People;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Komachi.Announcements;

/// <summary>A mail to the author when the announcement goes out without them: at its hour, or by a colleague's hand.</summary>
internal static class TellAuthor
{
    public static async Task OnPublished(AnnouncementPublished published, JobRun run)
    {
        var announcement = await run.Db.Set<Announcement>().FirstOrDefaultAsync(a => a.Id == published.Id, run.Stop);
        if (announcement?.AuthorId is not { } author || author == published.By) return;
        var email = await run.Db.Set<Account>().Where(a => a.Id == author && a.ClosedAt == null).Select(a => a.Email).FirstOrDefaultAsync(run.Stop);
        if (email is null || !announcement.TellAuthor(run.Time.GetUtcNow())) return;

        var words = new Words(Lang.Japanese, run.Services.GetRequiredService<House>().Words);
        var title = published.Title.In(Lang.Japanese);
        run.Db.Enqueue(new SendMail(email,
            words["Your announcement is out: {0}", title],
            words["Your announcement \"{0}\" has been open to residents since {1}. If something in it is wrong, you can change or withdraw it at the desk.",
                title, JapanTime.Show(announcement.PublishAt!.Value, Lang.Japanese)]));
    }
}
