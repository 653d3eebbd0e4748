using System.Globalization;
using Komachi.Platform.Data;
using Komachi.Platform.Forms;
using Komachi.Platform.Offices;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>A version as lists show it; a draft is published by nobody yet.</summary>
public sealed record VersionLine(int Number, Origin Origin, DateTimeOffset ChangedAt, DateTimeOffset? PublishedAt, string? By, string Note, int Version);

/// <summary>
/// One procedure for those who keep it: its versions, any two held against each other, the draft until it is published. Whoever has filed already, or is filling in,
/// stays with the version with which they began.
/// </summary>
static class KeepProcedure
{
    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("kept/{key}", async (string key, string? done, Visit visit, TownDb db, HttpContext http) => await Show(key, Form.Empty, visit, db, http, done: done));
        to.MapGet("kept/{key}/{number}", Read);
        to.MapGet("kept/{key}/{number}.yaml", Download);
        to.MapGet("kept/{key}/compare", Compare);
        to.MapPost("kept/{key}/publish", Publish);
        to.MapPost("kept/{key}/discard", Discard);
        to.MapPost("kept/{key}/end", End);
        to.MapPost("kept/{key}/resume", Resume);
        to.MapPost("kept/{key}/looked", Looked);
    }

    internal static async Task<IResult> Show(string key, Form form, Visit visit, TownDb db, HttpContext http, IReadOnlyList<FormProblem>? problems = null, string? done = null, bool overtaken = false)
    {
        var stop = http.RequestAborted;
        if ((await KeepProcedures.All(db, stop, key)).FirstOrDefault() is not { } kept) return Page.NotFound;
        var lines = await Lines(db, key, stop);
        var newest = await db.Set<Published>().AsNoTracking().Where(d => d.Key == key && d.PublishedAt != null).OrderByDescending(d => d.Number).FirstOrDefaultAsync(stop);
        var draft = await db.Set<Published>().AsNoTracking().SingleOrDefaultAsync(d => d.Key == key && d.PublishedAt == null, stop);
        var definition = ProcedureYaml.Read((newest ?? draft)!.Document, [])!;
        var tree = await DepartmentTrees.Today(db, stop);
        return Page.Show<KeptProcedurePage>(new
        {
            Form = form,
            Kept = kept,
            Definition = definition,
            Lines = lines,
            Department = tree.Find(Catalog.DepartmentOf(definition.Department, tree)) is { Depth: > 0 } found ? found.Name : null,
            Moved = draft is null || newest is null ? null : LineDifference.Between(newest.Document, draft.Document),
            Problems = problems ?? [],
            Done = done,
            Overtaken = overtaken,
        }, overtaken ? 409 : form.Wrong || problems?.Count > 0 ? 422 : 200);
    }

    static async Task<IReadOnlyList<VersionLine>> Lines(TownDb db, string key, CancellationToken stop)
    {
        var versions = await db.Set<Published>().Where(d => d.Key == key).OrderByDescending(d => d.Number).Select(d => new { d.Number, d.Origin, d.ChangedAt, d.PublishedAt, d.PublishedById, d.Note, d.Version }).ToListAsync(stop);
        var names = await StaffNames.Of(db, [.. versions.Select(v => v.PublishedById).OfType<Guid>()], stop);
        return [.. versions.Select(v => new VersionLine(v.Number, v.Origin, v.ChangedAt, v.PublishedAt, v.PublishedById is { } by ? names.GetValueOrDefault(by) : null, v.Note, v.Version))];
    }

    static Task<Published?> Version(TownDb db, string key, int number, CancellationToken stop) => db.Set<Published>().AsNoTracking().SingleOrDefaultAsync(d => d.Key == key && d.Number == number, stop);

    static async Task<IResult> Read(string key, string number, TownDb db, HttpContext http) =>
        await Version(db, key, Number(number) ?? 0, http.RequestAborted) is { } one
            ? Page.Show<VersionPage>(new { Key = key, one.Number, IsDraft = one.PublishedAt is null, (ProcedureYaml.Read(one.Document, []) ?? new()).Title, one.Document }) : Page.NotFound;

    static async Task<IResult> Download(string key, string number, TownDb db, HttpContext http) =>
        await Version(db, key, Number(number) ?? 0, http.RequestAborted) is { } one ? Results.File(System.Text.Encoding.UTF8.GetBytes(one.Document), "application/yaml; charset=utf-8", $"{one.Key}-{one.Number}.yaml") : Page.NotFound;

    /// <summary>Unless asked otherwise: the newest against the one before it.</summary>
    static async Task<IResult> Compare(string key, string? from, string? to, TownDb db, HttpContext http)
    {
        var lines = await Lines(db, key, http.RequestAborted);
        if (lines.Count == 0) return Page.NotFound;
        var later = Number(to) ?? lines[0].Number;
        var earlier = Number(from) ?? lines.FirstOrDefault(l => l.Number < later)?.Number ?? later;
        if (earlier > later) (earlier, later) = (later, earlier);
        var both = await db.Set<Published>().AsNoTracking().Where(d => d.Key == key && (d.Number == earlier || d.Number == later)).ToListAsync(http.RequestAborted);
        if (both.Find(d => d.Number == earlier) is not { } one || both.Find(d => d.Number == later) is not { } other) return Page.NotFound;
        return Page.Show<CompareVersionsPage>(new { Key = key, (ProcedureYaml.Read(other.Document, []) ?? new()).Title, Lines = lines, Earlier = earlier, Later = later, Moved = LineDifference.Between(one.Document, other.Document) });
    }

    static int? Number(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    static async Task<IResult> Publish(string key, Form form, Visit visit, TownDb db, HttpContext http, TimeProvider time)
    {
        var stop = http.RequestAborted;
        var draft = await KeepProcedures.Draft(key, db, stop);
        if (draft is null) return await Show(key, form, visit, db, http, overtaken: true);
        var note = form.Text("note", 300, required: true);
        if (form.Wrong) return await Show(key, form, visit, db, http);
        if (!IsOf(form, draft)) return await Show(key, form, visit, db, http, overtaken: true);
        // What could be published when it was brought may not be so for a newer program.
        var problems = new List<FormProblem>();
        if (ProcedureYaml.Read(draft.Document, problems) is { } definition) Procedure.Compile(definition, problems);
        if (problems.Count > 0) return await Show(key, form, visit, db, http, problems);

        // A file of the program or the town may have become a version in the meantime: the newest is the last one.
        var newest = await db.Set<Published>().Where(d => d.Key == key && d.PublishedAt != null).MaxAsync(d => (int?)d.Number, stop) ?? 0;
        var now = time.GetUtcNow();
        if (draft.Number < newest)
        {
            db.Remove(draft);
            db.Add(draft = Published.Draft(key, newest + 1, draft.Document, Origin.Desk, now));
        }
        draft.Publish(note, visit.Visitor!.AccountId, now);
        db.Audit(visit.Did("procedures.publish", KeepProcedures.SubjectOf(key), new { number = draft.Number }, reason: note, at: now));
        return await Save(key, "published", form, visit, db, http);
    }

    static async Task<IResult> Discard(string key, Form form, Visit visit, TownDb db, HttpContext http)
    {
        var draft = await KeepProcedures.Draft(key, db, http.RequestAborted);
        if (draft is null || !IsOf(form, draft)) return await Show(key, form, visit, db, http, overtaken: true);
        db.Remove(draft);
        db.Audit(visit.Did("procedures.discard", KeepProcedures.SubjectOf(key), new { number = draft.Number }));
        // Of what was never published nothing is left.
        if (await db.Set<Published>().AnyAsync(d => d.Key == key && d.PublishedAt != null, http.RequestAborted)) return await Save(key, "discarded", form, visit, db, http);
        await db.Save(form.Once, visit.Link("desk/procedures/kept?done=discarded"));
        return Page.Go(visit, "desk/procedures/kept?done=discarded");
    }

    /// <summary>Nobody can begin it any more. What was filed goes on.</summary>
    static async Task<IResult> End(string key, Form form, Visit visit, TownDb db, HttpContext http, TimeProvider time)
    {
        var versions = await db.Set<Published>().Where(d => d.Key == key && d.PublishedAt != null).ToListAsync(http.RequestAborted);
        if (versions.Count == 0) return Page.NotFound;
        var reason = form.Text("reason", 300, required: true);
        if (form.Wrong) return await Show(key, form, visit, db, http);
        foreach (var version in versions) version.End(time.GetUtcNow());
        db.Audit(visit.Did("procedures.end", KeepProcedures.SubjectOf(key), reason: reason));
        return await Save(key, "ended", form, visit, db, http);
    }

    static async Task<IResult> Resume(string key, Form form, Visit visit, TownDb db, HttpContext http)
    {
        var versions = await db.Set<Published>().Where(d => d.Key == key && d.EndedAt != null).ToListAsync(http.RequestAborted);
        if (versions.Count == 0) return await Show(key, form, visit, db, http, overtaken: true);
        foreach (var version in versions) version.Resume();
        db.Audit(visit.Did("procedures.resume", KeepProcedures.SubjectOf(key)));
        return await Save(key, "resumed", form, visit, db, http);
    }

    /// <summary>Somebody compared it with today's law, and it stays as it is.</summary>
    static async Task<IResult> Looked(string key, Form form, Visit visit, TownDb db, HttpContext http)
    {
        if (!await db.Set<Published>().AnyAsync(d => d.Key == key && d.PublishedAt != null, http.RequestAborted)) return Page.NotFound;
        if (await db.Set<YearlyReview>().SingleOrDefaultAsync(r => r.Procedure == key, http.RequestAborted) is not { } review) db.Add(review = new() { Procedure = key });
        review.Look(visit.Visitor!.AccountId, db.Today);
        db.Audit(visit.Did("procedures.look_again", KeepProcedures.SubjectOf(key)));
        return await Save(key, "looked", form, visit, db, http);
    }

    static bool IsOf(Form form, Published draft) => form.Typed("version") == draft.Version.ToString(CultureInfo.InvariantCulture);

    /// <summary>Where a colleague was faster nothing is done, and it is shown as it stands now.</summary>
    static async Task<IResult> Save(string key, string done, Form form, Visit visit, TownDb db, HttpContext http)
    {
        var then = KeepProcedures.PlaceOf(key, done);
        try
        {
            await db.Save(form.Once, visit.Link(then));
        }
        catch (DbUpdateException e) when (e.IsOvertaken())
        {
            db.ChangeTracker.Clear();
            return await Show(key, form, visit, db, http, overtaken: true);
        }
        return Page.Go(visit, then);
    }
}
