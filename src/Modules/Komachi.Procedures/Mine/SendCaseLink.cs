using System.Security.Cryptography;
using System.Text;
using Komachi.Platform;
using Komachi.Platform.Jobs;
using Komachi.Platform.Mail;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>
/// Sends the code that opens a filing once, to the mailbox that stands in it; where there is none, to its mobile telephone. It is a code to be typed and no link to
/// follow, as in all mails of the house: nobody learns to follow one, and no made-up host of a request gets into a mail.
/// </summary>
sealed record SendCaseLink(string Number, string Lang) : IJob<SendCaseLink>
{
    const string Letters = "ABCDEFGHJKMNPQRSTUVWXYZ23456789";    // none that looks like another

    public static string Name => "procedures.send_code";
    public static string Title => "Send a code that opens a filing";

    public static async Task Run(SendCaseLink job, JobRun run)
    {
        // Under a mandate the address is the agent's, and what a code opened would outlive it: both sides have a door of their own.
        var of = await run.Db.Set<Case>().AsNoTracking().Where(c => c.Number == job.Number && !c.Sample && c.MandateId == null).Select(c => new { c.Id, c.Email, c.Telephone, c.PersonId }).SingleOrDefaultAsync(run.Stop);
        var mobile = of is { Email: null, Telephone: { } telephone } ? SendText.Mobile(telephone) : null;
        if (of is null || of.Email is null && mobile is null) return;
        var now = run.Time.GetUtcNow();
        // Those of days ago open nothing any more, and go with the next one that is made.
        var ended = now.AddDays(-1);
        await run.Db.Set<CaseLink>().Where(l => l.EndsAt < ended).ExecuteDeleteAsync(run.Stop);
        var code = string.Join('-', Enumerable.Range(0, 3).Select(_ => RandomNumberGenerator.GetString(Letters, 4)));
        run.Db.Add(new CaseLink { CaseId = of.Id, TokenHash = MyCases.HashOf(Read(code)), MadeAt = now, EndsAt = now + CaseLink.Lasts });
        var lang = Komachi.Ui.Words.Lang.Shipped.Concat(Komachi.Ui.Words.Lang.Further).FirstOrDefault(l => l.Code == job.Lang) ?? Komachi.Ui.Words.Lang.Japanese;
        var words = new Words(lang, ((House)run.Services.GetService(typeof(House))!).Words);
        var subject = words["{0}: your code is {1}", run.Town.Name.In(lang), code];
        if (of.Email is null) run.Db.Enqueue(new SendText(mobile!, subject));
        else run.Db.Enqueue(new SendMail(of.Email, subject, string.Join("\n\n", code, words["Type this code on the page where you asked for it. It opens your filing once, and is good for 30 minutes. If it was not you who asked: do nothing, and tell the code to nobody."],
            words["Receipt number: {0}", new ReceiptText(job.Number)]), About: of.PersonId));
    }

    /// <summary>As it was meant, however it was typed.</summary>
    internal static string Read(string typed) => new([.. typed.Normalize(NormalizationForm.FormKC).ToUpperInvariant().Where(char.IsAsciiLetterOrDigit)]);
}
