using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.People;

/// <summary>The second proof: six digits of an authenticator app, a passkey, or a code from paper where the phone is lost.</summary>
static class SecondFactor
{
    public static void Routes(IEndpointRouteBuilder to, AccountKind kind)
    {
        to.MapGet("sign-in/second", async (string? then, Visit visit, TownDb db, Passkeys passkeys, HttpContext http) =>
            await Waiting(visit, kind, People.Waiting.SecondFactor, db) is { } account ? await Show(account, Form.With(("then", then)), 200, db, passkeys, http) : Page.Go(visit, Door(kind)));
        to.MapPost("sign-in/second", async (Form form, Visit visit, TownDb db, TownKeys keys, Attempts attempts, Passkeys passkeys, HttpContext http, TimeProvider time) =>
            await Waiting(visit, kind, People.Waiting.SecondFactor, db) is { } account ? await Post(account, form, visit, db, keys, attempts, passkeys, http, time) : Page.Go(visit, Door(kind)));
        to.MapPost("sign-in/second/passkey", async (Form form, Visit visit, TownDb db, Attempts attempts, Passkeys passkeys, HttpContext http, TimeProvider time) =>
            await Waiting(visit, kind, People.Waiting.SecondFactor, db) is { } account ? await WithPasskey(account, form, visit, db, attempts, passkeys, http, time) : Page.Go(visit, Door(kind)));
    }

    internal static string Door(AccountKind kind) => kind == AccountKind.Staff ? "desk/sign-in" : "sign-in";

    /// <summary>Who stands at this door and owes just this.</summary>
    internal static async Task<Account?> Waiting(Visit visit, AccountKind kind, Waiting what, TownDb db) =>
        visit.AtTheDoor is { } door && door.For == what && door.Who.IsStaff == (kind == AccountKind.Staff)
            ? await db.Set<Account>().SingleAsync(a => a.Id == door.Who.AccountId) : null;

    static async Task<IResult> Show(Account account, Form form, int status, TownDb db, Passkeys passkeys, HttpContext http) => Page.Show<SecondFactorPage>(new
    {
        account.Kind,
        Form = form,
        HasAuthenticator = account.TotpSecret is not null,
        Question = await db.Set<Passkey>().AnyAsync(p => p.AccountId == account.Id) ? await passkeys.AskWho(account, http) : null,
    }, status);

    static async Task<IResult> Post(Account account, Form form, Visit visit, TownDb db, TownKeys keys, Attempts attempts, Passkeys passkeys, HttpContext http, TimeProvider time)
    {
        var typed = form.Text("code", most: 40, required: true);
        if (form.Wrong) return await Show(account, form, 422, db, passkeys, http);
        if (await attempts.Count("second", account.Id.ToString(), null, visit, http.RequestAborted) is { } wait)
            return await Show(account, form, Attempts.Later(wait, form, http), db, passkeys, http);

        string? how = null;
        if (await Authenticator.StepOf(account, typed, visit, keys, time) is { } step)
        {
            account.UsedCodeOf(step);
            how = "authenticator";
        }
        else if (typed.Length > 8 && await RecoveryCode.Find(db, account.Id, typed) is { } paper)
        {
            db.Remove(paper);
            how = "recovery code";
        }
        if (how is null)
        {
            db.Audit(visit.Did("people.second_factor_refused", subject: Entrance.SubjectOf(account)));
            await db.Save();
            form.Wrongly("code", "That code is not right, or it was used already. The app shows a new one every half minute.");
            return await Show(account, form, 422, db, passkeys, http);
        }
        await attempts.Forget("second", account.Id.ToString(), null, visit, http.RequestAborted);
        return await Entrance.Complete(how, form.Typed("then"), visit, db, http, time);
    }

    static async Task<IResult> WithPasskey(Account account, Form form, Visit visit, TownDb db, Attempts attempts, Passkeys passkeys, HttpContext http, TimeProvider time)
    {
        if (await attempts.Count("second", account.Id.ToString(), null, visit, http.RequestAborted) is { } wait) return await Show(account, form, Attempts.Later(wait, form, http), db, passkeys, http);
        if (await passkeys.Who(account, form.Typed("state"), form.Typed("answer"), http) is not { } who || who.Account.Id != account.Id)
        {
            db.Audit(visit.Did("people.second_factor_refused", subject: Entrance.SubjectOf(account), details: new { how = "passkey" }));
            await db.Save();
            form.Wrongly("", "That passkey is not one of this account.");
            return await Show(account, form, 422, db, passkeys, http);
        }
        who.Key.UsedAt = time.GetUtcNow();
        await db.Save(who.Once, visit.Link(Door(account.Kind)));
        return await Entrance.Complete("passkey", form.Typed("then"), visit, db, http, time);
    }
}

/// <summary>The authenticator app of an account: its secret lies in the database sealed with the town's key.</summary>
static class Authenticator
{
    const string Purpose = "people";

    public static async Task<long?> StepOf(Account account, string typed, Visit visit, TownKeys keys, TimeProvider time) =>
        account.TotpSecret is { } locked ? Totp.StepOf(typed, await keys.Open(visit.Town, Purpose, locked, BoundTo(account)), time.GetUtcNow(), account.TotpStep) : null;

    /// <summary>Taken into use with a first code that fits.</summary>
    public static async Task<bool> TakeUp(Account account, byte[] secret, string typed, Visit visit, TownKeys keys, TimeProvider time)
    {
        if (Totp.StepOf(typed, secret, time.GetUtcNow(), usedStep: 0) is not { } step) return false;
        account.UseAuthenticator(await keys.Seal(visit.Town, Purpose, secret, BoundTo(account)), step);
        return true;
    }

    static string BoundTo(Account account) => $"accounts/{account.Id}/totp";
}
