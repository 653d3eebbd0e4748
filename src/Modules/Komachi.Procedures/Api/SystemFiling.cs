using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>A case that another system filed.</summary>
public sealed class SystemFiling
{
    public Guid CaseId { get; init; }
    public Guid SystemId { get; init; }

    internal static void Map(ModelBuilder model) => model.Entity<SystemFiling>(e =>
    {
        e.ToTable("system_filings");
        e.HasKey(f => f.CaseId);
        e.HasOne<Case>().WithMany().HasForeignKey(f => f.CaseId).HasConstraintName("system_filings_case_id_fkey").OnDelete(DeleteBehavior.Cascade);
        e.HasIndex(f => f.SystemId).HasDatabaseName("system_filings_system");
    });
}
