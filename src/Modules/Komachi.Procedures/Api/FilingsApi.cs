using System.Buffers;
using System.ComponentModel;
using System.Globalization;
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
    const int MostBytes = 1024 * 1024, MostMoved = 100;

    /// <summary>What to send. Answers as <c>GET {key}/schema</c> describes them.</summary>
    /// <param name="Draft">Where files were sent before; none needed without files.</param>
    /// <param name="Stage">A later filing of a matter, with the receipt number of its first one as parent.</param>
    /// <param name="Assurance">How sure the system is of the person: none, code, signedIn, card.</param>
    /// <param name="Email">The applicant's, who is told there how it goes on, and gets the codes there that open the filing.</param>
    /// <param name="Electronic">The person asked in this filing for the decision electronically: with their email, and an assurance of code or more.</param>
    public sealed record FilingRequest(JsonObject Answers, string? Draft, string? Stage, string? Parent, string? Assurance, string? Email, string? Telephone, bool? Electronic);

    public sealed record DraftAnswer(string Draft, DateTimeOffset EndsAt, string Files);

    public sealed record FileAnswer(Guid Id, long? Bytes);

    public sealed record FiledAnswer(string Number, string State, DateTimeOffset ArrivedAt, DateOnly DueOn, long? FeeYen, string Status);

    /// <param name="State">arrived, correcting, accepted, granted, refused or withdrawn.</param>
    /// <param name="DueOn">When the standard period is over; it stands still while the applicant has to answer.</param>
    /// <param name="Moves">What the applicant was told, oldest first.</param>
    /// <param name="Correction">What the applicant is asked to correct now; for the system that filed it.</param>
    public sealed record StatusAnswer(string Number, string Procedure, string Stage, string State, DateTimeOffset ArrivedAt, DateOnly DueOn, bool StandsStill, DateTimeOffset? DecidedAt, long? FeeYen, MoveItem[] Moves, CorrectionItem? Correction);

    /// <param name="Text">For the system that filed it.</param>
    public sealed record MoveItem(DateTimeOffset At, string Kind, string? Text);

    public sealed record CorrectionItem(string[] Fields, string Text, DateOnly? Until);

    /// <param name="Next">Where to ask for what moves after these: it may be asked again and again. What moved within a minute before may come once more.</param>
    public sealed record MovedAnswer(MovedItem[] Filings, string Next);

    public sealed record MovedItem(string Number, string Stage, string State, DateTimeOffset MovedAt, string Status);

    /// <param name="Reasons">As the applicant says them; none are needed.</param>
    public sealed record WithdrawalRequest(string? Reasons);

    public sealed record WithdrawnAnswer(string Number, string State, string Status);

    internal static void FileRoutes(IEndpointRouteBuilder to)
    {
        to.MapPost("{key}/drafts", Begin).WithName("procedureDraft").Produces<DraftAnswer>(201).ProducesProblem(404).WithSummary("Begin a filing with files: send them to it, then file it");
        to.MapPost("{key}/drafts/{draft}/files", Send).WithName("procedureFile").Accepts<IFormFile>("application/octet-stream").Produces<FileAnswer>(201).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422).WithSummary("Send one file as the whole body; field is the question that asks for it, in a row estimates/0/estimateFile");
        to.MapPost("{key}/filings", Post).WithName("procedureFiling").Accepts<FilingRequest>("application/json").Produces<FiledAnswer>(201).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(413).ProducesProblem(422).WithSummary("File it: 201 with the receipt number, or 422 with what is missing or does not fit");
        to.MapPost("{key}/filings/{number}/withdrawal", Withdraw).WithName("procedureWithdrawal").Accepts<WithdrawalRequest>("application/json").Produces<WithdrawnAnswer>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).WithSummary("Withdraw what this system filed, for its applicant, as long as it is not decided");
    }

    internal static void ReadRoutes(IEndpointRouteBuilder to)
    {
        to.MapGet("{key}/filings", Moved).WithName("procedureFilings").Produces<MovedAnswer>().ProducesProblem(404).ProducesProblem(422).WithSummary("What this system filed, in the order in which it moved: what was missed by a webhook, or all of it");
        to.MapGet("{key}/filings/{number}", Status).WithName("procedureStatus").Produces<StatusAnswer>().ProducesProblem(404).WithSummary("How a filing stands, and what its applicant was told");
    }

    static async Task<IResult> Begin(string key, OnceOnly once, Visit visit, TownDb db, TimeProvider time, HttpContext http)
    {
        if (await Catalog.Find(db, key, db.Today, http.RequestAborted) is not { } offered) return Page.NotFound;
        var draft = NewDraft(offered, offered.Procedure.First, null, visit, db, time);
        var handle = $"{draft.Id:N}-{draft.NewKey()}";
        db.Audit(visit.Did("procedures.begin_by_system", KeepProcedures.SubjectOf(key)));
        return await once.Save(db, StatusCodes.Status201Created, null, new DraftAnswer(handle, draft.EndsAt, visit.LinkIn(Lang.Japanese, $"api/v1/procedures/{key}/drafts/{handle}/files")));
    }

    static Draft NewDraft(Offered of, Stage stage, Guid? parent, Visit visit, TownDb db, TimeProvider time)
    {
        var draft = Draft.Begin(of.Id, of.Procedure, stage, Way.System, visit.Lang.Code, time.GetUtcNow(), parent: parent);
        db.Add(draft);
        return draft;
    }

    /// <summary>The draft's id and its key: whoever began it has both.</summary>
    static async Task<Draft?> DraftOf(string key, string handle, TownDb db, CancellationToken stop) =>
        handle.Split('-') is [var id, var secret] && Guid.TryParseExact(id, "N", out var draft) && await Begun(db, draft, key, stop) is { } found && found.OpensWith(secret) ? found : null;

    static readonly Func<TownDb, Guid, string, CancellationToken, Task<Draft?>> Begun = EF.CompileAsyncQuery((TownDb db, Guid id, string key, CancellationToken stop) => db.Set<Draft>().SingleOrDefault(d => d.Id == id && d.Procedure == key && d.Way == Way.System));

    static async Task<IResult> Send(string key, string draft, [Description("The question that asks for it")] string? field, [Description("The file's name, with its ending")] string? name, Visit visit, TownDb db, HttpContext http)
    {
        var stop = http.RequestAborted;
        if (await DraftOf(key, draft, db, stop) is not { } of) return Page.NotFound;
        var form = (await Catalog.Version(db, of.DefinitionId, stop)).StageOf(of.Stage).Form;
        var place = (field ?? "").Split('/') switch
        {
            [var one] when form.Fields.Any(f => f.Key == one && f.Field.Kind == "file") => one,
            [var group, var row, var inner] when int.TryParse(row, NumberStyles.None, null, out var n) && n < 200 && form.Fields.Any(f => f.Key == group && f.Rows.Any(r => r.Key == inner && r.Field.Kind == "file")) => $"{group}/{n}/{inner}",
            _ => null,
        };
        if (place is null) return Wrong(422, "field_wrong", "field names a question of the form that asks for files.");
        if (of.CaseId is not null) return Wrong(409, "filed", "This draft was filed already.");
        if (string.IsNullOrEmpty(name)) return Wrong(422, "name_missing", "name is the file's name, with its ending.");
        var (file, status, why) = await SentBody.Receive(http, visit, db, Filing.Attachment, $"{of.Place}/{place}", name);
        return file is null ? Wrong(status, "file_refused", why!) : Results.Json(new FileAnswer(file.Id, file.Bytes), statusCode: status);
    }

    static async Task<IResult> Post(string key, OnceOnly once, Visit visit, TownDb db, Words pageWords, Receipts receipts, TimeProvider time, HttpContext http)
    {
        var (stop, words) = (http.RequestAborted, pageWords.Bare);
        if (await Body(http) is not { } bytes) return Wrong(413, "body_large", "The body is larger than 1 MB. Files are sent on their own.");
        if (SentAnswers.Parse(bytes) is not { } sent || sent["answers"] is not JsonObject given) return Wrong(400, "body_unreadable", "Send JSON like {\"answers\": {…}}.");
        if (!Texts(sent, out var asked)) return Wrong(400, "body_unreadable", "Beside answers, everything is a text; electronic is true or false.");
        var offered = await Catalog.Find(db, key, db.Today, stop);
        // What began goes on, also where nothing new is taken.
        if (offered is null && asked("stage") is null) return Page.NotFound;

        Draft? draft = null;
        if (asked("draft") is { } handle)
        {
            draft = await DraftOf(key, handle, db, stop);
            if (draft is null) return Wrong(422, "draft_unknown", "There is no such draft. Begin one, send the files to it, and name it here.");
            if (draft.CaseId is not null) return Wrong(409, "filed", "This draft was filed already.");
        }
        var (procedure, stage, parent, no) = await StageOf(key, offered, draft, asked, visit, db, stop);
        if (no is not null) return no;
        if (Procedure.AssuranceOf(asked("assurance") ?? nameof(Assurance.None)) is not { } assurance) return Wrong(422, "assurance_wrong", "assurance is one of none, code, signedIn, card.");
        var contact = Form.With(("email", asked("email")), ("telephone", asked("telephone")));
        var (email, telephone) = (contact.Email("email"), contact.Telephone("telephone")?.Digits);
        if (contact.Wrong) return Wrong(422, "contact_wrong", words[contact.Mistakes[0].Message, contact.Mistakes[0].Values]);
        draft ??= NewDraft(procedure!, stage!, parent?.Id, visit, db, time);
        if (draft.KeyHash is null) draft.NewKey();

        // The form stands in the middle of what was filed before it and of the office's calendar, as on its pages.
        var filling = await Filling.Of(draft, db, time.Today(), stop);
        var read = new SentAnswers(stage!, filling.With([]).State, filling.Files, words);
        draft.Keep(read.Read(given), visit.Lang.Code, time.GetUtcNow());
        draft.Prove(assurance, email, telephone);
        var look = await CheckFiling.Look(filling.With(filling.Files.In(stage!.Form, draft.Answers)), db, time.Today(), stop);
        var electronic = asked("electronic") == "true";
        if (Refused(look, electronic, words) is { } refused) return refused;
        if (read.Mistakes.Count > 0) return Mistakes(read.Mistakes, words);
        if (look.Signers.FirstOrDefault(s => s.To is null) is { } unreachable) return Mistakes([new(unreachable.Of.Signer.Email, words["Please write an e-mail address."])], words);

        var filed = await Filing.Send(look, electronic, visit, db, receipts, time, stop);
        if (filed.Case is not { } of) return Mistakes([.. filed.State.Mistakes.Select(m => new SentMistake(m.Path, m.Said is { } text ? filed.State.Say(text).In(words.Lang) : words[m.Message!]))], words);
        Signing.AskAfterwards(look, of, visit, db, words, time.GetUtcNow(), http);
        db.Add(new SystemFiling { CaseId = of.Id, SystemId = visit.System!.Id });
        var status = StatusOf(key, of.Number, visit);
        try
        {
            return await once.Save(db, StatusCodes.Status201Created, status, new FiledAnswer(of.Number, Slug(of.State), of.ArrivedAt, of.DueOn, of.FeeYen, status), stop);
        }
        catch (DbUpdateException e) when (e.IsOvertaken())
        {
            // A file that was refused in the same moment overtakes it too, and then nothing was filed.
            return await db.Set<Draft>().AsNoTracking().AnyAsync(d => d.Id == draft.Id && d.CaseId != null, stop) ? Wrong(409, "filed", "This draft was filed already.") : Wrong(409, "busy", "A file of it was just being checked. Send the same request again.");
        }
    }

    /// <summary>What the pages would say before the answers are looked at: that it is not open, or follows an older law, or who files is not known well enough.</summary>
    static IResult? Refused(Checked look, bool electronic, Words words) => look switch
    {
        { Closed: Closed.NotOffered } => Page.NotFound,
        { Closed: Closed.BudgetUsedUp } => Wrong(409, "budget_used_up", words["The money for this year is used up"]),
        { Closed: Closed.StageFiled or Closed.StageNotOpen } => Wrong(409, "stage_closed", "It cannot be filed now: what comes before it is not granted, or it was filed already."),
        { NewVersion: true } => Wrong(409, "version_over", words["The rules have changed since this draft was begun. Begin another, send the files to it, and file it as the form is now."]),
        { NeedsContact: true } or { MustSignIn: true } => Wrong(422, "assurance_low", words["This procedure asks for more certainty of who files: {0}.", look.Filling.Procedure.Definition.Assurance]),
        { CanOpen: false } when electronic => Wrong(422, "electronic_wrong", words["Nobody could open the decision here: send the applicant's email, with an assurance of code or more. Without electronic it comes on paper."]),
        _ => null,
    };

    /// <summary>The first filing of what is offered now; or a later one of a matter, in the version with which that began.</summary>
    static async Task<(Offered? Of, Stage? Stage, Case? Parent, IResult? No)> StageOf(string key, Offered? offered, Draft? draft, Func<string, string?> asked, Visit visit, TownDb db, CancellationToken stop)
    {
        if (asked("stage") is not { } name)
        {
            var of = draft is null ? offered! : new(draft.DefinitionId, 0, await Catalog.Version(db, draft.DefinitionId, stop));
            return (of, of.Procedure.First, null, null);
        }
        if (draft is not null) return (null, null, null, Wrong(422, "stage_wrong", "A later filing takes no draft here."));
        var number = Digits(asked("parent"));
        var parent = await db.Set<Case>().AsNoTracking().SingleOrDefaultAsync(c => c.Number == number && c.Procedure == key && c.ParentId == null && db.Set<SystemFiling>().Any(f => f.CaseId == c.Id && f.SystemId == visit.System!.Id), stop);
        if (parent is null) return (null, null, null, Wrong(422, "parent_unknown", "parent is the receipt number of the first filing, which this system filed."));
        var whole = new Offered(parent.DefinitionId, 0, await Catalog.Version(db, parent.DefinitionId, stop));
        return whole.Procedure.Stages.FirstOrDefault(s => s.Key == name) is { } stage ? (whole, stage, parent, null) : (null, null, null, Wrong(422, "stage_wrong", "There is no such stage."));
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

    /// <summary>A page of what moved since then. It ends a minute ago where it ends now: what another request is just saving has an earlier time and would be passed by.</summary>
    static async Task<IResult> Moved(string key, [Description("Only what moved since then: 2026-11-27T04:00:00Z")] string? since, [Description("Stands in next")] string? after, Visit visit, TownDb db, TimeProvider time, HttpContext http)
    {
        var from = DateTimeOffset.UnixEpoch;
        if (since is not null && !DateTimeOffset.TryParse(since, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out from)) return Wrong(422, "since_wrong", "since is a time like 2026-11-27T04:00:00Z.");
        var last = Guid.Empty;
        if (after is not null && !Guid.TryParse(after, out last)) return Wrong(422, "after_wrong", "after is what stands in next.");
        if (!await db.Set<Published>().AnyAsync(d => d.Key == key, http.RequestAborted)) return Page.NotFound;
        var system = visit.System!.Id;
        var moved = await db.Set<Case>().AsNoTracking().Where(c => c.Way == Way.System && c.Procedure == key && (c.MovedAt > from || c.MovedAt == from && c.Id > last) && db.Set<SystemFiling>().Any(f => f.CaseId == c.Id && f.SystemId == system))
            .OrderBy(c => c.MovedAt).ThenBy(c => c.Id).Take(MostMoved).Select(c => new { c.Id, c.Number, c.Stage, c.State, c.MovedAt }).ToListAsync(http.RequestAborted);
        var (until, id) = moved.Count == 0 ? (from, last) : (moved[^1].MovedAt, moved[^1].Id);
        if (moved.Count < MostMoved && until > time.GetUtcNow().AddMinutes(-1)) (until, id) = (time.GetUtcNow().AddMinutes(-1), Guid.Empty);
        return Results.Ok(new MovedAnswer([.. moved.Select(m => new MovedItem(m.Number, m.Stage, Slug(m.State), m.MovedAt, StatusOf(key, m.Number, visit)))],
            visit.LinkIn(Lang.Japanese, $"api/v1/procedures/{key}/filings".With(("since", until.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)), ("after", id == Guid.Empty ? null : id.ToString())))));
    }

    static async Task<IResult> Withdraw(string key, string number, OnceOnly once, Visit visit, TownDb db, TimeProvider time, HttpContext http)
    {
        var (digits, system, stop) = (Digits(number), visit.System!.Id, http.RequestAborted);
        if (await Body(http) is not { } bytes) return Wrong(413, "body_large", "The body is larger than 1 MB.");
        string? reasons = null;
        if (bytes.Length > 0 && (SentAnswers.Parse(bytes) is not { } sent || !Texts(sent, out var asked) || (reasons = asked("reasons")) is { Length: > ShowMyCase.LongestReason }))
            return Wrong(400, "body_unreadable", "Send nothing, or JSON like {\"reasons\": \"…\"}.");
        if (await db.Set<Case>().SingleOrDefaultAsync(c => c.Number == digits && c.Procedure == key && db.Set<SystemFiling>().Any(f => f.CaseId == c.Id && f.SystemId == system), stop) is not { } of) return Page.NotFound;
        if (!of.IsOpen) return Wrong(409, "closed", "It is decided or withdrawn already.");
        await ShowMyCase.TakeBack(of, reasons, visit, db, time.GetUtcNow(), stop);
        db.AddNews(of);
        try
        {
            return await once.Save(db, StatusCodes.Status200OK, null, new WithdrawnAnswer(of.Number, Slug(of.State), StatusOf(key, of.Number, visit)), stop);
        }
        catch (DbUpdateConcurrencyException)
        {
            return Wrong(409, "moved", "The department went on with it at this very moment. Look how it stands now.");
        }
    }

    static string StatusOf(string key, string number, Visit visit) => visit.LinkIn(Lang.Japanese, $"api/v1/procedures/{key}/filings/{number}");

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
        var body = http.Request.BodyReader;
        while (true)
        {
            var read = await body.ReadAsync(http.RequestAborted);
            var ends = read.IsCompleted || read.Buffer.Length > MostBytes;
            var sent = ends && read.Buffer.Length <= MostBytes ? read.Buffer.ToArray() : null;
            body.AdvanceTo(ends ? read.Buffer.End : read.Buffer.Start, read.Buffer.End);
            if (ends) return sent;
        }
    }

    static string Digits(string? number) => string.Concat((number ?? "").Where(char.IsAsciiDigit));

    static string Slug<T>(T state) where T : struct, Enum => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(state.ToString());
}
