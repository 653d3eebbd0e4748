using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Komachi.Sandbox.Faults;
using Komachi.Sandbox.Web;

namespace Komachi.Sandbox.OtherSystem;

/// <summary>What the signature of a message said.</summary>
public enum Signed { Right, Wrong, Unknown, Old }

/// <summary>A message as it came. Again: its id came before.</summary>
public sealed record Hook(long Id, DateTimeOffset At, string Name, string MessageId, string Body, Signed Signed, int Signatures, bool Again);

/// <summary>
/// Somebody else's system that towns tell of events: takes what is posted to it, checks the signature as the Standard Webhooks say, and shows it.
/// A receiver is whatever name stands in the address; its secret is written in on its page.
/// </summary>
sealed partial class HookBox(TimeProvider time)
{
    const int Most = 1_000, MostReceivers = 1_000;
    static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    readonly Lock _lock = new();
    readonly LinkedList<Hook> _newestFirst = [];
    readonly Dictionary<string, string> _secrets = [];
    readonly Arrivals _arrivals = new(time);
    long _last;

    public long Total { get { lock (_lock) return _last; } }

    public bool Know(string name, string secret)
    {
        if (Key(secret) is null) return false;
        lock (_lock)
        {
            if (_secrets.Count >= MostReceivers) _secrets.Clear();
            _secrets[name] = secret;
        }
        return true;
    }

    public Hook Take(string name, string messageId, string timestamp, string signatures, string body)
    {
        lock (_lock)
        {
            var hook = new Hook(++_last, time.GetUtcNow(), name, messageId, body, Check(name, messageId, timestamp, signatures, body), signatures.Split(' ').Length, _newestFirst.Any(h => h.Name == name && h.MessageId == messageId));
            _newestFirst.AddFirst(hook);
            if (_newestFirst.Count > Most) _newestFirst.RemoveLast();
            _arrivals.Came();
            return hook;
        }
    }

    Signed Check(string name, string id, string timestamp, string signatures, string body)
    {
        if (!_secrets.TryGetValue(name, out var secret)) return Signed.Unknown;
        var expected = HMACSHA256.HashData(Key(secret)!, Encoding.UTF8.GetBytes($"{id}.{timestamp}.{body}"));
        var one = signatures.Split(' ').Any(s => s.StartsWith("v1,", StringComparison.Ordinal) && TryBytes(s[3..]) is { } sent && CryptographicOperations.FixedTimeEquals(sent, expected));
        if (!one) return Signed.Wrong;
        return long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && Math.Abs(time.GetUtcNow().ToUnixTimeSeconds() - at) <= Tolerance.TotalSeconds ? Signed.Right : Signed.Old;
    }

    static byte[]? Key(string secret) => secret.StartsWith("whsec_", StringComparison.Ordinal) ? TryBytes(secret[6..]) : null;

    static byte[]? TryBytes(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length) && length > 0 ? bytes[..length] : null;
    }

    public IReadOnlyList<Hook> Newest(int most, string? name = null)
    {
        lock (_lock) return [.. _newestFirst.Where(h => string.IsNullOrEmpty(name) || h.Name == name).Take(most)];
    }

    public Task<Hook?> Wait(string name, long after, TimeSpan patience, CancellationToken stop) => _arrivals.Wait(() =>
    {
        lock (_lock) return _newestFirst.LastOrDefault(h => h.Id > after && h.Name == name);
    }, patience, stop);

    [GeneratedRegex(@"^[a-z0-9-]{1,60}\z")]
    private static partial Regex Name();

    public static bool IsName(string name) => Name().IsMatch(name);
}

static class WebhookPages
{
    sealed record Secret(string? Name, string? Value);

    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<HookBox>();
        services.AddSingleton(new FaultPlace("webhooks", "Other system", 503, FaultKind.Delay, FaultKind.Refuse, FaultKind.Drop));
        services.AddSingleton(s => new OutsideService("webhooks", "Other system", "What a town tells another system arrives here, and its signature is checked.", "/webhooks",
            () => s.GetRequiredService<HookBox>().Total, () => "POST /webhooks/{name}"));
    }

    public static void Map(WebApplication app)
    {
        app.MapGet("/webhooks", (HookBox box, string? name) => Show(box, name));
        app.MapPost("/webhooks", (IFormCollection form, HookBox box) =>
        {
            var (name, secret) = (form["name"].ToString().Trim(), form["secret"].ToString().Trim());
            var known = HookBox.IsName(name) && box.Know(name, secret);
            return Show(box, name, known ? null : "The name has small letters, digits and hyphens; the secret begins with whsec_.", known);
        }).DisableAntiforgery();
        app.MapPost("/webhooks/{name}", async (string name, HttpContext http, HookBox box, Happenings happenings) =>
        {
            if (!HookBox.IsName(name)) return Answers.Wrong("The name has small letters, digits and hyphens.", 404);
            using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
            var body = await reader.ReadToEndAsync(http.RequestAborted);
            var headers = http.Request.Headers;
            var hook = box.Take(name, headers["webhook-id"].ToString(), headers["webhook-timestamp"].ToString(), headers["webhook-signature"].ToString(), body);
            happenings.Say("webhooks", "/webhooks", new Remark("Message for {0}", name));
            return hook.Signed is Signed.Wrong or Signed.Old ? Answers.Wrong("The signature does not fit.", 401) : Results.StatusCode(StatusCodes.Status204NoContent);
        }).WithFaults("webhooks", http => [http.Request.Path.Value ?? ""]);
        app.MapPut("/api/webhooks/secret", async (HttpContext http, HookBox box) =>
        {
            var (sent, no) = await Answers.Body<Secret>(http);
            if (no is not null) return no;
            return sent!.Name is { } name && HookBox.IsName(name) && box.Know(name, sent.Value ?? "") ? Answers.Json(new { name }) : Answers.Wrong("The name has small letters, digits and hyphens; the secret begins with whsec_.", 422);
        });
        app.MapGet("/api/webhooks", (HookBox box, string? name) => Answers.Json(new { total = box.Total, messages = box.Newest(200, name).Select(Said) }));
        app.MapGet("/api/webhooks/wait", async (HookBox box, HttpContext http, string name, long after = 0, double seconds = 10) =>
            seconds is not (>= 0 and <= 120) ? Answers.Wrong("seconds is a number from 0 to 120.")
            : await box.Wait(name, after, TimeSpan.FromSeconds(seconds), http.RequestAborted) is { } hook ? Answers.Json(Said(hook))
            : Answers.Wrong("No such message came in time.", 404));
    }

    static object Said(Hook h) => new { id = h.Id, at = h.At, name = h.Name, messageId = h.MessageId, body = h.Body, signed = h.Signed.ToString(), signatures = h.Signatures, again = h.Again };

    static IResult Show(HookBox box, string? name, string? wrong = null, bool known = false) =>
        Page.Show<WebhooksPage>(new { Messages = box.Newest(200, known ? null : name), Name = name, box.Total, Wrong = wrong, Known = known }, wrong is null ? 200 : 422);
}
