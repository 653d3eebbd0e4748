using System.Security.Claims;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Http;

namespace Komachi.Platform.Operator;

/// <summary>A page of the operator's: open to everybody, or to those who are signed in as one.</summary>
sealed record OperatorPlace(bool SignedIn);

/// <summary>
/// Who is there, at the addresses that belong to no town: a cookie of its own holds a secret, the control database its hash. A
/// session of a town is worth nothing here and one of an operator nothing in a town. Where the desk has an address of its own,
/// these pages are there alone.
/// </summary>
sealed class OperatorDoor(RequestDelegate next, Operators operators, Sides sides)
{
    // One for each language: that stands before the path, and the cookie goes nowhere but to the operator's pages.
    static HouseCookie CookieIn(Lang lang) => new("komachi-operator", lang.Segment + "/operator", SameSiteMode.Strict);

    public async Task Invoke(HttpContext http)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<OperatorPlace>() is not { } place)
        {
            await next(http);
            return;
        }
        if (!sides.Serve(http, Side.Desk))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        http.Response.Headers.CacheControl = "no-store";
        var visit = http.Visit();
        if (CookieIn(visit.Lang).Read(http) is { Length: > 0 } secret && SessionDoor.HashOf(secret) is { } hash && await operators.Recognise(hash, http.RequestAborted) is var (account, session))
        {
            (visit.Operator, visit.OperatorSession) = (account, session);
            http.User = new(new ClaimsIdentity([new(ClaimTypes.NameIdentifier, session.ToString("N"))], "operator"));
        }
        if (!place.SignedIn || visit.Operator is not null) await next(http);
        else if (HttpMethods.IsGet(http.Request.Method) && !http.Request.Path.Value!.EndsWith(".json", StringComparison.Ordinal)) http.Response.Redirect(visit.Link("operator/sign-in"));
        else http.Response.StatusCode = StatusCodes.Status401Unauthorized;
    }

    public static void Give(HttpContext http, string secret, DateTimeOffset until)
    {
        foreach (var lang in Lang.Shipped) CookieIn(lang).Give(http, secret, until);
    }

    public static void Take(HttpContext http)
    {
        foreach (var lang in Lang.Shipped) CookieIn(lang).Take(http);
    }
}
