using System.Globalization;
using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.People;

/// <summary>Persons at the desk: looked up by what somebody at the counter says, recorded (a child has no account), corrected.</summary>
public static class PersonsAtDesk
{
    public sealed record Relative(PersonSeen Person, RelationKind Kind);

    /// <param name="IsAgent">The person of the page acts for the other; else the other acts for them.</param>
    public sealed record Acts(Guid Id, PersonSeen Other, bool IsAgent, MandateGround Ground, string[] Scope, DateOnly FromOn, DateOnly? UntilOn, bool InForce);

    public sealed record Event(DateTimeOffset At, string? By, string Action);

    internal static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("", async (Sought sought, Guid? after, Persons persons) => Page.Show<PersonsPage>(new
        {
            Sought = sought, Found = await persons.Find(sought["q"], PersonForm.Day(sought["bornOn"]), after), Begins = after is null,
        }));
        to.MapGet("new", () => Page.Show<WritePersonPage>(new { Form = Form.With(("kind", nameof(PersonKind.Human))) }));
        to.MapPost("new", Add);
        to.MapGet("{id:guid}", async (Guid id, string? done, Sought sought, Visit visit, TownDb db, Persons persons) => await Show(id, Form.Empty, visit, db, persons, done, sought));
        to.MapGet("{id:guid}/correct", async (Guid id, Persons persons, Visit visit) =>
            await There(id, "correct", persons, visit) is var (person, instead) && instead is not null ? instead : Page.Show<WritePersonPage>(new { Form = PersonForm.Of(person!), Stored = person }));
        to.MapPost("{id:guid}/correct", Correct);
        to.MapPost("{id:guid}/relations", Relate);
        to.MapPost("{id:guid}/relations/remove", Unrelate);
    }

    /// <summary>The person, or what is answered instead: the page on which a protected record is opened, or that nobody is there.</summary>
    static async Task<(PersonSeen?, IResult?)> There(Guid id, string page, Persons persons, Visit visit)
    {
        var person = await persons.See(id);
        if (person is { MayOpen: true }) return (null, Page.Go(visit, Persons.OpeningOf(id, $"desk/persons/{id}{(page.Length > 0 ? "/" : "")}{page}")));
        return person is { Hidden: false } ? (person, null) : (null, await persons.NotThere(id));
    }

    static async Task<IResult> Add(Form form, Visit visit, TownDb db, Persons persons, TimeProvider time)
    {
        var now = time.GetUtcNow();
        var kind = form.Typed("kind") == nameof(PersonKind.Organisation) ? PersonKind.Organisation : PersonKind.Human;
        var facts = PersonForm.Read(form, kind, null, JapanTime.DayOf(now));
        if (form.Wrong) return Page.Show<WritePersonPage>(new { Form = form }, 422);

        // Somebody hidden is no duplicate: that they are here already is nothing that this page may tell.
        var alike = form.Ticked("another") ? [] : (await persons.Find(facts.Name, facts.BornOn)).Persons.Where(p => NameKey.Of(p.Name) == NameKey.Of(facts.Name) && p.Kind == kind).ToArray();
        if (alike.Length > 0) return Page.Show<WritePersonPage>(new { Form = form, Alike = (IReadOnlyList<PersonFound>)alike }, 409);

        var person = Person.Known(kind, facts, now, ToldBy.Desk);
        db.Add(person);
        db.Audit(visit.Did("people.add_person", subject: $"persons/{person.Id}", about: person.Id));
        return await Done(person.Id, "added", form, visit, db);
    }

    static async Task<IResult> Done(Guid id, string what, Form form, Visit visit, TownDb db)
    {
        var path = $"desk/persons/{id}?done={what}";
        await db.Save(form.Once, visit.Link(path));
        return Page.Go(visit, path);
    }

    static async Task<IResult> Show(Guid id, Form form, Visit visit, TownDb db, Persons persons, string? done = null, Sought? sought = null)
    {
        sought ??= Sought.Nothing;
        var (person, instead) = await There(id, "", persons, visit);
        if (person is null) return instead!;

        var related = await db.Set<Relation>().AsNoTracking().Where(r => r.PersonId == id || r.OtherId == id).OrderBy(r => r.RecordedAt).Take(50).ToListAsync();
        var open = await db.Set<Mandate>().AsNoTracking().Where(m => (m.AgentId == id || m.PrincipalId == id) && (m.State == MandateState.Agreed || m.State == MandateState.Confirmed)).OrderBy(m => m.FromOn).Take(50).ToListAsync();
        var inForce = await Mandate.InForce(db).Where(m => m.AgentId == id || m.PrincipalId == id).Select(m => m.Id).ToHashSetAsync();
        var hidden = await persons.HiddenAmong([.. related.SelectMany(r => new[] { r.PersonId, r.OtherId }), .. open.SelectMany(m => new[] { m.AgentId!.Value, m.PrincipalId!.Value })]);
        // Only names are shown of them, and no alert is left for a name.
        var others = related.Select(r => r.PersonId == id ? r.OtherId : r.PersonId).Concat(open.Select(m => m.AgentId == id ? m.PrincipalId!.Value : m.AgentId!.Value)).Where(o => !hidden.Contains(o)).Distinct().ToArray();
        var names = await db.Set<Person>().AsNoTracking().Where(p => others.Contains(p.Id)).ToDictionaryAsync(p => p.Id, p => new PersonSeen(p.Id, p.Kind, p.Name));
        await persons.Noted(others, $"persons/{id}");
        var guardian = visit.Visitor!.May(Protection.Permission);    // to others a protection has never been
        return Page.Show<PersonPage>(new
        {
            Form = form, Person = person, Done = done, Sought = sought,
            Relatives = (IReadOnlyList<Relative>)[.. related.Select(r => (Other: r.PersonId == id ? r.OtherId : r.PersonId, Kind: r.PersonId == id ? r.Kind : Relation.FromTheOther(r.Kind)))
                .Where(r => names.ContainsKey(r.Other)).Select(r => new Relative(names[r.Other], r.Kind))],
            Mandates = (IReadOnlyList<Acts>)[.. open.Select(m => (Mandate: m, IsAgent: m.AgentId == id, Other: m.AgentId == id ? m.PrincipalId!.Value : m.AgentId!.Value)).Where(m => names.ContainsKey(m.Other))
                .Select(m => new Acts(m.Mandate.Id, names[m.Other], m.IsAgent, m.Mandate.Ground, m.Mandate.Scope, m.Mandate.FromOn, m.Mandate.UntilOn, inForce.Contains(m.Mandate.Id)))],
            Found = sought.Token is null ? null : await persons.Find(sought["q"], PersonForm.Day(sought["bornOn"])),
            History = (IReadOnlyList<Event>)await db.Set<AuditEntry>().AsNoTracking().Where(e => e.AboutId == id && e.Action != "people.read" && (guardian || !e.Action.StartsWith("people.protected"))).OrderByDescending(e => e.At).Take(20)
                .LeftJoin(db.Set<Account>().Where(a => a.Kind == AccountKind.Staff), e => e.ActorId, a => (Guid?)a.Id, (e, a) => new Event(e.At, a == null ? null : a.Name, e.Action)).ToListAsync(),
        }, form.Wrong ? 422 : 200);
    }

    static async Task<IResult> Correct(Guid id, Form form, Visit visit, TownDb db, Persons persons, TimeProvider time)
    {
        var (seen, instead) = await There(id, "correct", persons, visit);
        if (seen is null) return instead!;
        var person = await db.Set<Person>().SingleAsync(p => p.Id == id);
        var facts = PersonForm.Read(form, person.Kind, person.Email, JapanTime.DayOf(time.GetUtcNow()));
        if (id == visit.Visitor!.PersonId) form.Wrongly("", "Nobody works on their own record. Please ask a colleague.");
        if (form.Wrong) return Page.Show<WritePersonPage>(new { Form = form, Stored = seen }, 422);
        if (form.Typed("version") != person.Version.ToString(CultureInfo.InvariantCulture)) return Page.Show<WritePersonPage>(new { Form = form, Stored = seen, Overtaken = true }, 409);

        var changed = ChangedIn(person.Facts, facts);
        person.Correct(facts, ToldBy.Desk);
        foreach (var account in await db.Set<Account>().Where(a => a.PersonId == id && a.Kind == AccountKind.Resident).ToListAsync()) account.Rename(facts.Name);
        foreach (var mandate in await db.Set<Mandate>().Where(m => m.PrincipalId == id && (m.State == MandateState.Agreed || m.State == MandateState.Confirmed)).ToListAsync()) mandate.EndAtFullAge(facts.BornOn);
        db.Audit(visit.Did("people.correct_person", subject: $"persons/{id}", details: new { changed }, about: id));
        try
        {
            return await Done(id, "corrected", form, visit, db);
        }
        catch (DbUpdateConcurrencyException)    // between our look and our save
        {
            return Page.Show<WritePersonPage>(new { Form = form, Stored = await persons.See(id), Overtaken = true }, 409);
        }
    }

    /// <summary>Which facts are other ones now: the record says which, and not what they were.</summary>
    internal static string[] ChangedIn(PersonFacts before, PersonFacts after) => [.. new (string Name, object? Before, object? After)[]
    {
        ("name", before.Name, after.Name), ("kana", before.Kana, after.Kana), ("bornOn", before.BornOn, after.BornOn), ("postcode", before.Postcode, after.Postcode),
        ("address", before.Address, after.Address), ("phone", before.Phone, after.Phone), ("corporateNumber", before.CorporateNumber, after.CorporateNumber),
    }.Where(f => !Equals(f.Before, f.After)).Select(f => f.Name)];

    static async Task<IResult> Relate(Guid id, Form form, Visit visit, TownDb db, Persons persons, TimeProvider time)
    {
        var (person, instead) = await There(id, "", persons, visit);
        if (person is null) return instead!;
        var kind = Enum.TryParse<RelationKind>(form.Choice("relation", Enum.GetNames<RelationKind>()), out var chosen) ? chosen : RelationKind.Other;
        _ = Guid.TryParse(form.Typed("other"), out var other);
        if (other == id || !await db.Set<Person>().AnyAsync(p => p.Id == other) || (await persons.HiddenAmong([other])).Count > 0) form.Wrongly("", "Please choose the other person from the list.");
        if (form.Wrong) return await Show(id, form, visit, db, persons);
        // Two are related once, from whichever side it was recorded first.
        var stands = await db.Set<Relation>().FirstOrDefaultAsync(r => r.PersonId == id && r.OtherId == other || r.PersonId == other && r.OtherId == id);
        if (stands is not null) stands.Kind = stands.PersonId == id ? kind : Relation.FromTheOther(kind);
        else db.Add(new Relation { PersonId = id, OtherId = other, Kind = kind, ById = visit.Visitor!.AccountId, RecordedAt = time.GetUtcNow() });
        db.Audit(visit.Did("people.relate", subject: $"persons/{id}", about: id));
        return await Done(id, "related", form, visit, db);
    }

    static async Task<IResult> Unrelate(Guid id, Form form, Visit visit, TownDb db, Persons persons)
    {
        var (person, instead) = await There(id, "", persons, visit);
        if (person is null) return instead!;
        _ = Guid.TryParse(form.Typed("other"), out var other);
        if ((await persons.HiddenAmong([other])).Count == 0)
        {
            db.RemoveRange(await db.Set<Relation>().Where(r => r.PersonId == id && r.OtherId == other || r.PersonId == other && r.OtherId == id).ToListAsync());
            db.Audit(visit.Did("people.unrelate", subject: $"persons/{id}", about: id));
        }
        return await Done(id, "related", form, visit, db);
    }
}
