using System.Security.Cryptography;
using Komachi.Platform.Data;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

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

        /// <summary>The thing has just been kept for longer: this browser holds its key, if it does, as long.</summary>
        public void RenewKeyTo(Guid thing, TimeSpan lasts)
        {
            if (visit.KeyTo(thing) is { } key) Give(visit.Cookies!, visit, thing, key, lasts);
        }
    }

    /// <summary>
    /// A new key, to be given when what this form asked for is saved. It comes of the form's own key: of two presses of one button a browser may hear the second
    /// answer alone, and is given the same key with that one.
    /// </summary>
    /// <param name="form">The key with which the form is sent once, as it is saved.</param>
    public static string New(HttpContext http, Visit visit, TownDb db, Guid? form, Guid thing, TimeSpan lasts)
    {
        db.GivesKey(thing, lasts);
        return form is { } once ? Of(http, visit, once) : Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
    }

    /// <summary>For a while only: a page that is gone back to long afterwards gives nothing.</summary>
    internal static void GiveAgain(HttpContext http, Visit visit, AlreadyDone done, DateTimeOffset now)
    {
        if (done.Used is { KeyTo: { } thing, KeyLasts: { } lasts, UsedAt: var at } && now - at < Again) Give(http, visit, thing, Of(http, visit, done.Key), lasts);
    }

    static string Of(HttpContext http, Visit visit, Guid once) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(http.RequestServices.GetRequiredService<Servers>().KeyFor("held keys " + visit.Town.Code), once.ToByteArray()).AsSpan(0, 16));

    internal static readonly TimeSpan Again = TimeSpan.FromMinutes(10);

    public static void Give(HttpContext http, Visit visit, Guid thing, string key, TimeSpan lasts)
    {
        var begins = HouseCookie.Of(visit, Prefix(visit)).NameIn(http);
        var named = CookieOf(visit, thing).NameIn(http);
        var mine = http.Request.Cookies.Keys.Where(k => k.StartsWith(begins, StringComparison.Ordinal) && k != named).ToArray();
        foreach (var old in mine.Take(mine.Length + 1 - MostAtOnce)) HouseCookie.Of(visit, Prefix(visit) + old[begins.Length..]).Take(http);
        CookieOf(visit, thing).Give(http, key, lasts: lasts);
    }

    public static void Take(HttpContext http, Visit visit, Guid thing) => CookieOf(visit, thing).Take(http);

    static string Prefix(Visit visit) => $"komachi-{visit.Town.Slug}-key-";

    static HouseCookie CookieOf(Visit visit, Guid thing) =>
        HouseCookie.Of(visit, Prefix(visit) + Convert.ToHexStringLower(SHA256.HashData(thing.ToByteArray()).AsSpan(0, 8)));
}
