using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Komachi.Platform.Data;
using Komachi.Platform.Jobs;
using Komachi.Platform.Towns;
using Komachi.Platform.Web;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Komachi.Platform.Operator;

/// <summary>
/// How the towns are: numbers, nobody's data. Each town is asked two fixed questions from time to time and what it said is
/// kept in the control database, so that the page costs one query however many towns there are.
/// </summary>
public sealed class TownHealth(NpgsqlDataSource control, Registry registry, House house, Servers servers, TimeProvider time)
{
    /// <summary>What a town said. Without an answer there is a reason and nothing else.</summary>
    public sealed record Numbers(bool Answers, bool SchemaFits, long Waiting, long Running, long Parked, DateTimeOffset? OldestWaitingAt, DateOnly? LastFiguresOn, long DatabaseBytes, int Milliseconds, string? Trouble);

    public sealed record Row(Town Town, DateTimeOffset? TakenAt, Numbers? Numbers, DateTimeOffset? LastBackupAt)
    {
        static readonly TimeSpan LongWait = TimeSpan.FromMinutes(10);

        /// <summary>Somebody should look: it does not answer, does not fit the program, gave up on work or does not come to it.</summary>
        public bool NeedsALook => Numbers is { } n && (!n.Answers || !n.SchemaFits || n.Parked > 0 || TakenAt - n.OldestWaitingAt > LongWait);
    }

    const int AtOnce = 4;

    internal async Task<IReadOnlyList<Row>> Read(CancellationToken stop)
    {
        var kept = new Dictionary<string, (DateTimeOffset At, Numbers Numbers)>();
        var backups = new Dictionary<string, DateTimeOffset>();
        await using (var read = control.CreateCommand("SELECT town, taken_at, numbers FROM registry.town_health"))
        await using (var rows = await read.ExecuteReaderAsync(stop))
            while (await rows.ReadAsync(stop)) kept[rows.GetString(0)] = (rows.GetFieldValue<DateTimeOffset>(1), JsonSerializer.Deserialize<Numbers>(rows.GetString(2), JobKind.Json)!);
        await using (var read = control.CreateCommand("SELECT town, max(at) FROM registry.backups GROUP BY town"))
        await using (var rows = await read.ExecuteReaderAsync(stop))
            while (await rows.ReadAsync(stop)) backups[rows.GetString(0)] = rows.GetFieldValue<DateTimeOffset>(1);
        return [.. registry.Towns.Select(t => new Row(t, kept.TryGetValue(t.Slug, out var k) ? k.At : null, k.Numbers, backups.TryGetValue(t.Slug, out var at) ? at : null))];
    }

    /// <summary>Asks the towns, a few at once.</summary>
    internal async Task Look(IReadOnlyCollection<Town> towns, CancellationToken stop)
    {
        var said = new ConcurrentDictionary<string, Numbers>();
        await Parallel.ForEachAsync(towns, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stop }, async (town, s) => said[town.Slug] = await Ask(town, s));
        await using var keep = control.CreateCommand("""
            INSERT INTO registry.town_health (town, taken_at, numbers) SELECT t.town, $3, t.numbers::jsonb FROM unnest($1, $2) t (town, numbers)
            ON CONFLICT (town) DO UPDATE SET taken_at = excluded.taken_at, numbers = excluded.numbers
            """);
        var pairs = said.ToArray();
        keep.Parameters.Add(new() { Value = pairs.Select(p => p.Key).ToArray() });
        keep.Parameters.Add(new() { Value = pairs.Select(p => JsonSerializer.Serialize(p.Value, JobKind.Json)).ToArray() });
        keep.Parameters.Add(new() { Value = time.GetUtcNow() });
        await keep.ExecuteNonQueryAsync(stop);
    }

    /// <summary>All towns, if no process did just now; of several that come to it together, one does it.</summary>
    internal async Task LookAtAll(TimeSpan unlessWithin, CancellationToken stop)
    {
        await using var connection = await control.OpenConnectionAsync(stop);
        await using (var alone = new NpgsqlCommand("SELECT pg_try_advisory_lock(7264, 4) AND NOT EXISTS (SELECT FROM registry.town_health WHERE taken_at > $1)", connection) { Parameters = { new() { Value = time.GetUtcNow() - unlessWithin } } })
            if (await alone.ExecuteScalarAsync(stop) is true)
            {
                await Look(registry.Towns, stop);
                await using var gone = new NpgsqlCommand("DELETE FROM registry.town_health h WHERE NOT EXISTS (SELECT FROM registry.towns t WHERE t.slug = h.town)", connection);
                await gone.ExecuteNonQueryAsync(stop);
            }
        await using var release = new NpgsqlCommand("SELECT pg_advisory_unlock_all()", connection);
        await release.ExecuteNonQueryAsync(stop);
    }

    async Task<Numbers> Ask(Town town, CancellationToken stop)
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            // Outside the towns' pools: two hundred quiet towns must not hold a connection each because they were asked how they are.
            await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(servers.ServingString(town.Server, town.Database)) { Pooling = false, MaxAutoPrepare = 0, Timeout = 5, CommandTimeout = 10 }.ConnectionString);
            await connection.OpenAsync(stop);
            var fits = await SchemaRange.Fits(connection, house.Migrations, stop);
            await using var ask = new NpgsqlCommand("""
                SELECT count(*) FILTER (WHERE dead_at IS NULL AND lease IS NULL AND run_at <= now()),
                    count(*) FILTER (WHERE dead_at IS NULL AND lease IS NOT NULL),
                    count(*) FILTER (WHERE dead_at IS NOT NULL),
                    min(run_at) FILTER (WHERE dead_at IS NULL AND lease IS NULL AND run_at <= now()),
                    (SELECT max(taken_on) FROM figures.snapshots), pg_database_size(current_database())
                FROM jobs.queue
                """, connection);
            await using var rows = await ask.ExecuteReaderAsync(stop);
            await rows.ReadAsync(stop);
            return new(true, fits, rows.GetInt64(0), rows.GetInt64(1), rows.GetInt64(2), rows.IsDBNull(3) ? null : rows.GetFieldValue<DateTimeOffset>(3),
                rows.IsDBNull(4) ? null : rows.GetFieldValue<DateOnly>(4), rows.GetInt64(5), Took(), null);
        }
        // Its code alone: a message may name what stands in a row.
        catch (PostgresException e)
        {
            return new(false, false, 0, 0, 0, null, null, 0, Took(), e.SqlState);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or InvalidOperationException)
        {
            return new(false, false, 0, 0, 0, null, null, 0, Took(), e.GetType().Name);
        }

        int Took() => (int)Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }
}

/// <summary>Looks from time to time, in whichever process comes to it first.</summary>
sealed class LookAfterTowns(TownHealth health, WebOptions options, TimeProvider time, ILogger<LookAfterTowns> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stop)
    {
        if (options.LooksAfterTowns <= TimeSpan.Zero) return;
        using var clock = new PeriodicTimer(options.LooksAfterTowns, time);
        try
        {
            do
            {
                try
                {
                    await health.LookAtAll(options.LooksAfterTowns / 2, stop);
                }
                catch (Exception e) when (e is NpgsqlException or TimeoutException)
                {
                    log.LogWarning("How the towns are could not be kept ({Error}).", e.GetType().Name);
                }
            }
            while (await clock.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested) { }
    }
}
