using Komachi.Platform.Data;
using Komachi.Platform.Files;
using Komachi.Platform.Offices;
using Komachi.Platform.People;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Plan;

/// <summary>An event with the name of who did it.</summary>
public sealed record SheetHappening(int Number, DateTimeOffset At, string? By, SheetEventKind Kind, string From, string To, string? Text, List<Change>? Changes);

/// <summary>
/// One sheet at the desk. Whoever's turn it is writes what their stage asks and passes it on; who checks or decides asks back; the committee
/// declines with reasons; the department withdraws; the secretariat opens again. Everybody reads it, and says something to it.
/// </summary>
static class WriteSheet
{
    const int LongestText = 2000;

    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("sheets/{number}", async (string number, string? done, Visit visit, TownDb db, TimeProvider time, HttpContext http) =>
            await Rounds.FindSheet(db, number, http.RequestAborted) is var (sheet, round) ? await Show(sheet, round, SheetForm.Of(sheet, round), Form.Empty, visit, db, done: done) : Page.NotFound);
        to.MapPost("sheets/{number}", Write);
        to.MapPost("sheets/{number}/ask", (string number, Form form, Visit visit, TownDb db, TimeProvider time) =>
            Act(number, form, "question", visit, db, time, "plan.ask_back", (sheet, _, _) => sheet.Turn != Turn.Department, (sheet, _, text, by, now) => sheet.AskBack(text, by, now)));
        to.MapPost("sheets/{number}/comments", Comment);
    }

    /// <summary>For those who draft.</summary>
    public static void DraftRoutes(IEndpointRouteBuilder to) => to.MapPost("sheets/{number}/withdraw", (string number, Form form, Visit visit, TownDb db, TimeProvider time) =>
        Act(number, form, "withdrawal", visit, db, time, "plan.withdraw_sheet", (sheet, who, tree) => who.May("plan.draft", sheet.DepartmentId, tree), (sheet, _, text, by, now) => sheet.Withdraw(text, by, now), othersTurn: true));

    /// <summary>For those who check.</summary>
    public static void CheckRoutes(IEndpointRouteBuilder to) => to.MapPost("sheets/{number}/reopen", (string number, Form form, Visit visit, TownDb db, TimeProvider time) =>
        Act(number, form, "reopening", visit, db, time, "plan.reopen_sheet", (sheet, who, tree) => who.May("plan.check", sheet.DepartmentId, tree), (sheet, round, text, by, now) => sheet.Reopen(round, text, by, now), othersTurn: true, ended: true));

    /// <summary>For those who decide.</summary>
    public static void DecideRoutes(IEndpointRouteBuilder to) => to.MapPost("sheets/{number}/decline", (string number, Form form, Visit visit, TownDb db, TimeProvider time) =>
        Act(number, form, "reasons", visit, db, time, "plan.decline_sheet", (sheet, _, _) => sheet.Turn == Turn.Committee, (sheet, _, text, by, now) => sheet.Decline(text, by, now), decides: true));

    /// <summary>Saves what the turn opens; with the other button it also goes on.</summary>
    static async Task<IResult> Write(string number, Form form, Visit visit, TownDb db, TimeProvider time)
    {
        if (await Rounds.FindSheet(db, number) is not var (sheet, round)) return Page.NotFound;
        var (now, who) = (time.GetUtcNow(), visit.Visitor!);
        if (!SheetForm.IsOf(form, sheet)) return await Overtaken(form, number, visit, db);
        if (!who.MayAct(sheet, await DepartmentTrees.Today(db))) return Results.StatusCode(StatusCodes.Status403Forbidden);
        var (passes, plan) = (form.Typed("do") == "pass", await Revision.Shown(db, default));
        var text = SheetForm.Read(form, sheet, round, plan);
        var note = form.Text("note", LongestText, required: passes && sheet.Asked);
        CanStill(form, sheet, round, ended: false);
        if (passes && who.IsOwnDecision(sheet)) form.Wrongly("", "You wrote on this sheet yourself. Somebody else of the committee decides on it.");
        if (passes && !form.Wrong) SheetForm.NoteMissing(form, sheet, round, text);
        if (form.Wrong || form.Typed("do") is not ("save" or "pass")) return await Show(sheet, round, form, Form.Empty, visit, db);

        var before = (sheet.Asked, sheet.Turn);
        sheet.Write(text, who.AccountId, now);
        if (passes) sheet.Pass(round, note, who.AccountId, now);
        var done = !passes ? "saved" : before.Asked ? "answered" : before.Turn == Turn.Committee ? "adopted" : "passed";
        db.Audit(visit.Did(done switch { "saved" => "plan.write_sheet", "answered" => "plan.answer_sheet", "adopted" => "plan.adopt_sheet", _ => "plan.pass_sheet" }, Rounds.SubjectOf(sheet), new { sheet.Version, sheet.Stage, sheet.State }, at: now));
        return await Saved(sheet, done, form, Form.Empty, visit, db);
    }

    /// <summary>What needs a sentence: a question, reasons.</summary>
    static async Task<IResult> Act(string number, Form form, string field, Visit visit, TownDb db, TimeProvider time, string deed,
        Func<ActionSheet, Visitor, DepartmentTree, bool> may, Action<ActionSheet, YearlyRound, string, Guid, DateTimeOffset> act, bool othersTurn = false, bool ended = false, bool decides = false)
    {
        if (await Rounds.FindSheet(db, number) is not var (sheet, round)) return Page.NotFound;
        var (now, who, tree) = (time.GetUtcNow(), visit.Visitor!, await DepartmentTrees.Today(db));
        if (!SheetForm.IsOf(form, sheet)) return await Overtaken(form, number, visit, db, aside: true);
        if (!may(sheet, who, tree) || !othersTurn && !who.MayAct(sheet, tree)) return Results.StatusCode(StatusCodes.Status403Forbidden);
        var text = form.Text(field, LongestText, required: true);
        CanStill(form, sheet, round, ended);
        if (decides && who.IsOwnDecision(sheet)) form.Wrongly("", "You wrote on this sheet yourself. Somebody else of the committee decides on it.");
        if (decides && who.IsOwnDecision(sheet)) form.Wrongly("", "You wrote on this sheet yourself. Somebody else of the committee decides on it.");
        if (form.Wrong) return await Show(sheet, round, SheetForm.Of(sheet, round), form, visit, db);

        act(sheet, round, text, who.AccountId, now);
        db.Audit(visit.Did(deed, Rounds.SubjectOf(sheet), new { sheet.Version }, reason: text, at: now));
        return await Saved(sheet, deed.Split('.')[1], SheetForm.Of(sheet, round), form, visit, db);
    }

    static async Task<IResult> Comment(string number, Form form, Visit visit, TownDb db, TimeProvider time)
    {
        if (await Rounds.FindSheet(db, number) is not var (sheet, round)) return Page.NotFound;
        var (now, who) = (time.GetUtcNow(), visit.Visitor!);
        if (!Rounds.TakesPart(who)) return Results.StatusCode(StatusCodes.Status403Forbidden);
        var text = form.Text("comment", LongestText, required: true);
        if (form.Wrong) return await Show(sheet, round, SheetForm.Of(sheet, round), form, visit, db);
        sheet.Comment(text, who.AccountId, now);
        db.Audit(visit.Did("plan.comment_sheet", Rounds.SubjectOf(sheet), at: now));
        return await Saved(sheet, "commented", SheetForm.Of(sheet, round), form, visit, db);
    }

    static void CanStill(Form form, ActionSheet sheet, YearlyRound round, bool ended)
    {
        if (!round.IsOpen) form.Wrongly("", "This round is closed: its sheets stay as they are.");
        else if (ended ? sheet.State is not (SheetState.Declined or SheetState.Withdrawn) : sheet.State != SheetState.Open) form.Wrongly("", "The sheet does not stand where this could be done any more. Please look at it.");
    }

    static async Task<IResult> Saved(ActionSheet sheet, string done, Form form, Form aside, Visit visit, TownDb db)
    {
        await db.ClaimFiles(Rounds.Attachment, Rounds.PlaceOf(sheet, visit.Visitor!), Rounds.FilesOf(sheet));
        db.AddNews(sheet);
        var path = $"desk/plan/sheets/{sheet.Number}?done={done}";
        try
        {
            await db.Save((aside.Once ?? form.Once), visit.Link(path));
        }
        catch (DbUpdateConcurrencyException)    // between our look and our save
        {
            return await Overtaken(aside.Once is null ? form : aside, sheet.Number, visit, db, aside: aside.Once is not null);
        }
        return Page.Go(visit, path);
    }

    /// <summary>Somebody else was faster. What was typed stays, beside what stands now; sending it again is a decision.</summary>
    static async Task<IResult> Overtaken(Form form, string number, Visit visit, TownDb db, bool aside = false)
    {
        db.ChangeTracker.Clear();
        return await Rounds.FindSheet(db, number) is var (sheet, round) ? await Show(sheet, round, aside ? SheetForm.Of(sheet, round) : form, aside ? form : Form.Empty, visit, db, overtaken: true) : Page.NotFound;
    }

    static async Task<IResult> Show(ActionSheet sheet, YearlyRound round, Form form, Form aside, Visit visit, TownDb db, string? done = null, bool overtaken = false)
    {
        var (who, tree) = (visit.Visitor!, await DepartmentTrees.Today(db));
        return Page.Show<SheetPage>(new
        {
            Sheet = sheet, Round = round, Form = form, Aside = aside, Done = done, Overtaken = overtaken,
            Plan = await Revision.Shown(db, default), Department = tree.PathOf(sheet.DepartmentId, visit.Lang),
            Acts = sheet.State == SheetState.Open && round.IsOpen && who.MayAct(sheet, tree),
            Withdraws = sheet.State == SheetState.Open && round.IsOpen && who.May("plan.draft", sheet.DepartmentId, tree),
            Reopens = sheet.State is SheetState.Declined or SheetState.Withdrawn && round.IsOpen && who.May("plan.check", sheet.DepartmentId, tree),
            TakesPart = Rounds.TakesPart(who), Place = Rounds.PlaceOf(sheet, who),
            Sent = await db.FilesAt(Rounds.Attachment, Rounds.PlaceOf(sheet, who)), Kept = await db.FilesOf(Rounds.FilesOf(sheet)),
            History = await History(db, sheet),
        }, overtaken ? StatusCodes.Status409Conflict : form.Wrong || aside.Wrong ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK);
    }

    /// <summary>Newest first. Only staff act on sheets, so the names are those of staff.</summary>
    static async Task<IReadOnlyList<SheetHappening>> History(TownDb db, ActionSheet sheet) =>
        await db.Set<SheetEvent>().AsNoTracking().Where(e => e.SheetId == sheet.Id).LeftJoin(db.Set<Account>(), e => e.ById, a => (Guid?)a.Id, (e, a) => new { e, a })
            .OrderByDescending(h => h.e.Number).Take(300)
            .Select(h => new SheetHappening(h.e.Number, h.e.At, h.a == null ? null : h.a.Name, h.e.Kind, h.e.FromStage, h.e.ToStage, h.e.Text, h.e.Changes)).ToListAsync();
}
