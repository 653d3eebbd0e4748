using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.People;

/// <summary>
/// A member of staff says which resident they are, so that looking at their own record, or a relative's, is seen. The proof is an
/// address that both accounts proved to read; nobody can claim to be somebody else, and nothing is learnt by trying. Of who does not say it
/// themselves a colleague who looks after accounts says it, with a reason that both can read: that raises the same alerts and opens nothing.
/// </summary>
public static class StaffAsResident
{
    const string Said = "people.say_who", SaidFor = "people.say_who_for", Unsaid = "people.unsay_who";

    /// <param name="Name">Null where it is not to be shown: somebody may have come under protection since a colleague said it.</param>
    /// <param name="By">The colleague; null where they said it themselves.</param>
    public sealed record Link(string? Name, string? By, DateTimeOffset? At, string? Reason);

    internal static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("", async (Visit visit, TownDb db, Words words) => await ShowOwn(Form.Empty, visit, db, words));
        to.MapPost("", SayOwn);
    }

    /// <summary>Under the account's page: for who looks after accounts, and may look persons up besides.</summary>
    internal static void ColleagueRoutes(IEndpointRouteBuilder to)
    {
        to.MapGet("{id:guid}/person", async (Guid id, Guid? person, Sought sought, Visit visit, TownDb db, Persons persons) => await Show(id, person, sought, Form.Empty, visit, db, persons));
        to.MapPost("{id:guid}/person", Say);
        to.MapPost("{id:guid}/person/remove", Unsay);
    }

    internal static void Define(ModuleBuilder m)
    {
        m.Pages(Side.Desk, Access.Staff, "/desk/me", Routes);
        m.Menu(MenuPlace.Desk, "Me as a resident", "desk/me", group: DeskGroup.Mine, key: 'm');
        m.Pages(Side.Desk, Access.Permission("people.manage"), "/desk/accounts", ColleagueRoutes);
        m.Deed(Said, "Said which resident they are|audit").Deed(SaidFor, "Said which resident a colleague is|audit").Deed(Unsaid, "Took back which resident a colleague is|audit");
    }

    static async Task<IResult> ShowOwn(Form form, Visit visit, TownDb db, Words words)
    {
        var me = await db.Set<Account>().AsNoTracking().SingleAsync(a => a.Id == visit.Visitor!.AccountId);
        return Page.Show<StaffAsResidentPage>(new { Form = form, Linked = me.PersonId is null ? null : await LinkOf(me, db, words) }, form.Wrong ? 422 : 200);
    }

    /// <summary>Noted as no reading: it is their own, and says no more than what was said of them.</summary>
    static async Task<Link> LinkOf(Account of, TownDb db, Words words)
    {
        var subject = Entrance.SubjectOf(of);
        var entry = await db.Set<AuditEntry>().AsNoTracking().Where(e => e.Subject == subject && (e.Action == Said || e.Action == SaidFor) && e.AboutId == of.PersonId).OrderByDescending(e => e.At).FirstOrDefaultAsync();
        var reasons = await Reasons.About(db, [of.PersonId]);
        var name = await db.Set<Person>().Where(p => p.Id == of.PersonId && (of.PersonSaidById == null || !Protection.InForce(db).Any(g => g.PersonId == p.Id))).Select(p => p.Name).SingleOrDefaultAsync();
        var by = of.PersonSaidById is { } colleague ? await db.Set<Account>().Where(a => a.Id == colleague).Select(a => a.Name).SingleOrDefaultAsync() : null;
        return new(name, by, entry?.At, entry is null ? null : reasons.Of(entry.Id, entry.AboutId, entry.Reason, words));
    }

    static async Task<IResult> SayOwn(Form form, Visit visit, TownDb db, Words words)
    {
        var me = await db.Set<Account>().SingleAsync(a => a.Id == visit.Visitor!.AccountId);
        var person = me.EmailKey is null ? null : await db.Set<Account>().Where(a => a.Kind == AccountKind.Resident && a.EmailKey == me.EmailKey && a.ClosedAt == null).Select(a => a.PersonId).SingleOrDefaultAsync();
        // What a colleague said can be proved afterwards; that it is somebody else, only a colleague can say.
        if (person is { } id && (me.PersonId is null || me.PersonId == id && me.PersonSaidById is not null))
        {
            me.IsPerson(id);
            db.Audit(visit.Did(Said, subject: Entrance.SubjectOf(me), about: id));
        }
        else if (me.PersonId is null || me.PersonSaidById is not null) form.Wrongly("", "No resident's account has the address of this one. Please set the same address in both, under “Signing in and devices”.");
        if (form.Wrong) return await ShowOwn(form, visit, db, words);
        await db.Save(form.Once, visit.Link("desk/me"));
        return Page.Go(visit, "desk/me");
    }

    static async Task<Account?> Colleague(Guid id, Visit visit, TownDb db) =>
        visit.Visitor!.May("people.persons") ? await db.Set<Account>().SingleOrDefaultAsync(a => a.Id == id && a.Kind == AccountKind.Staff && a.ClosedAt == null) : null;

    static async Task<IResult> Show(Guid id, Guid? person, Sought sought, Form form, Visit visit, TownDb db, Persons persons)
    {
        if (await Colleague(id, visit, db) is not { } account) return Page.NotFound;
        var chosen = person is { } one ? await Chosen(one, db, persons) : null;
        if (person is { } missing && chosen is null) return await persons.NotThere(missing);
        if (chosen is not null) await persons.Noted([chosen.Id], $"accounts/{id}");
        return Page.Show<ColleagueAsResidentPage>(new
        {
            Form = form, Account = account, Person = chosen, Sought = sought,
            Found = account.PersonId is null && chosen is null ? await persons.Find(sought["q"], PersonForm.Day(sought["bornOn"])) : null,
        }, form.Wrong ? 422 : 200);
    }

    static async Task<PersonSeen?> Chosen(Guid id, TownDb db, Persons persons) => (await persons.HiddenAmong([id])).Count > 0 ? null
        : await db.Set<Person>().AsNoTracking().Where(p => p.Id == id && p.Kind == PersonKind.Human && p.Name != "").Select(p => new PersonSeen(p.Id, p.Kind, p.Name)).SingleOrDefaultAsync();

    static async Task<IResult> Say(Guid id, Form form, Visit visit, TownDb db, Persons persons)
    {
        if (await Colleague(id, visit, db) is not { } account) return Page.NotFound;
        _ = Guid.TryParse(form.Typed("person"), out var person);
        if (await Chosen(person, db, persons) is null) return await persons.NotThere(person);
        var reason = form.Text("reason", most: 300, required: true);
        NotOneself(id, form, visit);
        if (account.PersonId is not null) form.Wrongly("", "The town knows already which resident this colleague is.");
        if (form.Wrong) return await Show(id, person, Sought.Nothing, form, visit, db, persons);
        account.IsPerson(person, saidBy: visit.Visitor!.AccountId);
        db.Audit(visit.Did(SaidFor, subject: Entrance.SubjectOf(account), about: person, reason: reason));
        return await Done(id, "person", form, visit, db);
    }

    static async Task<IResult> Unsay(Guid id, Form form, Visit visit, TownDb db, Persons persons)
    {
        if (await Colleague(id, visit, db) is not { PersonId: { } person } account) return Page.NotFound;
        var reason = form.Text("reason", most: 300, required: true);
        NotOneself(id, form, visit);
        if (form.Wrong) return await Show(id, null, Sought.Nothing, form, visit, db, persons);
        account.IsNobodyHere();
        db.Audit(visit.Did(Unsaid, subject: Entrance.SubjectOf(account), about: person, reason: reason));
        return await Done(id, "nobody", form, visit, db);
    }

    static void NotOneself(Guid id, Form form, Visit visit)
    {
        if (id == visit.Visitor!.AccountId) form.Wrongly("", "Nobody decides about their own account. Please ask a colleague.");
    }

    static async Task<IResult> Done(Guid id, string what, Form form, Visit visit, TownDb db)
    {
        var path = $"desk/accounts/{id}?done={what}";
        await db.Save(form.Once, visit.Link(path));
        return Page.Go(visit, path);
    }
}
