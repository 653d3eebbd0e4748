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
        to.MapGet("sign-in", async (string? then, string? name, bool? again, Visit visit, Passkeys passkeys, HttpContext http) =>
            await Show(kind, Form.With(("then", then), ("name", name ?? (again == true ? visit.Visitor?.Name : null))), 200, passkeys, http, again == true));
        to.MapPost("sign-in", (Form form, Visit visit, TownDb db, Attempts attempts, Passkeys passkeys, HttpContext http, TimeProvider time) =>
            WithPassword(kind, form, visit, db, attempts, passkeys, http, time));
        to.MapPost("sign-in/passkey", (Form form, Visit visit, TownDb db, Passkeys passkeys, HttpContext http, TimeProvider time) =>
            WithPasskey(kind, form, visit, db, passkeys, http, time));
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

        var account = await db.Set<Account>().FirstOrDefaultAsync(a => (a.SignInName == name || a.EmailKey == name || a.Phone == mobile) && a.Kind == kind && a.ClosedAt == null);
        var known = account is not null && await KnownDevices.Knows(account.Id, visit, db, http, time.GetUtcNow()) ? KnownDevices.HashOf(http, visit) : null;
        var who = $"{kind} {name}";
        if (await attempts.Count("sign-in", who, known, visit, http.RequestAborted) is { } wait)
            return await Show(kind, form, Attempts.Later(wait, form, http), passkeys, http);

        var fits = password.Length <= 1000 && Passwords.Fits(password, account?.PasswordHash);
        if (account is null || !fits)
        {
            db.Audit(visit.Did("people.sign_in_refused", subject: account is null ? null : Entrance.SubjectOf(account)));
            await db.Save();
            form.Wrongly("", "The name or the password is not right. Please check both.");
            return await Show(kind, form, 422, passkeys, http);
        }
        await attempts.Forget("sign-in", who, known, visit, http.RequestAborted);
        return await Entrance.Let(account, "password", strong: false, form.Typed("then"), visit, db, http, time);
    }

    static async Task<IResult> WithPasskey(AccountKind kind, Form form, Visit visit, TownDb db, Passkeys passkeys, HttpContext http, TimeProvider time)
    {
        if (await passkeys.Who(form.Typed("state"), form.Typed("answer"), http) is not { } who || who.Account.Kind != kind)
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
        return Page.Go(visit, visit.Visitor is { IsStaff: true } ? OpenId.DirectorySignIn.AfterSignOut(http, visit) : "");    // staff may be at an address that serves the desk alone
    });
}
