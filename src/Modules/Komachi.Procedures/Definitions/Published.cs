using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

public enum Origin { Shipped, Town, Desk }

/// <summary>
/// A version of a procedure in this town. Once published its text never changes, by a trigger of the database: cases keep the version with which
/// they came. A clerk's next version is a draft until it is published; what stands on the site is the newest published one.
/// </summary>
public sealed class Published
{
    Published() { }

    public Guid Id { get; private init; } = Komachi.Platform.Data.Id.New();
    public string Key { get; private init; } = "";
    public int Number { get; private init; }
    public string Document { get; private set; } = "";
    public Origin Origin { get; private init; }
    public DateTimeOffset ChangedAt { get; private set; }
    public DateTimeOffset? PublishedAt { get; private set; }
    public Guid? PublishedById { get; private set; }

    /// <summary>What changed, in a sentence.</summary>
    public string Note { get; private set; } = "";

    /// <summary>No longer offered; cases go on.</summary>
    public DateTimeOffset? EndedAt { get; private set; }
    public int Version { get; private set; } = 1;

    public Procedure Procedure => Komachi.Procedures.Procedure.Of(Document);

    internal static Published Draft(string key, int number, string document, Origin origin, DateTimeOffset now) => new() { Key = key, Number = number, Document = document, Origin = origin, ChangedAt = now };

    internal void Write(string document, DateTimeOffset now)
    {
        if (PublishedAt is not null) throw new InvalidOperationException("What was published stays as it is.");
        (Document, ChangedAt, Version) = (document, now, Version + 1);
    }

    internal void Publish(string note, Guid? by, DateTimeOffset now)
    {
        if (PublishedAt is not null) throw new InvalidOperationException("It is published.");
        (PublishedAt, PublishedById, Note, ChangedAt, Version) = (now, by, note, now, Version + 1);
    }

    internal void End(DateTimeOffset now) => (EndedAt, Version) = (EndedAt ?? now, Version + 1);

    internal void Resume() => (EndedAt, Version) = (null, Version + 1);

    internal static void Map(ModelBuilder model) => model.Entity<Published>(e =>
    {
        e.ToTable("definitions");
        e.Ignore(d => d.Procedure);
        e.Property(d => d.Version).IsConcurrencyToken();
        e.HasIndex(d => new { d.Key, d.Number }).IsUnique().HasDatabaseName("definitions_key");
        e.HasIndex(d => d.Key).IsUnique().HasDatabaseName("definitions_draft").HasFilter("published_at IS NULL");
    });
}
