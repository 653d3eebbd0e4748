using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.People;

/// <summary>
/// A new password for who reads the account's mail. All devices are signed out, and the second step stays: a mailbox alone
/// opens no account of staff.
/// </summary>
static class ForgottenPassword
{
    public static void Routes(IEndpointRouteBuilder to, AccountKind kind)
    {
        to.MapGet("sign-in/forgot", () => Ask(kind, Form.Empty, 200));
        to.MapPost("sign-in/forgot", (Form form, Visit visit, TownDb db, Attempts attempts, Servers servers, Words words, WebOptions options, HttpContext http, TimeProvider time) =>
            Send(kind, form, visit, db, attempts, servers, words, options, http, time));
        to.MapGet("sign-in/forgot/{id:guid}", (Guid id) => Page.Show<TypeCodePage>(new { Purpose = CodeKind.NewPassword, AccountKind = kind, Id = id, Form = Form.Empty }));
        to.MapPost("sign-in/forgot/{id:guid}", (Guid id, Form form, Visit visit, TownDb db, Servers servers, Refusals refusals, TimeProvider time) =>
            Change(id, kind, form, visit, db, servers, refusals, time));
    }

    static IResult Ask(AccountKind kind, Form form, int status) => Page.Show<AskForCodePage>(new { Purpose = CodeKind.NewPassword, AccountKind = kind, Form = form }, status);

    static async Task<IResult> Send(AccountKind kind, Form form, Visit visit, TownDb db, Attempts attempts, Servers servers, Words words, WebOptions options, HttpContext http, TimeProvider time)
    {
        var reach = Reach.Read(form, "email", options.TextsUrl is not null);
        if (form.Wrong) return Ask(kind, form, 422);
        var account = await reach.Owner(kind, db);
        if (await attempts.CountCode(reach, await KnownDevices.HashFor(account, visit, db, http, time), visit, http.RequestAborted) is { } wait) return Ask(kind, form, Attempts.Later(wait, form, http));
        var (row, code) = SentCode.Make(CodeKind.NewPassword, account?.Id, reach.Address, servers, time.GetUtcNow());
        db.Add(row);    // for an address that is not known too: the next page looks the same
        if (account is not null)
        {
            reach.Send(code, words, visit, db);
            db.Audit(visit.Did("people.ask_new_password", subject: Entrance.SubjectOf(account)));
        }
        var path = $"{SecondFactor.Door(kind)}/forgot/{row.Id}";
        await db.Save(form.Once, visit.Link(path));
        return Page.Go(visit, path);
    }

    static async Task<IResult> Change(Guid id, AccountKind kind, Form form, Visit visit, TownDb db, Servers servers, Refusals refusals, TimeProvider time)
    {
        var (typed, password) = (form.Text("code", most: 20, required: true), form.Typed("password"));
        GoodPassword.Check(form, "password", password, visit);
        if (form.Wrong) return Page.Show<TypeCodePage>(new { Purpose = CodeKind.NewPassword, AccountKind = kind, Id = id, Form = form }, 422);
        if (await SentCode.Try(db, servers, id, CodeKind.NewPassword, typed, time.GetUtcNow()) is not { AccountId: { } of }) return await SendCode.CodeWas(form, id, CodeKind.NewPassword, kind, visit, db, refusals, time);

        var account = await db.Set<Account>().SingleAsync(a => a.Id == of);
        account.SetPassword(password);
        db.RemoveRange(await db.Set<Session>().Where(s => s.AccountId == of).ToListAsync());
        db.Audit(visit.Did("people.new_password", subject: Entrance.SubjectOf(account), details: new { how = "code" }));
        await db.Save();
        return Page.Go(visit, SecondFactor.Door(kind));
    }
}

/// <summary>
/// Length is what counts; what everybody guesses first is refused. No rules of signs and digits, and no change by the calendar.
/// </summary>
static class GoodPassword
{
    const int Least = 10, Most = 200, ToGuess = 5;

    // Besides the lists of KnownPasswords: taken out wherever they stand, several of them and in the middle.
    static readonly string[] Guessed = ["password", "passw0rd", "1234567890", "qwertyuiop", "asdfghjkl", "iloveyou", "letmein", "welcome", "sunshine", "princess", "football", "baseball", "superman",
        "abcdefghij", "1q2w3e4r5t", "zaq12wsx", "administrator", "sakura", "doraemon", "pokemon", "pikachu", "hinata", "takahiro", "arashi", "anpanman", "aikotoba", "himitsu", "komachi"];

    public static void Check(Form form, string field, string password, Visit visit, string? name = null)
    {
        if (password.Length == 0) form.Wrongly(field, "Please fill this in.");
        else if (password.Length < Least) form.Wrongly(field, "Please use at least {0} characters.", Least);
        else if (password.Length > Most) form.Wrongly(field, "Please use at most {0} characters; there are {1}.", Most, password.Length);
        else if (IsGuessed(password, visit.Town.Slug, name)) form.Wrongly(field, "Others would guess that soon: it, or most of it, stands in lists of known passwords. Take four words that do not belong together, or let your browser make one.");
    }

    internal static bool IsGuessed(string password, params string?[] ownWords)
    {
        var plain = password.Normalize(System.Text.NormalizationForm.FormC).ToLowerInvariant();
        if (plain.Distinct().Count() < 5 || IsRow(plain) || KnownPasswords.Tells(plain, ToGuess)) return true;
        // What is left when the guessed words are taken out is what has to be guessed.
        foreach (var word in Guessed.Concat(ownWords.OfType<string>().Where(w => w.Length >= 3)).OrderByDescending(w => w.Length)) plain = plain.Replace(word.ToLowerInvariant(), "");
        return plain.Length < ToGuess;
    }

    /// <summary>Each sign the one after or before the last.</summary>
    static bool IsRow(string text) => text.Zip(text.Skip(1), (a, b) => b - a).Count(step => step is >= -1 and <= 1) >= text.Length * 3 / 4;
}
