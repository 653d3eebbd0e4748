using System.Globalization;
using System.Text;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Forms;
using Komachi.Platform.Offices;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>A procedure as the list of those who keep them shows it.</summary>
/// <param name="Number">Of the newest published version; null while there is a draft alone.</param>
/// <param name="Offered">The version that residents find today.</param>
/// <param name="Filings">In the last twelve months, and how many of them came online.</param>
public sealed record KeptProcedure(string Key, Said Title, int? Number, int? Offered, DateOnly? From, DateOnly? Until, bool Ended, (DateOnly By, bool IsLate)? Review, int? Draft, int Filings, int Online)
{
    public int? OnlineShare => Filings == 0 ? null : (int)Math.Round(100m * Online / Filings);
}

/// <summary>
/// All procedures of the town with their versions, and how a new one comes in: as a file, which becomes a draft, and is looked at before it is published.
/// </summary>
static class KeepProcedures
{
    public const int MostBytes = 512 * 1024;

    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("kept", async (string? done, TownDb db, HttpContext http) => await Show(Form.Empty, db, http, done: done));
        to.MapPost("kept/file", Bring).WithMetadata(Transfer.Form);
    }

    internal static string PlaceOf(string key, string? done = null) => $"desk/procedures/kept/{key}".With(("done", done));

    internal static string SubjectOf(string key) => $"procedures/{key}";

    static async Task<IResult> Show(Form form, TownDb db, HttpContext http, IReadOnlyList<FormProblem>? problems = null, string? done = null, bool overtaken = false) =>
        Page.Show<KeptProceduresPage>(new { Form = form, Kept = await All(db, http.RequestAborted), Problems = problems ?? [], Done = done, Overtaken = overtaken }, overtaken ? 409 : form.Wrong || problems?.Count > 0 ? 422 : 200);

    internal static async Task<IReadOnlyList<KeptProcedure>> All(TownDb db, CancellationToken stop, string? only = null)
    {
        var today = db.Today;
        var versions = await db.Set<Published>().AsNoTracking().Where(d => only == null || d.Key == only).Select(d => new { d.Id, d.Key, d.Number, d.PublishedAt, d.EndedAt }).ToListAsync(stop);
        var drafts = await db.Set<Published>().AsNoTracking().Where(d => d.PublishedAt == null && (only == null || d.Key == only)).Select(d => new { d.Key, d.Number, d.Document }).ToDictionaryAsync(d => d.Key, stop);
        var looked = await db.Set<YearlyReview>().Where(r => r.ReviewedOn != null).ToDictionaryAsync(r => r.Procedure, r => r.ReviewedOn!.Value, stop);
        var since = JapanTime.At(today.AddYears(-1));
        var filings = await db.Set<Case>().Where(c => c.ArrivedAt >= since && (only == null || c.Procedure == only)).GroupBy(c => c.Procedure)
            .Select(g => new { g.Key, All = g.Count(), Online = g.Count(c => CountProcedures.OnlineWays.Contains(c.Way)) }).ToDictionaryAsync(g => g.Key, stop);
        var offered = (await Catalog.Of(db, today, stop)).ToDictionary(o => o.Key, o => o.Number);
        var newest = versions.Where(v => v.PublishedAt is not null).GroupBy(v => v.Key).ToDictionary(g => g.Key, g => g.MaxBy(v => v.Number)!);
        var texts = await Catalog.Versions(db, [.. newest.Values.Select(v => v.Id)], stop);
        return [.. versions.Select(v => v.Key).Distinct().Select(key =>
        {
            var (draft, of) = (drafts.GetValueOrDefault(key), newest.GetValueOrDefault(key));
            var definition = of is null ? ProcedureYaml.Read(draft!.Document, []) ?? new() : texts[of.Id].Definition;
            var review = of is null ? null : YearlyReview.Due(definition.Review, YearlyReview.Latest(JapanTime.DayOf(of.PublishedAt!.Value), looked.GetValueOrDefault(key)), today);
            var counted = filings.GetValueOrDefault(key);
            return new KeptProcedure(key, definition.Title, of?.Number, offered.TryGetValue(key, out var number) ? number : null, definition.From, definition.Until, of?.EndedAt is not null, review, draft?.Number, counted?.All ?? 0, counted?.Online ?? 0);
        }).OrderBy(k => k.Title.In(Lang.Japanese), StringComparer.Ordinal)];
    }

    internal static Task<Published?> Draft(string key, TownDb db, CancellationToken stop) => db.Set<Published>().SingleOrDefaultAsync(d => d.Key == key && d.PublishedAt == null, stop);

    /// <summary>A file becomes the draft. What is wrong with it is listed with its places, and then nothing of it is taken.</summary>
    static async Task<IResult> Bring(HttpContext http, SentFile file, Visit visit, TownDb db, TimeProvider time)
    {
        var (stop, once, of) = (http.RequestAborted, file.Once, file["of"]);
        var form = Form.With(("_once", file["_once"]), ("of", of), ("version", file["version"]));
        Task<IResult> Again(IReadOnlyList<FormProblem>? problems = null, bool overtaken = false) =>
            of.Length == 0 ? Show(form, db, http, problems, overtaken: overtaken) : KeepProcedure.Show(of, form, visit, db, http, problems, overtaken: overtaken);

        if (file.Name.Length == 0) form.Wrongly("file", "Please choose a file.");
        var bytes = form.Wrong ? null : await file.Whole(MostBytes, stop);
        if (!form.Wrong && bytes is null) form.Wrongly("file", "The file was cut on its way. Please send it again.");
        if (bytes?.Length > MostBytes) form.Wrongly("file", "This file is larger than {0} kB.", MostBytes / 1024);
        if (form.Wrong) return await Again();

        var (text, problems) = (Encoding.UTF8.GetString(bytes!).TrimStart('\ufeff'), new List<FormProblem>());
        var definition = ProcedureYaml.ReadSent(text, problems);
        if (definition is not null) Procedure.Compile(definition, problems);
        if (problems.Count > 0) return await Again(problems);
        if (of.Length > 0 && definition!.Key != of)
        {
            form.Wrongly("file", "This file is about another procedure: {0}. Bring it there.", definition.Key);
            return await Again();
        }

        var draft = await Draft(definition!.Key, db, stop);
        // Nobody's work is written over unseen: the page that was sent knew of this draft, as it stands.
        if (draft is not null && !(of == definition.Key && file["version"] == draft.Version.ToString(CultureInfo.InvariantCulture)) || draft is null && file["version"].Length > 0) return await Again(overtaken: true);
        if (draft is not null) draft.Write(text, time.GetUtcNow());
        else db.Add(draft = Published.Draft(definition.Key, (await db.Set<Published>().Where(d => d.Key == definition.Key).MaxAsync(d => (int?)d.Number, stop) ?? 0) + 1, text, Origin.Desk, time.GetUtcNow()));
        db.Audit(visit.Did("procedures.bring", SubjectOf(draft.Key), new { number = draft.Number }));
        var then = PlaceOf(draft.Key, "brought");
        try
        {
            await db.Save(once, visit.Link(then));
        }
        catch (DbUpdateException e) when (e.IsOvertaken())
        {
            db.ChangeTracker.Clear();
            return await Again(overtaken: true);
        }
        return Page.Go(visit, then);
    }
}
