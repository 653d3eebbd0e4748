namespace Komachi.Sandbox;

/// <summary>One thing that happened in the outside world.</summary>
/// <param name="Href">Where it can be looked at.</param>
public sealed record Happening(long Id, DateTimeOffset At, string Service, Remark What, string? Href);

/// <summary>What happened lately and how often, for the front page and for tests that ask "did it get that far?".</summary>
public sealed class Happenings(TimeProvider time)
{
    const int Kept = 1_000;

    readonly Lock _lock = new();
    readonly LinkedList<Happening> _newestFirst = [];
    readonly SortedDictionary<string, long> _counts = [];
    long _last;

    public void Say(string service, string text, params object?[] values) => Say(service, null, new Remark(text, values));

    public void Say(string service, string? href, Remark what)
    {
        var at = time.GetUtcNow();
        lock (_lock)
        {
            _newestFirst.AddFirst(new Happening(++_last, at, service, what, href));
            if (_newestFirst.Count > Kept) _newestFirst.RemoveLast();
            _counts[service] = _counts.GetValueOrDefault(service) + 1;
        }
    }

    public IReadOnlyList<Happening> Newest(int most, string? service = null)
    {
        lock (_lock)
            return [.. _newestFirst.Where(h => service is null || h.Service == service || h.Service.StartsWith(service + ".", StringComparison.Ordinal)).Take(most)];
    }

    public long Count(string service)
    {
        lock (_lock) return _counts.GetValueOrDefault(service);
    }
}
