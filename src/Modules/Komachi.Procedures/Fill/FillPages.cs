using System.Text.Json.Nodes;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Files;
using Komachi.Platform.Forms;
using Komachi.Platform.Web;
using Komachi.Ui;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>
/// Page by page, without scripts. What fits is saved with each press of a button, going back too; what does not fit stays on the page beside its sentence.
/// A page saves its own answers and no others, so of two tabs neither takes anything from the other. There is no once-only key here: to send a page
/// again from behind the back button is to change it.
/// </summary>
static class FillPages
{
    const int MostTries = 5;

    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("filling/{id:guid}", Resume);
        to.MapGet("filling/{id:guid}/{page}", Show);
        to.MapPost("filling/{id:guid}/{page}", Take).WithMetadata(TypedStays.Mark);
        to.MapGet("filling/{id:guid}/{page}/{group}/{row}", ShowRow);
        to.MapPost("filling/{id:guid}/{page}/{group}/{row}", TakeRow).WithMetadata(TypedStays.Mark);
    }

    /// <summary>Not theirs: whoever has an account may have been signed out in the meantime, or acts for another now than when they began it.</summary>
    internal static async Task<IResult> Closed(Guid id, Visit visit, TownDb db, CancellationToken stop) => visit.Visitor switch
    {
        null when await db.Set<Draft>().AnyAsync(d => d.Id == id && d.AccountId != null, stop) => Page.Go(visit, "sign-in?then=" + Uri.EscapeDataString(visit.Path.TrimStart('/'))),
        { IsStaff: false, AccountId: var me } when await db.Set<Draft>().AnyAsync(d => d.Id == id && d.AccountId == me, stop) => Page.Go(visit, "my/acting"),
        _ => Page.NotFound,
    };

    static async Task<IResult> Resume(Guid id, Visit visit, TownDb db, TimeProvider time, HttpContext http)
    {
        if (await Filling.Open(id, visit, db, time.Today(), http.RequestAborted) is not { } filling) return await Closed(id, visit, db, http.RequestAborted);
        if (filling.Draft.CaseId is not null) return Page.Go(visit, filling.Path + "/done");
        return Page.Go(visit, filling.GoesOnAt);
    }

    static async Task<IResult> Show(Guid id, string page, string? from, string? file, Visit visit, TownDb db, TimeProvider time, HttpContext http)
    {
        if (await Filling.Open(id, visit, db, time.Today(), http.RequestAborted) is not { } filling) return await Closed(id, visit, db, http.RequestAborted);
        if (filling.Draft.CaseId is not null) return Page.Go(visit, filling.Path + "/done");
        if (filling.PageOf(page) is not { } on) return Page.Go(visit, filling.Path);
        if (FileIn(on.Fields, file) is { } field) return Page.Show<FillFilesPage>(new { Filling = filling, On = on, Field = field, Place = filling.Files.PlaceOf(field), Path = $"{filling.Path}/{on.Key}", From = from == "check" ? from : null });
        return await Draw(filling, on, FormPages.FormOf(on, filling.Given), from, visit, db);
    }

    static async Task<IResult> Draw(Filling filling, CompiledPage on, Form form, string? from, Visit visit, TownDb db, int status = 200) =>
        Page.Show<FillPage>(new { Filling = filling, On = on, Form = form, From = from, Family = await FamilyOf(filling, on, db, visit.Lang) }, status);

    static async Task<IReadOnlyList<FamilyMember>> FamilyOf(Filling filling, CompiledPage on, TownDb db, Lang lang) =>
        filling.Draft.PersonId is { } person && on.Fields.Any(f => f.Field.Kind == "people" || f.Field.Prefill == "family") && await db.Set<Family>().AsNoTracking().SingleOrDefaultAsync(f => f.PersonId == person) is { } family ? family.Members(lang) : [];

    static async Task<IResult> Take(Guid id, string page, Form form, Visit visit, TownDb db, TimeProvider time, HttpContext http)
    {
        var stop = http.RequestAborted;
        for (var tries = 1; ; tries++)
        {
            var filling = await Filling.Open(id, visit, db, time.Today(), stop);
            if (form.IsStale) return await Stale(filling, form, page, null, visit, db, stop);
            if (filling is null) return await Closed(id, visit, db, stop);
            if (filling.Draft.CaseId is not null) return Page.Go(visit, filling.Path + "/done");
            if (filling.PageOf(page) is not { } on) return Page.Go(visit, filling.Path);

            var from = form.Typed("from") == "check" ? "check" : null;
            var (answers, pressed) = (FormPages.Read(on, form, filling.Given, filling.State), FormPages.PressedOn(on, form));
            var (goes, file) = ("", FormPages.FileOn(form));
            if (FileIn(on.Fields, file?.Name) is { } field) goes = ToFile(filling, field, filling.Files.PlaceOf(field), file!, $"{filling.Path}/{page}", from, visit, db);
            switch (pressed)
            {
                case { What: PagePress.Add }:
                    // Pressed twice it is one row: an empty one that waits is used.
                    if (answers[pressed.Group.Key] is not JsonArray { Count: > 0 } rows || rows[^1] is not JsonObject { Count: <= 1 }) (answers, _) = FormPages.AddRow(pressed.Group, answers);
                    goes = $"{filling.Path}/{page}/{pressed.Group.Key}/{((JsonArray)answers[pressed.Group.Key]!).Count - 1}";
                    break;
                case { What: PagePress.Remove }:
                    (answers, goes) = (FormPages.RemoveRow(pressed.Group, pressed.Row, answers), Again(filling, page, from, pressed.Group.Key));
                    break;
                case { What: PagePress.Family }:
                    (answers, goes) = (FormPages.AddFamily(pressed.Group, form, await FamilyOf(filling, on, db, visit.Lang), answers), Again(filling, page, from, pressed.Group.Key));
                    break;
            }
            var now = filling.With(answers);
            var leaves = form.Typed("_look");
            if (goes.Length == 0 && !form.Wrong)
                goes = leaves switch
                {
                    "later" => filling.Path + "/later",
                    "back" => now.State.Before(on) is { } before ? $"{filling.Path}/{before.Key}" : filling.Home,
                    _ => Next(now, on, from),
                };
            if (goes.Length > 0 && leaves.Length == 0 && pressed is null && file is null) Reached(filling.Draft, now.State, on);
            try
            {
                await Keep(filling, answers, visit, db, time, stop);
            }
            catch (Exception e) when (e.IsOvertaken() && tries < MostTries)
            {
                db.ChangeTracker.Clear();    // another tab saved another page: ours goes on top of it
                continue;
            }
            return goes.Length > 0 ? Page.Go(visit, goes) : await Draw(now, on, form, from, visit, db, form.Mistakes.Count > 0 || form.LookedUp is null ? 422 : 200);
        }
    }

    static CompiledField? FileIn(IReadOnlyList<CompiledField> fields, string? name) => name is null ? null : fields.FirstOrDefault(f => f.Field.Kind == "file" && f.Key == name);

    /// <summary>Files are sent on a page of their own, where no script sends them from here; one that is taken away goes with what is saved now.</summary>
    static string ToFile(Filling filling, CompiledField field, string place, PressedOnFile pressed, string path, string? from, Visit visit, TownDb db)
    {
        if (pressed.Away is not { } away) return ToFiles(path, from, field.Key);
        filling.Files.TakeAway(db, visit, place, away);
        return $"{path}{(from is null ? "" : "?from=" + from)}#{field.Key}-box";
    }

    internal static string ToFiles(string path, string? from, string field) => $"{path}?file={field}{(from is null ? "" : "&from=" + from)}";

    static string Again(Filling filling, string page, string? from, string field) => $"{filling.Path}/{page}{(from is null ? "" : "?from=" + from)}#{field}";

    /// <summary>Who came to change one thing goes back to look at everything, unless that brought a question that nobody answered.</summary>
    static string Next(Filling now, CompiledPage on, string? from) =>
        from == "check" ? now.State.Unfinished is { } open ? $"{now.Path}/{open.Key}?from=check" : now.Path + "/check"
        : now.State.Next(on) is { } next ? $"{now.Path}/{next.Key}" : now.Path + "/check";

    static void Reached(Draft draft, FormState state, CompiledPage on)
    {
        var next = state.Next(on)?.Key ?? "check";
        int At(string key) => state.Pages.Select(p => p.Key).Append("check").ToList().IndexOf(key);
        if (At(next) > At(draft.Page)) draft.Reached(next);
    }

    static async Task Keep(Filling filling, JsonObject answers, Visit visit, TownDb db, TimeProvider time, CancellationToken stop)
    {
        filling.Draft.Keep(answers, visit.Lang.Code, time.GetUtcNow());
        if (filling.Files.Sent.Count > 0) await db.KeepFilesBelow(Filing.Attachment, filling.Draft.Place, filling.Draft.EndsAt, stop);
        await db.Save(stop: stop);
        visit.RenewKeyTo(filling.Draft.Id, Draft.Kept);
    }

    // ── a row of what repeats ────────────────────────────────────────────────────────────────────────────────────────

    static async Task<IResult> ShowRow(Guid id, string page, string group, string row, string? from, string? file, Visit visit, TownDb db, TimeProvider time, HttpContext http)
    {
        if (await Filling.Open(id, visit, db, time.Today(), http.RequestAborted) is not { } filling) return await Closed(id, visit, db, http.RequestAborted);
        if (filling.Draft.CaseId is not null) return Page.Go(visit, filling.Path + "/done");
        if (filling.PageOf(page) is not { } on || GroupOf(on, group) is not { } rows) return Page.Go(visit, filling.Path);
        if (!int.TryParse(row, out var n) || RowAt(filling.Given, rows, n) is not { } given) return Page.Go(visit, Again(filling, page, from, group));
        if (FileIn(rows.Rows, file) is { } field)
            return Page.Show<FillFilesPage>(new { Filling = filling, On = on, Field = field, Place = filling.Files.PlaceOf(rows, given, field), Path = $"{filling.Path}/{on.Key}/{rows.Key}/{n}", From = from == "check" ? from : null });
        return DrawRow(filling, on, rows, n, FormPages.FormOf(rows.Rows, given), from);
    }

    static HtmlPage DrawRow(Filling filling, CompiledPage on, CompiledField group, int row, Form form, string? from, int status = 200) =>
        Page.Show<FillRowPage>(new { Filling = filling, On = on, Group = group, Row = row, Form = form, From = from }, status);

    static CompiledField? GroupOf(CompiledPage on, string key) => on.Fields.FirstOrDefault(f => f.Repeats && f.Key == key);

    internal static JsonObject? RowAt(JsonObject given, CompiledField group, int row) => given[group.Key] is JsonArray rows && row >= 0 && row < rows.Count ? rows[row] as JsonObject : null;

    static async Task<IResult> TakeRow(Guid id, string page, string group, string row, Form form, Visit visit, TownDb db, TimeProvider time, HttpContext http)
    {
        var stop = http.RequestAborted;
        for (var tries = 1; ; tries++)
        {
            var filling = await Filling.Open(id, visit, db, time.Today(), stop);
            if (form.IsStale) return await Stale(filling, form, page, (group, int.TryParse(row, out var opened) ? opened : -1), visit, db, stop);
            if (filling is null) return await Closed(id, visit, db, stop);
            if (filling.Draft.CaseId is not null) return Page.Go(visit, filling.Path + "/done");
            if (filling.PageOf(page) is not { } on || GroupOf(on, group) is not { } rows) return Page.Go(visit, filling.Path);

            // In another tab rows may have gone: what was written here belongs to the row that it was opened for, or is a new one.
            var at = IndexOf(filling.Given, rows, form.Typed("rowKey"), int.TryParse(row, out var n) ? n : 0);
            var from = form.Typed("from") == "check" ? "check" : null;
            var answers = FormPages.ReadRow(on, rows, at, form, filling.Given, filling.State);
            var goes = form.Wrong ? "" : Again(filling, page, from, group);
            if (FormPages.FileOn(form) is { } file && FileIn(rows.Rows, file.Name) is { } field && RowAt(answers, rows, at) is { } given)
                goes = ToFile(filling, field, filling.Files.PlaceOf(rows, given, field), file, $"{filling.Path}/{page}/{group}/{at}", from, visit, db);
            try
            {
                await Keep(filling, answers, visit, db, time, stop);
            }
            catch (Exception e) when (e.IsOvertaken() && tries < MostTries)
            {
                db.ChangeTracker.Clear();
                continue;
            }
            return goes.Length > 0 ? Page.Go(visit, goes) : DrawRow(filling.With(answers), on, rows, at, form, from, form.LookedUp is null ? 422 : 200);
        }
    }

    internal static string RowKeyOf(JsonObject row) => row["_row"]?.ToString() ?? "";

    static int IndexOf(JsonObject given, CompiledField group, string key, int row)
    {
        var rows = given[group.Key] as JsonArray ?? [];
        if (key.Length == 0) return Math.Min(row, rows.Count);
        for (var n = 0; n < rows.Count; n++)
            if (rows[n] is JsonObject one && RowKeyOf(one) == key) return n;
        return rows.Count;
    }

    // ── a session that ended meanwhile ──────────────────────────────────────────────────────────────────────────────

    /// <summary>Nothing is saved. Who is known again sees the page with all that they wrote; who is not is told how to come back to it.</summary>
    static async Task<IResult> Stale(Filling? filling, Form form, string page, (string Group, int Row)? at, Visit visit, TownDb db, CancellationToken stop)
    {
        form.Wrongly("", "This page was opened before you signed in or out. All that you wrote is still here: please send it once more.");
        if (filling is { Draft.CaseId: null } && filling.PageOf(page) is { } on)
        {
            if (at is null) return await Draw(filling, on, form, form.Typed("from"), visit, db, StatusCodes.Status400BadRequest);
            if (GroupOf(on, at.Value.Group) is { } group && RowAt(filling.Given, group, at.Value.Row) is not null) return DrawRow(filling, on, group, at.Value.Row, form, form.Typed("from"), StatusCodes.Status400BadRequest);
        }
        var theirs = filling is null && visit.Visitor is null && Guid.TryParse(visit.Path.Split('/').ElementAtOrDefault(3), out var id) && await db.Set<Draft>().AnyAsync(d => d.Id == id && d.AccountId != null && d.AssistedById == null, stop);
        return theirs ? Page.Show<LostSessionPage>(new { Form = form }, StatusCodes.Status400BadRequest) : Results.StatusCode(StatusCodes.Status400BadRequest);
    }
}
