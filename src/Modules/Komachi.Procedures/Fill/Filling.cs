using System.Text.Json.Nodes;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Files;
using Komachi.Platform.Forms;
using Komachi.Platform.Offices;
using Komachi.Platform.Web;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>A draft with all that its pages and its filing go by: the version of its procedure, how the form stands, its files, the office's days.</summary>
public sealed record Filling(Draft Draft, Procedure Procedure, Stage Stage, FormFiles Files, JsonObject Given, FormState State, IReadOnlyList<Case> Matter, DepartmentTree Tree, Guid Department, OpeningCalendar? Calendar)
{
    public bool AtDesk => Draft.AssistedById is not null;

    /// <summary>Within the town; the pages of staff who fill in for somebody stand behind their own door.</summary>
    public string Path => PathOf(Draft);

    public static string PathOf(Draft draft) => $"{(draft.AssistedById is null ? "" : "desk/")}procedures/filling/{draft.Id}";

    /// <summary>Where one came from: the procedure's own page, or the desk's list.</summary>
    public string Home => AtDesk ? "desk/procedures/assist" : $"procedures/{Procedure.Key}";

    /// <summary>Of a later filing: it can be sent now, and nobody has sent it yet.</summary>
    public bool IsOpen => Draft.ParentId is null || Flow.IsOpen(Stage, Matter);

    public Case? Parent => Draft.ParentId is { } first ? Matter.FirstOrDefault(c => c.Id == first) : null;

    public CompiledPage? PageOf(string key) => State.Pages.FirstOrDefault(p => p.Key == key);

    /// <summary>Where somebody goes on who comes back: where something is missing, and never past a page that they have not seen.</summary>
    public string GoesOnAt
    {
        get
        {
            var keys = State.Pages.Select(p => p.Key).Append("check").ToList();
            var missing = State.Unfinished is { } page ? keys.IndexOf(page.Key) : keys.Count - 1;
            return $"{Path}/{keys[Math.Min(missing, Math.Max(0, keys.IndexOf(Draft.Page)))]}";
        }
    }

    /// <summary>The same with other answers, before they are saved.</summary>
    public Filling With(JsonObject answers) => this with { Given = answers, State = State.With(answers) };

    /// <summary>Theirs to go on with, or null. Who signed in on the way has it as their own from here; that is saved with the next page.</summary>
    internal static async Task<Filling?> Open(Guid id, Visit visit, TownDb db, DateOnly today, CancellationToken stop = default)
    {
        if (await db.Set<Draft>().SingleOrDefaultAsync(d => d.Id == id, stop) is not { } draft || !Drafts.MayWrite(visit, draft)) return null;
        if ((draft.AssistedById is not null) != visit.Path.StartsWith("/desk/", StringComparison.Ordinal)) return null;
        if (draft is { AccountId: null, AssistedById: null, CaseId: null } && visit.Visitor is { IsStaff: false, For: null } me && (draft.PersonId is null || draft.PersonId == me.PersonId)) draft.Own(me.AccountId, me.PersonId);
        return await Of(draft, db, today, stop);
    }

    internal static async Task<Filling> Of(Draft draft, TownDb db, DateOnly today, CancellationToken stop = default)
    {
        var procedure = await Catalog.Version(db, draft.DefinitionId, stop);
        var stage = procedure.StageOf(draft.Stage);
        var parent = draft.ParentId is { } first ? await db.Set<Case>().AsNoTracking().SingleAsync(c => c.Id == first, stop) : null;
        var matter = parent is null ? [] : await Flow.Matter(db, parent, stop);
        var offices = await AskableOffices.Today(db, stop);
        var department = parent?.DepartmentId ?? Catalog.DepartmentOf(procedure.Definition.Department, offices.Tree);
        var calendar = offices.CalendarOf(department);
        var files = new FormFiles(Filing.Attachment, draft.Place, await db.FilesBelow(Filing.Attachment, draft.Place, stop));
        var given = files.In(stage.Form, draft.Answers);
        var state = FormState.Of(stage.Form, given, today, outer: Flow.Around(procedure, stage, matter, today), lists: TownLists.For(stage.Form, calendar, today), works: calendar is null ? null : calendar.IsWorkingDay);
        return new(draft, procedure, stage, files, given, state, matter, offices.Tree, department, calendar);
    }

    /// <summary>What the first filing costs, as its own rule reckons it; null where there is no fee, or nobody can say it yet.</summary>
    public long? FeeYen => Stage == Procedure.First && Procedure.Fee?.Of(State.Answers) is { Sort: Sort.Number } fee ? (long)fee.Number : null;
}

/// <summary>What is chosen from lists that only the town knows on the day.</summary>
static class TownLists
{
    public const string Collection = "collectionDays";
    const int DaysAhead = 5, MostDays = 20;

    public static IReadOnlyDictionary<string, IReadOnlyList<FormOption>>? For(CompiledForm form, OpeningCalendar? calendar, DateOnly today)
    {
        if (!form.Fields.SelectMany(f => f.Rows.Prepend(f)).Any(f => f.Field.From is not null)) return null;
        return new Dictionary<string, IReadOnlyList<FormOption>> { [Collection] = [.. CollectionDays(calendar, today)] };
    }

    /// <summary>Days on which the office works, from five days ahead (見本): the collectors' own calendar comes with the waste module.</summary>
    static IEnumerable<FormOption> CollectionDays(OpeningCalendar? calendar, DateOnly today) =>
        Enumerable.Range(DaysAhead, 3 * MostDays).Select(today.AddDays).Where(d => calendar?.IsWorkingDay(d) ?? d.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday)).Take(MostDays)
            .Select(d => new FormOption { Value = d.ForInput(), Text = new(JapanTime.Show(d, Ui.Words.Lang.Japanese), JapanTime.Show(d, Ui.Words.Lang.English), JapanTime.Show(d, Ui.Words.Lang.Plain)) });
}
