using System.Security.Cryptography;
using System.Text;
using Komachi.Platform.Data;
using Komachi.Platform.Towns;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.People;

public enum CodeKind { SignIn, Invitation, NewPassword, NewAddress }

/// <summary>
/// A code that was sent to somebody: who types it reads that mailbox. Mails hold codes and never links, so that nobody learns
/// to follow one. Good once, for a while, and for five tries.
/// </summary>
sealed class SentCode
{
    const int MostTries = 5, Digits = 6;

    public Guid Id { get; private init; } = Data.Id.New();
    public CodeKind Kind { get; private init; }
    public Guid? AccountId { get; private init; }
    public string Address { get; private init; } = "";
    public byte[] SecretHash { get; private init; } = [];
    public int Tries { get; private init; }
    public DateTimeOffset MadeAt { get; private init; }
    public DateTimeOffset EndsAt { get; private init; }
    public DateTimeOffset? UsedAt { get; private set; }

    /// <summary>An invitation lies in a mailbox for days, so its code is long; the others are typed at once.</summary>
    public static (SentCode Row, string Code) Make(CodeKind kind, Guid? account, string address, Servers servers, DateTimeOffset now)
    {
        var id = Data.Id.New();
        var code = kind == CodeKind.Invitation ? Secrets.OnPaper(groups: 7) : RandomNumberGenerator.GetString("0123456789", Digits);
        return (new()
        {
            Id = id, Kind = kind, AccountId = account, Address = address, SecretHash = HashOf(servers, id, code), MadeAt = now,
            EndsAt = now + (kind == CodeKind.Invitation ? TimeSpan.FromDays(7) : TimeSpan.FromMinutes(15)),
        }, code);
    }

    /// <summary>The code's row when this is it; the caller saves that it was used. A try is counted before it is looked at.</summary>
    public static async Task<SentCode?> Try(TownDb db, Servers servers, Guid id, CodeKind kind, string typed, DateTimeOffset now)
    {
        var counted = await db.Set<SentCode>().Where(c => c.Id == id && c.Kind == kind && c.UsedAt == null && c.EndsAt > now && c.Tries < MostTries)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.Tries, c => c.Tries + 1));
        if (counted == 0) return null;
        var row = await db.Set<SentCode>().SingleAsync(c => c.Id == id);
        if (!CryptographicOperations.FixedTimeEquals(HashOf(servers, id, Secrets.Read(typed)), row.SecretHash)) return null;
        row.UsedAt = now;
        return row;
    }

    public static Task<bool> CanBeTried(TownDb db, Guid id, CodeKind kind, DateTimeOffset now) =>
        db.Set<SentCode>().AnyAsync(c => c.Id == id && c.Kind == kind && c.UsedAt == null && c.EndsAt > now && c.Tries < MostTries);

    static byte[] HashOf(Servers servers, Guid id, string code) => HMACSHA256.HashData(servers.KeyFor("sent codes"), Encoding.UTF8.GetBytes($"{id} {Secrets.Read(code)}"));

    public static void Map(ModelBuilder model) => model.Entity<SentCode>(e =>
    {
        e.ToTable("codes");
        e.Property(c => c.UsedAt).IsConcurrencyToken();    // of two that type it at once, one was first
        e.HasIndex(c => c.AccountId).HasDatabaseName("codes_account");
        e.HasIndex(c => c.EndsAt).HasDatabaseName("codes_ends_at");
        e.HasOne<Account>().WithMany().HasForeignKey(c => c.AccountId).HasConstraintName("codes_account_id_fkey").OnDelete(DeleteBehavior.Cascade);
    });
}

/// <summary>Codes that are kept on paper.</summary>
sealed class RecoveryCode
{
    const int Count = 8;

    public Guid AccountId { get; init; }
    public required byte[] CodeHash { get; init; }
    public DateTimeOffset MadeAt { get; init; }

    /// <summary>New ones in the place of all that there were; they are shown once.</summary>
    public static async Task<IReadOnlyList<string>> MakeNew(TownDb db, Guid account, DateTimeOffset now)
    {
        db.RemoveRange(await db.Set<RecoveryCode>().Where(c => c.AccountId == account).ToListAsync());
        var codes = Enumerable.Range(0, Count).Select(_ => Secrets.OnPaper()).ToArray();
        db.AddRange(codes.Select(code => new RecoveryCode { AccountId = account, CodeHash = HashOf(account, code), MadeAt = now }));
        return codes;
    }

    /// <summary>The row of a code that fits: it is good once, so the caller removes it.</summary>
    public static Task<RecoveryCode?> Find(TownDb db, Guid account, string typed)
    {
        var hash = HashOf(account, typed);
        return db.Set<RecoveryCode>().SingleOrDefaultAsync(c => c.AccountId == account && c.CodeHash == hash);
    }

    // 118 random bits need no key and no slow hash.
    static byte[] HashOf(Guid account, string code) => SHA256.HashData(Encoding.UTF8.GetBytes($"{account} {Secrets.Read(code)}"));

    public static void Map(ModelBuilder model) => model.Entity<RecoveryCode>(e =>
    {
        e.ToTable("recovery_codes");
        e.HasKey(c => new { c.AccountId, c.CodeHash });
        e.HasOne<Account>().WithMany().HasForeignKey(c => c.AccountId).HasConstraintName("recovery_codes_account_id_fkey").OnDelete(DeleteBehavior.Cascade);
    });
}

/// <summary>Codes that people read and type, in groups of four, without letters that look like others: 118 bits in six groups, 138 in seven.</summary>
static class Secrets
{
    const string Letters = "ABCDEFGHJKMNPQRSTUVWXYZ23456789";

    public static string OnPaper(int groups = 6) => string.Join('-', Enumerable.Range(0, groups).Select(_ => RandomNumberGenerator.GetString(Letters, 4)));

    /// <summary>As it was meant, however it was typed.</summary>
    public static string Read(string typed) =>
        new([.. typed.Normalize(NormalizationForm.FormKC).ToUpperInvariant().Where(char.IsAsciiLetterOrDigit).Select(c => c switch { 'O' => '0', 'I' or 'L' => '1', _ => c })]);
}
