using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Offices;
using Komachi.Platform.Web;
using Komachi.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Plan;

/// <summary>A department begins a sheet: for which year, for which measure or a new one, and what it is called. The rest is written on the sheet itself.</summary>
static class DraftSheet
{
    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("sheets/new", async (string? round, string? measure, Visit visit, TownDb db, TimeProvider time) =>
            await Show(Form.With(("round", round), ("measure", measure)), visit, db, time));
        to.MapPost("sheets/new", Post);
    }

    static async Task<IResult> Post(Form form, Visit visit, TownDb db, TimeProvider time)
    {
        var (now, who) = (time.GetUtcNow(), visit.Visitor!);
        var tree = await DepartmentTrees.Today(db);
        var open = await OpenOn(time.Today(), db);
        var chosen = open.Count == 1 ? open[0] : open.FirstOrDefault(r => r.Label == form.Typed("round"));
        if (chosen is null) form.Wrongly("round", open.Count == 0 ? "No round takes new sheets now." : "Please choose one.");
        var plan = await Revision.Shown(db, default);
        var department = form.Choice("department", [.. Drafts(who, tree).Select(d => d.Id.ToString())]);
        var measure = SheetForm.MeasureIn(form, plan);
        var title = form.Text("title", SheetField.LongestTitle, required: true);
        if (form.Wrong) return await Show(form, visit, db, time);

        await using var transaction = await db.Database.BeginTransactionAsync();
        var sheet = ActionSheet.Draft(await Rounds.NextNumber(db, chosen!), chosen!, title, measure, Guid.Parse(department), who.AccountId, now);
        db.Add(sheet);
        db.AddNews(sheet);
        db.Audit(visit.Did("plan.draft_sheet", Rounds.SubjectOf(sheet), new { sheet.Title, sheet.Measure }, at: now));
        var path = $"desk/plan/sheets/{sheet.Number}?done=drafted";
        await db.Save(form.Once, visit.Link(path));
        await transaction.CommitAsync();
        return Page.Go(visit, path);
    }

    static async Task<IResult> Show(Form form, Visit visit, TownDb db, TimeProvider time)
    {
        var tree = await DepartmentTrees.Today(db);
        return Page.Show<DraftSheetPage>(new
        {
            Form = form, Rounds = await OpenOn(time.Today(), db), Plan = await Revision.Shown(db, default),
            Departments = Drafts(visit.Visitor!, tree).Select(d => new Option(d.Id.ToString(), tree.PathOf(d.Id, visit.Lang))).ToArray(),
        }, form.Wrong ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK);
    }

    /// <summary>Rounds that take new sheets, the nearest year first.</summary>
    static async Task<IReadOnlyList<YearlyRound>> OpenOn(DateOnly today, TownDb db) =>
        [.. (await db.Set<YearlyRound>().AsNoTracking().Where(r => r.ClosedAt == null).OrderBy(r => r.Year).ThenBy(r => r.OpenedAt).ToListAsync()).Where(r => r.TakesSheets(today))];

    static IEnumerable<DepartmentNode> Drafts(Visitor who, DepartmentTree tree) => tree.All.Where(d => who.May("plan.draft", d.Id, tree));
}
