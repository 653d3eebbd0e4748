using Komachi.Platform.Data;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Offices;

/// <summary>
/// A department of the town. It keeps its id when it is renamed or put elsewhere (<see cref="DepartmentState"/>), so that what
/// belongs to it need not move; only when it is closed does its work go to a successor.
/// </summary>
sealed class Department : IDated
{
    Department() { }

    public Guid Id { get; private init; } = Data.Id.New();
    public string Code { get; private init; } = "";
    public DateOnly FromOn { get; private init; }
    public DateOnly? UntilOn { get; private set; }
    public Guid? SuccessorId { get; private set; }
    public Guid? ChangeSetId { get; private init; }
    public int Version { get; private set; }

    public static Department Open(string code, DateOnly from, Guid? changeSet = null, DateOnly? until = null) =>
        new() { Code = code, FromOn = from, UntilOn = until, ChangeSetId = changeSet, Version = 1 };

    public void Close(DateOnly lastDay, Guid? successor)
    {
        (UntilOn, SuccessorId) = (lastDay < FromOn ? FromOn.AddDays(-1) : lastDay, successor);
        Version++;
    }

    /// <summary>As it was before a change that is taken back.</summary>
    public void Restore(DateOnly? until, Guid? successor)
    {
        (UntilOn, SuccessorId) = (until, successor);
        Version++;
    }

    public void Touched() => Version++;

    internal static void Map(ModelBuilder model)
    {
        model.Entity<Department>(e =>
        {
            e.ToTable("departments");
            e.Property(d => d.Version).IsConcurrencyToken();
        });
        model.Entity<DepartmentState>(e =>
        {
            e.ToTable("department_states");
            e.HasKey(s => new { s.DepartmentId, s.FromOn });
            e.Property(s => s.Name).InJson();
        });
    }
}

/// <summary>What a department is called and where it belongs, from that day until the next state.</summary>
sealed class DepartmentState
{
    public Guid DepartmentId { get; init; }
    public DateOnly FromOn { get; init; }
    public required Said Name { get; set; }
    public Guid? ParentId { get; set; }
    public string Telephone { get; set; } = "";
    public int Sort { get; set; }
    public Guid? ChangeSetId { get; init; }
}
