using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Komachi.Platform.Files;

/// <summary>A small file as bytes, for a module that keeps it in rows of its own: what passed every check, cleaned where something cleans.</summary>
public static class WholeFile
{
    public static async Task<byte[]> Of(HttpContext http, TownDb db, StoredFile file)
    {
        if (file.State != FileState.Ready) throw new InvalidOperationException("Nobody gets what was not looked at.");
        await using var content = await http.RequestServices.GetRequiredService<Receiving>().Open(http.Visit().Town, db, file, clean: file.CleanBytes is not null, http.RequestAborted);
        var bytes = new byte[content.Length];
        await content.ReadExactlyAsync(bytes, http.RequestAborted);
        return bytes;
    }
}
