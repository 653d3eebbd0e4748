using Npgsql;

namespace Komachi.Platform.Data;

/// <summary>
/// A program serves a range of schemas: the database must hold every migration that the program knows, and may hold
/// newer ones as long as these say that a program of this age can go on (<see cref="Migration.ServesFrom"/>).
/// So an upgrade migrates first, and old and new programs serve side by side.
/// </summary>
static class SchemaRange
{
    public static async Task<bool> Fits(NpgsqlConnection connection, IReadOnlyList<Migration> known, CancellationToken stop)
    {
        var there = new Dictionary<string, (int Newest, int ServesFrom)>();
        await using var read = new NpgsqlCommand("SELECT module, max(number), max(serves_from) FROM house.migrations GROUP BY module", connection);
        await using var rows = await read.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop)) there[rows.GetString(0)] = (rows.GetInt32(1), rows.GetInt32(2));
        return Fits(there, known);
    }

    internal static bool Fits(IReadOnlyDictionary<string, (int Newest, int ServesFrom)> there, IReadOnlyList<Migration> known) =>
        known.GroupBy(m => m.Module).All(module =>
            there.TryGetValue(module.Key, out var database) &&
            database.Newest >= module.Max(m => m.Number) &&
            database.ServesFrom <= module.Max(m => m.Number));
}
