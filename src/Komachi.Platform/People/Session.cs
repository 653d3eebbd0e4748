using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.People;

/// <summary>What somebody has still to do before they are in. A new password is owed by the account, on whatever device: no session says so.</summary>
public enum Waiting { SecondFactor, SetUp, NewPassword }

/// <summary>A signed-in device. Ending it is deleting the row.</summary>
public sealed class Session
{
    public Guid Id { get; init; } = Data.Id.New();
    public Guid AccountId { get; init; }
    public required byte[] SecretHash { get; set; }

    /// <summary>What was shown: <c>password</c>, <c>authenticator</c>, <c>passkey</c>, …</summary>
    public string[] How { get; set; } = [];

    /// <summary>While this is set nobody is signed in: the first proof was given and the second is not.</summary>
    public Waiting? WaitsFor { get; set; }

    /// <summary>As the browser calls itself, in a few words.</summary>
    public string Device { get; init; } = "";

    /// <summary>As its owner calls it.</summary>
    public string? Name { get; set; }
    public string? FromAddress { get; init; }
    public DateTimeOffset BeganAt { get; init; }
    public DateTimeOffset SeenAt { get; set; }

    /// <summary>When a proof was given last: what is dangerous asks for a fresh one.</summary>
    public DateTimeOffset ProvedAt { get; set; }

    /// <summary>Moves on while the device is used, up to <see cref="LatestAt"/>.</summary>
    public DateTimeOffset EndsAt { get; set; }
    public DateTimeOffset LatestAt { get; init; }

    /// <summary>The mandate under which this device acts for somebody else, while that is in force.</summary>
    public Guid? ActingFor { get; set; }

    internal static void Map(ModelBuilder model) => model.Entity<Session>(e =>
    {
        e.ToTable("sessions");
        e.HasIndex(s => s.SecretHash).IsUnique().HasDatabaseName("sessions_secret_hash");
        e.HasIndex(s => s.AccountId).HasDatabaseName("sessions_account");
        e.HasIndex(s => s.ActingFor).HasDatabaseName("sessions_acting_for").HasFilter("acting_for IS NOT NULL");
        e.HasOne<Mandate>().WithMany().HasForeignKey(s => s.ActingFor).HasConstraintName("sessions_acting_for_fkey").OnDelete(DeleteBehavior.SetNull);
        e.HasOne<Account>().WithMany().HasForeignKey(s => s.AccountId).HasConstraintName("sessions_account_id_fkey").OnDelete(DeleteBehavior.Cascade);
    });
}
