using System.Globalization;
using Komachi.Platform;
using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>A version of a form as lists have it.</summary>
public sealed record PaperLine(Guid Id, string Procedure, string Stage, int Number, string Name, DateTimeOffset ChangedAt, DateTimeOffset? PublishedAt, DateTimeOffset? EndedAt);

/// <summary>What a form can be for: a filing of a procedure.</summary>
public sealed record PaperFor(string Procedure, string Stage, string Title, string Suggested, IReadOnlyList<PaperLine> Forms)
{
    public string Value => Stage.Length == 0 ? Procedure : $"{Procedure}/{Stage}";
    public PaperLine? Draft => Forms.FirstOrDefault(f => f.PublishedAt is null);
    public PaperLine? Current => Forms.FirstOrDefault(f => f.PublishedAt is not null && f.EndedAt is null);
}

/// <summary>The town's own forms at the desk: bring one as a PDF, say what stands where, look at it, publish it.</summary>
static class KeepPapers
{
    const int MostName = 100;

    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("papers", async (string? done, TownDb db, Words t, HttpContext http) => Page.Show<PapersPage>(new { All = await All(db, t, http.RequestAborted), Done = done }));
        to.MapGet("papers/new", async (string? @for, TownDb db, Words t, HttpContext http) => await Bringing(Form.With(("for", @for)), db, t, http));
        to.MapPost("papers/new", Bring).WithMetadata(Transfer.Form);
        to.MapGet("papers/{id:guid}", Look);
        to.MapPost("papers/{id:guid}/background", BringAnew).WithMetadata(Transfer.Form);
        to.MapPost("papers/{id:guid}/publish", Publish);
        to.MapPost("papers/{id:guid}/next", Next);
        to.MapPost("papers/{id:guid}/leave", Leave);
        to.MapPost("papers/{id:guid}/end", End);
        to.MapGet("papers/{id:guid}/pdf", Preview);
        to.MapGet("papers/{id:guid}/background/file", SendBackground);
        to.MapGet("papers/{id:guid}/export.zip", Export);
    }

    internal static async Task<IReadOnlyList<PaperFor>> All(TownDb db, Words t, CancellationToken stop)
    {
        var lines = await db.Set<OwnForm>().AsNoTracking().OrderByDescending(f => f.Number)
            .Select(f => new PaperLine(f.Id, f.Procedure, f.Stage, f.Number, f.Name, f.ChangedAt, f.PublishedAt, f.EndedAt)).ToListAsync(stop);
        return [.. (await Catalog.Of(db, db.Today, stop)).SelectMany(o => o.Procedure.Stages.Select(s => new PaperFor(o.Key, s.Key,
            s.Key.Length == 0 ? o.Procedure.Title.In(t.Lang) : $"{o.Procedure.Title.In(t.Lang)} · {s.Definition.Title.In(t.Lang)}", o.Procedure.Definition.PaperForm.Name, [.. lines.Where(l => l.Procedure == o.Key && l.Stage == s.Key)])))];
    }

    static async Task<IResult> Bringing(Form form, TownDb db, Words t, HttpContext http) =>
        Page.Show<BringPaperPage>(new { Form = form, All = await All(db, t, http.RequestAborted) }, form.Wrong ? 422 : 200);

    static async Task<IResult> Bring(SentFile file, Visit visit, TownDb db, Words t, HttpContext http, TimeProvider time)
    {
        var form = Form.With(("_once", file["_once"]), ("for", file["for"]), ("name", file["name"]));
        var all = await All(db, t, http.RequestAborted);
        var name = form.Text("name", MostName, required: true);
        if (form.Choice("for", [.. all.Select(p => p.Value)]) is var chosen && all.FirstOrDefault(p => p.Value == chosen) is { Draft: not null })
            form.Wrongly("for", "There is a draft of this form already. Please go on with that one.");
        var taken = await Take(file, "file", form, http.RequestAborted);
        if (form.Wrong || taken is not var (background, pages, fields)) return await Bringing(form, db, t, http);

        var on = all.First(p => p.Value == chosen);
        var last = on.Forms.Count == 0 ? null : await db.Set<OwnForm>().AsNoTracking().SingleAsync(f => f.Id == on.Forms[0].Id, http.RequestAborted);
        var made = OwnForm.Draft(on.Procedure, on.Stage, (last?.Number ?? 0) + 1, name, background, pages, [], time.GetUtcNow());
        // A form printed anew mostly has its places where they were.
        made.Bring(name, background, pages, fields ?? last?.Fields ?? [], time.GetUtcNow());
        db.AddRange(background, made);
        db.Audit(visit.Did("procedures.paper_bring", made.Subject, new { made.Procedure, made.Stage, made.Number, pages = pages.Count }));
        return await Save(file.Once, visit, db, $"desk/procedures/papers/{made.Id}?done=brought");
    }

    static async Task<IResult> BringAnew(Guid id, SentFile file, Visit visit, TownDb db, HttpContext http, TimeProvider time)
    {
        if (await Find(db, id, http.RequestAborted) is not { IsDraft: true } form) return Page.NotFound;
        var sent = Form.With(("_once", file["_once"]), ("version", file["version"]));
        var taken = await Take(file, "file", sent, http.RequestAborted);
        if (!sent.Wrong && !IsOf(sent, form)) sent.Wrongly("", "A colleague changed this form in the meantime. Look at it, then send yours once more.");
        if (sent.Wrong || taken is not var (background, pages, fields)) return await Show(form, db, http, sent);
        db.Add(background);
        form.Bring(form.Name, background, pages, fields, time.GetUtcNow());
        db.Audit(visit.Did("procedures.paper_bring", form.Subject, new { form.Procedure, form.Stage, form.Number, pages = pages.Count }));
        return await Save(file.Once, visit, db, $"desk/procedures/papers/{id}?done=brought");
    }

    /// <summary>A PDF, or a form that was taken along with its places; what is wrong with it stands beside the field.</summary>
    static async Task<(Background, IReadOnlyList<FormSheet>, IReadOnlyList<PlacedField>?)?> Take(SentFile file, string field, Form form, CancellationToken stop)
    {
        if (file.Name.Length == 0)
        {
            form.Wrongly(field, "Please choose a file.");
            return null;
        }
        var bytes = await file.Whole(PlainPdf.MostBytes, stop);
        if (bytes is null) form.Wrongly(field, "The file was cut on its way. Please send it again.");
        else if (bytes.Length > PlainPdf.MostBytes) form.Wrongly(field, "This file is larger than {0} MB.", PlainPdf.MostBytes / 1024 / 1024);
        else
            try
            {
                var (pdf, fields) = OwnFormFile.IsOne(bytes) && OwnFormFile.Read(bytes) is var whole ? (whole.Pdf, whole.Fields) : (bytes, null);
                var (plain, pages) = PlainPdf.Of(pdf);
                return (new() { Bytes = plain }, pages, fields);
            }
            catch (BadForm bad)
            {
                form.Wrongly(field, bad.Message, bad.Values);
            }
        return null;
    }

    static async Task<IResult> Look(Guid id, string? done, TownDb db, HttpContext http) =>
        await Find(db, id, http.RequestAborted) is { } form ? await Show(form, db, http, Form.Empty, done) : Page.NotFound;

    static async Task<IResult> Show(OwnForm form, TownDb db, HttpContext http, Form sent, string? done = null)
    {
        var t = (Words)http.RequestServices.GetService(typeof(Words))!;
        var stage = await StageOf(db, form, http.RequestAborted);
        var versions = await db.Set<OwnForm>().AsNoTracking().Where(f => f.Procedure == form.Procedure && f.Stage == form.Stage).OrderByDescending(f => f.Number)
            .Select(f => new PaperLine(f.Id, f.Procedure, f.Stage, f.Number, f.Name, f.ChangedAt, f.PublishedAt, f.EndedAt)).ToListAsync(http.RequestAborted);
        return Page.Show<PaperPage>(new { Paper = form, Title = stage?.Title, Placeable = stage is { } of ? Placeable.Of(of.Stage, t) : [], Versions = versions, Sent = sent, Done = done },
            sent.Wrong ? 422 : 200);
    }

    static Task<IResult> Publish(Guid id, Form sent, Visit visit, TownDb db, HttpContext http, TimeProvider time) => Change(id, sent, visit, db, http, "procedures.paper_publish", form =>
    {
        if (!form.IsDraft) return "It is published already.";
        if (form.Fields.Count == 0) return "Nothing stands on this form yet: place what is to be printed first.";
        form.Publish(visit.Visitor!.AccountId, time.GetUtcNow());
        return null;
    });

    static Task<IResult> End(Guid id, Form sent, Visit visit, TownDb db, HttpContext http, TimeProvider time) => Change(id, sent, visit, db, http, "procedures.paper_end", form =>
    {
        if (form.IsDraft) return "A draft is not used yet: leave it instead.";
        form.End(time.GetUtcNow());
        return null;
    });

    static async Task<IResult> Change(Guid id, Form sent, Visit visit, TownDb db, HttpContext http, string action, Func<OwnForm, string?> change)
    {
        if (await Find(db, id, http.RequestAborted) is not { } form) return Page.NotFound;
        if (!IsOf(sent, form)) sent.Wrongly("", "A colleague changed this form in the meantime. Look at it, then send yours once more.");
        else if (change(form) is { } why) sent.Wrongly("", why);
        if (sent.Wrong) return await Show(form, db, http, sent);
        db.Audit(visit.Did(action, form.Subject, new { form.Procedure, form.Stage, form.Number }));
        return await Save(sent.Once, visit, db, $"desk/procedures/papers/{id}?done={action[(action.LastIndexOf('_') + 1)..]}");
    }

    /// <summary>A draft that begins where the last version stands.</summary>
    static async Task<IResult> Next(Guid id, Form sent, Visit visit, TownDb db, HttpContext http, TimeProvider time)
    {
        if (await Find(db, id, http.RequestAborted) is not { IsDraft: false } form) return Page.NotFound;
        var newest = await db.Set<OwnForm>().AsNoTracking().Where(f => f.Procedure == form.Procedure && f.Stage == form.Stage).OrderByDescending(f => f.Number).FirstAsync(http.RequestAborted);
        if (newest.IsDraft) return Page.Go(visit, $"desk/procedures/papers/{newest.Id}");
        var next = OwnForm.After(newest, time.GetUtcNow());
        db.Add(next);
        db.Audit(visit.Did("procedures.paper_begin", next.Subject, new { next.Procedure, next.Stage, next.Number }));
        return await Save(sent.Once, visit, db, $"desk/procedures/papers/{next.Id}?done=next");
    }

    static async Task<IResult> Leave(Guid id, Form sent, Visit visit, TownDb db, HttpContext http)
    {
        if (await Find(db, id, http.RequestAborted) is not { IsDraft: true } form) return Page.NotFound;
        if (!IsOf(sent, form)) sent.Wrongly("", "A colleague changed this form in the meantime. Look at it, then send yours once more.");
        if (sent.Wrong) return await Show(form, db, http, sent);
        db.Remove(form);
        db.Audit(visit.Did("procedures.paper_leave", form.Subject, new { form.Procedure, form.Stage, form.Number }));
        return await Save(sent.Once, visit, db, "desk/procedures/papers?done=leave");
    }

    static async Task<IResult> Save(Guid? once, Visit visit, TownDb db, string then)
    {
        try
        {
            await db.Save(once, visit.Link(then));
        }
        catch (DbUpdateException e) when (e.IsOvertaken())    // somebody else was faster, in this very moment
        {
            return Page.Conflict;
        }
        return Page.Go(visit, then);
    }

    /// <summary>Empty, with the places outlined: what stands where.</summary>
    static async Task<IResult> Preview(Guid id, TownDb db, House house, HttpContext http)
    {
        if (await Find(db, id, http.RequestAborted) is not { } form || await StageOf(db, form, http.RequestAborted) is not { } of) return Page.NotFound;
        return Page.Pdf(to => PrintPapers.Print(form, Filled.Empty(of.Stage, PrintPapers.Japanese(house)), to, db, outlined: true), $"{form.Name}.pdf");
    }

    static async Task<IResult> SendBackground(Guid id, TownDb db, HttpContext http)
    {
        if (await db.Set<OwnForm>().AsNoTracking().SingleOrDefaultAsync(f => f.Id == id, http.RequestAborted) is not { } form) return Page.NotFound;
        http.Response.Headers.CacheControl = "private, no-store";
        return Results.File(await OwnForms.BackgroundOf(db, form, http.RequestAborted), "application/pdf", $"{form.Name}.pdf");
    }

    static async Task<IResult> Export(Guid id, TownDb db, HttpContext http) =>
        await db.Set<OwnForm>().AsNoTracking().SingleOrDefaultAsync(f => f.Id == id, http.RequestAborted) is { } form
            ? Results.File(OwnFormFile.Write(form, await OwnForms.BackgroundOf(db, form, http.RequestAborted)), "application/zip", $"{form.Procedure}-{form.Number}.zip") : Page.NotFound;

    internal static Task<OwnForm?> Find(TownDb db, Guid id, CancellationToken stop) => db.Set<OwnForm>().SingleOrDefaultAsync(f => f.Id == id, stop);

    internal static bool IsOf(Form sent, OwnForm form) => sent.Typed("version") == form.Version.ToString(CultureInfo.InvariantCulture);

    /// <summary>As the procedure stands now; none: it is not offered any more.</summary>
    internal static async Task<(Stage Stage, Said Title)?> StageOf(TownDb db, OwnForm form, CancellationToken stop) =>
        await Catalog.Find(db, form.Procedure, db.Today, stop) is { } offered && offered.Procedure.Stages.FirstOrDefault(s => s.Key == form.Stage) is { } stage ? (stage, stage.Key.Length == 0 ? offered.Procedure.Title : stage.Definition.Title) : null;
}
