using System.Globalization;
using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Offices;

/// <summary>
/// The reorganisation of 1 April: written or imported beforehand, looked at (who gains and loses what, where open work goes),
/// confirmed, and taken back until its day.
/// </summary>
public static class PrepareChanges
{
    const int PageSize = 50;

    public sealed record Line(Guid Id, string Title, DateOnly EffectiveOn, ChangeSetState State);

    public sealed record View(Guid Id, string Title, DateOnly EffectiveOn, ChangeSetState State, int Version, DateTimeOffset MadeAt, string? ConfirmedBy, DateTimeOffset? ConfirmedAt, DateTimeOffset? TakenBackAt);

    /// <summary>What the change would do. People come a page at a time.</summary>
    public sealed record Preview(IReadOnlyList<CellMistake> Mistakes, DepartmentTree Before, DepartmentTree After, IReadOnlyList<Guid> Opened, IReadOnlyList<Guid> Changed,
        IReadOnlyList<ClosingDepartment> Closing, IReadOnlyList<PersonEffect> People, int AllPeople, int Losing, IReadOnlyList<PersonEffect> NothingLeft, Guid? Next);

    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("changes", List);
        to.MapGet("changes/new", async (Visit visit, TownDb db, TimeProvider time) => await May(visit, db) ? Show(NewForm(time.Today()), null, null, null, false) : Managing.NotYours);
        to.MapPost("changes/new", Make);
        to.MapGet("changes/{id:guid}", async (Guid id, Guid? after, string? done, Visit visit, TownDb db, House house, TimeProvider time, HttpContext http) =>
            !await May(visit, db) ? Managing.NotYours : await ShowStored(id, null, after, done, db, house, time, http.RequestAborted));
        to.MapPost("changes/{id:guid}", Write);
        to.MapPost("changes/{id:guid}/confirm", Confirm);
        to.MapPost("changes/{id:guid}/take-back", TakeBack);
        to.MapPost("changes/{id:guid}/discard", Discard);
    }

    static async Task<bool> May(Visit visit, TownDb db) => visit.ManagesAll(await DepartmentTrees.Today(db));

    /// <summary>For those who look after the whole organisation: nobody else may confirm one.</summary>
    public static async Task<int> Drafts(Visit visit, TownDb db, DateTimeOffset now) =>
        visit.ManagesAll((await Chart.Load(db)).On(JapanTime.DayOf(now))) ? await db.Set<ChangeSet>().CountAsync(s => s.State == ChangeSetState.Draft) : 0;

    static Form NewForm(DateOnly today) => Form.With(("effectiveOn", new DateOnly(today.Month > 3 ? today.Year + 1 : today.Year, 4, 1).ForInput()));

    static async Task<IResult> List(Visit visit, TownDb db) =>
        !await May(visit, db) ? Managing.NotYours : Page.Show<ChangesPage>(new
        {
            Lines = await db.Set<ChangeSet>().AsNoTracking().OrderByDescending(s => s.EffectiveOn).ThenByDescending(s => s.Id).Take(100)
                .Select(s => new Line(s.Id, s.Title, s.EffectiveOn, s.State)).ToListAsync(),
        });

    static IResult Show(Form form, View? view, Preview? preview, string? done, bool overtaken, int? status = null, bool takeable = false) =>
        Page.Show<ChangePage>(new { Form = form, View = view, Preview = preview, Done = done, Overtaken = overtaken, Takeable = takeable }, status ?? (overtaken ? 409 : form.Wrong ? 422 : 200));

    static async Task<IResult> ShowStored(Guid id, Form? form, Guid? after, string? done, TownDb db, House house, TimeProvider time, CancellationToken stop, bool overtaken = false)
    {
        db.ChangeTracker.Clear();
        var set = await db.Set<ChangeSet>().AsNoTracking().FirstOrDefaultAsync(s => s.Id == id, stop);
        if (set is null) return Page.NotFound;
        var by = set.ConfirmedById is { } who ? await db.Set<People.Account>().Where(a => a.Id == who).Select(a => a.Name).FirstOrDefaultAsync(stop) : null;
        var view = new View(set.Id, set.Title, set.EffectiveOn, set.State, set.Version, set.MadeAt, by, set.ConfirmedAt, set.TakenBackAt);
        Preview? preview = null;
        if (set.State == ChangeSetState.Draft)
        {
            var plan = await ChangePlan.Make(set, db, toChange: false, stop);
            var from = plan.People.FirstOrDefault(p => p.AccountId == after)?.SignIn ?? "";
            var behind = plan.People.SkipWhile(p => from.Length > 0 && string.CompareOrdinal(p.SignIn, from) <= 0).ToArray();
            var page = behind.Take(PageSize).ToArray();
            preview = new(plan.Mistakes, plan.Before, plan.After, [.. plan.NewDepartments.Select(d => d.Id)], [.. plan.NewStates.Select(s => s.DepartmentId).Except(plan.NewDepartments.Select(d => d.Id))],
                plan.Mistakes.Count > 0 ? [] : await plan.CountOpen(house, db, stop), page, plan.People.Count, plan.People.Count(p => p.Lost.Count > 0),
                [.. plan.People.Where(p => p.NothingLeft).Take(200)], behind.Length > PageSize ? page[^1].AccountId : null);
        }
        return Show(form ?? Form.With(("title", set.Title), ("effectiveOn", set.EffectiveOn.ForInput()), ("departments", set.DepartmentsCsv), ("moves", set.MovesCsv), ("version", set.Version.ToString(CultureInfo.InvariantCulture))),
            view, preview, done, overtaken, takeable: set.State == ChangeSetState.Confirmed && set.EffectiveOn > time.Today());
    }

    static (string Title, DateOnly? On) Read(Form form, TimeProvider time)
    {
        var (title, on) = (form.Text("title", most: 100, required: true), form.Day("effectiveOn", required: true));
        if (on < time.Today()) form.Wrongly("effectiveOn", "Changes begin today at the earliest: what was, stays as it was.");
        if (form.Typed("departments").Trim().Length == 0 && form.Typed("moves").Trim().Length == 0) form.Wrongly("departments", "Paste at least one of the two tables.");
        return (title, on);
    }

    static async Task<IResult> Make(Form form, Visit visit, TownDb db, TimeProvider time)
    {
        if (!await May(visit, db)) return Managing.NotYours;
        var (title, on) = Read(form, time);
        if (form.Wrong) return Show(form, null, null, null, false);
        var set = ChangeSet.Draft(title, on!.Value, form.Typed("departments"), form.Typed("moves"), visit.Visitor!.AccountId, time.GetUtcNow());
        db.Add(set);
        db.Audit(visit.Did("offices.draft_changes", $"change_sets/{set.Id}", new { set.EffectiveOn }));
        await db.Save(form.Once, visit.Link($"desk/offices/changes/{set.Id}"));
        return Page.Go(visit, $"desk/offices/changes/{set.Id}");
    }

    static async Task<IResult> Write(Guid id, Form form, Visit visit, TownDb db, House house, TimeProvider time, HttpContext http)
    {
        if (!await May(visit, db)) return Managing.NotYours;
        var set = await db.Set<ChangeSet>().FirstOrDefaultAsync(s => s.Id == id);
        if (set is null) return Page.NotFound;
        var (title, on) = Read(form, time);
        if (set.State != ChangeSetState.Draft || form.Typed("version") != set.Version.ToString(CultureInfo.InvariantCulture)) return await ShowStored(id, form, null, null, db, house, time, http.RequestAborted, overtaken: true);
        if (form.Wrong) return await ShowStored(id, form, null, null, db, house, time, http.RequestAborted);
        set.Write(title, on!.Value, form.Typed("departments"), form.Typed("moves"));
        db.Audit(visit.Did("offices.draft_changes", $"change_sets/{set.Id}", new { set.EffectiveOn, set.Version }));
        return await Save(id, "saved", form, visit, db, house, time, http);
    }

    static async Task<IResult> Confirm(Guid id, Form form, Visit visit, TownDb db, House house, TimeProvider time, HttpContext http)
    {
        if (!await May(visit, db)) return Managing.NotYours;
        var organisation = await Organisation.ToChange(db);
        var set = await db.Set<ChangeSet>().FirstOrDefaultAsync(s => s.Id == id);
        if (set is null) return Page.NotFound;
        if (set.State != ChangeSetState.Draft || form.Typed("version") != set.Version.ToString(CultureInfo.InvariantCulture)) return await ShowStored(id, null, null, null, db, house, time, http.RequestAborted, overtaken: true);
        if (set.EffectiveOn < time.Today()) form.Wrongly("", "Its day has passed: give it a day to come.");
        var plan = await ChangePlan.Make(set, db, toChange: true, http.RequestAborted);
        // The mistakes stand on the page themselves.
        if (plan.Mistakes.Count > 0) form.Wrongly("", "There are mistakes in the tables. Nothing has been changed.");
        if (form.Wrong)
        {
            var again = Form.With(("title", set.Title), ("effectiveOn", set.EffectiveOn.ForInput()), ("departments", set.DepartmentsCsv), ("moves", set.MovesCsv), ("version", set.Version.ToString(CultureInfo.InvariantCulture)));
            foreach (var mistake in form.Mistakes) again.Wrongly(mistake.Field, mistake.Message, mistake.Values);
            return await ShowStored(id, again, null, null, db, house, time, http.RequestAborted);
        }
        ConfirmChanges.Write(set, plan, db, visit.Visitor!.AccountId, time.GetUtcNow(), (action, details, about) => visit.Did(action, $"change_sets/{id}", details, about));
        organisation.Changed();
        return await Save(id, "confirmed", form, visit, db, house, time, http);
    }

    static async Task<IResult> TakeBack(Guid id, Form form, Visit visit, TownDb db, House house, TimeProvider time, HttpContext http)
    {
        if (!await May(visit, db)) return Managing.NotYours;
        var organisation = await Organisation.ToChange(db);
        var set = await db.Set<ChangeSet>().FirstOrDefaultAsync(s => s.Id == id);
        if (set is null) return Page.NotFound;
        if (!await Platform.Offices.ConfirmChanges.TakeBack(set, db, time.Today(), time.GetUtcNow(), http.RequestAborted))
        {
            var stuck = Form.With();
            stuck.Wrongly("", "It can no longer be taken back: its day has come, or something of it was changed since. Change that first, or make a new reorganisation.");
            return await ShowStored(id, stuck, null, null, db, house, time, http.RequestAborted);
        }
        organisation.Changed();
        db.Audit(visit.Did("offices.take_back_changes", $"change_sets/{id}", new { set.EffectiveOn }));
        return await Save(id, "taken", form, visit, db, house, time, http);
    }

    static async Task<IResult> Discard(Guid id, Form form, Visit visit, TownDb db, House house, TimeProvider time, HttpContext http)
    {
        if (!await May(visit, db)) return Managing.NotYours;
        var set = await db.Set<ChangeSet>().FirstOrDefaultAsync(s => s.Id == id);
        if (set is null) return Page.Go(visit, "desk/offices/changes");
        if (set.State != ChangeSetState.Draft) return await ShowStored(id, null, null, null, db, house, time, http.RequestAborted, overtaken: true);
        db.Remove(set);
        db.Audit(visit.Did("offices.discard_changes", $"change_sets/{id}", new { set.EffectiveOn }));
        await db.Save(form.Once, visit.Link("desk/offices/changes"));
        return Page.Go(visit, "desk/offices/changes");
    }

    static async Task<IResult> Save(Guid id, string done, Form form, Visit visit, TownDb db, House house, TimeProvider time, HttpContext http)
    {
        var path = $"desk/offices/changes/{id}?done={done}";
        try
        {
            await db.Save(form.Once, visit.Link(path));
            return Page.Go(visit, path);
        }
        catch (Exception e) when (e.IsOvertaken())
        {
            return await ShowStored(id, null, null, null, db, house, time, http.RequestAborted, overtaken: true);
        }
    }
}

/// <summary>The same from the command line: two files of a folder become a draft, or a list of all that is wrong.</summary>
public static class ImportChanges
{
    public sealed record Outcome(Guid? Id, IReadOnlyList<string> Mistakes, int People);

    public static async Task<Outcome> FromFolder(TownDb db, string folder, string title, DateOnly on, DateTimeOffset now, CancellationToken stop = default)
    {
        string[] texts = [await Text(ReadChanges.DepartmentsFile), await Text(ReadChanges.MovesFile)];
        if (texts.All(t => t.Length == 0)) return new(null, [$"{folder}: there is neither {ReadChanges.DepartmentsFile} nor {ReadChanges.MovesFile} with anything in it."], 0);
        if (texts.Any(t => t.Contains('\ufffd'))) return new(null, [$"{folder}: a file is not in UTF-8. Save it as \"CSV UTF-8\"."], 0);
        var set = ChangeSet.Draft(title, on, texts[0], texts[1], null, now);
        var plan = await ChangePlan.Make(set, db, toChange: false, stop);
        if (plan.Mistakes.Count > 0) return new(null, [.. plan.Mistakes.Select(m => $"{m.File}, row {m.Row}{(m.Column.Length > 0 ? $", {m.Column}" : "")}: {string.Format(CultureInfo.InvariantCulture, m.Message, [.. m.Values.Select(v => v is DateOnly day ? day.ForInput() : v)])}")], plan.People.Count);
        db.Add(set);
        db.Audit(AuditEntry.ByOperator("offices.draft_changes", $"change_sets/{set.Id}", "komachi offices import", now));
        await db.Save(stop: stop);
        return new(set.Id, [], plan.People.Count);

        async Task<string> Text(string file) => File.Exists(Path.Combine(folder, file)) ? await File.ReadAllTextAsync(Path.Combine(folder, file), stop) : "";
    }
}
