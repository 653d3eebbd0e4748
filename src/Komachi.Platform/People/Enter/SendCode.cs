using System.Security.Cryptography;
using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.People;

/// <summary>
/// For residents who have nothing else: a code to their mailbox or telephone, and they are in. Who comes for the first time says their name and
/// has an account from then on. Whether an address is known here cannot be learnt before what was sent there was read.
/// </summary>
static class SendCode
{
    static readonly TimeSpan NameWithin = TimeSpan.FromMinutes(30);

    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("sign-in/code", (string? then) => Page.Show<AskForCodePage>(new { Purpose = CodeKind.SignIn, AccountKind = AccountKind.Resident, Form = Form.With(("then", then)) }));
        to.MapPost("sign-in/code", Send);
        to.MapGet("sign-in/code/{id:guid}", (Guid id, string? then) => Page.Show<TypeCodePage>(new { Purpose = CodeKind.SignIn, AccountKind = AccountKind.Resident, Id = id, Form = Form.With(("then", then)) }));
        to.MapPost("sign-in/code/{id:guid}", Type);
        to.MapPost("sign-in/new", Name);
    }

    static async Task<IResult> Send(Form form, Visit visit, TownDb db, Attempts attempts, Servers servers, Words words, WebOptions options, HttpContext http, TimeProvider time)
    {
        var reach = Reach.Read(form, "email", options.TextsUrl is not null);
        if (form.Wrong) return Page.Show<AskForCodePage>(new { Purpose = CodeKind.SignIn, AccountKind = AccountKind.Resident, Form = form }, 422);
        if (await attempts.CountCode(reach, await KnownDevices.HashFor(await reach.Owner(AccountKind.Resident, db), visit, db, http, time), visit, http.RequestAborted) is { } wait)
            return Page.Show<AskForCodePage>(new { Purpose = CodeKind.SignIn, AccountKind = AccountKind.Resident, Form = form }, Attempts.Later(wait, form, http));

        var (row, code) = SentCode.Make(CodeKind.SignIn, null, reach.Address, servers, time.GetUtcNow());
        db.Add(row);
        reach.Send(code, words, visit, db);
        var path = $"sign-in/code/{row.Id}" + Then.Query(form.Typed("then"));
        await db.Save(form.Once, visit.Link(path));
        return Page.Go(visit, path);
    }

    static async Task<IResult> Type(Guid id, Form form, Visit visit, TownDb db, Servers servers, Refusals refusals, IDataProtectionProvider protection, HttpContext http, TimeProvider time)
    {
        var typed = form.Text("code", most: 20, required: true);
        if (form.Wrong || await SentCode.Try(db, servers, id, CodeKind.SignIn, typed, time.GetUtcNow()) is not { } sent)
            return await CodeWas(form, id, CodeKind.SignIn, AccountKind.Resident, visit, db, refusals, time);

        var reach = Reach.Of(sent);
        if (await reach.Owner(AccountKind.Resident, db) is { } account)
            return await Entrance.Let(account, reach.How, strong: false, form.Typed("then"), visit, db, http, time);
        await db.Save();
        return Page.Show<NewResidentPage>(new { Form = Form.With(("then", form.Typed("then")), ("proof", Proof(visit, protection).Protect($"{sent.Id} {sent.Address}", NameWithin))) });
    }

    /// <summary>The first visit: a name, and the account is there.</summary>
    static async Task<IResult> Name(Form form, Visit visit, TownDb db, IDataProtectionProvider protection, HttpContext http, TimeProvider time)
    {
        Reach reach;
        Guid sent;
        try
        {
            var proved = Proof(visit, protection).Unprotect(form.Typed("proof")).Split(' ', 2);
            (sent, reach) = (Guid.Parse(proved[0]), new(proved[1], !proved[1].Contains('@')));
        }
        catch (CryptographicException)
        {
            form.Wrongly("", "That took longer than half an hour. Please let us send you another code.");
            return Page.Show<AskForCodePage>(new { Purpose = CodeKind.SignIn, AccountKind = AccountKind.Resident, Form = form }, 422);
        }
        var (name, kana) = (form.Text("name", most: 100, required: true), form.Text("kana", most: 100));
        if (form.Wrong) return Page.Show<NewResidentPage>(new { Form = form }, 422);

        var now = time.GetUtcNow();
        var account = await reach.Owner(AccountKind.Resident, db);
        if (account is null)
        {
            var person = Person.Known(PersonKind.Human, new(name, kana.Length == 0 ? null : kana, Phone: reach.IsPhone ? reach.Address : null, Email: reach.IsPhone ? null : reach.Address), now);
            account = Account.Open(AccountKind.Resident, await FreeName(reach.Key, db), name, reach.IsPhone ? null : reach.Address, [], null, now, person);
            reach.ProvedFor(account);
            db.Add(person);
            db.Add(account);
            db.Audit(visit.Did("people.open_account", subject: Entrance.SubjectOf(account), about: person.Id));
        }
        await db.Save(sent, visit.Link("sign-in"));    // who finds this page later, by going back, is asked at the door
        return await Entrance.Let(account, reach.How, strong: false, form.Typed("then"), visit, db, http, time);
    }

    /// <summary>An address may be another account's name: then the name gets a number, which nobody has to know.</summary>
    static async Task<string> FreeName(string wanted, TownDb db) =>
        await db.Set<Account>().AnyAsync(a => a.SignInName == wanted) ? $"{wanted} {RandomNumberGenerator.GetHexString(8, lowercase: true)}" : wanted;

    static ITimeLimitedDataProtector Proof(Visit visit, IDataProtectionProvider protection) => protection.CreateProtector("proved address", visit.Town.Slug).ToTimeLimitedDataProtector();

    /// <summary>The page again, with what can be done now.</summary>
    internal static async Task<IResult> CodeWas(Form form, Guid id, CodeKind purpose, AccountKind kind, Visit visit, TownDb db, Refusals refusals, TimeProvider time)
    {
        if (form.Typed("code").Trim().Length > 0) refusals.Note(visit, Refusals.WrongCode, purpose.ToString(), await db.Set<SentCode>().Where(c => c.Id == id && c.Kind == purpose).Select(c => c.AccountId).SingleOrDefaultAsync());
        if (!await SentCode.CanBeTried(db, id, purpose, time.GetUtcNow())) form.Wrongly("", "This code is over: it was used, is too old, or was typed wrongly too often. Please let us send you another one.");
        else form.Wrongly("code", "That is not the code. Please compare it with the newest mail from us.");
        return Page.Show<TypeCodePage>(new { Purpose = purpose, AccountKind = kind, Id = id, Form = form }, 422);
    }
}
