using Komachi.Platform.Data;
using Komachi.Platform.Offices;
using Komachi.Platform.Web;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>Who may see a case: whoever filed it, whom it is about, the browser that came by a one-time link, and the staff of the departments that work on it.</summary>
static class CaseReaders
{
    public static async Task<bool> MayRead(Visit visit, Guid id, TownDb db)
    {
        if (await db.Set<Case>().AsNoTracking().SingleOrDefaultAsync(c => c.Id == id) is not { } of) return false;
        if (visit.Visitor is { IsStaff: true } clerk) return await MayWork(clerk, of, db);
        return await IsTheirs(visit, of, db);
    }

    /// <summary>Theirs by what they are, or by a one-time link of which this browser still holds what it gave.</summary>
    public static async Task<bool> IsTheirs(Visit visit, Case of, TownDb db, CancellationToken stop = default)
    {
        if (visit.Visitor is { IsStaff: false } me && Theirs.Of(me).Has(of)) return true;
        if (visit.Visitor is { IsStaff: true } || visit.KeyTo(of.Id) is not { } key) return false;
        var (hash, now) = (MyCases.HashOf(key), db.Now);
        return await db.Set<CaseLink>().AsNoTracking().AnyAsync(l => l.CaseId == of.Id && l.VisitHash == hash && l.VisitEndsAt > now, stop);
    }

    /// <summary>The department that has the case, or one that has a step of it.</summary>
    public static async Task<bool> MayWork(Visitor clerk, Case of, TownDb db)
    {
        var tree = await DepartmentTrees.Today(db);
        return clerk.May("procedures.review", of.DepartmentId, tree)
            || (await db.Set<Step>().AsNoTracking().Where(s => s.CaseId == of.Id && s.DepartmentId != null).Select(s => s.DepartmentId!.Value).Distinct().ToListAsync()).Any(d => clerk.May("procedures.review", d, tree));
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
