using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.People;

/// <summary>The public half of a key that a phone or a computer keeps.</summary>
public sealed class Passkey
{
    public required byte[] CredentialId { get; init; }
    public Guid AccountId { get; init; }

    /// <summary>As its owner calls it.</summary>
    public required string Name { get; set; }
    public required byte[] PublicKey { get; init; }

    /// <summary>Of keys that count: one that goes backwards is a copy.</summary>
    public long SignCount { get; set; }
    public string[] Transports { get; init; } = [];
    public bool UserVerified { get; set; }
    public bool BackupEligible { get; init; }
    public bool BackedUp { get; set; }
    public DateTimeOffset AddedAt { get; init; }
    public DateTimeOffset? UsedAt { get; set; }

    internal UserPasskeyInfo Info => new(CredentialId, PublicKey, AddedAt, (uint)SignCount, Transports, UserVerified, BackupEligible, BackedUp, [], []) { Name = Name };

    internal static void Map(ModelBuilder model) => model.Entity<Passkey>(e =>
    {
        e.ToTable("passkeys");
        e.HasKey(p => p.CredentialId);
        e.Ignore(p => p.Info);
        e.HasIndex(p => p.AccountId).HasDatabaseName("passkeys_account");
        e.HasOne<Account>().WithMany().HasForeignKey(p => p.AccountId).HasConstraintName("passkeys_account_id_fkey").OnDelete(DeleteBehavior.Cascade);
    });
}
