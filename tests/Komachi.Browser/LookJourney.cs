using Komachi.Platform.Towns;
using Komachi.Tests.Files;
using Komachi.Tests.Harness;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Komachi.Browser;

/// <summary>A clerk gives the town its own colour and emblem, on a phone and without scripts: what nobody could read is refused, everything is seen first.</summary>
public sealed class LookJourney(FilesProgram program, Chromium chromium)
{
    static readonly LocatorAssertionsToBeVisibleOptions Patient = new() { Timeout = 30_000 };

    [Theory]
    [InlineData(360, false, ColorScheme.Light)]
    [InlineData(1280, true, ColorScheme.Dark)]
    public async Task A_clerk_gives_the_town_its_colour_and_emblem_and_the_portal_shows_them(int width, bool scripts, ColorScheme scheme)
    {
        var town = await program.NewTown("katano");
        await using var desk = await chromium.Open(program, width, scripts, scheme);
        await desk.SignIn(town, "joho");
        var page = desk.Page;
        ILocator Press(string name) => page.Locator("main").GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

        await page.GotoAsync($"/{town.Slug}/desk/look");
        await Picture("1-now");
        await page.Locator("main").GetByRole(AriaRole.Link, new() { Name = "色", Exact = true }).ClickAsync();

        // Too light: a darker one of the same hue is offered.
        await page.FillAsync("input[name=colour]", "#f2b800");
        await Press("保存する前に確かめる").ClickAsync();
        await Expect(page.Locator(".error-summary")).ToContainTextAsync("読みにくい色です");
        await Picture("2-refused");
        var offer = page.Locator("button[name=offer]");
        var colour = await offer.GetAttributeAsync("value");
        await offer.ClickAsync();
        await Expect(page.GetByText("変更後の見た目です（まだ保存していません）")).ToBeVisibleAsync();
        await Picture("3-preview");
        // What is shown is what will be: the button's own colour, on the light screen and on the dark one.
        Assert.True(Colour.TryParse(colour, out var chosen));
        foreach (var (screen, expected) in new[] { ("in-light", chosen), ("in-dark", chosen.OnDark()) })
            await Expect(page.Locator($".{screen} .button-main")).ToHaveCSSAsync("background-color", Rgb(expected));
        await Press("この色を保存する").ClickAsync();
        await Expect(page.Locator(".notice")).ToContainTextAsync("色を保存しました");

        await page.Locator("main").GetByRole(AriaRole.Link, new() { Name = "市章", Exact = true }).ClickAsync();
        await Picture("4-no-emblem");
        await page.SetInputFilesAsync("#emblem", new FilePayload { Name = "市章.png", MimeType = "image/png", Buffer = Samples.Picture(240, 200, (0x7a, 0x1f, 0x5c)) });
        if (!scripts) await Send();
        await town.Until("(SELECT count(*) = 1 FROM files.stored WHERE state = 'Ready')", 60);
        // With scripts the page opens itself anew when the picture is there.
        if (!scripts) await page.ReloadAsync();
        await Expect(page.Locator(".in-light .town-emblem")).ToBeVisibleAsync(Patient);
        await page.FillAsync("input[name=says-ja]", "交野市の市章");
        await Press("保存する前に確かめる").ClickAsync();
        await Picture("5-emblem");
        await Press("画像と説明を保存する").ClickAsync();
        await Expect(page.Locator(".notice")).ToContainTextAsync("保存しました");
        await Picture("6-saved");
        await page.GotoAsync($"/{town.Slug}/desk/look/photo");
        // As large as a camera makes it; a browser with scripts makes it smaller first.
        await page.SetInputFilesAsync("#photo", new FilePayload { Name = "星.png", MimeType = "image/png", Buffer = scripts ? Samples.Photo(2000, 1200) : Samples.Picture(1200, 900, (0x2f, 0x3a, 0x8c)) });
        if (!scripts) await Send();
        await town.Until("(SELECT count(*) = 1 FROM files.stored WHERE state = 'Ready' AND bytes <= 200 * 1024)", 60);
        if (!scripts) await page.ReloadAsync();
        await Expect(page.Locator("main > .town-photo")).ToBeVisibleAsync(Patient);
        await Press("画像と説明を保存する").ClickAsync();
        await Expect(page.Locator(".error-summary")).ToContainTextAsync("入力してください");
        await Picture("7-photo");
        await page.FillAsync("input[name=says-ja]", "夜空の星");
        await Press("画像と説明を保存する").ClickAsync();
        await Expect(page.Locator(".notice")).ToContainTextAsync("保存しました");

        await page.GotoAsync($"/{town.Slug}/desk/look/footer");
        await page.FillAsync("input[name=link1-ja]", "市の広報");
        await page.FillAsync("input[name=link1-href]", "https://koho.example.jp/");
        await page.FillAsync("textarea[name=text-ja]", "法人番号 0000000000000");
        await Press("保存する前に確かめる").ClickAsync();
        await Picture("8-footer");
        await Press("この内容を保存する").ClickAsync();
        Assert.True(await desk.FitsItsWidthWithoutScripts());

        await using var home = await chromium.Open(program, width, scripts, scheme);
        for (var shown = false; !shown;)
        {
            await home.Page.GotoAsync($"/{town.Slug}/offices");
            shown = await home.Page.GetByRole(AriaRole.Link, new() { Name = "市の広報" }).CountAsync() > 0;
        }
        await Expect(home.Page.GetByAltText("交野市の市章")).ToBeVisibleAsync();
        var box = (await home.Page.Locator(".town-emblem").BoundingBoxAsync())!;
        Assert.Equal((40, 40), (Math.Round(box.Width), Math.Round(box.Height)));
        await Expect(home.Page.Locator(".town-band")).ToHaveCSSAsync("color", Rgb(scheme == ColorScheme.Dark ? chosen.OnDark() : chosen));
        await Picture("9-offices", home.Page);
        await home.Page.GotoAsync($"/{town.Slug}");
        await Expect(home.Page.GetByAltText("夜空の星")).ToBeVisibleAsync();
        await Picture("9-portal", home.Page);
        Assert.Empty(desk.Complaints);
        Assert.Empty(home.Complaints);

        // The page that answers has come before it is opened anew.
        async Task Send()
        {
            await Press("このファイルを送る").ClickAsync();
            await Expect(page.Locator(".file-list li")).ToBeVisibleAsync(Patient);
        }

        async Task Picture(string name, IPage? of = null)
        {
            if (Environment.GetEnvironmentVariable("KOMACHI_PICTURES") is { Length: > 0 } folder)
                await (of ?? page).ScreenshotAsync(new() { Path = Path.Combine(folder, $"look-{width}-{name}.png"), FullPage = true });
        }

        static string Rgb(Colour colour) => $"rgb({colour.Red}, {colour.Green}, {colour.Blue})";
    }
}
