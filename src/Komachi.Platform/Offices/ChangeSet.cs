using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Offices;

public enum ChangeSetState { Draft, Confirmed, TakenBack }

/// <summary>
/// A reorganisation with its personnel moves, prepared for a day. A draft is what was given, read anew at each look, so it is
/// always held against the town as it is; confirming writes dated rows, and notes what takes them back.
/// </summary>
sealed class ChangeSet
{
    ChangeSet() { }

    public Guid Id { get; private init; } = Data.Id.New();
    public string Title { get; private set; } = "";
    public DateOnly EffectiveOn { get; private set; }
    public ChangeSetState State { get; private set; }
    public string DepartmentsCsv { get; private set; } = "";
    public string MovesCsv { get; private set; } = "";
    public string? Undo { get; private set; }
    public Guid? MadeById { get; private init; }
    public DateTimeOffset MadeAt { get; private init; }
    public Guid? ConfirmedById { get; private set; }
    public DateTimeOffset? ConfirmedAt { get; private set; }
    public DateTimeOffset? TakenBackAt { get; private set; }
    public int Version { get; private set; }

    public static ChangeSet Draft(string title, DateOnly on, string departments, string moves, Guid? by, DateTimeOffset now)
    {
        var set = new ChangeSet { MadeById = by, MadeAt = now };
        set.Write(title, on, departments, moves);
        return set;
    }

    public void Write(string title, DateOnly on, string departments, string moves)
    {
        if (State != ChangeSetState.Draft) throw new InvalidOperationException("Only a draft can be written.");
        (Title, EffectiveOn, DepartmentsCsv, MovesCsv) = (title, on, departments, moves);
        Version++;
    }

    public void Confirm(string undo, Guid by, DateTimeOffset now)
    {
        if (State != ChangeSetState.Draft) throw new InvalidOperationException("Only a draft can be confirmed.");
        (State, Undo, ConfirmedById, ConfirmedAt) = (ChangeSetState.Confirmed, undo, by, now);
        Version++;
    }

    public void TakeBack(DateTimeOffset now)
    {
        if (State != ChangeSetState.Confirmed) throw new InvalidOperationException("Only what was confirmed can be taken back.");
        (State, TakenBackAt) = (ChangeSetState.TakenBack, now);
        Version++;
    }

    internal static void Map(ModelBuilder model) => model.Entity<ChangeSet>(e =>
    {
        e.ToTable("change_sets");
        e.Property(s => s.Undo).HasColumnType("jsonb");
        e.Property(s => s.Version).IsConcurrencyToken();
        e.HasIndex(s => new { s.EffectiveOn, s.Id }).IsDescending().HasDatabaseName("change_sets_newest");
    });
}
