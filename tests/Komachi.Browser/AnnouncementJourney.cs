using Komachi.Tests.Harness;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Komachi.Browser;

/// <summary>From a clerk's first line to a resident's screen and back: on a desk and on a phone, with scripts and without.</summary>
public sealed class AnnouncementJourney(TestProgram program, Chromium chromium)
{
    [Theory]
    [InlineData(1280, true)]
    [InlineData(1280, false)]
    [InlineData(360, true)]
    [InlineData(360, false)]
    public async Task Staff_write_look_publish_and_withdraw_and_residents_see_it_happen(int width, bool scripts)
    {
        var town = await program.NewTown("katano");
        await using var desk = await chromium.Open(program, width, scripts);
        await using var home = await chromium.Open(program, width, scripts);
        await desk.SignIn(town, "koho");

        await desk.Page.GotoAsync($"/{town.Slug}/desk/announcements");
        await desk.Page.GetByRole(AriaRole.Link, new() { Name = "お知らせを書く" }).First.ClickAsync();

        // Sent too early: what is missing is said beside its field, and nothing that was typed is lost.
        await desk.Page.FillAsync("input[name='title-ja']", "見本公園の水道を直します");
        await Press(desk, "publish");
        await Expect(desk.Page.Locator("[role=alert]")).ToBeVisibleAsync();
        await Expect(desk.Page.Locator("input[name='title-ja']")).ToHaveValueAsync("見本公園の水道を直します");

        await desk.Page.FillAsync("textarea[name='body-ja']", "朝9時から**水が出ません**。\n\n- 水をくんでおいてください");
        await desk.Page.SelectOptionAsync("select[name=category]", "life");
        await desk.Page.FillAsync("input[name=department]", "水道課");
        await desk.Page.CheckAsync("input[name=urgency][value=important]");
        await Press(desk, "preview");
        await Expect(desk.Page.Locator("#preview strong")).ToHaveTextAsync("水が出ません");

        await Press(desk, "publish");
        await Expect(desk.Page.Locator("[role=status]")).ToBeVisibleAsync();
        Assert.True(desk.Page.Url.Contains("done=publish"), desk.Page.Url);

        // On the first page within two seconds, on every process.
        await Eventually(home, $"/{town.Slug}", page => Expect(page.GetByRole(AriaRole.Link, new() { Name = "見本公園の水道を直します" })).ToBeVisibleAsync(new() { Timeout = 500 }));
        await home.Page.GetByRole(AriaRole.Link, new() { Name = "見本公園の水道を直します" }).ClickAsync();
        await Expect(home.Page.Locator("h1")).ToHaveTextAsync("見本公園の水道を直します");
        Assert.True(await home.FitsItsWidthWithoutScripts());

        // Somebody who reads English is told that it stands in Japanese only.
        await home.Page.GotoAsync(home.Page.Url.Replace($"/{town.Slug}/", $"/{town.Slug}/en/"));
        await Expect(home.Page.Locator("article[lang=ja] h1")).ToBeVisibleAsync();

        await desk.Page.FillAsync("input[name=reason]", "日を改めるため");
        await desk.Page.Locator("form[action$=withdraw] button").ClickAsync();
        await Expect(desk.Page.Locator("main")).ToContainTextAsync("日を改めるため");
        await Eventually(home, $"/{town.Slug}/announcements", page => Expect(page.GetByRole(AriaRole.Link, new() { Name = "見本公園の水道を直します" })).ToHaveCountAsync(0, new() { Timeout = 500 }));

        Assert.Empty(desk.Complaints);
        Assert.Empty(home.Complaints);
    }

    static Task Press(Window desk, string what) => desk.Page.Locator($"button[name=do][value={what}]:not(.unseen)").ClickAsync();

    /// <summary>Loads the page again until it says so; at the most for three seconds.</summary>
    static async Task Eventually(Window window, string path, Func<IPage, Task> says)
    {
        for (var began = Environment.TickCount64; ;)
        {
            await window.Page.GotoAsync(path);
            try
            {
                await says(window.Page);
                return;
            }
            catch (PlaywrightException) when (Environment.TickCount64 - began < 3000) { }
        }
    }
}
