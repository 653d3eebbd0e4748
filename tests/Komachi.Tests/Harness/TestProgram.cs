using System.Net;
using System.Net.Http.Json;
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
/// of a second, so tests run side by side. <c>./test</c> starts the server that KOMACHI_TEST_POSTGRES names, and throws it away with all its databases.
/// </summary>
public class TestProgram : IAsyncLifetime
{
    public const string Password = "mihon-no-aikotoba";    // of made-up people in databases that live for one run

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

    protected virtual WebOptions Options => OptionsFor(World.SmtpPort) with { TextsUrl = new(World.Url, "api/sms"), TextsToken = "tests" };

    public static WebOptions OptionsFor(int smtpPort) => new() { RequestsASecond = 0, LooksAfterTowns = TimeSpan.Zero, SmtpPort = smtpPort, WebhookNetworks = [IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("::1/128")] };

    /// <summary>A town nobody else uses, made from one of <c>towns/</c>; with its demo people and their departments, and its announcements if asked for.</summary>
    public async Task<TestTown> NewTown(string like = "komaki", bool livedIn = false)
    {
        var slug = $"{like}-{Interlocked.Increment(ref _towns)}";
        var folder = Path.Combine(TownsFolder, like);
        if (livedIn) return await NewTownFrom(folder, slug);
        var bare = Directory.CreateTempSubdirectory("komachi-town").FullName;
        foreach (var file in new[] { "town.yaml", "accounts.yaml", "offices.yaml" }) File.Copy(Path.Combine(folder, file), Path.Combine(bare, file));
        var town = await NewTownFrom(bare, slug);
        Directory.Delete(bare, recursive: true);
        return town;
    }

    /// <summary>A town from a folder of the test's own.</summary>
    public async Task<TestTown> NewTownFrom(string folder, string slug)
    {
        var town = new TestTown(this, await Loader.Add(folder, slug, demoPassword: Password));
        TownsEndWithTheirTest.Note(town);
        return town;
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
    }
}

/// <summary>The Sandbox, run inside the tests.</summary>
public sealed partial class OutsideWorldAtHand : IAsyncDisposable
{
    Komachi.Sandbox.OutsideWorld? _world;

    public Uri Url => _world!.Url;
    public int SmtpPort => _world!.SmtpPort;

    readonly System.Collections.Concurrent.ConcurrentDictionary<string, long> _read = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The code in the next mail to this address: six digits, or what is looked for.</summary>
    public async Task<string> CodeFor(string address, System.Text.RegularExpressions.Regex? like = null)
    {
        using var http = new HttpClient { BaseAddress = Url };
        var mail = await http.GetFromJsonAsync<System.Text.Json.JsonElement>($"api/mail/wait?to={Uri.EscapeDataString(address)}&after={_read.GetValueOrDefault(address)}&seconds=60");
        _read[address] = mail.GetProperty("id").GetInt64();
        var text = mail.GetProperty("text").GetString()!;
        return (like ?? SixDigits()).Match(text) is { Success: true } code ? code.Value : throw new InvalidOperationException($"No code in: {text}");
    }

    /// <summary>The code in the next short message to this number.</summary>
    public async Task<string> CodeForTelephone(string mobile)
    {
        using var http = new HttpClient { BaseAddress = Url };
        var message = await http.GetFromJsonAsync<System.Text.Json.JsonElement>($"api/sms/wait?to={Uri.EscapeDataString("+81" + mobile[1..])}&after={_read.GetValueOrDefault(mobile)}&seconds=60");
        _read[mobile] = message.GetProperty("id").GetInt64();
        return SixDigits().Match(message.GetProperty("text").GetString()!).Value;
    }

    [System.Text.RegularExpressions.GeneratedRegex(@"(?<!\d)\d{6}(?!\d)")]
    private static partial System.Text.RegularExpressions.Regex SixDigits();

    public async Task Open(params string[] args) => _world = await Komachi.Sandbox.OutsideWorld.Open(args);

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

    async Task<Person> SignedIn(string name)
    {
        var person = Visitor();
        person.Cookies.Add(new Uri(program.Url), await SessionOf(name));
        return person;
    }

    /// <summary>
    /// The cookie of a session made here: a password takes a tenth of a second to check, and People/WaysIn goes through that door.
    /// </summary>
    public async Task<Cookie> SessionOf(string name, Waiting? waitsFor = null)
    {
        var (secret, hash) = SessionDoor.NewSecret();
        await using var db = Open();
        var account = await db.Set<Account>().SingleAsync(a => a.SignInName == name);
        var now = TimeProvider.System.GetUtcNow();
        db.Add(new Session { AccountId = account.Id, SecretHash = hash, How = ["password"], WaitsFor = waitsFor, BeganAt = now, SeenAt = now, ProvedAt = now, EndsAt = now.AddYears(5), LatestAt = now.AddYears(5) });    // programs of tests have clocks of their own
        await db.Save();
        return new($"komachi-{town.Slug}", secret, "/" + town.Slug);
    }

    /// <summary>Asks the database until the answer is yes; fails after a while.</summary>
    public async Task Until(string sqlCondition, int seconds = 60)
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
