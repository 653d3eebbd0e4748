using System.Net.Mail;
using System.Net.Sockets;
using System.Text;
using Komachi.Platform.Jobs;
using Komachi.Platform.People;
using Komachi.Platform.Rights;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Mail;

/// <summary>
/// One mail to one person. SMTP has no idempotency key, so the Message-ID is made of the job's id: a mail that is sent
/// twice, because the answer to the first was lost, is recognised as the same by mailboxes that care.
/// </summary>
/// <param name="About">Whose data it tells of, where that is not who gets it: of a protected person nothing leaves for anybody else.</param>
public sealed record SendMail(string To, string Subject, string Text, Guid? About = null) : IJob<SendMail>
{
    public static string Name => "mail.send";
    public static string Title => "Send a mail";

    // Readings of kanji are for pages.
    public string Subject { get; init; } = Furigana.Bare(Subject);
    public string Text { get; init; } = Furigana.Bare(Text);

    // A short lease: what a killed worker held counts against the limit until it ends.
    public static JobRules Rules { get; } = new(Lease: TimeSpan.FromSeconds(30), AtOnce: 4);

    public static async Task Run(SendMail mail, JobRun run)
    {
        // Protected since it was written? Then it is not sent, and nobody waits for it.
        if (mail.About is { } about && !await Persons.MaySend(run.Db, about, mail.To)) return;
        var options = (WebOptions)run.Services.GetService(typeof(WebOptions))!;
        // As it stands and nothing else: "me@here Bcc: them@there" would be read as a name before an address, with some signs between them.
        if (!MailAddress.TryCreate(mail.To, out var to) || to.Address != mail.To) throw new JobFailed("The address is not one.", forGood: true);
        if (run.Town.IsTraining)
        {
            run.Db.Add(new KeptMail { Id = run.Id, To = mail.To, Subject = mail.Subject, Text = mail.Text, At = run.Time.GetUtcNow() });
            return;
        }
        using var message = new MailMessage(new MailAddress(options.MailFrom, run.Town.Name["ja"], Encoding.UTF8), to)
        {
            Subject = mail.Subject.ReplaceLineEndings(" "),
            SubjectEncoding = Encoding.UTF8,
            Body = mail.Text,
            BodyEncoding = Encoding.UTF8,
        };
        message.Headers.Add("Message-ID", $"<{run.Id:N}@{run.Town.Slug}.komachi>");
        if (options.SmtpPort == 0) throw new JobFailed("No mail server is named (KOMACHI_SMTP).");
        using var smtp = new SmtpClient(options.SmtpHost, options.SmtpPort) { EnableSsl = options.SmtpTls };
        if (options.SmtpUser is not null) smtp.Credentials = new System.Net.NetworkCredential(options.SmtpUser, options.SmtpPassword);
        try
        {
            await smtp.SendMailAsync(message, run.Stop).WaitAsync(TimeSpan.FromSeconds(60), run.Stop);
        }
        // What a server says may hold the address: only its code is kept.
        catch (SmtpFailedRecipientException e)
        {
            throw new JobFailed($"The mail server refused the recipient ({(int)e.StatusCode}).", forGood: (int)e.StatusCode >= 550);
        }
        catch (SmtpException e)
        {
            throw new JobFailed(e.InnerException is SocketException or IOException || e.StatusCode == SmtpStatusCode.GeneralFailure
                ? "The mail server cannot be reached." : $"The mail server refused the mail ({(int)e.StatusCode}).");
        }
        catch (TimeoutException)
        {
            throw new JobFailed("The mail server did not answer within a minute.");
        }
    }
}

/// <summary>Mail that leaves the house; other modules say <c>db.Enqueue(new SendMail(…))</c>.</summary>
sealed class MailModule : IModule
{
    public void Define(ModuleBuilder m)
    {
        m.Name("mail", "Mail").Platform("Mail");
        m.Tables(KeptMail.Map);
        m.Job<SendMail>();
        m.Job<SendText>();
        m.Desk(KeptMails.Routes);
        m.Forgets(
            async about => [new(about.Words["Mails that wait to be sent"], await Waiting(await AddressesOf(about), about).CountAsync(about.Stop))],
            async about => await Waiting(await AddressesOf(about), about).ExecuteDeleteAsync(about.Stop));
    }

    static Task<string[]> AddressesOf(AboutPerson about) => about.Db.Set<Person>().Where(p => p.Id == about.PersonId).Select(p => p.Email)
        .Concat(about.Db.Set<Account>().Where(a => a.PersonId == about.PersonId && a.Kind == AccountKind.Resident).Select(a => a.Email)).Concat(about.Db.Set<Account>().Where(a => a.PersonId == about.PersonId && a.Kind == AccountKind.Resident).Select(a => a.Phone)).OfType<string>().Select(e => e.ToLower()).ToArrayAsync(about.Stop);

    static IQueryable<QueuedJob> Waiting(string[] addresses, AboutPerson about) =>
        about.Db.Set<QueuedJob>().FromSql($"SELECT * FROM jobs.queue WHERE kind IN ({SendMail.Name}, {SendText.Name}) AND lower(payload->>'to') = ANY ({addresses})");
}
