using Komachi.Platform.Towns;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Http;

namespace Komachi.Platform.Web;

/// <summary>
/// The one place where a town is chosen: by host, or by the first segment of the path. Behind it everything is within that
/// town: paths begin after the town and the language, and the database is the town's.
/// </summary>
sealed class TownDoor(RequestDelegate next, Registry registry)
{
    public Task Invoke(HttpContext http)
    {
        var visit = http.Visit();
        var path = http.Request.Path.Value ?? "/";
        var town = registry.ByHost(http.Request.Host.Host);
        var @base = "";
        if (town is null)
        {
            var first = FirstSegment(path);
            town = registry.Find(first);
            if (town is not null)
            {
                @base = path[..(first.Length + 1)];
                path = path[(first.Length + 1)..];
            }
        }

        var lang = Lang.Japanese;
        var segment = FirstSegment(path);
        if (Lang.Find(segment) is { } found && found != Lang.Japanese)
        {
            lang = found;
            path = path[(segment.Length + 1)..];
        }
        if (path.Length == 0) path = "/";

        visit.Enter(town, @base, lang, path);
        http.Request.PathBase = @base + lang.Segment;
        http.Request.Path = path;
        return next(http);
    }

    static ReadOnlySpan<char> FirstSegment(string path)
    {
        if (path.Length < 2 || path[0] != '/') return [];
        var end = path.IndexOf('/', 1);
        return end < 0 ? path.AsSpan(1) : path.AsSpan(1, end - 1);
    }
}
