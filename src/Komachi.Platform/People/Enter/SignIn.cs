using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.People;

/// <summary>The door: a name and a password, or a passkey; from here to the other ways in.</summary>
static class SignIn
{
    public static void Routes(IEndpointRouteBuilder to, AccountKind kind)
    {
        to.MapGet("sign-in", async (string? then, bool? again, Passkeys passkeys, HttpContext http) =>
            await Show(kind, Form.With(("then", then)), 200, passkeys, http, again == true));
        to.MapPost("sign-in", (Form form, Visit visit, TownDb db, Attempts attempts, Passkeys passkeys, HttpContext http, TimeProvider time) =>
            WithPassword(kind, form, visit, db, attempts, passkeys, http, time));
        to.MapPost("sign-in/passkey", (Form form, Visit visit, TownDb db, Attempts attempts, Passkeys passkeys, HttpContext http, TimeProvider time) =>
            WithPasskey(kind, form, visit, db, attempts, passkeys, http, time));
    }

    static async Task<IResult> Show(AccountKind kind, Form form, int status, Passkeys passkeys, HttpContext http, bool again = false) =>
        Page.Show<SignInPage>(new { Kind = kind, Form = form, Question = await passkeys.AskWho(null, http), Again = again }, status);

    static async Task<IResult> WithPassword(AccountKind kind, Form form, Visit visit, TownDb db, Attempts attempts, Passkeys passkeys, HttpContext http, TimeProvider time)
    {
        var name = Account.FoldSignInName(form.Text("name", most: 254, required: true));
        var mobile = Mail.SendText.Mobile(name) ?? "-";
        var password = form.Typed("password");
        if (password.Length == 0) form.Wrongly("password", "Please fill this in.");
        if (form.Wrong) return await Show(kind, form, 422, passkeys, http);

        var account = await db.Set<Account>().Where(a => (a.SignInName == name || a.EmailKey == name || a.Phone == mobile) && a.Kind == kind && a.ClosedAt == null)
            .OrderBy(a => a.EmailKey == name || a.Phone == mobile ? 0 : 1).FirstOrDefaultAsync();    // what was proved goes before what was chosen
        var known = await KnownDevices.HashFor(account, visit, db, http, time);
        var who = account?.Id.ToString() ?? $"{kind} {name}";    // however the name was typed, it is one account's count
        if (await attempts.Count("sign-in", who, known, visit, http.RequestAborted) is { } wait)
            return await Show(kind, form, Attempts.Later(wait, form, http), passkeys, http);

        var fits = password.Length <= 1000 && await Passwords.FitsInTurn(password, account?.PasswordHash, http.RequestAborted);
        if (account is null || !fits)
        {
            db.Audit(visit.Did("people.sign_in_refused", subject: account is null ? null : Entrance.SubjectOf(account)));
            await db.Save();
            form.Wrongly("", "The name or the password is not right. Please check both.");
            return await Show(kind, form, 422, passkeys, http);
        }
        await Passwords.Renew(account, password, http.RequestAborted);
        await attempts.Forget("sign-in", who, known, visit, http.RequestAborted);
        if (account.FirstPasswordUntil < time.GetUtcNow())
        {
            db.Audit(visit.Did("people.sign_in_refused", subject: Entrance.SubjectOf(account), details: new { how = "first password" }));
            await db.Save();
            form.Wrongly("", "This first password is over: it was good for seven days. Please ask whoever gave it to you for another one.");
            return await Show(kind, form, 422, passkeys, http);
        }
        return await Entrance.Let(account, "password", strong: false, form.Typed("then"), visit, db, http, time);
    }

    static async Task<IResult> WithPasskey(AccountKind kind, Form form, Visit visit, TownDb db, Attempts attempts, Passkeys passkeys, HttpContext http, TimeProvider time)
    {
        if (await attempts.CountNetwork("passkey", visit, http.RequestAborted) is { } wait) return await Show(kind, form, Attempts.Later(wait, form, http), passkeys, http);
        if (await passkeys.Who(null, form.Typed("state"), form.Typed("answer"), http) is not { } who || who.Account.Kind != kind)
        {
            db.Audit(visit.Did("people.sign_in_refused", details: new { how = "passkey" }));
            await db.Save();
            form.Wrongly("", "That passkey is not known here. Please try another one, or your name and password.");
            return await Show(kind, form, 422, passkeys, http);
        }
        who.Key.UsedAt = time.GetUtcNow();
        await db.Save(who.Once, visit.Link(kind == AccountKind.Staff ? "desk" : "my"));    // an answer that was overheard is no good again
        return await Entrance.Let(who.Account, "passkey", strong: true, form.Typed("then"), visit, db, http, time);
    }
}

static class SignOut
{
    public static void Routes(IEndpointRouteBuilder to) => to.MapPost("sign-out", async (Visit visit, TownDb db, HttpContext http) =>
    {
        if ((visit.Visitor ?? visit.AtTheDoor?.Who) is { } visitor)
        {
            db.Audit(visit.Did("people.sign_out", subject: $"accounts/{visitor.AccountId}"));
            await db.Save();
            await db.Set<Session>().Where(s => s.Id == visitor.SessionId).ExecuteDeleteAsync();
        }
        SessionDoor.Take(http, visit);
        http.Response.Headers["Clear-Site-Data"] = "\"cache\", \"storage\"";    // not the cookies: a device that is known stays known
        return Page.Go(visit, visit.Visitor is { IsStaff: true } ? OpenId.DirectorySignIn.AfterSignOut(http, visit) : "");    // staff may be at an address that serves the desk alone
    });
}
