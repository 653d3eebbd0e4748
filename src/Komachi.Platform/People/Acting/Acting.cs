using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Portal;
using Komachi.Platform.Web;
using Komachi.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.People;

/// <summary>A resident's page on acting for another: who may act for them, for whom they may act, what is asked, and the switch.</summary>
public static class Acting
{
    /// <param name="Other">The name of the other side; null where it is over, or not yet agreed.</param>
    public sealed record Line(Guid Id, bool IamAgent, string? Other, MandateGround Ground, string[] Scope, DateOnly FromOn, DateOnly? UntilOn);

    /// <summary>For work that no door has asked for: whether this mandate is in force now. Where somebody is there, <c>Visitor.For</c> knows it.</summary>
    public static Task<bool> IsInForce(TownDb db, Guid mandate, CancellationToken stop = default) => Mandate.InForce(db).AnyAsync(m => m.Id == mandate, stop);

    internal static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("", async (string? done, Visit visit, TownDb db) => await Show(Form.Empty, visit, db, done));
        to.MapPost("ask", Ask);
        to.MapPost("{id:guid}/agree", (Guid id, Form form, Visit visit, TownDb db, House house, TimeProvider time) => Answer(id, yes: true, form, visit, db, house, time));
        to.MapPost("{id:guid}/refuse", (Guid id, Form form, Visit visit, TownDb db, House house, TimeProvider time) => Answer(id, yes: false, form, visit, db, house, time));
        to.MapPost("{id:guid}/end", End);
        to.MapPost("{id:guid}/start", Start);
        to.MapPost("stop", Stop);
    }

    static async Task<IResult> Show(Form form, Visit visit, TownDb db, string? done = null, int? status = null)
    {
        var me = visit.Visitor!.PersonId!.Value;
        var holds = await Mandate.InForce(db).AsNoTracking().Where(m => m.AgentId == me || m.PrincipalId == me).OrderBy(m => m.AskedAt)
            .Select(m => new Line(m.Id, m.AgentId == me, db.Set<Person>().First(p => p.Id == (m.AgentId == me ? m.PrincipalId : m.AgentId)).Name, m.Ground, m.Scope, m.FromOn, m.UntilOn)).ToListAsync();
        var held = holds.Select(l => l.Id).ToHashSet();
        // Agreed and not in force (not yet, or one of the two is protected), and asked and not answered, look the same to who waits.
        var mine = await db.Set<Mandate>().AsNoTracking().Where(m => m.AgentId == me || m.PrincipalId == me).OrderByDescending(m => m.AskedAt).Take(100).ToListAsync();
        var key = await MyAddress(visit, db);
        var asked = key is null ? [] : await Of(key, me, db).AsNoTracking()
            .Select(m => new Line(m.Id, m.AgentId == null, db.Set<Person>().First(p => p.Id == (m.AgentId ?? m.PrincipalId)).Name, m.Ground, m.Scope, m.FromOn, m.UntilOn)).Take(50).ToListAsync();
        return Page.Show<ActingPage>(new
        {
            Form = form, Done = done, Holds = (IReadOnlyList<Line>)holds, Asked = (IReadOnlyList<Line>)asked,
            Waiting = (IReadOnlyList<Line>)[.. mine.Where(m => !held.Contains(m.Id) && m.State is not (MandateState.Ended or MandateState.Refused)).Select(m => Nameless(m, me, visit.Visitor.AccountId))],
            // Of what is over nobody is named and no time is told: whether the other side ended it, the town, or its day, looks the same.
            Over = (IReadOnlyList<Line>)[.. mine.Where(m => m.State is MandateState.Ended or MandateState.Refused).Select(m => Nameless(m, me, visit.Visitor.AccountId))],
        }, status ?? (form.Wrong ? 422 : 200));
    }

    /// <summary>What waits for the answer of who reads that address.</summary>
    static IQueryable<Mandate> Of(string key, Guid me, TownDb db) => db.Set<Mandate>()
        .Where(m => m.State == MandateState.Asked && m.AskedEmailKey == key && m.AgentId != me && m.PrincipalId != me && !Protection.InForce(db).Any(p => p.PersonId == m.AgentId || p.PersonId == m.PrincipalId));

    /// <summary>On their own page: that they are asked. By whom, the page on acting says.</summary>
    internal static async Task<IReadOnlyList<MyTask>> AskedOfMe(Mine mine) =>
        await MyAddress(mine.Visit, mine.Db) is { } key && await Of(key, mine.Visit.Visitor!.PersonId!.Value, mine.Db).AnyAsync(mine.Stop)
            ? [new(mine.Words["You are asked whether one of you may act for the other"], "my/acting", mine.Words["Look who asks, and say yes or no."])] : [];

    /// <summary>What they asked and what has not begun: the same line whatever became of it there.</summary>
    internal static async Task<IReadOnlyList<MyMatter>> AskedByMe(Mine mine)
    {
        var (me, account) = (mine.Visit.Visitor!.PersonId!.Value, mine.Visit.Visitor.AccountId);
        var held = Mandate.InForce(mine.Db);
        var waiting = await mine.Db.Set<Mandate>().AsNoTracking().Where(m => (m.AgentId == me || m.PrincipalId == me) && m.State != MandateState.Ended && m.State != MandateState.Refused && !held.Any(h => h.Id == m.Id))
            .OrderByDescending(m => m.AskedAt).Take(10).ToListAsync(mine.Stop);
        return [.. waiting.Select(m => (Line: Nameless(m, me, account), m.AskedAt)).Select(w => new MyMatter(
            w.Line.Other is { } address ? mine.Words["You wrote to {0} about acting for another", address] : mine.Words["Acting for another: not begun yet"], "my/acting", StepAt.Now, w.AskedAt))];
    }

    /// <summary>With the address that was asked, and nothing else, for who asked it; whatever became of it there.</summary>
    static Line Nameless(Mandate m, Guid me, Guid account) => new(m.Id, m.AgentId == me, m.State is MandateState.Ended or MandateState.Refused || m.ById != account ? null : m.AskedEmailKey, m.Ground, m.Scope, m.FromOn, m.UntilOn);

    /// <summary>The address that they proved to read: what was asked of it was asked of them.</summary>
    static Task<string?> MyAddress(Visit visit, TownDb db) => db.Set<Account>().Where(a => a.Id == visit.Visitor!.AccountId).Select(a => a.EmailKey).SingleAsync();

    static async Task<IResult> Done(string what, Form form, Visit visit, TownDb db)
    {
        var path = $"my/acting?done={what}";
        await db.Save(form.Once, visit.Link(path));
        return Page.Go(visit, path);
    }

    /// <summary>The same whether or not anybody has that address: it is written to, and who reads it can answer.</summary>
    static async Task<IResult> Ask(Form form, Visit visit, TownDb db, House house, Attempts attempts, HttpContext http, TimeProvider time)
    {
        var (me, now) = (visit.Visitor!, time.GetUtcNow());
        var email = Reach.Read(form, "email", telephones: false).Address ?? "";
        var iAct = form.Typed("who") == "me";
        var ground = iAct && form.Typed("ground") == nameof(MandateGround.Carer) ? MandateGround.Carer : MandateGround.Agreement;
        var (today, until) = (JapanTime.DayOf(now), form.Day("untilOn"));
        if (until < today) form.Wrongly("untilOn", "The last day comes after today.");
        if (!form.Wrong && Account.FoldEmail(email) == await MyAddress(visit, db)) form.Wrongly("email", "This is your own address.");
        if (form.Wrong) return await Show(form, visit, db);
        if (await attempts.Count("ask to act", me.AccountId.ToString(), null, visit, http.RequestAborted) is { } wait) return await Show(form, visit, db, status: Attempts.Later(wait, form, http));

        var mandate = Mandate.Ask(me.PersonId!.Value, iAct, Account.FoldEmail(email), ground, MandatesAtDesk.ScopeOf(form, visit, house), today, until, me.AccountId, now);
        db.Add(mandate);
        db.Enqueue(MandateMail.Ask(email, db, house));
        db.Audit(visit.Did("people.ask_mandate", subject: $"mandates/{mandate.Id}", about: me.PersonId));
        return await Done("asked", form, visit, db);
    }

    static async Task<IResult> Answer(Guid id, bool yes, Form form, Visit visit, TownDb db, House house, TimeProvider time)
    {
        var (me, now, key) = (visit.Visitor!.PersonId!.Value, time.GetUtcNow(), await MyAddress(visit, db));
        if (key is null || await db.Set<Mandate>().SingleOrDefaultAsync(m => m.Id == id && m.State == MandateState.Asked && m.AskedEmailKey == key && m.AgentId != me && m.PrincipalId != me
            && !Protection.InForce(db).Any(p => p.PersonId == m.AgentId || p.PersonId == m.PrincipalId)) is not { } mandate) return Page.NotFound;
        if (yes)
        {
            mandate.Agree(me, now);
            // Of somebody protected nothing has begun before it was looked at at the desk: then nobody is told so, either.
            if (!await Protection.InForce(db).AnyAsync(p => p.PersonId == me)) await MandateMail.TellBegin(mandate, db, house);
        }
        else mandate.Refuse(now);
        db.Audit(visit.Did(yes ? "people.agree_mandate" : "people.refuse_mandate", subject: $"mandates/{id}", about: mandate.PrincipalId ?? me));
        return await Done(yes ? "agreed" : "refused", form, visit, db);
    }

    static async Task<IResult> End(Guid id, Form form, Visit visit, TownDb db, TimeProvider time)
    {
        var me = visit.Visitor!.PersonId!.Value;
        if (await db.Set<Mandate>().SingleOrDefaultAsync(m => m.Id == id && (m.AgentId == me || m.PrincipalId == me)) is not { } mandate) return Page.NotFound;
        if (mandate.State is not (MandateState.Ended or MandateState.Refused))
        {
            mandate.End(visit.Visitor.AccountId, null, time.GetUtcNow());
            db.Audit(visit.Did("people.end_mandate", subject: $"mandates/{id}", about: mandate.PrincipalId ?? me));
        }
        return await Done("ended", form, visit, db);
    }

    static async Task<IResult> Start(Guid id, Form form, Visit visit, TownDb db)
    {
        var me = visit.Visitor!;
        // Not in force any more: the page says what is.
        if (await Mandate.InForce(db).SingleOrDefaultAsync(m => m.Id == id && m.AgentId == me.PersonId) is not { } mandate) return Page.Go(visit, "my/acting");
        (await db.Set<Session>().SingleAsync(s => s.Id == me.SessionId)).ActingFor = id;
        db.Audit(visit.Did("people.act_for", subject: $"mandates/{id}", about: mandate.PrincipalId));
        return await Done("acting", form, visit, db);
    }

    static async Task<IResult> Stop(Form form, Visit visit, TownDb db)
    {
        (await db.Set<Session>().SingleAsync(s => s.Id == visit.Visitor!.SessionId)).ActingFor = null;
        return await Done("stopped", form, visit, db);
    }
}
