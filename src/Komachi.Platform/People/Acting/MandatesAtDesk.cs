using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.People;

/// <summary>Where one side has no account, or the law gives the mandate: staff record it with what they saw. One question a page.</summary>
static class MandatesAtDesk
{
    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("", async (Guid? principal, Guid? agent, Sought sought, Visit visit, TownDb db, Persons persons, TimeProvider time) =>
            await Show(principal ?? (Guid.TryParse(sought["principal"], out var chosen) ? chosen : null), agent, sought, Form.With(("fromOn", JapanTime.DayOf(time.GetUtcNow()).ToString("yyyy-MM-dd"))), visit, db, persons));
        to.MapPost("", Confirm);
        to.MapPost("{id:guid}/end", End);
    }

    static async Task<IResult> Show(Guid? principal, Guid? agent, Sought sought, Form form, Visit visit, TownDb db, Persons persons)
    {
        var chosen = new Guid?[] { principal, agent }.OfType<Guid>().ToArray();
        var hidden = await persons.HiddenAmong(chosen);
        var there = await db.Set<Person>().AsNoTracking().Where(p => chosen.Contains(p.Id)).ToDictionaryAsync(p => p.Id, p => new PersonSeen(p.Id, p.Kind, p.Name));
        if (chosen.FirstOrDefault(id => hidden.Contains(id) || !there.ContainsKey(id)) is var missing && missing != Guid.Empty) return await persons.NotThere(missing);
        await persons.Noted(chosen, "mandates");
        return Page.Show<NewMandatePage>(new
        {
            Form = form, Principal = principal is { } p ? there[p] : null, Agent = agent is { } a ? there[a] : null, Sought = sought,
            Found = chosen.Length < 2 ? await persons.Find(sought["q"], PersonForm.Day(sought["bornOn"])) : null,
        }, form.Wrong ? 422 : 200);
    }

    static async Task<IResult> Confirm(Form form, Visit visit, TownDb db, House house, Persons persons, TimeProvider time)
    {
        var now = time.GetUtcNow();
        _ = Guid.TryParse(form.Typed("principal"), out var principalId);
        _ = Guid.TryParse(form.Typed("agent"), out var agentId);
        if ((await persons.HiddenAmong([principalId, agentId])).Count > 0 || agentId == principalId
            || await db.Set<Person>().SingleOrDefaultAsync(p => p.Id == principalId) is not { } principal || await db.Set<Person>().SingleOrDefaultAsync(p => p.Id == agentId) is not { } agent)
            return await persons.NotThere(principalId);

        _ = Enum.TryParse<MandateGround>(form.Choice("ground", Enum.GetNames<MandateGround>()), out var ground);
        var evidence = form.Text("evidence", most: 300, required: true);
        var (from, until) = (form.Day("fromOn", required: true), form.Day("untilOn"));
        if (until < from) form.Wrongly("untilOn", "The last day comes after the first.");
        if ((ground == MandateGround.Clerk) != (principal.Kind == PersonKind.Organisation)) form.Wrongly("ground", "That ground does not fit this person.");
        if (ground is MandateGround.Parent or MandateGround.Guardian && principal.Kind == PersonKind.Human)
        {
            if (principal.BornOn is not { } born) form.Wrongly("ground", "The child's birthday is not known: please record it first.");
            else if (LegalAge.IsOf(LegalAge.Adult, born, JapanTime.DayOf(now))) form.Wrongly("ground", "This person is of age.");
        }
        if (agentId == visit.Visitor!.PersonId || principalId == visit.Visitor.PersonId) form.Wrongly("", "Nobody works on their own record. Please ask a colleague.");
        if (form.Wrong) return await Show(principalId, agentId, Sought.Nothing, form, visit, db, persons);

        var mandate = Mandate.Confirm(agent, principal, ground, ScopeOf(form, visit, house), from!.Value, until, evidence, visit.Visitor.May(Protection.Permission), visit.Visitor.AccountId, now);
        db.Add(mandate);
        await MandateMail.TellBegin(mandate, db, house);
        db.Audit(visit.Did("people.confirm_mandate", subject: $"mandates/{mandate.Id}", details: new { ground, agent = agentId }, about: principalId));
        var path = $"desk/persons/{principalId}?done=mandate";
        await db.Save(form.Once, visit.Link(visit.Visitor.May("people.persons") ? path : "desk/mandates"));
        return Page.Go(visit, visit.Visitor.May("people.persons") ? path : "desk/mandates");
    }

    static async Task<IResult> End(Guid id, Form form, Visit visit, TownDb db, Persons persons, TimeProvider time)
    {
        if (await db.Set<Mandate>().SingleOrDefaultAsync(m => m.Id == id && m.AgentId != null && m.PrincipalId != null) is not { } mandate || (await persons.HiddenAmong([mandate.AgentId!.Value, mandate.PrincipalId!.Value])).Count > 0)
            return await persons.NotThere(id);
        var reason = form.Text("reason", most: 300, required: true);
        var path = visit.Visitor!.May("people.persons") ? $"desk/persons/{mandate.PrincipalId}" : "desk/mandates";
        if (form.Wrong) return Page.Go(visit, path);
        if (mandate.State != MandateState.Ended)
        {
            mandate.End(visit.Visitor.AccountId, reason, time.GetUtcNow());
            db.Audit(visit.Did("people.end_mandate", subject: $"mandates/{id}", about: mandate.PrincipalId, reason: reason));
        }
        await db.Save(form.Once, visit.Link(path + "?done=ended"));
        return Page.Go(visit, path + "?done=ended");
    }

    /// <summary>What is ticked, of the services that this town has; nothing ticked is everything.</summary>
    internal static string[] ScopeOf(Form form, Visit visit, House house) => [.. form.Many("scope").Intersect(Services(visit, house).Select(m => m.Slug))];

    internal static IEnumerable<ModuleBuilder> Services(Visit visit, House house) => house.Modules.Where(m => !m.AlwaysOn && house.Has(visit.Town, m));
}
