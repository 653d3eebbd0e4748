using System.Security.Cryptography;
using System.Text;
using Komachi.Platform.Towns;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Komachi.Platform.Web;

/// <summary>The one colour of a town as a style sheet of its own: pages hold no style, so the colour comes as a file.</summary>
public sealed class TownColours
{
    public string UrlOf(Visit visit) => $"{visit.Base}/colours.css?v={HashOf(SheetOf(visit.Town))}";

    internal static void Routes(IEndpointRouteBuilder to) => to.MapGet("colours.css", Send);

    static IResult Send(Visit visit, HttpContext http)
    {
        http.Response.Headers.CacheControl = "public, max-age=86400";
        return Results.Text(SheetOf(visit.Town), "text/css", Encoding.UTF8);
    }

    internal static string SheetOf(Town town) => $":root{{--town:{(Colour.TryParse(town.Profile.Colour, out var colour) ? colour : new Colour(0, 23, 193))};--town-ink:#fff}}\n";

    static string HashOf(string sheet) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sheet)).AsSpan(0, 5));
}
