using System.Globalization;
using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>
/// What stands where on a page of a form: places in millimetres, in a list that works without scripts; with them the page is drawn beside it, and the
/// places are moved on it. How it is written there is asked on a page of its own.
/// </summary>
static class PlaceFields
{
    const int MostRows = 50;

    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("papers/{id:guid}/pages/{page}", async (Guid id, string page, string? done, TownDb db, HttpContext http) =>
            await KeepPapers.Find(db, id, http.RequestAborted) is { } form && PageOf(form, page) is { } n ? await ShowPage(form, n, Form.With([.. form.Fields.SelectMany(Places), ("version", Said(form.Version))]), db, http, done) : Page.NotFound);
        to.MapPost("papers/{id:guid}/pages/{page}", Place);
        to.MapGet("papers/{id:guid}/fields/{field}", async (Guid id, string field, TownDb db, HttpContext http) =>
            await KeepPapers.Find(db, id, http.RequestAborted) is { IsDraft: true } form && FieldOf(form, field) is { } of ? await ShowField(form, of, Of(of, form), db, http) : Page.NotFound);
        to.MapPost("papers/{id:guid}/fields/{field}", Write);
    }

    static int? PageOf(OwnForm form, string page) => int.TryParse(page, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n >= 1 && n <= form.Pages.Count ? n : null;

    static PlacedField? FieldOf(OwnForm form, string field) => int.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? form.Fields.FirstOrDefault(f => f.Id == id) : null;

    static async Task<IResult> ShowPage(OwnForm form, int page, Form sent, TownDb db, HttpContext http, string? done = null, bool overtaken = false)
    {
        var t = (Words)http.RequestServices.GetService(typeof(Words))!;
        var stage = await KeepPapers.StageOf(db, form, http.RequestAborted);
        return Page.Show<PlaceFieldsPage>(new { Paper = form, Number = page, Form = sent, Title = stage?.Title, Placeable = stage is { } of ? Placeable.Of(of.Stage, t) : [], Done = done, Overtaken = overtaken }, overtaken ? 409 : sent.Wrong ? 422 : 200);
    }

    /// <summary>All places of the page at once; with them one may be added or taken away.</summary>
    static async Task<IResult> Place(Guid id, [FromRoute(Name = "page")] string number, Form sent, Visit visit, TownDb db, Words t, HttpContext http, TimeProvider time)
    {
        if (await KeepPapers.Find(db, id, http.RequestAborted) is not { IsDraft: true } form || PageOf(form, number) is not { } page) return Page.NotFound;
        var (sheet, fields) = (form.Pages[page - 1], new List<PlacedField>());
        foreach (var field in form.Fields)
            if (field.Page != page) fields.Add(field);
            else if (sent.Typed("do") != $"remove-{field.Id}") fields.Add(Moved(field, sheet, sent));
        var added = sent.Typed("do") == "add" ? Added(form, page, await KeepPapers.StageOf(db, form, http.RequestAborted), t, sent) : null;
        if (added is not null) fields.Add(added);
        if (!sent.Wrong && !KeepPapers.IsOf(sent, form)) return await ShowPage(form, page, sent, db, http, overtaken: true);
        if (sent.Wrong) return await ShowPage(form, page, sent, db, http);
        form.Place(fields, time.GetUtcNow());
        db.Audit(visit.Did("procedures.paper_place", form.Subject, new { form.Procedure, form.Number, page, fields = fields.Count }));
        var then = added is { What: ":text" } ? $"desk/procedures/papers/{id}/fields/{added.Id}" : $"desk/procedures/papers/{id}/pages/{page}?done={(added is not null ? "add" : sent.Typed("do").StartsWith("remove-", StringComparison.Ordinal) ? "remove" : "save")}";
        return await Save(form, sent, visit, db, then, () => ShowPage(form, page, sent, db, http, overtaken: true));
    }

    static PlacedField Moved(PlacedField field, FormSheet sheet, Form sent)
    {
        var before = $"f{field.Id}-";
        // A field that came to the page after this one was opened stands in no line of it.
        if (!sent.NamesOf(before).Any()) return field;
        return (sent.Decimal(before + "x", 0, sheet.Width, 2, required: true), sent.Decimal(before + "y", 0, sheet.Height, 2, required: true),
            sent.Decimal(before + "w", PlacedField.Smallest, sheet.Width, 2, required: true), sent.Decimal(before + "h", PlacedField.Smallest, sheet.Height, 2, required: true)) is ({ } x, { } y, { } w, { } h)
            ? (field with { X = x, Y = y, Width = w, Height = h }).Within(sheet) : field;
    }

    static PlacedField? Added(OwnForm form, int page, (Stage Stage, Said Title)? stage, Words t, Form sent)
    {
        var all = stage is { } of ? Placeable.Of(of.Stage, t) : [];
        var what = sent.Choice("what", [.. all.Select(p => p.What)]);
        if (form.Fields.Count(f => f.Page == page) >= PlacedField.MostOnPage) sent.Wrongly("what", "A page holds at most {0} places.", PlacedField.MostOnPage);
        if (all.FirstOrDefault(p => p.What == what) is not { } chosen) return null;
        if (what.Contains("/#/", StringComparison.Ordinal)) what = what.Replace("/#/", $"/{sent.Number("row", 1, MostRows) - 1}/");
        // Below what was placed last, where it is seen; at the foot again from the top.
        var (sheet, last) = (form.Pages[page - 1], form.Fields.LastOrDefault(f => f.Page == page));
        var y = last is null ? 20 : last.Y + last.Height + 2;
        return new PlacedField(form.Fields.Select(f => f.Id).DefaultIfEmpty().Max() + 1, what, page, last?.X ?? 20, y + chosen.Height > sheet.Height ? 20 : y, chosen.Width, chosen.Height).Within(sheet);
    }

    static async Task<IResult> ShowField(OwnForm form, PlacedField field, Form sent, TownDb db, HttpContext http, bool overtaken = false)
    {
        var t = (Words)http.RequestServices.GetService(typeof(Words))!;
        var stage = await KeepPapers.StageOf(db, form, http.RequestAborted);
        return Page.Show<PlacedFieldPage>(new { Paper = form, Field = field, Form = sent, Placeable = stage is { } of ? Placeable.Of(of.Stage, t) : [], Overtaken = overtaken }, overtaken ? 409 : sent.Wrong ? 422 : 200);
    }

    static async Task<IResult> Write(Guid id, string field, Form sent, Visit visit, TownDb db, HttpContext http, TimeProvider time)
    {
        if (await KeepPapers.Find(db, id, http.RequestAborted) is not { IsDraft: true } form || FieldOf(form, field) is not { } of) return Page.NotFound;
        var page = sent.Number("page", 1, form.Pages.Count);
        var sheet = form.Pages[page - 1];
        var row = Source.Read(of.What).Row is null ? (int?)null : sent.Number("row", 1, MostRows);
        var written = of with
        {
            Page = page,
            What = row is { } n ? Placeable.Shape(of.What).Replace("/#/", $"/{n - 1}/") : of.What,
            X = sent.Decimal("x", 0, sheet.Width, 2, required: true) ?? 0, Y = sent.Decimal("y", 0, sheet.Height, 2, required: true) ?? 0,
            Width = sent.Decimal("w", PlacedField.Smallest, sheet.Width, 2, required: true) ?? 0, Height = sent.Decimal("h", PlacedField.Smallest, sheet.Height, 2, required: true) ?? 0,
        };
        if (of.What == ":text") written = written with { Text = sent.Text("text", PlacedField.MostText, required: true) };
        if (IsSign(of)) written = written with { Sign = sent.Choice("sign", PlacedField.Signs) };
        else if (of.What != ":seal")
            written = written with
            {
                Size = sent.Decimal("size", PlacedField.LeastSize, PlacedField.MostSize, 1, required: true) ?? 0, Align = sent.Choice("align", PlacedField.Alignments),
                Boxes = sent.Typed("boxes").Trim().Length == 0 ? 0 : sent.Number("boxes", 0, PlacedField.MostBoxes), Wrap = sent.Ticked("wrap"),
            };
        if (!sent.Wrong && !KeepPapers.IsOf(sent, form)) return await ShowField(form, of, sent, db, http, overtaken: true);
        if (sent.Wrong) return await ShowField(form, of, sent, db, http);
        form.Place([.. form.Fields.Select(f => f.Id == of.Id ? written.Within(sheet) : f)], time.GetUtcNow());
        db.Audit(visit.Did("procedures.paper_place", form.Subject, new { form.Procedure, form.Number, page, field = of.Id }));
        return await Save(form, sent, visit, db, $"desk/procedures/papers/{id}/pages/{page}?done=save", () => ShowField(form, of, sent, db, http, overtaken: true));
    }

    static async Task<IResult> Save(OwnForm form, Form sent, Visit visit, TownDb db, string then, Func<Task<IResult>> overtaken)
    {
        try
        {
            await db.Save(sent.Once, visit.Link(then));
        }
        catch (DbUpdateConcurrencyException)    // between our look and our save
        {
            db.ChangeTracker.Clear();
            return await overtaken();
        }
        return Page.Go(visit, then);
    }

    internal static bool IsSign(PlacedField field) => Source.Read(field.What).Is is not null;

    static Form Of(PlacedField field, OwnForm form) => Form.With(("version", Said(form.Version)), ("page", Said(field.Page)), ("row", Source.Read(field.What).Row is { } row ? Said(row) : null),
        ("x", Said(field.X)), ("y", Said(field.Y)), ("w", Said(field.Width)), ("h", Said(field.Height)), ("text", field.Text), ("size", Said(field.Size)), ("align", field.Align),
        ("boxes", field.Boxes == 0 ? "" : Said(field.Boxes)), ("wrap", field.Wrap ? "true" : null), ("sign", field.Sign));

    static IEnumerable<(string, string?)> Places(PlacedField field) =>
        [($"f{field.Id}-x", Said(field.X)), ($"f{field.Id}-y", Said(field.Y)), ($"f{field.Id}-w", Said(field.Width)), ($"f{field.Id}-h", Said(field.Height))];

    internal static string Said(decimal number) => number.ToString("0.##", CultureInfo.InvariantCulture);
}
