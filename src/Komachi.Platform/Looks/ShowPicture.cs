using Komachi.Platform.Data;
using Komachi.Platform.Files;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Looks;

/// <summary>Emblem and photo, for everybody. They stand on every page, so a browser keeps them: another picture has another address.</summary>
static class ShowPicture
{
    public static void Routes(IEndpointRouteBuilder to) => to.MapGet("{id:guid}.{ending}", async (Guid id, string ending, TownDb db, HttpContext http) =>
    {
        if (await db.Set<LookPicture>().AsNoTracking().SingleOrDefaultAsync(p => p.Id == id, http.RequestAborted) is not { } picture) return Page.NotFound;
        if (FileType.Find(picture.Type) is not { } type || !type.Endings.Contains(ending)) return Page.NotFound;
        var headers = http.Response.Headers;
        headers.CacheControl = "public, max-age=31536000, immutable";
        headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        return Results.Bytes(picture.Bytes, type.Mime);
    });
}
