using Komachi.Platform.Data;
using Komachi.Platform.People;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Rights;

/// <summary>At the counter, for somebody who came and showed who they are: their copy, holding back, forgetting. Each wants a reason and is noted.</summary>
public static class PersonsAtDesk
{
    const int Most = 30;

    public sealed record Line(Guid Id, string Name, string? Kana, DateOnly? BornOn);

    internal static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("", Find);
        to.MapGet("{id:guid}", async (Guid id, string? done, Visit visit, TownDb db, House house, Words words, HttpContext http, TimeProvider time) =>
            await Show(id, Form.Empty, visit, db, house, words, http, time, done));
        to.MapGet("{id:guid}/about", (Guid id, Visit visit) => Page.Go(visit, $"desk/rights/{id}"));
        to.MapPost("{id:guid}/about", Copy);
        to.MapPost("{id:guid}/hold", HoldBack);
        to.MapPost("{id:guid}/erase", Erase);
    }

    static async Task<IResult> Find(Sought sought, Visit visit, TownDb db, HttpContext http)
    {
        http.Response.Headers.CacheControl = "no-store";
        var key = NameKey.Of(sought["q"] ?? "");
        var lines = key.Length == 0 ? [] : await MayBeShown.Persons(visit, db).AsNoTracking().Where(p => p.Kind == PersonKind.Human && p.Name != "" && p.NameKey.StartsWith(key))
            .OrderBy(p => p.NameKey).ThenBy(p => p.Id).Take(Most).Select(p => new Line(p.Id, p.Name, p.Kana, p.BornOn)).ToListAsync(http.RequestAborted);
        foreach (var line in lines) db.Audit(visit.Did("rights.look", subject: $"persons/{line.Id}", about: line.Id));
        await db.Save();
        return Page.Show<PersonsPage>(new { Sought = sought, Lines = lines, Most });
    }

    static async Task<Person?> Seen(Guid id, Visit visit, TownDb db, HttpContext http) =>
        await MayBeShown.To(visit, db, id, http.RequestAborted) ? await db.Set<Person>().AsNoTracking().SingleOrDefaultAsync(p => p.Id == id, http.RequestAborted) : null;

    static async Task<IResult> Show(Guid id, Form form, Visit visit, TownDb db, House house, Words words, HttpContext http, TimeProvider time, string? done = null)
    {
        if (await Seen(id, visit, db, http) is not { } person) return Page.NotFound;
        http.Response.Headers.CacheControl = "no-store";
        db.Audit(visit.Did("rights.look", subject: $"persons/{id}", about: id));
        await db.Save();
        return Page.Show<PersonPage>(new
        {
            Form = form, Person = person, Done = done,
            Outlook = await Erasure.Look(new(id, db, words, time.GetUtcNow(), http.RequestAborted), house),
            Erasure = await db.Set<ErasureOfPerson>().AsNoTracking().SingleOrDefaultAsync(e => e.PersonId == id, http.RequestAborted),
        }, form.Wrong ? 422 : 200);
    }

    /// <summary>Made with a post, since it wants a reason; shown at once, and nowhere kept.</summary>
    static async Task<IResult> Copy(Guid id, Form form, Visit visit, TownDb db, House house, Words words, HttpContext http, TimeProvider time)
    {
        if (await Seen(id, visit, db, http) is not { } person) return Page.NotFound;
        var reason = form.Text("reason", most: 300, required: true);
        if (form.Wrong) return await Show(id, form, visit, db, house, words, http, time);
        http.Response.Headers.CacheControl = "no-store";
        var copy = await PersonCopy.Make(new(id, db, form.Typed("as") == "file" ? words.Bare : words, time.GetUtcNow(), http.RequestAborted), house);
        var how = form.Typed("as") is "file" or "pdf" ? form.Typed("as") : "page";
        db.Audit(visit.Did("rights.copy", subject: $"persons/{id}", about: id, reason: reason, details: new { how }));
        await db.Save(form.Once, visit.Link($"desk/rights/{id}"));
        return how switch
        {
            "file" => copy.AsFile(visit),
            "pdf" => copy.AsPdf(words.Bare["What is held about this person"], person.Name),
            _ => Page.Show<AboutPersonPage>(new { Copy = copy, Person = person }),
        };
    }

    static async Task<IResult> HoldBack(Guid id, Form form, Visit visit, TownDb db, House house, Words words, HttpContext http, TimeProvider time)
    {
        if (await Seen(id, visit, db, http) is null) return Page.NotFound;
        var reason = form.Text("reason", most: 300, required: true);
        var until = Retention.Until(form, time.GetUtcNow());
        if (form.Wrong) return await Show(id, form, visit, db, house, words, http, time);
        db.Add(new Hold { PersonId = id, Reason = reason, ById = visit.Visitor!.AccountId, FromAt = time.GetUtcNow(), UntilAt = until });
        db.Audit(visit.Did("rights.hold", subject: $"persons/{id}", about: id, reason: reason));
        return await Done(id, "held", form, visit, db);
    }

    static async Task<IResult> Erase(Guid id, Form form, Visit visit, TownDb db, House house, Words words, HttpContext http, TimeProvider time)
    {
        if (await Seen(id, visit, db, http) is null) return Page.NotFound;
        var reason = form.Text("reason", most: 300, required: true);
        if (!form.Ticked("sure")) form.Wrongly("sure", "Please tick this if you are sure.");
        if (visit.Visitor!.PersonId == id) form.Wrongly("", "Nobody decides about their own account. Please ask a colleague.");
        if (form.Wrong) return await Show(id, form, visit, db, house, words, http, time);
        var path = $"desk/rights/{id}?done=erased";
        var outlook = await Erasure.Now(new(id, db, words, time.GetUtcNow(), http.RequestAborted), house, atCounter: true, visit.Did("rights.erase", subject: $"persons/{id}", about: id, reason: reason));
        return Page.Go(visit, outlook.Stays.Any() ? $"desk/rights/{id}?done=partly" : path);
    }

    static async Task<IResult> Done(Guid id, string what, Form form, Visit visit, TownDb db)
    {
        var path = $"desk/rights/{id}?done={what}";
        await db.Save(form.Once, visit.Link(path));
        return Page.Go(visit, path);
    }
}
