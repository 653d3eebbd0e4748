using Komachi.Platform.Data;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Jobs;

/// <summary>
/// A job in the queue. <see cref="RunAt"/> is when it may be taken, and claiming a job moves it to the end of the lease: so a
/// job whose worker died becomes due again by itself, and one index finds everything that is to be done.
/// A finished job is deleted; a dead one stays until a person has seen it.
/// </summary>
sealed class QueuedJob
{
    public Guid Id { get; init; }
    public required string Kind { get; init; }

    /// <summary>Kinds with a limit wait in a lane of their own, so that nobody searches through a million of them for other work.</summary>
    public string Lane { get; set; } = "";
    public required string Payload { get; init; }
    public DateTimeOffset RunAt { get; set; }
    public int Attempt { get; set; }

    /// <summary>Who holds it now; only the holder may end it.</summary>
    public Guid? Lease { get; set; }
    public string? LastError { get; set; }
    public DateTimeOffset? DeadAt { get; set; }
    public DateTimeOffset CreatedAt { get; init; }

    public static QueuedJob Of(JobKind kind, string payload, DateTimeOffset runAt, DateTimeOffset now) =>
        new() { Id = Data.Id.New(), Kind = kind.Name, Lane = kind.Lane, Payload = payload, RunAt = runAt, CreatedAt = now };

    /// <summary>A person looked at it and wants it tried again.</summary>
    public void Retry(DateTimeOffset now) => (RunAt, Attempt, Lease, DeadAt) = (now, 0, null, null);

    public static void Map(ModelBuilder model) => model.Entity<QueuedJob>(e =>
    {
        e.ToTable("queue");
        e.Property(j => j.Payload).HasColumnType("jsonb");
        e.Property(j => j.Lane).HasDefaultValue("");
        e.Property(j => j.Lease).IsConcurrencyToken();
        e.HasIndex(j => new { j.Lane, j.RunAt }).HasDatabaseName("queue_due").HasFilter("dead_at IS NULL");
        e.HasIndex(j => j.DeadAt).HasDatabaseName("queue_dead").HasFilter("dead_at IS NOT NULL");
    });
}

/// <summary>A time slot of a schedule that was started: its key makes it start once, whatever runs beside.</summary>
sealed class StartedSlot
{
    public required string Kind { get; init; }
    public DateTimeOffset DueAt { get; init; }

    public static void Map(ModelBuilder model) => model.Entity<StartedSlot>(e =>
    {
        e.ToTable("slots");
        e.HasKey(s => new { s.Kind, s.DueAt });
    });
}
