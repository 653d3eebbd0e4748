using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;

namespace Komachi.Platform.OpenId;

/// <summary>
/// Carries a <see cref="Journey"/> in the browser that set out: sealed, for this town, for ten minutes. Who comes back in another
/// browser, or with another town's, has none. Each journey has its own, so that two tabs may be under way.
/// </summary>
sealed class JourneyCookie(IDataProtectionProvider protection, TimeProvider time)
{
    const int MostAtOnce = 4;

    public void Give(HttpContext http, Visit visit, Journey journey)
    {
        var begins = HouseCookie.Of(visit, Prefix(visit)).NameIn(http);
        var mine = http.Request.Cookies.Keys.Where(k => k.StartsWith(begins, StringComparison.Ordinal)).ToArray();
        if (mine.Length >= MostAtOnce)
            foreach (var old in mine) HouseCookie.Of(visit, Prefix(visit) + old[begins.Length..]).Take(http);
        CookieOf(visit, journey.State).Give(http, Protector(visit).Protect(JsonSerializer.Serialize(journey)), lasts: Journey.Lasts);
    }

    public Journey? Read(HttpContext http, Visit visit, string state)
    {
        if (state.Length is 0 or > 100 || CookieOf(visit, state).Read(http) is not { Length: > 0 and < 4000 } sealed_) return null;
        try
        {
            var journey = JsonSerializer.Deserialize<Journey>(Protector(visit).Unprotect(sealed_));
            return journey is not null && time.GetUtcNow() - journey.BeganAt < Journey.Lasts
                && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(journey.State), Encoding.UTF8.GetBytes(state)) ? journey : null;
        }
        catch (Exception e) when (e is CryptographicException or JsonException)
        {
            return null;
        }
    }

    public void Take(HttpContext http, Visit visit, string state) => CookieOf(visit, state).Take(http);

    IDataProtector Protector(Visit visit) => protection.CreateProtector("openid", "journey", visit.Town.Slug);

    static string Prefix(Visit visit) => $"komachi-{visit.Town.Slug}-way-";

    // By the hash: a name takes few letters, and a state of somebody's making may have others.
    static HouseCookie CookieOf(Visit visit, string state) => HouseCookie.Of(visit, Prefix(visit) + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(state)).AsSpan(0, 6)));
}
