using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Komachi.Platform.Web;

public static class Addresses
{
    /// <summary>The address with what is asked of it; what is null or empty is left out.</summary>
    public static string With(this string address, params (string Name, string? Value)[] query) =>
        QueryHelpers.AddQueryString(address, query.Where(q => !string.IsNullOrEmpty(q.Value)).Select(q => KeyValuePair.Create(q.Name, q.Value)));

    /// <summary>The whole address, as others need it who are not on our pages: with the host that was asked.</summary>
    public static string Whole(this HttpContext http, string link) => $"{http.Request.Scheme}://{http.Request.Host.ToUriComponent()}{link}";
}
