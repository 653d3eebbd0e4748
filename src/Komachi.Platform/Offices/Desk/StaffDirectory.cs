using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Komachi.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Komachi.Platform.Offices;

/// <summary>Who works where today, with post and telephone: for everybody at the desk.</summary>
static class StaffDirectory
{
    public static void Routes(IEndpointRouteBuilder to) => to.MapGet("", async (Sought sought, Guid? after, Visit visit, TownDb db, DepartmentTrees trees, HttpContext http) =>
    {
        var tree = await trees.Today(visit, db, http.RequestAborted);
        var department = sought["department"];
        var below = Guid.TryParse(department, out var id) && id != tree.Root?.Id ? tree.Below(id) : null;
        var (lines, next) = await StaffList.Read(db, tree.On, below, sought["q"], after, http.RequestAborted);
        return Page.Show<StaffDirectoryPage>(new { Lines = lines, Next = next, Begins = after is null, Tree = tree, Department = department, Sought = sought, Departments = tree.Options(visit.Lang) });
    });
}
