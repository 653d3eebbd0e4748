using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Komachi.Platform.Data;

/// <summary>
/// Counts that all processes share: attempts to sign in, codes, look-ups, uploads, requests of other systems. The subject (an account, a network)
/// is kept only as a keyed hash, in windows of time; a system, which is nobody, goes by its id.
/// </summary>
sealed class SharedCounter
{
    public required string Kind { get; init; }
    public required byte[] Subject { get; init; }
    public DateTimeOffset WindowAt { get; init; }
    public int Count { get; init; }

    public static void Map(ModelBuilder model) => model.Entity<SharedCounter>(e =>
    {
        e.ToTable("counters");
        e.HasKey(c => new { c.Kind, c.Subject, c.WindowAt });
    });
}

public sealed class SharedCounters(TownDatabases databases, Servers servers, TimeProvider time)
{
    readonly byte[] _key = servers.KeyFor("counters");

    /// <summary>Counts one more; says whether that is still within the limit, and how long to wait until one more would be.</summary>
    public async Task<(bool Within, TimeSpan Wait)> Count(Towns.Town town, string kind, string subject, int limit, TimeSpan window, CancellationToken stop)
    {
        var (counting, now) = Counting(kind, subject, 1, window);
        await using var connection = await databases.Connect(town, stop);
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { counting } };
        var recent = RecentCount.Read(await batch.ExecuteScalarAsync(stop), now, window);
        return (recent.Within(limit), recent.Wait(limit));
    }

    /// <summary>The statement that counts so much more, to go with others in one message; its answer is read with <see cref="RecentCount.Read"/>, by the time given here.</summary>
    internal (NpgsqlBatchCommand Counting, DateTimeOffset Now) Counting(string kind, string subject, int more, TimeSpan window)
    {
        var now = time.GetUtcNow();
        var start = RecentCount.Begun(now, window);
        // Not written through to the disk: whoever counts waits for nobody's commit, and a server that dies forgets the counts of its last moment at most.
        var counting = new NpgsqlBatchCommand("""
            INSERT INTO house.counters AS c (kind, subject, window_at, count) SELECT $1, $2, $3, $4 FROM set_config('synchronous_commit', 'off', true)
            ON CONFLICT (kind, subject, window_at) DO UPDATE SET count = least(c.count::bigint + $4, 2147483647)::int
            RETURNING ARRAY[c.count, coalesce((SELECT b.count FROM house.counters b WHERE b.kind = $1 AND b.subject = $2 AND b.window_at = $5), 0)]
            """);
        foreach (var value in new object[] { kind, HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(subject)), start, more, start - window }) counting.Parameters.Add(new() { Value = value });
        return (counting, now);
    }

    /// <summary>Forgets these counts: the person proved to be who they are.</summary>
    public async Task Forget(Towns.Town town, string kind, string subject, CancellationToken stop)
    {
        await using var connection = await databases.Connect(town, stop);
        await using var forget = new NpgsqlCommand("DELETE FROM house.counters WHERE kind = $1 AND subject = $2", connection);
        forget.Parameters.Add(new() { Value = kind });
        forget.Parameters.Add(new() { Value = HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(subject)) });
        await forget.ExecuteNonQueryAsync(stop);
    }
}
