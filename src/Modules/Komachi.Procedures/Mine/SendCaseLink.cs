using System.Security.Cryptography;
using System.Text;
using Komachi.Platform;
using Komachi.Platform.Jobs;
using Komachi.Platform.Mail;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>
/// Sends the code that opens a filing once, to the mailbox or mobile telephone that its applicant reads (<see cref="Case.CodesTo"/>). It is a code to be typed and no link to
/// follow, as in all mails of the house: nobody learns to follow one, and no made-up host of a request gets into a mail.
/// </summary>
sealed record SendCaseLink(string Number, string Lang) : IJob<SendCaseLink>
{
    const string Letters = "ABCDEFGHJKMNPQRSTUVWXYZ23456789";    // none that looks like another

    public static string Name => "procedures.send_code";
    public static string Title => "Send a code that opens a filing";

    public static async Task Run(SendCaseLink job, JobRun run)
    {
        if (await run.Db.Set<Case>().AsNoTracking().SingleOrDefaultAsync(c => c.Number == job.Number && !c.Sample, run.Stop) is not { } of) return;
        var (email, telephone) = of.CodesTo;
        var mobile = telephone is null ? null : SendText.Mobile(telephone);
        if (email is null && mobile is null) return;
        var now = run.Time.GetUtcNow();
        // Those of days ago open nothing any more, and go with the next one that is made.
        var ended = now.AddDays(-1);
        await run.Db.Set<CaseLink>().Where(l => l.EndsAt < ended).ExecuteDeleteAsync(run.Stop);
        var code = string.Join('-', Enumerable.Range(0, 3).Select(_ => RandomNumberGenerator.GetString(Letters, 4)));
        run.Db.Add(new CaseLink { CaseId = of.Id, TokenHash = MyCases.HashOf(Read(code)), MadeAt = now, EndsAt = now + CaseLink.Lasts });
        var lang = Komachi.Ui.Words.Lang.Shipped.Concat(Komachi.Ui.Words.Lang.Further).FirstOrDefault(l => l.Code == job.Lang) ?? Komachi.Ui.Words.Lang.Japanese;
        var words = new Words(lang, ((House)run.Services.GetService(typeof(House))!).Words);
        var subject = words["{0}: your code is {1}", run.Town.Name.In(lang), code];
        if (email is null) run.Db.Enqueue(new SendText(mobile!, subject));
        else run.Db.Enqueue(new SendMail(email, subject, string.Join("\n\n", code, words["Type this code on the page where you asked for it. It opens your filing once, and is good for 30 minutes. If it was not you who asked: do nothing, and tell the code to nobody."],
            words["Receipt number: {0}", new ReceiptText(job.Number)]), About: of.PersonId));
    }

    /// <summary>As it was meant, however it was typed.</summary>
    internal static string Read(string typed) => new([.. typed.Normalize(NormalizationForm.FormKC).ToUpperInvariant().Where(char.IsAsciiLetterOrDigit)]);
}
