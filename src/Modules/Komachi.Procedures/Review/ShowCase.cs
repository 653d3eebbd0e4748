using System.Globalization;
using Komachi.Platform.Data;
using Komachi.Platform.Files;
using Komachi.Platform.Offices;
using Komachi.Platform.People;
using Komachi.Platform.Web;
using Komachi.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>A form of the case's page that was sent, by the word at the end of its address; its page is shown again with what was typed.</summary>
public sealed record SentAtCase(string What, Form Form)
{
    public static SentAtCase Nothing => new("", Form.Empty);
}

/// <summary>Everything that the page of a case shows beside the case itself.</summary>
public sealed record CaseView(CaseFile File, SentAtCase Sent)
{
    public required string Department { get; init; }
    public required (string Text, Tone Tone) Clock { get; init; }
    public required IReadOnlyList<Noticed> Noticed { get; init; }
    public required IReadOnlyList<Point> Points { get; init; }
    public BudgetUse? Budget { get; init; }
    public required IReadOnlyList<Move> Moves { get; init; }
    public required IReadOnlyList<Letter> Letters { get; init; }

    /// <summary>The correction that is waited for, or the last one that was answered.</summary>
    public Correction? Correction { get; init; }
    public required IReadOnlyList<StoredFile> Files { get; init; }
    public required IReadOnlyDictionary<Guid, string> Names { get; init; }
    public required IReadOnlyList<Option> Colleagues { get; init; }
    public required IReadOnlyList<Option> Departments { get; init; }
    public required IReadOnlyList<(Case Of, string Title)> Matter { get; init; }
    public IReadOnlyList<LetterDraft>? Preview { get; init; }
    public string? Done { get; init; }
    public bool Overtaken { get; init; }

    /// <summary>Of the department in charge: it sees what is secret, and moves the case as a whole.</summary>
    public bool InCharge { get; init; }

    /// <summary>What is typed in a form that comes back; empty for the others.</summary>
    public Form FormOf(string what) => Sent.What == what ? Sent.Form : Form.Empty;
}

/// <summary>A case at the desk: what was asked, what there is to decide, what happened. Whoever reads it is written down.</summary>
static class ShowCase
{
    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("cases/{id:guid}", Get);
        to.MapGet("cases/{id:guid}/pdf", Print);
        to.MapGet("cases/{id:guid}/correction/pdf", PrintRequest);
    }

    static async Task<IResult> Get(Guid id, string? done, [AsParameters] AtDesk desk)
    {
        if (await CaseFile.Open(desk.Db, id, await desk.Tree(), desk.Today, desk.Stop) is not { } file || !file.MayRead(desk.Me)) return Page.NotFound;
        if (await Veil(file, desk, $"desk/procedures/cases/{id}") is { } veil) return veil;
        desk.Db.Audit(desk.Visit.Did("procedures.read", file.Of.Subject, about: file.Of.PersonId, at: desk.Now));
        await desk.Db.Save(stop: desk.Stop);
        return await Show(file, desk, SentAtCase.Nothing, done: done);
    }

    static async Task<IResult> Print(Guid id, [AsParameters] AtDesk desk)
    {
        if (await Find(id, desk) is not { } file) return Page.NotFound;
        if (await Veil(file, desk, $"desk/procedures/cases/{id}/pdf") is { } veil) return veil;
        file.Of.Happened(MoveKind.Printed, desk.MyId, desk.Now);
        desk.Db.Audit(desk.Visit.Did("procedures.print", file.Of.Subject, about: file.Of.PersonId, at: desk.Now));
        desk.Db.AddNews(file.Of);
        await desk.Db.Save(stop: desk.Stop);
        return Page.Pdf<CasePaper>(new { View = await ViewOf(file, desk, SentAtCase.Nothing) }, $"{new ReceiptText(file.Of.Number)}.pdf");
    }

    /// <summary>補正の求め on paper, for whom no mail reaches: what to correct, until when, and how to answer.</summary>
    static async Task<IResult> PrintRequest(Guid id, [AsParameters] AtDesk desk)
    {
        if (await Find(id, desk) is not { } file || !file.InCharge(desk.Me)) return Page.NotFound;
        if (await Correction.Awaited(desk.Db, file.Of, desk.Stop) is not { } asked) return Page.Go(desk.Visit, $"desk/procedures/cases/{id}");
        var office = (await AskableOffices.Today(desk.Db, desk.Stop)).Of(file.Of.DepartmentId);
        desk.Db.Audit(desk.Visit.Did("procedures.print_request", file.Of.Subject, about: file.Of.PersonId, at: desk.Now));
        await desk.Db.Save(stop: desk.Stop);
        return Page.Pdf<CorrectionPaper>(new { File = file, Asked = asked, Office = office, Online = file.Of.Email is not null || file.Of.Telephone is not null ? desk.Http.Sent(desk.Visit, Komachi.Ui.Words.Lang.Japanese, "procedures/find") : null }, $"{new ReceiptText(file.Of.Number)}.pdf");
    }

    /// <summary>The case, for somebody who may work on it; null for everybody else, and where it is about a person of whom they must not know.</summary>
    public static async Task<CaseFile?> Find(Guid id, AtDesk desk) =>
        await CaseFile.Open(desk.Db, id, await desk.Tree(), desk.Today, desk.Stop) is { } file && file.MayRead(desk.Me) && !await IsHidden(file.Of, desk.Persons) ? file : null;

    /// <summary>About a protected person whom this visitor has not opened with a reason, or must not.</summary>
    internal static async Task<bool> IsHidden(Case of, Persons persons) => of.PersonId is { } person && (await persons.HiddenAmong([person])).Count > 0;

    /// <summary>What is shown instead of a case about somebody under protection: to whom may open it the question why, to everybody else that it is there.</summary>
    public static async Task<IResult?> Veil(CaseFile file, AtDesk desk, string path)
    {
        if (file.Of.PersonId is not { } person || await desk.Persons.See(person, file.Of.Subject) is not { Hidden: true } seen) return null;
        return seen.MayOpen ? Page.Go(desk.Visit, Persons.OpeningOf(person, path)) : Page.Show<VeiledCasePage>(new { file.Of, Title = file.Procedure.Title.In(desk.Visit.Lang) });
    }

    public static bool IsOf(Form form, CaseFile file) => form.Typed("version") == file.Of.Version.ToString(CultureInfo.InvariantCulture);

    /// <summary>Somebody else was faster. What was typed stays, beside what stands now; sending it again is a decision.</summary>
    public static async Task<IResult> Overtaken(Guid id, string what, Form form, AtDesk desk)
    {
        desk.Db.ChangeTracker.Clear();
        return await Find(id, desk) is { } file ? await Show(file, desk, new(what, form), overtaken: true) : Page.NotFound;
    }

    public static async Task<IResult> Show(CaseFile file, AtDesk desk, SentAtCase sent, string? done = null, bool overtaken = false, IReadOnlyList<LetterDraft>? preview = null) =>
        Page.Show<CasePage>(new { View = await ViewOf(file, desk, sent, done, overtaken, preview) }, overtaken ? StatusCodes.Status409Conflict : sent.Form.Wrong ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK);

    static async Task<CaseView> ViewOf(CaseFile file, AtDesk desk, SentAtCase sent, string? done = null, bool overtaken = false, IReadOnlyList<LetterDraft>? preview = null)
    {
        var (of, db, t, stop) = (file.Of, desk.Db, desk.Words, desk.Stop);
        var moves = await db.Set<Move>().AsNoTracking().Where(m => m.CaseId == of.Id).OrderBy(m => m.Number).Take(500).ToListAsync(stop);
        var corrections = await db.Set<Correction>().AsNoTracking().Where(c => c.CaseId == of.Id && c.LeftAt == null).OrderByDescending(c => c.AskedAt).Take(1).ToListAsync(stop);
        var holders = (await db.WhoHolds("procedures.review", desk.Today, stop)).Where(h => h.DepartmentId is not { } where || file.Tree.IsWithin(of.DepartmentId, where)).Select(h => h.AccountId).ToHashSet();
        var ids = moves.Select(m => m.ById).Concat(file.Steps.Select(s => s.ById)).Append(of.AssigneeId).Append(of.AssistedById).OfType<Guid>().Union(holders).Append(desk.MyId).ToArray();
        var names = await StaffNames.Of(db, ids, stop);
        var calendar = await file.Calendar(db, stop);
        var inCharge = file.InCharge(desk.Me);
        return new(file, sent)
        {
            Department = file.Tree.PathOf(of.DepartmentId, desk.Visit.Lang), Clock = CaseWords.Clock(of.State, of.DueOn, of.StoppedOn, !of.IsOpen, desk.Today, calendar, t),
            Noticed = await AutomaticChecks.Of(file, db, t, desk.Persons.HiddenAmong, stop), Points = AutomaticChecks.Points(file, t), Budget = await BudgetUse.Of(file.Procedure, db, desk.Today, stop),
            Moves = moves, Letters = await db.Set<Letter>().AsNoTracking().Where(l => l.CaseId == of.Id).OrderBy(l => l.MadeAt).ToListAsync(stop), Correction = corrections.FirstOrDefault(),
            Files = await db.FilesOf(of.Subject, stop), Names = names, Colleagues = [.. holders.Where(names.ContainsKey).Select(h => new Option(h.ToString(), names[h]) { IsName = true }).OrderBy(o => o.Text, StringComparer.Ordinal)],
            Departments = [.. file.Tree.All.Where(d => d.Depth > 0 && d.Id != of.DepartmentId).Select(d => new Option(d.Id.ToString(), file.Tree.PathOf(d.Id, desk.Visit.Lang)))],
            Matter = [.. file.Matter.Where(c => c.Id != of.Id).Select(c => (c, file.Procedure.Stages.FirstOrDefault(s => s.Key == c.Stage)?.Definition.Title.In(desk.Visit.Lang) ?? ""))],
            Preview = preview, Done = done, Overtaken = overtaken, InCharge = inCharge,
        };
    }
}
