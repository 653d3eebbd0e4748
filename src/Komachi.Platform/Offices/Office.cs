using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Offices;

/// <summary>A place with a counter, where residents come.</summary>
sealed class Office : IDated
{
    public Guid Id { get; private init; } = Data.Id.New();

    /// <summary>How files name it.</summary>
    public required string Key { get; init; }
    public required Said Name { get; set; }
    public required Said Address { get; set; }
    public string Telephone { get; set; } = "";
    public bool ClosedOnHolidays { get; set; } = true;

    /// <summary>Closed from this month and day (<c>12-29</c>, as the law has it for town halls) until that one, each year.</summary>
    public string? YearEndFrom { get; set; } = "12-29";
    public string? YearEndUntil { get; set; } = "01-03";
    public int Sort { get; set; }
    public DateOnly FromOn { get; init; }
    public DateOnly? UntilOn { get; set; }
    public int Version { get; private set; } = 1;

    public void Changed() => Version++;

    internal static void Map(ModelBuilder model)
    {
        model.Entity<Office>(e =>
        {
            e.ToTable("offices");
            e.Property(o => o.Name).InJson();
            e.Property(o => o.Address).InJson();
            e.Property(o => o.Version).IsConcurrencyToken();
            e.HasIndex(o => o.Key).IsUnique().HasDatabaseName("offices_key");
        });
        model.Entity<OfficeDepartment>(e =>
        {
            e.ToTable("office_departments");
            e.HasKey(d => new { d.OfficeId, d.DepartmentId });
        });
        model.Entity<WeekHours>(e => e.ToTable("hours"));
        model.Entity<DayException>(e =>
        {
            e.ToTable("exceptions");
            e.Property(x => x.Note).InJson();
            e.HasIndex(x => new { x.OfficeId, x.DayOn }).IsUnique().HasDatabaseName("exceptions_day");
        });
        model.Entity<Holiday>(e =>
        {
            e.ToTable("holidays");
            e.HasKey(h => h.DayOn);
        });
    }
}

sealed class OfficeDepartment
{
    public Guid OfficeId { get; init; }
    public Guid DepartmentId { get; init; }
}

/// <summary>Open at these hours on that day of the week, while this holds; two rows where it closes at noon.</summary>
sealed class WeekHours : IDated
{
    public Guid Id { get; private init; } = Data.Id.New();
    public Guid OfficeId { get; init; }

    /// <summary>0 is Sunday, as <see cref="DayOfWeek"/> has it.</summary>
    public int Weekday { get; init; }
    public TimeOnly Opens { get; init; }
    public TimeOnly Closes { get; init; }
    public DateOnly FromOn { get; init; }
    public DateOnly? UntilOn { get; set; }
}

/// <summary>One day that is not as its week says: closed, or open at other hours.</summary>
sealed class DayException
{
    public Guid Id { get; private init; } = Data.Id.New();
    public Guid OfficeId { get; init; }
    public DateOnly DayOn { get; init; }
    public TimeOnly? Opens { get; init; }
    public TimeOnly? Closes { get; init; }
    public required Said Note { get; init; }
}

/// <summary>A national holiday of a year for which the town has brought a list: such a year follows the list, others the law.</summary>
sealed class Holiday
{
    public DateOnly DayOn { get; init; }
    public required string Name { get; set; }
}
