using Komachi.Platform.Data;
using Komachi.Platform.People;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Offices;

/// <summary>Who holds a permission on a day, by their account, by a role or as a deputy: for mails to those whom something concerns.</summary>
public static class Holders
{
    public static IQueryable<Account> HoldersOf(this TownDb db, string permission, DateOnly day) =>
        db.Set<Account>().Where(a => a.Kind == AccountKind.Staff && a.ClosedAt == null && (a.Permissions.Contains(permission)
            || Giving(db, permission, day).Any(x => x.AccountId == a.Id)
            || db.Set<Deputy>().Any(d => d.DeputyId == a.Id && d.FromOn <= day && d.UntilOn >= day && db.Set<Account>().Any(w => w.Id == d.AccountId && w.ClosedAt == null)
                && Giving(db, permission, day).Any(x => x.AccountId == d.AccountId && (d.AssignmentId == null || d.AssignmentId == x.Id)))));

    /// <summary>Those who hold it by a role or as a deputy in one of these very departments.</summary>
    public static IQueryable<Account> HoldersIn(this TownDb db, string permission, IReadOnlyCollection<Guid> departments, DateOnly day) =>
        db.Set<Account>().Where(a => a.Kind == AccountKind.Staff && a.ClosedAt == null && (Giving(db, permission, day).Any(x => x.AccountId == a.Id && departments.Contains(x.DepartmentId))
            || db.Set<Deputy>().Any(d => d.DeputyId == a.Id && d.FromOn <= day && d.UntilOn >= day && db.Set<Account>().Any(w => w.Id == d.AccountId && w.ClosedAt == null)
                && Giving(db, permission, day).Any(x => x.AccountId == d.AccountId && departments.Contains(x.DepartmentId) && (d.AssignmentId == null || d.AssignmentId == x.Id)))));

    static IQueryable<Assignment> Giving(TownDb db, string permission, DateOnly day) =>
        db.Set<Assignment>().Where(x => x.FromOn <= day && (x.UntilOn == null || x.UntilOn >= day) && db.Set<Role>().Any(r => r.Id == x.RoleId && r.Permissions.Contains(permission)));
}
