using System.Globalization;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Offices;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Plan;

/// <summary>All rounds, and one of them on one page: how many sheets stand where, what is late, and what could be rolled on from the year before.</summary>
static class ShowRound
{
    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("rounds", async (Visit visit, TownDb db, TimeProvider time, HttpContext http) =>
        {
            var rounds = await Rounds.All(db, http.RequestAborted);
            var counts = await db.Set<ActionSheet>().GroupBy(s => new { s.RoundId, s.State }).Select(g => new { g.Key.RoundId, g.Key.State, Count = g.Count() }).ToListAsync(http.RequestAborted);
            return Page.Show<RoundsPage>(new { Rounds = rounds, Counts = counts.ToDictionary(c => (c.RoundId, c.State), c => c.Count), Opens = visit.Visitor!.May("plan.check") });
        });
        to.MapGet("rounds/{label}", async (string label, string? done, Visit visit, TownDb db, TimeProvider time) =>
            await Rounds.Find(db, label) is { } round ? await Show(round, null, visit, db, time, done) : Page.NotFound);
    }

    public static async Task<IResult> Show(YearlyRound round, Form? form, Visit visit, TownDb db, TimeProvider time, string? done = null)
    {
        var checks = visit.Visitor!.May("plan.check");
        return Page.Show<RoundPage>(new
        {
            Round = round, Checks = checks, Done = done, Tree = await DepartmentTrees.Today(db), Today = time.Today(),
            Form = form ?? Form.With([("version", round.Version.ToString(CultureInfo.InvariantCulture)), .. OpenRound.DaysAsTyped(round.Days)]),
            Lines = await db.Set<ActionSheet>().Where(s => s.RoundId == round.Id).Lines().Take(Rounds.MostShown).ToListAsync(),
            Rollable = checks && round.IsOpen ? await RollOn.Offered(round, db).Lines().ToListAsync() : [],
        }, form is { Wrong: true } ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK);
    }
}
