using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>Whose drafts are whose.</summary>
static class Drafts
{
    /// <summary>The account that began it, the staff who assists, or the browser that holds its key.</summary>
    public static bool MayWrite(Visit visit, Draft draft) =>
        draft.AccountId is { } account && visit.Visitor is { IsStaff: false } me && me.AccountId == account
        || draft.AssistedById is { } staff && visit.Visitor is { IsStaff: true } clerk && clerk.AccountId == staff
        || draft.OpensWith(visit.KeyTo(draft.Id));

    public static async Task<bool> MayWrite(Visit visit, Guid id, TownDb db) => await db.Set<Draft>().AsNoTracking().SingleOrDefaultAsync(d => d.Id == id) is { CaseId: null } draft && MayWrite(visit, draft);
}
