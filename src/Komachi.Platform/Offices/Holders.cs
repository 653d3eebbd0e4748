using Komachi.Platform.Data;
using Komachi.Platform.People;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Offices;

/// <summary>Who holds a permission on a day, by their account or by a role: for mails to those whom something concerns.</summary>
static class Holders
{
    public static IQueryable<Account> HoldersOf(this TownDb db, string permission, DateOnly day) =>
        db.Set<Account>().Where(a => a.Kind == AccountKind.Staff && a.ClosedAt == null && (a.Permissions.Contains(permission) || db.Set<Assignment>()
            .Any(x => x.AccountId == a.Id && x.FromOn <= day && (x.UntilOn == null || x.UntilOn >= day) && db.Set<Role>().Any(r => r.Id == x.RoleId && r.Permissions.Contains(permission)))));
}
