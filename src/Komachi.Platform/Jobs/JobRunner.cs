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
    static readonly TimeSpan BatchTime = TimeSpan.FromMilliseconds(250), Moment = TimeSpan.FromMilliseconds(20), LongestWait = TimeSpan.FromSeconds(60), SettleAgain = TimeSpan.FromHours(1);

    readonly ConcurrentDictionary<string, Line> _lines = new();
    readonly SemaphoreSlim _turns = new(InAll);
    CancellationToken _stop;

    protected override async Task ExecuteAsync(CancellationToken stop)
    {
        _stop = stop;
        bell.Heard += Wake;
        bell.HeardLater += WakeLater;
        Wake(null);
        await Task.Delay(Timeout.Infinite, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        bell.Heard -= Wake;
        bell.HeardLater -= WakeLater;
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
        var line = LineOf(slug);
        line.Rings = true;
        // Who rings a quiet line is heard at once. Soon after a look that found nothing, or while a worker is there, the next look comes a moment later:
        // with one a ring, every form sent under load cost the queue its statements.
        if (line.Running == 0 && Stopwatch.GetElapsedTime(line.FoundNothing) >= Moment) StartWorker(line);
        else if (Interlocked.Exchange(ref line.Helping, 1) == 0) _ = HelpSoon(line);
    }

    Line LineOf(string slug) => _lines.GetOrAdd(slug, static s => new Line(s));

    async Task HelpSoon(Line line)
    {
        await Task.Delay(Moment, _stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // First out of the way, then looking: who rings meanwhile either is seen here or calls another.
        Interlocked.Exchange(ref line.Helping, 0);
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
                    if (more) continue;
                    // Whoever rang meanwhile saw a worker, and calls one in a moment.
                    line.FoundNothing = Stopwatch.GetTimestamp();
                    line.Running--;
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested) { }
        catch (Exception e)
        {
            log.LogWarning("{Town}: jobs cannot be read ({Error}); trying again.", line.Slug, e is PostgresException { SqlState: var state } ? state : e.GetType().Name);
            WakeLater(line, time.GetUtcNow() + TimeSpan.FromSeconds(2));
        }
        lock (line) line.Running--;
    }

    /// <summary>One batch of one town. False when nothing is due.</summary>
    async Task<bool> Turn(Town town, Line line)
    {
        line.Rings = false;
        // Nothing happens in a suspended town: somebody may be moving or restoring it.
        if (town.State == TownState.Suspended || !await databases.Fits(town, _stop)) { WakeLater(line, time.GetUtcNow() + LongestWait); return false; }

        var now = time.GetUtcNow();
        if (now - line.Settled > SettleAgain)
        {
            await queue.SettleLanes(town, _stop);
            line.Settled = now;
        }
        var due = house.Schedules.Where(s => house.Has(town, house.Jobs[s.Job]) && line.Started.GetValueOrDefault(s.Job) < s.Rhythm.Latest(now))
            .Select(s => (s.Job, s.Rhythm.Latest(now))).ToList();
        await queue.StartSlots(town, due, _stop);
        foreach (var (job, at) in due) line.Started[job] = at;

        if (await TakeLimited(town, line)) return true;
        var most = line.BatchSize;
        var jobs = await queue.Claim(town, most, _stop);
        if (jobs.Count == 0)
        {
            WakeLater(line, Sooner(await queue.NextDue(town, _stop), now));
            return false;
        }
        if (jobs.Count == most) StartWorker(line);
        line.BatchSize = (int)Math.Clamp(BatchTime / await RunBatch(town, line, jobs), 1, LargestBatch);
        return true;
    }

    /// <summary>Kinds with a limit are mostly slow ones: each job has a worker to itself, and one worker of the town is always left for the rest.</summary>
    async Task<bool> TakeLimited(Town town, Line line)
    {
        try
        {
            if (Interlocked.Increment(ref line.Limited) >= PerTown || await queue.ClaimLimited(town, _stop) is not { Count: > 0 } job) return false;
            StartWorker(line);
            await RunBatch(town, line, job);
            return true;
        }
        finally
        {
            Interlocked.Decrement(ref line.Limited);
        }
    }

    /// <summary>Runs them one after another; how long one took on average.</summary>
    async Task<TimeSpan> RunBatch(Town town, Line line, List<JobQueue.Claimed> jobs)
    {
        var (lease, begun, done, ended) = (jobs[0].Lease, Stopwatch.GetTimestamp(), new List<Guid>(), 0);
        var waiting = new ConcurrentQueue<JobQueue.Claimed>(jobs);
        var held = new ConcurrentDictionary<Guid, bool>(jobs.Select(j => KeyValuePair.Create(j.Id, true)));
        // While anything of the batch runs, its leases are renewed, well before the shortest ends: a slow job is not a dead one.
        var often = jobs.Min(j => house.Jobs.GetValueOrDefault(j.Kind)?.Rules.Lease ?? JobRules.Default.Lease) / 3;
        await using (new Timer(_ => _ = Quietly(() => queue.Renew(town, lease, [.. held.Keys], _stop)), null, often, often))
        // Slower than thought: others may take the rest.
        await using (new Timer(_ => _ = Quietly(GiveBack), null, BatchTime * 4, Timeout.InfiniteTimeSpan))
            while (!_stop.IsCancellationRequested && waiting.TryDequeue(out var job))
            {
                if (await RunOne(town, job)) done.Add(job.Id);
                held.TryRemove(job.Id, out _);
                ended++;
            }
        await queue.Finish(town, lease, done, CancellationToken.None);
        await GiveBack();
        return ended == 0 ? BatchTime : Stopwatch.GetElapsedTime(begun) / ended;

        async Task GiveBack()
        {
            var rest = new List<Guid>();
            while (waiting.TryDequeue(out var job))
            {
                held.TryRemove(job.Id, out _);
                rest.Add(job.Id);
            }
            if (rest.Count == 0) return;
            await queue.Return(town, lease, rest, CancellationToken.None);
            WakeTown(line.Slug);
        }
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

    /// <summary>Beside a batch: what cannot be said to the queue now, the end of the lease says later.</summary>
    static async Task Quietly(Func<Task> act)
    {
        try { await act(); }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException) { }
    }

    DateTimeOffset Sooner(DateTimeOffset? nextJob, DateTimeOffset now)
    {
        var next = house.Schedules.Select(s => s.Rhythm.Next(now)).Append(now + LongestWait).Min();
        if (nextJob < next) next = nextJob.Value;
        // Due and not to be had: its kind has no room. Who gives it room looks for more; this is for one who did not come to it.
        return next > now ? next : now + BatchTime;
    }

    void WakeLater(string slug, DateTimeOffset at) => WakeLater(LineOf(slug), at);

    /// <summary>Looks again then, or before if that was said: once too often costs a question, once too seldom a minute.</summary>
    void WakeLater(Line line, DateTimeOffset at)
    {
        lock (line)
        {
            if (at >= line.WakeAt) return;
            line.WakeAt = at;
            line.Timer ??= new Timer(l =>
            {
                lock (l!) ((Line)l).WakeAt = DateTimeOffset.MaxValue;
                WakeTown(((Line)l).Slug);
            }, line, Timeout.Infinite, Timeout.Infinite);
            var wait = at - time.GetUtcNow();
            line.Timer.Change(wait < TimeSpan.Zero ? TimeSpan.Zero : wait < LongestWait ? wait : LongestWait, Timeout.InfiniteTimeSpan);
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
        public int Limited;
        public DateTimeOffset Settled;
        public int Helping;
        public long FoundNothing;
        public Timer? Timer;
        public DateTimeOffset WakeAt = DateTimeOffset.MaxValue;
    }
}
