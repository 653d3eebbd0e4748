using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Komachi.Platform.Languages;

/// <summary>
/// The switch for readings above kanji (ふりがな). A link, since a kept page carries no token for a form, and what it changes is how
/// this browser shows pages, nothing that is stored. The choice is a cookie of the town and not part of the address: an address is passed on, and whoever
/// gets it wants their own. <see cref="KeptPages"/> keep a page apart for each choice.
/// </summary>
static class ShowReadings
{
    const string Off = "off";

    internal static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("on", (string? to, Visit visit, HttpContext http) =>
        {
            CookieOf(visit).Take(http);
            return Back(to, visit);
        });
        to.MapGet("off", (string? to, Visit visit, HttpContext http, TimeProvider time) =>
        {
            CookieOf(visit).Give(http, Off, until: time.GetUtcNow().AddYears(1));
            return Back(to, visit);
        });
    }

    /// <summary>The way to the other choice, and from there back to this page.</summary>
    public static string Link(Visit visit) => visit.Link("furigana/" + (visit.Readings ? "off" : "on")).With(("to", visit.Path));

    public static bool Wanted(Visit visit, HttpContext http) => CookieOf(visit).Read(http) != Off;

    static HouseCookie CookieOf(Visit visit) => HouseCookie.Of(visit, "komachi-furigana");

    // Whatever is asked for becomes a path of this town; a backslash would be a slash to a browser.
    static IResult Back(string? to, Visit visit) => Page.Go(visit, to is null || to.Contains('\\') || to.Any(char.IsControl) ? "" : to);
}
