using System.ComponentModel;
using System.Text.Json.Nodes;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Files;
using Komachi.Platform.Forms;
using Komachi.Platform.Offices;
using Komachi.Platform.Systems;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>
/// How another system files for somebody, sends papers along, and asks how it stands. It is the same moment as for a person (<see cref="Filing"/>): the same checks, one receipt
/// number, one transaction; the audit names the system.
/// </summary>
public static class FilingsApi
{
    const int MostBytes = 1024 * 1024;

    /// <summary>What to send. Answers as <c>GET {key}/schema</c> describes them.</summary>
    /// <param name="Draft">Where files were sent before; none needed without files.</param>
    /// <param name="Stage">A later filing of a matter, with the receipt number of its first one as parent.</param>
    /// <param name="Assurance">How sure the system is of the person: none, code, signedIn, card.</param>
    /// <param name="Electronic">The person asked in this filing for the decision electronically.</param>
    public sealed record FilingRequest(JsonObject Answers, string? Draft, string? Stage, string? Parent, string? Assurance, string? Email, string? Telephone, bool? Electronic);

    public sealed record DraftAnswer(string Draft, DateTimeOffset EndsAt, string Files);

    public sealed record FiledAnswer(string Number, string State, DateTimeOffset ArrivedAt, DateOnly DueOn, long? FeeYen, string Status);

    /// <param name="State">arrived, correcting, accepted, granted, refused or withdrawn.</param>
    /// <param name="DueOn">When the standard period is over; it stands still while the applicant has to answer.</param>
    /// <param name="Moves">What the applicant was told, oldest first.</param>
    /// <param name="Correction">What the applicant is asked to correct now; for the system that filed it.</param>
    public sealed record StatusAnswer(string Number, string Procedure, string Stage, string State, DateTimeOffset ArrivedAt, DateOnly DueOn, bool StandsStill, DateTimeOffset? DecidedAt, long? FeeYen, MoveItem[] Moves, CorrectionItem? Correction);

    /// <param name="Text">For the system that filed it.</param>
    public sealed record MoveItem(DateTimeOffset At, string Kind, string? Text);

    public sealed record CorrectionItem(string[] Fields, string Text, DateOnly? Until);

    internal static void FileRoutes(IEndpointRouteBuilder to)
    {
        to.MapPost("{key}/drafts", Begin).WithName("procedureDraft").Produces<DraftAnswer>(201).WithSummary("Begin a filing with files: send them to it, then file it");
        to.MapPost("{key}/drafts/{draft}/files", Send).WithName("procedureFile").Accepts<IFormFile>("application/octet-stream").Produces(201).WithSummary("Send one file as the whole body; field is the question that asks for it, in a row estimates/0/estimateFile");
        to.MapPost("{key}/filings", Post).WithName("procedureFiling").Accepts<FilingRequest>("application/json").Produces<FiledAnswer>(201).WithSummary("File it: 201 with the receipt number, or 422 with what is missing or does not fit");
    }

    internal static void ReadRoutes(IEndpointRouteBuilder to) =>
        to.MapGet("{key}/filings/{number}", Status).WithName("procedureStatus").Produces<StatusAnswer>().WithSummary("How a filing stands, and what its applicant was told");

    static async Task<IResult> Begin(string key, OnceOnly once, Visit visit, TownDb db, TimeProvider time, HttpContext http)
    {
        if (await Catalog.Find(db, key, db.Today, http.RequestAborted) is not { } offered) return Page.NotFound;
        var draft = await NewDraft(offered.Id, offered.Procedure.First, null, visit, db, time, http.RequestAborted);
        var handle = $"{draft.Id:N}-{draft.NewKey()}";
        db.Audit(visit.Did("procedures.begin_by_system", KeepProcedures.SubjectOf(key)));
        return await once.Save(db, StatusCodes.Status201Created, null, new DraftAnswer(handle, draft.EndsAt, visit.LinkIn(Lang.Japanese, $"api/v1/procedures/{key}/drafts/{handle}/files")));
    }

    static async Task<Draft> NewDraft(Guid definition, Stage stage, Guid? parent, Visit visit, TownDb db, TimeProvider time, CancellationToken stop)
    {
        var draft = Draft.Begin(await db.Set<Published>().AsNoTracking().SingleAsync(d => d.Id == definition, stop), stage, Way.System, visit.Lang.Code, time.GetUtcNow(), parent: parent);
        db.Add(draft);
        return draft;
    }

    /// <summary>The draft's id and its key: whoever began it has both.</summary>
    static async Task<Draft?> DraftOf(string key, string handle, TownDb db, CancellationToken stop) =>
        handle.Split('-') is [var id, var secret] && Guid.TryParseExact(id, "N", out var draft) && await db.Set<Draft>().SingleOrDefaultAsync(d => d.Id == draft && d.Procedure == key && d.Way == Way.System, stop) is { } found && found.OpensWith(secret) ? found : null;

    static async Task<IResult> Send(string key, string draft, [Description("The question that asks for it")] string? field, [Description("The file's name, with its ending")] string? name, Visit visit, TownDb db, HttpContext http)
    {
        var stop = http.RequestAborted;
        if (await DraftOf(key, draft, db, stop) is not { } of) return Page.NotFound;
        var form = (await Catalog.Version(db, of.DefinitionId, stop)).StageOf(of.Stage).Form;
        var place = (field ?? "").Split('/') switch
        {
            [var one] when form.Fields.Any(f => f.Key == one && f.Field.Kind == "file") => one,
            [var group, var row, var inner] when int.TryParse(row, System.Globalization.NumberStyles.None, null, out var n) && n < 200 && form.Fields.Any(f => f.Key == group && f.Rows.Any(r => r.Key == inner && r.Field.Kind == "file")) => $"{group}/{n}/{inner}",
            _ => null,
        };
        if (place is null) return Wrong(422, "field_wrong", "field names a question of the form that asks for files.");
        if (of.CaseId is not null) return Wrong(409, "filed", "This draft was filed already.");
        if (string.IsNullOrEmpty(name)) return Wrong(422, "name_missing", "name is the file's name, with its ending.");
        var (file, status, why) = await SentBody.Receive(http, visit, db, Filing.Attachment, $"{of.Place}/{place}", name);
        return file is null ? Wrong(status, "file_refused", why!) : Results.Json(new { id = file.Id, bytes = file.Bytes }, statusCode: status);
    }

    static async Task<IResult> Post(string key, OnceOnly once, Visit visit, TownDb db, Words pageWords, Receipts receipts, TimeProvider time, HttpContext http)
    {
        var (stop, words) = (http.RequestAborted, pageWords.Bare);
        if (await Body(http) is not { } bytes) return Wrong(413, "body_large", "The body is larger than 1 MB. Files are sent on their own.");
        if (SentAnswers.Parse(bytes) is not { } sent || sent["answers"] is not JsonObject given) return Wrong(400, "body_unreadable", "Send JSON like {\"answers\": {…}}.");
        if (!Texts(sent, out var asked)) return Wrong(400, "body_unreadable", "Beside answers, everything is a text; electronic is true or false.");
        if (await Catalog.Find(db, key, db.Today, stop) is not { } offered) return Page.NotFound;

        Draft? draft = null;
        if (asked("draft") is { } handle)
        {
            draft = await DraftOf(key, handle, db, stop);
            if (draft is null) return Wrong(422, "draft_unknown", "There is no such draft. Begin one, send the files to it, and name it here.");
            if (draft.CaseId is not null) return Wrong(409, "filed", "This draft was filed already.");
        }
        var (procedure, stage, parent, no) = await StageOf(key, offered, draft, asked, visit, db, stop);
        if (no is not null) return no;
        draft ??= await NewDraft(procedure.Id, stage!, parent?.Id, visit, db, time, stop);
        if (draft.KeyHash is null) draft.NewKey();

        var assurance = Assurance.None;
        if (asked("assurance") is { } said && !Enum.TryParse(said, ignoreCase: true, out assurance)) return Wrong(422, "assurance_wrong", "assurance is one of none, code, signedIn, card.");
        if (Enum.Parse<Assurance>(procedure.Procedure.Definition.Assurance, ignoreCase: true) is var needed && assurance < needed)
            return Wrong(422, "assurance_low", words["This procedure asks for more certainty of who files: {0}.", procedure.Procedure.Definition.Assurance]);
        if (asked("email") is { Length: > 254 } || asked("telephone") is { Length: > 20 }) return Wrong(422, "contact_wrong", "email and telephone are an address and a number.");

        // The form stands in the middle of what was filed before it and of the office's calendar, as on its pages.
        var today = time.Today();
        var matter = parent is null ? [] : await Flow.Matter(db, parent, stop);
        var tree = await DepartmentTrees.On(today, db, stop);
        var calendar = await OpeningCalendar.OfDepartment(parent?.DepartmentId ?? Catalog.DepartmentOf(procedure.Procedure.Definition.Department, tree), tree, db, today, stop);
        var begin = FormState.Of(stage!.Form, [], today, outer: Flow.Around(procedure.Procedure, stage, matter, today), works: calendar is null ? null : calendar.IsWorkingDay);
        var read = new SentAnswers(stage, begin, await FormFiles.Of(db, Filing.Attachment, draft.Place, stop: stop), words);
        var answers = read.Read(given);
        if (read.Mistakes.Count > 0) return Mistakes(read.Mistakes, words);

        draft.Keep(answers, visit.Lang.Code, time.GetUtcNow());
        draft.Prove(assurance, asked("email"), asked("telephone"));
        var filed = await Filing.Send(draft, asked("electronic") == "true", visit, db, receipts, time, stop);
        if (filed.Case is not { } of) return Mistakes([.. filed.State.Mistakes.Select(m => new SentMistake(m.Path, m.Said is { } text ? filed.State.Say(text).In(words.Lang) : words[m.Message!]))], words);
        db.Add(new SystemFiling { CaseId = of.Id, SystemId = visit.System!.Id });
        var status = visit.LinkIn(Lang.Japanese, $"api/v1/procedures/{key}/filings/{of.Number}");
        try
        {
            return await once.Save(db, StatusCodes.Status201Created, status, new FiledAnswer(of.Number, Slug(of.State), of.ArrivedAt, of.DueOn, of.FeeYen, status), stop);
        }
        catch (DbUpdateException e) when (e.IsOvertaken())
        {
            return Wrong(409, "filed", "This draft was filed already.");
        }
    }

    /// <summary>The first filing of what is offered now; or a later one of a matter, in the version with which that began, where what opens it was granted.</summary>
    static async Task<(Offered Of, Stage? Stage, Case? Parent, IResult? No)> StageOf(string key, Offered offered, Draft? draft, Func<string, string?> asked, Visit visit, TownDb db, CancellationToken stop)
    {
        if (draft is not null && draft.DefinitionId != offered.Id) offered = new(draft.DefinitionId, offered.Number, await Catalog.Version(db, draft.DefinitionId, stop));
        if (asked("stage") is not { Length: > 0 } name) return (offered, offered.Procedure.First, null, null);
        if (draft is not null) return (offered, null, null, Wrong(422, "stage_wrong", "A later filing takes no draft here."));
        var number = Digits(asked("parent"));
        var parent = await db.Set<Case>().AsNoTracking().SingleOrDefaultAsync(c => c.Number == number && c.Procedure == key && c.ParentId == null && db.Set<SystemFiling>().Any(f => f.CaseId == c.Id && f.SystemId == visit.System!.Id), stop);
        if (parent is null) return (offered, null, null, Wrong(422, "parent_unknown", "parent is the receipt number of the first filing, which this system filed."));
        var whole = new Offered(parent.DefinitionId, 0, await Catalog.Version(db, parent.DefinitionId, stop));
        if (whole.Procedure.Stages.FirstOrDefault(s => s.Key == name) is not { } stage) return (offered, null, null, Wrong(422, "stage_wrong", "There is no such stage."));
        var matter = await Flow.Matter(db, parent, stop);
        var opens = stage.Definition.Opens is Procedure.Granted or "" ? "" : stage.Definition.Opens;
        if (!matter.Any(c => c.Stage == opens && c.State == CaseState.Granted) || matter.Any(c => c.Stage == name && c.IsOpen)) return (offered, null, null, Wrong(409, "stage_closed", "It cannot be filed now: what comes before it is not granted, or it is being looked at already."));
        return (whole, stage, parent, null);
    }

    static async Task<IResult> Status(string key, string number, Visit visit, TownDb db, HttpContext http)
    {
        var (digits, stop) = (Digits(number), http.RequestAborted);
        if (await db.Set<Case>().AsNoTracking().SingleOrDefaultAsync(c => c.Number == digits && c.Procedure == key, stop) is not { } of) return Page.NotFound;
        var own = await db.Set<SystemFiling>().AnyAsync(f => f.CaseId == of.Id && f.SystemId == visit.System!.Id, stop);
        var moves = await db.Set<Move>().AsNoTracking().Where(m => m.CaseId == of.Id && m.Told).OrderBy(m => m.Number).Select(m => new { m.At, m.Kind, m.Text }).ToListAsync(stop);
        var correction = own && of.State == CaseState.Correcting ? await db.Set<Correction>().AsNoTracking().SingleOrDefaultAsync(c => c.CaseId == of.Id && c.AnsweredAt == null && c.LeftAt == null, stop) : null;
        return Results.Ok(new StatusAnswer(of.Number, of.Procedure, of.Stage, Slug(of.State), of.ArrivedAt, of.DueOn, of.StoppedOn is not null, of.DecidedAt, of.FeeYen,
            [.. moves.Select(m => new MoveItem(m.At, Slug(m.Kind), own ? m.Text : null))], correction is null ? null : new(correction.Fields, correction.Text, correction.UntilOn)));
    }

    static IResult Mistakes(IReadOnlyList<SentMistake> mistakes, Words words) =>
        Results.Problem(statusCode: 422, title: words["Some answers are missing or do not fit"], detail: words["Nothing was filed. Mend what is listed and send it again."], extensions: new Dictionary<string, object?> { ["reason"] = "answers_wrong", ["mistakes"] = mistakes });

    static IResult Wrong(int status, string reason, string title) => Results.Problem(statusCode: status, title: title, extensions: new Dictionary<string, object?> { ["reason"] = reason });

    /// <summary>Everything beside the answers, as texts; electronic is a truth.</summary>
    static bool Texts(JsonObject sent, out Func<string, string?> asked)
    {
        var texts = new Dictionary<string, string?>();
        asked = name => texts.GetValueOrDefault(name) is { Length: > 0 } text ? text : null;
        foreach (var (name, value) in sent.Where(p => p.Key != "answers"))
            if (value is null) continue;
            else if (value is not JsonValue one) return false;
            else if (one.TryGetValue<string>(out var text) && name != "electronic") texts[name] = text;
            else if (one.TryGetValue<bool>(out var truth) && name == "electronic") texts[name] = truth ? "true" : null;
            else return false;
        return true;
    }

    static async Task<byte[]?> Body(HttpContext http)
    {
        if (http.Request.ContentLength > MostBytes) return null;
        var bytes = new byte[MostBytes + 1];
        var length = await http.Request.Body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, http.RequestAborted);
        return length > MostBytes ? null : bytes[..length];
    }

    static string Digits(string? number) => string.Concat((number ?? "").Where(char.IsAsciiDigit));

    static string Slug<T>(T state) where T : struct, Enum => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(state.ToString());
}
