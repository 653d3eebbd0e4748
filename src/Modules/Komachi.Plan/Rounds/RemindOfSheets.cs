using Komachi.Platform;
using Komachi.Platform.Days;
using Komachi.Platform.Jobs;
using Komachi.Platform.Mail;
using Komachi.Platform.Offices;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Plan;

/// <summary>
/// Each morning: whoever's turn it is is told of sheets whose day comes within a week, once, and of those whose day is past, once a week. One mail to
/// each of them, whatever the number of sheets; the reminder stands in the sheet's history.
/// </summary>
sealed record RemindOfSheets : IJob<RemindOfSheets>
{
    const int MostANight = 1000, MostInAMail = 30;

    public static string Name => "plan.remind_of_sheets";
    public static string Title => "Remind of action sheets whose day is near or past";

    public static async Task Run(RemindOfSheets job, JobRun run)
    {
        var (db, now, stop) = (run.Db, run.Time.GetUtcNow(), run.Stop);
        var today = JapanTime.DayOf(now);
        var (soon, weekAgo) = (today.AddDays(7), today.AddDays(-7));
        // Told once before the day; after it, once a week from the first day that is late.
        var due = await db.Set<ActionSheet>().Where(s => s.State == SheetState.Open && s.DueOn <= soon && db.Set<YearlyRound>().Any(r => r.Id == s.RoundId && r.ClosedAt == null)
            && (s.RemindedOn == null || s.DueOn < today && (s.RemindedOn <= s.DueOn || s.RemindedOn <= weekAgo))).OrderBy(s => s.DueOn).ThenBy(s => s.Number).Take(MostANight).ToListAsync(stop);
        if (due.Count == 0) return;

        var tree = await DepartmentTrees.On(today, db, stop);
        var rounds = await db.Set<YearlyRound>().AsNoTracking().Where(r => r.ClosedAt == null).ToDictionaryAsync(r => r.Id, stop);
        var words = new Words(Lang.Japanese, ((House)run.Services.GetService(typeof(House))!).Words);
        var mails = new Dictionary<string, List<ActionSheet>>();
        foreach (var turn in due.Select(s => s.Turn).Distinct().ToArray())
        {
            var holders = await db.WhoHolds(turn.Permission(), today, stop);
            foreach (var sheet in due.Where(s => s.Turn == turn))
                foreach (var email in holders.Where(h => h.DepartmentId is not { } where || tree.IsWithin(sheet.DepartmentId, where)).Select(h => h.Email).OfType<string>().Distinct())
                    (mails.TryGetValue(email, out var theirs) ? theirs : mails[email] = []).Add(sheet);
        }
        foreach (var sheet in due)
        {
            sheet.Remind(today, now);
            db.AddNews(sheet);
        }
        foreach (var (email, sheets) in mails)
            db.Enqueue(new SendMail(email, words["{0}: action sheets that wait for you ({1})", run.Town.Name["ja"], sheets.Count],
                $"{words["These action sheets wait for you. Please open “Action sheets” at the desk."]}\n\n{string.Join('\n', sheets.Take(MostInAMail).Select(s => Line(s, rounds[s.RoundId])))}{(sheets.Count > MostInAMail ? "\n…" : "")}"));

        string Line(ActionSheet sheet, YearlyRound round) =>
            $"{sheet.Number} {sheet.Title}（{SheetView.Show(round.StageOf(sheet.Stage), words)}、{JapanTime.Show(sheet.DueOn!.Value, Lang.Japanese)}、{SheetView.Due(sheet.DueOn.Value, today, words)}）";
    }
}
