using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;

namespace Komachi.Platform.Web;

/// <summary>
/// Every cookie of the house: what it is called and where it goes is decided here. By https its name begins so that a browser
/// holds us to it: <c>__Host-</c> where it is for a whole host, <c>__Secure-</c> where towns share one and each has its path. Then
/// neither http nor a neighbouring host can put one of theirs in its place. On http (<c>./run</c> on one's own machine) browsers would throw
/// such names away, so there they are plain.
/// </summary>
readonly record struct HouseCookie(string Plain, string Path, SameSiteMode SameSite)
{
    /// <summary>Of the town alone. Lax: a link in a mail, or on the directory's page, leads in.</summary>
    public static HouseCookie Of(Visit visit, string plain) => new(plain, visit.Base.Length == 0 ? "/" : visit.Base, SameSiteMode.Lax);

    public string NameIn(HttpContext http) => NameIn(http, Plain, Path);

    static string NameIn(HttpContext http, string plain, string path) => !http.Request.IsHttps ? plain : (path == "/" ? "__Host-" : "__Secure-") + plain;

    public string? Read(HttpContext http) => http.Request.Cookies[NameIn(http)];

    /// <param name="until">With neither: as long as the browser is open.</param>
    /// <param name="lasts">Where it is short: a device's clock may be wrong by more than that.</param>
    public void Give(HttpContext http, string value, DateTimeOffset? until = null, TimeSpan? lasts = null) => http.Response.Cookies.Append(NameIn(http), value, Options(http, until, lasts));

    public void Take(HttpContext http) => http.Response.Cookies.Delete(NameIn(http), Options(http, null, null));

    CookieOptions Options(HttpContext http, DateTimeOffset? until, TimeSpan? lasts) => new()
    {
        HttpOnly = true,
        Secure = http.Request.IsHttps,
        SameSite = SameSite,
        Path = Path,
        Expires = until,
        MaxAge = lasts,
        IsEssential = true,
    };

    /// <summary>The one of the forms' tokens, which the framework writes: it asks for the name at each request.</summary>
    public static void OfForms(AntiforgeryOptions form, IHttpContextAccessor now) => form.Cookie = new FormCookie(now)
    {
        Path = "/",
        SameSite = SameSiteMode.Strict,
        SecurePolicy = CookieSecurePolicy.SameAsRequest,
        HttpOnly = true,
        IsEssential = true,
    };

    /// <summary>What the browser sent of it.</summary>
    internal static string? OfFormsIn(HttpContext http) => http.Request.Cookies[NameIn(http, FormCookie.Plain, "/")];

    sealed class FormCookie(IHttpContextAccessor now) : CookieBuilder
    {
        internal const string Plain = "komachi-form";

        public override string? Name
        {
            get => now.HttpContext is { } http ? NameIn(http, Plain, "/") : Plain;
            set => throw new NotSupportedException();
        }
    }
}
