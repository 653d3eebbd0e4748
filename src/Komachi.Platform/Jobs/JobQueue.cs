using Komachi.Platform.Data;
using Komachi.Platform.Towns;
using Npgsql;
using NpgsqlTypes;

namespace Komachi.Platform.Jobs;

/// <summary>The queue of one town as workers see it: every statement on <c>jobs.queue</c> that is not an entity's.</summary>
sealed class JobQueue(TownDatabases databases, House house)
{
    readonly JobKind[] _limited = house.Jobs.Values.Where(k => k.Rules.AtOnce is not null).ToArray();
    readonly string[] _lanes = house.Jobs.Values.Select(k => k.Lane).Distinct().ToArray();
    readonly (string[] Names, double[] Seconds) _leases =
        (house.Jobs.Values.Select(k => k.Name).ToArray(), house.Jobs.Values.Select(k => k.Rules.Lease.TotalSeconds).ToArray());

    public sealed record Claimed(Guid Id, string Kind, string Payload, int Attempt, Guid Lease);

    /// <summary>Starts the schedules' slots that are due. Two processes may both ask; the key lets one through.</summary>
    public async Task StartSlots(Town town, IReadOnlyList<(string Kind, DateTimeOffset DueAt)> due, CancellationToken stop)
    {
        if (due.Count == 0) return;
        await using var start = databases.Source(town).CreateCommand("""
            WITH started AS (
                INSERT INTO jobs.slots (kind, due_at) SELECT * FROM unnest($1, $2)
                ON CONFLICT DO NOTHING RETURNING kind)
            INSERT INTO jobs.queue (id, kind, lane, payload, run_at, attempt, created_at)
            SELECT gen_random_uuid(), kind, CASE WHEN kind = ANY ($3) THEN kind ELSE '' END, '{}', now(), 0, now() FROM started
            """);
        start.Parameters.Add(new() { Value = due.Select(d => d.Kind).ToArray() });
        start.Parameters.Add(new() { Value = due.Select(d => d.DueAt.UtcDateTime).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz });
        start.Parameters.Add(new() { Value = _lanes });
        await start.ExecuteNonQueryAsync(stop);
    }

    /// <summary>
    /// A new town has no day behind it to look after: what is done at a time of day begins with the next one. Before the registry knows the
    /// town, so that no worker comes first.
    /// </summary>
    public static async Task BeginWithNextDay(NpgsqlConnection owner, House house, DateTimeOffset now, CancellationToken stop)
    {
        var daily = house.Schedules.Where(s => s.Rhythm.IsDaily).ToArray();
        await using var take = new NpgsqlCommand("INSERT INTO jobs.slots (kind, due_at) SELECT * FROM unnest($1, $2) ON CONFLICT DO NOTHING", owner);
        take.Parameters.Add(new() { Value = daily.Select(s => s.Job).ToArray() });
        take.Parameters.Add(new() { Value = daily.Select(s => s.Rhythm.Latest(now).UtcDateTime).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz });
        await take.ExecuteNonQueryAsync(stop);
    }

    /// <summary>Puts every job where this program looks for it: a release may limit a kind, or no longer.</summary>
    public async Task SettleLanes(Town town, CancellationToken stop)
    {
        await using var settle = databases.Source(town).CreateCommand("""
            UPDATE jobs.queue SET lane = CASE WHEN kind = ANY ($1) THEN kind ELSE '' END
            WHERE lane <> CASE WHEN kind = ANY ($1) THEN kind ELSE '' END
            """);
        settle.Parameters.Add(new() { Value = _lanes });
        await settle.ExecuteNonQueryAsync(stop);
    }

    /// <summary>Takes jobs of all kinds without a limit.</summary>
    public async Task<List<Claimed>> Claim(Town town, int most, CancellationToken stop)
    {
        await using var claim = databases.Source(town).CreateCommand("""
            UPDATE jobs.queue q
            SET lease = $1, attempt = attempt + 1, run_at = now() + make_interval(secs => coalesce((
                SELECT seconds FROM unnest($3, $4) l (kind, seconds) WHERE l.kind = q.kind), 30))
            FROM (
                SELECT id FROM jobs.queue
                WHERE dead_at IS NULL AND lane = '' AND run_at <= now()
                ORDER BY run_at LIMIT $2 FOR UPDATE SKIP LOCKED) due
            WHERE q.id = due.id
            RETURNING q.id, q.kind, q.payload, q.attempt
            """);
        var lease = Id.New();
        foreach (object value in new object[] { lease, most, _leases.Names, _leases.Seconds }) claim.Parameters.Add(new() { Value = value });
        return await Read(claim, lease, stop);
    }

    /// <summary>Takes one job of a kind with a limit, the one that has waited longest and has room.</summary>
    public async Task<List<Claimed>> ClaimLimited(Town town, CancellationToken stop)
    {
        if (_limited.Length == 0) return [];
        var source = databases.Source(town);
        // Mostly none: and to claim under a limit takes four messages, which an empty queue need not cost.
        var kinds = new List<string>();
        await using (var look = source.CreateCommand("""
            SELECT l.lane FROM unnest($1) l (lane) CROSS JOIN LATERAL (
                SELECT run_at FROM jobs.queue q WHERE q.lane = l.lane AND dead_at IS NULL AND run_at <= now() ORDER BY run_at LIMIT 1) longest
            ORDER BY longest.run_at
            """))
        {
            look.Parameters.Add(new() { Value = _limited.Select(k => k.Lane).ToArray() });
            await using var rows = await look.ExecuteReaderAsync(stop);
            while (await rows.ReadAsync(stop)) kinds.Add(rows.GetString(0));
        }
        foreach (var kind in kinds)
            if (await ClaimUnderLimit(source, house.Jobs[kind], stop) is { Count: > 0 } claimed) return claimed;
        return [];
    }

    /// <summary>Counting what runs and taking one more is one act, so the limit holds over all processes.</summary>
    static async Task<List<Claimed>> ClaimUnderLimit(NpgsqlDataSource source, JobKind kind, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        await using (var alone = new NpgsqlCommand("SELECT pg_try_advisory_xact_lock(hashtext($1))", connection) { Parameters = { new() { Value = kind.Name } } })
            if (await alone.ExecuteScalarAsync(stop) is not true) return [];    // another worker is choosing at this moment
        await using var claim = new NpgsqlCommand("""
            UPDATE jobs.queue q
            SET lease = $1, attempt = attempt + 1, run_at = now() + make_interval(secs => $2)
            FROM (
                SELECT id FROM jobs.queue
                WHERE dead_at IS NULL AND lane = $3 AND run_at <= now()
                ORDER BY run_at
                LIMIT CASE WHEN (SELECT count(*) FROM jobs.queue WHERE lane = $3 AND lease IS NOT NULL AND dead_at IS NULL AND run_at > now()) < $4 THEN 1 ELSE 0 END
                FOR UPDATE SKIP LOCKED) due
            WHERE q.id = due.id
            RETURNING q.id, q.kind, q.payload, q.attempt
            """, connection);
        var lease = Id.New();
        foreach (object value in new object[] { lease, kind.Rules.Lease.TotalSeconds, kind.Lane, (long)kind.Rules.AtOnce!.Value }) claim.Parameters.Add(new() { Value = value });
        var claimed = await Read(claim, lease, stop);
        await transaction.CommitAsync(stop);
        return claimed;
    }

    static async Task<List<Claimed>> Read(NpgsqlCommand claim, Guid lease, CancellationToken stop)
    {
        var claimed = new List<Claimed>();
        await using var rows = await claim.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop))
            claimed.Add(new(rows.GetGuid(0), rows.GetString(1), rows.GetString(2), rows.GetInt32(3), lease));
        return claimed;
    }

    /// <summary>When the next job of the town is due; null when none waits.</summary>
    public async Task<DateTimeOffset?> NextDue(Town town, CancellationToken stop)
    {
        await using var next = databases.Source(town).CreateCommand("""
            SELECT min(first.run_at) FROM unnest($1) l (lane) CROSS JOIN LATERAL (
                SELECT run_at FROM jobs.queue q WHERE q.lane = l.lane AND dead_at IS NULL ORDER BY run_at LIMIT 1) first
            """);
        next.Parameters.Add(new() { Value = _lanes });
        return await next.ExecuteScalarAsync(stop) is DateTime at ? new DateTimeOffset(at, TimeSpan.Zero) : null;
    }

    /// <summary>Ends jobs that changed nothing in the database, in one statement.</summary>
    public async Task Finish(Town town, Guid lease, IReadOnlyCollection<Guid> done, CancellationToken stop)
    {
        if (done.Count == 0) return;
        await using var finish = databases.Source(town).CreateCommand("DELETE FROM jobs.queue WHERE id = ANY ($1) AND lease = $2");
        finish.Parameters.Add(new() { Value = done.ToArray() });
        finish.Parameters.Add(new() { Value = lease });
        await finish.ExecuteNonQueryAsync(stop);
    }

    public async Task Renew(Town town, Guid lease, IReadOnlyCollection<Guid> held, CancellationToken stop)
    {
        await using var renew = databases.Source(town).CreateCommand("""
            UPDATE jobs.queue q
            SET run_at = now() + make_interval(secs => coalesce((
                SELECT seconds FROM unnest($3, $4) l (kind, seconds) WHERE l.kind = q.kind), 30))
            WHERE id = ANY ($1) AND lease = $2
            """);
        renew.Parameters.Add(new() { Value = held.ToArray() });
        renew.Parameters.Add(new() { Value = lease });
        renew.Parameters.Add(new() { Value = _leases.Names });
        renew.Parameters.Add(new() { Value = _leases.Seconds });
        await renew.ExecuteNonQueryAsync(stop);
    }

    /// <summary>Back into the queue for later, or parked when <paramref name="wait"/> is null.</summary>
    public async Task Fail(Town town, Claimed job, string reason, TimeSpan? wait, CancellationToken stop)
    {
        await using var fail = databases.Source(town).CreateCommand("""
            UPDATE jobs.queue
            SET lease = NULL, last_error = $3, run_at = now() + make_interval(secs => $4), dead_at = CASE WHEN $5 THEN now() END
            WHERE id = $1 AND lease = $2
            """);
        foreach (object value in new object[] { job.Id, job.Lease, reason, wait?.TotalSeconds ?? 0, wait is null })
            fail.Parameters.Add(new() { Value = value });
        await fail.ExecuteNonQueryAsync(stop);
    }

    /// <summary>Gives back what was claimed and not begun: the program is ending.</summary>
    public async Task Return(Town town, Guid lease, IReadOnlyCollection<Guid> unbegun, CancellationToken stop)
    {
        if (unbegun.Count == 0) return;
        await using var back = databases.Source(town).CreateCommand("UPDATE jobs.queue SET lease = NULL, attempt = attempt - 1, run_at = now() WHERE id = ANY ($1) AND lease = $2");
        back.Parameters.Add(new() { Value = unbegun.ToArray() });
        back.Parameters.Add(new() { Value = lease });
        await back.ExecuteNonQueryAsync(stop);
    }
}
