using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.Mail;
using Komachi.Platform.Portal;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.People;

/// <summary>
/// "Signing in and devices": everything with which somebody shows who they are, and every device that is signed in. What changes
/// it asks for a proof that is not older than a quarter of an hour.
/// </summary>
static class Security
{
    static readonly TimeSpan Fresh = TimeSpan.FromMinutes(15);

    public static void ResidentRoutes(IEndpointRouteBuilder to) => Routes(to, AccountKind.Resident);

    /// <summary>Who has an app and no codes on paper stands outside when the phone is lost.</summary>
    internal static async Task<IReadOnlyList<MyTask>> ToBeSafe(Mine mine)
    {
        var me = mine.Visit.Visitor!.AccountId;
        return await mine.Db.Set<Account>().AnyAsync(a => a.Id == me && a.TotpSecret != null && !mine.Db.Set<RecoveryCode>().Any(c => c.AccountId == me), mine.Stop)
            ? [new(mine.Words["Make codes for the paper"], "my/security", mine.Words["Without them you cannot sign in when your phone is lost."])] : [];
    }

    public static void StaffRoutes(IEndpointRouteBuilder to) => Routes(to, AccountKind.Staff);

    static void Routes(IEndpointRouteBuilder to, AccountKind kind)
    {
        to.MapGet("security", async (string? done, Visit visit, TownDb db, Passkeys passkeys, HttpContext http, TimeProvider time) => await Show(visit, db, passkeys, http, time, done: done));
        to.MapPost("security/sessions", EndSessions);
        to.MapPost("security/sessions/name", NameSession);
        to.MapPost("security/passkeys", AddPasskey);
        to.MapPost("security/passkeys/remove", RemovePasskey);
        to.MapGet("security/authenticator", async (Visit visit, TownDb db, IDataProtectionProvider protection, TimeProvider time) =>
            Again(visit, time) ?? await ShowAuthenticator(Form.Empty, 200, visit, db, protection));
        to.MapPost("security/authenticator", NewApp);
        to.MapPost("security/authenticator/remove", RemoveApp);
        to.MapPost("security/recovery", NewRecoveryCodes);
        to.MapGet("security/password", (Visit visit, TimeProvider time) => Again(visit, time) ?? Page.Show<NewPasswordPage>(new { Form = Form.Empty, AccountKind = kind }));
        to.MapPost("security/password", NewPassword);
        to.MapGet("security/address", (Visit visit, TimeProvider time) => Again(visit, time) ?? Page.Show<NewAddressPage>(new { Form = Form.With(("email", visit.Visitor!.Email)), AccountKind = kind }));
        to.MapPost("security/address", SendToAddress);
        to.MapGet("security/address/{id:guid}", (Guid id) => Page.Show<TypeCodePage>(new { Purpose = CodeKind.NewAddress, AccountKind = kind, Id = id, Form = Form.Empty }));
        to.MapPost("security/address/{id:guid}", NewAddress);
    }

    static string Home(Visit visit) => (visit.Visitor!.IsStaff ? "desk" : "my") + "/security";

    static AccountKind KindOf(Visit visit) => visit.Visitor!.IsStaff ? AccountKind.Staff : AccountKind.Resident;

    /// <summary>Shows once more who they are, where the last proof is too old.</summary>
    internal static IResult? Again(Visit visit, TimeProvider time, string? then = null) => time.GetUtcNow() - visit.Visitor!.ProvedAt < Fresh ? null
        : Page.Go(visit, $"{SecondFactor.Door(KindOf(visit))}?again=true&then={Uri.EscapeDataString(then ?? visit.Path.TrimStart('/'))}");

    internal static async Task<IResult> Show(Visit visit, TownDb db, Passkeys passkeys, HttpContext http, TimeProvider time, Form? form = null, string? done = null)
    {
        var me = visit.Visitor!;
        var now = time.GetUtcNow();
        var account = await Mine(visit, db);
        var fresh = now - me.ProvedAt < Fresh;
        return Page.Show<SecurityPage>(new
        {
            Form = form ?? Form.Empty,
            Done = done,
            Account = account,
            Fresh = fresh,
            Sessions = await db.Set<Session>().AsNoTracking().Where(s => s.AccountId == me.AccountId && s.EndsAt > now && s.WaitsFor == null).OrderByDescending(s => s.SeenAt).ToListAsync(),
            Keys = await db.Set<Passkey>().AsNoTracking().Where(p => p.AccountId == me.AccountId).OrderBy(p => p.AddedAt).ToListAsync(),
            Codes = await db.Set<RecoveryCode>().CountAsync(c => c.AccountId == me.AccountId),
            Question = fresh ? await passkeys.AskForNew(account, http) : null,
        }, form is { Wrong: true } ? 422 : 200);
    }

    static Task<Account> Mine(Visit visit, TownDb db) => db.Set<Account>().SingleAsync(a => a.Id == visit.Visitor!.AccountId);

    static async Task<IResult> Done(string what, Form form, Visit visit, TownDb db)
    {
        var path = $"{Home(visit)}?done={what}";
        await db.Save(form.Once, visit.Link(path));
        return Page.Go(visit, path);
    }

    static async Task<IResult> EndSessions(Form form, Visit visit, TownDb db)
    {
        var me = visit.Visitor!;
        var all = form.Typed("session") == "others";
        _ = Guid.TryParse(form.Typed("session"), out var one);
        foreach (var session in await db.Set<Session>().Where(s => s.AccountId == me.AccountId && (all ? s.Id != me.SessionId : s.Id == one)).ToListAsync())
        {
            db.Remove(session);
            db.Audit(visit.Did("people.end_session", subject: $"accounts/{me.AccountId}", details: new { session.Device }));
        }
        return await Done("ended", form, visit, db);
    }

    static async Task<IResult> NameSession(Form form, Visit visit, TownDb db, Passkeys passkeys, HttpContext http, TimeProvider time)
    {
        var name = form.Text("name", most: 60);
        if (form.Wrong) return await Show(visit, db, passkeys, http, time, form);
        _ = Guid.TryParse(form.Typed("session"), out var one);
        if (await db.Set<Session>().SingleOrDefaultAsync(s => s.AccountId == visit.Visitor!.AccountId && s.Id == one) is { } session) session.Name = name.Length == 0 ? null : name;
        return await Done("named", form, visit, db);
    }

    static async Task<IResult> AddPasskey(Form form, Visit visit, TownDb db, Passkeys passkeys, HttpContext http, TimeProvider time)
    {
        if (Again(visit, time, Home(visit)) is { } again) return again;
        return await NewPasskey.Take(await Mine(visit, db), form, visit, db, passkeys, http, time)
            ? await Done("passkey", form, visit, db)
            : await Show(visit, db, passkeys, http, time, form);
    }

    static async Task<IResult> RemovePasskey(Form form, Visit visit, TownDb db, Passkeys passkeys, HttpContext http, TimeProvider time)
    {
        if (Again(visit, time, Home(visit)) is { } again) return again;
        var me = visit.Visitor!;
        var keys = await db.Set<Passkey>().Where(p => p.AccountId == me.AccountId).ToListAsync();
        if (keys.FirstOrDefault(k => Convert.ToHexString(k.CredentialId) == form.Typed("key")) is { } key)
        {
            if (me.IsStaff && keys.Count == 1 && (await Mine(visit, db)).TotpSecret is null)
            {
                form.Wrongly("", "This is your only second step. Please set up another one first.");
                return await Show(visit, db, passkeys, http, time, form);
            }
            db.Remove(key);
            db.Audit(visit.Did("people.remove_passkey", subject: $"accounts/{me.AccountId}"));
        }
        return await Done("removed", form, visit, db);
    }

    static async Task<IResult> ShowAuthenticator(Form form, int status, Visit visit, TownDb db, IDataProtectionProvider protection)
    {
        var account = await Mine(visit, db);
        return Page.Show<NewAuthenticatorPage>(new { Form = form, Account = account, New = NewAuthenticator.For(account, form, visit, protection) }, status);
    }

    /// <summary>A first app, or the one on a new phone: the old one's codes are worth nothing from then on.</summary>
    static async Task<IResult> NewApp(Form form, Visit visit, TownDb db, TownKeys keys, Attempts attempts, IDataProtectionProvider protection, HttpContext http, TimeProvider time)
    {
        if (Again(visit, time) is { } again) return again;
        var account = await Mine(visit, db);
        if (await NewAuthenticator.Take(account, form, visit, keys, attempts, protection, http, time) is { } status) return await ShowAuthenticator(form, status, visit, db, protection);
        db.Audit(visit.Did("people.set_up_second_factor", subject: Entrance.SubjectOf(account), details: new { how = "authenticator" }));
        return await GiveRecoveryCodes(account, visit, db, time);
    }

    static async Task<IResult> RemoveApp(Form form, Visit visit, TownDb db, Passkeys passkeys, HttpContext http, TimeProvider time)
    {
        if (Again(visit, time, Home(visit)) is { } again) return again;
        var account = await Mine(visit, db);
        if (account.Kind == AccountKind.Staff && !await db.Set<Passkey>().AnyAsync(p => p.AccountId == account.Id))
        {
            form.Wrongly("", "This is your only second step. Please set up another one first.");
            return await Show(visit, db, passkeys, http, time, form);
        }
        account.ForgetAuthenticator();
        db.Audit(visit.Did("people.remove_second_factor", subject: Entrance.SubjectOf(account)));
        return await Done("removed", form, visit, db);
    }

    static async Task<IResult> NewRecoveryCodes(Form form, Visit visit, TownDb db, TimeProvider time)
    {
        if (Again(visit, time, Home(visit)) is { } again) return again;
        return await GiveRecoveryCodes(await Mine(visit, db), visit, db, time);
    }

    static async Task<IResult> GiveRecoveryCodes(Account account, Visit visit, TownDb db, TimeProvider time)
    {
        var codes = await RecoveryCode.MakeNew(db, account.Id, time.GetUtcNow());
        db.Audit(visit.Did("people.new_recovery_codes", subject: Entrance.SubjectOf(account)));
        await db.Save();
        return Page.Show<RecoveryCodesPage>(new { account.Kind, Codes = codes, On = Home(visit) });
    }

    static async Task<IResult> NewPassword(Form form, Visit visit, TownDb db, TimeProvider time)
    {
        if (Again(visit, time) is { } again) return again;
        var account = await Mine(visit, db);
        GoodPassword.Check(form, "password", form.Typed("password"), visit, account.SignInName);
        if (form.Wrong) return Page.Show<NewPasswordPage>(new { Form = form, AccountKind = account.Kind }, 422);
        account.SetPassword(form.Typed("password"));
        db.RemoveRange(await db.Set<Session>().Where(s => s.AccountId == account.Id && s.Id != visit.Visitor!.SessionId).ToListAsync());
        db.Audit(visit.Did("people.new_password", subject: Entrance.SubjectOf(account)));
        return await Done("password", form, visit, db);
    }

    static async Task<IResult> SendToAddress(Form form, Visit visit, TownDb db, Attempts attempts, Servers servers, Words words, WebOptions options, HttpContext http, TimeProvider time)
    {
        if (Again(visit, time) is { } again) return again;
        var reach = Reach.Read(form, "email", options.TextsUrl is not null);
        if (form.Wrong) return Page.Show<NewAddressPage>(new { Form = form, AccountKind = KindOf(visit) }, 422);
        if (await attempts.CountCode(reach, KnownDevices.HashOf(http, visit), visit, http.RequestAborted) is { } wait)
            return Page.Show<NewAddressPage>(new { Form = form, AccountKind = KindOf(visit) }, Attempts.Later(wait, form, http));
        var (row, code) = SentCode.Make(CodeKind.NewAddress, visit.Visitor!.AccountId, reach.Address, servers, time.GetUtcNow());
        db.Add(row);
        reach.Send(code, words, visit, db);
        var path = $"{Home(visit)}/address/{row.Id}";
        await db.Save(form.Once, visit.Link(path));
        return Page.Go(visit, path);
    }

    static async Task<IResult> NewAddress(Guid id, Form form, Visit visit, TownDb db, Servers servers, Refusals refusals, Words words, TimeProvider time)
    {
        var typed = form.Text("code", most: 20, required: true);
        if (form.Wrong || await SentCode.Try(db, servers, id, CodeKind.NewAddress, typed, time.GetUtcNow()) is not { } sent || sent.AccountId != visit.Visitor!.AccountId)
            return await SendCode.CodeWas(form, id, CodeKind.NewAddress, KindOf(visit), visit, db, refusals, time);
        var account = await Mine(visit, db);
        var reach = Reach.Of(sent);
        if (await reach.Owner(account.Kind, db) is { } other && other.Id != account.Id)
        {
            form.Wrongly("", "Another account uses this address to sign in.");
            return Page.Show<TypeCodePage>(new { Purpose = CodeKind.NewAddress, AccountKind = account.Kind, Id = id, Form = form }, 422);
        }
        if (!reach.IsPhone && account.Email is { } before && account.EmailKey is { } known && known != reach.Key)
            db.Enqueue(new SendMail(before, words["{0}: your address was changed", visit.Town.Name.In(visit.Lang)], words["Mail for your account goes to another address from now on. If that was not you, please call the town hall."]));
        reach.ProvedFor(account);
        db.Audit(visit.Did("people.new_address", subject: Entrance.SubjectOf(account)));
        return await Done("address", form, visit, db);
    }
}
