using Komachi.Platform.Data;
using Komachi.Platform.People;
using Komachi.Platform.Portal;
using Komachi.Platform.Web;
using Komachi.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Offices;

/// <summary>Who works where today, with post and telephone: for everybody at the desk.</summary>
static class StaffDirectory
{
    public static void Routes(IEndpointRouteBuilder to) => to.MapGet("", async (Sought sought, Guid? after, Guid? account, Visit visit, TownDb db, HttpContext http) =>
    {
        var tree = await DepartmentTrees.Today(db, http.RequestAborted);
        var department = sought["department"];
        var below = Guid.TryParse(department, out var id) && id != tree.Root?.Id ? tree.Below(id) : null;
        var (lines, next) = await StaffList.Read(db, tree.On, below, sought["q"], after, http.RequestAborted, account);
        return Page.Show<StaffDirectoryPage>(new { Lines = lines, Next = next, Begins = after is null, Tree = tree, Department = department, Sought = sought, Departments = tree.Options(visit.Lang) });
    });

    /// <summary>For the desk's search: colleagues by name, each once.</summary>
    public static async Task<IReadOnlyList<Found>> Find(Visit visit, TownDb db, Asked asked, int n) =>
        await db.Set<Account>().AsNoTracking().Where(a => a.Kind == AccountKind.Staff && a.ClosedAt == null).Called(asked.Text).OrderBy(a => a.Name).ThenBy(a => a.Id).Take(n)
            .Select(a => new Found(a.Name, a.SignInName, "desk/colleagues?account=" + a.Id, null, null)).ToListAsync(asked.Stop);
}
