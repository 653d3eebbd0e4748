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

    /// <summary>Counts one more; says whether that is still within the limit, and when the window ends.</summary>
    public Task<(bool Within, TimeSpan Wait)> Count(Towns.Town town, string kind, string subject, int limit, TimeSpan window, CancellationToken stop) =>
        Count(town, kind, subject, 1, limit, window, stop);

    /// <summary>Counts so much more, of what comes in amounts.</summary>
    public async Task<(bool Within, TimeSpan Wait)> Count(Towns.Town town, string kind, string subject, int more, int limit, TimeSpan window, CancellationToken stop)
    {
        var (counting, until) = Counting(kind, subject, more, window);
        await using var connection = await databases.Connect(town, stop);
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { counting } };
        return ((int)(await batch.ExecuteScalarAsync(stop))! <= limit, until - time.GetUtcNow());
    }

    /// <summary>The statement that counts and says what is counted by now, to go with others in one message; and when the window ends.</summary>
    internal (NpgsqlBatchCommand Counting, DateTimeOffset Until) Counting(string kind, string subject, int more, TimeSpan window)
    {
        var start = Begun(time.GetUtcNow(), window);
        // Not written through to the disk: whoever counts waits for nobody's commit, and a server that dies forgets the counts of its last moment at most.
        var counting = new NpgsqlBatchCommand("""
            INSERT INTO house.counters (kind, subject, window_at, count) SELECT $1, $2, $3, $4 FROM set_config('synchronous_commit', 'off', true)
            ON CONFLICT (kind, subject, window_at) DO UPDATE SET count = least(counters.count::bigint + $4, 2147483647)::int
            RETURNING count
            """);
        foreach (var value in new object[] { kind, HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(subject)), start, more }) counting.Parameters.Add(new() { Value = value });
        return (counting, start + window);
    }

    /// <summary>Where the window begins that this moment is in.</summary>
    internal static DateTimeOffset Begun(DateTimeOffset now, TimeSpan window) => new(now.Ticks - now.Ticks % window.Ticks, TimeSpan.Zero);

    /// <summary>Forgets the counts of this window: the person proved to be who they are.</summary>
    public async Task Forget(Towns.Town town, string kind, string subject, CancellationToken stop)
    {
        await using var connection = await databases.Connect(town, stop);
        await using var forget = new NpgsqlCommand("DELETE FROM house.counters WHERE kind = $1 AND subject = $2", connection);
        forget.Parameters.Add(new() { Value = kind });
        forget.Parameters.Add(new() { Value = HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(subject)) });
        await forget.ExecuteNonQueryAsync(stop);
    }
}
