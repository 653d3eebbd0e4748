using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Jobs;

/// <summary>What waits, what runs, what was given up: and a way to start it again.</summary>
public static class WatchJobs
{
    const int Most = 100;

    public sealed record Row(Guid Id, string Kind, DateTimeOffset CreatedAt, DateTimeOffset RunAt, int Attempt, bool Running, DateTimeOffset? DeadAt, string? LastError);

    public sealed record Count(string Kind, int Waiting, int Running, int Dead);

    internal static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("", Show);
        to.MapPost("retry", Retry);
    }

    static async Task<IResult> Show(TownDb db, TimeProvider time)
    {
        var now = time.GetUtcNow();
        var counts = await db.Set<QueuedJob>().GroupBy(j => j.Kind).OrderBy(g => g.Key)
            .Select(g => new Count(g.Key, g.Count(j => j.DeadAt == null && j.Lease == null), g.Count(j => j.DeadAt == null && j.Lease != null), g.Count(j => j.DeadAt != null)))
            .ToListAsync();
        var rows = await db.Set<QueuedJob>().AsNoTracking().Where(j => j.DeadAt != null || j.Attempt > 0)
            .OrderByDescending(j => j.DeadAt != null).ThenBy(j => j.RunAt).Take(Most)
            .Select(j => new Row(j.Id, j.Kind, j.CreatedAt, j.RunAt, j.Attempt, j.Lease != null, j.DeadAt, j.LastError)).ToListAsync();
        return Page.Show<WatchJobsPage>(new { Counts = counts, Rows = rows });
    }

    static async Task<IResult> Retry(Form form, Visit visit, TownDb db, TimeProvider time)
    {
        var ids = form.Many("job").Select(id => Guid.TryParse(id, out var guid) ? guid : default).ToArray();
        var jobs = await db.Set<QueuedJob>().Where(j => ids.Contains(j.Id) && j.DeadAt != null).ToListAsync();
        foreach (var job in jobs)
        {
            job.Retry(time.GetUtcNow());
            db.Audit(visit.Did("jobs.retry", $"jobs/{job.Id}", new { job.Kind }));
        }
        db.RingAfterSave();
        await db.Save(form.Once, visit.Link("desk/jobs"));
        return Page.Go(visit, "desk/jobs");
    }
}
