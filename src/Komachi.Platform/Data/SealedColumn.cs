using System.Buffers.Binary;
using System.Security.Cryptography;
using Komachi.Platform.Towns;
using Npgsql;

namespace Komachi.Platform.Data;

/// <summary>Where a module keeps what a town's key sealed, so that a newer key can seal it anew and an old one be seen to seal nothing.</summary>
/// <param name="Bound">What the value belongs to, as an expression over its row: the same text that the program seals it with.</param>
public sealed record SealedColumn(string Purpose, string Table, string Column, string Bound);

public static class SealedRegistration
{
    /// <summary>Names a column of this module that holds what <see cref="TownKeys"/> sealed: <c>m.Seals("people", "accounts", "totp_secret", "'accounts/' || id || '/totp'")</c>.</summary>
    public static ModuleBuilder Seals(this ModuleBuilder m, string purpose, string table, string column, string bound) => m.Offer(new SealedColumn(purpose, $"{m.Slug}.{table}", column, bound));
}

/// <summary>Seals anew with the newest key what older ones sealed: some rows at a time, each time a transaction of its own, so it can be ended and begun anew at any moment.</summary>
public sealed class Resealing(TownDatabases databases, TownKeys keys)
{
    const int AtOnce = 100;

    // Format, number of the key, and the rest: Data/TownKeys.cs. Sealed values are longer than what there is around nothing.
    static string IsSealed(SealedColumn at) => $"octet_length({at.Column}) > 32";

    /// <summary>How many values each key of a town seals, by purpose and number.</summary>
    public async Task<IReadOnlyDictionary<(string Purpose, int Number), long>> Count(Town town, IEnumerable<SealedColumn> columns, CancellationToken stop = default)
    {
        var counted = new Dictionary<(string, int), long>();
        await using var connection = await databases.Connect(town, stop);
        foreach (var at in columns)
        {
            await using var count = new NpgsqlCommand($"SELECT substring({at.Column} FROM 2 FOR 4), count(*) FROM {at.Table} WHERE {IsSealed(at)} GROUP BY 1", connection) { CommandTimeout = 600 };
            await using var row = await count.ExecuteReaderAsync(stop);
            while (await row.ReadAsync(stop))
            {
                var key = (at.Purpose, BinaryPrimitives.ReadInt32BigEndian(row.GetFieldValue<byte[]>(0)));
                counted[key] = counted.GetValueOrDefault(key) + row.GetInt64(1);
            }
        }
        return counted;
    }

    /// <summary>How many values were sealed anew, and how many do not open: their key was thrown away, and they with it.</summary>
    public async Task<(int Sealed, int Lost)> Run(Town town, SealedColumn at, CancellationToken stop = default)
    {
        var (done, lost, last) = (0, 0, "(0,0)");
        if (await keys.Newest(town, at.Purpose, stop) is not { } newest) return (0, 0);
        await using var connection = await databases.Connect(town, stop);
        while (true)
        {
            await using var part = await connection.BeginTransactionAsync(stop);
            var rows = new List<(string Place, byte[] Locked, string Bound)>();
            // Numbers are positive and written with the highest byte first, so bytes compare as they do. Where a row lies is good while it is locked.
            await using (var read = new NpgsqlCommand($"""
                SELECT ctid::text AS place, {at.Column}, {at.Bound} FROM {at.Table}
                WHERE ctid > $1::tid AND {IsSealed(at)} AND substring({at.Column} FROM 2 FOR 4) < $2 ORDER BY ctid LIMIT {AtOnce} FOR UPDATE
                """, connection, part) { CommandTimeout = 600 })
            {
                var before = new byte[sizeof(int)];
                BinaryPrimitives.WriteInt32BigEndian(before, newest);
                read.Parameters.Add(new() { Value = last });
                read.Parameters.Add(new() { Value = before });
                await using var row = await read.ExecuteReaderAsync(stop);
                while (await row.ReadAsync(stop)) rows.Add((row.GetString(0), row.GetFieldValue<byte[]>(1), row.GetString(2)));
            }
            if (rows.Count == 0) return (done, lost);
            await using var write = new NpgsqlBatch(connection, part);
            foreach (var (place, locked, bound) in rows)
                try
                {
                    var again = await keys.Seal(town, at.Purpose, await keys.Open(town, at.Purpose, locked, bound, stop), bound, stop);
                    write.BatchCommands.Add(new($"UPDATE {at.Table} SET {at.Column} = $2 WHERE ctid = $1::tid") { Parameters = { new() { Value = place }, new() { Value = again } } });
                    done++;
                }
                catch (CryptographicException)
                {
                    lost++;
                }
            if (write.BatchCommands.Count > 0) await write.ExecuteNonQueryAsync(stop);
            await part.CommitAsync(stop);
            last = rows[^1].Place;
        }
    }
}
