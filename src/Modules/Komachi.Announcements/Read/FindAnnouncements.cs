using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Announcements;

/// <summary>Everything that can be read now, newest first; by category, by words.</summary>
internal static class FindAnnouncements
{
    const int PageSize = 20;
    public const int LongestSearch = 100;

    public static void Routes(IEndpointRouteBuilder to) => to.MapGet("", Show).WithMetadata(KeptPage.Mark);

    static async Task<IResult> Show(string? category, string? q, string? after, TownDb db, TimeProvider time, HttpContext http)
    {
        var about = Naming.Find<Category>(category);
        var search = q?.Trim() is { Length: > LongestSearch } long_ ? long_[..LongestSearch] : q?.Trim();
        var from = Cursor.Read(after);
        var lines = await db.Set<Announcement>().AsNoTracking().VisibleAt(time.GetUtcNow()).About(about).Saying(search)
            .NewestFirst(from).Take(PageSize + 1).Lines().ToListAsync(http.RequestAborted);
        var next = lines.EndOfPage(PageSize, l => new(l.PublishAt, l.Id));
        return Page.Show<FindAnnouncementsPage>(new { Lines = lines, Category = about, Search = search, Next = next, Begins = from is null });
    }
}
