using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Jobs;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Rights;

/// <summary>
/// Each night: erases what has served its time, batch by batch. A batch and its count are one transaction, so a run that was killed
/// goes on where it stopped; what is too much for one run is left to the next, which comes a minute later.
/// </summary>
sealed record EraseDue : IJob<EraseDue>
{
    internal const int BatchSize = 500, MostBatches = 20;

    public static string Name => "rights.erase_due";
    public static string Title => "Erase what has served its time";
    public static JobRules Rules { get; } = new(AtOnce: 1);

    public static async Task Run(EraseDue job, JobRun run)
    {
        var house = (House)run.Services.GetService(typeof(House))!;
        var (db, now) = (run.Db, run.Time.GetUtcNow());
        var keeps = await Period.All(db, house, run.Stop);
        var held = await Hold.At(db, now).Where(h => h.Kind != null).Select(h => h.Kind!).ToHashSetAsync(run.Stop);
        var failed = new List<string>();
        var room = MostBatches;
        foreach (var kind in RecordKinds.Of(house, run.Town).Where(k => !held.Contains(k.Key)))
        {
            var night = new Night(db, keeps[kind.Key].Before(now), now, Hold.PersonsAt(db, now), run.Stop);
            try
            {
                // Full batches are what takes long; a kind of which little is due costs one short statement, however many kinds there are.
                while (await Batch(kind, night) >= BatchSize && --room > 0) { }
            }
            // One kind that cannot be erased stops no other.
            catch (Exception e) when (e is not OperationCanceledException)
            {
                db.ChangeTracker.Clear();
                failed.Add(kind.Key);
            }
            if (room == 0) break;
        }
        if (failed.Count > 0) throw new JobFailed("Not all could be erased of: " + string.Join(", ", failed));
        if (room == 0) db.Enqueue(new EraseDue(), now.AddMinutes(1));
    }

    static async Task<int> Batch(RecordKind kind, Night night)
    {
        await using var together = await night.Db.Database.BeginTransactionAsync(night.Stop);
        var erased = await kind.Erase(night, BatchSize);
        await night.Db.Database.ExecuteSqlAsync($"""
            INSERT INTO rights.runs AS r (kind, night_on, erased, ran_at) VALUES ({kind.Key}, {JapanTime.DayOf(night.Now)}, {(long)erased}, {night.Now})
            ON CONFLICT (kind, night_on) DO UPDATE SET erased = r.erased + excluded.erased, ran_at = excluded.ran_at
            """, night.Stop);
        await together.CommitAsync(night.Stop);
        return erased;
    }
}

/// <summary>Each night: goes on with persons who asked to be forgotten and of whom something had to stay until now.</summary>
sealed record FinishErasures : IJob<FinishErasures>
{
    const int Most = 200;

    public static string Name => "rights.finish_erasures";
    public static string Title => "Finish erasures that were held up";

    public static async Task Run(FinishErasures job, JobRun run)
    {
        var house = (House)run.Services.GetService(typeof(House))!;
        var now = run.Time.GetUtcNow();
        var held = Hold.PersonsAt(run.Db, now);
        var waiting = await run.Db.Set<ErasureOfPerson>().AsNoTracking().Where(e => e.DoneAt == null && !held.Contains(e.PersonId)).OrderBy(e => e.AskedAt).Take(Most).Select(e => e.PersonId).ToListAsync(run.Stop);
        foreach (var person in waiting)
        {
            await using var together = await run.Db.Database.BeginTransactionAsync(run.Stop);
            await Erasure.Forget(new(person, run.Db, new(Komachi.Ui.Words.Lang.Japanese, house.Words), now, run.Stop), house);
            await run.Db.Save(stop: run.Stop);
            await together.CommitAsync(run.Stop);
            run.Db.ChangeTracker.Clear();
        }
    }
}
