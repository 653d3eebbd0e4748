using System.Net;
using System.Security.Cryptography;
using Komachi.Platform.Data;
using Komachi.Platform.OpenId;
using Komachi.Sandbox.Directory;
using Komachi.Tests.Harness;

namespace Komachi.Tests.OpenId;

/// <summary>The desk's page for the city's directory: what it keeps, what it never shows, and what trying it says.</summary>
public sealed class SettingUpTheDirectory(TestProgram program)
{
    const string Secret = "見本の ひみつ: 32 letters at least, %&+=";

    static Dictionary<string, string?> Filled(DirectoryStory story, params (string Name, string? Value)[] more)
    {
        var fill = new Dictionary<string, string?> { ["issuer"] = story.Issuer, ["clientId"] = "komachi", ["secret"] = Secret, ["on"] = "true", ["do"] = "save" };
        foreach (var (name, value) in more) fill[name] = value;
        return fill;
    }

    [Fact]
    public async Task From_an_empty_page_to_staff_coming_in()
    {
        using var story = await DirectoryStory.Begin(program, setUp: null);
        await story.Directory(new { secret = Secret });
        var admin = await story.Town.Staff("joho");
        var page = await admin.Open("desk/directory");
        Assert.Contains($"{program.Url}/{story.Town.Slug}/desk/sign-in/directory/back", page.Text);
        var saved = await admin.Submit(page, Filled(story));
        Assert.Equal(HttpStatusCode.OK, saved.Status);
        Assert.Contains("設定を保存しました", saved.Text);

        using var koho = story.Town.Visitor();
        await story.ComeIn(koho, "koho");
        await DirectoryStory.IsIn(koho);

        // Kept sealed, shown nowhere, written into no record; and an empty field leaves it.
        Assert.DoesNotContain("ひみつ", saved.Html);
        Assert.Null(saved.One("input[name=secret]").GetAttribute("value"));
        Assert.All(await story.Audited("directory.set_up"), e => Assert.DoesNotContain("ひみつ", e.Details));
        await using (var db = story.Town.Open())
        {
            var kept = (await DirectoryProvider.Find(db))!.SealedSecret!;
            Assert.DoesNotContain("letters", System.Text.Encoding.UTF8.GetString(kept));
            // What is sealed here opens nowhere else: not as a key, and not in another town.
            await Assert.ThrowsAnyAsync<CryptographicException>(() => program.Service<TownKeys>().Open(story.Town.Town, DirectoryProvider.Purpose, kept, "directory/staff/key").AsTask());
            using var other = await DirectoryStory.Begin(program, s => s);
            await Assert.ThrowsAnyAsync<CryptographicException>(() => program.Service<TownKeys>().Open(other.Town.Town, DirectoryProvider.Purpose, kept, "directory/staff/secret").AsTask());
        }
        await admin.Submit(await admin.Open("desk/directory"), new() { ["scopes"] = "profile", ["do"] = "save" });
        using var again = story.Town.Visitor();
        Assert.Equal("openid profile", (await story.GoThere(again)).One("input[name=scope]").GetAttribute("value"));
        await story.ComeIn(again, "koho");
        await DirectoryStory.IsIn(again);
    }

    [Fact]
    public async Task The_secret_of_one_directory_is_never_sent_to_another()
    {
        using var story = await DirectoryStory.Begin(program, setUp: null);
        var admin = await story.Town.Staff("joho");
        await admin.Submit(await admin.Open("desk/directory"), Filled(story));
        var moved = await admin.Submit(await admin.Open("desk/directory"), Filled(story, ("issuer", story.Issuer + "2"), ("secret", "")));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, moved.Status);
        Assert.Contains("新しい発行者には送りません", moved.Text);
        // Switched off it may move, and then the secret is gone.
        await admin.Submit(await admin.Open("desk/directory"), Filled(story, ("issuer", story.Issuer + "2"), ("secret", ""), ("on", null)));
        await using var db = story.Town.Open();
        var provider = (await DirectoryProvider.Find(db))!;
        Assert.Equal(story.Issuer + "2", provider.Issuer);
        Assert.Null(provider.SealedSecret);
    }

    [Fact]
    public async Task Two_who_change_it_at_once_do_not_overrun_each_other()
    {
        using var story = await DirectoryStory.Begin(program, setUp: null);
        var (one, two) = (await story.Town.Staff("joho"), await story.Town.Staff("joho"));
        var (first, second) = (await one.Open("desk/directory"), await two.Open("desk/directory"));
        Assert.Equal(HttpStatusCode.OK, (await one.Submit(first, Filled(story))).Status);
        var late = await two.Submit(second, Filled(story, ("clientId", "mine")));
        Assert.Equal(HttpStatusCode.Conflict, late.Status);
        Assert.Equal("mine", late.One("input[name=clientId]").GetAttribute("value"));
        Assert.DoesNotContain("ひみつ", late.Html);
        await two.Submit(late, new() { ["secret"] = Secret, ["do"] = "save" });
        await using var db = story.Town.Open();
        var provider = (await DirectoryProvider.Find(db))!;
        Assert.Equal(("mine", 2), (provider.ClientId, provider.Version));
        Assert.Equal(2, (await story.Audited("directory.set_up")).Count);
    }

    [Fact]
    public async Task What_cannot_be_is_said_beside_its_field_and_nothing_typed_is_lost()
    {
        using var story = await DirectoryStory.Begin(program, setUp: null);
        var admin = await story.Town.Staff("joho");
        foreach (var (field, value) in new (string, string?)[]
        {
            ("issuer", "http://id.example.jp"), ("issuer", ""), ("clientId", ""), ("algorithms", null), ("maxAge", "soon"), ("key", "-----BEGIN PRIVATE KEY-----"), ("secret", ""), ("matchClaim", ""), ("authentication", "none"), ("scopes", "a\"b"),
        })
        {
            var page = await admin.Submit(await admin.Open("desk/directory"), Filled(story, (field, value), ("acr", "残る")));
            Assert.Equal(HttpStatusCode.UnprocessableEntity, page.Status);
            Assert.Contains(page.All(".error-summary a, [role=alert] a"), a => a.GetAttribute("href") == "#" + field);
            Assert.Equal("残る", page.One("input[name=acr]").GetAttribute("value"));
            Assert.DoesNotContain("ひみつ", page.Html);
        }
        await using var db = story.Town.Open();
        Assert.Null(await DirectoryProvider.Find(db));
    }

    [Fact]
    public async Task Trying_it_says_in_sentences_how_it_stands_and_saves_nothing()
    {
        using var story = await DirectoryStory.Begin(program, setUp: null);
        var admin = await story.Town.Staff("joho");
        foreach (var (wrong, fields, says) in new (Wrong, (string, string?)[], string)[]
        {
            (Wrong.None, [], "発行者が一致しました"), (Wrong.None, [], "鍵：1個"), (Wrong.DocumentIssuer, [], "別の発行者を名乗っています"), (Wrong.DocumentIsRubbish, [], "OpenID Connectの説明ではありません"), (Wrong.DocumentIsHuge, [], "OpenID Connectの説明ではありません"),
            (Wrong.KeysAreHuge, [], "鍵を取得できないか"), (Wrong.None, [("algorithms", "ES384")], "合う鍵が公開されていません"), (Wrong.None, [("scopes", "openid groups")], "groups"), (Wrong.None, [("issuer", "http://127.0.0.1:1/x")], "応答しないか"),
        })
        {
            await story.Goes(wrong);
            var page = await admin.Submit(await admin.Open("desk/directory"), Filled(story, [("do", "try"), .. fields]));
            Assert.Contains(says, page.One("#findings").TextContent);
            Assert.Equal("komachi", page.One("input[name=clientId]").GetAttribute("value"));
        }
        await using var db = story.Town.Open();
        Assert.Null(await DirectoryProvider.Find(db));
        Assert.Equal(9, (await story.Audited("directory.try")).Count);
    }

    [Fact]
    public async Task Only_who_may_sets_it_up()
    {
        using var story = await DirectoryStory.Begin(program, s => s);
        Assert.Equal(HttpStatusCode.Forbidden, (await (await story.Town.Staff("koho")).Open("desk/directory")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await (await story.Town.Resident()).Open("desk/directory")).Status);
        Assert.Contains("sign-in", (await story.Town.Visitor().Open("desk/directory")).Url);
    }

    [Fact]
    public async Task The_demo_town_comes_with_the_sandboxs_directory_until_somebody_changes_it()
    {
        using var story = await DirectoryStory.Begin(program, setUp: null, realm: "demo-try");
        var keys = program.Service<TownKeys>();
        await Demo(story.Issuer);
        await Demo(story.Issuer);
        using var joho = story.Town.Visitor();
        await story.ComeIn(joho);
        await DirectoryStory.IsIn(joho);
        // The Sandbox on another port; then the town's own choice, which stays.
        await Demo(story.Issuer + "2");
        await Demo(story.Issuer);
        var admin = await story.Town.Staff("joho");
        await admin.Submit(await admin.Open("desk/directory"), new() { ["on"] = null, ["do"] = "save" });
        await Demo(story.Issuer + "3");
        await using var db = story.Town.Open();
        var provider = (await DirectoryProvider.Find(db))!;
        Assert.Equal((story.Issuer, false), (provider.Issuer, provider.IsOn));

        async Task Demo(string issuer)
        {
            await using var town = story.Town.Open();
            await DemoDirectory.SetUp(town, keys, issuer, TimeProvider.System);
        }
    }
}
