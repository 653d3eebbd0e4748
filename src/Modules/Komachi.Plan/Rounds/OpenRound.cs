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

/// <summary>The secretariat opens a round for a fiscal year, moves its days, and closes it.</summary>
static class OpenRound
{
    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("rounds/new", async (string? year, TownDb db, TimeProvider time, HttpContext http) =>
            await Show(null, year, db, time, http.RequestAborted));
        to.MapPost("rounds/new", Open);
        to.MapPost("rounds/{label}/days", SetDays);
        to.MapPost("rounds/{label}/close", Close);
    }

    public static string DayName(Stage stage) => "by-" + stage.Key;

    /// <summary>The days as a form sends them; each lies not before the one of the stage before it.</summary>
    static Dictionary<string, DateOnly> ReadDays(Form form, IReadOnlyList<Stage> stages)
    {
        var days = new Dictionary<string, DateOnly>();
        DateOnly? before = null;
        foreach (var stage in stages)
            if (form.Day(DayName(stage), least: before) is { } day) before = days[stage.Key] = day;
        return days;
    }

    public static IEnumerable<(string, string?)> DaysAsTyped(IReadOnlyDictionary<string, DateOnly> days) => days.Select(d => ("by-" + d.Key, (string?)d.Value.ForInput()));

    static async Task<IResult> Open(Form form, Visit visit, TownDb db, TimeProvider time, HttpContext http)
    {
        var (now, plan) = (time.GetUtcNow(), await Revision.Shown(db, http.RequestAborted));
        if (plan is null || PlanYear.Read(form.Typed("year")) is not { } year || !(await YearsFor(plan, db, time)).Contains(year))
        {
            form.Wrongly("", "This round cannot be opened: it is there already, or too far away.");
            return await Show(form, form.Typed("year"), db, time, http.RequestAborted);
        }
        var days = ReadDays(form, YearlyRound.WayOf(plan).Stages);
        if (form.Wrong) return await Show(form, year.Label, db, time, http.RequestAborted);
        var round = YearlyRound.Open(plan, year, days, visit.Visitor!.AccountId, now);
        db.Add(round);
        db.Audit(visit.Did("plan.open_round", $"plan/rounds/{round.Label}", new { round.Plan, round.Covers }, at: now));
        var path = $"desk/plan/rounds/{round.Label}?done=opened";
        try
        {
            await db.Save(form.Once, visit.Link(path));
        }
        catch (DbUpdateException e) when (e.IsOvertaken())    // a colleague opened it in the same moment
        {
            return Page.Go(visit, $"desk/plan/rounds/{round.Label}");
        }
        return Page.Go(visit, path);
    }

    static async Task<IResult> SetDays(string label, Form form, Visit visit, TownDb db, TimeProvider time)
    {
        if (await Rounds.Find(db, label) is not { } round) return Page.NotFound;
        Still(form, round);
        var days = ReadDays(form, round.Stages);
        if (form.Wrong) return await ShowRound.Show(round, form, visit, db, time);
        round.SetDays(days);
        foreach (var sheet in await db.Set<ActionSheet>().Where(s => s.RoundId == round.Id && s.State == SheetState.Open).ToListAsync()) sheet.DueAnew(round);
        db.Audit(visit.Did("plan.set_days", $"plan/rounds/{round.Label}", days.ToDictionary(d => d.Key, d => d.Value.ForInput()), at: time.GetUtcNow()));
        return await Saved(round, "days", form, visit, db, time);
    }

    static async Task<IResult> Close(string label, Form form, Visit visit, TownDb db, TimeProvider time)
    {
        if (await Rounds.Find(db, label) is not { } round) return Page.NotFound;
        Still(form, round);
        if (!form.Ticked("sure")) form.Wrongly("sure", "Please tick the box: what is still open can no longer be changed then.");
        if (form.Wrong) return await ShowRound.Show(round, form, visit, db, time);
        round.Close(visit.Visitor!.AccountId, time.GetUtcNow());
        db.Audit(visit.Did("plan.close_round", $"plan/rounds/{round.Label}", at: time.GetUtcNow()));
        return await Saved(round, "closed", form, visit, db, time);
    }

    static void Still(Form form, YearlyRound round)
    {
        if (!round.IsOpen || form.Typed("version") != round.Version.ToString(CultureInfo.InvariantCulture)) form.Wrongly("", "Someone else changed this round in the meantime. Look at what stands now, and send it again if it is still right.");
    }

    static async Task<IResult> Saved(YearlyRound round, string done, Form form, Visit visit, TownDb db, TimeProvider time)
    {
        var path = $"desk/plan/rounds/{round.Label}?done={done}";
        try
        {
            await db.Save(form.Once, visit.Link(path));
        }
        catch (DbUpdateConcurrencyException)
        {
            db.ChangeTracker.Clear();
            form.Wrongly("", "Someone else changed this round in the meantime. Look at what stands now, and send it again if it is still right.");
            return await Rounds.Find(db, round.Label) is { } now ? await ShowRound.Show(now, form, visit, db, time) : Page.NotFound;
        }
        return Page.Go(visit, path);
    }

    /// <summary>Years for which this plan has no round yet, from the one that runs to two years ahead.</summary>
    public static async Task<IReadOnlyList<PlanYear>> YearsFor(PlanDocument plan, TownDb db, TimeProvider time)
    {
        var (now, there) = (FiscalYear.Of(time.Today()).Year, await db.Set<YearlyRound>().Where(r => r.Plan == plan.Plan.Key).Select(r => r.Year).ToListAsync());
        return [.. new[] { now + 1, now + 2, now }.Except(there).Select(y => new PlanYear(y))];
    }

    static async Task<IResult> Show(Form? form, string? label, TownDb db, TimeProvider time, CancellationToken stop)
    {
        var plan = await Revision.Shown(db, stop);
        var years = plan is null ? [] : await YearsFor(plan, db, time);
        var year = PlanYear.Read(label) is { } asked && years.Contains(asked) ? asked : years.FirstOrDefault();
        var stages = plan is null ? [] : YearlyRound.WayOf(plan).Stages;
        return Page.Show<OpenRoundPage>(new { Plan = plan, Years = years, Year = year, Stages = stages, Form = form ?? Form.With([.. DaysAsTyped(YearlyRound.DaysOf(stages, year))]) },
            form is { Wrong: true } ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK);
    }
}
