using System.Globalization;
using Komachi.Platform.Data;
using Komachi.Platform.Offices;
using Komachi.Platform.People;
using Komachi.Platform.Sheets;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Plan;

/// <summary>A revision as lists show it.</summary>
public sealed record RevisionLine(string Plan, int Number, DateTimeOffset MadeAt, DateTimeOffset? PublishedAt, DateTimeOffset? ChangedAt, string? Note, string? By, int Version);

/// <summary>One of the town's plans at the desk: as it was published last, its draft, and all revisions of it, newest first.</summary>
public sealed record KeptPlan(string Key, PlanDocument Plan, bool IsShown, RevisionLine? Draft, IReadOnlyList<RevisionLine> Published, string? Successor);

/// <summary>
/// The plan's desk: what is published, the draft if there is one, and what came before. A draft begins as a copy or as a file, is changed by page or by sheet,
/// and becomes the plan in one step, with a note that says why.
/// </summary>
static class KeepPlan
{
    const int MostListed = 100;

    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("", async (string? done, TownDb db, HttpContext http) => await Show(Form.Empty, db, http, done: done));
        to.MapPost("draft/begin", Begin);
        to.MapPost("draft/file", Bring).WithMetadata(Transfer.Form);
        to.MapGet("empty.xlsx", () => Results.File(SheetFile.ToXlsx(PlanSheets.Write(new())), SheetFile.Xlsx, "dx-plan.xlsx"));
    }

    internal static async Task<IResult> Show(Form form, TownDb db, HttpContext http, IReadOnlyList<SheetProblem>? problems = null, string? done = null, bool overtaken = false)
    {
        var lines = await Lines(db, http.RequestAborted);
        // A draft of a plan that is not out yet stands for it.
        var whole = await db.Set<Revision>().AsNoTracking().Where(r => !db.Set<Revision>().Any(l => l.Plan == r.Plan && l.Number > r.Number && l.PublishedAt != null)).ToListAsync(http.RequestAborted);
        var documents = whole.GroupBy(r => r.Plan).Select(g => (Key: g.Key, Document: (g.FirstOrDefault(r => r.PublishedAt != null) ?? g.First()).Read())).OrderByDescending(p => PlanYear.Read(p.Document.Plan.From)?.Year).ToArray();
        var shown = Revision.Pick([.. whole.Where(r => r.PublishedAt != null).Select(r => new Revision.Newest(r.Id, r.Plan, r.FirstYear, r.LastYear))], db.Today)?.Plan;
        return Page.Show<KeepPlanPage>(new
        {
            Form = form,
            Plans = documents.Select(p => new KeptPlan(p.Key, p.Document, p.Key == shown, lines.FirstOrDefault(l => l.Plan == p.Key && l.PublishedAt is null), [.. lines.Where(l => l.Plan == p.Key && l.PublishedAt is not null)],
                documents.FirstOrDefault(d => d.Document.Plan.After == p.Key).Document?.Plan.Title.In(Ui.Words.Lang.Japanese))).ToArray(),
            Problems = problems ?? [],
            Done = done,
            Overtaken = overtaken,
        }, overtaken ? 409 : form.Wrong || problems?.Count > 0 ? 422 : 200);
    }

    internal static async Task<IReadOnlyList<RevisionLine>> Lines(TownDb db, CancellationToken stop, string? plan = null) =>
        await db.Set<Revision>().Where(r => plan == null || r.Plan == plan).LeftJoin(db.Set<Account>(), r => r.MadeBy, a => (Guid?)a.Id, (r, a) => new { r, a })
            .OrderByDescending(l => l.r.Number).ThenBy(l => l.r.Plan).Take(MostListed)
            .Select(l => new RevisionLine(l.r.Plan, l.r.Number, l.r.MadeAt, l.r.PublishedAt, l.r.ChangedAt, l.r.Note, l.a == null ? null : l.a.Name, l.r.Version)).ToListAsync(stop);

    internal static Task<Revision?> Draft(string plan, TownDb db, CancellationToken stop) => db.Set<Revision>().SingleOrDefaultAsync(r => r.Plan == plan && r.PublishedAt == null, stop);

    internal static Task<Revision?> Published(string plan, TownDb db, CancellationToken stop) => db.Set<Revision>().AsNoTracking().Where(r => r.Plan == plan && r.PublishedAt != null).OrderByDescending(r => r.Number).FirstOrDefaultAsync(stop);

    internal static string SubjectOf(string plan) => $"plan/{plan}";

    internal static string PlaceOf(string plan, string? done = null) => "desk/plan/draft".With(("plan", plan), ("done", done));

    /// <summary>A copy of what is published, to be worked on.</summary>
    static async Task<IResult> Begin(Form form, Visit visit, TownDb db, HttpContext http, TimeProvider time)
    {
        var plan = form.Typed("plan");
        if (await Published(plan, db, http.RequestAborted) is not { } published) return Page.NotFound;
        if (await Draft(plan, db, http.RequestAborted) is not null) return Page.Go(visit, PlaceOf(plan));
        db.Add(Revision.Of(published.Read(), published.Number + 1, time.GetUtcNow(), visit.Visitor!.AccountId));
        db.Audit(visit.Did("plan.begin", SubjectOf(plan), new { number = published.Number + 1 }));
        var then = PlaceOf(plan, "begun");
        try
        {
            await db.Save(form.Once, visit.Link(then));
        }
        catch (DbUpdateException e) when (e.IsOvertaken())    // a colleague began one in this very moment: it is theirs and ours
        {
            return Page.Go(visit, PlaceOf(plan));
        }
        return Page.Go(visit, then);
    }

    /// <summary>A file becomes the draft, whole or, where it is one sheet, in place of that sheet. What is wrong with it is listed, and then nothing of it is taken.</summary>
    static async Task<IResult> Bring(HttpContext http, SentFile file, Visit visit, TownDb db, TimeProvider time)
    {
        var form = Form.With(("_once", file["_once"]), ("plan", file["plan"]), ("version", file["version"]));
        if (file.Name.Length == 0) form.Wrongly("file", "Please choose a file.");
        var bytes = form.Wrong ? null : await file.Whole(SheetFile.MostBytes, http.RequestAborted);
        if (!form.Wrong && bytes is null) form.Wrongly("file", "The file was cut on its way. Please send it again.");
        if (bytes?.Length > SheetFile.MostBytes) form.Wrongly("file", "This file is larger than {0} MB.", SheetFile.MostBytes / 1024 / 1024);
        if (form.Wrong) return await Show(form, db, http);

        var around = await AroundPlan.Of(db, http.RequestAborted);
        var (document, problems) = await Read(bytes!, file.Name, file["plan"], around, form, db, http.RequestAborted);
        if (document is null || problems.Any(p => !p.IsHint)) return await Show(form, db, http, [.. problems.OrderBy(p => p.IsHint)]);

        var plan = document.Plan.Key;
        var draft = await Draft(plan, db, http.RequestAborted);
        // Nobody's work is written over unseen: the page that was sent knew of this draft, as it stands.
        if (draft is not null && !(file["plan"] == plan && file["version"] == draft.Version.ToString(CultureInfo.InvariantCulture)) || draft is null && file["version"].Length > 0) return await Show(form, db, http, overtaken: true);
        if (draft is not null) draft.Write(document, time.GetUtcNow());
        else db.Add(draft = Revision.Of(document, (await db.Set<Revision>().Where(r => r.Plan == plan).MaxAsync(r => (int?)r.Number, http.RequestAborted) ?? 0) + 1, time.GetUtcNow(), visit.Visitor!.AccountId));
        db.Audit(visit.Did("plan.bring", SubjectOf(plan), new { number = draft.Number, file = file.Name, measures = document.Measures.Count }));
        var then = PlaceOf(plan, "brought");
        try
        {
            await db.Save(form.Once, visit.Link(then));
        }
        catch (DbUpdateException e) when (e.IsOvertaken())
        {
            db.ChangeTracker.Clear();
            return await Show(form, db, http, overtaken: true);
        }
        return Page.Go(visit, then);
    }

    static async Task<(PlanDocument?, List<SheetProblem>)> Read(byte[] bytes, string name, string plan, AroundPlan around, Form form, TownDb db, CancellationToken stop)
    {
        var problems = new List<SheetProblem>();
        if (name.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".yml", StringComparison.OrdinalIgnoreCase))
        {
            var (document, unreadable) = PlanYaml.ReadSent(System.Text.Encoding.UTF8.GetString(bytes).TrimStart('\ufeff'));
            if (unreadable is not null) form.Wrongly("file", unreadable.Said, unreadable.Values);
            if (document is not null) problems.AddRange(PlanCheck.Of(document).Concat(around.Check(document)).Select(p => new SheetProblem("", 0, -1, p.Place, p.Said, p.Values) { IsHint = p.IsHint }));
            return (document, problems);
        }
        try
        {
            var book = SheetFile.Read(bytes, name);
            // One sheet takes the place of that sheet in the draft, or in a copy of what is published.
            if (book.Sheets is [var one] && one.Name != PlanSheets.HeadSheet && await Standing(plan, db, stop) is { } standing)
            {
                var whole = PlanSheets.Write(standing);
                if (whole.Sheets.FindIndex(s => s.Name == one.Name) is >= 0 and var at)
                {
                    whole.Sheets[at] = one;
                    book = whole;
                }
            }
            return (PlanSheets.Read(book, problems, around.Check), problems);
        }
        catch (UnreadableSheets e)
        {
            form.Wrongly("file", e.Message, e.Values);
            return (null, problems);
        }
    }

    static async Task<PlanDocument?> Standing(string plan, TownDb db, CancellationToken stop) => (await Draft(plan, db, stop) ?? await Published(plan, db, stop))?.Read();
}
