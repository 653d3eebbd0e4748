using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.People;

public enum AccountKind { Resident, Staff }

/// <summary>Someone who can sign in. For now: a name, a password, and for staff the permissions.</summary>
public sealed class Account
{
    Account() { }

    public Guid Id { get; private init; } = Data.Id.New();

    /// <summary>What is typed at the door: small letters, unique in the town.</summary>
    public string SignInName { get; private init; } = "";

    /// <summary>Exactly as written, variation selectors included.</summary>
    public string Name { get; private set; } = "";
    public string? Email { get; private set; }
    public AccountKind Kind { get; private init; }
    public string PasswordHash { get; private set; } = "";
    public string[] Permissions { get; private set; } = [];
    public DateTimeOffset CreatedAt { get; private init; }
    public DateTimeOffset? ClosedAt { get; private set; }

    public static Account Open(AccountKind kind, string signInName, string name, string? email, IEnumerable<string> permissions, string passwordHash, DateTimeOffset now) => new()
    {
        Kind = kind,
        SignInName = FoldSignInName(signInName),
        Name = name,
        Email = email,
        Permissions = [.. permissions],
        PasswordHash = passwordHash,
        CreatedAt = now,
    };

    /// <summary>As the city's directory knows them now.</summary>
    internal void KnownAs(string name, string? email) => (Name, Email) = (name, email);

    public void SetPassword(string password) => PasswordHash = Passwords.Hash(password);

    /// <summary>Names typed with another keyboard setting are the same name.</summary>
    public static string FoldSignInName(string typed) => typed.Trim().Normalize(System.Text.NormalizationForm.FormKC).ToLowerInvariant();

    internal static void Map(ModelBuilder model) => model.Entity<Account>(e =>
    {
        e.ToTable("accounts");
        e.HasIndex(a => a.SignInName).IsUnique().HasDatabaseName("accounts_sign_in_name");
    });
}

/// <summary>A signed-in device. Ending it is deleting the row.</summary>
public sealed class Session
{
    public Guid Id { get; init; } = Data.Id.New();
    public Guid AccountId { get; init; }
    public required byte[] SecretHash { get; init; }
    public DateTimeOffset BeganAt { get; init; }
    public DateTimeOffset EndsAt { get; init; }

    internal static void Map(ModelBuilder model) => model.Entity<Session>(e =>
    {
        e.ToTable("sessions");
        e.HasIndex(s => s.SecretHash).IsUnique().HasDatabaseName("sessions_secret_hash");
        e.HasIndex(s => s.AccountId).HasDatabaseName("sessions_account");
        e.HasOne<Account>().WithMany().HasForeignKey(s => s.AccountId).HasConstraintName("sessions_account_id_fkey").OnDelete(DeleteBehavior.Cascade);
    });
}
