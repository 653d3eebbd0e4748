using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.People;

/// <summary>Who opened what needs a second look; somebody else looks, and puts their name to it.</summary>
public static class Alerts
{
    const int PageSize = 50;

    public sealed record Line(Guid Id, DateTimeOffset At, string Kind, Guid PersonId, string Person, string By, bool Mine, string? Reason, DateTimeOffset? SeenAt, string? SeenBy);

    internal static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("", async (string? after, Visit visit, TownDb db, Persons persons) => await Show(after, Form.Empty, visit, db, persons));
        to.MapPost("", Acknowledge);
    }

    static async Task<IResult> Show(string? after, Form form, Visit visit, TownDb db, Persons persons)
    {
        var all = db.Set<Alert>().AsNoTracking();
        if (Cursor.Read(after) is { } from) all = all.Where(a => EF.Functions.LessThan(ValueTuple.Create(a.RaisedAt, a.Id), ValueTuple.Create(from.At, from.Id)));
        var me = visit.Visitor!.AccountId;
        var lines = await all.OrderByDescending(a => a.RaisedAt).ThenByDescending(a => a.Id).Take(PageSize + 1).Select(a => new Line(a.Id, a.RaisedAt, a.Kind.ToString(), a.PersonId,
            db.Set<Person>().First(p => p.Id == a.PersonId).Name, db.Set<Account>().First(c => c.Id == a.AccountId).Name, a.AccountId == me, a.Reason, a.SeenAt,
            db.Set<Account>().Where(c => c.Id == a.SeenById).Select(c => c.Name).FirstOrDefault())).ToListAsync();
        Cursor? next = null;
        if (lines.Count > PageSize)
        {
            lines.RemoveAt(PageSize);
            next = new(lines[^1].At, lines[^1].Id);
        }
        await persons.Noted(lines.Select(l => l.PersonId).Distinct(), "alerts");
        return Page.Show<AlertsPage>(new { Form = form, Lines = (IReadOnlyList<Line>)lines, Next = next?.ToString(), Begins = after is null, Open = await db.Set<Alert>().CountAsync(a => a.SeenAt == null) }, form.Wrong ? 422 : 200);
    }

    static async Task<IResult> Acknowledge(Form form, Visit visit, TownDb db, Persons persons, TimeProvider time)
    {
        _ = Guid.TryParse(form.Typed("alert"), out var id);
        if (await db.Set<Alert>().SingleOrDefaultAsync(a => a.Id == id) is not { } alert) return Page.NotFound;
        if (alert.AccountId == visit.Visitor!.AccountId)
        {
            form.Wrongly("", "Nobody acknowledges what they did themselves. Please ask a colleague.");
            return await Show(null, form, visit, db, persons);
        }
        if (alert.SeenAt is null)
        {
            alert.Acknowledge(visit.Visitor.AccountId, time.GetUtcNow());
            db.Audit(visit.Did("people.protected_acknowledge", subject: $"alerts/{id}", about: alert.PersonId));
        }
        await db.Save(form.Once, visit.Link("desk/alerts"));
        return Page.Go(visit, "desk/alerts");
    }
}
