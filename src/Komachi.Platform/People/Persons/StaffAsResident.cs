using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.People;

/// <summary>
/// A member of staff says which resident they are, so that looking at their own record, or a relative's, is seen. The proof is an
/// address that both accounts proved to read; nobody can claim to be somebody else, and nothing is learnt by trying.
/// </summary>
static class StaffAsResident
{
    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("", (Visit visit) => Page.Show<StaffAsResidentPage>(new { Form = Form.Empty, Linked = visit.Visitor!.PersonId is not null }));
        to.MapPost("", Link);
    }

    static async Task<IResult> Link(Form form, Visit visit, TownDb db)
    {
        await db.NotTwice(form.Once);
        var me = await db.Set<Account>().SingleAsync(a => a.Id == visit.Visitor!.AccountId);
        var person = me.EmailKey is null ? null : await db.Set<Account>().Where(a => a.Kind == AccountKind.Resident && a.EmailKey == me.EmailKey && a.ClosedAt == null).Select(a => a.PersonId).SingleOrDefaultAsync();
        if (me.PersonId is null && person is { } id)
        {
            me.IsPerson(id);
            db.Audit(visit.Did("people.say_who", subject: Entrance.SubjectOf(me), about: id));
        }
        else if (me.PersonId is null) form.Wrongly("", "No resident's account has the address of this one. Please set the same address in both, under “Signing in and devices”.");
        if (form.Wrong) return Page.Show<StaffAsResidentPage>(new { Form = form, Linked = false }, 422);
        await db.Save(form.Once, visit.Link("desk/me"));
        return Page.Go(visit, "desk/me");
    }
}
