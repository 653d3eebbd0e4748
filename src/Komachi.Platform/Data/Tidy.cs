using Komachi.Platform.Jobs;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Data;

/// <summary>Each night: forgets the house's own keys and counts. Records about people have periods and end elsewhere (Rights/EraseDue.cs).</summary>
sealed record Tidy : IJob<Tidy>
{
    public static string Name => "house.tidy";
    public static string Title => "Clear away what the program needs no longer";

    public static async Task Run(Tidy job, JobRun run)
    {
        var now = run.Time.GetUtcNow();
        await run.Db.Set<OnceKey>().Where(k => k.UsedAt < now.AddDays(-7)).ExecuteDeleteAsync(run.Stop);
        await run.Db.Set<SharedCounter>().Where(c => c.WindowAt < now.AddDays(-2)).ExecuteDeleteAsync(run.Stop);
        // The newest slot of each schedule stays, so that no slot can come twice.
        await run.Db.Set<StartedSlot>().Where(s => s.DueAt < now.AddDays(-40)).ExecuteDeleteAsync(run.Stop);
    }
}
