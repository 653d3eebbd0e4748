using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.People;

public enum RelationKind { Spouse, Parent, Child, Sibling, Grandparent, Grandchild, Household, Other }

/// <summary>What somebody is to a person: the other is their parent, their child, … Recorded at the desk, once for the two of them.</summary>
sealed class Relation
{
    public Guid PersonId { get; init; }
    public Guid OtherId { get; init; }
    public RelationKind Kind { get; set; }
    public Guid ById { get; init; }
    public DateTimeOffset RecordedAt { get; init; }

    public static RelationKind FromTheOther(RelationKind kind) => kind switch
    {
        RelationKind.Parent => RelationKind.Child,
        RelationKind.Child => RelationKind.Parent,
        RelationKind.Grandparent => RelationKind.Grandchild,
        RelationKind.Grandchild => RelationKind.Grandparent,
        _ => kind,
    };

    public static string Title(RelationKind kind) => kind switch
    {
        RelationKind.Spouse => "Husband or wife",
        RelationKind.Parent => "Parent",
        RelationKind.Child => "Child",
        RelationKind.Sibling => "Brother or sister",
        RelationKind.Grandparent => "Grandparent",
        RelationKind.Grandchild => "Grandchild",
        RelationKind.Household => "Lives in the same household",
        _ => "Related otherwise",
    };

    public static void Map(ModelBuilder model) => model.Entity<Relation>(e =>
    {
        e.ToTable("relations");
        e.HasKey(r => new { r.PersonId, r.OtherId });
        e.HasIndex(r => r.OtherId).HasDatabaseName("relations_other");
        e.HasOne<Person>().WithMany().HasForeignKey(r => r.PersonId).HasConstraintName("relations_person_id_fkey").OnDelete(DeleteBehavior.Cascade);
        e.HasOne<Person>().WithMany().HasForeignKey(r => r.OtherId).HasConstraintName("relations_other_id_fkey").OnDelete(DeleteBehavior.Cascade);
    });
}
