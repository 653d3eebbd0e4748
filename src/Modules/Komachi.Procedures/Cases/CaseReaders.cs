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

    /// <summary>The applicant, or the browser that came by a one-time link and still holds what it gave.</summary>
    public static async Task<bool> IsTheirs(Visit visit, Case of, TownDb db, CancellationToken stop = default)
    {
        if (IsApplicant(visit, of)) return true;
        if (visit.Visitor is { IsStaff: true } || visit.KeyTo(of.Id) is not { } key) return false;
        var (hash, now) = (MyCases.HashOf(key), db.Now);
        return await db.Set<CaseLink>().AsNoTracking().AnyAsync(l => l.CaseId == of.Id && l.VisitHash == hash && l.VisitEndsAt > now, stop);
    }

    /// <summary>Their own, or of whom they act for where the mandate reaches that far.</summary>
    public static bool IsApplicant(Visit visit, Case of) =>
        visit.Visitor is { IsStaff: false } me && (me.For is null && of.AccountId == me.AccountId || of.PersonId is { } person && person == me.PersonFor("procedures"));

    /// <summary>The department that has the case, or one that has a step of it.</summary>
    public static async Task<bool> MayWork(Visitor clerk, Case of, TownDb db)
    {
        var tree = await DepartmentTrees.Today(db);
        return clerk.May("procedures.review", of.DepartmentId, tree)
            || (await db.Set<Step>().AsNoTracking().Where(s => s.CaseId == of.Id && s.DepartmentId != null).Select(s => s.DepartmentId!.Value).Distinct().ToListAsync()).Any(d => clerk.May("procedures.review", d, tree));
    }
}
