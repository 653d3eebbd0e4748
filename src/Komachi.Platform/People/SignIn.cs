using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.People;

/// <summary>
/// A name and a password. Attempts are counted by account and by network, over all processes; where the limit is reached the
/// answer is "later", the same for names that exist and names that do not.
/// </summary>
static class SignIn
{
    static readonly TimeSpan Window = TimeSpan.FromMinutes(10);
    const int PerAccount = 10, PerNetwork = 60;

    public static void ResidentRoutes(IEndpointRouteBuilder to) => Routes(to, AccountKind.Resident);

    public static void StaffRoutes(IEndpointRouteBuilder to) => Routes(to, AccountKind.Staff);

    static void Routes(IEndpointRouteBuilder to, AccountKind kind)
    {
        to.MapGet("sign-in", (string? then) => Page.Show<SignInPage>(new { Kind = kind, Form = Form.With(("then", then)) }));
        to.MapPost("sign-in", (Form form, Visit visit, TownDb db, SharedCounters counters, HttpContext http, TimeProvider time) =>
            Post(kind, form, visit, db, counters, http, time));
    }

    static async Task<IResult> Post(AccountKind kind, Form form, Visit visit, TownDb db, SharedCounters counters, HttpContext http, TimeProvider time)
    {
        var name = Account.FoldSignInName(form.Text("name", most: 100, required: true));
        var password = form.Typed("password");
        if (password.Length == 0) form.Wrongly("password", "Please fill this in.");
        if (form.Wrong) return Page.Show<SignInPage>(new { Kind = kind, Form = form }, 422);

        var byAccount = await counters.Count(visit.Town, "sign-in account", $"{kind} {name}", PerAccount, Window, http.RequestAborted);
        var byNetwork = await counters.Count(visit.Town, "sign-in network", visit.From, PerNetwork, Window, http.RequestAborted);
        if (!byAccount.Within || !byNetwork.Within)
        {
            var wait = byAccount.Within ? byNetwork.Wait : byAccount.Wait;
            http.Response.Headers.RetryAfter = ((int)wait.TotalSeconds + 1).ToString(System.Globalization.CultureInfo.InvariantCulture);
            form.Wrongly("", "Too many attempts. Please try again in {0} minutes.", (int)wait.TotalMinutes + 1);
            return Page.Show<SignInPage>(new { Kind = kind, Form = form }, 429);
        }

        var account = await db.Set<Account>().FirstOrDefaultAsync(a => a.SignInName == name && a.Kind == kind && a.ClosedAt == null);
        var fits = password.Length <= 1000 && Passwords.Fits(password, account?.PasswordHash);
        if (account is null || !fits)
        {
            db.Audit(visit.Did("people.sign_in_refused", subject: account is null ? null : $"accounts/{account.Id}"));
            await db.Save();
            form.Wrongly("", "The name or the password is not right. Please check both.");
            return Page.Show<SignInPage>(new { Kind = kind, Form = form }, 422);
        }

        await counters.Forget(visit.Town, "sign-in account", $"{kind} {name}", http.RequestAborted);
        return await Entrance.Let(account, "password", strong: false, form.Typed("then"), visit, db, http, time);
    }

    /// <summary>Back to where they wanted to go, if that is one of our own paths on the same side.</summary>
    internal static string After(AccountKind kind, string then)
    {
        var home = kind == AccountKind.Staff ? "desk" : "my";
        var ours = then.Length is > 0 and < 500 && !then.StartsWith('/') && !then.Contains(':') && !then.Contains('\\') && !then.Any(char.IsControl);
        return ours && then.StartsWith("desk", StringComparison.Ordinal) == (kind == AccountKind.Staff) ? then : home;
    }
}

static class SignOut
{
    public static void Routes(IEndpointRouteBuilder to) => to.MapPost("sign-out", async (Visit visit, TownDb db, HttpContext http) =>
    {
        if (visit.Visitor is { } visitor)
        {
            db.Audit(visit.Did("people.sign_out", subject: $"accounts/{visitor.AccountId}"));
            await db.Save();
            await db.Set<Session>().Where(s => s.Id == visitor.SessionId).ExecuteDeleteAsync();
        }
        SessionDoor.Take(http, visit);
        return Page.Go(visit, visit.Visitor is { IsStaff: true } ? "desk/sign-in" : "");    // staff may be at an address that serves the desk alone
    });
}

static class MyPlace
{
    public static void Routes(IEndpointRouteBuilder to) => to.MapGet("", () => Page.Show<MyPage>());
}

static class MyDesk
{
    public static void Routes(IEndpointRouteBuilder to) => to.MapGet("", () => Page.Show<MyDeskPage>());
}
