using System.Globalization;
using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Http;

namespace Komachi.Platform.People;

/// <summary>
/// Slows down who guesses, over all processes. A device on which the account was signed in before has a count of its own, so
/// nobody can lock somebody else out by typing that person's name; strangers to an account share one count of it in their
/// network and a wider one everywhere. Names that exist and names that do not are counted alike.
/// </summary>
sealed class Attempts(SharedCounters counters, Refusals refusals)
{
    static readonly TimeSpan Window = TimeSpan.FromMinutes(10);
    const int OnKnownDevice = 10, FromOneNetwork = 10, FromEverywhere = 50, PerNetwork = 60;

    /// <summary>Counts one more; how long to wait, or null when it may be tried.</summary>
    /// <param name="kind">What is tried: <c>sign-in</c>, <c>second</c>, <c>mail a code</c>.</param>
    public async Task<TimeSpan?> Count(string kind, string who, byte[]? knownDevice, Visit visit, CancellationToken stop)
    {
        (string What, string Whose, int Most)[] counts = knownDevice is not null
            ? [("known device", $"{who} {Convert.ToHexString(knownDevice)}", OnKnownDevice)]
            : [("stranger", $"{who} {visit.Network}", FromOneNetwork), ("strangers", who, FromEverywhere), ("network", visit.Network, PerNetwork)];
        TimeSpan? longest = null;
        foreach (var (what, whose, most) in counts)
        {
            var (within, wait) = await counters.Count(visit.Town, $"{kind} {what}", whose, most, Window, stop);
            if (!within && (longest is null || wait > longest)) longest = wait;
        }
        return longest is { } late ? Refused(late, kind, visit, Guid.TryParse(who, out var account) ? account : null) : null;
    }

    /// <summary>What nobody is named for: a passkey that is shown at the door.</summary>
    public async Task<TimeSpan?> CountNetwork(string kind, Visit visit, CancellationToken stop) =>
        await counters.Count(visit.Town, $"{kind} network", visit.Network, PerNetwork, Window, stop) is { Within: false } late ? Refused(late.Wait, kind, visit) : null;

    /// <summary>
    /// Codes to one mailbox or telephone: few in a day, since each is a chance to guess, and each short message costs money. Who asks on a
    /// device that knows the account has a count of their own, which strangers cannot use up.
    /// </summary>
    public async Task<TimeSpan?> CountCode(Reach to, byte[]? knownDevice, Visit visit, CancellationToken stop)
    {
        if (await Count("a code", to.Key, knownDevice, visit, stop) is { } wait) return wait;
        var today = await counters.Count(visit.Town, "codes of a day", knownDevice is null ? to.Key : $"{to.Key} {Convert.ToHexString(knownDevice)}", 20, TimeSpan.FromDays(1), stop);
        if (!today.Within) return Refused(today.Wait, "codes of a day", visit);
        if (!to.IsPhone) return null;
        var (number, network) = (await counters.Count(visit.Town, "short messages to", to.Key, 8, TimeSpan.FromDays(1), stop), await counters.Count(visit.Town, "short messages from", visit.Network, 40, TimeSpan.FromDays(1), stop));
        return number.Within && network.Within ? null : Refused(number.Wait, "short messages", visit);
    }

    /// <summary>On record with what was tried; never with what was typed, unless it is an account of ours.</summary>
    TimeSpan Refused(TimeSpan wait, string what, Visit visit, Guid? account = null)
    {
        refusals.Note(visit, Refusals.TooOften, what, account);
        return wait;
    }

    /// <summary>They proved to be who they are.</summary>
    public async Task Forget(string kind, string who, byte[]? knownDevice, Visit visit, CancellationToken stop)
    {
        if (knownDevice is not null) await counters.Forget(visit.Town, $"{kind} known device", $"{who} {Convert.ToHexString(knownDevice)}", stop);
        else await counters.Forget(visit.Town, $"{kind} stranger", $"{who} {visit.Network}", stop);
    }

    /// <summary>"Later", in the form and for programs. Returns the status.</summary>
    public static int Later(TimeSpan wait, Form form, HttpContext http)
    {
        http.Response.Headers.RetryAfter = ((int)wait.TotalSeconds + 1).ToString(CultureInfo.InvariantCulture);
        form.Wrongly("", "Too many attempts. Please try again in {0} minutes.", (int)wait.TotalMinutes + 1);
        return StatusCodes.Status429TooManyRequests;
    }
}
