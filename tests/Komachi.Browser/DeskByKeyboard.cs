using Komachi.Tests.Harness;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Komachi.Browser;

/// <summary>A clerk whose hands stay on the keyboard, or who has no mouse: from the desk's first page to something published and taken back.</summary>
public sealed class DeskByKeyboard(TestProgram program, Chromium chromium)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Somebody_writes_publishes_and_withdraws_without_a_mouse(bool scripts)
    {
        var town = await program.NewTown("omitama");
        await using var desk = await chromium.Open(program, scripts: scripts);
        var page = desk.Page;
        await desk.SignIn(town, "koho");
        await page.GotoAsync($"/{town.Slug}/desk");

        // The first stop of every page leads past the menu.
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.Locator(".skip")).ToBeFocusedAsync();
        await On(page.Locator(".desk-nav a[href$='/desk/announcements']"));
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("h1")).ToHaveTextAsync("お知らせ");
        await On(page.Locator("main a[href$='/desk/announcements/new']").First);
        await page.Keyboard.PressAsync("Enter");

        await On(page.Locator("[name='title-ja']"));
        await page.Keyboard.TypeAsync("見本の古本市");
        await On(page.Locator("[name='body-ja']"));
        await page.Keyboard.TypeAsync("図書館の前で開きます。");
        await On(page.Locator("select[name=category]"));
        await page.Keyboard.PressAsync("End");
        await page.Keyboard.PressAsync("ArrowUp");
        await On(page.Locator("[name=department]"));
        await page.Keyboard.TypeAsync("図書館");
        // One stop for the whole choice, arrows within it.
        await On(page.Locator("[name=urgency]").First);
        await page.Keyboard.PressAsync("ArrowDown");
        await Expect(page.Locator("[name=urgency][value=important]")).ToBeCheckedAsync();
        await On(page.Locator("button[name=do][value=publish]:not(.unseen)"));
        await page.Keyboard.PressAsync("Enter");

        await Expect(page.Locator("[role=status]")).ToContainTextAsync("公開しました");
        await Expect(page.Locator("main")).ToContainTextAsync("見本の古本市");
        await On(page.Locator("[name=reason]"));
        await page.Keyboard.TypeAsync("雨のため");
        await On(page.Locator("form[action$=withdraw] button"));
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("[role=status]")).ToContainTextAsync("取り下げました");
        Assert.Empty(desk.Complaints);

        // As somebody goes on who does not see the screen: stop by stop, until it is there.
        async Task On(ILocator wanted)
        {
            for (var stops = 0; stops < 60; stops++)
            {
                await page.Keyboard.PressAsync("Tab");
                if (await wanted.And(page.Locator(":focus")).CountAsync() > 0) return;
            }
            Assert.Fail($"Sixty stops, and not at {wanted}");
        }
    }
}
