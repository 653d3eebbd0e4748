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
            if (!there.Contains(Account.FoldSignInName(person.SignIn)))
                load.Db.Add(Account.Open(kind, person.SignIn, person.Name, person.Email, person.Permissions, hash, load.Time.GetUtcNow()));
        }
    }
}
