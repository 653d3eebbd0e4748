using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Jobs;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Offices;

/// <summary>Counts what a module still has open in each of these departments; asked before a reorganisation is confirmed.</summary>
public delegate Task<IReadOnlyDictionary<Guid, int>> CountOpenWork(TownDb db, IReadOnlyCollection<Guid> departments, CancellationToken stop);

/// <summary>A module's answer to "what is open there?"; its title is a key of the words.</summary>
public sealed record OpenWork(string Title, CountOpenWork Count, ModuleBuilder Module);

/// <summary>
/// A department was closed and another one carries its work on: raised at midnight in Japan of the day on which it does.
/// Whoever keeps work by department moves it; meanwhile <see cref="DepartmentTree.Standing"/> finds the heir.
/// </summary>
public sealed record DepartmentReplaced(Guid OldId, Guid NewId, DateOnly On);

public static class OpenWorkRegistration
{
    public static ModuleBuilder OpenWork(this ModuleBuilder m, string title, CountOpenWork count) => m.Offer(new OpenWork(title, count, m));
}

/// <summary>Of which closed departments the others were told.</summary>
sealed class Replacement
{
    public Guid DepartmentId { get; init; }
    public Guid SuccessorId { get; init; }
    public DateOnly DayOn { get; init; }
    public DateTimeOffset ToldAt { get; init; }

    internal static void Map(ModelBuilder model) => model.Entity<Replacement>(e =>
    {
        e.ToTable("replacements");
        e.HasKey(r => r.DepartmentId);
    });
}

/// <summary>Each midnight in Japan: tells the modules which departments were replaced, each once, also those of nights that were missed.</summary>
sealed record TellReplacements : IJob<TellReplacements>
{
    public static string Name => "offices.tell_replacements";
    public static string Title => "Hand work on to departments that take the place of others";

    public static async Task Run(TellReplacements job, JobRun run)
    {
        var today = JapanTime.DayOf(run.Time.GetUtcNow());
        var closed = await run.Db.Set<Department>().AsNoTracking()
            .Where(d => d.UntilOn < today && d.SuccessorId != null && !run.Db.Set<Replacement>().Any(r => r.DepartmentId == d.Id)).ToListAsync(run.Stop);
        foreach (var department in closed)
        {
            var on = department.UntilOn!.Value.AddDays(1);
            run.Db.Raise(new DepartmentReplaced(department.Id, department.SuccessorId!.Value, on));
            run.Db.Add(new Replacement { DepartmentId = department.Id, SuccessorId = department.SuccessorId.Value, DayOn = on, ToldAt = run.Time.GetUtcNow() });
            run.Db.Audit(new AuditEntry
            {
                At = run.Time.GetUtcNow(), Action = "offices.replace", Subject = $"departments/{department.Id}",
                Details = AuditEntry.DetailsOf(new { department.Code, department.SuccessorId }),
            });
        }
    }
}
