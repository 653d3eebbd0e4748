using System.Text.RegularExpressions;
using Komachi.Sandbox.Faults;
using Komachi.Sandbox.Web;

namespace Komachi.Sandbox.ShortMessages;

/// <summary>A message as a telephone shows it.</summary>
public sealed record ShortMessage(long Id, DateTimeOffset At, string To, string Text);

/// <summary>
/// A provider of short messages and everybody's telephone: what is posted here is shown as it would be on the phone. A message
/// that is sent again with the same <c>Idempotency-Key</c> is the same message.
/// </summary>
sealed partial class ShortMessageBox(TimeProvider time)
{
    const int Most = 2_000;

    readonly Lock _lock = new();
    readonly LinkedList<ShortMessage> _newestFirst = [];
    readonly Dictionary<string, ShortMessage> _byKey = [];
    readonly Arrivals _arrivals = new(time);
    long _last;

    public long Total { get { lock (_lock) return _last; } }

    public (ShortMessage Message, bool New) Take(string key, string to, string text)
    {
        lock (_lock)
        {
            if (_byKey.TryGetValue(key, out var before)) return (before, false);
            var message = new ShortMessage(++_last, time.GetUtcNow(), to, text);
            _newestFirst.AddFirst(message);
            _byKey[key] = message;
            if (_newestFirst.Count > Most) _newestFirst.RemoveLast();
            _arrivals.Came();
            return (message, true);
        }
    }

    public IReadOnlyList<ShortMessage> Newest(int most, string? to = null)
    {
        lock (_lock) return [.. _newestFirst.Where(m => string.IsNullOrEmpty(to) || m.To == to).Take(most)];
    }

    public Task<ShortMessage?> Wait(string to, long after, TimeSpan patience, CancellationToken stop) => _arrivals.Wait(() =>
    {
        lock (_lock) return _newestFirst.FirstOrDefault(m => m.Id > after && m.To == to);
    }, patience, stop);

    /// <summary>A Japanese mobile number, as providers want it.</summary>
    [GeneratedRegex(@"^\+81[6-9]0\d{8}\z")]
    private static partial Regex Mobile();

    public static bool IsMobile(string to) => Mobile().IsMatch(to);
}

static class ShortMessagePages
{
    sealed record Sent(string? To, string? Text);

    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<ShortMessageBox>();
        services.AddSingleton(new FaultPlace("sms", "Short messages", 503, FaultKind.Delay, FaultKind.Refuse, FaultKind.Drop));
        services.AddSingleton(s => new OutsideService("sms", "Short messages", "What is sent to telephones arrives here, whatever the number.", "/sms",
            () => s.GetRequiredService<ShortMessageBox>().Total, () => "POST /api/sms"));
    }

    public static void Map(WebApplication app)
    {
        app.MapGet("/sms", (ShortMessageBox box, string? to) => Page.Show<ShortMessagesPage>(new { Messages = box.Newest(200, to), To = to, box.Total }));
        app.MapPost("/api/sms", async (HttpContext http, ShortMessageBox box, Happenings happenings) =>
        {
            if (http.Request.Headers.Authorization.ToString() is not ['B', 'e', 'a', 'r', 'e', 'r', ' ', _, ..]) return Answers.Wrong("Send Authorization: Bearer and a token; here any will do.", 401);
            if (http.Request.Headers["Idempotency-Key"].ToString() is not { Length: > 0 and <= 100 } key) return Answers.Wrong("Send an Idempotency-Key.");
            var (sent, no) = await Answers.Body<Sent>(http);
            if (no is not null) return no;
            if (sent!.To is null || !ShortMessageBox.IsMobile(sent.To)) return Answers.Wrong("to is a Japanese mobile number like +819012345678.", 422);
            if (sent.Text is not { Length: > 0 and <= 660 }) return Answers.Wrong("text has 1 to 660 characters.", 422);
            var (message, isNew) = box.Take(key, sent.To, sent.Text);
            if (isNew) happenings.Say("sms", "/sms", new Remark("Short message for {0}", sent.To));
            return Answers.Json(new { id = message.Id }, isNew ? 201 : 200);
        }).WithFaults("sms");
        app.MapGet("/api/sms", (ShortMessageBox box, string? to) => Answers.Json(new { total = box.Total, messages = box.Newest(200, to) }));
        app.MapGet("/api/sms/wait", async (ShortMessageBox box, HttpContext http, string to, long after = 0, double seconds = 10) =>
            seconds is not (>= 0 and <= 120) ? Answers.Wrong("seconds is a number from 0 to 120.")
            : await box.Wait(to, after, TimeSpan.FromSeconds(seconds), http.RequestAborted) is { } message ? Answers.Json(message)
            : Answers.Wrong("No such message came in time.", 404));
    }
}
