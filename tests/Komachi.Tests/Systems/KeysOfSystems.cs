using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.Systems;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Komachi.Tests.Systems;

/// <summary>Another system from its name at the desk to its last request: what its key opens, and what it does not.</summary>
public sealed partial class KeysOfSystems(SystemsProgram program)
{
    [Fact]
    public async Task From_an_empty_desk_to_the_first_answer()
    {
        var town = await program.NewTown();
        var staff = await town.Staff("joho");
        Assert.Contains("連携しているシステムはまだありません", (await staff.Open("desk/systems")).Text);
        var system = await staff.Submit(await staff.Open("desk/systems/new"), new() { ["name"] = "窓口ソフト", ["whomToAsk"] = "見本株式会社 0568-00-0000", ["email"] = "keeper@example.jp", ["scope"] = "probes.see", ["networks"] = "127.0.0.1, ::1/128" });
        Assert.Equal(HttpStatusCode.OK, system.Status);
        Assert.Contains("次に鍵を発行して", system.Text);
        var shown = await staff.Submit(system, form: "form[action$=keys]");
        var key = shown.One("#secret").TextContent;
        Assert.Matches(Shape(), key);

        using var story = new SystemStory(program, town, default, key, "窓口ソフト");
        var self = await story.Ask(HttpMethod.Get, "systems/self");
        Assert.Equal(200, self.Status);
        Assert.Equal("窓口ソフト", self.Json.GetProperty("name").GetString());
        Assert.Equal("no-store", self["Cache-Control"]);
        Assert.Equal(200, (await story.See()).Status);

        // Shown once, and nowhere else: not on the page, not in a record, not in the table.
        var after = await staff.Open(new Uri(system.Url).AbsolutePath);
        Assert.DoesNotContain(key[^43..], after.Html);
        Assert.Contains(key[..^43], after.Text.Replace("…", ""));
        await using var db = town.Open();
        Assert.All(await db.Set<AuditEntry>().Where(e => e.Action.StartsWith("systems.")).ToListAsync(), e => Assert.DoesNotContain(key[^43..], e.Details + e.Subject));
        Assert.NotNull((await db.Set<SystemKey>().SingleAsync()).UsedAt);
    }

    [Fact]
    public async Task What_is_wrong_with_a_name_is_said_and_nothing_typed_is_lost()
    {
        var town = await program.NewTown();
        var staff = await town.Staff("joho");
        var wrong = await staff.Submit(await staff.Open("desk/systems/new"), new() { ["name"] = "", ["whomToAsk"] = "見本株式会社", ["email"] = "keeper", ["networks"] = "203.0.113.0/24\nどこか", ["aMinute"] = "0" });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.Status);
        Assert.Equal("見本株式会社", wrong.One("[name=whomToAsk]").GetAttribute("value"));
        Assert.Contains("どこか", wrong.One("[name=networks]").TextContent);
        Assert.True(wrong.All(".field-error").Count() >= 4);
    }

    [Fact]
    public async Task Of_two_who_change_a_system_at_once_the_second_is_told()
    {
        using var story = await SystemStory.Begin(program);
        var (one, two) = (await story.Town.Staff("joho"), await story.Town.Staff("joho"));
        var (first, second) = (await one.Open($"desk/systems/{story.Id}/change"), await two.Open($"desk/systems/{story.Id}/change"));
        Assert.Equal(HttpStatusCode.OK, (await one.Submit(first, new() { ["name"] = "一人目" })).Status);
        var late = await two.Submit(second, new() { ["name"] = "二人目" });
        Assert.Equal(HttpStatusCode.Conflict, late.Status);
        Assert.Equal("二人目", late.One("[name=name]").GetAttribute("value"));
        Assert.Equal(HttpStatusCode.OK, (await two.Submit(late)).Status);
        await using var db = story.Town.Open();
        Assert.Equal("二人目", (await db.Set<OtherSystem>().SingleAsync()).Name);
    }

    [Fact]
    public async Task Without_a_good_key_nothing_opens_and_every_refusal_says_why()
    {
        using var story = await SystemStory.Begin(program, scopes: ["probes.see"]);
        using var neighbour = await SystemStory.Begin(program);
        var none = await story.See(key: "");
        Assert.Equal((401, "key_missing"), (none.Status, none.Reason));
        Assert.Equal($"Bearer realm=\"{story.Town.Slug}\"", none["WWW-Authenticate"]);
        var other = (story.Key[^1] == 'A' ? "E" : "A");
        foreach (var key in new[] { "km_", story.Key[..^1], story.Key[..^1] + other, story.Key + "A", neighbour.Key, neighbour.Key.Replace(neighbour.Town.Slug, story.Town.Slug), story.Key.ToUpperInvariant(), "秘密".Length + new string('x', 250) })
        {
            var unknown = await story.See(key);
            Assert.Equal((401, "key_unknown"), (unknown.Status, unknown.Reason));
            Assert.Contains("invalid_token", unknown["WWW-Authenticate"]);
        }
        var scope = await story.Write("x");
        Assert.Equal((403, "scope_missing"), (scope.Status, scope.Reason));
        Assert.Contains("scope=\"probes.write\"", scope["WWW-Authenticate"]);
        Assert.Equal(0, await story.Times("x"));
        Assert.Equal(200, (await story.See()).Status);
        await story.Town.Until($"count(*) > 0 FROM audit.entries WHERE action = '{SystemDoor.KeyRefused}'");
    }

    [Fact]
    public async Task A_cookie_opens_nothing_here_and_a_key_is_nobody_else()
    {
        using var story = await SystemStory.Begin(program);
        var staff = await story.Town.Staff("joho");
        using var withCookie = await staff.Send(HttpMethod.Get, "api/v1/probes");
        Assert.Equal(HttpStatusCode.Unauthorized, withCookie.StatusCode);
        using var both = new HttpRequestMessage(HttpMethod.Post, $"/{story.Town.Slug}/api/v1/probes") { Content = System.Net.Http.Json.JsonContent.Create(new { text = "both" }) };
        both.Headers.Authorization = new("Bearer", story.Key);
        using var answer = await staff.Http.SendAsync(both);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var entry = Assert.Single(await story.Audited("probes.written"));
        Assert.Null(entry.ActorId);
        Assert.Contains(story.Name, entry.Details);
        Assert.Contains(story.Id.ToString(), entry.Details);

        // The record says at the desk who it was.
        Assert.Contains($"外部システム「{story.Name}」", (await staff.Open($"desk/audit/entries/{entry.Id}")).Text);
        var list = await staff.Open("desk/audit/entries?action=probes.written");
        Assert.Contains(list.All("tbody td"), cell => cell.TextContent.Trim() == story.Name);
    }

    [Fact]
    public async Task A_key_that_ends_has_ended_in_every_process_at_once()
    {
        using var story = await SystemStory.Begin(program);
        Assert.Equal(200, (await story.See(at: program.UrlBeside)).Status);
        var staff = await story.Town.Staff("joho");
        var after = await staff.Submit(await staff.Open($"desk/systems/{story.Id}"), form: "form[action$=end]");
        Assert.Contains("鍵を終了しました", after.Text);
        Assert.Equal(401, (await story.See(at: program.UrlBeside)).Status);
        Assert.Equal(401, (await story.See()).Status);
    }

    [Fact]
    public async Task Two_keys_are_valid_at_once_and_no_third_and_with_the_system_all_end()
    {
        using var story = await SystemStory.Begin(program);
        var staff = await story.Town.Staff("joho");
        var page = await staff.Open($"desk/systems/{story.Id}");
        var again = staff.Ready(page, form: "form[action$=keys]");
        var second = (await again()).One("#secret").TextContent;
        // Pressed twice: one key, and the second press is told where it is.
        Assert.Contains("すでに一度表示しました", (await again()).Text);
        Assert.Equal((200, 200), ((await story.See()).Status, (await story.See(second)).Status));
        var full = await staff.Open($"desk/systems/{story.Id}");
        Assert.Empty(full.All("form[action$=keys]"));
        Assert.Contains("有効な鍵が2つあります", (await staff.Submit(page, new() { ["_once"] = Guid.CreateVersion7().ToString() }, form: "form[action$=keys]")).Text);
        await staff.Submit(full, form: "form[action$=close]");
        Assert.Equal((401, 401), ((await story.See()).Status, (await story.See(second)).Status));
    }

    [Fact]
    public async Task From_other_networks_a_key_is_not_taken()
    {
        using var outside = await SystemStory.Begin(program, networks: ["203.0.113.0/24", "2001:db8::/32"]);
        var refused = await outside.See();
        Assert.Equal((403, "network"), (refused.Status, refused.Reason));
        using var inside = await SystemStory.Begin(program, networks: ["203.0.113.0/24", "127.0.0.0/8"]);
        Assert.Equal(200, (await inside.See()).Status);
    }

    [Fact]
    public async Task Limits_are_counted_for_all_processes_and_said_in_every_answer()
    {
        using var day = await SystemStory.Begin(program, aMinute: 1000, aDay: 3);
        for (var left = 2; left >= 0; left--)
        {
            var answer = await day.See(at: left == 1 ? program.UrlBeside : null);
            Assert.Equal(200, answer.Status);
            Assert.Equal("\"minute\";q=1000;w=60, \"day\";q=3;w=86400", answer["RateLimit-Policy"]);
            Assert.Contains($"\"day\";r={left};t=", answer["RateLimit"]);
        }
        var over = await day.See();
        Assert.Equal((429, "too_many"), (over.Status, over.Reason));
        Assert.InRange(int.Parse(over["Retry-After"]!, CultureInfo.InvariantCulture), 1, 86400);

        // Whatever the second at which a minute begins, of five requests one is over.
        using var minute = await SystemStory.Begin(program, aMinute: 2);
        var answers = new List<Answer>();
        for (var i = 0; i < 5; i++) answers.Add(await minute.See());
        var refused = answers.First(a => a.Status == 429);
        Assert.InRange(int.Parse(refused["Retry-After"]!, CultureInfo.InvariantCulture), 1, 60);
        Assert.Contains("\"minute\";r=0", refused["RateLimit"]);
    }

    [Fact]
    public async Task Of_keys_and_secrets_nothing_is_logged()
    {
        var ear = new Ear();
        program.Service<ILoggerFactory>().AddProvider(ear);
        using var story = await SystemStory.Begin(program);
        await story.See();
        await story.See(story.Key[..^1] + (story.Key[^1] == 'A' ? "E" : "A"));
        var subscribed = await story.Ask(HttpMethod.Post, "systems/subscriptions", new { url = $"{program.World.Url}webhooks/logged", events = new[] { "probes.probed" } }, once: "logged-1");
        var secret = subscribed.Json.GetProperty("secret").GetString()!;
        await story.Write("logged");
        await story.Town.Until("count(*) = 1 FROM systems.deliveries WHERE attempts > 0");
        Assert.All(ear.Lines, line => Assert.False(line.Contains(story.Key[^43..^1]) || line.Contains(secret[6..])));
        await using var db = story.Town.Open();
        Assert.All(await db.Set<AuditEntry>().Select(e => e.Details).ToListAsync(), details => Assert.False(details?.Contains(story.Key[^43..^1]) == true || details?.Contains(secret[6..]) == true));
        // Sealed in the row that gives the answer again, too.
        var kept = await db.Set<OnceAnswer>().SingleAsync();
        Assert.DoesNotContain("whsec", System.Text.Encoding.UTF8.GetString(kept.SealedBody!));
    }

    [Fact]
    public async Task The_description_of_the_API_names_keys_and_scopes()
    {
        var town = await program.NewTown();
        var document = System.Text.Json.JsonDocument.Parse(await (await town.Visitor().Send(HttpMethod.Get, "api/v1/openapi.json")).Content.ReadAsStringAsync()).RootElement;
        Assert.Equal("bearer", document.GetProperty("components").GetProperty("securitySchemes").GetProperty("key").GetProperty("scheme").GetString());
        var post = document.GetProperty("paths").GetProperty("/api/v1/probes").GetProperty("post");
        Assert.Equal("probes.write", post.GetProperty("security")[0].GetProperty("key")[0].GetString());
        Assert.Contains(post.GetProperty("parameters").EnumerateArray(), p => p.GetProperty("name").GetString() == "Idempotency-Key");
        Assert.True(post.GetProperty("responses").TryGetProperty("429", out _));
        // What anybody may read needs none.
        Assert.False(document.GetProperty("paths").GetProperty("/api/v1/announcements").GetProperty("get").TryGetProperty("security", out _));
    }

    sealed class Ear : ILoggerProvider, ILogger
    {
        public readonly ConcurrentQueue<string> Lines = new();
        public ILogger CreateLogger(string categoryName) => this;
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
        public bool IsEnabled(LogLevel logLevel) => true;
        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines.Enqueue(formatter(state, exception) + exception);
        public void Dispose() { }
    }

    [GeneratedRegex("^km_komaki-[0-9]+_[0-9a-f]{8}_[A-Za-z0-9_-]{43}$")]
    private static partial Regex Shape();
}
