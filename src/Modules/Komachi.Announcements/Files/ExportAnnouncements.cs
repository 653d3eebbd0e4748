using System.Text;
using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Announcements;

/// <summary>Every announcement as a file that a town can be loaded from: the town's texts are the town's.</summary>
internal static class ExportAnnouncements
{
    public static void Routes(IEndpointRouteBuilder to) => to.MapGet("export.yaml", Send);

    static async Task Send(Visit visit, TownDb db, HttpContext http)
    {
        http.Response.ContentType = "application/yaml; charset=utf-8";
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"announcements-{visit.Town.Slug}.yaml\"";
        await using var file = new StreamWriter(http.Response.Body, new UTF8Encoding(false), leaveOpen: true);
        var any = false;
        await foreach (var announcement in db.Set<Announcement>().AsNoTracking().OrderBy(a => a.Id).AsAsyncEnumerable().WithCancellation(http.RequestAborted))
        {
            await file.WriteAsync(AnnouncementYaml.Of(announcement).Write());
            any = true;
        }
        if (!any) await file.WriteAsync("[]\n");
    }
}
