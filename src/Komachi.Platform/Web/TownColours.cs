using System.Security.Cryptography;
using System.Text;
using Komachi.Platform.Looks;
using Komachi.Platform.Towns;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Komachi.Platform.Web;

/// <summary>The one colour of a town as a style sheet of its own: pages hold no style, so the colour comes as a file.</summary>
public sealed class TownColours(TownLooks looks)
{
    public string UrlOf(Visit visit) => $"{AddressIn(visit)}{HashOf(SheetOf(looks.Known(visit.Town).Colour))}";

    /// <summary>What an address of it begins with, whichever the colour.</summary>
    internal static string AddressIn(Visit visit) => $"{visit.Base}/colours.css?v=";

    internal string SheetOf(Town town) => SheetOf(looks.Known(town).Colour);

    internal static void Routes(IEndpointRouteBuilder to) => to.MapGet("colours.css", Send);

    static async Task<IResult> Send(string? v, Visit visit, TownLooks looks, HttpContext http)
    {
        var sheet = SheetOf((await looks.Of(visit.Town)).Colour);
        // A page may ask with what it knew, when the colour is another by now: that answer is not to be kept under that name.
        http.Response.Headers.CacheControl = v == HashOf(sheet) ? "public, max-age=86400" : "no-cache";
        return Results.Text(sheet, "text/css", Encoding.UTF8);
    }

    /// <param name="within">Of the whole page, or of a part of it that shows a colour which the town does not have yet.</param>
    internal static string SheetOf(Colour colour, string within = ":root") => $"{within}{{--town:{colour};--town-ink:#fff;--town-dark:{colour.OnDark()}}}\n";

    static string HashOf(string sheet) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sheet)).AsSpan(0, 5));
}
