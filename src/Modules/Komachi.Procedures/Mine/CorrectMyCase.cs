using System.Text.Json.Nodes;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Files;
using Komachi.Platform.Forms;
using Komachi.Platform.Offices;
using Komachi.Platform.People;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>Fields of one row of something that repeats, to be corrected.</summary>
public sealed record AskedRow(CompiledField Group, int Row, IReadOnlySet<string> Fields)
{
    /// <summary>In front of the names of its fields, since other rows stand on the same page.</summary>
    public string Prefix => $"{Group.Key}-{Row}-";
}

/// <summary>What was asked to be corrected, and what that brings with it.</summary>
/// <param name="Fields">Of the form itself.</param>
/// <param name="Whole">Groups of which everything may be changed, rows added and taken away.</param>
public sealed record AskedAgain(IReadOnlySet<string> Fields, IReadOnlyList<AskedRow> Rows, IReadOnlySet<string> Whole)
{
    public IReadOnlySet<string> All { get; } = new HashSet<string>([.. Fields, .. Rows.Select(r => r.Group.Key), .. Whole]);
}

/// <summary>A question for files among what was asked, by its name on the page.</summary>
public sealed record AskedFiles(string Name, CompiledField Field, string Place);

/// <summary>
/// 補正: the applicant changes what was asked for, and nothing else. What is typed is kept page by page as it fits, shown as a difference
/// before it is sent, and then the office's clock goes on. Of who answers at the counter, by telephone or on paper somebody in charge writes it down
/// through the desk's door: the same pages, and the record says who wrote, for whom, and how it came.
/// </summary>
static class CorrectMyCase
{
    public const int LongestNote = 1000;
    const int MostTries = 5;

    public static void Routes(IEndpointRouteBuilder to) => Map(to, "cases/{id:guid}/correct");

    public static void DeskRoutes(IEndpointRouteBuilder to) => Map(to, "cases/{id:guid}/answer");

    static void Map(IEndpointRouteBuilder to, string path)
    {
        to.MapGet(path, async (Guid id, string? file, Visit visit, TownDb db, Persons persons, HttpContext http) =>
            await Correcting.Open(id, visit, db, persons, http.RequestAborted) is not { } open ? Page.Go(visit, HomeOf(id, visit)) : open.FilesOf(file) is { } asked ? open.Show(asked) : open.Show());
        to.MapPost(path, Keep).WithMetadata(TypedStays.Mark);
        to.MapGet(path + "/check", async (Guid id, Visit visit, TownDb db, Persons persons, HttpContext http) =>
            await Correcting.Open(id, visit, db, persons, http.RequestAborted) is { } open ? open.Check(Form.Empty) : Page.Go(visit, HomeOf(id, visit)));
        to.MapPost(path + "/check", Send).WithMetadata(TypedStays.Mark);
    }

    internal static bool IsAtDesk(Visit visit) => visit.Path.StartsWith("/desk/", StringComparison.Ordinal);

    /// <summary>The page of the case, which says how it stands; to everybody else it says nothing.</summary>
    internal static string HomeOf(Guid id, Visit visit) => IsAtDesk(visit) ? $"desk/procedures/cases/{id}" : ShowMyCase.PathOf(id);

    /// <summary>Answered already, or not waited for any longer, while somebody wrote.</summary>
    static IResult Over(Guid id, Visit visit) => Page.Go(visit, HomeOf(id, visit) + "?done=over");

    static async Task<IResult> Keep(Guid id, Form form, Visit visit, TownDb db, Persons persons, HttpContext http)
    {
        for (var tries = 1; ; tries++)
        {
            var open = await Correcting.Open(id, visit, db, persons, http.RequestAborted);
            if (form.IsStale && open is not null) return open.Show(Stale(form), StatusCodes.Status400BadRequest);
            if (open is null) return await Lost(id, form, visit, db, http.RequestAborted);
            var (typed, row) = open.Read(form);
            open.Correction.Keep(typed);
            var (pressed, file) = (FormPages.FileOn(form), open.FilesOf(FormPages.FileOn(form)?.Name));
            if (pressed?.Away is { } away && file is not null) open.Files.TakeAway(db, visit, file.Place, away);
            var to = file is not null ? pressed!.Away is null ? $"{open.Path}?file={file.Name}" : $"{open.Path}#{file.Name}-box" : row is { } at ? $"{open.Path}#{at}" : form.Wrong ? open.Path : open.Path + "/check";
            try
            {
                // What fits is kept whatever else is wrong; the page that is shown again, or come back to, is the same form, so its key stays unused.
                await db.Save(form.Wrong || file is not null ? null : form.Once, visit.Link(to), http.RequestAborted);
            }
            catch (Exception e) when (e.IsOvertaken() && tries < MostTries)
            {
                db.ChangeTracker.Clear();    // in another tab, or at the desk while the applicant wrote: ours goes on top of it
                continue;
            }
            return form.Wrong && row is null && file is null ? open.With(typed).Show(form) : Page.Go(visit, to);
        }
    }

    static async Task<IResult> Send(Guid id, Form form, Visit visit, TownDb db, Persons persons, TimeProvider time, HttpContext http)
    {
        var (now, today, stop) = (time.GetUtcNow(), time.Today(), http.RequestAborted);
        var open = await Correcting.Open(id, visit, db, persons, stop);
        if (form.IsStale && open is not null) return open.Check(Stale(form), StatusCodes.Status400BadRequest);
        if (open is null) return await Lost(id, form, visit, db, stop);
        if (open.Missing.Count > 0) return Page.Go(visit, open.Path);
        var (of, file) = (open.Case, open.File);
        Way? way = open.AtDesk && form.Choice("way", [.. AssistFiling.Ways.Select(w => w.ToString())], "Please choose how it came.") is { Length: > 0 } came && !form.Wrong ? Enum.Parse<Way>(came) : null;
        var note = form.Text("note", LongestNote);
        if (!open.Differs && note.Length == 0)
            form.Wrongly("note", open.AtDesk ? "Nothing is changed. If all is right as it is, please write here what the applicant said." : "You have changed nothing. If all is right as it is, please tell the department so here.");
        if (form.Wrong) return open.Check(form);

        var answers = open.Filed;
        // What lies beside the answers of the form: on what ground somebody files for another, when a paper came.
        foreach (var (key, beside) in of.Answers.Where(a => a.Key.StartsWith('_'))) answers[key] = beside?.DeepClone();
        of.Correct(open.Correction, answers, of.ParentId is null ? Filing.TitleOf(open.Stage.Form, answers) : of.Title, await file.Calendar(db, stop), visit.Visitor?.AccountId, now, today, note.Length > 0 ? note : null, way);
        if (open.Stage == open.Procedure.First && open.Procedure.Fee?.Of(file.State().Answers) is { Sort: Sort.Number } fee) of.Charge((long)fee.Number);
        foreach (var place in open.Files.Sent.Where(f => f.BelongsTo is null && Filing.IsAnswer(answers, f.Id)).Select(f => f.Place).Distinct()) await db.ClaimFiles(Filing.Attachment, place, of.Subject, stop);
        file.TellSteps(db, now);
        db.Audit(open.AtDesk ? visit.Did("procedures.correct_for", of.Subject, new { of.Procedure, of.Stage, open.Correction.Fields, Way = way.ToString() }, about: of.PersonId, at: now)
            : visit.Did("procedures.correct", of.Subject, new { of.Procedure, of.Stage, open.Correction.Fields }, about: of.PersonId, at: now));
        db.AddNews(of);
        var path = $"{open.Home}?done=correct";
        try
        {
            await db.Save(form.Once, visit.Link(path), stop);
        }
        catch (DbUpdateConcurrencyException)    // answered elsewhere, or gone on without it, at this very moment
        {
            db.ChangeTracker.Clear();
            return Over(id, visit);
        }
        return Page.Go(visit, path);
    }

    static Form Stale(Form form)
    {
        form.Wrongly("", "This page was opened before you signed in or out. All that you wrote is still here: please send it once more.");
        return form;
    }

    /// <summary>Nothing is saved. Who was signed out, or came by a code whose two hours are over, is told how to come back with what they wrote.</summary>
    static async Task<IResult> Lost(Guid id, Form form, Visit visit, TownDb db, CancellationToken stop) =>
        visit.Visitor is null && await db.Set<Case>().AnyAsync(c => c.Id == id && c.State == CaseState.Correcting, stop) ? Page.Show<LostSessionPage>(new { Form = form, ByCode = !form.IsStale }, StatusCodes.Status400BadRequest)
        : form.IsStale ? Results.StatusCode(StatusCodes.Status400BadRequest) : Over(id, visit);

    /// <summary>Who may send files for a correction: whose case it is, and who is in charge of it, while it is waited for.</summary>
    public static async Task<bool> MayAttach(Visit visit, Guid correction, TownDb db) =>
        await db.Set<Correction>().AsNoTracking().Where(c => c.Id == correction && c.AnsweredAt == null && c.LeftAt == null).Join(db.Set<Case>().AsNoTracking(), c => c.CaseId, c => c.Id, (_, of) => of).SingleOrDefaultAsync() is { } of
        && (visit.Visitor is { IsStaff: true } clerk ? clerk.May("procedures.review", of.DepartmentId, await DepartmentTrees.Today(db)) : await CaseReaders.IsTheirs(visit, of, db));

    internal static IReadOnlyList<JsonObject> RowsOf(JsonObject answers, string group) => [.. (answers[group] as JsonArray ?? []).OfType<JsonObject>()];
}

/// <summary>A correction that is waited for, with all that its pages need.</summary>
public sealed class Correcting
{
    public required CaseFile File { get; init; }
    public required Correction Correction { get; init; }
    public required FormFiles Files { get; init; }

    /// <summary>Written down by staff for the applicant.</summary>
    public required bool AtDesk { get; init; }

    /// <summary>As it stood before: what is asked now and was not then came by the correction.</summary>
    public required FormState Before { get; init; }
    public required JsonObject Given { get; init; }

    /// <summary>By the day on which it came, except for what may be answered: that is told by today.</summary>
    public required FormState State { get; init; }
    public Case Case => File.Of;
    public Procedure Procedure => File.Procedure;
    public Stage Stage => File.Stage;
    public string Home => AtDesk ? $"desk/procedures/cases/{Case.Id}" : ShowMyCase.PathOf(Case.Id);
    public string Path => Home + (AtDesk ? "/answer" : "/correct");

    internal static async Task<Correcting?> Open(Guid id, Visit visit, TownDb db, Persons persons, CancellationToken stop)
    {
        var offices = await AskableOffices.Today(db, stop);
        if (await CaseFile.Open(db, id, offices.Tree, db.Today, stop) is not { } file) return null;
        var (of, desk) = (file.Of, CorrectMyCase.IsAtDesk(visit));
        if (desk ? !file.InCharge(visit.Visitor!) || await ShowCase.IsHidden(of, persons) : !await CaseReaders.IsTheirs(visit, of, db, stop)) return null;
        if (await Correction.Awaited(db, of, stop) is not { } correction) return null;
        var place = $"corrections/{correction.Id}";
        var files = new FormFiles(Filing.Attachment, place, [.. await db.FilesOf(of.Subject, stop), .. await db.FilesBelow(Filing.Attachment, place, stop)]);
        var before = Flow.StateOf(file.Procedure, of, file.Matter, correctedOn: db.Today, calendar: offices.CalendarOf(of.DepartmentId));
        var open = new Correcting { File = file, Correction = correction, Files = files, AtDesk = desk, Before = before, Given = WithKeys(before.Form, correction.Typed ?? of.Answers), State = before };
        return open.With(open.Given);
    }

    public Correcting With(JsonObject given)
    {
        given = WithFiles(given);
        return new() { File = File, Correction = Correction, Files = Files, AtDesk = AtDesk, Before = Before, Given = given, State = Before.With(given) };
    }

    /// <summary>The answers as they are filed.</summary>
    internal JsonObject Filed => State.Filed(Given);

    /// <summary>What was asked for, with what its answers make asked besides.</summary>
    public AskedAgain Asked
    {
        get
        {
            var (fields, rows, whole) = (new HashSet<string>(), new Dictionary<(string, int), HashSet<string>>(), new HashSet<string>());
            foreach (var path in Correction.Fields.Select(p => p.Split('/')))
                if (path is [var key] && Stage.Form.Fields.FirstOrDefault(f => f.Key == key) is { } asked) (asked.Repeats ? whole : fields).Add(key);
                else if (path is [var group, var n, var inner] && int.TryParse(n, out var row)) (rows.TryGetValue((group, row), out var some) ? some : rows[(group, row)] = []).Add(inner);
            foreach (var come in State.Pages.SelectMany(p => p.Fields).Where(f => State.IsAsked(f.Key) && !Before.IsAsked(f.Key) && f.Field.Kind is not ("statement" or "calculated"))) (come.Repeats ? whole : fields).Add(come.Key);
            foreach (var key in whole)
                for (var n = 0; n < CorrectMyCase.RowsOf(Given, key).Count; n++) rows[(key, n)] = [.. Stage.Form.Find(key)!.Rows.Select(r => r.Key)];
            return new(fields, [.. rows.OrderBy(r => r.Key).Where(r => r.Key.Item2 < CorrectMyCase.RowsOf(Given, r.Key.Item1).Count && Stage.Form.Find(r.Key.Item1) is { Repeats: true }).Select(r => Row(Stage.Form.Find(r.Key.Item1)!, r.Key.Item2, r.Value))], whole);
        }
    }

    /// <summary>With what decides whether a field is asked at all: otherwise nobody could answer it.</summary>
    static AskedRow Row(CompiledField group, int n, HashSet<string> fields)
    {
        foreach (var field in group.Rows.Where(r => fields.Contains(r.Key)).ToArray())
            foreach (var name in field.When?.Reads ?? [])
                if (group.Rows.Any(r => r.Key == name)) fields.Add(name);
        return new(group, n, fields);
    }

    /// <summary>What is missing of what was asked, or came by it; a filing that came with gaps on paper keeps the others.</summary>
    public IReadOnlyList<AnswerMistake> Missing => [.. State.Mistakes.Where(m => Asked.All.Contains(m.Path.Split('/')[0]) || !Before.Mistakes.Any(b => b.Path == m.Path))];

    public bool Differs => !JsonNode.DeepEquals(Filed, Before.Filed(Correction.Before));

    public (JsonObject Typed, string? Row) Read(Form form)
    {
        var (given, asked) = (Given, Asked);
        foreach (var page in Stage.Form.Pages)
            if (Before.With(given).Pages.Contains(page)) given = FormPages.Read(page, form, given, Before, only: asked.Fields);
        foreach (var row in asked.Rows)
            given = FormPages.ReadRow(PageOf(row.Group), row.Group with { Rows = [.. row.Group.Rows.Where(r => row.Fields.Contains(r.Key))] }, row.Row, form, given, Before, row.Prefix);
        foreach (var page in Stage.Form.Pages)
            if (FormPages.PressedOn(page, form) is { } pressed && asked.Whole.Contains(pressed.Group.Key))
                return pressed.What == PagePress.Remove ? (FormPages.RemoveRow(pressed.Group, pressed.Row, given), pressed.Group.Key) : (FormPages.AddRow(pressed.Group, given).Answers, pressed.Group.Key);
        return (given, null);
    }

    /// <summary>By its name on the page; null where no such question was asked.</summary>
    public AskedFiles? FilesOf(string? name)
    {
        if (name is null) return null;
        var asked = Asked;
        if (Stage.Form.Fields.FirstOrDefault(f => f.Key == name && f.Field.Kind == "file" && asked.Fields.Contains(name)) is { } field) return new(name, field, Files.PlaceOf(field));
        foreach (var row in asked.Rows)
            foreach (var inner in row.Group.Rows.Where(f => f.Field.Kind == "file" && row.Fields.Contains(f.Key) && row.Prefix + f.Key == name))
                return new(name, inner, Files.PlaceOf(row.Group, CorrectMyCase.RowsOf(Given, row.Group.Key)[row.Row], inner));
        return null;
    }

    CompiledPage PageOf(CompiledField field) => Stage.Form.Pages.First(p => p.Fields.Any(f => f.Key == field.Key));

    internal IResult Show(Form? sent = null, int? status = null) => Page.Show<CorrectMyCasePage>(new { Of = this, Asked, Sent = sent }, status ?? (sent is { Wrong: true } ? 422 : 200));

    internal IResult Show(AskedFiles asked) => Page.Show<CorrectFilesPage>(new { Of = this, Asked = asked });

    internal IResult Check(Form form, int? status = null) => Page.Show<CheckCorrectionPage>(new { Of = this, Asked, Missing, Form = form }, status ?? (form.Wrong ? 422 : 200));

    /// <summary>What was sent now takes the place of what was there: a better photo, the page that was missing.</summary>
    JsonObject WithFiles(JsonObject given)
    {
        var with = (JsonObject)given.DeepClone();
        foreach (var field in Stage.Form.Fields)
            if (field.Field.Kind == "file") Fill(with, Case.Answers, field, Files.PlaceOf(field));
            else if (field.Repeats)
                foreach (var row in CorrectMyCase.RowsOf(with, field.Key))
                    foreach (var inner in field.Rows.Where(r => r.Field.Kind == "file"))
                        Fill(row, int.TryParse(row["_row"]?.ToString(), out var n) ? CorrectMyCase.RowsOf(Case.Answers, field.Key).ElementAtOrDefault(n) : null, inner, Files.PlaceOf(field, row, inner));
        return with;

        void Fill(JsonObject answers, JsonObject? filed, CompiledField field, string at)
        {
            var sent = Files.At(at).Where(f => f.State is FileState.Checking or FileState.Ready).ToArray();
            if (sent.Length > 0) answers[field.Key] = new JsonArray([.. sent.Select(f => (JsonNode?)f.Id.ToString())]);
            // What was sent now and taken away again gives the place back to what was filed.
            else if (answers[field.Key] is JsonArray named && named.Any(id => Files.Find(id?.ToString() ?? "") is null)) answers[field.Key] = filed?[field.Key]?.DeepClone();
        }
    }

    /// <summary>Rows lose the keys by which files find them when they are filed; their numbers do as well, as long as it is corrected.</summary>
    static JsonObject WithKeys(CompiledForm form, JsonObject answers)
    {
        var with = (JsonObject)answers.DeepClone();
        foreach (var group in form.Fields.Where(f => f.Repeats))
            foreach (var (row, n) in CorrectMyCase.RowsOf(with, group.Key).Select((r, n) => (r, n))) row["_row"] ??= $"{n}";
        return with;
    }
}
