using System.CommandLine;
using System.Security.Cryptography;
using Komachi.Platform.Audit;
using Komachi.Platform.People;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Host.Commands;

/// <summary><c>komachi account …</c>: the first account of a town, and a new password for one who is locked out.</summary>
static class AccountCommands
{
    const string ByInput = "Read the password from standard input (one line) instead of making one up; it is taken for one that its owner chose";
    const string ForAWeek = "It is good for seven days, and once: whoever comes in with it chooses another one before anything else.";

    public static Command Make() => new("account", "Add accounts and reset their passwords") { Add(), Reset() };

    static Command Add()
    {
        var (town, signIn) = Who();
        var kind = new Option<AccountKind>("--kind") { Description = "staff or resident", DefaultValueFactory = _ => AccountKind.Staff };
        var name = new Option<string?>("--name") { Description = "The person's name, exactly as it is written" };
        var email = new Option<string?>("--email") { Description = "Where mail to this person goes" };
        var permissions = new Option<string[]>("--permission") { Description = "What a member of staff may do, like announcements.write; may stand several times" };
        var input = new Option<bool>("--password-from-input") { Description = ByInput };
        var command = new Command("add", "Open an account; prints the password that was made up") { town, signIn, kind, name, email, permissions, input };
        command.SetAction(async (given, stop) =>
        {
            await using var operation = await Operation.Begin(Installation.Open(), Modules.House(), Operation.Needs.Registry, stop);
            await using var db = operation.Databases.Open(operation.Town(given.GetRequiredValue(town)));
            var wanted = given.GetValue(permissions) ?? [];
            if (wanted.Except(operation.House.Permissions.Select(p => p.Key)).FirstOrDefault() is { } unknown)
                throw Refused.WrongUse($"There is no permission \"{unknown}\": {string.Join(", ", operation.House.Permissions.Select(p => p.Key).Order())}.");
            if (wanted.Length > 0 && given.GetValue(kind) != AccountKind.Staff) throw Refused.WrongUse("Permissions are for staff.");
            var folded = Account.FoldSignInName(given.GetRequiredValue(signIn));
            if (folded.Length == 0) throw Refused.WrongUse("The sign-in name is empty.");
            if (await db.Set<Account>().AnyAsync(a => a.SignInName == folded, stop)) throw Refused.Failed($"There is an account \"{folded}\" already.");
            var (password, madeUp) = Password(given.GetValue(input));
            var now = TimeProvider.System.GetUtcNow();
            var called = given.GetValue(name) ?? folded;
            var person = given.GetValue(kind) == AccountKind.Resident ? Person.Known(PersonKind.Human, new(called, Email: given.GetValue(email)), now) : null;
            if (person is not null) db.Add(person);
            var account = Account.Open(given.GetValue(kind), folded, called, given.GetValue(email), wanted, null, now, person);
            Give(account, password, madeUp, now);
            db.Add(account);
            db.Audit(AuditEntry.ByOperator("people.add_account", $"accounts/{account.Id}", "komachi account add", now));
            await db.Save(stop: stop);
            Say.Line(madeUp ? $"{folded} was added; password {password}" : $"{folded} was added.");
            if (madeUp) Say.Line(ForAWeek);
            return Exit.Done;
        });
        return command;
    }

    static Command Reset()
    {
        var (town, signIn) = Who();
        var input = new Option<bool>("--password-from-input") { Description = ByInput };
        var command = new Command("reset", "Give an account a new password and end its sessions; prints the password that was made up") { town, signIn, input };
        command.SetAction(async (given, stop) =>
        {
            await using var operation = await Operation.Begin(Installation.Open(), Modules.House(), Operation.Needs.Registry, stop);
            await using var db = operation.Databases.Open(operation.Town(given.GetRequiredValue(town)));
            var folded = Account.FoldSignInName(given.GetRequiredValue(signIn));
            var account = await db.Set<Account>().SingleOrDefaultAsync(a => a.SignInName == folded, stop) ?? throw Refused.Failed($"There is no account \"{folded}\" in {db.Town.Slug}.");
            var (password, madeUp) = Password(given.GetValue(input));
            var now = TimeProvider.System.GetUtcNow();
            Give(account, password, madeUp, now);
            db.Audit(AuditEntry.ByOperator("people.reset_password", $"accounts/{account.Id}", "komachi account reset", now));
            db.RemoveRange(await db.Set<Session>().Where(s => s.AccountId == account.Id).ToListAsync(stop));
            await db.Save(stop: stop);
            Say.Line(madeUp ? $"{folded} has a new password: {password}" : $"{folded} has a new password.");
            if (madeUp) Say.Line(ForAWeek);
            return Exit.Done;
        });
        return command;
    }

    static (Argument<string> Town, Argument<string> SignIn) Who() =>
        (new("town") { Description = "The town's slug" }, new("sign-in-name") { Description = "What is typed at the door" });

    /// <summary>What was printed is known to whoever ran this, and perhaps to their screen and log.</summary>
    static void Give(Account account, string password, bool madeUp, DateTimeOffset now)
    {
        if (madeUp) account.SetFirstPassword(password, now);
        else account.SetPassword(password);
    }

    // Never an argument: those are seen by everyone on the machine and stay in the shell's history.
    static (string Password, bool MadeUp) Password(bool fromInput)
    {
        if (!fromInput) return (string.Join('-', Enumerable.Range(0, 4).Select(_ => RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyz23456789", 5))), true);
        return Console.In.ReadLine() is { Length: >= 10 } line ? (line, false) : throw Refused.WrongUse("The password must have at least 10 characters.");
    }
}
