using Komachi.Platform.Data;
using Komachi.Platform.Towns;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Rights;

/// <summary>A town's own period for a kind of record.</summary>
sealed class Period
{
    public required string Kind { get; init; }
    public KeepUnit Unit { get; set; }
    public int Count { get; set; }
    public Guid? SetBy { get; set; }
    public DateTimeOffset SetAt { get; set; }
    public int Version { get; set; }

    public Keep Keep => new(Unit, Count);

    internal static void Map(ModelBuilder model) => model.Entity<Period>(e =>
    {
        e.ToTable("periods");
        e.HasKey(p => p.Kind);
        e.Ignore(p => p.Keep);
        e.Property(p => p.Version).IsConcurrencyToken();
    });

    /// <summary>What holds in this town, kind by kind.</summary>
    public static async Task<IReadOnlyDictionary<string, Keep>> All(TownDb db, House house, CancellationToken stop)
    {
        var own = await db.Set<Period>().AsNoTracking().ToDictionaryAsync(p => p.Kind, p => p.Keep, stop);
        return RecordKinds.Of(house, db.Town).ToDictionary(k => k.Key, k => own.TryGetValue(k.Key, out var keep) ? keep : k.Keep);
    }
}

static class RecordKinds
{
    /// <summary>Those of the modules that the town has switched on.</summary>
    public static IEnumerable<RecordKind> Of(House house, Town town) => house.All<RecordKind>().Where(k => house.Has(town, k.Module));
}

/// <summary>Erasing stops: a court, an auditor or a quarrel needs the records. Of one person, or of one kind.</summary>
public sealed class Hold
{
    public Guid Id { get; private init; } = Data.Id.New();
    public Guid? PersonId { get; init; }
    public string? Kind { get; init; }
    public string Reason { get; set; } = "";
    public Guid? ById { get; init; }
    public DateTimeOffset FromAt { get; init; }
    public DateTimeOffset? UntilAt { get; init; }
    public DateTimeOffset? EndedAt { get; set; }
    public Guid? EndedBy { get; set; }

    internal static void Map(ModelBuilder model) => model.Entity<Hold>(e =>
    {
        e.ToTable("holds");
        e.Property(h => h.EndedAt).IsConcurrencyToken();
        e.HasIndex(h => h.PersonId).HasDatabaseName("holds_person").HasFilter("ended_at IS NULL");
    });

    /// <summary>Those that stop something at that moment.</summary>
    internal static IQueryable<Hold> At(TownDb db, DateTimeOffset now) =>
        db.Set<Hold>().Where(h => h.EndedAt == null && h.FromAt <= now && (h.UntilAt == null || h.UntilAt > now));

    internal static IQueryable<Guid> PersonsAt(TownDb db, DateTimeOffset now) => At(db, now).Where(h => h.PersonId != null).Select(h => h.PersonId!.Value);
}

/// <summary>How many records of a kind went in one night.</summary>
public sealed class RetentionRun
{
    public required string Kind { get; init; }
    public DateOnly NightOn { get; init; }
    public long Erased { get; init; }
    public DateTimeOffset RanAt { get; init; }

    internal static void Map(ModelBuilder model) => model.Entity<RetentionRun>(e =>
    {
        e.ToTable("runs");
        e.HasKey(r => new { r.Kind, r.NightOn });
    });
}

/// <summary>Somebody is to be forgotten. While this is not done, something stops a part of it, and each night looks again.</summary>
public sealed class ErasureOfPerson
{
    public Guid PersonId { get; init; }
    public DateTimeOffset AskedAt { get; init; }
    public bool AtCounter { get; init; }
    public DateTimeOffset? DoneAt { get; set; }

    /// <summary>Since when something of them is gone; null while a hold stops all of it.</summary>
    public DateTimeOffset? ForgottenAt { get; set; }

    /// <summary>When the control database was told how it stands (<see cref="NoteErasures"/>).</summary>
    public DateTimeOffset? NotedAt { get; set; }

    internal static void Map(ModelBuilder model) => model.Entity<ErasureOfPerson>(e =>
    {
        e.ToTable("erasures");
        e.HasKey(p => p.PersonId);
        e.HasIndex(p => p.PersonId).HasDatabaseName("erasures_unnoted").HasFilter("noted_at IS NULL");
        e.HasIndex(p => p.AskedAt).HasDatabaseName("erasures_waiting").HasFilter("done_at IS NULL");
    });
}
