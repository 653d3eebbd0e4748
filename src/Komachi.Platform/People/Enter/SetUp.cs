using System.Buffers.Text;
using System.Security.Cryptography;
using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.People;

/// <summary>Staff who have no second step yet set one up before they are in: an authenticator app, or a passkey.</summary>
static class SetUp
{
    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("sign-in/set-up", async (string? then, Visit visit, TownDb db, IDataProtectionProvider protection, Passkeys passkeys, HttpContext http) =>
            await AtTheDoor(visit, db) is { } account ? await Show(account, Form.With(("then", then)), 200, visit, protection, passkeys, http) : Page.Go(visit, "desk/sign-in"));
        to.MapPost("sign-in/set-up", async (Form form, Visit visit, TownDb db, TownKeys keys, Attempts attempts, IDataProtectionProvider protection, Passkeys passkeys, HttpContext http, TimeProvider time) =>
        {
            if (await AtTheDoor(visit, db) is not { } account) return Page.Go(visit, "desk/sign-in");
            if (await NewAuthenticator.Take(account, form, visit, keys, attempts, protection, http, time) is { } status)
                return await Show(account, form, status, visit, protection, passkeys, http);
            return await In("authenticator", account, form, visit, db, http, time);
        });
        to.MapPost("sign-in/set-up/passkey", async (Form form, Visit visit, TownDb db, IDataProtectionProvider protection, Passkeys passkeys, HttpContext http, TimeProvider time) =>
        {
            if (await AtTheDoor(visit, db) is not { } account) return Page.Go(visit, "desk/sign-in");
            if (!await NewPasskey.Take(account, form, visit, db, passkeys, http, time))
                return await Show(account, form, 422, visit, protection, passkeys, http);
            return await In("passkey", account, form, visit, db, http, time);
        });
    }

    static Task<Account?> AtTheDoor(Visit visit, TownDb db) => SecondFactor.Waiting(visit, AccountKind.Staff, Waiting.SetUp, db);

    static async Task<IResult> Show(Account account, Form form, int status, Visit visit, IDataProtectionProvider protection, Passkeys passkeys, HttpContext http) => Page.Show<SetUpPage>(new
    {
        Form = form,
        New = NewAuthenticator.For(account, form, visit, protection),
        Question = await passkeys.AskForNew(account, http),
    }, status);

    /// <summary>In, by way of the page that shows the codes for the paper once.</summary>
    static async Task<IResult> In(string how, Account account, Form form, Visit visit, TownDb db, HttpContext http, TimeProvider time)
    {
        var codes = await RecoveryCode.MakeNew(db, account.Id, time.GetUtcNow());
        db.Audit(visit.Did("people.set_up_second_factor", subject: Entrance.SubjectOf(account), details: new { how }));
        await Entrance.CompleteHere(how, visit, db, http, time);
        return Page.Show<RecoveryCodesPage>(new { account.Kind, Codes = codes, On = Entrance.On(account, form.Typed("then")) });
    }
}

/// <summary>An authenticator app that is being set up: its secret stands on the page, and comes back sealed with the first code.</summary>
public sealed record NewAuthenticator(string Address, string Typed, string Sealed)
{
    static readonly TimeSpan GoodFor = TimeSpan.FromMinutes(30);

    /// <summary>The one that stood on the page before, when the code was wrong: it may be in the app already.</summary>
    internal static NewAuthenticator For(Account account, Form form, Visit visit, IDataProtectionProvider protection)
    {
        var secret = Opened(account, form.Typed("secret"), visit, protection) ?? Totp.NewSecret();
        var typed = string.Join(' ', Totp.Base32(secret).Chunk(4).Select(c => new string(c)));
        return new(Totp.AddressFor(secret, visit.Town.Name["ja"], account.SignInName), typed, Protector(account, visit, protection).Protect(Base64Url.EncodeToString(secret), GoodFor));
    }

    /// <summary>Null when it is in use from now on; otherwise the status, and the form says why.</summary>
    internal static async Task<int?> Take(Account account, Form form, Visit visit, TownKeys keys, Attempts attempts, IDataProtectionProvider protection, HttpContext http, TimeProvider time)
    {
        var code = form.Text("code", most: 20, required: true);
        if (form.Wrong) return 422;
        if (await attempts.Count("second", account.Id.ToString(), null, visit, http.RequestAborted) is { } wait) return Attempts.Later(wait, form, http);
        if (Opened(account, form.Typed("secret"), visit, protection) is { } secret && await Authenticator.TakeUp(account, secret, code, visit, keys, time)) return null;
        form.Wrongly("code", "That code does not fit. Is the clock of your phone set by itself? Please type the newest code.");
        return 422;
    }

    static byte[]? Opened(Account account, string locked, Visit visit, IDataProtectionProvider protection)
    {
        try
        {
            return locked.Length is 0 or > 1000 ? null : Base64Url.DecodeFromChars(Protector(account, visit, protection).Unprotect(locked));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    static ITimeLimitedDataProtector Protector(Account account, Visit visit, IDataProtectionProvider protection) =>
        protection.CreateProtector("authenticator", visit.Town.Slug, account.Id.ToString()).ToTimeLimitedDataProtector();
}

/// <summary>A passkey that was just made.</summary>
static class NewPasskey
{
    const int Most = 20;

    /// <summary>False when the form says why not.</summary>
    public static async Task<bool> Take(Account account, Form form, Visit visit, TownDb db, Passkeys passkeys, HttpContext http, TimeProvider time)
    {
        var name = form.Text("name", most: 60);
        if (form.Wrong) return false;
        if (await db.Set<Passkey>().CountAsync(p => p.AccountId == account.Id) >= Most) form.Wrongly("", "There are {0} passkeys already. Please remove one that you no longer use.", Most);
        else if (await passkeys.TakeNew(account, form.Typed("state"), form.Typed("answer"), http) is not { } key) form.Wrongly("", "The passkey could not be made. Please try again, or take an authenticator app.");
        else
        {
            db.Add(new Passkey
            {
                CredentialId = key.CredentialId, AccountId = account.Id, Name = name.Length > 0 ? name : Device.NameOf(http.Request.Headers.UserAgent.ToString()) is { Length: > 0 } device ? device : "passkey",
                PublicKey = key.PublicKey, SignCount = key.SignCount, Transports = key.Transports ?? [], UserVerified = key.IsUserVerified, BackupEligible = key.IsBackupEligible, BackedUp = key.IsBackedUp,
                AddedAt = time.GetUtcNow(),
            });
            db.Audit(visit.Did("people.add_passkey", subject: Entrance.SubjectOf(account)));
            return true;
        }
        return false;
    }
}
