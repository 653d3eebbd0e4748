using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Desk;

/// <summary>A list of the desk with what it is narrowed to, under a name: for who saved it, and where they say so for their department.</summary>
sealed class View
{
    public const int LongestName = 30, MostOfOne = 12;

    public Guid Id { get; init; } = Data.Id.New();
    public Guid AccountId { get; init; }
    public Guid? DepartmentId { get; set; }

    /// <summary>The page with the list, like <c>desk/announcements</c>.</summary>
    public required string List { get; init; }
    public required string Name { get; init; }

    /// <summary>As it stands in the address, without the question mark.</summary>
    public required string Query { get; set; }
    public DateTimeOffset KeptAt { get; set; }

    internal static void Map(ModelBuilder model) => model.Entity<View>(e =>
    {
        e.ToTable("views");
        e.HasIndex(v => new { v.AccountId, v.List, v.Name }).IsUnique().HasDatabaseName("views_own");
        e.HasIndex(v => new { v.List, v.DepartmentId }).HasDatabaseName("views_shared").HasFilter("department_id IS NOT NULL");
    });
}
