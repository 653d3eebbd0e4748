using Komachi.Platform.People;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;

namespace Komachi.Browser;

/// <summary>Signing in as people do it: with passkeys, which need scripts, and at the desk for the first time, which does not.</summary>
public sealed class WaysInJourney(TestProgram program, Chromium chromium)
{
    /// <summary>A passkey belongs to a name, and an address of numbers is none.</summary>
    string ByName => program.Url.Replace("127.0.0.1", "localhost");

    [Fact]
    public async Task A_resident_makes_a_passkey_and_comes_in_with_it()
    {
        var town = await program.NewTown();
        await using var window = await chromium.Open(program, 360, url: ByName);
        await AuthenticatorIn(window);
        await PasswordIn(window, town, "", "hanako");
        await window.Page.GotoAsync($"/{town.Slug}/my/security");
        await window.Page.FillAsync("form[data-passkey] input[name=name]", "居間のスマホ");
        await window.Page.ClickAsync("form[data-passkey] button");
        await window.Page.GetByText("パスキーを使えるようになりました").WaitForAsync();

        await window.Page.Context.ClearCookiesAsync();
        await window.Page.GotoAsync($"/{town.Slug}/sign-in?then=my/security");
        await window.Page.ClickAsync("form[data-passkey] button");
        await window.Page.WaitForURLAsync("**/my/security");
        Assert.Contains("居間のスマホ", await window.Page.InnerTextAsync("main"));
        Assert.Empty(window.Complaints);

        await using var db = town.Open();
        var session = await db.Set<Session>().OrderByDescending(s => s.BeganAt).FirstAsync();
        Assert.Equal(["passkey"], session.How);
    }

    [Fact]
    public async Task Staff_set_up_a_passkey_at_the_first_sign_in_and_need_nothing_else_afterwards()
    {
        var town = await program.NewTown();
        await using var window = await chromium.Open(program, 1280, url: ByName);
        await AuthenticatorIn(window);
        await PasswordIn(window, town, "desk/", "koho");
        await window.Page.WaitForURLAsync("**/sign-in/set-up");
        await window.Page.ClickAsync("form[data-passkey] button");
        await window.Page.Locator("ol.codes").WaitForAsync();
        await window.Page.ClickAsync("main .actions a");
        await window.Page.WaitForURLAsync("**/desk");

        await window.Page.Context.ClearCookiesAsync();
        await PasswordIn(window, town, "desk/", "koho");
        await window.Page.WaitForURLAsync("**/sign-in/second");
        await window.Page.ClickAsync("form[data-passkey] button");
        await window.Page.WaitForURLAsync("**/desk");

        await window.Page.Context.ClearCookiesAsync();
        await window.Page.GotoAsync($"/{town.Slug}/desk/sign-in");
        await window.Page.ClickAsync("form[data-passkey] button");
        await window.Page.WaitForURLAsync("**/desk");
        Assert.Empty(window.Complaints);
    }

    [Fact]
    public async Task A_passkey_of_one_town_is_worth_nothing_in_another_and_an_answer_is_good_once()
    {
        var (town, other) = (await program.NewTown(), await program.NewTown("onojo"));
        await using var window = await chromium.Open(program, 1280, url: ByName);
        await AuthenticatorIn(window);
        await PasswordIn(window, town, "", "hanako");
        await window.Page.GotoAsync($"/{town.Slug}/my/security");
        await window.Page.ClickAsync("form[data-passkey] button");
        await window.Page.GetByText("パスキーを使えるようになりました").WaitForAsync();
        await window.Page.Context.ClearCookiesAsync();

        await window.Page.GotoAsync($"/{other.Slug}/sign-in");
        await window.Page.ClickAsync("form[data-passkey] button");
        await window.Page.GetByText("このパスキーは登録されていません").WaitForAsync();

        await window.Page.GotoAsync($"/{town.Slug}/sign-in");
        var post = window.Page.WaitForRequestAsync(r => r.Method == "POST" && r.Url.EndsWith("/sign-in/passkey"));
        await window.Page.ClickAsync("form[data-passkey] button");
        var sent = (await post).PostData!;
        await window.Page.WaitForURLAsync("**/my");

        // The very same answer again, from somebody who overheard it.
        using var thief = town.Visitor();
        var door = await thief.Open("sign-in");
        var fields = System.Web.HttpUtility.ParseQueryString(sent);
        fields["_token"] = door.One("input[name=_token]").GetAttribute("value");
        using var replayed = await thief.Send(HttpMethod.Post, "sign-in/passkey", new FormUrlEncodedContent(fields.AllKeys.ToDictionary(k => k!, k => fields[k]!)));
        Assert.DoesNotContain(replayed.Headers.NonValidated, h => h.Key == "Set-Cookie" && h.Value.ToString().Contains($"komachi-{town.Slug}="));
        Assert.Contains("sign-in", (await thief.Open("my")).Url);
    }

    [Fact]
    public async Task A_passkeys_answer_at_the_second_step_is_good_once()
    {
        var town = await program.NewTown();
        await using var window = await chromium.Open(program, 1280, url: ByName);
        await AuthenticatorIn(window);
        await PasswordIn(window, town, "desk/", "koho");
        await window.Page.WaitForURLAsync("**/sign-in/set-up");
        await window.Page.ClickAsync("form[data-passkey] button");
        await window.Page.Locator("ol.codes").WaitForAsync();
        await window.Page.Context.ClearCookiesAsync();

        await PasswordIn(window, town, "desk/", "koho");
        await window.Page.WaitForURLAsync("**/sign-in/second");
        var post = window.Page.WaitForRequestAsync(r => r.Method == "POST" && r.Url.EndsWith("/second/passkey"));
        await window.Page.ClickAsync("form[data-passkey] button");
        var sent = System.Web.HttpUtility.ParseQueryString((await post).PostData!);
        await window.Page.WaitForURLAsync("**/desk");

        // Somebody who knows the password too, and overheard the answer. As if the key did not count how often it was used: many do not.
        await using (var db = town.Open()) await db.Set<Passkey>().ExecuteUpdateAsync(set => set.SetProperty(p => p.SignCount, 0));
        using var thief = new Komachi.Tests.Harness.Person(ByName, town.Slug);
        var second = await thief.Submit(await thief.Open("desk/sign-in"), new() { ["name"] = "koho", ["password"] = TestProgram.Password });
        Assert.Contains("sign-in/second", second.Url);
        using var replayed = await thief.Send(HttpMethod.Post, "desk/sign-in/second/passkey", new FormUrlEncodedContent(
            [new("_token", second.One("input[name=_token]").GetAttribute("value")!), new("state", sent["state"]!), new("answer", sent["answer"]!)]));
        Assert.DoesNotContain(replayed.Headers.NonValidated, h => h.Key == "Set-Cookie");
        Assert.Contains("sign-in", (await thief.Open("desk")).Url);
        await using (var db = town.Open()) Assert.Equal(2, await db.Set<Session>().CountAsync(s => s.WaitsFor == null));    // the first time and the second, both hers
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public async Task The_way_out_is_on_every_page_and_fits_the_narrowest_phone(bool scripts)
    {
        var town = await program.NewTown("oyabe", livedIn: true);
        await using (var db = town.Open())
        {
            (await db.Set<Account>().SingleAsync(a => a.SignInName == "yoshiko")).Rename("見本 とても長い名前のままで届く𠮷野家﨑子カタカナセカンドネームさん");
            await db.Save();
        }
        foreach (var path in new[] { "announcements", "en", "plain/my" })
        {
            await using var window = await chromium.Open(program, 320, scripts);
            await window.SignIn(town, "yoshiko");
            await window.Page.GotoAsync($"/{town.Slug}/{path}");
            Assert.True(await window.FitsItsWidthWithoutScripts(), path);
            if (scripts) Assert.True(await window.FitsItsWidth(), path);
            var button = window.Page.Locator("header form[action$=sign-out] button");
            var box = (await button.BoundingBoxAsync())!;
            Assert.True(box.X >= 0 && box.X + box.Width <= 320 && box.Height >= 44, $"{path}: {box.X} + {box.Width} × {box.Height}");
            if (Environment.GetEnvironmentVariable("KOMACHI_TEST_PICTURES") is { Length: > 0 } folder)
                await window.Page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"way-out-{path.Replace('/', '-')}-{scripts}.png") });
            await button.ClickAsync();
            await window.Page.Locator("header a[href$='/sign-in']").WaitForAsync();
            await window.Page.GotoAsync($"/{town.Slug}/my");
            Assert.Contains("sign-in", window.Page.Url);
            Assert.Empty(window.Complaints);
        }
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public async Task Staff_come_for_the_first_time_with_or_without_scripts(bool scripts)
    {
        var town = await program.NewTown();
        await using var window = await chromium.Open(program, 360, scripts);
        await PasswordIn(window, town, "desk/", "koho");
        await window.Page.WaitForURLAsync("**/sign-in/set-up");
        Assert.Equal(scripts, await window.Page.IsVisibleAsync("form[data-passkey]"));
        await window.Page.FillAsync("input[name=code]", Komachi.Tests.Harness.Authenticator.Reading(await window.Page.InnerTextAsync("code.key")).Code());
        await window.Page.ClickAsync("form[action$=set-up] button");
        await window.Page.Locator("ol.codes").WaitForAsync();
        await window.Page.ClickAsync("main .actions a");
        await window.Page.WaitForURLAsync("**/desk");
        Assert.Empty(window.Complaints);
    }

    static async Task PasswordIn(Window window, TestTown town, string side, string name)
    {
        await window.Page.GotoAsync($"/{town.Slug}/{side}sign-in");
        await window.Page.FillAsync("input[name=name]", name);
        await window.Page.FillAsync("input[name=password]", TestProgram.Password);
        await window.Page.ClickAsync("main form:not([data-passkey]) button");
        await window.Page.WaitForURLAsync(url => !url.EndsWith("sign-in", StringComparison.Ordinal));
    }

    /// <summary>A phone's keeper of passkeys, as Chromium plays it.</summary>
    static async Task AuthenticatorIn(Window window)
    {
        var devices = await window.Page.Context.NewCDPSessionAsync(window.Page);
        await devices.SendAsync("WebAuthn.enable");
        await devices.SendAsync("WebAuthn.addVirtualAuthenticator", new()
        {
            ["options"] = new Dictionary<string, object>
            {
                ["protocol"] = "ctap2", ["transport"] = "internal", ["hasResidentKey"] = true, ["hasUserVerification"] = true, ["isUserVerified"] = true, ["automaticPresenceSimulation"] = true,
            },
        });
    }
}
