using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Jobs;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Figures;

/// <summary>A number that a module measures: <c>announcements.published</c>. Null where nothing can be measured yet.</summary>
public sealed record Figure(string Key, string Title, Func<TownDb, TimeProvider, CancellationToken, Task<decimal?>> Measure);

/// <summary>What a figure was on a day. The plan's indicators are bound to these.</summary>
sealed class FigureSnapshot
{
    public required string Key { get; init; }
    public DateOnly TakenOn { get; init; }
    public decimal Value { get; set; }

    public static void Map(ModelBuilder model) => model.Entity<FigureSnapshot>(e =>
    {
        e.ToTable("snapshots");
        e.HasKey(s => new { s.Key, s.TakenOn });
    });
}

/// <summary>Each night, for the day that ended: measures every figure once. Run again it changes nothing that was kept.</summary>
sealed record TakeFigures : IJob<TakeFigures>
{
    public static string Name => "figures.take";
    public static string Title => "Measure the day's figures";

    public static async Task Run(TakeFigures job, JobRun run)
    {
        var house = (House)run.Services.GetService(typeof(House))!;
        var day = JapanTime.DayOf(run.Time.GetUtcNow()).AddDays(-1);
        var kept = await run.Db.Set<FigureSnapshot>().Where(s => s.TakenOn == day).Select(s => s.Key).ToListAsync(run.Stop);
        foreach (var figure in house.Figures.ExceptBy(kept, f => f.Key))
            if (await figure.Measure(run.Db, run.Time, run.Stop) is { } value)
                run.Db.Add(new FigureSnapshot { Key = figure.Key, TakenOn = day, Value = value });
    }
}
