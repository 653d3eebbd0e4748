using System.Buffers.Binary;
using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Komachi.Platform.Audit;

/// <summary>
/// Where an entry stands in the order of sealing. Not the order of what happened: transactions run beside each other, and
/// version-7 ids of two processes come from two clocks.
/// </summary>
public readonly record struct SealKey(int Era, ulong Xid, Guid Id) : IComparable<SealKey>
{
    public int CompareTo(SealKey other) =>
        Era != other.Era ? Era.CompareTo(other.Era) : Xid != other.Xid ? Xid.CompareTo(other.Xid) : Compare(Id, other.Id);

    public static bool operator <(SealKey one, SealKey other) => one.CompareTo(other) < 0;
    public static bool operator >(SealKey one, SealKey other) => one.CompareTo(other) > 0;
    public static bool operator <=(SealKey one, SealKey other) => one.CompareTo(other) <= 0;
    public static bool operator >=(SealKey one, SealKey other) => one.CompareTo(other) >= 0;

    // As PostgreSQL compares them: by their bytes.
    static int Compare(Guid one, Guid other)
    {
        Span<byte> a = stackalloc byte[16], b = stackalloc byte[16];
        one.TryWriteBytes(a, bigEndian: true, out _);
        other.TryWriteBytes(b, bigEndian: true, out _);
        return a.SequenceCompareTo(b);
    }
}

/// <summary>
/// Entries from <see cref="From"/> to <see cref="To"/>, sealed. Its hash binds what they say, where they stand and the block before.
/// </summary>
sealed class AuditBlock
{
    /// <summary>A table of entries is cut into pieces of this size, so that sealing and verifying need little memory.</summary>
    public const int Most = 10_000;

    /// <summary>What the hashes are made of; a later form stands beside this one and never replaces it.</summary>
    public const int NewestForm = 1;

    /// <summary>Before the first block.</summary>
    public static readonly byte[] Nothing = new byte[32];

    public required long Number { get; init; }
    public required int Form { get; init; }
    public required int Era { get; init; }
    public required ulong FromXid { get; init; }
    public required Guid FromId { get; init; }
    public required ulong ToXid { get; init; }
    public required Guid ToId { get; init; }
    public required int Count { get; init; }

    /// <summary>Entries in this block and in all before it.</summary>
    public required long Total { get; init; }

    /// <summary>For each entry its id and the first bytes of its hash: says which one is missing or changed, and names what was deleted.</summary>
    public required byte[] Register { get; init; }

    /// <summary>Over the ids and whole hashes of its entries.</summary>
    public required byte[] ContentHash { get; init; }
    public required byte[] PreviousHash { get; init; }
    public required DateTimeOffset SealedAt { get; init; }
    public required byte[] Hash { get; init; }

    public SealKey From => new(Era, FromXid, FromId);
    public SealKey To => new(Era, ToXid, ToId);

    public byte[] ComputeHash()
    {
        var bytes = new SealBytes();
        bytes.Put("komachi audit block");
        bytes.Put(Form);
        bytes.Put(Number);
        bytes.Put(Era);
        bytes.Put(FromXid);
        bytes.Put(FromId);
        bytes.Put(ToXid);
        bytes.Put(ToId);
        bytes.Put(Count);
        bytes.Put(Total);
        bytes.Put(Register);
        bytes.Put(ContentHash);
        bytes.Put(PreviousHash);
        bytes.Put(SealedAt);
        var hash = new byte[32];
        bytes.Hash(hash);
        return hash;
    }

    public const string Columns = "number, form, era, from_xid, from_id, to_xid, to_id, count, total, register, content_hash, previous_hash, sealed_at, hash";

    public static AuditBlock Read(DbDataReader row)
    {
        return new()
        {
            Number = row.GetInt64(0), Form = row.GetInt32(1), Era = row.GetInt32(2),
            FromXid = row.GetFieldValue<ulong>(3), FromId = row.GetGuid(4), ToXid = row.GetFieldValue<ulong>(5), ToId = row.GetGuid(6),
            Count = row.GetInt32(7), Total = row.GetInt64(8), Register = row.GetFieldValue<byte[]>(9),
            ContentHash = row.GetFieldValue<byte[]>(10), PreviousHash = row.GetFieldValue<byte[]>(11),
            SealedAt = row.GetFieldValue<DateTimeOffset>(12), Hash = row.GetFieldValue<byte[]>(13),
        };
    }

    internal static void Map(ModelBuilder model) => model.Entity<AuditBlock>(e =>
    {
        e.ToTable("blocks");
        e.HasKey(b => b.Number);
        e.Property(b => b.Number).ValueGeneratedNever();
        e.Property(b => b.FromXid).HasColumnType("xid8");
        e.Property(b => b.ToXid).HasColumnType("xid8");
        e.Ignore(b => b.From);
        e.Ignore(b => b.To);
        e.HasIndex(b => new { b.Era, b.ToXid, b.ToId }).HasDatabaseName("blocks_end");
    });
}

/// <summary>Since when transaction ids are counted by which cluster.</summary>
sealed class AuditEra
{
    public int Number { get; init; }
    public DateTimeOffset BeganAt { get; init; }
    public required string Reason { get; init; }

    internal static void Map(ModelBuilder model) => model.Entity<AuditEra>(e =>
    {
        e.ToTable("eras");
        e.HasKey(a => a.Number);
        e.Property(a => a.Number).ValueGeneratedNever();
    });
}

/// <summary>Entries on their way into a block, or into the comparison with one. Always as read back from the database.</summary>
sealed class SealedRows : IDisposable
{
    public const string Columns = "era, xid, id, at, actor_id, action, subject, about_id, reason, request_id, from_address, details::text";
    public const int RegisterBytes = 24;

    readonly SealBytes _bytes = new();
    readonly IncrementalHash _content = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    byte[] _register = new byte[RegisterBytes * 64];

    public int Count { get; private set; }
    public SealKey First { get; private set; }
    public SealKey Last { get; private set; }
    public ReadOnlySpan<byte> Register => _register.AsSpan(0, Count * RegisterBytes);

    public static SealKey KeyOf(NpgsqlDataReader row) => new(row.GetInt32(0), row.GetFieldValue<ulong>(1), row.GetGuid(2));

    public void Add(in SealKey key, NpgsqlDataReader row)
    {
        _bytes.Clear();
        _bytes.Put("komachi audit entry");
        _bytes.Put(key.Era);
        _bytes.Put(key.Xid);
        _bytes.Put(key.Id);
        _bytes.Put(row.GetFieldValue<DateTimeOffset>(3));
        _bytes.Put(row.IsDBNull(4) ? null : row.GetGuid(4));
        _bytes.Put(Text(row, 5));
        _bytes.Put(Text(row, 6));
        _bytes.Put(row.IsDBNull(7) ? null : row.GetGuid(7));
        for (var column = 8; column <= 11; column++) _bytes.Put(Text(row, column));

        Span<byte> both = stackalloc byte[16 + 32];
        key.Id.TryWriteBytes(both, bigEndian: true, out _);
        _bytes.Hash(both[16..]);
        _content.AppendData(both);
        if (_register.Length < (Count + 1) * RegisterBytes) Array.Resize(ref _register, _register.Length * 2);
        both[..RegisterBytes].CopyTo(_register.AsSpan(Count * RegisterBytes));
        if (Count++ == 0) First = key;
        Last = key;

        static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
    }

    /// <summary>The hash of all, and an empty beginning for the next.</summary>
    public byte[] TakeHash() => _content.GetHashAndReset();

    public void Clear()
    {
        Count = 0;
        _content.GetHashAndReset();
    }

    public void Dispose() => _content.Dispose();
}

/// <summary>
/// Fields one after another, each behind its length, so that no two different rows give the same bytes.
/// Numbers big-endian, instants as microseconds, which is what PostgreSQL keeps.
/// </summary>
sealed class SealBytes
{
    byte[] _bytes = new byte[512];
    int _length;

    public void Clear() => _length = 0;

    public void Put(int value) => BinaryPrimitives.WriteInt32BigEndian(Field(4), value);
    public void Put(long value) => BinaryPrimitives.WriteInt64BigEndian(Field(8), value);
    public void Put(ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Field(8), value);
    public void Put(DateTimeOffset value) => Put((value.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond);
    public void Put(byte[] value) => value.CopyTo(Field(value.Length));

    public void Put(Guid? value)
    {
        if (value is { } id) id.TryWriteBytes(Field(16), bigEndian: true, out _);
        else Absent();
    }

    public void Put(string? value)
    {
        if (value is not null) Encoding.UTF8.GetBytes(value, Field(Encoding.UTF8.GetByteCount(value)));
        else Absent();
    }

    public void Hash(Span<byte> into) => SHA256.HashData(_bytes.AsSpan(0, _length), into);

    void Absent() => BinaryPrimitives.WriteInt32BigEndian(Room(4), -1);

    Span<byte> Field(int length)
    {
        BinaryPrimitives.WriteInt32BigEndian(Room(4), length);
        return Room(length);
    }

    Span<byte> Room(int length)
    {
        if (_bytes.Length - _length < length) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + length));
        _length += length;
        return _bytes.AsSpan(_length - length, length);
    }
}
