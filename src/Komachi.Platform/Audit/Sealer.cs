using System.Collections.Concurrent;
using Komachi.Platform.Data;
using Komachi.Platform.Towns;
using Komachi.Platform.Web;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace Komachi.Platform.Audit;

/// <param name="Sealed">Entries that were sealed now.</param>
/// <param name="Head">The last block of the chain; null while there is none.</param>
/// <param name="WaitingSince">The oldest entry that must wait for a transaction which is still open; null when none does.</param>
/// <param name="Busy">Another process is sealing at this moment.</param>
public sealed record Sealing(int Sealed, Head? Head, DateTimeOffset? WaitingSince, bool Busy);

/// <summary>
/// Puts entries into blocks. What may be sealed is every entry of a transaction older than the oldest that still runs: of those no
/// more can come, however late one of them was committed. A time, or an order of ids, would not say so. Nobody who writes an
/// entry waits for this: sealing only reads entries and adds a block.
/// </summary>
public sealed class Sealer(TownDatabases databases, Anchors anchors, TimeProvider time, ILogger<Sealer> log)
{
    /// <summary>Held while a block is made; advisory locks are each database's own, so towns do not wait for each other.</summary>
    internal const string TakeLock = "SELECT pg_try_advisory_xact_lock(7264, 4)";

    // The end of the chain, what is final now, and the first entry behind the end: one question, and all that a quiet town costs.
    const string Look = """
        SELECT era.number, pg_snapshot_xmin(pg_current_snapshot()), b.number, b.era, b.to_xid, b.to_id, b.total, b.sealed_at, b.hash, next.at
        FROM (SELECT max(number) AS number FROM audit.eras) era
        LEFT JOIN LATERAL (SELECT * FROM audit.blocks ORDER BY number DESC LIMIT 1) b ON true
        LEFT JOIN LATERAL (
            SELECT at FROM audit.entries e
            WHERE (e.era, e.xid, e.id) > (coalesce(b.era, 0), coalesce(b.to_xid, '0'), coalesce(b.to_id, '00000000-0000-0000-0000-000000000000'))
            ORDER BY e.era, e.xid, e.id LIMIT 1) next ON true
        """;

    sealed record Seen(int Era, ulong Final, Head? Last, SealKey End, long Total, DateTimeOffset? Next);

    public async Task<Sealing> Seal(Town town, CancellationToken stop = default)
    {
        await using var connection = await databases.Connect(town, stop);
        var seen = await LookAt(connection, stop);
        var done = 0;
        while (seen.Next is not null)
        {
            await using var transaction = await connection.BeginTransactionAsync(stop);
            await using (var alone = new NpgsqlCommand(TakeLock, connection))
                if (await alone.ExecuteScalarAsync(stop) is not true) return new(done, seen.Last, null, Busy: true);
            seen = await LookAt(connection, stop);    // again: another process may have sealed meanwhile
            if (seen.Last is { } last && last.Era == seen.Era && seen.Final <= seen.End.Xid)
            {
                log.LogError("{Town}: transactions are counted from lower than before: the database was brought to another server by other means than komachi town restore. Nothing is sealed.", town.Slug);
                return new(done, seen.Last, null, Busy: false);
            }
            if (await MakeBlock(connection, seen, stop) is not { } block) break;
            await transaction.CommitAsync(stop);
            done += block.Count;
            seen = await LookAt(connection, stop);
            if (block.Count < AuditBlock.Most && block.Era == seen.Era) break;
        }
        // Behind the commit: an anchor of a block that never came to be would look like a block that was removed.
        if (seen.Last is { } head) await anchors.Keep(town.Slug, head, stop);
        return new(done, seen.Last, seen.Next, Busy: false);
    }

    static async Task<Seen> LookAt(NpgsqlConnection connection, CancellationToken stop)
    {
        await using var look = new NpgsqlCommand(Look, connection);
        await using var row = await look.ExecuteReaderAsync(stop);
        await row.ReadAsync(stop);
        var (era, final, next) = (row.GetInt32(0), row.GetFieldValue<ulong>(1), row.IsDBNull(9) ? (DateTimeOffset?)null : row.GetFieldValue<DateTimeOffset>(9));
        return row.IsDBNull(2) ? new(era, final, null, default, 0, next) :
            new(era, final, new(row.GetInt32(3), row.GetInt64(2), row.GetFieldValue<byte[]>(8), row.GetFieldValue<DateTimeOffset>(7)),
                new(row.GetInt32(3), row.GetFieldValue<ulong>(4), row.GetGuid(5)), row.GetInt64(6), next);
    }

    /// <summary>Reads entries of one era as the database gives them back, and adds their block. Null when none is final yet.</summary>
    async Task<AuditBlock?> MakeBlock(NpgsqlConnection connection, Seen seen, CancellationToken stop)
    {
        using var rows = new SealedRows();
        // Entries of an earlier era were brought by a restore: they are all there is of it, and all of them are final.
        await using (var read = new NpgsqlCommand($"""
            SELECT {SealedRows.Columns} FROM audit.entries
            WHERE (era, xid, id) > ($1, $2, $3) AND (era < $4 OR (era = $4 AND xid < $5))
            ORDER BY era, xid, id LIMIT {AuditBlock.Most}
            """, connection) { CommandTimeout = 120 })
        {
            AddKey(read, seen.End);
            read.Parameters.Add(new() { Value = seen.Era });
            read.Parameters.Add(new() { Value = seen.Final, NpgsqlDbType = NpgsqlDbType.Xid8 });
            await using var row = await read.ExecuteReaderAsync(stop);
            while (await row.ReadAsync(stop))
            {
                var key = SealedRows.KeyOf(row);
                if (rows.Count > 0 && key.Era != rows.First.Era) break;
                rows.Add(key, row);
            }
        }
        if (rows.Count == 0) return null;

        var now = time.GetUtcNow();
        var unhashed = new AuditBlock
        {
            Number = (seen.Last?.Number ?? 0) + 1, Form = AuditBlock.NewestForm, Era = rows.First.Era,
            FromXid = rows.First.Xid, FromId = rows.First.Id, ToXid = rows.Last.Xid, ToId = rows.Last.Id,
            Count = rows.Count, Total = seen.Total + rows.Count, Register = rows.Register.ToArray(), ContentHash = rows.TakeHash(),
            PreviousHash = seen.Last?.Hash ?? AuditBlock.Nothing, SealedAt = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond)), Hash = [],
        };
        await using var add = new NpgsqlCommand($"INSERT INTO audit.blocks ({AuditBlock.Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)", connection);
        foreach (object value in new object[] { unhashed.Number, unhashed.Form, unhashed.Era, unhashed.FromXid, unhashed.FromId, unhashed.ToXid, unhashed.ToId,
            unhashed.Count, unhashed.Total, unhashed.Register, unhashed.ContentHash, unhashed.PreviousHash, unhashed.SealedAt, unhashed.ComputeHash() })
            add.Parameters.Add(value is ulong xid ? new() { Value = xid, NpgsqlDbType = NpgsqlDbType.Xid8 } : new NpgsqlParameter { Value = value });
        await add.ExecuteNonQueryAsync(stop);
        return unhashed;
    }

    internal static void AddKey(NpgsqlCommand command, SealKey key)
    {
        command.Parameters.Add(new() { Value = key.Era });
        command.Parameters.Add(new() { Value = key.Xid, NpgsqlDbType = NpgsqlDbType.Xid8 });
        command.Parameters.Add(new() { Value = key.Id });
    }
}

/// <summary>
/// Seals a town's entries within some seconds: the process that saved them remembers to. What a killed process left is found by a slow
/// sweep; a quiet town is not asked in between, so it keeps no connection.
/// </summary>
sealed class SealingRunner(Sealer sealer, Registry registry, Doorbell bell, TownDatabases databases, ILogger<SealingRunner> log) : BackgroundService
{
    // Entries of two seconds share a block. What waits for an open transaction is looked at again often at first; the transaction
    // may be a long one of another town, since a cluster counts them all together.
    static readonly TimeSpan Soon = TimeSpan.FromSeconds(2), Again = TimeSpan.FromSeconds(1), Later = TimeSpan.FromSeconds(3), AfterTrouble = TimeSpan.FromSeconds(5), BetweenSweeps = TimeSpan.FromMinutes(5);
    const int AtOnce = 4, OftenAtFirst = 60;

    readonly ConcurrentDictionary<string, int> _due = new();
    readonly SemaphoreSlim _turns = new(AtOnce);
    CancellationToken _stop;
    long _nextSweep;
    int _running;

    protected override async Task ExecuteAsync(CancellationToken stop)
    {
        _stop = stop;
        bell.WaitsForSeal += SealSoon;
        bell.Heard += Sweep;
        Sweep(null);
        await Task.Delay(Timeout.Infinite, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        bell.WaitsForSeal -= SealSoon;
        bell.Heard -= Sweep;
        for (var waited = 0; Volatile.Read(ref _running) > 0 && waited < 200; waited++) await Task.Delay(10, CancellationToken.None);
    }

    void SealSoon(string slug) => Start(slug, Soon, 0);

    void Sweep(string? slug)
    {
        // Each process seals what it wrote; only what a killed one left waits for this, and it is to be cheap with two hundred towns.
        if (slug is not null || Environment.TickCount64 < _nextSweep) return;
        _nextSweep = Environment.TickCount64 + (long)BetweenSweeps.TotalMilliseconds;
        foreach (var town in registry.Towns) Start(town.Slug, TimeSpan.Zero, 0);
    }

    void Start(string slug, TimeSpan wait, int attempt)
    {
        if (!_stop.IsCancellationRequested && _due.TryAdd(slug, attempt)) _ = SealAfter(slug, wait, attempt);
    }

    async Task SealAfter(string slug, TimeSpan wait, int attempt)
    {
        Interlocked.Increment(ref _running);
        try
        {
            if (wait > TimeSpan.Zero) await Task.Delay(wait, _stop);
            await _turns.WaitAsync(_stop);
            try
            {
                // Before looking: who saves an entry from here on comes again.
                _due.TryRemove(slug, out _);
                if (registry.Find(slug) is not { State: TownState.Open } town || !await databases.Fits(town, _stop)) return;
                var outcome = await sealer.Seal(town, _stop);
                if (outcome.Busy || outcome.WaitingSince is not null) Start(slug, attempt < OftenAtFirst ? Again : Later, attempt + 1);
            }
            finally
            {
                _turns.Release();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested) { }
        catch (Exception e)
        {
            log.LogWarning("{Town}: the audit could not be sealed ({Error}); trying again.", slug, e.GetType().Name);
            _due.TryRemove(slug, out _);
            if (attempt < 3) Start(slug, AfterTrouble, attempt + 1);    // then the sweep comes by
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }
}
