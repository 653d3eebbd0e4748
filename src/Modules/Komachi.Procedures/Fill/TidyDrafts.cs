using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Files;
using Komachi.Platform.Jobs;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>
/// Each day: drafts whose time is over go, with their files. Of those that were never filed one number stays, by the page at which they stopped: it
/// shows which question is too hard, and nobody's answers. What another system began was on no page.
/// </summary>
sealed record TidyDrafts : IJob<TidyDrafts>
{
    const int AtOnce = 200;

    public static string Name => "procedures.tidy_drafts";
    public static string Title => "Clear away forms that nobody finished";

    public static async Task Run(TidyDrafts job, JobRun run)
    {
        var now = run.Time.GetUtcNow();
        var over = await run.Db.Set<Draft>().Where(d => d.EndsAt < now).OrderBy(d => d.EndsAt).Take(AtOnce).ToListAsync(run.Stop);
        await Remove(over, run.Db, run.Stop);
        if (over.Count == AtOnce) run.Db.Enqueue(new TidyDrafts());
    }

    /// <summary>Saved by who calls it.</summary>
    internal static async Task Remove(IReadOnlyList<Draft> drafts, TownDb db, CancellationToken stop)
    {
        foreach (var group in drafts.Where(d => d is { CaseId: null, Stage: "", Way: not Way.System }).GroupBy(d => (d.Procedure, Month: JapanTime.DayOf(d.ChangedAt) is var on ? new DateOnly(on.Year, on.Month, 1) : default, d.Page)))
        {
            var (procedure, month, page) = group.Key;
            if (await db.Set<GivenUp>().SingleOrDefaultAsync(g => g.Procedure == procedure && g.Month == month && g.Page == page, stop) is { } count) count.Count += group.Count();
            else db.Add(new GivenUp { Procedure = procedure, Month = month, Page = page, Count = group.Count() });
        }
        foreach (var draft in drafts)
        {
            foreach (var file in await db.FilesBelow(Filing.Attachment, draft.Place, stop)) db.RemoveFile(file);
            db.RemoveRange(await db.Set<Signer>().Where(s => s.DraftId == draft.Id && s.CaseId == null).ToListAsync(stop));
            db.Remove(draft);
        }
    }
}
