using System.Globalization;
using System.Text.Json.Nodes;
using Komachi.Platform.Data;
using Komachi.Platform.Forms;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>
/// The steps of a flow: ticked, filled in, noted, done, approved, given back. A form carries the version of its own step, so reviewers side by side
/// are in nobody's way.
/// </summary>
static class WorkOnSteps
{
    const int LongestNote = 3000;

    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapPost("cases/{id:guid}/steps/{key}", (Guid id, string key, Form form, [AsParameters] AtDesk desk) => Do(id, key, "check", form, desk));
        to.MapPost("cases/{id:guid}/return", Return);
    }

    /// <summary>For those who approve.</summary>
    public static void ApproveRoutes(IEndpointRouteBuilder to) =>
        to.MapPost("cases/{id:guid}/approve/{key}", (Guid id, string key, Form form, [AsParameters] AtDesk desk) => Do(id, key, "approve", form, desk));

    static async Task<IResult> Do(Guid id, string key, string kind, Form form, AtDesk desk)
    {
        if (await ShowCase.Find(id, desk) is not { } file || file.Find(key) is not { } step || step.Kind != kind || file.Stage.StepOf(key) is not { } compiled) return Page.NotFound;
        if (!file.MayDo(desk.Me, step)) return Results.StatusCode(StatusCodes.Status403Forbidden);
        if (form.Typed("version") != step.Version.ToString(CultureInfo.InvariantCulture)) return await ShowCase.Overtaken(id, key, form, desk);
        var (done, ticked) = (form.Typed("do") == "done", ReadTicked(form, compiled));
        if (step.State != StepState.Open || file.Of.State is not (CaseState.Arrived or CaseState.Accepted)) form.Wrongly("", "The filing does not stand where this could be done any more. Please look at it.");
        if (file.IsOwnWork(desk.MyId, step)) form.Wrongly("", "You checked this filing yourself. Somebody else approves it and decides on it.");
        if (done && ticked.Length < compiled.Step.Checklist.Count) form.Wrongly(key + "-tick", "Please tick every line of the list, once it is so.");
        var fields = ReadFields(form, file, compiled, step, passing: !done);
        var note = form.Text(key + "-note", LongestNote);
        if (form.Wrong || form.Typed("do") is not ("save" or "done")) return await ShowCase.Show(file, desk, new(key, form));

        step.Keep(ticked, fields, note.Length == 0 ? null : note, desk.MyId);
        if (done) Finish(file, step, note, desk.MyId, desk.Db, desk.Now);
        var deed = !done ? "keep_step" : kind == "approve" ? "approve" : "do_step";
        desk.Db.Audit(desk.Visit.Did("procedures." + deed, file.Of.Subject, new { Step = key }, about: file.Of.PersonId, at: desk.Now));
        return await Saved(file, key, deed, form, desk);
    }

    /// <summary>Done: what it filled in is part of the case, and what comes next opens. Whoever does the first step has accepted the filing by it.</summary>
    public static void Finish(CaseFile file, Step step, string? note, Guid by, TownDb db, DateTimeOffset now)
    {
        if (file.Of.State == CaseState.Arrived) file.Of.Accept(by, now);
        file.Of.Fill(file.Stage.StepOf(step.Key)!, step.Fields);
        step.Do(by, now);
        file.Of.Happened(MoveKind.StepDone, by, now, text: string.IsNullOrEmpty(note) ? null : note, details: new() { ["step"] = step.Key });
        file.TellSteps(db, now);
    }

    /// <summary>Whoever has a step open that comes later gives an earlier one back, with a reason: it is open again, and what came after it waits.</summary>
    static async Task<IResult> Return(Guid id, Form form, [AsParameters] AtDesk desk)
    {
        if (await ShowCase.Find(id, desk) is not { } file) return Page.NotFound;
        if (!ShowCase.IsOf(form, file)) return await ShowCase.Overtaken(id, "return", form, desk);
        var mine = file.Open().Where(s => file.MayDo(desk.Me, s)).ToArray();
        if (mine.Length == 0) return Results.StatusCode(StatusCodes.Status403Forbidden);
        var why = form.Text("returnWhy", LongestNote, required: true);
        var back = file.Find(form.Typed("step"));
        if (back is not { State: StepState.Done } || back.Order >= mine.Max(s => s.Order)) form.Wrongly("step", "Please choose the step that is to be done again.");
        if (form.Wrong) return await ShowCase.Show(file, desk, new("return", form));

        foreach (var later in file.Steps.Where(s => s.Order > back!.Order && s.State is (StepState.Done or StepState.Open))) later.Wait();
        back!.Return(desk.Now);
        file.Of.Happened(MoveKind.StepReturned, desk.MyId, desk.Now, text: why, details: new() { ["step"] = back.Key });
        desk.Db.Audit(desk.Visit.Did("procedures.return_step", file.Of.Subject, new { Step = back.Key }, about: file.Of.PersonId, at: desk.Now));
        return await Saved(file, "return", "return_step", form, desk);
    }

    static async Task<IResult> Saved(CaseFile file, string what, string done, Form form, AtDesk desk)
    {
        desk.Db.AddNews(file.Of);
        var path = $"desk/procedures/cases/{file.Of.Id}?done={done}";
        try
        {
            await desk.Db.Save(form.Once, desk.Visit.Link(path), desk.Stop);
        }
        catch (DbUpdateException e) when (e.IsOvertaken())
        {
            return await ShowCase.Overtaken(file.Of.Id, what, form, desk);
        }
        return Page.Go(desk.Visit, path);
    }

    public static int[] ReadTicked(Form form, CompiledStep step) =>
        [.. form.Many(step.Key + "-tick").Select(t => int.TryParse(t, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : -1).Where(n => n >= 0 && n < step.Step.Checklist.Count).Distinct().Order()];

    /// <param name="passing">Saved before it is done: what is still missing is asked for then.</param>
    public static JsonObject ReadFields(Form form, CaseFile file, CompiledStep compiled, Step step, bool passing = false) =>
        compiled.Fields is { } fields ? FormPages.Read(fields.Pages[0], form, step.Fields, file.StateOf(compiled, step.Fields), compiled.Key + "-", passing: passing) : [];
}
