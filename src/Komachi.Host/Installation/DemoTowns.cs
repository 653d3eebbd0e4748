using Komachi.Platform.OpenId;
using Komachi.Platform.Towns;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Komachi.Host;

/// <summary>The towns that come with the program: made once. One that an operator removes stays removed.</summary>
static class DemoTowns
{
    public static async Task MakeOnce(Operation operation, Action<string> say, CancellationToken stop)
    {
        // "begun" and "made" by slug: a start that was ended in the middle goes on where it was.
        var note = Path.Combine(operation.Where.Folder, "demo-towns");
        var known = (File.Exists(note) ? File.ReadAllLines(note) : []).Select(l => l.Split(' ')).Where(l => l.Length == 2)
            .GroupBy(l => l[0]).ToDictionary(g => g.Key, g => g.Last()[1]);
        foreach (var folder in InOrder())
        {
            var slug = Path.GetFileName(folder);
            var state = known.GetValueOrDefault(slug);
            if (state == "made" || (state is null && operation.Registry.Find(slug) is not null)) continue;
            stop.ThrowIfCancellationRequested();
            var began = Environment.TickCount64;
            await File.AppendAllTextAsync(note, $"{slug} begun\n", CancellationToken.None);
            var town = await operation.Loader.Add(folder, demoPassword: operation.Where.DemoPassword, stop: CancellationToken.None);
            await File.AppendAllTextAsync(note, $"{slug} made\n", CancellationToken.None);
            say($"Made {town.Name.GetValueOrDefault("ja")} ({slug}) in {Environment.TickCount64 - began} ms.");
        }
    }

    /// <summary>In one of them staff can also sign in with the Sandbox's directory, so that both ways can be seen.</summary>
    public static async Task PointAtSandbox(Operation operation, int sandboxPort, CancellationToken stop)
    {
        if (operation.Registry.Find("komaki") is not { State: TownState.Open } town || !await operation.Databases.Fits(town, stop)) return;
        await using var db = operation.Databases.Open(town);
        await DemoDirectory.SetUp(db, new(operation.Databases, operation.Where.Servers, TimeProvider.System), $"http://localhost:{sandboxPort}/directory/main", TimeProvider.System, stop);
    }

    static IEnumerable<string> InOrder() => !Directory.Exists(Installation.TownsFolder) ? [] :
        Directory.EnumerateDirectories(Installation.TownsFolder).Where(f => File.Exists(Path.Combine(f, "town.yaml")))
            .OrderBy(f => TownFile.Read(Path.Combine(f, "town.yaml")).Code, StringComparer.Ordinal);

    /// <summary>Who can sign in where, in as few lines as it takes.</summary>
    public static IEnumerable<string> Accounts(IEnumerable<Town> towns, string password)
    {
        var groups = towns.Select(t => (t.Slug, Book: Read(Path.Combine(Installation.TownsFolder, t.Slug, "accounts.yaml")))).Where(t => t.Book.Accounts.Count > 0)
            .GroupBy(t => string.Join("; ", t.Book.Accounts.GroupBy(a => a.Kind).Select(k => $"{k.Key}: {string.Join(", ", k.Select(a => a.SignIn))}")))
            .ToArray();
        if (groups.Length == 0) yield break;
        yield return $"Demo accounts, password {password}";
        foreach (var group in groups) yield return $"  {string.Join(", ", group.Select(t => t.Slug))}: {group.Key}";
    }

    static Book Read(string path)
    {
        try
        {
            return File.Exists(path)
                ? new DeserializerBuilder().WithNamingConvention(CamelCaseNamingConvention.Instance).IgnoreUnmatchedProperties().Build().Deserialize<Book>(File.ReadAllText(path)) ?? new()
                : new();
        }
        catch (YamlException)
        {
            return new();
        }
    }

    sealed class Book
    {
        public List<Person> Accounts { get; set; } = [];
    }

    sealed class Person
    {
        public string SignIn { get; set; } = "";
        public string Kind { get; set; } = "";
    }
}
