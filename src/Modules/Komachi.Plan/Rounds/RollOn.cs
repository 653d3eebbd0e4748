using Komachi.Platform.Data;
using Komachi.Platform.Offices;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Plan;

/// <summary>
/// ローリング: a plan that asks money for several years goes through them anew each year. What last year's sheets asked for later years becomes
/// sheets of this round, which their departments check and pass on.
/// </summary>
static class RollOn
{
    public static void Routes(IEndpointRouteBuilder to) => to.MapPost("rounds/{label}/roll", Post);

    /// <summary>Sheets of the year before that ask for money in this round's years and were not rolled on yet.</summary>
    public static IQueryable<ActionSheet> Offered(YearlyRound round, TownDb db)
    {
        var (year, before, until) = (round.Year, round.Year - 1, round.Year + round.Covers);
        return db.Set<ActionSheet>().Where(s => (s.State == SheetState.Open || s.State == SheetState.Done) && db.Set<YearlyRound>().Any(r => r.Id == s.RoundId && r.Year == before)
            && s.Money.Any(m => m.Year >= year && m.Year < until && (m.Requested > 0 || m.Adopted > 0)) && !db.Set<ActionSheet>().Any(o => o.RolledFromId == s.Id));
    }

    static async Task<IResult> Post(string label, Form form, Visit visit, TownDb db, TimeProvider time)
    {
        if (await Rounds.Find(db, label) is not { } round) return Page.NotFound;
        var now = time.GetUtcNow();
        if (!round.IsOpen) form.Wrongly("", "This round is closed: its sheets stay as they are.");
        var chosen = form.Many("sheet").ToArray();
        var offered = await Offered(round, db).Include(s => s.Money).Where(s => chosen.Contains(s.Number)).OrderBy(s => s.Number).ToListAsync();
        if (offered.Count == 0) form.Wrongly("sheet", "Please choose at least one sheet.");
        if (form.Wrong) return await ShowRound.Show(round, form, visit, db, time);

        await using var transaction = await db.Database.BeginTransactionAsync();
        var number = await Rounds.NextNumber(db, round);
        var next = int.Parse(number[(number.IndexOf('-') + 1)..], System.Globalization.CultureInfo.InvariantCulture);
        foreach (var old in offered)
        {
            var sheet = ActionSheet.Draft(Rounds.Numbered(round, next++), round, old.Title, old.Measure, old.DepartmentId, null, now, rolledFrom: old, why: old.Number);
            db.Add(sheet);
            db.AddNews(sheet);
            db.Audit(visit.Did("plan.roll_sheet", Rounds.SubjectOf(sheet), new { from = old.Number }, at: now));
        }
        var path = $"desk/plan/rounds/{round.Label}?done=rolled";
        try
        {
            await db.Save(form.Once, visit.Link(path));
        }
        catch (DbUpdateException e) when (e.IsOvertaken())    // a colleague rolled one of them on in the same moment
        {
            return Page.Conflict;
        }
        await transaction.CommitAsync();
        return Page.Go(visit, path);
    }
}
