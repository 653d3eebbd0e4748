using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Komachi.Platform.Data;
using Komachi.Platform.OpenId;
using Komachi.Platform.OpenId.Jose;
using Komachi.Platform.People;
using Komachi.Sandbox.Directory;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.OpenId;

/// <summary>Staff sign in with the city's directory: from the town's page to the directory, and back to where they wanted to go.</summary>
public sealed class ComingThroughTheDirectory(TestProgram program)
{
    [Fact]
    public async Task Staff_go_to_the_directory_and_come_back_to_where_they_wanted_to_go()
    {
        using var story = await DirectoryStory.Begin(program, s => s with { AcrValues = "mfa", MaxAgeMinutes = 60 });
        var joho = story.Town.Visitor();
        var asked = await joho.Open("desk/jobs");
        Assert.Contains("市の認証基盤でログイン", asked.One(DirectoryStory.Way).TextContent);
        var way = await joho.Submit(asked, form: DirectoryStory.Way);
        var onward = way.One("main .actions a").GetAttribute("href")!;
        Assert.Contains(onward, way.One("meta[http-equiv=refresh]").GetAttribute("content"));
        var there = await joho.Open(onward);
        Assert.StartsWith(story.Issuer, there.Url);
        Assert.Contains("見本 情報", there.Text);
        foreach (var (name, value) in new[] { ("response_type", "code"), ("code_challenge_method", "S256"), ("acr_values", "mfa"), ("max_age", "3600"), ("scope", "openid profile email") })
            Assert.Equal(value, there.One($"input[name={name}]").GetAttribute("value"));

        var back = await story.Answer(joho, there);
        Assert.Equal(HttpStatusCode.OK, back.Status);
        Assert.EndsWith($"/{story.Town.Slug}/desk/jobs", back.Url);
        Assert.Single(await story.Audited("directory.link"));
        Assert.Contains("directory", (await story.Audited("people.sign_in"))[^1].Details);

        // The second time it is the link that counts, and there is no second one.
        using var again = story.Town.Visitor();
        await story.ComeIn(again);
        await DirectoryStory.IsIn(again);
        Assert.Single(await story.Audited("directory.link"));
    }

    [Fact]
    public async Task It_works_in_every_language_with_one_address_at_the_directory()
    {
        using var story = await DirectoryStory.Begin(program, s => s);
        await story.Directory(new { backTo = new[] { $"{program.Url}/{story.Town.Slug}/desk/sign-in/directory/back" } });
        using var joho = story.Town.Visitor();
        var back = await story.Answer(joho, await story.GoThere(joho, "desk", "en/"));
        Assert.EndsWith($"/{story.Town.Slug}/en/desk", back.Url);
        using var other = story.Town.Visitor();
        var refused = await story.Answer(other, await story.GoThere(other, language: "en/"), more: new() { ["decision"] = "refuse" });
        Assert.Equal(HttpStatusCode.Forbidden, refused.Status);
        Assert.Contains("The sign-in was not completed at the directory.", refused.Text);
    }

    [Theory]
    [InlineData("RS256", false), InlineData("PS256", false), InlineData("HS256", false), InlineData("ES256", true)]
    public async Task Each_way_of_signing_and_of_proving_ourselves_is_spoken(string algorithm, bool post)
    {
        // HS256 is how LINE Login signs: another value of the same setting.
        using var story = await DirectoryStory.Begin(program, s => s with { Algorithms = [algorithm], Authentication = post ? ClientAuthentication.ClientSecretPost : ClientAuthentication.ClientSecretBasic, AsksUserinfo = true });
        await story.Directory(new { algorithm });
        using var joho = story.Town.Visitor();
        await story.ComeIn(joho);
        await DirectoryStory.IsIn(joho);
    }

    [Fact]
    public async Task With_a_signature_of_our_own_no_secret_is_sent()
    {
        using var story = await DirectoryStory.Begin(program, setUp: null);
        var admin = await story.Town.Staff("joho");
        var page = await admin.Submit(await admin.Open("desk/directory"), new()
        {
            ["issuer"] = story.Issuer, ["clientId"] = "komachi", ["authentication"] = "PrivateKeyJwt", ["on"] = "true", ["do"] = "save",
        });
        Assert.Equal(HttpStatusCode.OK, page.Status);
        // The directory is given the public half, as it stands on the page, and takes nothing else from then on.
        var jwk = page.All(".summary-list code").Select(c => c.TextContent).Single(t => t.StartsWith('{'));
        Assert.DoesNotContain("\"d\"", jwk);
        await story.Directory(new { publicKey = JsonDocument.Parse(jwk).RootElement });
        using var keys = JsonDocument.Parse(await story.Town.Visitor().Http.GetStringAsync($"/{story.Town.Slug}/desk/sign-in/directory/keys.json"));
        Assert.Equal(JsonDocument.Parse(jwk).RootElement.GetProperty("kid").GetString(), keys.RootElement.GetProperty("keys")[0].GetProperty("kid").GetString());

        using var koho = story.Town.Visitor();
        await story.ComeIn(koho, "koho");
        await DirectoryStory.IsIn(koho);

        // Another key than the one that is registered: the directory refuses, and the page says so.
        await admin.Submit(await admin.Open("desk/directory"), new() { ["newKey"] = "true", ["do"] = "save" });
        using var later = story.Town.Visitor();
        Assert.Equal(HttpStatusCode.BadGateway, (await story.ComeIn(later, "koho")).Status);
        Assert.Equal(nameof(Refusal.ClientRefused), await story.LastRefusal());
    }

    [Fact]
    public async Task Name_and_mail_are_the_directorys_at_each_sign_in()
    {
        using var story = await DirectoryStory.Begin(program, s => s);
        using var joho = story.Town.Visitor();
        await story.ComeIn(joho, "", new() { ["username"] = "joho", ["name"] = "見本 情報\u202e改", ["email"] = "new@example.jp" });
        var account = await story.Account("joho");
        Assert.Equal(("見本 情報改", "new@example.jp"), (account.Name, account.Email));
        // An address that nobody looked at is not taken over; permissions are ours.
        using var again = story.Town.Visitor();
        await story.ComeIn(again, "", new() { ["username"] = "joho", ["name"] = "見本 情報", ["email"] = "evil@example.jp", ["unverified"] = "true" });
        account = await story.Account("joho");
        Assert.Equal(("見本 情報", "new@example.jp"), (account.Name, account.Email));
        Assert.Contains("jobs.manage", account.Permissions);
    }

    [Fact]
    public async Task Who_has_no_account_comes_in_only_where_the_town_wants_it_and_may_do_nothing()
    {
        using var story = await DirectoryStory.Begin(program, s => s);
        using var shinjin = story.Town.Visitor();
        var refused = await story.ComeIn(shinjin, "shinjin");
        Assert.Equal(HttpStatusCode.Forbidden, refused.Status);
        Assert.Contains("アカウントがありません", refused.Text);
        await DirectoryStory.IsOut(shinjin);
        Assert.Equal("NoAccount", await story.LastRefusal());

        await story.SetUp(s => s with { CreatesAccounts = true });
        await story.ComeIn(shinjin, "shinjin");
        await DirectoryStory.IsIn(shinjin);
        var account = await story.Account("shinjin");
        Assert.Equal((AccountKind.Staff, "見本 新人"), (account.Kind, account.Name));
        Assert.Empty(account.Permissions);
        Assert.Equal(HttpStatusCode.Forbidden, (await shinjin.Open("desk/jobs")).Status);
        Assert.Single(await story.Audited("directory.create_account"));
        // Nobody knows a password of it.
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await shinjin.Submit(await shinjin.Open("desk/sign-in"), new() { ["name"] = "shinjin", ["password"] = TestProgram.Password })).Status);
    }

    [Fact]
    public async Task A_residents_account_is_nobodys_at_the_directory()
    {
        using var story = await DirectoryStory.Begin(program, s => s with { CreatesAccounts = true });
        using var person = story.Town.Visitor();
        await story.ComeIn(person, "", new() { ["username"] = "hanako" });
        await DirectoryStory.IsIn(person);
        await using var db = story.Town.Open();
        var link = await db.Set<DirectoryLink>().SingleAsync();
        var linked = await db.Set<Account>().SingleAsync(a => a.Id == link.AccountId);
        Assert.StartsWith("directory-", linked.SignInName);
        Assert.Equal(AccountKind.Resident, (await story.Account("hanako")).Kind);
    }

    [Fact]
    public async Task Who_takes_anothers_name_at_the_directory_does_not_get_the_account()
    {
        using var story = await DirectoryStory.Begin(program, s => s with { MatchClaim = "email", MatchBy = MatchBy.Email });
        using var koho = story.Town.Visitor();
        // A mail address that nobody verified is anybody's.
        Assert.Equal(HttpStatusCode.Forbidden, (await story.ComeIn(koho, "", new() { ["username"] = "x", ["email"] = "koho@example.jp", ["unverified"] = "true" })).Status);
        await story.ComeIn(koho, "koho");
        await DirectoryStory.IsIn(koho);
        // The account is linked now: the same address under another number is another person.
        using var thief = story.Town.Visitor();
        Assert.Equal(HttpStatusCode.Forbidden, (await story.ComeIn(thief, "", new() { ["username"] = "thief", ["email"] = "koho@example.jp" })).Status);
        await DirectoryStory.IsOut(thief);
        // And who was linked stays who they are, under whatever name and address.
        using var married = story.Town.Visitor();
        await story.ComeIn(married, "", new() { ["username"] = "koho", ["email"] = "other@example.jp" });
        await DirectoryStory.IsIn(married);
    }

    [Fact]
    public async Task A_closed_account_stays_closed_and_an_unlinked_one_is_looked_for_anew()
    {
        using var story = await DirectoryStory.Begin(program, s => s);
        using var koho = story.Town.Visitor();
        await story.ComeIn(koho, "koho");
        await using (var close = story.Town.Source.CreateCommand("UPDATE people.accounts SET closed_at = now() WHERE sign_in_name = 'koho'")) await close.ExecuteNonQueryAsync();
        var refused = await story.ComeIn(koho, "koho");
        Assert.Equal(HttpStatusCode.Forbidden, refused.Status);
        Assert.Contains("閉鎖", refused.Text);
        Assert.Equal("Closed", await story.LastRefusal());
        Assert.NotNull((await story.Audited("directory.sign_in_refused"))[^1].Subject);

        await using (var open = story.Town.Source.CreateCommand("UPDATE people.accounts SET closed_at = NULL WHERE sign_in_name = 'koho'")) await open.ExecuteNonQueryAsync();
        var admin = await story.Town.Staff("joho");
        var page = await admin.Open("desk/directory");
        Assert.Contains("見本 広報", page.One("#links-caption").ParentElement!.TextContent);
        await admin.Submit(page, form: "form[action$=remove]");
        Assert.Single(await story.Audited("directory.unlink"));
        await story.ComeIn(koho, "koho");
        Assert.Equal(2, (await story.Audited("directory.link")).Count);
    }

    [Fact]
    public async Task Refusing_at_the_directory_and_its_own_troubles_are_said_kindly()
    {
        using var story = await DirectoryStory.Begin(program, s => s);
        using var joho = story.Town.Visitor();
        var refused = await story.Answer(joho, await story.GoThere(joho, "desk/jobs"), more: new() { ["decision"] = "refuse" });
        Assert.Equal(HttpStatusCode.Forbidden, refused.Status);
        Assert.Contains("then=desk%2Fjobs", refused.One("main .actions a").GetAttribute("href"));
        Assert.Equal("access_denied", await story.LastRefusal());

        await story.Goes(Wrong.ErrorOnWayBack);
        Assert.Equal(HttpStatusCode.BadGateway, (await story.ComeIn(joho)).Status);
        Assert.Equal("server_error", await story.LastRefusal());
    }

    [Fact]
    public async Task Keys_that_change_in_the_middle_are_fetched_anew()
    {
        using var story = await DirectoryStory.Begin(program, s => s);
        using var first = story.Town.Visitor();
        await story.ComeIn(first);
        using var second = story.Town.Visitor();
        var there = await story.GoThere(second);
        await story.NewKeys();
        await story.Answer(second, there);
        await DirectoryStory.IsIn(second);
    }

    [Fact]
    public async Task Signing_out_signs_out_of_the_directory_as_well_where_the_town_wants_it()
    {
        using var story = await DirectoryStory.Begin(program, s => s with { SignsOutToo = true });
        using var joho = story.Town.Visitor();
        var desk = await story.ComeIn(joho);
        Assert.Contains(joho.Cookies.GetAllCookies(), c => c.Name == "directory-" + story.Realm);
        var outside = await joho.Submit(desk, form: "form[action$=sign-out]");
        Assert.Equal(HttpStatusCode.OK, outside.Status);
        var onward = outside.One("main .actions a").GetAttribute("href")!;
        Assert.StartsWith(story.Issuer + "/end-session", onward);
        Assert.Contains(onward, outside.One("meta[http-equiv=refresh]").GetAttribute("content"));
        var there = await joho.Open(onward);
        Assert.DoesNotContain(joho.Cookies.GetAllCookies(), c => c.Name == "directory-" + story.Realm);
        var home = there.All("main a.button").Single().GetAttribute("href")!;
        Assert.EndsWith($"/{story.Town.Slug}/desk/sign-in", home);
        await DirectoryStory.IsOut(joho);

        // Who came by a password, or where the town does not want it, goes back to our own page.
        using var koho = story.Town.Visitor();
        await koho.SignIn("koho", desk: true);
        Assert.EndsWith("/desk/sign-in", (await koho.Submit(await koho.Open("desk"), form: "form[action$=sign-out]")).Url);
        await story.SetUp(s => s with { SignsOutToo = false });
        using var later = story.Town.Visitor();
        Assert.EndsWith("/desk/sign-in", (await later.Submit(await story.ComeIn(later), form: "form[action$=sign-out]")).Url);
    }

    [Fact]
    public async Task Switched_off_it_is_not_shown_and_leads_nowhere()
    {
        using var story = await DirectoryStory.Begin(program, s => s);
        using var joho = story.Town.Visitor();
        var there = await story.GoThere(joho);
        var door = await joho.Open("desk/sign-in");
        await story.SetUp(s => s with { IsOn = false });
        Assert.Empty((await joho.Open("desk/sign-in")).All(DirectoryStory.Way));
        Assert.Equal(HttpStatusCode.NotFound, (await story.Answer(joho, there)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await joho.Submit(door, form: DirectoryStory.Way)).Status);
        await DirectoryStory.IsOut(joho);
    }

    [Fact]
    public async Task Residents_are_not_shown_the_staffs_way_in()
    {
        using var story = await DirectoryStory.Begin(program, s => s);
        Assert.Empty((await story.Town.Visitor().Open("sign-in")).All(DirectoryStory.Way));
    }

    [Fact]
    public async Task Nobody_is_sent_there_by_a_link_or_by_another_houses_form()
    {
        using var story = await DirectoryStory.Begin(program, s => s);
        using var joho = story.Town.Visitor();
        // Another house's page can lead a browser to any address, and send it any form but one with our token.
        foreach (var (method, form, status) in new[] { (HttpMethod.Get, null, HttpStatusCode.MethodNotAllowed), (HttpMethod.Post, new FormUrlEncodedContent([new("then", "desk")]), HttpStatusCode.BadRequest) })
        {
            using var answer = await joho.Send(method, "desk/sign-in/directory", form);
            Assert.Equal(status, answer.StatusCode);
            Assert.DoesNotContain(story.Issuer, await answer.Content.ReadAsStringAsync());
        }
        Assert.DoesNotContain(joho.Cookies.GetAllCookies(), c => c.Name.Contains("-way-"));
        await story.ComeIn(joho);
        await DirectoryStory.IsIn(joho);
    }
}
