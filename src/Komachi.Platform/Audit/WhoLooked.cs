using Komachi.Platform.People;
using Komachi.Platform.Rights;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Audit;

/// <summary>
/// What the audit tells a person about themselves: who looked at or changed what is held about them. Named is the organisation and
/// what was done, as disclosure does it in Japan; the reasons that staff wrote may speak of others, and a decision opens them (docs/decisions).
/// Nothing of it is erased with the person: entries hold ids and no facts, and lead nowhere once the person is gone.
/// </summary>
static class WhoLooked
{
    const int Most = 5000;

    public static void Define(ModuleBuilder m)
    {
        m.Discloses("Who looked, and what was done", Tell, asTable: true);
        m.Forgets(
            async about => [new(about.Words["The record of who did what: it holds no names and nothing that you wrote"], await About(about).CountAsync(about.Stop),
                about.Words["It shows that your data was handled lawfully. Once you are gone it leads to nobody."])],
            _ => Task.CompletedTask);
    }

    static IQueryable<AuditEntry> About(AboutPerson about) => about.Db.Set<AuditEntry>().AsNoTracking().Where(e => e.AboutId == about.PersonId
        || about.Db.Set<Account>().Any(a => a.PersonId == about.PersonId && a.Kind == AccountKind.Resident && a.Id == e.ActorId));

    static async Task<IReadOnlyList<HeldRecord>> Tell(AboutPerson about)
    {
        var words = about.Words;
        var why = words["It shows that your data was handled lawfully. Once you are gone it leads to nobody."];
        var rows = await About(about).OrderByDescending(e => e.At).Take(Most)
            .LeftJoin(about.Db.Set<Account>(), e => e.ActorId, a => (Guid?)a.Id, (e, a) => new { e.At, e.Action, e.ActorId, e.FromAddress, By = a == null ? null : a.PersonId, Kind = a == null ? (AccountKind?)null : a.Kind })
            .OrderByDescending(r => r.At).ToListAsync(about.Stop);
        return [.. rows.Select(r =>
        {
            var own = r.Kind == AccountKind.Resident && r.By == about.PersonId;
            return new HeldRecord(What(r.Action, words), r.At,
            [
                new("by", words["Who"], own ? words["You"] : r.ActorId is null ? words["The service by itself"] : r.Kind == AccountKind.Staff ? words["The town hall"] : words["Another person"]),
                new("from", words["From where"], own ? r.FromAddress : null),
            ], Because: why);
        })];
    }

    static string What(string action, Words words) => action switch
    {
        "people.sign_in" => words["Signed in|what was done"],
        "people.read" => words["Looked at the account"],
        "rights.look" => words["Looked up the person"],
        "rights.copy" => words["Made a copy of all that is held"],
        "rights.hold" or "rights.end_hold" => words["Held back erasing, or ended that"],
        "my_numbers.keep" => words["Took in the Individual Number"],
        "my_numbers.read" => words["Read the Individual Number"],
        "my_numbers.handed_over" => words["Handed the Individual Number over"],
        _ when Refusals.Kinds.Contains(action) => words["Was refused something"],
        _ when action.StartsWith("people.", StringComparison.Ordinal) => words["Changed something of the account"],
        _ => words["Worked on a record"],
    };
}
