using System.Text.RegularExpressions;
using Komachi.Platform.Data;
using Komachi.Platform.People;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.OpenId;

/// <summary>Why nobody came in, as far as it helps the person to know.</summary>
public enum Trouble { None, Lost, Refused, Failed, Away, NotTaken, NoAccount, Closed, TooOften, Off }

/// <summary>
/// Staff come in through the city's own directory, and back. The way begins with a button and its token, so that no other house can send somebody along it; out
/// it leads by a page (a form's redirect would stop at our own policy).
/// </summary>
static partial class DirectorySignIn
{
    const string Path = "desk/sign-in/directory";
    const int PerNetwork = 60;
    static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapPost("", Begin);
        to.MapGet("back", Back);
        to.MapGet("out", Out);
        to.MapGet("keys.json", Keys);
    }

    static async Task<IResult> Begin(Form form, Visit visit, TownDb db, TownKeys keys, RelyingParty party, JourneyCookie cookie, SharedCounters counters, Audit.Refusals refusals, HttpContext http)
    {
        if (await DirectoryProvider.Find(db, http.RequestAborted) is not { IsOn: true } provider) return Wrong(Trouble.Off);
        if (await TooOften(visit, counters, refusals, http)) return Wrong(Trouble.TooOften);
        var then = form.Typed("then");
        try
        {
            var (to, journey) = await party.Begin(await provider.Open(keys, db, http.RequestAborted), BackTo(visit, http), visit.Lang.Code, then.Length < 500 && then.All(char.IsAscii) ? then : "", http.RequestAborted);
            cookie.Give(http, visit, journey);
            http.Response.Headers.CacheControl = "no-store";
            return Page.Show<DirectoryWayPage>(new { To = to.AbsoluteUri });
        }
        catch (OpenIdRefused e)
        {
            db.Audit(visit.Did("directory.sign_in_refused", details: new { Why = e.Why.ToString() }));
            await db.Save();
            return Wrong(TroubleOf(e.Why), then);
        }
    }

    static async Task<IResult> Back(string? state, string? code, string? error, string? iss,
        Visit visit, TownDb db, TownKeys keys, RelyingParty party, JourneyCookie cookie, SharedCounters counters, Audit.Refusals refusals, HttpContext http, TimeProvider time)
    {
        var stop = http.RequestAborted;
        var journey = cookie.Read(http, visit, state ?? "");
        // The provider knows one address of ours; the page that follows is in the language in which they set out.
        if (journey is not null && (Lang.Find(journey.Lang) ?? Lang.FindFurther(journey.Lang)) is { } lang && lang != visit.Lang) return Results.Redirect(visit.LinkIn(lang, Path + "/back") + http.Request.QueryString.ToUriComponent());
        if (await TooOften(visit, counters, refusals, http)) return Wrong(Trouble.TooOften);

        var now = time.GetUtcNow();
        if (journey is not null) cookie.Take(http, visit, state!);
        if (journey is null || await db.Set<OnceKey>().AnyAsync(k => k.Key == journey.Id, stop)) return await Refused(Trouble.Lost, "Lost");
        // It counts once, whether it led in or not.
        var once = db.Add(new OnceKey { Key = journey.Id, Location = visit.Link("desk"), UsedAt = now });

        if (await DirectoryProvider.Find(db, stop) is not { IsOn: true } provider) return await Refused(Trouble.Off, "Off");
        if (error is not null) return await Refused(error == "access_denied" ? Trouble.Refused : Trouble.Failed, ErrorCode().IsMatch(error) ? error : "Error");
        try
        {
            var identity = code is { Length: > 0 and <= 4000 } ? await party.Finish(await provider.Open(keys, db, stop), journey, code, iss, stop) : throw new OpenIdRefused(Refusal.AnswerUnreadable);
            var (account, trouble) = await DirectoryAccounts.Find(identity, provider, visit, db, now, stop);
            if (trouble != Trouble.None) return await Refused(trouble, trouble.ToString(), account);
            var strong = provider.IsEnough || identity.Amr.Contains("mfa") || (provider.AcrValues.Length > 0 && identity.Acr is not null);
            if (provider.SignsOutToo) Marker(visit).Give(http, "1");
            return await Entrance.Let(account!, "directory", strong, journey.Then, visit, db, http, time);
        }
        catch (OpenIdRefused e)
        {
            // Of two requests with one code the slower may be the one that got the token: the other must not be faster at closing the door.
            if (e.Why == Refusal.CodeRefused) once.State = EntityState.Detached;
            return await Refused(TroubleOf(e.Why), e.Why.ToString());
        }

        async Task<IResult> Refused(Trouble trouble, string why, Account? account = null)
        {
            db.Audit(visit.Did("directory.sign_in_refused", account is null ? null : $"accounts/{account.Id}", new { Why = why }, at: now));
            await db.Save(stop: stop);
            return Wrong(trouble, journey?.Then);
        }
    }

    /// <summary>Signed out here; the directory may still know them. By a link and a refresh: a form's redirect to another house is stopped by our own policy.</summary>
    static async Task<IResult> Out(Visit visit, TownDb db, TownKeys keys, RelyingParty party, HttpContext http)
    {
        var to = default(Uri);
        if (await DirectoryProvider.Find(db, http.RequestAborted) is { IsOn: true, SignsOutToo: true } provider)
            try
            {
                to = await party.WayOut(await provider.Open(keys, db, http.RequestAborted), Absolute(visit, http, "desk/sign-in"), http.RequestAborted);
            }
            catch (OpenIdRefused) { }    // then they are signed out here, and that is said
        return Page.Show<DirectoryOutPage>(new { To = to?.AbsoluteUri });
    }

    /// <summary>Our public keys, for a directory that fetches them (<c>jwks_uri</c>).</summary>
    static async Task<IResult> Keys(TownDb db, TownKeys keys, HttpContext http)
    {
        var provider = await DirectoryProvider.Find(db, http.RequestAborted);
        var key = provider is null ? null : await provider.OpenKey(keys, db, http.RequestAborted);
        return Results.Json(new { keys = key is null ? [] : new[] { key.PublicJwk } });
    }

    /// <summary>Where to go after signing out: past the directory, if they came from there.</summary>
    public static string AfterSignOut(HttpContext http, Visit visit)
    {
        if (Marker(visit).Read(http) is null) return "desk/sign-in";
        Marker(visit).Take(http);
        return Path + "/out";
    }

    public static string BackTo(Visit visit, HttpContext http) => Absolute(visit, http, Path + "/back");

    public static string Absolute(Visit visit, HttpContext http, string path) => $"{http.Request.Scheme}://{http.Request.Host.ToUriComponent()}{visit.LinkIn(Lang.Japanese, path)}";

    static async Task<bool> TooOften(Visit visit, SharedCounters counters, Audit.Refusals refusals, HttpContext http)
    {
        var (within, wait) = await counters.Count(visit.Town, "directory network", visit.Network, PerNetwork, Window, http.RequestAborted);
        if (within) return false;
        refusals.Note(visit, Audit.Refusals.TooOften, "directory");
        http.Response.Headers.RetryAfter = ((int)wait.TotalSeconds + 1).ToString(System.Globalization.CultureInfo.InvariantCulture);
        return true;
    }

    static Trouble TroubleOf(Refusal why) => why == Refusal.Away ? Trouble.Away : why == Refusal.CodeRefused ? Trouble.Lost : Trouble.NotTaken;

    static IResult Wrong(Trouble trouble, string? then = null) => Page.Show<DirectoryWrongPage>(new { Trouble = trouble, Then = then ?? "" }, trouble switch
    {
        Trouble.Off => 404,
        Trouble.TooOften => 429,
        Trouble.Away => 503,
        Trouble.NotTaken or Trouble.Failed => 502,
        Trouble.Lost => 400,
        _ => 403,
    });

    static HouseCookie Marker(Visit visit) => HouseCookie.Of(visit, $"komachi-{visit.Town.Slug}-directory");

    [GeneratedRegex("^[a-z_]{1,40}$")]
    private static partial Regex ErrorCode();
}
