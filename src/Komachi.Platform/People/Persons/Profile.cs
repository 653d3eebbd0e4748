using System.Globalization;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.People;

/// <summary>What a resident tells the town of themselves: forms are filled in with it later.</summary>
static class Profile
{
    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("", async (string? done, Visit visit, Persons persons) => Show(await Mine(visit, persons), done is not null));
        to.MapPost("", Keep);
    }

    static IResult Show(PersonSeen me, bool done) => Page.Show<ProfilePage>(new { Form = PersonForm.Of(me), me.ToldBy, me.Kind, Done = done });

    static async Task<PersonSeen> Mine(Visit visit, Persons persons) => (await persons.See(visit.Visitor!.PersonId!.Value))!;

    static async Task<IResult> Keep(Form form, Visit visit, TownDb db, Persons persons, TimeProvider time)
    {
        var me = await db.Set<Person>().SingleAsync(p => p.Id == visit.Visitor!.PersonId);
        var facts = PersonForm.Read(form, me.Kind, me.Email, JapanTime.DayOf(time.GetUtcNow()));
        var overtaken = form.Typed("version") != me.Version.ToString(CultureInfo.InvariantCulture);
        if (form.Wrong || overtaken) return Page.Show<ProfilePage>(new { Form = form, me.ToldBy, me.Kind, Stored = overtaken ? await Mine(visit, persons) : null }, 422);
        var changed = PersonsAtDesk.ChangedIn(me.Facts, facts);
        if (changed.Length > 0)
        {
            me.Correct(facts);
            (await db.Set<Account>().SingleAsync(a => a.Id == visit.Visitor!.AccountId)).Rename(facts.Name);
            db.Audit(visit.Did("people.correct_own", subject: $"persons/{me.Id}", details: new { changed }, about: me.Id));
        }
        try
        {
            await db.Save(form.Once, visit.Link("my/profile?done=true"));
        }
        catch (DbUpdateConcurrencyException)
        {
            db.ChangeTracker.Clear();
            return Page.Show<ProfilePage>(new { Form = form, me.ToldBy, me.Kind, Stored = await Mine(visit, persons) }, 422);
        }
        return Page.Go(visit, "my/profile?done=true");
    }
}
