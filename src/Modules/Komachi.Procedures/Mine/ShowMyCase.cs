using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Files;
using Komachi.Platform.Forms;
using Komachi.Platform.Offices;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>A later filing of the same matter that can be sent now.</summary>
public sealed record OpenStage(Stage Stage, DateOnly? DueOn);

/// <summary>A case as its applicant sees it.</summary>
public sealed record MyCase(Case Case, Procedure Procedure, Stage Stage, IReadOnlyList<Move> Moves, Correction? Correction, IReadOnlyList<Letter> Letters, IReadOnlyList<OpenStage> Stages, IReadOnlyList<Case> Matter, DateOnly Today);

/// <summary>One's own filing: how it stands, what happens next and by when, what was said, and what one can do about it.</summary>
static class ShowMyCase
{
    public const int LongestMessage = 2000, LongestReason = 500;

    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("cases/{id:guid}", async (Guid id, string? done, Visit visit, TownDb db, HttpContext http) =>
            await MyCases.Find(visit, id, db, http.RequestAborted) is { } of ? await Show(of, Form.Empty, db, http, done: done) : Page.NotFound);
        to.MapPost("cases/{id:guid}/message", Write);
        to.MapGet("cases/{id:guid}/withdraw", async (Guid id, Visit visit, TownDb db, HttpContext http) => await MyCases.Find(visit, id, db, http.RequestAborted) is { } of
            ? of.IsOpen ? await Confirm(of, Form.Empty, db) : Page.Go(visit, PathOf(id)) : Page.NotFound);
        to.MapPost("cases/{id:guid}/withdraw", Withdraw);
        to.MapGet("cases/{id:guid}/filed", async (Guid id, Visit visit, TownDb db, HttpContext http) =>
            await MyCases.Find(visit, id, db, http.RequestAborted) is { } of ? Page.Show<FiledPage>(await Filed(of, db, http)) : Page.NotFound);
        to.MapGet("cases/{id:guid}/pdf", async (Guid id, Visit visit, TownDb db, HttpContext http) =>
            await MyCases.Find(visit, id, db, http.RequestAborted) is { } of ? Page.Pdf<FiledPaper>(await Filed(of, db, http), $"{of.Number}.pdf") : Page.NotFound);
    }

    public static string PathOf(Guid id) => $"procedures/cases/{id}";

    internal static async Task<IResult> Show(Case of, Form form, TownDb db, HttpContext http, string? done = null, int? status = null) =>
        Page.Show<MyCasePage>(new { Mine = await Read(of, db, http.RequestAborted), Form = form, Done = done }, status ?? (form.Wrong ? 422 : 200));

    /// <summary>Four statements beside the case itself.</summary>
    static async Task<MyCase> Read(Case of, TownDb db, CancellationToken stop)
    {
        var procedure = await Catalog.Version(db, of.DefinitionId, stop);
        var moves = await db.Set<Move>().AsNoTracking().Where(m => m.CaseId == of.Id && m.Told).OrderBy(m => m.Number).ToListAsync(stop);
        var correction = await Correction.Awaited(db, of, stop);
        var letters = await db.Set<Letter>().AsNoTracking().Where(l => l.CaseId == of.Id).OrderBy(l => l.MadeAt).ToListAsync(stop);
        var matter = await Flow.Matter(db, of, stop);
        return new(of, procedure, procedure.StageOf(of.Stage), moves, correction, letters, OpenStages(procedure, matter, db.Today), matter, db.Today);
    }

    /// <summary>What opens with a grant, and was not filed yet.</summary>
    internal static IReadOnlyList<OpenStage> OpenStages(Procedure procedure, IReadOnlyList<Case> matter, DateOnly today)
    {
        var open = new List<OpenStage>();
        foreach (var stage in procedure.Stages.Skip(1).Where(s => Flow.IsOpen(s, matter)))
        {
            var due = stage.Due is { } by && Flow.Around(procedure, stage, matter, today) is { } around && by.Of(around) is { Sort: Sort.Day } on ? on.Day : (DateOnly?)null;
            open.Add(new(stage, due));
        }
        return open;
    }

    static async Task<object> Filed(Case of, TownDb db, HttpContext http)
    {
        var procedure = await Catalog.Version(db, of.DefinitionId, http.RequestAborted);
        var state = Flow.StateOf(procedure, of, of.ParentId is null ? [] : await Flow.Matter(db, of, http.RequestAborted));
        return new { Case = of, Procedure = procedure, State = state, Files = new FormFiles(Filing.Attachment, "", await db.FilesOf(of.Subject, http.RequestAborted)) };
    }

    static async Task<IResult> Write(Guid id, Form form, Visit visit, TownDb db, TimeProvider time, HttpContext http)
    {
        if (await MyCases.Find(visit, id, db, http.RequestAborted) is not { } of) return Page.NotFound;
        var text = form.Text("message", LongestMessage, required: true);
        if (!of.IsOpen) form.Wrongly("", "It is over: nobody would read this here. Please ask the office below.");
        if (form.Wrong) return await Show(of, form, db, http);
        of.Message(text, fromApplicant: true, visit.Visitor?.AccountId, time.GetUtcNow());
        db.Audit(visit.Did("procedures.write", of.Subject, about: of.PersonId));
        return await Save(of, form, visit, db, http, "message");
    }

    static async Task<IResult> Confirm(Case of, Form form, TownDb db) =>
        Page.Show<WithdrawMyCasePage>(new { Case = of, Procedure = await Catalog.Version(db, of.DefinitionId), Form = form }, form.Wrong ? 422 : 200);

    static async Task<IResult> Withdraw(Guid id, Form form, Visit visit, TownDb db, TimeProvider time, HttpContext http)
    {
        if (await MyCases.Find(visit, id, db, http.RequestAborted) is not { } of) return Page.NotFound;
        if (!of.IsOpen) return Page.Go(visit, PathOf(id));
        var reasons = form.Text("reasons", LongestReason);
        if (form.Wrong) return await Confirm(of, form, db);
        await TakeBack(of, reasons.Length > 0 ? reasons : null, visit, db, time.GetUtcNow(), http.RequestAborted);
        return await Save(of, form, visit, db, http, "withdraw");
    }

    /// <summary>By its applicant, or by the system that filed it for them. Who calls it adds the news and saves.</summary>
    internal static async Task TakeBack(Case of, string? reasons, Visit visit, TownDb db, DateTimeOffset now, CancellationToken stop)
    {
        of.Withdraw(reasons, await Flow.StepsOf(db, of.Id, stop), await Correction.Awaited(db, of, stop), visit.Visitor?.AccountId, now);
        db.Audit(visit.Did("procedures.take_back", of.Subject, new { of.Procedure, of.Stage }, about: of.PersonId));
    }

    /// <summary>Somebody of the town may have gone on with it at the same moment: what was typed stays, beside how it stands now.</summary>
    static async Task<IResult> Save(Case of, Form form, Visit visit, TownDb db, HttpContext http, string done)
    {
        var path = $"{PathOf(of.Id)}?done={done}";
        db.AddNews(of);
        try
        {
            await db.Save(form.Once, visit.Link(path), http.RequestAborted);
            return Page.Go(visit, path);
        }
        catch (DbUpdateConcurrencyException)
        {
            db.ChangeTracker.Clear();
            if (await MyCases.Find(visit, of.Id, db, http.RequestAborted) is not { } now) return Page.NotFound;
            form.Wrongly("", "The department went on with your filing at this very moment. Look how it stands now, then send it once more.");
            return await Show(now, form, db, http, status: 409);
        }
    }
}
