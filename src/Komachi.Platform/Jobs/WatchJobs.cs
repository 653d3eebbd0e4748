using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Jobs;

/// <summary>What waits, what runs, what was given up, and a way to start it again: for the page at the desk and for <c>komachi jobs</c>.</summary>
public static class WatchJobs
{
    /// <summary>A job as people see it. Its payload stays out: it may hold what a resident wrote.</summary>
    public sealed record Row(Guid Id, string Kind, DateTimeOffset CreatedAt, DateTimeOffset RunAt, int Attempt, bool Running, DateTimeOffset? DeadAt, string? LastError)
    {
        public bool Parked => DeadAt is not null;
    }

    public sealed record Count(string Kind, int Waiting, int Running, int Dead);

    internal static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("", async (TownDb db) => Page.Show<WatchJobsPage>(new { Counts = await CountAll(db), Rows = await List(db, onlyTroubled: true, most: 100) }));
        to.MapPost("retry", async (Form form, Visit visit, TownDb db, TimeProvider time) =>
        {
            var ids = form.Many("job").Select(id => Guid.TryParse(id, out var guid) ? guid : default).ToArray();
            await Restart(db, ids, time.GetUtcNow(), (job, kind) => visit.Did("jobs.retry", job, new { kind }));
            await db.Save(form.Once, visit.Link("desk/jobs"));
            return Page.Go(visit, "desk/jobs");
        });
    }

    /// <summary>Parked ones first, then by when they are due.</summary>
    public static async Task<IReadOnlyList<Row>> List(TownDb db, bool onlyTroubled, int most, CancellationToken stop = default) =>
        await db.Set<QueuedJob>().AsNoTracking().Where(j => !onlyTroubled || j.DeadAt != null || j.Attempt > 0)
            .OrderByDescending(j => j.DeadAt != null).ThenBy(j => j.RunAt).ThenBy(j => j.Id).Take(most)
            .Select(j => new Row(j.Id, j.Kind, j.CreatedAt, j.RunAt, j.Attempt, j.Lease != null, j.DeadAt, j.LastError)).ToListAsync(stop);

    /// <summary>Puts parked jobs back into the queue, all of them where none is named; the caller saves. Says how many.</summary>
    public static async Task<int> Restart(TownDb db, IReadOnlyCollection<Guid>? ids, DateTimeOffset now, Func<string, string, AuditEntry> audit, CancellationToken stop = default)
    {
        var jobs = await db.Set<QueuedJob>().Where(j => j.DeadAt != null && (ids == null || ids.Contains(j.Id))).ToListAsync(stop);
        foreach (var job in jobs)
        {
            job.Retry(now);
            db.Audit(audit($"jobs/{job.Id}", job.Kind));
        }
        db.RingAfterSave(DateTimeOffset.MinValue);
        return jobs.Count;
    }

    static async Task<IReadOnlyList<Count>> CountAll(TownDb db) =>
        await db.Set<QueuedJob>().GroupBy(j => j.Kind).OrderBy(g => g.Key)
            .Select(g => new Count(g.Key, g.Count(j => j.DeadAt == null && j.Lease == null), g.Count(j => j.DeadAt == null && j.Lease != null), g.Count(j => j.DeadAt != null)))
            .ToListAsync();
}
