using System.Text.Json.Nodes;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.People;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>
/// Staff fill in for somebody who stands at the counter, called, or sent a paper: the same pages, and the record says who wrote, for whom, and how it came.
/// It arrives when the program has it; the day on which a paper came is noted beside.
/// </summary>
static class AssistFiling
{
    internal static readonly Way[] Ways = [Way.Counter, Way.Telephone, Way.Post, Way.Fax, Way.Email];

    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("assist", (string? procedure, Guid? person, string? nobody, Sought sought, Visit visit, TownDb db, Persons persons, TimeProvider time, HttpContext http) =>
            Show(procedure, person, nobody is not null, sought, Form.Empty, visit, db, persons, time, http.RequestAborted));
        to.MapPost("assist", Begin);
        to.MapGet("assist/{id:guid}/{stage}", (Guid id, string stage, [AsParameters] AtDesk desk) => ShowStage(id, stage, Form.Empty, desk));
        to.MapPost("assist/{id:guid}/{stage}", BeginStage);
    }

    static async Task<IResult> Show(string? procedure, Guid? person, bool nobody, Sought sought, Form form, Visit visit, TownDb db, Persons persons, TimeProvider time, CancellationToken stop)
    {
        procedure ??= sought["procedure"];    // who looks for a person has chosen it before
        var offered = await Catalog.Of(db, time.Today(), stop);
        var seen = person is { } one ? await persons.See(one, "procedures/assist") : null;
        if (person is { } missing && seen is null) return await persons.NotThere(missing);
        var me = visit.Visitor!.AccountId;
        var mine = await db.Set<Draft>().AsNoTracking().Where(d => d.AssistedById == me && d.CaseId == null && d.EndsAt > time.GetUtcNow()).OrderByDescending(d => d.ChangedAt).Take(20).ToListAsync(stop);
        return Page.Show<AssistPage>(new
        {
            Form = form, Offered = offered, Chosen = offered.FirstOrDefault(o => o.Key == procedure), Person = seen, Nobody = nobody, Sought = sought, Mine = mine,
            Titles = (await Catalog.Versions(db, [.. mine.Select(d => d.DefinitionId)], stop)).ToDictionary(v => v.Key, v => v.Value.Title),
            Found = procedure is not null && seen is null && !nobody ? await persons.Find(sought["q"], DayOf(sought["bornOn"])) : null,
        }, form.Wrong ? 422 : 200);
    }

    static DateOnly? DayOf(string? typed) => DateOnly.TryParseExact(typed, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.None, out var day) ? day : null;

    static async Task<IResult> Begin(Form form, Visit visit, TownDb db, Persons persons, TimeProvider time, HttpContext http)
    {
        var (now, today, stop) = (time.GetUtcNow(), time.Today(), http.RequestAborted);
        if (await Catalog.Find(db, form.Typed("procedure"), today, stop) is not { } offered) return Page.Go(visit, "desk/procedures/assist");
        PersonSeen? seen = null;
        if (Guid.TryParse(form.Typed("person"), out var person))
        {
            if (await persons.See(person, "procedures/assist") is not { } known) return await persons.NotThere(person);
            seen = known;
        }
        var (way, came) = HowItCame(form, today);
        if (form.Wrong) return await Show(offered.Key, seen?.Id, seen is null, Sought.Nothing, form, visit, db, persons, time, stop);

        var draft = Draft.Begin(offered.Id, offered.Procedure, offered.Procedure.First, way, visit.Lang.Code, now, person: seen?.Id, assistedBy: visit.Visitor!.AccountId);
        var answers = new JsonObject { [Came] = came.ForInput() };
        draft.Take(seen is { Hidden: false } ? Known.Into(offered.Procedure.First.Form, answers, seen) : answers);
        db.Add(draft);
        db.Audit(visit.Did("procedures.assist", $"procedures/drafts/{draft.Id}", new { draft.Procedure, draft.Way, Came = came }, about: seen?.Id, at: now));
        await db.Save(form.Once, visit.Link(Filling.PathOf(draft)), stop);
        return Page.Go(visit, Filling.PathOf(draft));
    }

    static (Way Way, DateOnly Came) HowItCame(Form form, DateOnly today)
    {
        var way = form.Choice("way", [.. Ways.Select(w => w.ToString())], "Please choose how it came.");
        var came = form.Day("came", required: true, most: today);
        return form.Wrong ? default : (Enum.Parse<Way>(way), came!.Value);
    }

    /// <summary>A later filing of a matter (a report, a claim), for whoever may read the matter; null where it is not open.</summary>
    static async Task<(CaseFile File, OpenStage Open)?> Find(Guid id, string stage, AtDesk desk) =>
        await ShowCase.Find(id, desk) is { } file && file.OpenStages.FirstOrDefault(s => s.Stage.Key == stage) is { } open ? (file, open) : null;

    static async Task<IResult> ShowStage(Guid id, string stage, Form form, AtDesk desk) => await Find(id, stage, desk) is var (file, open)
        ? Page.Show<AssistStagePage>(new { File = file, Open = open, Form = form }, form.Wrong ? 422 : 200) : Page.Go(desk.Visit, $"desk/procedures/cases/{id}");

    static async Task<IResult> BeginStage(Guid id, string stage, Form form, [AsParameters] AtDesk desk)
    {
        var (visit, db, now) = (desk.Visit, desk.Db, desk.Now);
        if (await Find(id, stage, desk) is not var (file, open)) return Page.Go(visit, $"desk/procedures/cases/{id}");
        var (of, first) = (file.Of, file.Of.ParentId ?? id);
        var (way, came) = HowItCame(form, desk.Today);
        if (form.Wrong) return await ShowStage(id, stage, form, desk);
        if (await db.Set<Draft>().AsNoTracking().FirstOrDefaultAsync(d => d.AssistedById == desk.MyId && d.ParentId == first && d.Stage == stage && d.CaseId == null && d.EndsAt > now, desk.Stop) is { } begun) return Page.Go(visit, Filling.PathOf(begun));
        var draft = Draft.Begin(of.DefinitionId, file.Procedure, open.Stage, way, of.Lang, now, person: of.PersonId, assistedBy: desk.MyId, parent: first);
        draft.Take(new() { [Came] = came.ForInput() });
        // Whoever was reached about the matter so far hears of this, too.
        draft.Prove(Assurance.None, of.Email, of.Telephone);
        db.Add(draft);
        db.Audit(visit.Did("procedures.assist", $"procedures/drafts/{draft.Id}", new { draft.Procedure, draft.Stage, draft.Way, Came = came }, about: of.PersonId, at: now));
        await db.Save(form.Once, visit.Link(Filling.PathOf(draft)), desk.Stop);
        return Page.Go(visit, Filling.PathOf(draft));
    }

    /// <summary>The day on which a paper or a call came: kept among the answers, beside the hour at which the program had it.</summary>
    public const string Came = "_came";

    public static DateOnly? CameOn(JsonObject answers) => DayOf(answers[Came]?.ToString());
}
