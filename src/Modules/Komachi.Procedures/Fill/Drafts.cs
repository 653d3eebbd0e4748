using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>Whose drafts are whose.</summary>
static class Drafts
{
    /// <summary>The account that began it, the staff who assists, or the browser that holds its key. Under a mandate the account alone, while it acts under that one: no key outlives it.</summary>
    public static bool MayWrite(Visit visit, Draft draft) =>
        draft.AccountId is { } account && visit.Visitor is { IsStaff: false } me && me.AccountId == account && draft.MandateId == me.For?.MandateId
        || draft.AssistedById is { } staff && visit.Visitor is { IsStaff: true } clerk && clerk.AccountId == staff
        || draft.MandateId is null && draft.OpensWith(visit.KeyTo(draft.Id));

    /// <summary>What somebody who is signed in has begun and not sent, for whom they act now.</summary>
    public static IQueryable<Draft> Of(Visitor me, TownDb db, DateTimeOffset now)
    {
        var (account, mandate) = (me.AccountId, me.For?.MandateId);
        return db.Set<Draft>().AsNoTracking().Where(d => d.AccountId == account && d.MandateId == mandate && d.CaseId == null && d.EndsAt > now);
    }

    public static async Task<bool> MayWrite(Visit visit, Guid id, TownDb db) => await db.Set<Draft>().AsNoTracking().SingleOrDefaultAsync(d => d.Id == id) is { CaseId: null } draft && MayWrite(visit, draft);
}
