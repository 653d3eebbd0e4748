using System.Net.Http.Json;
using System.Text.Json;
using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.OpenId;
using Komachi.Platform.People;
using Komachi.Sandbox.Directory;
using Komachi.Tests.Harness;
using Person = Komachi.Tests.Harness.Person;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.OpenId;

/// <summary>A town whose staff come in through a directory of the Sandbox that is nobody else's.</summary>
sealed class DirectoryStory : IDisposable
{
    readonly HttpClient _world;

    DirectoryStory(TestTown town, string realm, HttpClient world) => (Town, Realm, _world) = (town, realm, world);

    public TestTown Town { get; }
    public string Realm { get; }
    public string Issuer => $"{_world.BaseAddress!.ToString().TrimEnd('/')}/directory/{Realm}";
    public HttpClient World => _world;

    /// <param name="setUp">The town's settings, changed; null: the town has none yet.</param>
    public static async Task<DirectoryStory> Begin(TestProgram program, Func<DirectorySettings, DirectorySettings>? setUp, string? realm = null, string like = "komaki")
    {
        var town = await program.NewTown(like);
        var story = new DirectoryStory(town, realm ?? "r" + Guid.CreateVersion7().ToString("N")[^12..], new() { BaseAddress = program.World.Url });
        if (setUp is not null) await story.SetUp(setUp);
        return story;
    }

    public async Task SetUp(Func<DirectorySettings, DirectorySettings> change, string? secret = Komachi.Sandbox.Directory.Realm.DemoSecret)
    {
        await using var db = Town.Open();
        var keys = Town.Program.Service<TownKeys>();
        var provider = await DirectoryProvider.Find(db);
        if (provider is null) db.Add(provider = new());
        provider.Change(change(SetUpDirectory.Usual with { Issuer = Issuer, ClientId = Komachi.Sandbox.Directory.Realm.DemoClient, IsOn = true }), TimeProvider.System.GetUtcNow());
        if (secret is not null) await provider.Keep(secret, keys, db, default);
        await db.Save();
    }

    /// <summary>How the directory behaves from now on.</summary>
    public async Task Directory(object settings)
    {
        using var answer = await _world.PutAsJsonAsync($"/api/directory/{Realm}", settings);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    public Task Goes(Wrong wrong) => Directory(new { wrong = wrong.ToString() });

    public async Task<JsonElement> Directory() => JsonDocument.Parse(await _world.GetStringAsync($"/api/directory/{Realm}")).RootElement;

    public async Task NewKeys()
    {
        using var answer = await _world.PostAsync($"/api/directory/{Realm}/rotate", null);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>The button on the staff's sign-in page, or on the page that says why nobody came in.</summary>
    public const string Way = "form[action$='sign-in/directory']";

    /// <summary>As far as the directory's own page; or, where the way does not lead there, our page that says so.</summary>
    public async Task<Seen> GoThere(Person person, string then = "", string language = "")
    {
        var page = await person.Submit(await person.Open($"{language}desk/sign-in" + (then.Length > 0 ? "?then=" + Uri.EscapeDataString(then) : "")), form: Way);
        return page.Document.QuerySelector("meta[http-equiv=refresh]") is null ? page : await person.Open(page.One("main .actions a").GetAttribute("href")!);
    }

    public Task<Seen> Answer(Person person, Seen page, string who = "joho", Dictionary<string, string?>? more = null) =>
        person.Submit(page, new(more ?? []) { ["who"] = who, ["decision"] = more?.GetValueOrDefault("decision") ?? "sign-in" });

    /// <summary>The whole way: to the directory, in as somebody, and back.</summary>
    public async Task<Seen> ComeIn(Person person, string who = "joho", Dictionary<string, string?>? more = null) => await Answer(person, await GoThere(person), who, more);

    /// <summary>Answers at the directory without following it back: the address that it sends them to.</summary>
    public async Task<string> WayBack(Person person, Seen page, string who = "joho")
    {
        var fields = page.All("main form[method=post] input[type=hidden]").Select(i => KeyValuePair.Create(i.GetAttribute("name")!, i.GetAttribute("value")!)).Append(new("who", who)).Append(new("decision", "sign-in"));
        using var answer = await person.Http.PostAsync(new Uri(new Uri(page.Url), page.One("main form[method=post]").GetAttribute("action")!), new FormUrlEncodedContent(fields));
        return answer.Headers.Location!.ToString();
    }

    public async Task<IReadOnlyList<AuditEntry>> Audited(string action)
    {
        await using var db = Town.Open();
        return await db.Set<AuditEntry>().AsNoTracking().Where(e => e.Action == action).OrderBy(e => e.At).ThenBy(e => e.Id).ToListAsync();
    }

    public async Task<string> LastRefusal() => JsonDocument.Parse((await Audited("directory.sign_in_refused"))[^1].Details!).RootElement.GetProperty("why").GetString()!;

    public async Task<Account> Account(string signInName)
    {
        await using var db = Town.Open();
        return await db.Set<Account>().AsNoTracking().SingleAsync(a => a.SignInName == signInName);
    }

    public static async Task IsIn(Person person) => Assert.DoesNotContain("sign-in", (await person.Open("desk")).Url);

    public static async Task IsOut(Person person) => Assert.Contains("/desk/sign-in", (await person.Open("desk")).Url);

    public void Dispose() => _world.Dispose();
}
