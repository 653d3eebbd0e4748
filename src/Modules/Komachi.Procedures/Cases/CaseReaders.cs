using Komachi.Platform.Data;
using Komachi.Platform.Files;
using Komachi.Platform.Forms;
using Komachi.Platform.Offices;
using Komachi.Platform.Web;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>Who may see a case: whoever filed it, whom it is about, the browser that came by a one-time link, and the staff of the departments that work on it.</summary>
static class CaseReaders
{
    /// <summary>A file that was sent with it, for whom its page names it: at the desk what answers a secret question is for the department in charge alone.</summary>
    public static async Task<bool> MayRead(Visit visit, Guid id, StoredFile file, TownDb db)
    {
        if (visit.Visitor is not { IsStaff: true } clerk) return await db.Set<Case>().AsNoTracking().SingleOrDefaultAsync(c => c.Id == id) is { } of && await IsTheirs(visit, of, db);
        return await CaseFile.Open(db, id, await DepartmentTrees.Today(db), db.Today) is { } read && (read.InCharge(clerk) || read.MayRead(clerk) && !IsSecret(file, read.Stage.Form));
    }

    /// <summary>Where it lies says which question it answers; of what no question asks nobody else needs to see anything.</summary>
    static bool IsSecret(StoredFile file, CompiledForm form) => file.Place.Split('/') switch
    {
        [_, _, var key] => form.Find(key) is not { Field.Secret: false },
        [_, _, var group, _, var key] => form.Find(group) is not { Field.Secret: false } rows || rows.Rows.FirstOrDefault(r => r.Key == key) is not { Field.Secret: false },
        _ => true,
    };

    /// <summary>Theirs by what they are, or by a one-time link of which this browser still holds what it gave.</summary>
    public static async Task<bool> IsTheirs(Visit visit, Case of, TownDb db, CancellationToken stop = default)
    {
        if (visit.Visitor is { IsStaff: false } me && Theirs.Of(me).Has(of)) return true;
        if (visit.Visitor is { IsStaff: true } || visit.KeyTo(of.Id) is not { } key) return false;
        var (hash, now) = (MyCases.HashOf(key), db.Now);
        return await db.Set<CaseLink>().AsNoTracking().AnyAsync(l => l.CaseId == of.Id && l.VisitHash == hash && l.VisitEndsAt > now, stop);
    }
}

/// <summary>
/// To which filings somebody comes who is signed in. A filing is of the person whom it is about, so one that was made under a mandate is the
/// principal's: an agent comes to it while they act, and whether the mandate is in force is asked with each request. Only where the town knows
/// nobody it is of the account that sent it.
/// </summary>
readonly record struct Theirs(Guid? Person, Guid? Account)
{
    public static Theirs Of(Visitor me) => new(me.PersonFor("procedures"), me.For is null ? me.AccountId : null);

    public bool Has(Case of) => of.PersonId is { } about ? about == Person : of.AccountId is { } sent && sent == Account;

    public IQueryable<Case> Among(IQueryable<Case> cases)
    {
        var (person, account) = (Person, Account);
        return cases.Where(c => person != null && c.PersonId == person || account != null && c.PersonId == null && c.AccountId == account);
    }
}
