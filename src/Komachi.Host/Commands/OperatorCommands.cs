using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Komachi.Platform.Data;
using Komachi.Platform.Operator;
using Komachi.Platform.People;

namespace Komachi.Host.Commands;

/// <summary><c>komachi operator …</c>: who may enter the operator's pages. Only here, on the server, are such accounts made.</summary>
static class OperatorCommands
{
    public static Command Make() => new("operator", "Accounts for the operator's pages (/operator)") { Set("add", isNew: true), Set("reset", isNew: false), List(), Close() };

    static Argument<string> SignIn() => new("sign-in-name") { Description = "What is typed at the door" };

    static Command Set(string verb, bool isNew)
    {
        var signIn = SignIn();
        var name = new Option<string?>("--name") { Description = "The person's name, as towns will see it" };
        var command = new Command(verb, isNew
            ? "Open an account; prints a password and the address for an authenticator app, both of which are needed at each sign-in"
            : "A new password and a new authenticator; ends all sessions of the account, and opens one that was closed") { signIn };
        if (isNew) command.Options.Add(name);
        command.SetAction(async (given, stop) =>
        {
            await using var operation = await Operation.Begin(Installation.Open(), Modules.House(), Operation.Needs.Registry, stop);
            var servers = operation.Where.Servers;
            var folded = Account.FoldSignInName(given.GetRequiredValue(signIn));
            if (folded.Length is 0 or > 100) throw Refused.WrongUse("The sign-in name is empty or too long.");
            var password = string.Join('-', Enumerable.Range(0, 4).Select(_ => RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyz23456789", 5)));
            var authenticator = Totp.NewSecret();
            await using var owner = await servers.OpenOwner(Servers.Main, servers.Control, stop);
            if (!await Operators.Set(owner, servers, folded, isNew ? given.GetValue(name) : null, password, authenticator, isNew, TimeProvider.System.GetUtcNow(), stop))
                throw Refused.Failed(isNew ? $"There is an operator \"{folded}\" already: komachi operator reset gives a new password." : $"There is no operator \"{folded}\".");
            Say.Line($"{folded} {(isNew ? "was added" : "has a new password and a new authenticator")}.");
            Say.Line($"Password: {password}");
            Say.Line($"Authenticator app: {Totp.AddressFor(authenticator, "Komachi", folded)}");
            return Exit.Done;
        });
        return command;
    }

    static Command List()
    {
        var json = new Option<bool>("--json") { Description = "One JSON document instead of lines" };
        var command = new Command("list", "Who may enter, and when they last did") { json };
        command.SetAction(async (given, stop) =>
        {
            await using var operation = await Operation.Begin(Installation.Open(), Modules.House(), Operation.Needs.Registry, stop);
            await using var owner = await operation.Where.Servers.OpenOwner(Servers.Main, operation.Where.Servers.Control, stop);
            var all = await Operators.List(owner, stop);
            if (given.GetValue(json)) Say.Json(all.Select(o => new { o.Account.SignInName, o.Account.Name, o.CreatedAt, o.ClosedAt, o.SignedInAt }));
            else if (all.Count == 0) Say.Line("There are no operators yet: komachi operator add makes one.");
            else Say.Table([["SIGN-IN", "NAME", "STATE", "LAST SIGN-IN"], .. all.Select(o => (IReadOnlyList<string>)[o.Account.SignInName, o.Account.Name, o.ClosedAt is null ? "open" : "closed", o.SignedInAt?.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) ?? "never"])]);
            return Exit.Done;
        });
        return command;
    }

    static Command Close()
    {
        var signIn = SignIn();
        var command = new Command("close", "Close an account and end its sessions; what it did stays on record") { signIn };
        command.SetAction(async (given, stop) =>
        {
            await using var operation = await Operation.Begin(Installation.Open(), Modules.House(), Operation.Needs.Registry, stop);
            await using var owner = await operation.Where.Servers.OpenOwner(Servers.Main, operation.Where.Servers.Control, stop);
            var folded = Account.FoldSignInName(given.GetRequiredValue(signIn));
            if (!await Operators.Close(owner, folded, TimeProvider.System.GetUtcNow(), stop)) throw Refused.Failed($"There is no open operator \"{folded}\".");
            Say.Line($"{folded} was closed.");
            return Exit.Done;
        });
        return command;
    }
}
