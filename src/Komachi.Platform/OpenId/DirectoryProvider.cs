using System.Security.Cryptography;
using Komachi.Platform.Data;
using Komachi.Platform.OpenId.Jose;
using Komachi.Platform.People;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.OpenId;

/// <summary>By what somebody who comes for the first time is found among the accounts.</summary>
enum MatchBy { SignInName, Email }

/// <summary>What the desk's page sets, besides the secrets.</summary>
sealed record DirectorySettings(string Issuer, string ClientId, ClientAuthentication Authentication, string[] Algorithms, string Scopes, string AcrValues, int? MaxAgeMinutes,
    bool AsksUserinfo, string MatchClaim, MatchBy MatchBy, string NameClaim, bool CreatesAccounts, bool IsEnough, bool SignsOutToo, bool IsOn);

/// <summary>
/// A provider of sign-in as the town set it up. There is one, for staff; residents' (デジタル認証アプリ, LINE) will be rows beside it.
/// A directory that speaks LDAP would stand beside <see cref="RelyingParty"/> and bring an <see cref="Identity"/> of its own kind
/// (issuer = its address, subject = entryUUID) to <see cref="DirectoryAccounts.Find"/>: from there on all is the same.
/// </summary>
sealed class DirectoryProvider
{
    public const string Staff = "staff", Purpose = "openid";

    public string Key { get; private init; } = Staff;
    public string Issuer { get; private set; } = "";
    public string ClientId { get; private set; } = "";
    public ClientAuthentication Authentication { get; private set; }
    public byte[]? SealedSecret { get; private set; }
    public byte[]? SealedKey { get; private set; }
    public string[] Algorithms { get; private set; } = [];
    public string Scopes { get; private set; } = "";
    public string AcrValues { get; private set; } = "";
    public int? MaxAgeMinutes { get; private set; }
    public bool AsksUserinfo { get; private set; }
    public string MatchClaim { get; private set; } = "";
    public MatchBy MatchBy { get; private set; }
    public string NameClaim { get; private set; } = "";

    /// <summary>Whoever the directory knows and we do not gets an account, without permissions.</summary>
    public bool CreatesAccounts { get; private set; }

    /// <summary>Who comes from there needs no second factor here: the directory asks for its own.</summary>
    public bool IsEnough { get; private set; }
    public bool SignsOutToo { get; private set; }
    public bool IsOn { get; private set; }
    public int Version { get; private set; }
    public DateTimeOffset ChangedAt { get; private set; }

    public DirectorySettings Settings => new(Issuer, ClientId, Authentication, Algorithms, Scopes, AcrValues, MaxAgeMinutes, AsksUserinfo, MatchClaim, MatchBy, NameClaim, CreatesAccounts, IsEnough, SignsOutToo, IsOn);

    /// <summary>
    /// A secret goes to the address that the issuer names. So it stays with the issuer that it was given for: whoever points us
    /// elsewhere does not get it sent there.
    /// </summary>
    public void Change(DirectorySettings to, DateTimeOffset now)
    {
        if (to.Issuer != Issuer) SealedSecret = null;
        (Issuer, ClientId, Authentication, Algorithms, Scopes, AcrValues, MaxAgeMinutes) = (to.Issuer, to.ClientId, to.Authentication, to.Algorithms, to.Scopes, to.AcrValues, to.MaxAgeMinutes);
        (AsksUserinfo, MatchClaim, MatchBy, NameClaim) = (to.AsksUserinfo, to.MatchClaim, to.MatchBy, to.NameClaim);
        (CreatesAccounts, IsEnough, SignsOutToo, IsOn) = (to.CreatesAccounts, to.IsEnough, to.SignsOutToo, to.IsOn);
        (ChangedAt, Version) = (now, Version + 1);
    }

    public async Task Keep(string secret, TownKeys keys, TownDb db, CancellationToken stop) => SealedSecret = await keys.Seal(db.Town, Purpose, secret, $"directory/{Key}/secret", stop);

    public async Task Keep(SigningKey key, TownKeys keys, TownDb db, CancellationToken stop) => SealedKey = await keys.Seal(db.Town, Purpose, key.Pkcs8, $"directory/{Key}/key", stop);

    public async Task<SigningKey?> OpenKey(TownKeys keys, TownDb db, CancellationToken stop) =>
        SealedKey is null ? null : SigningKey.Read(await keys.Open(db.Town, Purpose, SealedKey, $"directory/{Key}/key", stop));

    /// <summary>Ready to speak with the provider.</summary>
    public async Task<Client> Open(TownKeys keys, TownDb db, CancellationToken stop) => new()
    {
        Issuer = Issuer,
        Id = ClientId,
        Authentication = Authentication,
        Secret = SealedSecret is null ? null : await keys.OpenText(db.Town, Purpose, SealedSecret, $"directory/{Key}/secret", stop),
        Key = Authentication == ClientAuthentication.PrivateKeyJwt ? await OpenKey(keys, db, stop) : null,
        Algorithms = [.. Algorithms.Select(Enum.Parse<JwsAlgorithm>)],
        Scopes = Words(Scopes),
        AsksFor = Words(AcrValues),
        TakesAcr = Words(AcrValues),
        MaxAge = MaxAgeMinutes is { } minutes ? TimeSpan.FromMinutes(minutes) : null,
        AsksUserinfo = AsksUserinfo,
    };

    public static Task<DirectoryProvider?> Find(TownDb db, CancellationToken stop = default) => db.Set<DirectoryProvider>().FirstOrDefaultAsync(p => p.Key == Staff, stop);

    static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    public static void Map(ModelBuilder model) => model.Entity<DirectoryProvider>(e =>
    {
        e.ToTable("providers");
        e.HasKey(p => p.Key);
        e.Ignore(p => p.Settings);
        e.Property(p => p.Version).IsConcurrencyToken();
    });
}

/// <summary>Whose account somebody of the directory has. Found by the directory's own name for them, which never becomes another's.</summary>
sealed class DirectoryLink
{
    public Guid Id { get; init; } = Data.Id.New();
    public required string Issuer { get; init; }
    public required string Subject { get; init; }
    public Guid AccountId { get; init; }
    public DateTimeOffset LinkedAt { get; init; }
    public DateTimeOffset UsedAt { get; set; }

    public static void Map(ModelBuilder model) => model.Entity<DirectoryLink>(e =>
    {
        e.ToTable("links");
        e.HasIndex(l => new { l.Issuer, l.Subject }).IsUnique().HasDatabaseName("links_subject");
        e.HasIndex(l => new { l.AccountId, l.Issuer }).IsUnique().HasDatabaseName("links_account");
        e.HasOne<Account>().WithMany().HasForeignKey(l => l.AccountId).HasConstraintName("links_account_id_fkey").OnDelete(DeleteBehavior.Cascade);
    });
}
