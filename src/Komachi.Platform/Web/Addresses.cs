using Komachi.Platform.Towns;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;

namespace Komachi.Platform.Web;

public static class Addresses
{
    /// <summary>The address with what is asked of it; what is null or empty is left out.</summary>
    public static string With(this string address, params (string Name, string? Value)[] query) =>
        QueryHelpers.AddQueryString(address, query.Where(q => !string.IsNullOrEmpty(q.Value)).Select(q => KeyValuePair.Create(q.Name, q.Value)));

    /// <summary>The whole address, as others need it who are not on our pages: with the host that was asked.</summary>
    public static string Whole(this HttpContext http, string link) => $"{http.Request.Scheme}://{http.Request.Host.ToUriComponent()}{link}";

    /// <summary>
    /// The whole address for a mail or a paper, read where nobody sees who asked for it. Its host is the town's own, or stands in the address that the operator named
    /// (KOMACHI_ADDRESS); never is it the request's, which whoever asks writes as they like.
    /// </summary>
    public static string Sent(this HttpContext http, Visit visit, Lang lang, string path) =>
        Sent(visit.Town, http.RequestServices.GetRequiredService<WebOptions>().Address, visit.Base.Length == 0 ? http.Request.Host.Host : null, http.Request.Scheme, http.Connection.LocalPort, lang, path);

    /// <param name="asked">The host at which the town was found: of its own hosts it is the one that they know who read it.</param>
    /// <param name="port">Where neither is known, this machine at the port that was asked: enough to try it.</param>
    internal static string Sent(Town town, Uri? address, string? asked, string scheme, int port, Lang lang, string path)
    {
        var within = $"{lang.Segment}/{path}";
        return town.Hosts.Count > 0 ? $"https://{town.Hosts.FirstOrDefault(h => string.Equals(h, asked, StringComparison.OrdinalIgnoreCase)) ?? town.Hosts.Order(StringComparer.Ordinal).First()}{within}"
            : address is not null ? $"{address.AbsoluteUri.TrimEnd('/')}/{town.Slug}{within}"
            : $"{scheme}://localhost:{port}/{town.Slug}{within}";
    }

    /// <summary>A page whose address is a secret: nobody keeps it, and no other site hears of it. Not "no-referrer": then a browser would hide from our own forms where they come from.</summary>
    public static void KeepAddress(this HttpContext http) => (http.Response.Headers["Referrer-Policy"], http.Response.Headers.CacheControl) = ("same-origin", "no-store");
}
