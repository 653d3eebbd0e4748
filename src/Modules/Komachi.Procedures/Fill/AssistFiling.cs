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
        var way = form.Choice("way", [.. Ways.Select(w => w.ToString())], "Please choose how it came.");
        var came = form.Day("came", required: true, most: today);
        if (form.Wrong) return await Show(offered.Key, seen?.Id, seen is null, Sought.Nothing, form, visit, db, persons, time, stop);

        var draft = Draft.Begin(offered.Id, offered.Procedure, offered.Procedure.First, Enum.Parse<Way>(way), visit.Lang.Code, now, person: seen?.Id, assistedBy: visit.Visitor!.AccountId);
        var answers = new JsonObject { [Came] = came!.Value.ForInput() };
        draft.Take(seen is { Hidden: false } ? Known.Into(offered.Procedure.First.Form, answers, seen) : answers);
        db.Add(draft);
        db.Audit(visit.Did("procedures.assist", $"procedures/drafts/{draft.Id}", new { draft.Procedure, draft.Way, Came = came }, about: seen?.Id, at: now));
        await db.Save(form.Once, visit.Link(Filling.PathOf(draft)), stop);
        return Page.Go(visit, Filling.PathOf(draft));
    }

    /// <summary>The day on which a paper or a call came: kept among the answers, beside the hour at which the program had it.</summary>
    public const string Came = "_came";

    public static DateOnly? CameOn(JsonObject answers) => DayOf(answers[Came]?.ToString());
}
