using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Jobs;
using Komachi.Platform.Mail;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.People;

/// <summary>
/// Protected people at the desk (支援措置): who they are, since when and until when, by whose request; beginning, renewing, ending,
/// and opening a record with a reason. Nothing of these pages is anywhere else.
/// </summary>
public static class Protections
{
    const int EndsSoon = 30;

    /// <param name="Left">Days until the last one; none or fewer: a decision is due.</param>
    public sealed record Line(Guid PersonId, string Name, string Office, DateOnly FromOn, DateOnly UntilOn, int Left);

    public sealed record Suspended(Guid Id, string Agent, string Principal, MandateGround Ground, bool InForce);

    internal static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("", List);
        to.MapGet("new", async (Guid? person, Sought sought, Visit visit, TownDb db, Persons persons, TimeProvider time) => await ShowNew(person, sought, Form.Empty, visit, db, persons, time));
        to.MapPost("new", Begin);
        to.MapGet("{id:guid}", async (Guid id, string? done, Visit visit, TownDb db, TownKeys keys, Persons persons, TimeProvider time) => await Show(id, Form.Empty, visit, db, keys, persons, time, done));
        to.MapPost("{id:guid}/renew", Renew);
        to.MapPost("{id:guid}/end", End);
        to.MapPost("{id:guid}/mandates", ConfirmMandate);
        to.MapGet("{id:guid}/open", async (Guid id, string? then, TownDb db, Persons persons) => await ShowOpening(id, Form.With(("then", then)), db, persons));
        to.MapPost("{id:guid}/open", Open);
    }

    static async Task<IResult> List(TownDb db, Persons persons, TimeProvider time)
    {
        var today = JapanTime.DayOf(time.GetUtcNow());
        var rows = await Protection.InForce(db).AsNoTracking().OrderBy(p => p.UntilOn).ThenBy(p => p.Id).Take(500)
            .Join(db.Set<Person>(), p => p.PersonId, p => p.Id, (p, who) => new { p.PersonId, who.Name, p.Office, p.FromOn, p.UntilOn }).ToListAsync();
        await persons.Noted(rows.Select(r => r.PersonId), "protected");
        return Page.Show<ProtectedPage>(new { Lines = (IReadOnlyList<Line>)[.. rows.Select(r => new Line(r.PersonId, r.Name, r.Office, r.FromOn, r.UntilOn, r.UntilOn.DayNumber - today.DayNumber))], EndsSoon });
    }

    internal static Task<int> Due(TownDb db, DateTimeOffset now)
    {
        var soon = JapanTime.DayOf(now).AddDays(EndsSoon);
        return Protection.InForce(db).CountAsync(p => p.UntilOn <= soon);
    }

    static async Task<IResult> ShowNew(Guid? person, Sought sought, Form form, Visit visit, TownDb db, Persons persons, TimeProvider time)
    {
        var chosen = person is { } id ? await db.Set<Person>().AsNoTracking().Where(p => p.Id == id).Select(p => new PersonSeen(p.Id, p.Kind, p.Name)).SingleOrDefaultAsync() : null;
        if (person is not null && chosen is null) return Page.NotFound;
        if (chosen is not null && await Protection.InForce(db).AnyAsync(p => p.PersonId == chosen.Id)) return Page.Go(visit, $"desk/protected/{chosen.Id}");
        if (form.Typed("fromOn").Length == 0)
        {
            var today = JapanTime.DayOf(time.GetUtcNow());
            form = Form.With(("fromOn", today.ToString("yyyy-MM-dd")), ("untilOn", today.AddYears(1).ToString("yyyy-MM-dd")));
        }
        return Page.Show<NewProtectionPage>(new { Form = form, Person = chosen, Sought = sought, Found = chosen is null ? await persons.Find(sought["q"], PersonForm.Day(sought["bornOn"])) : null }, form.Wrong ? 422 : 200);
    }

    static async Task<IResult> Begin(Form form, Visit visit, TownDb db, TownKeys keys, Persons persons, HttpContext http, TimeProvider time)
    {
        var now = time.GetUtcNow();
        _ = Guid.TryParse(form.Typed("person"), out var id);
        if (!await db.Set<Person>().AnyAsync(p => p.Id == id)) return Page.NotFound;
        var (office, note) = (form.Text("office", most: 100, required: true), form.Text("note", most: 2000));
        var (from, until) = (form.Day("fromOn", required: true), form.Day("untilOn", required: true));
        CheckDays(form, from, until);
        if (!form.Wrong && await Protection.InForce(db).AnyAsync(p => p.PersonId == id)) form.Wrongly("", "This person is under protection already.");
        if (form.Wrong) return await ShowNew(id, Sought.Nothing, form, visit, db, persons, time);

        var protection = Protection.Of(id, office, from!.Value, until!.Value, visit.Visitor!.AccountId, now);
        if (note.Length > 0) protection.Note = await keys.Seal(visit.Town, "people", note, protection.BoundTo("note"), http.RequestAborted);
        db.Add(protection);
        // Nobody acts for them, and they for nobody, until that was looked at with other eyes. The other side is told as always: that
        // it is over, the next morning, without a reason.
        var mandates = await db.Set<Mandate>().Where(m => (m.AgentId == id || m.PrincipalId == id) && m.State != MandateState.Ended && m.State != MandateState.Refused).ToListAsync();
        foreach (var mandate in mandates) mandate.End(visit.Visitor.AccountId, null, now);
        db.Audit(visit.Did("people.protected_begin", subject: $"protected/{id}", details: new { until, mandates = mandates.Count }, about: id));
        return await Done(id, "begun", form, visit, db);
    }

    static void CheckDays(Form form, DateOnly? from, DateOnly? until)
    {
        if (until <= from) form.Wrongly("untilOn", "The last day comes after the first.");
        else if (until > from?.AddYears(1)) form.Wrongly("untilOn", "It is for a year at most, and can be renewed.");
    }

    static async Task<IResult> Done(Guid id, string what, Form form, Visit visit, TownDb db)
    {
        var path = what == "ended" ? "desk/protected" : $"desk/protected/{id}?done={what}";
        await db.Save(form.Once, visit.Link(path));
        return Page.Go(visit, path);
    }

    static Task<Protection?> Find(Guid person, TownDb db) => Protection.InForce(db).SingleOrDefaultAsync(p => p.PersonId == person);

    static async Task<IResult> Show(Guid id, Form form, Visit visit, TownDb db, TownKeys keys, Persons persons, TimeProvider time, string? done = null)
    {
        if (await Find(id, db) is not { } protection) return Page.NotFound;
        var today = JapanTime.DayOf(time.GetUtcNow());
        var name = await db.Set<Person>().Where(p => p.Id == id).Select(p => p.Name).SingleAsync();
        await persons.Noted([id], $"protected/{id}");
        var inForce = await Mandate.InForce(db).Where(m => m.AgentId == id || m.PrincipalId == id).Select(m => m.Id).ToHashSetAsync();
        var mandates = await db.Set<Mandate>().AsNoTracking().Where(m => m.AgentId == id || m.PrincipalId == id).Where(m => m.AgentId != null && m.PrincipalId != null && m.BeganAt != null)
            .Where(m => m.State == MandateState.Agreed || m.State == MandateState.Confirmed || m.EndedAt >= protection.RecordedAt).OrderBy(m => m.AskedAt).Take(50)
            .Select(m => new { m.Id, m.Ground, Agent = db.Set<Person>().First(p => p.Id == m.AgentId).Name, Principal = db.Set<Person>().First(p => p.Id == m.PrincipalId).Name }).ToListAsync();
        return Page.Show<ProtectionPage>(new
        {
            Form = form, Done = done, Line = new Line(id, name, protection.Office, protection.FromOn, protection.UntilOn, protection.UntilOn.DayNumber - today.DayNumber), protection.Version,
            Note = protection.Note is { } sealedNote ? await keys.OpenText(visit.Town, "people", sealedNote, protection.BoundTo("note")) : null,
            Mandates = (IReadOnlyList<Suspended>)[.. mandates.Select(m => new Suspended(m.Id, m.Agent, m.Principal, m.Ground, inForce.Contains(m.Id)))],
        }, form.Wrong ? 422 : 200);
    }

    static async Task<IResult> Renew(Guid id, Form form, Visit visit, TownDb db, TownKeys keys, Persons persons, TimeProvider time)
    {
        if (await Find(id, db) is not { } protection) return Page.NotFound;
        var until = form.Day("untilOn", required: true);
        var today = JapanTime.DayOf(time.GetUtcNow());
        if (until <= today) form.Wrongly("untilOn", "The last day comes after today.");
        CheckDays(form, protection.UntilOn > today ? protection.UntilOn : today, until);
        if (form.Wrong) return await Show(id, form, visit, db, keys, persons, time);
        protection.Renew(until!.Value);
        db.Audit(visit.Did("people.protected_renew", subject: $"protected/{id}", details: new { until }, about: id));
        return await Done(id, "renewed", form, visit, db);
    }

    static async Task<IResult> End(Guid id, Form form, Visit visit, TownDb db, TownKeys keys, Persons persons, HttpContext http, TimeProvider time)
    {
        if (await Find(id, db) is not { } protection) return Page.NotFound;
        var reason = form.Text("reason", most: 300, required: true);
        if (!form.Ticked("sure")) form.Wrongly("sure", "Please say that you are sure: whoever may look persons up sees this one again at once.");
        if (form.Wrong) return await Show(id, form, visit, db, keys, persons, time);
        protection.End(await keys.Seal(visit.Town, "people", reason, protection.BoundTo("end"), http.RequestAborted), visit.Visitor!.AccountId, time.GetUtcNow());
        db.Audit(visit.Did("people.protected_end", subject: $"protected/{id}", about: id));
        return await Done(id, "ended", form, visit, db);
    }

    static async Task<IResult> ConfirmMandate(Guid id, Form form, Visit visit, TownDb db, TimeProvider time)
    {
        _ = Guid.TryParse(form.Typed("mandate"), out var which);
        if (await Find(id, db) is null || await db.Set<Mandate>().SingleOrDefaultAsync(m => m.Id == which && (m.AgentId == id || m.PrincipalId == id) && m.AgentId != null && m.PrincipalId != null) is not { } mandate) return Page.NotFound;
        mandate.ConfirmAnew(time.GetUtcNow());
        // A device that acted when it ended does not go on by itself.
        foreach (var session in await db.Set<Session>().Where(s => s.ActingFor == which).ToListAsync()) session.ActingFor = null;
        db.Audit(visit.Did("people.protected_confirm_mandate", subject: $"mandates/{which}", about: id));
        return await Done(id, "mandate", form, visit, db);
    }

    static async Task<IResult> ShowOpening(Guid id, Form form, TownDb db, Persons persons)
    {
        if (await Find(id, db) is null) return Page.NotFound;
        await persons.Noted([id], $"protected/{id}");
        return Page.Show<OpenRecordPage>(new { Form = form, PersonId = id, Name = await db.Set<Person>().Where(p => p.Id == id).Select(p => p.Name).SingleAsync() }, form.Wrong ? 422 : 200);
    }

    static async Task<IResult> Open(Guid id, Form form, Visit visit, TownDb db, House house, Persons persons, TimeProvider time)
    {
        if (await Find(id, db) is null) return Page.NotFound;
        var reason = form.Text("reason", most: 300, required: true);
        if (form.Wrong) return await ShowOpening(id, form, db, persons);
        await Alert.Raise(AlertKind.ProtectedOpened, id, visit.Visitor!.AccountId, reason, db, house, time.GetUtcNow());
        db.Audit(visit.Did("people.protected_open", subject: $"protected/{id}", about: id, reason: reason));
        var then = form.Typed("then") is { Length: > 0 } wanted ? Then.After(AccountKind.Staff, wanted) : $"desk/persons/{id}";
        await db.Save(form.Once, visit.Link(then));
        return Page.Go(visit, then);
    }
}

/// <summary>Each morning: protections whose last day is near or past, told to those who decide, by a mail that names nobody.</summary>
sealed record RemindOfProtections : IJob<RemindOfProtections>
{
    public static string Name => "people.remind_of_protections";
    public static string Title => "Remind of protections that end soon";

    public static async Task Run(RemindOfProtections job, JobRun run)
    {
        var today = JapanTime.DayOf(run.Time.GetUtcNow());
        var (soon, lately) = (today.AddDays(30), today.AddDays(-7));
        var due = await Protection.InForce(run.Db).Where(p => p.UntilOn <= soon && (p.RemindedOn == null || p.RemindedOn <= lately)).ToListAsync(run.Stop);
        if (due.Count == 0) return;
        foreach (var one in due) one.RemindedOn = today;
        var words = new Words(Lang.Japanese, ((House)run.Services.GetService(typeof(House))!).Words);
        foreach (var email in await Alert.Guardians(run.Db))
            run.Db.Enqueue(new SendMail(email, words["{0}: a decision is due", run.Town.Name.In(Lang.Japanese)],
                words["{0} entries end within a month or have ended. Please look at them at the desk, under “Protected people”, and renew or end them.", due.Count]));
    }
}
