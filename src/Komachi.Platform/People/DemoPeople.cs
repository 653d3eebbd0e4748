using System.Collections.Concurrent;
using Komachi.Platform.Towns;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.People;

/// <summary>Reads <c>towns/&lt;town&gt;/accounts.yaml</c>: made-up people, each marked 見本, for towns that are shown or tried.</summary>
static class DemoPeople
{
    sealed class Book
    {
        public List<Person> Accounts { get; set; } = [];
    }

    sealed class Person
    {
        public string SignIn { get; set; } = "";
        public string Kind { get; set; } = "";
        public string Name { get; set; } = "";
        public string? Email { get; set; }
        public string? Kana { get; set; }
        public DateOnly? BornOn { get; set; }
        public string? Address { get; set; }
        public List<string> Permissions { get; set; } = [];
    }

    static readonly ConcurrentDictionary<string, string> Hashes = new();

    public static async Task Load(TownLoad load)
    {
        var path = Path.Combine(load.Folder, "accounts.yaml");
        if (load.DemoPassword is null || !File.Exists(path)) return;
        // One for all of them: hashing is slow on purpose, and this password is no secret.
        var hash = Hashes.GetOrAdd(load.DemoPassword, Passwords.Hash);
        var there = await load.Db.Set<Account>().Select(a => a.SignInName).ToHashSetAsync();
        foreach (var person in TownLoad.Read<Book>(path).Accounts)
        {
            if (!Enum.TryParse<AccountKind>(person.Kind, ignoreCase: true, out var kind)) throw new BadTown($"{path}: kind \"{person.Kind}\" is neither resident nor staff.");
            if (there.Contains(Account.FoldSignInName(person.SignIn))) continue;
            var now = load.Time.GetUtcNow();
            var known = kind == AccountKind.Resident ? People.Person.Known(PersonKind.Human, new(person.Name, person.Kana, person.BornOn, Address: person.Address, Email: person.Email), now) : null;
            if (known is not null) load.Db.Add(known);
            var account = Account.Open(kind, person.SignIn, person.Name, person.Email, person.Permissions, hash, now, known);
            if (person.Email is { Length: > 0 } email) account.Proved(email);
            load.Db.Add(account);
        }
    }
}
