using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using Komachi.Platform.Data;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Systems;

/// <summary>What the desk's page sets of a system.</summary>
public sealed record SystemSettings(string Name, string WhomToAsk, string Email, string[] Scopes, string[] Networks, int PerMinute, int PerDay);

/// <summary>
/// A program that is not ours and works with this town: 基幹システム, 窓口ソフト. People name it at the desk and say what it may do;
/// it proves itself with a key.
/// </summary>
sealed class OtherSystem
{
    /// <summary>Two, so that a new one can be put in place before the old one ends.</summary>
    public const int MostKeys = 2, MostSubscriptions = 20;

    OtherSystem() { }

    public Guid Id { get; private init; } = Data.Id.New();
    public string Name { get; private set; } = "";
    public string WhomToAsk { get; private set; } = "";

    /// <summary>Who is told when something of it stops working.</summary>
    public string Email { get; private set; } = "";
    public string[] Scopes { get; private set; } = [];
    public string[] Networks { get; private set; } = [];
    public int PerMinute { get; private set; }
    public int PerDay { get; private set; }
    public int Version { get; private set; }
    public DateTimeOffset CreatedAt { get; private init; }
    public DateTimeOffset ChangedAt { get; private set; }
    public DateTimeOffset? ClosedAt { get; private set; }

    public bool IsOpen => ClosedAt is null;

    public SystemSettings Settings => new(Name, WhomToAsk, Email, Scopes, Networks, PerMinute, PerDay);

    public string Subject => SubjectOf(Id);

    public static string SubjectOf(Guid id) => $"systems/{id}";

    public static OtherSystem Named(SystemSettings settings, DateTimeOffset now)
    {
        var system = new OtherSystem { CreatedAt = now };
        system.Change(settings, now);
        return system;
    }

    public void Change(SystemSettings to, DateTimeOffset now)
    {
        (Name, WhomToAsk, Email, Scopes, Networks, PerMinute, PerDay) = (to.Name, to.WhomToAsk, to.Email, to.Scopes, to.Networks, to.PerMinute, to.PerDay);
        (ChangedAt, Version) = (now, Version + 1);
    }

    /// <summary>For good: what it did stays on record under its name.</summary>
    public void Close(DateTimeOffset now) => (ClosedAt, ChangedAt, Version) = (now, now, Version + 1);

    public static void Map(ModelBuilder model) => model.Entity<OtherSystem>(e =>
    {
        e.ToTable("systems");
        e.Ignore(s => s.Settings);
        e.Ignore(s => s.Subject);
        e.Ignore(s => s.IsOpen);
        e.Property(s => s.Version).IsConcurrencyToken();
    });
}

/// <summary>
/// A key of a system: <c>km_onojo_3f9a01bc_…</c>. The town and the eight letters in clear let people, and programs that look for leaked
/// secrets, see what it is; behind them stand 32 random bytes, of which we keep the hash.
/// </summary>
sealed class SystemKey
{
    const int SecretBytes = 32, SecretLetters = 43, MarkLetters = 8;

    SystemKey() { }

    public Guid Id { get; private init; } = Data.Id.New();
    public Guid SystemId { get; private init; }
    public string Mark { get; private init; } = "";
    public byte[] SecretHash { get; private init; } = [];
    public DateTimeOffset MadeAt { get; private init; }

    /// <summary>To the minute.</summary>
    public DateTimeOffset? UsedAt { get; private init; }
    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>A new one, and what is shown of it this once.</summary>
    public static (SystemKey Key, string Shown) New(OtherSystem system, string town, DateTimeOffset now)
    {
        var secret = RandomNumberGenerator.GetBytes(SecretBytes);
        var mark = RandomNumberGenerator.GetHexString(MarkLetters, lowercase: true);
        return (new() { SystemId = system.Id, Mark = mark, SecretHash = SHA256.HashData(secret), MadeAt = now }, $"km_{town}_{mark}_{Base64Url.EncodeToString(secret)}");
    }

    /// <summary>The mark and the hash of what was presented; null where it is no key of this town. Read from its end: a town's name may hold anything.</summary>
    public static (string Mark, byte[] Hash)? Read(string presented, string town)
    {
        var before = $"km_{town}_";
        if (presented.Length != before.Length + MarkLetters + 1 + SecretLetters || !presented.StartsWith(before, StringComparison.Ordinal) || presented[^(SecretLetters + 1)] != '_') return null;
        Span<byte> secret = stackalloc byte[SecretBytes];
        var letters = presented.AsSpan()[^SecretLetters..];
        if (!Base64Url.IsValid(letters) || !Base64Url.TryDecodeFromChars(letters, secret, out var written) || written != SecretBytes) return null;
        return (presented.Substring(before.Length, MarkLetters), SHA256.HashData(secret));
    }

    public void End(DateTimeOffset now) => EndedAt ??= now;

    public static void Map(ModelBuilder model) => model.Entity<SystemKey>(e =>
    {
        e.ToTable("keys");
        e.HasIndex(k => k.SecretHash).IsUnique().HasDatabaseName("keys_secret");
        e.HasIndex(k => new { k.SystemId, k.MadeAt }).HasDatabaseName("keys_system");
        e.HasOne<OtherSystem>().WithMany().HasForeignKey(k => k.SystemId).HasConstraintName("keys_system_id_fkey").OnDelete(DeleteBehavior.Cascade);
    });
}

/// <summary>The system behind a request, as an endpoint sees it.</summary>
public sealed record VisitingSystem(Guid Id, string Name, string[] Scopes)
{
    /// <summary>The empty scope is everybody's.</summary>
    public bool Holds(string scope) => scope.Length == 0 || Array.IndexOf(Scopes, scope) >= 0;
}
