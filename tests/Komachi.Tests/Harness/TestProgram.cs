using System.Net;
using System.Security.Cryptography;
using Komachi.Host;
using Komachi.Platform;
using Komachi.Platform.Data;
using Komachi.Platform.People;
using Komachi.Platform.Towns;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

[assembly: AssemblyFixture(typeof(Komachi.Tests.Harness.TestProgram))]

namespace Komachi.Tests.Harness;

/// <summary>
/// The real program on a real PostgreSQL, started once for all tests; each test makes towns of its own, which costs a tenth
/// of a second, so tests run side by side. <c>./test</c> starts the server that KOMACHI_TEST_POSTGRES names.
/// </summary>
public class TestProgram : IAsyncLifetime
{
    public const string Password = "mihon-no-aikotoba";    // of made-up people in databases that live for one run

    readonly List<string> _databases = [];
    int _towns;

    public TestProgram() : this(Modules.House()) { }

    protected TestProgram(House house) => House = house;

    public House House { get; }
    public Servers Servers { get; private set; } = null!;
    public OutsideWorldAtHand World { get; } = new();
    public WebApplication App { get; private set; } = null!;
    public string Url { get; private set; } = "";

    public T Service<T>() where T : notnull => App.Services.GetRequiredService<T>();

    public static string OwnerString => Environment.GetEnvironmentVariable("KOMACHI_TEST_POSTGRES")
        ?? throw new InvalidOperationException("KOMACHI_TEST_POSTGRES names no server: run the tests with ./test, which starts one.");

    /// <summary>A control database of its own on the tests' server.</summary>
    public static Servers NewServers() =>
        new(new Dictionary<string, string> { [Servers.Main] = OwnerString }, "t" + Guid.CreateVersion7().ToString("N")[^12..], RandomNumberGenerator.GetBytes(32));

    public virtual async ValueTask InitializeAsync()
    {
        await World.Open();
        Servers = NewServers();
        var migrator = new Migrator(House, Servers);
        await migrator.MigrateControl();
        await migrator.MigrateTemplate(Servers.Main);
        App = await Serving.Start(House, Servers, Options, ["http://127.0.0.1:0"]);
        Url = App.Urls.Single();
    }

    protected virtual WebOptions Options => OptionsFor(World.SmtpPort);

    public static WebOptions OptionsFor(int smtpPort) => new() { RequestsASecond = 0, LooksAfterTowns = TimeSpan.Zero, SmtpPort = smtpPort };

    /// <summary>A town nobody else uses, made from one of <c>towns/</c>; with its demo people, and its announcements if asked for.</summary>
    public async Task<TestTown> NewTown(string like = "komaki", bool livedIn = false)
    {
        var slug = $"{like}-{Interlocked.Increment(ref _towns)}";
        var folder = Path.Combine(TownsFolder, like);
        if (livedIn) return await NewTownFrom(folder, slug);
        var bare = Directory.CreateTempSubdirectory("komachi-town").FullName;
        foreach (var file in new[] { "town.yaml", "accounts.yaml" }) File.Copy(Path.Combine(folder, file), Path.Combine(bare, file));
        var town = await NewTownFrom(bare, slug);
        Directory.Delete(bare, recursive: true);
        return town;
    }

    /// <summary>A town from a folder of the test's own.</summary>
    public async Task<TestTown> NewTownFrom(string folder, string slug)
    {
        lock (_databases) _databases.Add(Servers.DatabaseOf(slug));
        return new(this, await Loader.Add(folder, slug, demoPassword: Password));
    }

    /// <summary>A database to be dropped at the end with the others.</summary>
    public void Forget(string database)
    {
        lock (_databases) _databases.Add(database);
    }

    public TownLoader Loader => new(House, Servers, new Migrator(House, Servers), Service<Registry>(), Service<TownDatabases>(), TimeProvider.System);

    /// <summary><c>towns/</c> of the repository.</summary>
    public static string TownsFolder { get; } = Path.Combine(Repository, "towns");

    public static string Repository
    {
        get
        {
            var folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "Komachi.slnx"))) folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("The tests run within the repository.");
            return folder;
        }
    }

    public virtual async ValueTask DisposeAsync()
    {
        if (App is not null) await App.DisposeAsync();
        await World.DisposeAsync();
        if (Servers is null) return;
        NpgsqlConnection.ClearAllPools();
        var migrator = new Migrator(House, Servers);
        foreach (var database in _databases.Append(Servers.Template).Append(Servers.Control)) await migrator.DropTown(Servers.Main, database);
    }
}

/// <summary>The Sandbox, run inside the tests.</summary>
public sealed class OutsideWorldAtHand : IAsyncDisposable
{
    Komachi.Sandbox.OutsideWorld? _world;

    public Uri Url => _world!.Url;
    public int SmtpPort => _world!.SmtpPort;

    public async Task Open() => _world = await Komachi.Sandbox.OutsideWorld.Open();

    public async ValueTask DisposeAsync()
    {
        if (_world is not null) await _world.DisposeAsync();
    }
}

/// <summary>A town for one test.</summary>
public sealed class TestTown(TestProgram program, Town town)
{
    public TestProgram Program => program;
    public string Slug => town.Slug;

    /// <summary>As the registry knows it now.</summary>
    public Town Town => program.Service<Registry>().Find(town.Slug) ?? town;

    public TownDb Open() => program.Service<TownDatabases>().Open(Town);

    public NpgsqlDataSource Source => program.Service<TownDatabases>().Source(Town);

    /// <summary>Somebody with a browser of their own, not signed in.</summary>
    public Person Visitor() => new(program.Url, town.Slug);

    /// <summary>A demo resident, signed in.</summary>
    public Task<Person> Resident(string name = "hanako") => SignedIn(name);

    /// <summary>A demo member of staff, signed in: koho writes announcements, joho also sees background work.</summary>
    public Task<Person> Staff(string name = "koho") => SignedIn(name);

    /// <summary>With a session from the start: a password takes a tenth of a second to check, and Web/ComingIn goes through that door.</summary>
    async Task<Person> SignedIn(string name)
    {
        var (secret, hash) = SessionDoor.NewSecret();
        await using var db = Open();
        var account = await db.Set<Account>().SingleAsync(a => a.SignInName == name);
        db.Add(new Session { AccountId = account.Id, SecretHash = hash, BeganAt = TimeProvider.System.GetUtcNow(), EndsAt = TimeProvider.System.GetUtcNow().AddHours(1) });
        await db.Save();
        var person = Visitor();
        person.Cookies.Add(new Uri(program.Url), new Cookie($"komachi-{town.Slug}", secret, "/" + town.Slug));
        return person;
    }

    /// <summary>Asks the database until the answer is yes; fails after a while.</summary>
    public async Task Until(string sqlCondition, int seconds = 20)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        while (true)
        {
            await using (var ask = Source.CreateCommand($"SELECT {sqlCondition}"))
                if (await ask.ExecuteScalarAsync(patience.Token) is true) return;
            try { await Task.Delay(20, patience.Token); }
            catch (OperationCanceledException) { throw new TimeoutException($"It did not become true within {seconds} seconds: {sqlCondition}"); }
        }
    }
}
