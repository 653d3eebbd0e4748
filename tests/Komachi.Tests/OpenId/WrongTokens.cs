using System.Net;
using System.Net.Http.Json;
using Komachi.Platform.OpenId;
using Komachi.Sandbox.Directory;
using Komachi.Tests.Harness;

namespace Komachi.Tests.OpenId;

/// <summary>A directory that is wrong in one way at a time, and people who come back with what is not theirs: nobody gets in, and it is written down.</summary>
[Trait("Category", "long")]
public sealed class WrongTokens(TestProgram program)
{
    [Fact]
    public async Task A_token_that_is_wrong_in_one_way_lets_nobody_in()
    {
        using var story = await DirectoryStory.Begin(program, s => s);
        foreach (var (wrong, why) in new[]
        {
            (Wrong.Signature, Refusal.TokenSignature), (Wrong.AlgorithmNone, Refusal.TokenAlgorithm), (Wrong.SecretIsPublicKey, Refusal.TokenAlgorithm), (Wrong.UnknownKey, Refusal.TokenKeyUnknown),
            (Wrong.Critical, Refusal.TokenUnreadable), (Wrong.TwiceTheSame, Refusal.TokenUnreadable), (Wrong.Issuer, Refusal.TokenIssuer), (Wrong.Audience, Refusal.TokenAudience), (Wrong.TwoAudiences, Refusal.TokenAudience),
            (Wrong.Expired, Refusal.TokenExpired), (Wrong.Stale, Refusal.TokenExpired), (Wrong.Future, Refusal.TokenNotYet), (Wrong.Nonce, Refusal.TokenNonce), (Wrong.NoNonce, Refusal.TokenNonce), (Wrong.NoSubject, Refusal.TokenSubject),
            (Wrong.AccessHash, Refusal.TokenHash), (Wrong.WayBackIssuer, Refusal.IssuerDiffers), (Wrong.NoToken, Refusal.AnswerUnreadable), (Wrong.TokenIsRubbish, Refusal.AnswerUnreadable),
            (Wrong.TokenIsHuge, Refusal.AnswerUnreadable), (Wrong.TokenLeadsAway, Refusal.AnswerUnreadable),
        })
        {
            await story.Goes(wrong);
            using var joho = story.Town.Visitor();
            await RefusedFor(why, story, joho, await story.ComeIn(joho));
        }
        // The same person, the same settings, nothing wrong: so it was that, and nothing else.
        await story.Goes(Wrong.None);
        using var good = story.Town.Visitor();
        await story.ComeIn(good);
        await DirectoryStory.IsIn(good);
    }

    [Fact]
    public async Task What_the_town_asks_for_beyond_the_usual_is_held_against_the_answer()
    {
        using var story = await DirectoryStory.Begin(program, s => s with { MaxAgeMinutes = 60, AcrValues = "mfa", AsksUserinfo = true });
        foreach (var (wrong, why) in new[] { (Wrong.SignInTime, Refusal.TokenAge), (Wrong.Strength, Refusal.TokenStrength), (Wrong.UserinfoSubject, Refusal.UserinfoSubject) })
        {
            await story.Goes(wrong);
            using var joho = story.Town.Visitor();
            await RefusedFor(why, story, joho, await story.ComeIn(joho));
        }
    }

    [Fact]
    public async Task A_public_key_is_no_secret_even_where_secrets_may_sign()
    {
        using var story = await DirectoryStory.Begin(program, s => s with { Algorithms = ["ES256", "HS256"] });
        await story.Goes(Wrong.SecretIsPublicKey);
        using var joho = story.Town.Visitor();
        await RefusedFor(Refusal.TokenSignature, story, joho, await story.ComeIn(joho));
    }

    [Fact]
    public async Task A_token_without_a_keys_name_is_taken_where_there_is_one_key()
    {
        using var story = await DirectoryStory.Begin(program, s => s);
        await story.Goes(Wrong.NoKeyName);
        using var joho = story.Town.Visitor();
        await story.ComeIn(joho);
        await DirectoryStory.IsIn(joho);
    }

    [Theory]
    [InlineData(Wrong.DocumentIsRubbish, nameof(Refusal.AnswerUnreadable)), InlineData(Wrong.DocumentIsHuge, nameof(Refusal.AnswerUnreadable)), InlineData(Wrong.DocumentIssuer, nameof(Refusal.IssuerDiffers))]
    public async Task A_description_that_is_none_leads_nobody_anywhere(Wrong wrong, string why)
    {
        using var story = await DirectoryStory.Begin(program, s => s);
        await story.Goes(wrong);
        using var joho = story.Town.Visitor();
        var page = await story.GoThere(joho);
        Assert.Equal(HttpStatusCode.BadGateway, page.Status);
        Assert.StartsWith(program.Url, page.Url);
        Assert.Equal(why, await story.LastRefusal());
    }

    [Fact]
    public async Task Keys_without_end_are_not_read_to_their_end()
    {
        using var story = await DirectoryStory.Begin(program, s => s);
        await story.Goes(Wrong.KeysAreHuge);
        using var joho = story.Town.Visitor();
        await RefusedFor(Refusal.AnswerUnreadable, story, joho, await story.ComeIn(joho));
    }

    [Fact]
    public async Task A_directory_that_is_away_is_said_to_be_and_is_there_again_when_it_is()
    {
        using var story = await DirectoryStory.Begin(program, s => s);
        await Fault(story, "directory", new { kind = "drop", when = "before", times = 1 });
        using var joho = story.Town.Visitor();
        var away = await story.GoThere(joho);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, away.Status);
        Assert.Contains("応答していません", away.Text);
        Assert.Equal(nameof(Refusal.Away), await story.LastRefusal());

        var there = await story.GoThere(joho);
        await Fault(story, "directory.token", new { kind = "refuse", status = 503, times = 1 });
        await RefusedFor(Refusal.Away, story, joho, await story.Answer(joho, there), HttpStatusCode.ServiceUnavailable);
        await Fault(story, "directory.token", new { kind = "drop", when = "after", times = 1 });
        await RefusedFor(Refusal.Away, story, joho, await story.ComeIn(joho), HttpStatusCode.ServiceUnavailable);
        await story.ComeIn(joho);
        await DirectoryStory.IsIn(joho);
    }

    [Fact]
    public async Task The_way_back_counts_once()
    {
        using var story = await DirectoryStory.Begin(program, s => s);
        using var joho = story.Town.Visitor();
        var there = await story.GoThere(joho);
        var journey = joho.Cookies.GetAllCookies().Single(c => c.Name.Contains("-way-"));
        var kept = new Cookie(journey.Name, journey.Value, journey.Path, journey.Domain);
        var back = await story.WayBack(joho, there);
        Assert.Equal(HttpStatusCode.OK, (await joho.Open(back)).Status);
        await DirectoryStory.IsIn(joho);

        // The address alone; and with the very cookie, in another browser.
        var again = await joho.Open(back);
        Assert.Equal(HttpStatusCode.BadRequest, again.Status);
        Assert.Contains("もう使えません", again.Text);
        using var thief = story.Town.Visitor();
        thief.Cookies.Add(kept);
        Assert.Equal(HttpStatusCode.BadRequest, (await thief.Open(back)).Status);
        await DirectoryStory.IsOut(thief);
        Assert.Equal("Lost", await story.LastRefusal());
    }

    [Fact]
    public async Task Of_two_that_come_back_at_once_one_comes_in()
    {
        using var story = await DirectoryStory.Begin(program, s => s with { AsksUserinfo = true });
        // The one that gets the token is the slower one.
        await Fault(story, "directory.userinfo", new { kind = "delay", milliseconds = 700 });
        using var joho = story.Town.Visitor();
        var back = await story.WayBack(joho, await story.GoThere(joho));
        var journey = joho.Cookies.GetAllCookies().Single(c => c.Name.Contains("-way-"));
        using var twin = story.Town.Visitor();
        twin.Cookies.Add(new Cookie(journey.Name, journey.Value, journey.Path, journey.Domain));
        var pages = await Task.WhenAll(joho.Open(back), twin.Open(back));
        Assert.Equal(HttpStatusCode.OK, Assert.Single(pages, p => p.Url.EndsWith("/desk", StringComparison.Ordinal)).Status);
        Assert.Single(await story.Audited("people.sign_in"));
    }

    [Fact]
    public async Task A_way_back_opens_nothing_in_another_browser()
    {
        using var story = await DirectoryStory.Begin(program, s => s);
        using var thief = story.Town.Visitor();
        var back = await story.WayBack(thief, await story.GoThere(thief));
        using var victim = story.Town.Visitor();
        Assert.Equal(HttpStatusCode.BadRequest, (await victim.Open(back)).Status);
        await DirectoryStory.IsOut(victim);
        // Nor does it with a journey of their own under way.
        await story.GoThere(victim);
        Assert.Equal(HttpStatusCode.BadRequest, (await victim.Open(back)).Status);
        await DirectoryStory.IsOut(victim);
        // A code of the thief's in the victim's own way back: it was given for another journey.
        var own = (await story.GoThere(victim)).One("input[name=state]").GetAttribute("value");
        var code = System.Web.HttpUtility.ParseQueryString(new Uri(back).Query)["code"];
        var mixed = await victim.Open($"desk/sign-in/directory/back?code={code}&state={own}&iss={Uri.EscapeDataString(story.Issuer)}");
        Assert.Equal(HttpStatusCode.BadRequest, mixed.Status);
        Assert.Equal(nameof(Refusal.CodeRefused), await story.LastRefusal());
        await DirectoryStory.IsOut(victim);
    }

    [Fact]
    public async Task A_journey_of_one_town_ends_in_no_other()
    {
        // The same directory, and the same name there.
        using var komaki = await DirectoryStory.Begin(program, s => s);
        using var onojo = await DirectoryStory.Begin(program, s => s, realm: komaki.Realm, like: "onojo");
        using var thief = komaki.Town.Visitor();
        var there = await komaki.GoThere(thief);
        var back = await komaki.WayBack(thief, there);
        var journey = thief.Cookies.GetAllCookies().Single(c => c.Name.Contains("-way-"));
        thief.Cookies.Add(new Cookie(journey.Name.Replace(komaki.Town.Slug, onojo.Town.Slug), journey.Value, "/" + onojo.Town.Slug, journey.Domain));
        var crossed = await thief.Open(back.Replace($"/{komaki.Town.Slug}/", $"/{onojo.Town.Slug}/"));
        Assert.Equal(HttpStatusCode.BadRequest, crossed.Status);
        Assert.Equal("Lost", await onojo.LastRefusal());

        // With a journey of the other town under way, and the code of this one: it was given for another address.
        using var other = onojo.Town.Visitor();
        var state = (await onojo.GoThere(other)).One("input[name=state]").GetAttribute("value");
        var code = System.Web.HttpUtility.ParseQueryString(new Uri(back).Query)["code"];
        Assert.Equal(HttpStatusCode.BadRequest, (await other.Open($"desk/sign-in/directory/back?code={code}&state={state}&iss={Uri.EscapeDataString(onojo.Issuer)}")).Status);
        Assert.Equal(nameof(Refusal.CodeRefused), await onojo.LastRefusal());
        await DirectoryStory.IsOut(other);
    }

    [Fact]
    public async Task A_directory_that_promises_to_name_itself_must()
    {
        using var story = await DirectoryStory.Begin(program, s => s);
        using var joho = story.Town.Visitor();
        var back = await story.WayBack(joho, await story.GoThere(joho));
        var unnamed = back[..back.IndexOf("&iss=", StringComparison.Ordinal)];
        Assert.Equal(HttpStatusCode.BadGateway, (await joho.Open(unnamed)).Status);
        Assert.Equal(nameof(Refusal.IssuerDiffers), await story.LastRefusal());
    }

    [Fact]
    public async Task Settings_that_change_in_the_middle_end_the_journey()
    {
        using var story = await DirectoryStory.Begin(program, s => s);
        using var joho = story.Town.Visitor();
        var there = await story.GoThere(joho);
        await story.SetUp(s => s with { ClientId = "another" });
        Assert.Equal(HttpStatusCode.BadGateway, (await story.Answer(joho, there)).Status);
        await DirectoryStory.IsOut(joho);
    }

    [Fact]
    public async Task Nobody_tries_without_end()
    {
        using var story = await DirectoryStory.Begin(program, s => s);
        using var nobody = story.Town.Visitor();
        Seen page = null!;
        for (var i = 0; i < 61; i++) page = await nobody.Open($"desk/sign-in/directory/back?state=x{i}&code=y");
        Assert.Equal(HttpStatusCode.TooManyRequests, page.Status);
        Assert.True(page.Headers.ContainsKey("Retry-After"));
        Assert.Equal(60, (await story.Audited("directory.sign_in_refused")).Count);
    }

    [Fact]
    public async Task Where_they_wanted_to_go_is_one_of_our_own_pages()
    {
        using var story = await DirectoryStory.Begin(program, s => s);
        foreach (var then in new[] { "https://evil.example/", "//evil.example", "/\\evil.example", "my", "desk/../../x:y" })
        {
            using var joho = story.Town.Visitor();
            var back = await story.Answer(joho, await story.GoThere(joho, then));
            Assert.StartsWith($"{program.Url}/{story.Town.Slug}/desk", back.Url);
        }
    }

    static async Task RefusedFor(Refusal why, DirectoryStory story, Person person, Seen page, HttpStatusCode status = HttpStatusCode.BadGateway)
    {
        var wrong = await story.LastRefusal();
        Assert.True(why.ToString() == wrong && status == page.Status, $"{wrong} with {page.Status} at {page.Url}, not {why}");
        Assert.Contains("市の認証基盤によるログイン", page.One("h1").TextContent);
        await DirectoryStory.IsOut(person);
    }

    static async Task Fault(DirectoryStory story, string place, object fault)
    {
        var all = System.Text.Json.JsonSerializer.SerializeToNode(fault)!.AsObject();
        (all["service"], all["only"]) = (place, story.Realm);
        using var set = await story.World.PutAsJsonAsync("/api/faults", all);
        Assert.True(set.IsSuccessStatusCode, await set.Content.ReadAsStringAsync());
    }
}
