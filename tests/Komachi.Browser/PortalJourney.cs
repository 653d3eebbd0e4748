using Komachi.Tests.Harness;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Komachi.Browser;

/// <summary>
/// A resident who does not know which department it is: from the first page to what they need and to somebody who answers, on the smallest
/// phone and on a desk, with scripts and without. With KOMACHI_TEST_PICTURES set, what they see is kept there.
/// </summary>
public sealed class PortalJourney(TestProgram program, Chromium chromium)
{
    [Theory]
    [InlineData(320, false)]
    [InlineData(360, true)]
    [InlineData(1280, true)]
    [InlineData(1280, false)]
    public async Task A_resident_finds_what_they_need_and_whom_to_ask(int width, bool scripts)
    {
        var town = await program.NewTown("onojo", livedIn: true);
        await using var window = await chromium.Open(program, width, scripts);
        var page = window.Page;
        await page.GotoAsync($"/{town.Slug}");
        await Keep(window, "home");
        // What most come for is seen without scrolling.
        var box = await page.Locator("form[role=search]").BoundingBoxAsync();
        Assert.True(box!.Y + box.Height <= page.ViewportSize!.Height, $"the search ends at {box.Y + box.Height}");

        await page.FillAsync("input[name=q]", "ひっこし");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("h1")).ToHaveTextAsync("検索");
        await Expect(page.Locator("input[name=q]")).ToHaveValueAsync("ひっこし");
        await Keep(window, "search");
        Assert.True(await window.FitsItsWidthWithoutScripts());
        await page.GetByRole(AriaRole.Link, new() { Name = "引っ越し・住まい" }).ClickAsync();

        await Expect(page.Locator("h1")).ToHaveTextAsync("引っ越し・住まい");
        await Keep(window, "life");
        Assert.True(await window.FitsItsWidthWithoutScripts());
        // Whom to call, a thumb wide.
        var call = page.Locator(".ask a[href^='tel:']");
        await Expect(page.Locator(".ask-name")).ToHaveTextAsync("市民課");
        var thumb = await call.BoundingBoxAsync();
        Assert.True(width > 600 || thumb!.Height >= 44, $"the telephone is {thumb!.Height} px high");
        await page.Locator(".ask").GetByRole(AriaRole.Link, new() { Name = "庁舎と開庁時間" }).ClickAsync();
        await Expect(page.Locator("main h2").First).ToHaveTextAsync("大野城市役所（見本）");

        await page.GotoAsync($"/{town.Slug}/search?q=" + Uri.EscapeDataString("竜宮城"));
        await Expect(page.Locator(".empty-title")).ToHaveTextAsync("「竜宮城」は見つかりませんでした");
        await Keep(window, "nothing");
        Assert.Empty(window.Complaints);
    }

    [Theory]
    [InlineData(320)]
    [InlineData(360)]
    [InlineData(768)]
    public async Task Nothing_stands_outside_a_phone_or_is_cut_off_at_twice_the_size_of_text(int width)
    {
        var town = await program.NewTown("oyabe", livedIn: true);
        await using var window = await chromium.Open(program, width);
        await window.SignIn(town, "hanako");
        foreach (var path in new[] { "", "search?q=" + Uri.EscapeDataString("こども"), "life/childcare", "my" })
            foreach (var language in new[] { "", "en/", "plain/" })
            {
                await window.Page.GotoAsync($"/{town.Slug}/{language}{path}".TrimEnd('/'));
                await Keep(window, (path.Length == 0 ? "signed-in" : path.Split('?')[0].Replace('/', '-')) + "-" + language.Trim('/'));
                Assert.True(await window.FitsItsWidth(), $"{language}{path} at {width} px");
                await window.Page.EvaluateAsync("document.documentElement.style.fontSize = '200%'");
                Assert.True(await window.FitsItsWidth(), $"{language}{path} at {width} px, text twice as large");
            }
        Assert.Empty(window.Complaints);
    }

    [Fact]
    public async Task By_keyboard_the_search_comes_before_the_cards_and_everything_is_reached()
    {
        var town = await program.NewTown("katano", livedIn: true);
        await using var window = await chromium.Open(program);
        await window.Page.GotoAsync($"/{town.Slug}");
        // The way past the header leads to the search.
        await window.Page.Keyboard.PressAsync("Tab");
        await window.Page.Keyboard.PressAsync("Enter");
        await window.Page.Keyboard.PressAsync("Tab");
        Assert.Equal("q", await window.Page.EvaluateAsync<string>("document.activeElement.name"));
        await window.Page.Keyboard.TypeAsync("ごみ");
        await window.Page.Keyboard.PressAsync("Tab");
        Assert.Equal("BUTTON", await window.Page.EvaluateAsync<string>("document.activeElement.tagName"));
        for (var i = 0; i < 9; i++)
        {
            await window.Page.Keyboard.PressAsync("Tab");
            Assert.Equal("card-title", await window.Page.EvaluateAsync<string>("document.activeElement.className"));
        }
        await window.Page.Keyboard.PressAsync("Shift+Tab");
        await window.Page.Keyboard.PressAsync("Enter");
        await Expect(window.Page.Locator("h1")).ToHaveTextAsync("身近な人が亡くなったとき");
        Assert.Empty(window.Complaints);
    }

    static async Task Keep(Window window, string name)
    {
        if (Environment.GetEnvironmentVariable("KOMACHI_TEST_PICTURES") is { Length: > 0 } folder)
            await window.Page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"portal-{name}-{window.Page.ViewportSize!.Width}.png"), FullPage = true });
    }
}
