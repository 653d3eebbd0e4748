using Komachi.Platform;
using Komachi.Platform.Jobs;
using Komachi.Platform.Mail;
using Komachi.Platform.People;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>
/// A short mail that something went on. What it is about stands on the town's page alone: a mail holds the number, the name of the procedure and
/// what to do, and nothing that somebody else should not read.
/// </summary>
/// <param name="Until">The last of what happened in one go. Jobs of an earlier release have none.</param>
sealed record TellApplicant(Guid CaseId, int Move, int Until = 0) : IJob<TellApplicant>
{
    public static string Name => "procedures.tell_applicant";
    public static string Title => "Tell an applicant how their filing goes on";

    public static async Task Run(TellApplicant job, JobRun run)
    {
        var of = await run.Db.Set<Case>().AsNoTracking().SingleOrDefaultAsync(c => c.Id == job.CaseId, run.Stop);
        var until = Math.Max(job.Move, job.Until);
        var kinds = await run.Db.Set<Move>().Where(m => m.CaseId == job.CaseId && m.Told && m.Number >= job.Move && m.Number <= until).OrderBy(m => m.Number).Select(m => m.Kind).ToListAsync(run.Stop);
        if (of is null || kinds.Count == 0 || await AddressOf(of, run) is not { } to) return;
        var procedure = await Catalog.Version(run.Db, of.DefinitionId, run.Stop);
        var lang = Lang.Shipped.Concat(Lang.Further).FirstOrDefault(l => l.Code == of.Lang) ?? Lang.Japanese;
        var words = new Words(lang, ((House)run.Services.GetService(typeof(House))!).Words);
        var said = kinds.Select(kind => procedure.Definition.Tells.GetValueOrDefault(kind switch { MoveKind.Arrived => "arrived", MoveKind.Granted => "granted", MoveKind.Refused => "refused", _ => "" })?.In(lang));
        run.Db.Enqueue(new SendMail(to, words["{0}: your filing {1}", run.Town.Name.In(lang), new ReceiptText(of.Number)], string.Join("\n\n",
            ((string?[])[procedure.Title.In(lang), .. kinds.Select(SentenceOf).Distinct().Select(sentence => words[sentence]), .. said, words["Receipt number: {0}", new ReceiptText(of.Number)], words["Open “My page”, or look it up with the receipt number, to read more and to answer. We never ask for your password by mail."]]).Where(t => !string.IsNullOrEmpty(t))), About: of.PersonId));
    }

    /// <summary>Under a mandate the address is the agent's. When it is over the principal is told, where we know how.</summary>
    static async Task<string?> AddressOf(Case of, JobRun run) =>
        of is { MandateId: { } mandate, PersonId: { } principal } && !await Acting.IsInForce(run.Db, mandate, run.Stop) ? await Persons.AddressOf(run.Db, principal, run.Stop) : of.Email;

    /// <summary>What happened, in a sentence without content.</summary>
    internal static string SentenceOf(MoveKind kind) => kind switch
    {
        MoveKind.Arrived => "We have received your filing.",
        MoveKind.CorrectionAsked => "Something in your filing has to be corrected. The time in which we decide stands still until you have answered.",
        MoveKind.Corrected => "We have received your correction.",
        MoveKind.CorrectionLeft => "We go on with your filing as it is.",
        MoveKind.Accepted => "We have begun to look at your filing.",
        MoveKind.Transferred => "Another department goes on with your filing.",
        MoveKind.Message => "There is a message for you.",
        MoveKind.Answer => "We have received your message.",
        MoveKind.Granted => "Your filing was granted.",
        MoveKind.Refused => "Your filing was not granted. The reasons, and how to object, stand in the letter.",
        MoveKind.Withdrawn => "Your filing was withdrawn.",
        MoveKind.PaperMade or MoveKind.PaperDelivered => "There is a letter for you.",
        MoveKind.SetAside => "The decision on your filing was set aside. We decide on it anew.",
        MoveKind.PaperRevoked => "A letter that we sent you is no longer valid.",
        MoveKind.Signed => "Somebody has signed your filing.",
        _ => "Your filing has moved on.",
    };
}

/// <summary>A receipt number as people read it out.</summary>
readonly record struct ReceiptText(string Digits)
{
    public override string ToString() => Digits.Length == 10 ? $"{Digits[..3]}-{Digits[3..6]}-{Digits[6..]}" : Digits;
}
