using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Komachi.Platform.Data;
using Komachi.Platform.Towns;

namespace Komachi.Platform.Jobs;

/// <summary>
/// Work that happens after a request: a record with what it needs, and how it runs. A job runs at least once, so running
/// it twice must do what running it once does; towards another system it sends its <see cref="JobRun.Id"/> as the
/// idempotency key. What it changes in <see cref="JobRun.Db"/> is saved together with its own end.
/// </summary>
public interface IJob<T> where T : IJob<T>
{
    /// <summary>How the queue names it: <c>module.verb_noun</c>. It stands in rows, so it never changes.</summary>
    static abstract string Name { get; }

    /// <summary>How people at the desk read it, as a key of the words. A rule of the house asks for it.</summary>
    static virtual string Title => "";

    static virtual JobRules Rules => JobRules.Default;

    static abstract Task Run(T job, JobRun run);
}

/// <param name="Attempts">How often it is tried before it is parked for a person to look at.</param>
/// <param name="Lease">How long a silent worker keeps it before another one may take it.</param>
/// <param name="AtOnce">How many of the kind may run at the same time in one town, over all processes; null: no limit.</param>
public sealed record JobRules(int Attempts = 12, TimeSpan Lease = default, int? AtOnce = null)
{
    public static readonly JobRules Default = new();

    // Short, since it is renewed while the job runs: what a killed program held goes on half a minute later.
    public TimeSpan Lease { get; } = Lease == default ? TimeSpan.FromSeconds(30) : Lease;

    /// <summary>5 s, 15 s, 45 s, … at most an hour; a quarter more or less, so that failures do not march in step.</summary>
    public static TimeSpan Backoff(int attempt, double random) =>
        TimeSpan.FromSeconds(Math.Min(3600, 5 * Math.Pow(3, attempt - 1)) * (0.75 + random / 2));
}

/// <summary>One run of a job.</summary>
public sealed class JobRun(Guid id, int attempt, Town town, TownDb db, IServiceProvider services, CancellationToken stop)
{
    /// <summary>The same at every attempt: the idempotency key towards others.</summary>
    public Guid Id => id;
    public int Attempt => attempt;
    public Town Town => town;
    public TownDb Db => db;
    public IServiceProvider Services => services;
    public CancellationToken Stop => stop;
    public TimeProvider Time => (TimeProvider)services.GetService(typeof(TimeProvider))!;
}

/// <summary>
/// The job cannot be done now; it is tried again, and the reason is shown at the desk. The reason never holds personal data.
/// </summary>
public sealed class JobFailed(string reason, bool forGood = false) : Exception(reason)
{
    /// <summary>Trying again is no use: park it at once.</summary>
    public bool ForGood => forGood;
}

/// <summary>How the house runs jobs of one name.</summary>
public sealed record JobKind(string Name, string Title, Type Payload, Type? Event, JobRules Rules, Func<string, JobRun, Task> Run)
{
    /// <summary>Where it waits: with all others, or by itself when its number is limited.</summary>
    public string Lane => Rules.AtOnce is null ? "" : Name;

    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    public static JobKind Of<T>() where T : IJob<T> =>
        new(T.Name, T.Title, typeof(T), null, T.Rules, (json, run) => T.Run(JsonSerializer.Deserialize<T>(json, Json)!, run));

    public static JobKind Hearer<T>(string module, string title, Func<T, JobRun, Task> hearer) where T : class =>
        new($"{module}.hears_{TownDb.SnakeCase(typeof(T).Name)}", title, typeof(T), typeof(T), JobRules.Default,
            (json, run) => hearer(JsonSerializer.Deserialize<T>(json, Json)!, run));
}

/// <summary>When a job starts by itself.</summary>
public sealed record Schedule(string Job, Rhythm Rhythm);

public readonly record struct Rhythm
{
    static readonly TimeSpan Japan = TimeSpan.FromHours(9);    // no summer time since 1952

    readonly TimeSpan _interval, _offset;

    Rhythm(TimeSpan interval, TimeSpan offset) => (_interval, _offset) = (interval, offset);

    public static Rhythm Every(TimeSpan interval)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(interval, TimeSpan.FromSeconds(1));
        return new(interval, TimeSpan.Zero);
    }

    public static Rhythm Daily(TimeOnly inJapan) => new(TimeSpan.FromDays(1), inJapan.ToTimeSpan() - Japan);

    /// <summary>At a time of day, and not every so often.</summary>
    public bool IsDaily => _interval == TimeSpan.FromDays(1);

    /// <summary>The newest time at or before now at which it was due.</summary>
    public DateTimeOffset Latest(DateTimeOffset now)
    {
        var since = now.UtcTicks - _offset.Ticks;
        return new(since - since % _interval.Ticks + _offset.Ticks, TimeSpan.Zero);
    }

    public DateTimeOffset Next(DateTimeOffset now) => Latest(now) + _interval;
}
