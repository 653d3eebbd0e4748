using System.Globalization;
using Komachi.Platform.Days;
using Komachi.Platform.Jobs;
using Komachi.Platform.Mail;
using Komachi.Platform.Offices;
using Komachi.Platform.People;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.MyNumbers;

/// <summary>
/// Each night: numbers that nobody handed over in time go, and so do those of a use that was switched off; two weeks before, those
/// who look after them are told how many will. No hold stops this: the law forbids to keep a number that is not needed (番号法20条).
/// </summary>
sealed record PurgeForgotten : IJob<PurgeForgotten>
{
    static readonly TimeSpan Beforehand = TimeSpan.FromDays(14);

    public static string Name => "my_numbers.purge_forgotten";
    public static string Title => "Remove Individual Numbers that are no longer needed";

    public static async Task Run(PurgeForgotten job, JobRun run)
    {
        var (db, now, stop) = (run.Db, run.Time.GetUtcNow(), run.Stop);
        await Purge(db.Set<KeptNumber>().Where(n => n.PurgedAt == null && n.PurgeAt <= now), PurgedBecause.Forgotten, now, stop);
        await Purge(db.Set<KeptNumber>().Where(n => n.PurgedAt == null && !db.Set<TownsUse>().Any(u => u.Use == n.Use && u.OnAt != null)), PurgedBecause.SwitchedOff, now, stop);

        var soon = now + Beforehand;
        var near = await db.Set<KeptNumber>().Where(n => n.PurgedAt == null && n.WarnedAt == null && n.PurgeAt <= soon).OrderBy(n => n.PurgeAt).Take(1000).ToListAsync(stop);
        if (near.Count == 0) return;
        var words = new Words(Lang.Japanese, ((House)run.Services.GetService(typeof(House))!).Words);
        var first = JapanTime.Show(JapanTime.DayOf(near[0].PurgeAt), Lang.Japanese);
        foreach (var staff in await db.HoldersOf(MyNumbersModule.Manage, JapanTime.DayOf(now)).AsNoTracking().Where(a => a.Email != null).ToListAsync(stop))
            db.Enqueue(new SendMail(staff.Email!, words["{0}: Individual Numbers that nobody handed over", run.Town.Name["ja"]],
                words["{0} numbers will be purged because nobody handed them over, the first on {1}. Please look at the desk under Individual Numbers.", near.Count.ToString(CultureInfo.InvariantCulture), first]));
        // Marked in the transaction in which the mails are queued: nobody is told twice.
        foreach (var number in near) db.Entry(number).Property(n => n.WarnedAt).CurrentValue = now;
    }

    internal static Task<int> Purge(IQueryable<KeptNumber> numbers, PurgedBecause why, DateTimeOffset now, CancellationToken stop) => numbers.ExecuteUpdateAsync(set => set
        .SetProperty(n => n.Sealed, (byte[]?)null).SetProperty(n => n.PurgedAt, now).SetProperty(n => n.Why, why).SetProperty(n => n.Version, n => n.Version + 1), stop);
}
