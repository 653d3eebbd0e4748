using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Komachi.Announcements;

/// <summary>Takes back what was published or scheduled. The reason stays in the audit, and stands in the announcement's history.</summary>
internal static class WithdrawAnnouncement
{
    const int LongestReason = 500;

    public static void Routes(IEndpointRouteBuilder to) => to.MapPost("{id:guid}/withdraw", Post);

    static async Task<IResult> Post(Guid id, Form form, Visit visit, TownDb db, TimeProvider time)
    {
        var now = time.GetUtcNow();
        if (await WriteAnnouncement.Find(db, id) is not { } announcement) return Page.NotFound;

        var reason = form.Text("reason", LongestReason, required: true);
        if (!WriteAnnouncement.IsOf(form, announcement) || announcement.State != AnnouncementState.Published)
            form.Wrongly("", "Someone changed this announcement in the meantime. Look at it, then withdraw it if that is still right.");
        if (form.Wrong) return await WriteAnnouncement.Show(AnnouncementForm.Of(announcement), announcement, db, time, withdrawal: form);

        announcement.Withdraw(now);
        db.Audit(visit.Did("announcements.withdraw", WriteAnnouncement.SubjectOf(id), new { announcement.Version }, reason: reason, at: now));
        var path = $"desk/announcements/{id}?done=withdraw";
        await db.Save(form.Once, visit.Link(path));
        return Page.Go(visit, path);
    }
}
