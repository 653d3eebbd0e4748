using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>A link that opens one case once, sent to the address that the applicant gave: the receipt number alone shows the status only.</summary>
public sealed class CaseLink
{
    public static readonly TimeSpan Lasts = TimeSpan.FromMinutes(30);

    public Guid Id { get; init; } = Komachi.Platform.Data.Id.New();
    public Guid CaseId { get; init; }
    public byte[] TokenHash { get; init; } = [];
    public DateTimeOffset MadeAt { get; init; }
    public DateTimeOffset EndsAt { get; init; }
    public DateTimeOffset? UsedAt { get; set; }

    /// <summary>What the browser holds that used it, and until when.</summary>
    public byte[]? VisitHash { get; set; }
    public DateTimeOffset? VisitEndsAt { get; set; }

    internal static void Map(ModelBuilder model)
    {
        model.Entity<CaseLink>(e =>
        {
            e.ToTable("links");
            e.Property(l => l.UsedAt).IsConcurrencyToken();
            e.HasOne<Case>().WithMany().HasForeignKey(l => l.CaseId).HasConstraintName("links_case_id_fkey").OnDelete(DeleteBehavior.Cascade);
            e.HasIndex(l => l.TokenHash).IsUnique().HasDatabaseName("links_token");
            e.HasIndex(l => l.CaseId).HasDatabaseName("links_case");
            e.HasIndex(l => l.EndsAt).HasDatabaseName("links_ends");
        });
        model.Entity<Rating>(e =>
        {
            e.ToTable("ratings");
            e.HasKey(r => r.CaseId);
            e.HasOne<Case>().WithMany().HasForeignKey(r => r.CaseId).HasConstraintName("ratings_case_id_fkey").OnDelete(DeleteBehavior.Cascade);
            e.HasIndex(r => new { r.Procedure, r.At }).HasDatabaseName("ratings_procedure");
        });
    }
}

/// <summary>Two questions after filing, to be left out: how easy it was, and whether they could do what they came for.</summary>
public sealed class Rating
{
    public Guid CaseId { get; init; }
    public string Procedure { get; init; } = "";

    /// <summary>1 hard … 5 easy.</summary>
    public int Easy { get; init; }
    public bool? Reached { get; init; }
    public string? Words { get; init; }
    public DateTimeOffset At { get; init; }
}
