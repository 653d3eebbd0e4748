using Microsoft.AspNetCore.Http;

namespace Komachi.Platform.Web;

/// <summary>
/// Keys that a browser holds without an account: of what it is filling in, of what a link opened. Each is a cookie of its own for the one town, so two
/// tabs may be under way; the house keeps a hash. Which thing it is for is not in its name as it is: names of cookies are written down here and there.
/// </summary>
public static class HeldKeys
{
    const int MostAtOnce = 12;

    extension(Visit visit)
    {
        /// <summary>The key that this browser holds for that thing, if it does. Whoever asks compares it with the hash.</summary>
        public string? KeyTo(Guid thing) => visit.Cookies is { } http && CookieOf(visit, thing).Read(http) is { Length: > 0 and <= 100 } key ? key : null;
    }

    public static void Give(HttpContext http, Visit visit, Guid thing, string key, TimeSpan lasts)
    {
        var begins = HouseCookie.Of(visit, Prefix(visit)).NameIn(http);
        var mine = http.Request.Cookies.Keys.Where(k => k.StartsWith(begins, StringComparison.Ordinal)).ToArray();
        foreach (var old in mine.Take(mine.Length + 1 - MostAtOnce)) HouseCookie.Of(visit, Prefix(visit) + old[begins.Length..]).Take(http);
        CookieOf(visit, thing).Give(http, key, lasts: lasts);
    }

    public static void Take(HttpContext http, Visit visit, Guid thing) => CookieOf(visit, thing).Take(http);

    static string Prefix(Visit visit) => $"komachi-{visit.Town.Slug}-key-";

    static HouseCookie CookieOf(Visit visit, Guid thing) =>
        HouseCookie.Of(visit, Prefix(visit) + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(thing.ToByteArray()).AsSpan(0, 8)));
}
