using Komachi.Tests.Harness;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Komachi.Browser;

/// <summary>
/// The city's directory from setting it up to signing out, in a browser that keeps the policies of both houses: with scripts
/// and without, on a desk and on a phone.
/// </summary>
public sealed class DirectoryJourney(TestProgram program, Chromium chromium)
{
    [Theory]
    [InlineData(1280, true)]
    [InlineData(360, false)]
    public async Task It_is_set_up_tried_and_used_and_signing_out_goes_through_it(int width, bool scripts)
    {
        var town = await program.NewTown();
        var issuer = $"{program.World.Url.ToString().TrimEnd('/')}/directory/browser-{width}";
        await using var admin = await chromium.Open(program, width, scripts);
        await admin.SignIn(town, "joho");
        await admin.Page.GotoAsync($"/{town.Slug}/desk/directory");
        await admin.Page.FillAsync("input[name=issuer]", issuer);
        await admin.Page.FillAsync("input[name=clientId]", "komachi");
        await admin.Page.FillAsync("input[name=secret]", Komachi.Sandbox.Directory.Realm.DemoSecret);
        await admin.Page.CheckAsync("input[name=on]");
        await admin.Page.CheckAsync("input[name=signsOutToo]");
        await admin.Page.Locator("button[name=do][value=try]:not(.unseen)").ClickAsync();
        await Expect(admin.Page.Locator("#findings")).ToContainTextAsync("発行者が一致しました");
        Assert.True(await admin.FitsItsWidthWithoutScripts());
        await Picture(admin, $"try-{width}");
        // What was typed stays; a secret is never written back.
        await Expect(admin.Page.Locator("input[name=secret]")).ToHaveValueAsync("");
        await admin.Page.FillAsync("input[name=secret]", Komachi.Sandbox.Directory.Realm.DemoSecret);
        await admin.Page.Locator("button[name=do][value=save]").ClickAsync();
        await Expect(admin.Page.Locator("[role=status]")).ToBeVisibleAsync();

        await using var koho = await chromium.Open(program, width, scripts);
        await koho.Page.GotoAsync($"/{town.Slug}/desk/announcements");
        await Picture(koho, $"door-{width}");
        await koho.Page.GetByRole(AriaRole.Button, new() { Name = "市の認証基盤でログイン" }).ClickAsync();
        await Expect(koho.Page.Locator("h1")).ToHaveTextAsync("職員ディレクトリにログイン");
        await Picture(koho, $"there-{width}");
        await koho.Page.CheckAsync("input[name=who][value=koho]");
        // A form whose answer leads to another house, and from there to one of ours that wants a session.
        await koho.Page.Locator("button[value=sign-in]").ClickAsync();
        await koho.Page.WaitForURLAsync($"**/{town.Slug}/desk/announcements");
        await Expect(koho.Page.Locator("body")).ToContainTextAsync("見本 広報");

        // Out of both: by itself, although the way began with a form of ours.
        if (width < 1024) await koho.Page.GetByRole(AriaRole.Button, new() { Name = "自分" }).ClickAsync();    // who is here stands behind a button on narrow screens
        await koho.Page.Locator("form[action$='sign-out'] button").ClickAsync();
        await Expect(koho.Page.Locator("h1")).ToHaveTextAsync("職員ディレクトリからログアウトしました");
        await koho.Page.GetByRole(AriaRole.Link, new() { Name = "町のページへ戻る" }).ClickAsync();
        await koho.Page.WaitForURLAsync($"**/{town.Slug}/desk/sign-in");

        // Refused: a page of ours that says so, with a way on.
        await koho.Page.GetByRole(AriaRole.Button, new() { Name = "市の認証基盤でログイン" }).ClickAsync();
        await koho.Page.Locator("button[value=refuse]").ClickAsync();
        await Expect(koho.Page.Locator("main")).ToContainTextAsync("ログインが完了しませんでした");
        Assert.True(await koho.FitsItsWidthWithoutScripts());
        await Picture(koho, $"refused-{width}");
        await admin.Page.ReloadAsync();
        await Picture(admin, $"set-up-{width}");

        Assert.Empty(admin.Complaints);
        Assert.Empty(koho.Complaints);
    }

    /// <summary>To be looked at, where somebody says where to.</summary>
    static async Task Picture(Window window, string name)
    {
        if (Environment.GetEnvironmentVariable("KOMACHI_TEST_PICTURES") is { Length: > 0 } folder)
            await window.Page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"directory-{name}.png"), FullPage = true });
    }
}
