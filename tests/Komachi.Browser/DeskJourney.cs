using Komachi.Tests.Harness;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Komachi.Browser;

/// <summary>A morning at the desk by keyboard alone: to the list, down to a line, into it, to the search; and the same on a phone by touch.</summary>
public sealed class DeskJourney(TestProgram program, Chromium chromium)
{
    [Fact]
    public async Task Whoever_works_here_all_day_needs_no_mouse()
    {
        var town = await program.NewTown("oyabe", livedIn: true);
        await using var desk = await chromium.Open(program);
        await desk.SignIn(town, "koho");
        var page = desk.Page;
        await page.GotoAsync($"/{town.Slug}/desk");

        await page.Keyboard.PressAsync("?");
        await Expect(page.Locator("dialog#keys")).ToBeVisibleAsync();
        await Expect(page.Locator("dialog#keys")).ToContainTextAsync("お知らせ");
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator("dialog#keys")).ToBeHiddenAsync();

        // Two letters soon after each other; where the machine was slower than that, they are pressed again, as a person would.
        var opened = page.WaitForURLAsync("**/desk/announcements", new() { Timeout = 60_000 });
        do await Press("g", "n"); while (await Task.WhenAny(opened, Task.Delay(5_000)) != opened);
        await opened;
        await page.GotoAsync($"/{town.Slug}/desk/announcements?shelf=published");
        await Press("j", "j", "k", "j");
        await Expect(page.Locator(".pane-rows li:nth-child(2) a")).ToBeFocusedAsync();
        var title = await page.Locator(".pane-rows li:nth-child(2) a").TextContentAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#detail")).ToContainTextAsync(title!);
        // Beside each other: the list is still there, and the chosen line is marked.
        var (list, detail) = (await page.Locator("#list").BoundingBoxAsync(), await page.Locator("#detail").BoundingBoxAsync());
        Assert.True(detail!.X >= list!.X + list.Width, "from 1,280 px on the two stand side by side");
        await Expect(page.Locator(".pane-rows [aria-current]")).ToHaveTextAsync(title!);

        await Press("/");
        await Expect(page.Locator(".desk-find input[type=search]")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("gn?");    // in a field keys only write
        await Expect(page.Locator(".desk-find input[type=search]")).ToHaveValueAsync("gn?");
        await page.Locator(".desk-find input[type=search]").FillAsync("広報");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/desk/search?find=*");
        await Expect(page.Locator("main")).ToContainTextAsync("見本 広報");

        // Switched off, letters are letters.
        await page.GotoAsync($"/{town.Slug}/desk/keys");
        await page.GetByRole(AriaRole.Button, new() { Name = "キー操作を切る" }).ClickAsync();
        await Expect(page.Locator("main")).ToContainTextAsync("切っています");
        await Press("/");
        await Expect(page.Locator(".desk-find input[type=search]")).Not.ToBeFocusedAsync();
        Assert.Empty(desk.Complaints);

        async Task Press(params string[] keys)
        {
            foreach (var key in keys) await page.Keyboard.PressAsync(key);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task On_a_phone_the_list_comes_first_then_what_was_chosen(bool scripts)
    {
        var town = await program.NewTown("oyabe", livedIn: true);
        await using var desk = await chromium.Open(program, 360, scripts);
        await desk.SignIn(town, "koho");
        var page = desk.Page;
        await page.GotoAsync($"/{town.Slug}/desk/announcements?shelf=published");
        await page.Locator(".pane-rows a").First.ClickAsync();
        await Expect(page.Locator("#detail article").First).ToBeVisibleAsync();
        Assert.EndsWith("#detail", page.Url);
        await page.Locator(".pane-back a").ClickAsync();
        Assert.EndsWith("#list", page.Url);
        Assert.True(await desk.FitsItsWidthWithoutScripts());

        await page.GetByRole(AriaRole.Button, new() { Name = "自分" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "ログアウト" })).ToBeVisibleAsync();
        Assert.Empty(desk.Complaints);
    }
}
