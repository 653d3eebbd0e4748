using System.Collections.Concurrent;
using System.Diagnostics;
using Komachi.Platform.Data;
using Komachi.Platform.Towns;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Komachi.Platform.Jobs;

/// <summary>
/// Runs the towns' jobs. Each town has a line of its own with at most <see cref="PerTown"/> workers; a worker takes a
/// batch that it can end in about a quarter of a second, and then stands behind the other towns' workers again.
/// So a town with a million jobs, or with slow ones, costs the others nothing but their share.
/// </summary>
sealed class JobRunner(
    JobQueue queue, House house, Registry registry, Doorbell bell, TownDatabases databases,
    IServiceScopeFactory scopes, TimeProvider time, ILogger<JobRunner> log) : BackgroundService
{
    const int PerTown = 4, InAll = 64, LargestBatch = 100;
    static readonly TimeSpan BatchTime = TimeSpan.FromMilliseconds(250), Moment = TimeSpan.FromMilliseconds(20), LongestWait = TimeSpan.FromSeconds(60);

    readonly ConcurrentDictionary<string, Line> _lines = new();
    readonly SemaphoreSlim _turns = new(InAll);
    CancellationToken _stop;

    protected override async Task ExecuteAsync(CancellationToken stop)
    {
        _stop = stop;
        bell.Heard += Wake;
        Wake(null);
        await Task.Delay(Timeout.Infinite, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        bell.Heard -= Wake;
        foreach (var line in _lines.Values) line.Timer?.Dispose();
        // What runs may end; what hangs is taken up by another process when its lease is over.
        await Task.WhenAll(_lines.Values.SelectMany(l => l.Workers.Keys)).WaitAsync(TimeSpan.FromSeconds(10), CancellationToken.None)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    void Wake(string? slug)
    {
        if (slug is not null) WakeTown(slug);
        else foreach (var town in registry.Towns) WakeTown(town.Slug);
    }

    void WakeTown(string slug)
    {
        if (_stop.IsCancellationRequested) return;
        var line = _lines.GetOrAdd(slug, static s => new Line(s));
        line.Rings = true;
        // A worker that is there looks again when its batch is done; one more comes only if that takes longer than a moment.
        // With a worker a ring, every form sent under load cost the queue two statements.
        if (line.Running == 0) StartWorker(line);
        else line.Help ??= HelpSoon(line);
    }

    async Task HelpSoon(Line line)
    {
        await Task.Delay(Moment, _stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        line.Help = null;
        if (line.Rings && !_stop.IsCancellationRequested) StartWorker(line);
    }

    void StartWorker(Line line)
    {
        lock (line)
        {
            if (line.Running >= PerTown) return;
            line.Running++;
        }
        var work = Task.Run(() => Work(line), CancellationToken.None);
        line.Workers.TryAdd(work, true);
        work.ContinueWith(static (ended, l) => ((Line)l!).Workers.TryRemove(ended, out _), line, TaskScheduler.Default);
    }

    async Task Work(Line line)
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                bool more;
                await _turns.WaitAsync(_stop);
                try
                {
                    more = registry.Find(line.Slug) is { } town && await Turn(town, line);
                }
                finally
                {
                    _turns.Release();
                }
                lock (line)
                {
                    if (more || line.Rings) continue;
                    line.Running--;
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested) { }
        catch (Exception e)
        {
            log.LogWarning("{Town}: jobs cannot be read ({Error}); trying again.", line.Slug, e.GetType().Name);
            WakeLater(line, TimeSpan.FromSeconds(2));
        }
        lock (line) line.Running--;
    }

    /// <summary>One batch of one town. False when nothing is due.</summary>
    async Task<bool> Turn(Town town, Line line)
    {
        line.Rings = false;
        if (!await databases.Fits(town, _stop)) { WakeLater(line, LongestWait); return false; }

        var now = time.GetUtcNow();
        var due = house.Schedules.Where(s => line.Started.GetValueOrDefault(s.Job) < s.Rhythm.Latest(now))
            .Select(s => (s.Job, s.Rhythm.Latest(now))).ToList();
        await queue.StartSlots(town, due, _stop);
        foreach (var (job, at) in due) line.Started[job] = at;

        var most = line.BatchSize;
        var jobs = await queue.Claim(town, most, _stop);
        if (jobs.Count == 0)
        {
            WakeLater(line, Sooner(await queue.NextDue(town, _stop), now));
            return false;
        }
        if (jobs.Count == most) StartWorker(line);
        await RunBatch(town, line, jobs);
        return true;
    }

    async Task RunBatch(Town town, Line line, List<JobQueue.Claimed> jobs)
    {
        var done = new List<Guid>();
        var begun = Stopwatch.GetTimestamp();
        var ended = 0;
        var held = jobs.Select(j => j.Id).ToHashSet();
        // While anything of the batch runs, its leases are renewed, well before the shortest ends: a slow job is not a dead one.
        var often = jobs.Min(j => house.Jobs.GetValueOrDefault(j.Kind)?.Rules.Lease ?? JobRules.Default.Lease) / 3;
        await using (new Timer(_ => _ = RenewQuietly(town, jobs[0].Lease, held), null, often, often))
            foreach (var job in jobs)
            {
                if (_stop.IsCancellationRequested) break;
                if (await RunOne(town, job)) done.Add(job.Id);
                lock (held) held.Remove(job.Id);
                ended++;
                if (Stopwatch.GetElapsedTime(begun) > BatchTime * 4) break;    // slower than thought: others may take the rest
            }
        line.BatchSize = ended == 0 ? 1 : (int)Math.Clamp(BatchTime / (Stopwatch.GetElapsedTime(begun) / ended), 1, LargestBatch);
        await queue.Finish(town, jobs[0].Lease, done, CancellationToken.None);
        await queue.Return(town, jobs[0].Lease, jobs.Skip(ended).Select(j => j.Id).ToArray(), CancellationToken.None);
    }

    /// <summary>True when the job ended well and its row is still to be deleted.</summary>
    async Task<bool> RunOne(Town town, JobQueue.Claimed job)
    {
        if (!house.Jobs.TryGetValue(job.Kind, out var kind))
        {
            // An older program does not know a newer one's jobs: leave them to it, and park what nobody knows for long.
            await queue.Fail(town, job, "No module of this program knows this kind of job.", job.Attempt < 5 ? JobRules.Backoff(job.Attempt, Random.Shared.NextDouble()) : null, CancellationToken.None);
            return false;
        }
        if (job.Attempt > kind.Rules.Attempts)
        {
            // Each of its workers was gone before it could say how it went: it may be this job that ends them.
            log.LogWarning("{Town}: job {Job} {Kind} outlived its workers {Attempts} times; parked", town.Slug, job.Id, job.Kind, kind.Rules.Attempts);
            await queue.Fail(town, job, "Its workers ended in the middle of it, as often as it may be tried.", null, CancellationToken.None);
            return false;
        }
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            await using var db = databases.Open(town);
            await kind.Run(job.Payload, new JobRun(job.Id, job.Attempt, town, db, scope.ServiceProvider, _stop));
            if (!db.ChangeTracker.HasChanges()) return true;
            // The changes and the end of the job are one transaction. If the lease was lost, neither happens.
            db.Remove(new QueuedJob { Id = job.Id, Kind = job.Kind, Payload = job.Payload, Lease = job.Lease });
            await db.SaveChangesAsync(CancellationToken.None);
            return false;
        }
        catch (Exception e)
        {
            if (e is OperationCanceledException && _stop.IsCancellationRequested)
            {
                await queue.Return(town, job.Lease, [job.Id], CancellationToken.None);
                return false;
            }
            var failed = e as JobFailed;
            var reason = failed?.Message ?? e.GetType().Name;    // another exception's message may hold personal data
            var dead = failed is { ForGood: true } || job.Attempt >= kind.Rules.Attempts;
            log.LogWarning("{Town}: job {Job} {Kind} failed at attempt {Attempt} ({Reason}){Dead}", town.Slug, job.Id, job.Kind, job.Attempt, reason, dead ? "; parked" : "");
            await queue.Fail(town, job, reason, dead ? null : JobRules.Backoff(job.Attempt, Random.Shared.NextDouble()), CancellationToken.None);
            return false;
        }
    }

    async Task RenewQuietly(Town town, Guid lease, HashSet<Guid> held)
    {
        Guid[] ids;
        lock (held) ids = [.. held];
        try { await queue.Renew(town, lease, ids, _stop); }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException) { }
    }

    TimeSpan Sooner(DateTimeOffset? nextJob, DateTimeOffset now)
    {
        var next = house.Schedules.Select(s => s.Rhythm.Next(now)).Append(now + LongestWait).Min();
        if (nextJob < next) next = nextJob.Value;
        return next > now ? next - now : TimeSpan.FromMilliseconds(20);
    }

    void WakeLater(Line line, TimeSpan wait)
    {
        lock (line)
        {
            line.Timer ??= new Timer(l => WakeTown(((Line)l!).Slug), line, Timeout.Infinite, Timeout.Infinite);
            line.Timer.Change(wait, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>One town's place: how many workers it has, and what they have learnt of its jobs.</summary>
    sealed class Line(string slug)
    {
        public readonly string Slug = slug;
        public readonly ConcurrentDictionary<Task, bool> Workers = new();
        public readonly ConcurrentDictionary<string, DateTimeOffset> Started = new();
        public volatile int BatchSize = 4;
        public volatile bool Rings;
        public volatile int Running;
        public volatile Task? Help;
        public Timer? Timer;
    }
}
