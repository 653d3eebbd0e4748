using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Jobs;
using Komachi.Platform.Mail;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.People;

/// <summary>
/// Mails on who acts for whom name nobody: neither the other side, nor a reason. What began is told at once; what ended the next
/// morning and in one wording, whoever ended it and why, so that nothing can be read from it.
/// </summary>
static class MandateMail
{
    public static async Task TellBegin(Mandate mandate, TownDb db, House house)
    {
        var words = new Words(Lang.Japanese, house.Words);
        foreach (var email in await Of(mandate, db))
            db.Enqueue(new SendMail(email, words["{0}: acting for another has begun", db.Town.Name.In(Lang.Japanese)],
                words["Somebody may act for you, or you may act for somebody. Who, for what and until when stands on your page, under “Acting for another”; there you can also end it at any time."]));
    }

    public static async Task TellEnd(Mandate mandate, TownDb db, House house)
    {
        var words = new Words(Lang.Japanese, house.Words);
        foreach (var email in await Of(mandate, db))
            db.Enqueue(new SendMail(email, words["{0}: acting for another has ended", db.Town.Name.In(Lang.Japanese)],
                words["One permission to act for another has ended. Those that hold stand on your page, under “Acting for another”."]));
    }

    public static SendMail Ask(string to, TownDb db, House house)
    {
        var words = new Words(Lang.Japanese, house.Words);
        return new(to, words["{0}: somebody asks you to answer", db.Town.Name.In(Lang.Japanese)],
            words["Somebody would like you to act for them, or would like to act for you. Sign in with this address, and read it on your page, under “Acting for another”. If you expect nothing of the kind, do nothing."]);
    }

    static async Task<List<string>> Of(Mandate mandate, TownDb db) => await db.Set<Account>()
        .Where(a => a.Kind == AccountKind.Resident && a.ClosedAt == null && a.EmailKey != null && (a.PersonId == mandate.AgentId || a.PersonId == mandate.PrincipalId)).Select(a => a.Email!).ToListAsync();
}

/// <summary>Each morning: ends what is out of date, and tells both sides of everything that ended since the last.</summary>
sealed record MindMandates : IJob<MindMandates>
{
    public static string Name => "people.mind_mandates";
    public static string Title => "See to mandates that end";

    public static async Task Run(MindMandates job, JobRun run)
    {
        var (db, now, house) = (run.Db, run.Time.GetUtcNow(), (House)run.Services.GetService(typeof(House))!);
        var today = JapanTime.DayOf(now);
        foreach (var mandate in await db.Set<Mandate>().Where(m => (m.State == MandateState.Agreed || m.State == MandateState.Confirmed) && m.UntilOn < today).ToListAsync(run.Stop)) mandate.End(null, null, now);
        await db.SaveChangesAsync(run.Stop);
        foreach (var mandate in await db.Set<Mandate>().Where(m => m.State == MandateState.Ended && m.ToldAt == null).ToListAsync(run.Stop))
        {
            mandate.ToldAt = now;
            if (mandate.BeganAt is not null) await MandateMail.TellEnd(mandate, db, house);
        }
    }
}
