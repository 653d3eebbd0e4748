using System.Text.Json.Nodes;
using Komachi.Platform.Data;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>Left: its condition no longer holds, after a correction.</summary>
public enum StepState { Waiting, Open, Done, Left }

/// <summary>A step of a case's flow as it stands: whose it is, what was ticked, filled in and noted.</summary>
public sealed class Step
{
    Step() { }

    public Guid CaseId { get; private init; }
    public string Key { get; private init; } = "";

    /// <summary>Those of one order go side by side; the next ones open when all of them are done.</summary>
    public int Order { get; private init; }

    /// <summary>check, approve or decide.</summary>
    public string Kind { get; private init; } = "";

    /// <summary>None: the department that has the case, wherever it goes.</summary>
    public Guid? DepartmentId { get; private init; }
    public StepState State { get; private set; }

    /// <summary>Numbers of the checklist's lines.</summary>
    public int[] Ticked { get; private set; } = [];
    public JsonObject Fields { get; private set; } = [];
    public string? Note { get; private set; }
    public Guid? ById { get; private set; }
    public DateTimeOffset? OpenedAt { get; private set; }
    public DateTimeOffset? DoneAt { get; private set; }
    public int Version { get; private set; } = 1;

    internal static Step Of(Case of, CompiledStep step, Guid? department) => new() { CaseId = of.Id, Key = step.Key, Order = step.Order, Kind = step.Step.Kind, DepartmentId = department, State = StepState.Waiting };

    internal void Open(DateTimeOffset now) => (State, OpenedAt, Version) = (StepState.Open, now, Version + 1);

    /// <summary>What was done so far, before it is done.</summary>
    internal void Keep(int[] ticked, JsonObject fields, string? note, Guid by) => (Ticked, Fields, Note, ById, Version) = (ticked, fields, note, by, Version + 1);

    internal void Do(Guid by, DateTimeOffset now) => (State, ById, DoneAt, Version) = (StepState.Done, by, now, Version + 1);

    /// <summary>Somebody who approves or decides gave it back: it is open again, and what came after it waits.</summary>
    internal void Return(DateTimeOffset now) => (State, DoneAt, OpenedAt, Version) = (StepState.Open, null, now, Version + 1);

    internal void Wait() => (State, DoneAt, OpenedAt, Version) = (StepState.Waiting, null, null, Version + 1);

    internal void Leave() => (State, Version) = (StepState.Left, Version + 1);

    internal static void Map(ModelBuilder model) => model.Entity<Step>(e =>
    {
        e.ToTable("steps");
        e.HasKey(s => new { s.CaseId, s.Key });
        e.Property(s => s.Fields).AsJson();
        e.Property(s => s.Version).IsConcurrencyToken();
        e.HasOne<Case>().WithMany().HasForeignKey(s => s.CaseId).HasConstraintName("steps_case_id_fkey").OnDelete(DeleteBehavior.Cascade);
        e.HasIndex(s => new { s.Kind, s.DepartmentId, s.CaseId }).HasDatabaseName("steps_open").HasFilter("state = 'Open'");
        e.HasIndex(s => new { s.DepartmentId, s.CaseId }).HasDatabaseName("steps_open_department").HasFilter("state = 'Open' AND department_id IS NOT NULL");
    });
}
