using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.People;

/// <summary>Whose password was printed by a command has given all proofs, and chooses one that nobody else saw before anything opens.</summary>
static class FirstPassword
{
    public static void Routes(IEndpointRouteBuilder to, AccountKind kind)
    {
        to.MapGet("sign-in/new-password", async (string? then, Visit visit, TownDb db) =>
            await SecondFactor.Waiting(visit, kind, Waiting.NewPassword, db) is null ? Page.Go(visit, SecondFactor.Door(kind)) : Show(kind, Form.With(("then", then)), 200));
        to.MapPost("sign-in/new-password", async (Form form, Visit visit, TownDb db, HttpContext http, TimeProvider time) =>
        {
            if (await SecondFactor.Waiting(visit, kind, Waiting.NewPassword, db) is not { } account) return Page.Go(visit, SecondFactor.Door(kind));
            var password = form.Typed("password");
            GoodPassword.Check(form, "password", password, visit, account.SignInName);
            if (!form.Wrong && await Passwords.FitsInTurn(password, account.PasswordHash, http.RequestAborted)) form.Wrongly("password", "That is the password that you were given. Please choose another one.");
            if (form.Wrong) return Show(kind, form, 422);

            account.SetPassword(password);
            var here = visit.AtTheDoor!.Who.SessionId;
            db.RemoveRange(await db.Set<Session>().Where(s => s.AccountId == account.Id && s.Id != here).ToListAsync());
            db.Audit(visit.Did("people.new_password", subject: Entrance.SubjectOf(account), details: new { how = "first" }));
            return await Entrance.Complete("new password", form.Typed("then"), visit, db, http, time);
        });
    }

    public static string PathOf(bool staff) => (staff ? "desk/" : "") + "sign-in/new-password";

    static IResult Show(AccountKind kind, Form form, int status) => Page.Show<FirstPasswordPage>(new { Kind = kind, Form = form }, status);
}
