using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Komachi.Platform.Systems;
using Komachi.Platform.Web;
using Komachi.Tests.Harness;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Systems;

/// <summary>What happens in a town reaches the systems that want to hear of it: signed, again until it arrives, and nowhere that it must not go.</summary>
public sealed class TellingSystems(SystemsProgram program)
{
    HttpClient World() => new() { BaseAddress = program.World.Url };

    /// <summary>With an end, since a fault strikes every address that holds its words.</summary>
    static string Receiver(SystemStory story) => story.Town.Slug + "-hears";

    string To(SystemStory story) => $"{program.World.Url}webhooks/{Receiver(story)}";

    async Task<(Guid Id, string Secret)> Subscribe(SystemStory story)
    {
        var answer = await story.Ask(HttpMethod.Post, "systems/subscriptions", new { url = To(story), events = new[] { "probes.probed" } });
        Assert.Equal(201, answer.Status);
        var (id, secret) = (answer.Json.GetProperty("id").GetGuid(), answer.Json.GetProperty("secret").GetString()!);
        await Know(story, secret);
        return (id, secret);
    }

    async Task Know(SystemStory story, string secret)
    {
        using var world = World();
        using var known = await world.PutAsJsonAsync("api/webhooks/secret", new { name = Receiver(story), value = secret });
        known.EnsureSuccessStatusCode();
    }

    async Task<JsonElement> Next(SystemStory story, long after = 0)
    {
        using var world = World();
        return await world.GetFromJsonAsync<JsonElement>($"api/webhooks/wait?name={Receiver(story)}&after={after}&seconds=30");
    }

    async Task Fault(SystemStory story, int times = 1000)
    {
        using var world = World();
        using var set = await world.PutAsJsonAsync("api/faults", new { service = "webhooks", kind = "refuse", times, only = "/webhooks/" + Receiver(story) });
        set.EnsureSuccessStatusCode();
    }

    async Task Mended(SystemStory story)
    {
        using var world = World();
        // The fault that is set anew takes the place of the one before.
        await Fault(story, times: 1);
        using var one = await world.PostAsJsonAsync($"webhooks/{Receiver(story)}", new { });
    }

    [Fact]
    public async Task An_event_arrives_signed_with_what_the_module_says_of_it()
    {
        using var story = await SystemStory.Begin(program);
        var events = await story.Ask(HttpMethod.Get, "systems/events");
        Assert.Contains(events.Json.EnumerateArray(), e => e.GetProperty("type").GetString() == "probes.probed");
        await Subscribe(story);
        await story.Write("届く");
        var came = await Next(story);
        Assert.Equal("Right", came.GetProperty("signed").GetString());
        var body = JsonSerializer.Deserialize<JsonElement>(came.GetProperty("body").GetString()!);
        Assert.Equal(("probes.probed", "届く"), (body.GetProperty("type").GetString(), body.GetProperty("data").GetProperty("text").GetString()));
        Assert.True(body.GetProperty("timestamp").GetDateTimeOffset() > TimeProvider.System.GetUtcNow().AddMinutes(-5));
        Assert.StartsWith("msg_", came.GetProperty("messageId").GetString());
        await story.Town.Until("count(*) = 1 FROM systems.deliveries WHERE state = 'Delivered' AND status = 204");
    }

    [Fact]
    public async Task At_the_desk_a_system_is_subscribed_tried_and_its_secret_changed_without_a_gap()
    {
        using var story = await SystemStory.Begin(program);
        var staff = await story.Town.Staff("joho");
        var shown = await staff.Submit(await staff.Open($"desk/systems/{story.Id}/subscribe"), new() { ["url"] = To(story), ["event"] = "probes.probed" });
        var first = shown.One("#secret").TextContent;
        Assert.StartsWith("whsec_", first);
        await Know(story, first);
        var page = await staff.Open(shown.One("main .actions a").GetAttribute("href")!);
        Assert.Contains("試験送信をしています", (await staff.Submit(page, form: "form[action$=test]")).Text);
        var test = await Next(story);
        Assert.Equal(("Right", 1), (test.GetProperty("signed").GetString(), test.GetProperty("signatures").GetInt32()));

        // The other side changes over when it likes: with the former secret and with the new one.
        var second = (await staff.Submit(await staff.Open(page.Url), form: "form[action$=secret]")).One("#secret").TextContent;
        Assert.NotEqual(first, second);
        await staff.Submit(await staff.Open(page.Url), form: "form[action$=test]");
        var between = await Next(story, test.GetProperty("id").GetInt64());
        Assert.Equal(("Right", 2), (between.GetProperty("signed").GetString(), between.GetProperty("signatures").GetInt32()));
        await Know(story, second);
        await staff.Submit(await staff.Open(page.Url), form: "form[action$=test]");
        var after = await Next(story, between.GetProperty("id").GetInt64());
        Assert.Equal("Right", after.GetProperty("signed").GetString());
        await using (var db = story.Town.Open()) await db.Set<Subscription>().ExecuteUpdateAsync(set => set.SetProperty(s => s.FormerUntil, TimeProvider.System.GetUtcNow().AddMinutes(-1)));
        await staff.Submit(await staff.Open(page.Url), form: "form[action$=test]");
        Assert.Equal(1, (await Next(story, after.GetProperty("id").GetInt64())).GetProperty("signatures").GetInt32());
        Assert.All(new[] { first, second }, secret => Assert.DoesNotContain(secret, page.Html));
    }

    [Fact]
    public async Task What_does_not_arrive_is_sent_again_with_the_same_id()
    {
        using var story = await SystemStory.Begin(program);
        await Subscribe(story);
        await Fault(story, times: 1);
        await story.Write("zweimal");
        await story.Town.Until("count(*) = 1 FROM systems.deliveries WHERE attempts = 1 AND status = 503");
        await story.Town.Until("failing_since IS NOT NULL FROM systems.subscriptions");
        var came = await Next(story);
        await story.Town.Until("count(*) = 1 FROM systems.deliveries WHERE state = 'Delivered' AND attempts = 2");
        await story.Town.Until("failing_since IS NULL FROM systems.subscriptions");
        await using var db = story.Town.Open();
        Assert.Equal((await db.Set<Delivery>().SingleAsync()).MessageId, came.GetProperty("messageId").GetString());
    }

    [Fact]
    public async Task What_never_arrives_is_parked_shown_and_sent_again_by_hand()
    {
        using var story = await SystemStory.Begin(program);
        var (id, _) = await Subscribe(story);
        await Fault(story);
        await story.Write("parked");
        await story.Town.Until("count(*) = 1 FROM systems.deliveries WHERE attempts = 1");
        await using (var source = story.Town.Source.CreateCommand("UPDATE jobs.queue SET attempt = 79 WHERE kind = 'systems.deliver'")) await source.ExecuteNonQueryAsync();
        await story.Town.Until("count(*) = 1 FROM systems.deliveries WHERE state = 'Parked'", seconds: 40);
        await story.Town.Until("count(*) = 0 FROM jobs.queue WHERE kind = 'systems.deliver'");
        var staff = await story.Town.Staff("joho");
        Assert.Contains("送信中止 1件", (await staff.Open("desk/systems")).Text);
        await Mended(story);
        var page = await staff.Submit(await staff.Open($"desk/systems/subscriptions/{id}"), form: "form[action$=again]");
        Assert.Contains("送り直しています", page.Text);
        await story.Town.Until("count(*) = 1 FROM systems.deliveries WHERE state = 'Delivered'");
        Assert.Single(await story.Audited("systems.send_again"));
    }

    [Fact]
    public async Task After_five_days_without_an_answer_it_is_switched_off_and_its_keeper_told()
    {
        var keeper = $"{Guid.CreateVersion7():n}@example.jp";
        using var story = await SystemStory.Begin(program, email: keeper);
        var (id, _) = await Subscribe(story);
        await Fault(story);
        await using (var db = story.Town.Open()) await db.Set<Subscription>().ExecuteUpdateAsync(set => set.SetProperty(s => s.FailingSince, TimeProvider.System.GetUtcNow().AddDays(-6)));
        await story.Write("too long");
        await story.Town.Until("NOT is_on AND switched_off_at IS NOT NULL FROM systems.subscriptions");
        await program.World.CodeFor(keeper, new Regex(Regex.Escape(story.Name)));
        Assert.Single(await story.Audited("systems.switch_off"));
        await story.Town.Until("count(*) = 1 FROM systems.deliveries WHERE state = 'Parked'");
        // Nothing more goes there, until somebody switches it on.
        await story.Write("nobody hears");
        var staff = await story.Town.Staff("joho");
        Assert.Contains("自動で停止しました", (await staff.Open($"desk/systems/subscriptions/{id}")).Text);
        await staff.Submit(await staff.Open($"desk/systems/subscriptions/{id}"), form: "form[action$=switch]");
        await story.Town.Until("is_on AND failing_since IS NULL FROM systems.subscriptions");
    }

    [Fact]
    public async Task Nobody_waits_for_one_that_does_not_arrive()
    {
        using var story = await SystemStory.Begin(program);
        await Subscribe(story);
        await Fault(story, times: 1);
        await story.Write("first");
        await story.Town.Until("count(*) = 1 FROM systems.deliveries WHERE attempts = 1");
        for (var i = 0; i < 10; i++) await story.Write($"later {i}");
        await story.Town.Until("count(*) = 11 FROM systems.deliveries WHERE state = 'Delivered'", seconds: 40);
        using var world = World();
        var came = (await world.GetFromJsonAsync<JsonElement>($"api/webhooks?name={Receiver(story)}")).GetProperty("messages").EnumerateArray().ToArray();
        Assert.Equal(11, came.Select(m => m.GetProperty("messageId").GetString()).Distinct().Count());
        Assert.All(came, m => Assert.Equal("Right", m.GetProperty("signed").GetString()));
        Assert.Contains("later", came.MinBy(m => m.GetProperty("id").GetInt64()).GetProperty("body").GetString());
    }

    [Fact]
    public async Task A_subscription_belongs_to_its_system_and_ends_when_it_says_so()
    {
        using var story = await SystemStory.Begin(program);
        var (id, _) = await Subscribe(story);
        await using (var db = story.Town.Open())
        {
            var other = OtherSystem.Named(new("別", "別", "b@example.jp", ["systems.subscribe"], [], 100, 100), TimeProvider.System.GetUtcNow());
            var (key, shown) = SystemKey.New(other, story.Town.Slug, TimeProvider.System.GetUtcNow());
            db.Add(other);
            db.Add(key);
            await db.Save();
            Assert.Equal(404, (await story.Ask(HttpMethod.Delete, $"systems/subscriptions/{id}", key: shown)).Status);
            Assert.Empty((await story.Ask(HttpMethod.Get, "systems/subscriptions", key: shown)).Json.EnumerateArray());
        }
        Assert.Single((await story.Ask(HttpMethod.Get, "systems/subscriptions")).Json.EnumerateArray());
        Assert.Equal(204, (await story.Ask(HttpMethod.Delete, $"systems/subscriptions/{id}")).Status);
        Assert.Equal(404, (await story.Ask(HttpMethod.Delete, $"systems/subscriptions/{id}")).Status);
    }

    [Theory]
    [InlineData("https://10.1.2.3/x"), InlineData("https://169.254.169.254/latest"), InlineData("https://[fd00::1]/"), InlineData("https://[::ffff:10.0.0.1]/"), InlineData("http://example.com/"), InlineData("ftp://example.com/")]
    [InlineData("https://user:password@example.com/"), InlineData("//example.com"), InlineData("javascript:alert(1)"), InlineData(""), InlineData("https://0x0a000001/")]
    public async Task An_address_that_must_not_be_reached_is_not_even_written_down(string url)
    {
        using var story = await SystemStory.Begin(program);
        var answer = await story.Ask(HttpMethod.Post, "systems/subscriptions", new { url, events = new[] { "probes.probed" } });
        Assert.Equal((422, "url_wrong"), (answer.Status, answer.Reason));
        var staff = await story.Town.Staff("joho");
        var page = await staff.Submit(await staff.Open($"desk/systems/{story.Id}/subscribe"), new() { ["url"] = url, ["event"] = "probes.probed" });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, page.Status);
        Assert.Equal(url, page.One("[name=url]").GetAttribute("value"));
    }

    [Fact]
    public async Task What_is_sent_wrongly_is_said_and_nothing_becomes_a_500()
    {
        using var story = await SystemStory.Begin(program);
        foreach (var (body, status) in new (object, int)[] { (new { url = To(story) }, 422), (new { url = To(story), events = new[] { "none.such" } }, 422), (new { url = To(story), events = new string?[] { null } }, 422), (new { url = 3 }, 400), ("text", 400) })
            Assert.Equal(status, (await story.Ask(HttpMethod.Post, "systems/subscriptions", body)).Status);
        Assert.Equal(400, (await story.Ask(HttpMethod.Post, "systems/subscriptions")).Status);
    }
}

/// <summary>Signatures as the Standard Webhooks have them, and addresses that are nobody's business.</summary>
public sealed class WebhooksByThemselves(SystemsProgram program)
{
    /// <summary>The example of the specification's own libraries.</summary>
    [Fact]
    public void The_signature_is_that_of_the_standard()
    {
        const string secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        Assert.Equal("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", WebhookSignature.Of([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, "{\"test\": 2432232314}"));
        var two = WebhookSignature.Of([WebhookSignature.NewSecret(), secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, "{\"test\": 2432232314}").Split(' ');
        Assert.Equal((2, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="), (two.Length, two[1]));
    }

    [Theory]
    [InlineData("8.8.8.8", true), InlineData("203.104.1.1", true), InlineData("2400:4050::1", true)]
    [InlineData("127.0.0.1", false), InlineData("0.0.0.0", false), InlineData("10.0.0.1", false), InlineData("100.64.0.1", false), InlineData("169.254.169.254", false), InlineData("172.16.0.1", false), InlineData("172.31.255.255", false)]
    [InlineData("192.168.0.1", false), InlineData("198.18.0.1", false), InlineData("224.0.0.1", false), InlineData("255.255.255.255", false), InlineData("::1", false), InlineData("::", false), InlineData("fe80::1", false), InlineData("fd12::1", false)]
    [InlineData("::ffff:192.168.0.1", false), InlineData("64:ff9b::a00:1", false), InlineData("2002:a00:1::", false), InlineData("2001:0:a00:1::", false), InlineData("2001:db8::1", false), InlineData("ff02::1", false)]
    public void Only_what_is_on_the_internet_is_reached(string address, bool may)
    {
        using var line = new WebhookLine(new WebOptions(), TimeProvider.System);
        Assert.Equal(may, line.MayReach(IPAddress.Parse(address)));
    }

    [Fact]
    public async Task Where_nobody_allowed_it_this_machine_is_not_reached_whatever_its_name()
    {
        using var line = new WebhookLine(new WebOptions(), TimeProvider.System);
        foreach (var url in new[] { program.World.Url.ToString(), "https://127.0.0.1/", "https://localhost/", "https://2130706433/" })
            Assert.Equal(((int?)null, "This address may not be reached."), await line.Send(url, "msg_1", "{}", [WebhookSignature.NewSecret()], TestContext.Current.CancellationToken));
        // A name of this machine leads to it, or nowhere.
        Assert.Null((await line.Send($"https://{Dns.GetHostName()}/", "msg_1", "{}", [WebhookSignature.NewSecret()], TestContext.Current.CancellationToken)).Status);
        // An operator may name a network of the town's own.
        using var own = new WebhookLine(new WebOptions { WebhookNetworks = [System.Net.IPNetwork.Parse("10.20.0.0/16")] }, TimeProvider.System);
        Assert.True(own.MayReach(IPAddress.Parse("10.20.1.1")));
        Assert.False(own.MayReach(IPAddress.Parse("10.21.1.1")));
    }

    [Fact]
    public async Task A_redirect_is_an_answer_like_any_other_and_nobody_goes_there()
    {
        using var line = new WebhookLine(new WebOptions { WebhookNetworks = [System.Net.IPNetwork.Parse("127.0.0.0/8")] }, TimeProvider.System);
        var asked = new System.Collections.Concurrent.ConcurrentQueue<string>();
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        await using var elsewhere = builder.Build();
        elsewhere.Run(http =>
        {
            asked.Enqueue(http.Request.Path);
            http.Response.Redirect("/secret", permanent: false, preserveMethod: true);
            return Task.CompletedTask;
        });
        await elsewhere.StartAsync(TestContext.Current.CancellationToken);
        Assert.Equal((307, null), await line.Send(elsewhere.Urls.Single() + "/here", "msg_1", "{}", [WebhookSignature.NewSecret()], TestContext.Current.CancellationToken));
        Assert.Equal("/here", Assert.Single(asked));
        Assert.Equal(((int?)null, "It cannot be reached."), await line.Send("http://127.0.0.1:1/", "msg_1", "{}", [WebhookSignature.NewSecret()], TestContext.Current.CancellationToken));
    }
}
