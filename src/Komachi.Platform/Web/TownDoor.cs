using Komachi.Platform.Data;
using Komachi.Platform.Languages;
using Komachi.Platform.Towns;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Http;

namespace Komachi.Platform.Web;

/// <summary>
/// The one place where a town is chosen: by host, or by the first segment of the path. Behind it everything is within that
/// town: paths begin after the town and the language, and the database is the town's.
/// </summary>
sealed class TownDoor(RequestDelegate next, Registry registry, TownDatabases databases, TownLanguages languages)
{
    public Task Invoke(HttpContext http)
    {
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
        else if (town is { State: TownState.Open } && Lang.FindFurther(segment) is { } further) return InFurther(http, town, @base, path, further);
        return Enter(http, town, @base, lang, path);
    }

    Task Enter(HttpContext http, Town? town, string @base, Lang lang, string path)
    {
        var visit = http.Visit();
        if (path.Length == 0) path = "/";
        visit.Enter(town, @base, lang, path);
        if (town is not null) visit.Readings = ShowReadings.Wanted(visit, http);
        http.Request.PathBase = @base + lang.Segment;
        http.Request.Path = path;
        return next(http);
    }

    /// <summary>A language that some town speaks: if this one does, its words come along; if not, it is a path like any other.</summary>
    async Task InFurther(HttpContext http, Town town, string @base, string path, Lang lang)
    {
        http.Visit().Enter(town, @base, Lang.Japanese, path);    // should the database be away, whoever says so knows the town
        var words = await databases.Fits(town, http.RequestAborted) ? await languages.WordsOf(town, lang, http.RequestAborted) : null;
        http.Visit().OwnWords = words;
        await (words is null ? Enter(http, town, @base, Lang.Japanese, path) : Enter(http, town, @base, lang, path[(lang.Code.Length + 1)..]));
    }

    static ReadOnlySpan<char> FirstSegment(string path)
    {
        if (path.Length < 2 || path[0] != '/') return [];
        var end = path.IndexOf('/', 1);
        return end < 0 ? path.AsSpan(1) : path.AsSpan(1, end - 1);
    }
}
