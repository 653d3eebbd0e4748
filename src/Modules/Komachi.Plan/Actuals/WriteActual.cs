using Komachi.Platform;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Files;
using Komachi.Platform.Offices;
using Komachi.Platform.People;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Plan;

/// <summary>A value in the history of its indicator.</summary>
/// <param name="Corrected">Another one took its place.</param>
public sealed record Given(Guid Id, DateOnly On, decimal? Value, string? Text, ActualSource Source, int? Asked, int? Answered, string? Evidence, string? By, DateTimeOffset At, Guid? Corrects, string? Reason)
{
    public bool Corrected { get; init; }
    public IReadOnlyList<StoredFile> Files { get; init; } = [];
}

/// <summary>
/// The value of an indicator: typed with what proves it, or counted in a survey. A wrong one is corrected with a reason, and both stay. Nobody
/// changes what a figure measured, but it is corrected like any other.
/// </summary>
static class WriteActual
{
    const int LongestEvidence = 1000, LongestReason = 500, LongestText = 200, MostShown = 200;

    public static readonly FileKind Evidence = new("plan.evidence")
    {
        Types = [.. FileType.Documents, .. FileType.Pictures, FileType.Csv],
        MostBytes = 10 * 1024 * 1024,
        Most = 5,
        MayWrite = (visit, place, _) => Task.FromResult(visit.Visitor is { } who && who.May("plan.draft") && place.StartsWith("plan/actuals/", StringComparison.Ordinal) && place.EndsWith($"/{who.AccountId}", StringComparison.Ordinal)),
        // What proves a value may name people: colleagues open it, residents read what is written beside the value.
        MayRead = (visit, file, _) => Task.FromResult(visit.Visitor is { } who && who.May("plan.draft")),
    };

    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("actuals/{of}/{n}", async (string of, string n, string? corrects, string? done, Visit visit, TownDb db, House house, TimeProvider time, HttpContext http) =>
        {
            if (await Find(of, n, db, http.RequestAborted) is not var (plan, placed)) return Page.NotFound;
            var page = await Read(plan, placed, visit, db, house, time, http.RequestAborted);
            return page.Show(page.Standing(Guid.TryParse(corrects, out var id) ? id : null) is { } wrong ? Filled(wrong) : Form.With(("how", "typed")), visit, done: done);
        });
        to.MapPost("actuals/{of}/{n}", Post);
    }

    static async Task<IResult> Post(string of, string n, Form form, Visit visit, TownDb db, House house, TimeProvider time, HttpContext http)
    {
        if (await Find(of, n, db, http.RequestAborted) is not var (plan, placed)) return Page.NotFound;
        var page = await Read(plan, placed, visit, db, house, time, http.RequestAborted);
        if (!page.Mine) return Results.StatusCode(StatusCodes.Status403Forbidden);
        if (ReadActual(form, page, visit.Visitor!.AccountId, time) is not { } actual) return page.Show(form, visit);
        // The page shows the newest alone, and a figure has a value a day: older days are asked of the database.
        if (await db.Set<Actual>().AnyAsync(a => a.Plan == actual.Plan && a.Of == actual.Of && a.Indicator == actual.Indicator && a.OnDay == actual.OnDay && a.Id != actual.Corrects && !db.Set<Actual>().Any(later => later.Corrects == a.Id), http.RequestAborted))
        {
            form.Wrongly("on", "There is a value for this day already. Correct that one in the history below.");
            return page.Show(form, visit);
        }

        await Standing.Add(db, actual);
        var files = await db.ClaimFiles(Evidence, page.Place(visit), BelongsTo(actual.Id));
        db.Audit(visit.Did(actual.Corrects is null ? "plan.value" : "plan.correct", $"plan/actuals/{of}/{n}", new { actual.Indicator, On = actual.OnDay, actual.Value, actual.Text, Files = files.Count }, reason: actual.Reason, at: actual.At));
        var path = $"{ListActualsPage.HrefOf(placed)}?done={(actual.Corrects is null ? "given" : "corrected")}";
        try
        {
            await db.Save(form.Once, visit.Link(path));
        }
        catch (DbUpdateException e) when (e.IsOvertaken())    // another value of this indicator came in between our look and our save
        {
            db.ChangeTracker.Clear();
            form.Wrongly("", "Somebody gave a value of this indicator at the same moment. Nothing of yours is saved yet: look at the history below, then send it again if it is still right.");
            return (await Read(plan, placed, visit, db, house, time, http.RequestAborted)).Show(form, visit, 409);
        }
        return Page.Go(visit, path);
    }

    static Actual? ReadActual(Form form, Opened page, Guid by, TimeProvider time)
    {
        var (key, indicator) = (page.Placed.KeyIn(page.Plan), page.Placed.Indicator);
        var survey = form.Choice("how", ["typed", "survey"]) == "survey";
        if (form.Typed("on").Trim().Length == 0) form.Wrongly("on", "Please write of which day the value tells.");
        var on = form.Day("on", required: true, least: new(2000, 1, 1), most: time.Today());
        decimal? value = null;
        string? text = null;
        var (asked, answered) = (0, 0);
        if (survey)
        {
            asked = form.Number("asked", 1, 10_000_000);
            answered = form.Number("answered", 0, 10_000_000);
            if (answered > asked) form.Wrongly("answered", "These are more than were asked. Please look at both numbers again.");
        }
        else
        {
            value = form.Decimal("value", -1_000_000_000_000, 1_000_000_000_000, places: 4, unit: indicator.Unit);
            text = form.Text("text", LongestText) is { Length: > 0 } words ? words : null;
            if (form.Typed("value").Trim().Length == 0 && text is null) form.Wrongly("value", "Please write the value, or below it in words where it is no number.");
            if (value is not null && text is not null) form.Wrongly("text", "Please write the number or the words, not both. What explains the number belongs to the evidence.");
        }
        if (form.Typed("evidence").Trim().Length == 0) form.Wrongly("evidence", "Please write what proves the value: who counted what, and where it stands.");
        var evidence = form.Text("evidence", LongestEvidence);
        Correction? correction = null;
        if (form.Typed("corrects") is { Length: > 0 } wrong)
        {
            var reason = form.Text("reason", LongestReason, required: true);
            if (!Guid.TryParse(wrong, out var id) || page.Standing(id) is null) form.Wrongly("", "The value that you correct was corrected meanwhile. Look at the history below.");
            else correction = new(id, reason);
        }
        if (form.Wrong) return null;
        var now = time.GetUtcNow();
        return survey ? Actual.Survey(key, indicator.Unit, on!.Value, asked, answered, evidence, by, now, correction) : Actual.Typed(key, on!.Value, value, text, evidence, by, now, correction);
    }

    static Form Filled(Given wrong) => Form.With(
        ("how", wrong.Source == ActualSource.Survey ? "survey" : "typed"), ("on", wrong.On.ForInput()), ("text", wrong.Text), ("evidence", wrong.Evidence), ("corrects", wrong.Id.ToString()),
        ("value", wrong.Source == ActualSource.Survey ? null : wrong.Value?.ToString("0.####", System.Globalization.CultureInfo.InvariantCulture)),
        ("asked", wrong.Asked?.ToString(System.Globalization.CultureInfo.InvariantCulture)), ("answered", wrong.Answered?.ToString(System.Globalization.CultureInfo.InvariantCulture)));

    static async Task<(PlanDocument Plan, Placed Placed)?> Find(string of, string n, TownDb db, CancellationToken stop) =>
        await Revision.Shown(db, stop) is { } plan && HowFar.Indicators(plan).FirstOrDefault(p => p.Of == of && p.Number.ToString(System.Globalization.CultureInfo.InvariantCulture) == n) is { } placed ? (plan, placed) : null;

    internal static string BelongsTo(Guid actual) => $"plan/actuals/{actual}";

    static async Task<Opened> Read(PlanDocument plan, Placed placed, Visit visit, TownDb db, House house, TimeProvider time, CancellationToken stop)
    {
        var tree = await DepartmentTrees.Today(db, stop);
        var history = await History(placed.KeyIn(plan), db, stop);
        var values = history.Select(g => BelongsTo(g.Id)).ToArray();
        var files = (await db.Set<StoredFile>().AsNoTracking().Where(f => f.BelongsTo != null && values.Contains(f.BelongsTo)).OrderBy(f => f.CreatedAt).ToListAsync(stop)).ToLookup(f => f.BelongsTo);
        return new(plan, placed, await HowFar.Of(db, plan, time.Today(), stop), [.. history.Select(g => g with { Files = [.. files[BelongsTo(g.Id)]] })],
            await db.FilesAt(Evidence, PlaceOf(placed, visit), stop), MayGive.Value(visit.Visitor!, placed.Measure, tree), MayGive.DepartmentsOf(placed.Measure, tree).Count > 0,
            placed.Indicator.Figure is { } figure ? house.FiguresOf(visit.Town).Any(f => f.Key == figure) : null);
    }

    /// <summary>The newest of them; who wants older ones takes the file.</summary>
    internal static async Task<IReadOnlyList<Given>> History(IndicatorKey key, TownDb db, CancellationToken stop)
    {
        var rows = await db.Set<Actual>().AsNoTracking().Where(a => a.Plan == key.Plan && a.Of == key.Of && a.Indicator == key.Indicator)
            .OrderByDescending(a => a.OnDay).ThenByDescending(a => a.At).Take(MostShown)
            .LeftJoin(db.Set<Account>(), a => a.ById, who => (Guid?)who.Id, (a, who) => new { a, who })
            .OrderByDescending(r => r.a.OnDay).ThenByDescending(r => r.a.At)
            .Select(r => new Given(r.a.Id, r.a.OnDay, r.a.Value, r.a.Text, r.a.Source, r.a.Asked, r.a.Answered, r.a.Evidence, r.who == null ? null : r.who.Name, r.a.At, r.a.Corrects, r.a.Reason)).ToListAsync(stop);
        return [.. MarkCorrected(rows)];
    }

    internal static IEnumerable<Given> MarkCorrected(IReadOnlyList<Given> rows)
    {
        var corrected = rows.Select(g => g.Corrects).OfType<Guid>().ToHashSet();
        return rows.Select(g => g with { Corrected = corrected.Contains(g.Id) });
    }

    /// <summary>Each clerk's own: what one has not saved yet does not come in another's way.</summary>
    static string PlaceOf(Placed placed, Visit visit) => $"plan/actuals/{placed.Of}/{placed.Number}/{visit.Visitor!.AccountId}";

    /// <summary>All that the page is about.</summary>
    sealed record Opened(PlanDocument Plan, Placed Placed, HowFar Far, IReadOnlyList<Given> History, IReadOnlyList<StoredFile> Files, bool Mine, bool Departments, bool? MeasuresItself)
    {
        public Given? Standing(Guid? id) => History.FirstOrDefault(g => g.Id == id && !g.Corrected);

        public string Place(Visit visit) => PlaceOf(Placed, visit);

        public IResult Show(Form form, Visit visit, int? status = null, string? done = null) => Page.Show<WriteActualPage>(new
        {
            Form = form, Placed, Far, History, Files, Place = Place(visit), Mine, Departments, MeasuresItself, Done = done,
            Corrects = Guid.TryParse(form.Typed("corrects"), out var id) ? Standing(id) : null,
        }, status ?? (form.Wrong ? 422 : 200));
    }
}
