using Komachi.Platform.Data;
using Komachi.Platform.People;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Offices;

/// <summary>Somebody who holds a permission, and in which department with all below it; null in the whole town.</summary>
public sealed record Holder(Guid AccountId, string? Email, Guid? DepartmentId);

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

    /// <summary>Everybody who holds it on a day, once for each place in which they do, for who must be told by department.</summary>
    public static async Task<IReadOnlyList<Holder>> WhoHolds(this TownDb db, string permission, DateOnly day, CancellationToken stop = default)
    {
        var staff = db.Set<Account>().AsNoTracking().Where(a => a.Kind == AccountKind.Staff && a.ClosedAt == null);
        var own = await staff.Where(a => a.Permissions.Contains(permission)).Select(a => new Holder(a.Id, a.Email, null)).ToListAsync(stop);
        var assigned = await Giving(db, permission, day).Join(staff, x => x.AccountId, a => a.Id, (x, a) => new Holder(a.Id, a.Email, x.DepartmentId)).ToListAsync(stop);
        var deputies = await db.Set<Deputy>().Where(d => d.FromOn <= day && d.UntilOn >= day && staff.Any(w => w.Id == d.AccountId))
            .SelectMany(d => Giving(db, permission, day).Where(x => x.AccountId == d.AccountId && (d.AssignmentId == null || d.AssignmentId == x.Id)), (d, x) => new { d.DeputyId, x.DepartmentId })
            .Join(staff, d => d.DeputyId, a => a.Id, (d, a) => new Holder(a.Id, a.Email, d.DepartmentId)).ToListAsync(stop);
        return [.. own, .. assigned, .. deputies];
    }

    /// <summary>
    /// Those who hold a permission for a department, and there or above it a post of that name or one that stands higher; or stand in for somebody who does (職務代理).
    /// Nobody: the town has no such post, or nobody in that line of the house has it today.
    /// </summary>
    public static async Task<IReadOnlySet<Guid>> WhoHoldsInPost(this TownDb db, string permission, string post, Guid department, DepartmentTree tree, DateOnly day, CancellationToken stop = default)
    {
        var posts = await db.Set<Post>().AsNoTracking().ToListAsync(stop);
        if (posts.FirstOrDefault(p => p.Name.In(Lang.Japanese) == post) is not { } asked) return new HashSet<Guid>();
        var (line, high) = (tree.Above(department).ToArray(), posts.Where(p => p.Rank <= asked.Rank).Select(p => p.Id).ToArray());
        var inPost = db.Set<Assignment>().Where(x => x.FromOn <= day && (x.UntilOn == null || x.UntilOn >= day) && line.Contains(x.DepartmentId) && x.PostId != null && high.Contains(x.PostId.Value));
        var own = await inPost.Select(x => x.AccountId).ToListAsync(stop);
        var deputies = await db.Set<Deputy>().Where(d => d.FromOn <= day && d.UntilOn >= day && db.Set<Account>().Any(w => w.Id == d.AccountId && w.ClosedAt == null) && inPost.Any(x => x.AccountId == d.AccountId && (d.AssignmentId == null || d.AssignmentId == x.Id)))
            .Select(d => d.DeputyId).ToListAsync(stop);
        var may = (await db.WhoHolds(permission, day, stop)).Where(h => h.DepartmentId is not { } where || tree.IsWithin(department, where)).Select(h => h.AccountId).ToHashSet();
        may.IntersectWith(own.Concat(deputies));
        return may;
    }

    static IQueryable<Assignment> Giving(TownDb db, string permission, DateOnly day) =>
        db.Set<Assignment>().Where(x => x.FromOn <= day && (x.UntilOn == null || x.UntilOn >= day) && db.Set<Role>().Any(r => r.Id == x.RoleId && r.Permissions.Contains(permission)));
}
