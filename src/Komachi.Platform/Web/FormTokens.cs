using System.Collections.Concurrent;
using System.Security.Claims;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;

namespace Komachi.Platform.Web;

/// <summary>
/// The token of a page's forms. To seal one costs a third of a page, and every page for who is signed in has one, for the way out; so one is
/// used again for some minutes within the session, the acting and the browser that it was made for. Those who are not signed in get one each time.
/// </summary>
sealed class FormTokens(IAntiforgery antiforgery, TimeProvider time)
{
    const int Most = 20_000;
    static readonly TimeSpan Again = TimeSpan.FromMinutes(10);

    readonly ConcurrentDictionary<(string Cookie, string Session, string Town), (string Token, long At)> _made = new();

    public string For(HttpContext http)
    {
        var visit = http.Visit();
        if (visit is not { HasTown: true, Visitor: not null } || HouseCookie.OfFormsIn(http) is not { Length: > 0 } cookie || http.User.FindFirstValue(ClaimTypes.NameIdentifier) is not { } session)
            return antiforgery.GetAndStoreTokens(http).RequestToken!;
        var key = (cookie, session, visit.Town.Slug);
        if (_made.TryGetValue(key, out var made) && time.GetElapsedTime(made.At) < Again) return made.Token;
        var tokens = antiforgery.GetAndStoreTokens(http);
        if (_made.Count >= Most) _made.Clear();
        // Where the browser gets another cookie with this answer, the token belongs to that one.
        if (tokens.CookieToken is null) _made[key] = (tokens.RequestToken!, time.GetTimestamp());
        return tokens.RequestToken!;
    }
}
