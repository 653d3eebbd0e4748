using System.Text.Json.Nodes;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Files;
using Komachi.Platform.Forms;
using Komachi.Platform.Offices;
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
/// before it is sent, and then the office's clock goes on.
/// </summary>
static class CorrectMyCase
{
    public const int LongestNote = 1000;

    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("cases/{id:guid}/correct", async (Guid id, string? file, Visit visit, TownDb db, HttpContext http) =>
            await Open.Of(id, visit, db, http.RequestAborted) is not { } open ? Gone(id, visit) : open.FilesOf(file) is { } asked ? open.Show(asked) : open.Show());
        to.MapPost("cases/{id:guid}/correct", Keep);
        to.MapGet("cases/{id:guid}/correct/check", async (Guid id, Visit visit, TownDb db, HttpContext http) => await Open.Of(id, visit, db, http.RequestAborted) is { } open ? open.Check(Form.Empty) : Gone(id, visit));
        to.MapPost("cases/{id:guid}/correct/check", Send);
    }

    /// <summary>Answered already, or not waited for any longer: their case says which; to everybody else it says nothing.</summary>
    static IResult Gone(Guid id, Visit visit) => Page.Go(visit, ShowMyCase.PathOf(id));

    static string PathOf(Guid id) => ShowMyCase.PathOf(id) + "/correct";

    static async Task<IResult> Keep(Guid id, Form form, Visit visit, TownDb db, HttpContext http)
    {
        if (await Open.Of(id, visit, db, http.RequestAborted) is not { } open) return Gone(id, visit);
        var (typed, row) = open.Read(form);
        open.Correction.Keep(typed);
        var (pressed, file) = (FormPages.FileOn(form), open.FilesOf(FormPages.FileOn(form)?.Name));
        if (pressed?.Away is { } away && file is not null) open.Files.TakeAway(db, visit, file.Place, away);
        var to = file is not null ? pressed!.Away is null ? $"{PathOf(id)}?file={file.Name}" : $"{PathOf(id)}#{file.Name}-box" : row is { } at ? $"{PathOf(id)}#{at}" : form.Wrong ? PathOf(id) : PathOf(id) + "/check";
        // What fits is kept whatever else is wrong; the page that is shown again, or come back to, is the same form, so its key stays unused.
        await db.Save(form.Wrong || file is not null ? null : form.Once, visit.Link(to), http.RequestAborted);
        return form.Wrong && row is null && file is null ? open.With(typed).Show(form) : Page.Go(visit, to);
    }

    static async Task<IResult> Send(Guid id, Form form, Visit visit, TownDb db, TimeProvider time, HttpContext http)
    {
        if (await Open.Of(id, visit, db, http.RequestAborted) is not { } open) return Gone(id, visit);
        var (of, now, today, stop) = (open.Case, time.GetUtcNow(), time.Today(), http.RequestAborted);
        if (open.Missing.Count > 0) return Page.Go(visit, PathOf(id));
        var note = form.Text("note", LongestNote);
        if (!open.Differs && note.Length == 0) form.Wrongly("note", "You have changed nothing. If all is right as it is, please tell the department so here.");
        if (form.Wrong) return open.Check(form);

        var answers = open.State.Filed(open.Given);
        // What lies beside the answers of the form: on what ground somebody files for another, when a paper came.
        foreach (var (key, beside) in of.Answers.Where(a => a.Key.StartsWith('_'))) answers[key] = beside?.DeepClone();
        var stage = open.Stage;
        var tree = await DepartmentTrees.On(today, db, stop);
        var calendar = await OpeningCalendar.OfDepartment(of.DepartmentId, tree, db, of.StoppedOn ?? today, stop);
        of.Correct(open.Correction, answers, of.ParentId is null ? Filing.TitleOf(stage.Form, answers) : of.Title, calendar, visit.Visitor?.AccountId, now, today, note.Length > 0 ? note : null);
        if (stage == open.Procedure.First && open.Procedure.Fee?.Of(open.State.Answers) is { Sort: Sort.Number } fee) of.Charge((long)fee.Number);
        foreach (var place in open.Files.Sent.Where(f => f.BelongsTo is null && Filing.IsAnswer(answers, f.Id)).Select(f => f.Place).Distinct()) await db.ClaimFiles(Filing.Attachment, place, of.Subject, stop);
        var matter = of.ParentId is null ? [] : await Flow.Matter(db, of, stop);
        Flow.Tell(of, stage, await Flow.StepsOf(db, id, stop), Flow.AnswersOf(open.Procedure, of, matter, today), tree, db, now);
        db.Audit(visit.Did("procedures.correct", of.Subject, new { of.Procedure, of.Stage, open.Correction.Fields }, about: of.PersonId, at: now));
        db.AddNews(of);
        var path = $"{ShowMyCase.PathOf(id)}?done=correct";
        try
        {
            await db.Save(form.Once, visit.Link(path), stop);
        }
        catch (DbUpdateConcurrencyException)    // the department went on without it at this very moment
        {
            db.ChangeTracker.Clear();
            return Gone(id, visit);
        }
        return Page.Go(visit, path);
    }

    /// <summary>Who may send files for a correction: whose case it is, while it is waited for.</summary>
    public static async Task<bool> MayAttach(Visit visit, Guid correction, TownDb db) =>
        await db.Set<Correction>().AsNoTracking().Where(c => c.Id == correction && c.AnsweredAt == null && c.LeftAt == null).Join(db.Set<Case>().AsNoTracking(), c => c.CaseId, c => c.Id, (_, of) => of).SingleOrDefaultAsync() is { } of
        && await CaseReaders.IsTheirs(visit, of, db);

    /// <summary>A correction that is waited for, with all that its pages need.</summary>
    sealed class Open
    {
        public required Case Case { get; init; }
        public required Correction Correction { get; init; }
        public required Procedure Procedure { get; init; }
        public required FormFiles Files { get; init; }

        /// <summary>As it stood before: what is asked now and was not then came by the correction.</summary>
        public required FormState Before { get; init; }
        public required JsonObject Given { get; init; }
        public required FormState State { get; init; }
        public Stage Stage => Procedure.StageOf(Case.Stage);

        public static async Task<Open?> Of(Guid id, Visit visit, TownDb db, CancellationToken stop)
        {
            if (await MyCases.Find(visit, id, db, stop) is not { } of) return null;
            if (await db.Set<Correction>().SingleOrDefaultAsync(c => c.CaseId == id && c.AnsweredAt == null && c.LeftAt == null, stop) is not { } correction) return null;
            var procedure = await Catalog.Version(db, of.DefinitionId, stop);
            var place = $"corrections/{correction.Id}";
            var files = new FormFiles(Filing.Attachment, place, [.. await db.FilesOf(of.Subject, stop), .. await db.FilesBelow(Filing.Attachment, place, stop)]);
            var before = Flow.StateOf(procedure, of, of.ParentId is null ? [] : await Flow.Matter(db, of, stop), correctedOn: db.Today, calendar: (await AskableOffices.Today(db, stop)).CalendarOf(of.DepartmentId));
            var open = new Open { Case = of, Correction = correction, Procedure = procedure, Files = files, Before = before, Given = WithKeys(before.Form, correction.Typed ?? of.Answers), State = before };
            return open.With(open.Given);
        }

        public Open With(JsonObject given)
        {
            given = WithFiles(given);
            return new() { Case = Case, Correction = Correction, Procedure = Procedure, Files = Files, Before = Before, Given = given, State = Before.With(given) };
        }

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
                    for (var n = 0; n < RowsOf(Given, key).Count; n++) rows[(key, n)] = [.. Stage.Form.Find(key)!.Rows.Select(r => r.Key)];
                return new(fields, [.. rows.OrderBy(r => r.Key).Where(r => r.Key.Item2 < RowsOf(Given, r.Key.Item1).Count && Stage.Form.Find(r.Key.Item1) is { Repeats: true }).Select(r => Row(Stage.Form.Find(r.Key.Item1)!, r.Key.Item2, r.Value))], whole);
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

        public bool Differs => !JsonNode.DeepEquals(State.Filed(Given), Before.Filed(Correction.Before));

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
                    return new(name, inner, Files.PlaceOf(row.Group, RowsOf(Given, row.Group.Key)[row.Row], inner));
            return null;
        }

        CompiledPage PageOf(CompiledField field) => Stage.Form.Pages.First(p => p.Fields.Any(f => f.Key == field.Key));

        public IResult Show(Form? sent = null) => Page.Show<CorrectMyCasePage>(new { Case, Correction, Procedure, State, Given, Asked, Files, Sent = sent }, sent is { Wrong: true } ? 422 : 200);

        public IResult Show(AskedFiles asked) => Page.Show<CorrectFilesPage>(new { Case, State, Files, Asked = asked });

        public IResult Check(Form form) => Page.Show<CheckCorrectionPage>(new { Case, Correction, Procedure, State, Given, Asked, Files, Missing, Form = form }, form.Wrong ? 422 : 200);

        /// <summary>What was sent now takes the place of what was there: a better photo, the page that was missing.</summary>
        JsonObject WithFiles(JsonObject given)
        {
            var with = (JsonObject)given.DeepClone();
            foreach (var field in Stage.Form.Fields)
                if (field.Field.Kind == "file") Fill(with, Case.Answers, field, Files.PlaceOf(field));
                else if (field.Repeats)
                    foreach (var row in RowsOf(with, field.Key))
                        foreach (var inner in field.Rows.Where(r => r.Field.Kind == "file"))
                            Fill(row, int.TryParse(row["_row"]?.ToString(), out var n) ? RowsOf(Case.Answers, field.Key).ElementAtOrDefault(n) : null, inner, Files.PlaceOf(field, row, inner));
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
                foreach (var (row, n) in RowsOf(with, group.Key).Select((r, n) => (r, n))) row["_row"] ??= $"{n}";
            return with;
        }

        internal static IReadOnlyList<JsonObject> RowsOf(JsonObject answers, string group) => [.. (answers[group] as JsonArray ?? []).OfType<JsonObject>()];
    }

    internal static IReadOnlyList<JsonObject> RowsOf(JsonObject answers, string group) => Open.RowsOf(answers, group);
}
