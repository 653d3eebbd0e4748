using System.Collections.Concurrent;
using System.Threading.Channels;
using Komachi.Platform.Web;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Komachi.Platform.Towns;

/// <summary>
/// Tells every process that a town has new jobs, or that the registry changed. PostgreSQL's NOTIFY does not cross
/// databases, so there is one doorbell for all towns, in the control database. It may be lost, never wrong:
/// a slow sweep finds what nobody rang for.
/// </summary>
public sealed class Doorbell(NpgsqlDataSource control, Registry registry, TimeProvider time, ILogger<Doorbell> log, WebOptions? options = null) : BackgroundService
{
    internal const string Channel = "komachi";

    TimeSpan Sweep { get; } = (options ?? new()).Sweep;

    readonly ConcurrentDictionary<string, bool> _towns = new();
    readonly Channel<bool> _rung = System.Threading.Channels.Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>A town has jobs to run (its slug), or every town might (null).</summary>
    public event Action<string?>? Heard;

    /// <summary>A town will have jobs to run.</summary>
    public event Action<string, DateTimeOffset>? HeardLater;

    /// <summary>A town's audit has entries of this process that are to be sealed. Only here: whoever wrote them seals them.</summary>
    public event Action<string>? WaitsForSeal;

    /// <summary>The line to PostgreSQL broke. It is the one that is always read, so it tells first that the server went.</summary>
    public event Action? Broke;

    internal void ToSeal(string slug) => WaitsForSeal?.Invoke(slug);

    /// <summary>
    /// Rings for a town: here at once, on other processes a moment later. Never waits, so a page never does. What is due
    /// later is remembered here alone; should this process be gone by then, the others' sweep finds it.
    /// </summary>
    public void Ring(string slug, DateTimeOffset due)
    {
        if (due > time.GetUtcNow())
        {
            HeardLater?.Invoke(slug, due);
            return;
        }
        Heard?.Invoke(slug);
        _towns[slug] = true;
        _rung.Writer.TryWrite(true);
    }

    protected override async Task ExecuteAsync(CancellationToken stop)
    {
        registry.Changed += Changed;
        await Task.WhenAll(Listen(stop), Send(stop));
        registry.Changed -= Changed;

        // It may have jobs that nobody rang for.
        void Changed(Town town) => Heard?.Invoke(town.Slug);
    }

    async Task Listen(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await using var connection = await control.OpenConnectionAsync(stop);
                connection.Notification += (_, e) =>
                {
                    if (e.Payload.Length > 0 && e.PID != connection.ProcessID) Heard?.Invoke(e.Payload);
                    else if (e.Payload.Length == 0) _ = RefreshQuietly(stop);
                };
                await using (var listen = new NpgsqlCommand("LISTEN " + Channel, connection)) await listen.ExecuteNonQueryAsync(stop);
                var lastSweep = long.MinValue;
                while (true)
                {
                    if (lastSweep == long.MinValue || time.GetElapsedTime(lastSweep) >= Sweep)
                    {
                        await registry.Refresh(stop);
                        Heard?.Invoke(null);
                        lastSweep = time.GetTimestamp();
                    }
                    await connection.WaitAsync(Sweep, stop);    // true: a notification came; false: time for a sweep
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested) { }
            catch (Exception e) when (e is NpgsqlException or InvalidOperationException)
            {
                log.LogWarning("The doorbell is out of order ({Error}); trying again.", e.GetType().Name);
                // What else was open and unused broke with it, and would be noticed by the next person who gets it.
                control.Clear();
                Broke?.Invoke();
                await Task.Delay(TimeSpan.FromSeconds(1), stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    async Task RefreshQuietly(CancellationToken stop)
    {
        try
        {
            await registry.Refresh(stop);
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException) { log.LogWarning("The registry could not be read ({Error}).", e.GetType().Name); }
    }

    async Task Send(CancellationToken stop)
    {
        try
        {
            await foreach (var _ in _rung.Reader.ReadAllAsync(stop))
            {
                var towns = new List<string>();
                foreach (var slug in _towns.Keys)
                    if (_towns.TryRemove(slug, out var __)) towns.Add(slug);
                try
                {
                    await using var ring = control.CreateCommand("SELECT pg_notify($1, slug) FROM unnest($2) slug");
                    ring.Parameters.Add(new() { Value = Channel });
                    ring.Parameters.Add(new() { Value = towns.ToArray() });
                    await ring.ExecuteNonQueryAsync(stop);
                }
                catch (NpgsqlException e)
                {
                    log.LogWarning("A ring was lost ({Error}); the sweep will find the jobs.", e.GetType().Name);
                }
                // At most some twenty rings a second leave this process, however many jobs it writes.
                await Task.Delay(50, stop);
            }
        }
        catch (OperationCanceledException) { }
    }
}
