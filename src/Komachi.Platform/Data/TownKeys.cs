using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Komachi.Platform.Towns;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Komachi.Platform.Data;

/// <summary>One key of a town. Random, and sealed under the installation's key before it comes here.</summary>
sealed class TownKey
{
    public required string Purpose { get; init; }
    public int Number { get; init; }
    public required byte[] SealedKey { get; init; }
    public DateTimeOffset MadeAt { get; init; }

    public static void Map(ModelBuilder model) => model.Entity<TownKey>(e =>
    {
        e.ToTable("keys");
        e.HasKey(k => new { k.Purpose, k.Number });
    });
}

/// <summary>A key on its way from one installation to another, within an encrypted backup.</summary>
public sealed record TownKeyInClear(string Purpose, int Number, byte[] Key);

/// <summary>A town's keys of one purpose: which is the newest, how many there are, when the newest was made.</summary>
public sealed record TownKeyRing(string Purpose, int Newest, int Keys, DateTimeOffset MadeAt);

/// <summary>
/// Encrypts what a town keeps secret even from who reads its database: each town has keys of its own, and each purpose among
/// them, so that one can be thrown away without the others. What is sealed names its key; a rotation adds a newer one,
/// and what the older ones sealed stays readable. AES-256-GCM.
/// </summary>
public sealed class TownKeys(TownDatabases databases, Servers servers, TimeProvider time)
{
    const byte Format = 1;
    const int Head = 1 + sizeof(int), Nonce = 12, Tag = 16;
    static readonly TimeSpan KnownFor = TimeSpan.FromMinutes(1);    // then another process may have rotated it

    readonly ConcurrentDictionary<(string Server, string Database, string Purpose), Ring> _rings = new();

    /// <param name="bound">What it belongs to, like <c>accounts/0192…/totp</c>: moved elsewhere it does not open.</param>
    public async ValueTask<byte[]> Seal(Town town, string purpose, ReadOnlyMemory<byte> secret, string bound, CancellationToken stop = default)
    {
        var ring = await RingOf(town, purpose, stop);
        var (number, key) = ring.Newest ?? await Make(town, purpose, 1, stop);
        return Locked(key, number, secret.Span, purpose, bound);
    }

    public ValueTask<byte[]> Seal(Town town, string purpose, string secret, string bound, CancellationToken stop = default) =>
        Seal(town, purpose, Encoding.UTF8.GetBytes(secret), bound, stop);

    /// <summary>Throws <see cref="CryptographicException"/> when it was changed, belongs elsewhere, or its key was thrown away.</summary>
    public async ValueTask<byte[]> Open(Town town, string purpose, ReadOnlyMemory<byte> locked, string bound, CancellationToken stop = default)
    {
        if (locked.Length < Head + Nonce + Tag || locked.Span[0] != Format) throw new CryptographicException("This was not sealed by a town's key.");
        var number = BinaryPrimitives.ReadInt32BigEndian(locked.Span[1..]);
        var ring = await RingOf(town, purpose, stop);
        if (!ring.Keys.TryGetValue(number, out var key))
        {
            ring = await Read(town, purpose, stop);
            if (!ring.Keys.TryGetValue(number, out key)) throw new CryptographicException("The key that sealed this is not there.");
        }
        return Unlocked(key, locked.Span, purpose, bound);
    }

    public async ValueTask<string> OpenText(Town town, string purpose, ReadOnlyMemory<byte> locked, string bound, CancellationToken stop = default) =>
        Encoding.UTF8.GetString(await Open(town, purpose, locked, bound, stop));

    /// <summary>The number of the newest key, as the database knows it now; null where nothing was ever sealed.</summary>
    internal async Task<int?> Newest(Town town, string purpose, CancellationToken stop) => (await Read(town, purpose, stop)).Newest?.Number;

    /// <summary>A newer key: what is sealed from now on (by other processes: from a minute later on) is sealed with it.</summary>
    public async Task<int> Rotate(Town town, string purpose, CancellationToken stop = default)
    {
        var (number, _) = await Make(town, purpose, ((await Read(town, purpose, stop)).Newest?.Number ?? 0) + 1, stop);
        return number;
    }

    /// <summary>The same within what the caller saves, so that it and its audit entry happen together. Says the number.</summary>
    public async Task<int> Rotate(TownDb db, string purpose, CancellationToken stop = default)
    {
        var number = (await db.Set<TownKey>().Where(k => k.Purpose == purpose).MaxAsync(k => (int?)k.Number, stop) ?? 0) + 1;
        db.Add(new TownKey { Purpose = purpose, Number = number, SealedKey = Wrapped(servers.SealingKeyFor(Wrapping), purpose, number, RandomNumberGenerator.GetBytes(32)), MadeAt = time.GetUtcNow() });
        return number;
    }

    /// <summary>What keys a town has, without the keys.</summary>
    public static async Task<IReadOnlyList<TownKeyRing>> List(TownDb db, CancellationToken stop = default) =>
        await db.Set<TownKey>().GroupBy(k => k.Purpose).OrderBy(g => g.Key).Select(g => new TownKeyRing(g.Key, g.Max(k => k.Number), g.Count(), g.Max(k => k.MadeAt))).ToListAsync(stop);

    /// <summary>All keys of a town, for its backup. As the owner: what serves pages has no need of it.</summary>
    public static async Task<IReadOnlyList<TownKeyInClear>> InClear(NpgsqlConnection owner, Servers servers, CancellationToken stop = default)
    {
        var keys = new List<TownKeyInClear>();
        await using (var there = new NpgsqlCommand("SELECT to_regclass('house.keys') IS NOT NULL", owner))
            if (await there.ExecuteScalarAsync(stop) is not true) return keys;    // a town that waits for its migrations
        await using var read = new NpgsqlCommand("SELECT purpose, number, sealed_key FROM house.keys ORDER BY purpose, number", owner);
        await using var rows = await read.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop)) keys.Add(new(rows.GetString(0), rows.GetInt32(1), Unwrapped(servers, rows.GetString(0), rows.GetInt32(1), rows.GetFieldValue<byte[]>(2))));
        return keys;
    }

    /// <summary>
    /// Seals a restored town's keys under this installation's own. One that was thrown away while the backup was being
    /// written is not among <paramref name="keys"/>, and goes.
    /// </summary>
    public static async Task Adopt(NpgsqlConnection owner, Servers servers, IReadOnlyList<TownKeyInClear> keys, CancellationToken stop = default)
    {
        await using var transaction = await owner.BeginTransactionAsync(stop);
        await using (var forget = new NpgsqlCommand("DELETE FROM house.keys k WHERE NOT EXISTS (SELECT FROM unnest($1, $2) t (purpose, number) WHERE t.purpose = k.purpose AND t.number = k.number)", owner)
        {
            Parameters = { new() { Value = keys.Select(k => k.Purpose).ToArray() }, new() { Value = keys.Select(k => k.Number).ToArray() } },
        })
            await forget.ExecuteNonQueryAsync(stop);
        foreach (var key in keys) await Write(owner, key.Purpose, key.Number, Wrapped(servers.SealingKeyFor(Wrapping), key.Purpose, key.Number, key.Key), stop);
        await transaction.CommitAsync(stop);
    }

    static async Task Write(NpgsqlConnection owner, string purpose, int number, byte[] wrapped, CancellationToken stop)
    {
        await using var write = new NpgsqlCommand("UPDATE house.keys SET sealed_key = $3 WHERE purpose = $1 AND number = $2", owner)
        {
            Parameters = { new() { Value = purpose }, new() { Value = number }, new() { Value = wrapped } },
        };
        await write.ExecuteNonQueryAsync(stop);
    }

    const string Wrapping = "town keys";

    static byte[] Wrapped(byte[] installation, string purpose, int number, byte[] key) => Locked(installation, 0, key, "house.keys", $"{purpose}/{number}");

    static byte[] Unwrapped(Servers servers, string purpose, int number, byte[] wrapped)
    {
        foreach (var installation in servers.OpeningKeysFor(Wrapping))
            if (TryUnwrap(installation, purpose, number, wrapped) is { } key) return key;
        throw new CryptographicException("The town's key was sealed by another installation.");
    }

    static byte[]? TryUnwrap(byte[] installation, string purpose, int number, byte[] wrapped)
    {
        try { return Unlocked(installation, wrapped, "house.keys", $"{purpose}/{number}"); }
        catch (AuthenticationTagMismatchException) { return null; }
    }

    /// <summary>Puts all keys of a town under another secret of the installation, within the caller's transaction; those that are there already stay.</summary>
    internal static async Task<int> Rewrap(NpgsqlConnection owner, byte[] from, byte[] to, CancellationToken stop)
    {
        var (before, after) = (Servers.KeyOf(from, Wrapping), Servers.KeyOf(to, Wrapping));
        var wrapped = new List<(string Purpose, int Number, byte[] Key)>();
        await using (var read = new NpgsqlCommand("SELECT purpose, number, sealed_key FROM house.keys FOR UPDATE", owner))
        await using (var rows = await read.ExecuteReaderAsync(stop))
            while (await rows.ReadAsync(stop)) wrapped.Add((rows.GetString(0), rows.GetInt32(1), rows.GetFieldValue<byte[]>(2)));
        var moved = 0;
        foreach (var (purpose, number, key) in wrapped)
        {
            if (TryUnwrap(after, purpose, number, key) is not null) continue;
            var open = TryUnwrap(before, purpose, number, key) ?? throw new CryptographicException($"The key {purpose}/{number} was sealed by another installation.");
            await Write(owner, purpose, number, Wrapped(after, purpose, number, open), stop);
            moved++;
        }
        return moved;
    }

    /// <summary>The purpose of the key of <see cref="Data.Receipts"/>: there is one, and there is never a newer one.</summary>
    public const string Receipts = "receipts";

    /// <summary>A key of which there is one for good; what it is when it is made is given.</summary>
    internal async ValueTask<byte[]> Only(Town town, string purpose, byte[] first, CancellationToken stop)
    {
        var ring = await RingOf(town, purpose, stop);
        if (ring.Newest is null) await Make(town, purpose, 1, stop, first);
        return (ring.Newest is null ? await Read(town, purpose, stop) : ring).Keys[1];
    }

    async ValueTask<Ring> RingOf(Town town, string purpose, CancellationToken stop) =>
        _rings.TryGetValue((town.Server, town.Database, purpose), out var ring) && ring.Newest is not null && time.GetUtcNow() - ring.ReadAt < KnownFor ? ring : await Read(town, purpose, stop);

    async Task<Ring> Read(Town town, string purpose, CancellationToken stop)
    {
        var keys = new SortedDictionary<int, byte[]>();
        await using (var connection = await databases.Connect(town, stop))
        await using (var read = new NpgsqlCommand("SELECT number, sealed_key FROM house.keys WHERE purpose = $1", connection) { Parameters = { new() { Value = purpose } } })
        await using (var rows = await read.ExecuteReaderAsync(stop))
            while (await rows.ReadAsync(stop))
                keys[rows.GetInt32(0)] = Unwrapped(servers, purpose, rows.GetInt32(0), rows.GetFieldValue<byte[]>(1));
        return _rings[(town.Server, town.Database, purpose)] = new(keys, time.GetUtcNow());
    }

    /// <summary>Of two processes that make the same one, both use what came first.</summary>
    async Task<(int Number, byte[] Key)> Make(Town town, string purpose, int number, CancellationToken stop, byte[]? given = null)
    {
        var key = Wrapped(servers.SealingKeyFor(Wrapping), purpose, number, given ?? RandomNumberGenerator.GetBytes(32));
        await using (var connection = await databases.Connect(town, stop))
        await using (var make = new NpgsqlCommand("INSERT INTO house.keys (purpose, number, sealed_key, made_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING", connection)
        {
            Parameters = { new() { Value = purpose }, new() { Value = number }, new() { Value = key }, new() { Value = time.GetUtcNow() } },
        })
            await make.ExecuteNonQueryAsync(stop);
        return (await Read(town, purpose, stop)).Newest!.Value;
    }

    static byte[] Locked(byte[] key, int number, ReadOnlySpan<byte> secret, string purpose, string bound)
    {
        var locked = new byte[Head + Nonce + secret.Length + Tag];
        locked[0] = Format;
        BinaryPrimitives.WriteInt32BigEndian(locked.AsSpan(1), number);
        RandomNumberGenerator.Fill(locked.AsSpan(Head, Nonce));
        using var aes = new AesGcm(key, Tag);
        aes.Encrypt(locked.AsSpan(Head, Nonce), secret, locked.AsSpan(Head + Nonce, secret.Length), locked.AsSpan(locked.Length - Tag), Beside(locked, purpose, bound));
        return locked;
    }

    static byte[] Unlocked(byte[] key, ReadOnlySpan<byte> locked, string purpose, string bound)
    {
        var secret = new byte[locked.Length - Head - Nonce - Tag];
        using var aes = new AesGcm(key, Tag);
        aes.Decrypt(locked.Slice(Head, Nonce), locked[(Head + Nonce)..^Tag], locked[^Tag..], secret, Beside(locked, purpose, bound));
        return secret;
    }

    static byte[] Beside(ReadOnlySpan<byte> locked, string purpose, string bound) => [.. locked[..Head], .. Encoding.UTF8.GetBytes($"{purpose}\0{bound}")];

    sealed record Ring(SortedDictionary<int, byte[]> Keys, DateTimeOffset ReadAt)
    {
        public (int Number, byte[] Key)? Newest => Keys.Count == 0 ? null : (Keys.Last().Key, Keys.Last().Value);
    }
}
