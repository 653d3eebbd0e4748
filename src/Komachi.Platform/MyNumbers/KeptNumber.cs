using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.MyNumbers;

/// <summary>Something for which a module asks the number. It is off until a town switches it on and names the law.</summary>
/// <param name="Days">So long it may lie there when nobody hands it over; a town may choose less or more.</param>
public sealed record MyNumberUse(string Key, string Title, int Days, ModuleBuilder Module);

public static class MyNumberRegistration
{
    /// <summary>The title is a key of the words.</summary>
    public static ModuleBuilder UsesMyNumber(this ModuleBuilder m, string key, string title, int days = 90) => m.Offer(new MyNumberUse(key, title, days, m));
}

/// <summary>A use that this town switched on once; it is on while <see cref="OnAt"/> says since when.</summary>
public sealed class TownsUse
{
    public required string Use { get; init; }

    /// <summary>法律・条・項, as the town wrote it: residents read it where the number is asked for.</summary>
    public string Basis { get; set; } = "";
    public int Days { get; set; }
    public DateTimeOffset? OnAt { get; set; }
    public Guid? ById { get; set; }
    public DateTimeOffset ChangedAt { get; set; }
    public int Version { get; set; }

    internal static void Map(ModelBuilder model) => model.Entity<TownsUse>(e =>
    {
        e.ToTable("uses");
        e.HasKey(u => u.Use);
        e.Property(u => u.Version).IsConcurrencyToken();
    });
}

public enum PurgedBecause { HandedOver, Forgotten, SwitchedOff, Erased }

/// <summary>That a number is, or was, kept. The number itself is sealed, and is gone as soon as it was handed over.</summary>
public sealed class KeptNumber
{
    KeptNumber() { }

    public Guid Id { get; private init; } = Data.Id.New();
    public string Use { get; private init; } = "";
    public Guid PersonId { get; private init; }

    /// <summary>The record that needs it: <c>cases/0192…</c></summary>
    public string Subject { get; private init; } = "";
    public byte[]? Sealed { get; private set; }
    public DateTimeOffset KeptAt { get; private set; }

    /// <summary>Then it goes by itself.</summary>
    public DateTimeOffset PurgeAt { get; private set; }
    public DateTimeOffset? WarnedAt { get; private set; }
    public DateTimeOffset? PurgedAt { get; private set; }
    public PurgedBecause? Why { get; private set; }
    public string? HandedTo { get; private set; }
    public int Version { get; private set; }

    internal static KeptNumber For(string use, Guid person, string subject) => new() { Use = use, PersonId = person, Subject = subject };

    /// <summary>What it is sealed to: moved to another row, person or use it does not open.</summary>
    internal string Bound => $"my_numbers/{Id}/{Use}/{PersonId}/{Subject}";

    internal void Keep(byte[] @sealed, DateTimeOffset now, int days) => (Sealed, KeptAt, PurgeAt, WarnedAt, Version) = (@sealed, now, now.AddDays(days), null, Version + 1);

    internal void Purge(PurgedBecause why, DateTimeOffset now, string? to = null)
    {
        if (PurgedAt is not null) return;
        (Sealed, PurgedAt, Why, HandedTo, Version) = (null, now, why, to, Version + 1);
    }

    internal static void Map(ModelBuilder model) => model.Entity<KeptNumber>(e =>
    {
        e.ToTable("numbers");
        e.Ignore(n => n.Bound);
        e.Property(n => n.Version).IsConcurrencyToken();
        e.HasIndex(n => new { n.Use, n.Subject, n.PersonId }).IsUnique().HasDatabaseName("numbers_one").HasFilter("purged_at IS NULL");
        e.HasIndex(n => n.PersonId).HasDatabaseName("numbers_person");
        e.HasIndex(n => n.PurgeAt).HasDatabaseName("numbers_purge").HasFilter("purged_at IS NULL");
    });
}
