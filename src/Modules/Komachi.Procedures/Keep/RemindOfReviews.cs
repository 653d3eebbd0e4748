using Komachi.Platform;
using Komachi.Platform.Days;
using Komachi.Platform.Jobs;
using Komachi.Platform.Mail;
using Komachi.Platform.Offices;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>Each morning: whoever keeps the procedures is told of those whose yearly day is past, once when it passes and then once a month.</summary>
sealed record RemindOfReviews : IJob<RemindOfReviews>
{
    public static string Name => "procedures.remind_of_reviews";
    public static string Title => "Remind of procedures to be looked at again";

    public static async Task Run(RemindOfReviews job, JobRun run)
    {
        var (db, today) = (run.Db, JapanTime.DayOf(run.Time.GetUtcNow()));
        var late = await YearlyReview.Late(db, today, run.Stop);
        if (late.Count == 0) return;
        var keys = late.Select(l => l.Of.Key).ToArray();
        var known = await db.Set<YearlyReview>().Where(r => keys.Contains(r.Procedure)).ToDictionaryAsync(r => r.Procedure, run.Stop);
        var told = late.Where(l => !(known.GetValueOrDefault(l.Of.Key)?.RemindedOn is { } last && last >= l.By && last.AddMonths(1) > today)).ToArray();
        if (told.Length == 0) return;
        foreach (var (of, _) in told)
        {
            if (!known.TryGetValue(of.Key, out var review)) db.Add(review = new() { Procedure = of.Key });
            review.Remind(today);
        }
        var words = new Words(Lang.Japanese, ((House)run.Services.GetService(typeof(House))!).Words);
        foreach (var email in (await db.WhoHolds("procedures.keep", today, run.Stop)).Select(h => h.Email).OfType<string>().Distinct())
            db.Enqueue(new SendMail(email, words["{0}: procedures to be looked at again ({1})", run.Town.Name["ja"], told.Length],
                $"{words["The yearly day of these procedures is past. Please compare them with today's law, at the desk under “Keep procedures”."]}\n\n{string.Join('\n', told.Select(t => $"{t.Of.Procedure.Title.In(Lang.Japanese)}（{JapanTime.Show(t.By, Lang.Japanese)}）"))}"));
    }
}
