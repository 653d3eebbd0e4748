using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Jobs;
using Komachi.Platform.People;
using Komachi.Platform.Towns;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Rights;

/// <summary>
/// Tells the control database who was forgotten, so that it is known when a backup from before is restored. A job of the erasure's own
/// transaction, and once a night for whatever was not told yet.
/// </summary>
sealed record NoteErasures : IJob<NoteErasures>
{
    const int Most = 500;

    public static string Name => "rights.note_erasures";
    public static string Title => "Keep in mind whom backups must not bring back";

    public static async Task Run(NoteErasures job, JobRun run)
    {
        var registry = (Registry)run.Services.GetService(typeof(Registry))!;
        var (all, now) = (run.Db.Set<ErasureOfPerson>(), run.Time.GetUtcNow());
        // Done after it was told: by a program that knew nothing of telling.
        var untold = await all.AsNoTracking().Where(e => e.NotedAt == null || e.NotedAt < e.DoneAt).OrderBy(e => e.PersonId).Take(Most).ToListAsync(run.Stop);
        await registry.NoteErasures([.. untold.Select(ErasedBefore.Of)], run.Stop);
        // One that went on meanwhile is told again.
        foreach (var one in untold)
            await all.Where(e => e.PersonId == one.PersonId && e.DoneAt == one.DoneAt && e.ForgottenAt == one.ForgottenAt).ExecuteUpdateAsync(set => set.SetProperty(e => e.NotedAt, now), run.Stop);
        if (untold.Count == Most) run.Db.Enqueue(new NoteErasures());
    }
}

/// <summary>An older backup brings back who was forgotten since. They are forgotten again before the town opens.</summary>
public static class ErasedBefore
{
    internal static ErasedPerson Of(ErasureOfPerson one) => new(one.PersonId, JapanTime.DayOf(one.AskedAt), Held: one is { ForgottenAt: null, DoneAt: null });

    /// <summary>What a town's own database says of it: the control database may not have been told the last of it, or may be another installation's.</summary>
    public static async Task Tell(TownDb of, Registry registry, CancellationToken stop) =>
        await registry.NoteErasures([.. (await of.Set<ErasureOfPerson>().AsNoTracking().ToListAsync(stop)).Select(Of)], stop);

    /// <summary>
    /// Forgets again all who were forgotten and stand in this database as if they had not been; says how many. What a hold of this database
    /// stops is finished by its nights. Of who asked while a hold stopped it the hold may be younger than this database: so there is one anew,
    /// until somebody looked.
    /// </summary>
    public static async Task<int> Repeat(TownDb db, House house, Registry registry, DateTimeOffset now, CancellationToken stop)
    {
        var erased = (await registry.Erasures(stop)).ToDictionary(e => e.PersonId);
        var there = await Persons.KnownAmong(db, erased.Keys, stop);
        var done = await db.Set<ErasureOfPerson>().Where(e => e.DoneAt != null).Select(e => e.PersonId).ToHashSetAsync(stop);
        var words = new Words(Lang.Japanese, house.Words);
        var again = 0;
        foreach (var person in there.Where(id => !done.Contains(id)).Order())
        {
            await using var together = await db.Database.BeginTransactionAsync(stop);
            if (erased[person].Held)
            {
                if (await db.Set<ErasureOfPerson>().AnyAsync(e => e.PersonId == person, stop)) continue;    // this database knows as much
                db.Add(new Hold { PersonId = person, Reason = words["The town was restored from an older backup. Erasing was held back when it was asked for: please look whether it still is, and end this."], FromAt = now });
                await db.Save(stop: stop);
            }
            await Erasure.Forget(new(person, db, words, now, stop), house);
            db.Audit(new() { At = now, Action = "rights.erase_again", Subject = $"persons/{person}", AboutId = person });
            await db.Save(stop: stop);
            await together.CommitAsync(stop);
            db.ChangeTracker.Clear();
            again++;
        }
        return again;
    }
}
