using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Offices;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Plan;

/// <summary>What waits for whoever looks: sheets of their departments that are theirs to write, those to check, those to decide on.</summary>
static class ShowInbox
{
    public static void Routes(IEndpointRouteBuilder to) => to.MapGet("inbox", async (Visit visit, TownDb db, TimeProvider time, HttpContext http) =>
    {
        var (who, tree, stop) = (visit.Visitor!, await DepartmentTrees.Today(db), http.RequestAborted);
        var waiting = new List<(Turn, IReadOnlyList<SheetLine>)>();
        foreach (var turn in new[] { Turn.Committee, Turn.Secretariat, Turn.Department }.Where(t => who.May(t.Permission())))
            waiting.Add((turn, await Rounds.Waiting(db, turn, who.DepartmentsFor(turn.Permission(), tree)).Lines().Take(Rounds.MostShown).ToListAsync(stop)));
        return Page.Show<InboxPage>(new { Waiting = (IReadOnlyList<(Turn, IReadOnlyList<SheetLine>)>)waiting, Rounds = await Rounds.All(db, stop), Tree = tree, Today = time.Today(), Drafts = who.May("plan.draft") });
    });
}
