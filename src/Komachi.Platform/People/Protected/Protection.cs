using Komachi.Platform.Data;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.People;

/// <summary>
/// A person who is hidden from who might tell (支援措置, for victims of violence). In force from the moment it is saved until somebody
/// ends it: behind its last day it asks for a decision and goes on, since the mistake of showing cannot be undone.
/// </summary>
sealed class Protection
{
    public const string Permission = "people.protected";

    public Guid Id { get; init; } = Data.Id.New();
    public Guid PersonId { get; init; }
    public DateOnly FromOn { get; init; }
    public DateOnly UntilOn { get; private set; }

    /// <summary>The office that asked for it: police, a consultation centre, another town.</summary>
    public required string Office { get; init; }
    public byte[]? Note { get; set; }
    public Guid ById { get; init; }
    public DateTimeOffset RecordedAt { get; init; }
    public DateOnly? RemindedOn { get; set; }
    public DateTimeOffset? EndedAt { get; private set; }
    public Guid? EndedById { get; private set; }
    public byte[]? EndReason { get; private set; }
    public int Version { get; private set; } = 1;

    public static Protection Of(Guid person, string office, DateOnly from, DateOnly until, Guid by, DateTimeOffset now) =>
        new() { PersonId = person, Office = office, FromOn = from, UntilOn = until, ById = by, RecordedAt = now };

    public void Renew(DateOnly until) => (UntilOn, RemindedOn, Version) = (until, null, Version + 1);

    public void End(byte[] reason, Guid by, DateTimeOffset now) => (EndedAt, EndedById, EndReason, Version) = (now, by, reason, Version + 1);

    public string BoundTo(string what) => $"protections/{Id}/{what}";

    /// <summary>Asked each time and of the database: what was saved a moment ago holds for the next page.</summary>
    public static IQueryable<Protection> InForce(TownDb db) => db.Set<Protection>().Where(p => p.EndedAt == null);

    public static void Map(ModelBuilder model) => model.Entity<Protection>(e =>
    {
        e.ToTable("protections");
        e.Property(p => p.Version).IsConcurrencyToken();
        e.HasIndex(p => p.PersonId).IsUnique().HasDatabaseName("protections_in_force").HasFilter("ended_at IS NULL");
        e.HasIndex(p => p.UntilOn).HasDatabaseName("protections_until").HasFilter("ended_at IS NULL");
        e.HasOne<Person>().WithMany().HasForeignKey(p => p.PersonId).HasConstraintName("protections_person_id_fkey").OnDelete(DeleteBehavior.Cascade);
    });
}
