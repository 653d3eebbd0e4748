using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Announcements;

/// <summary>One announcement, in the reader's language or, where it is not said in that, in Japanese.</summary>
internal static class ReadAnnouncement
{
    public static void Routes(IEndpointRouteBuilder to) => to.MapGet("{id:guid}", Show).WithMetadata(KeptPage.Mark);

    static async Task<IResult> Show(Guid id, Visit visit, TownDb db, TimeProvider time, HttpContext http)
    {
        var announcement = await db.Set<Announcement>().AsNoTracking().VisibleAt(time.GetUtcNow()).FirstOrDefaultAsync(a => a.Id == id, http.RequestAborted);
        return announcement is null ? Page.NotFound : Page.Show<ReadAnnouncementPage>(new { Announcement = announcement.In(visit.Lang) });
    }
}
