using Komachi.Tests.Harness;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Komachi.Browser;

/// <summary>Somebody reads in Portuguese, somebody in plain Japanese with furigana and without; a clerk looks after both. On a phone and at a desk, with scripts and without.</summary>
public sealed class WordsJourney(TestProgram program, Chromium chromium)
{
    static readonly string? Folder = Environment.GetEnvironmentVariable("KOMACHI_TEST_PICTURES");

    [Theory]
    [InlineData(360, false), InlineData(360, true), InlineData(1280, true)]
    public async Task A_town_speaks_to_those_who_read_portuguese_and_to_those_who_read_little_japanese(int width, bool scripts)
    {
        var town = await program.NewTown("komaki", livedIn: true);
        await using var reader = await chromium.Open(program, width, scripts);
        var page = reader.Page;
        await page.GotoAsync($"/{town.Slug}");
        await page.GetByRole(AriaRole.Link, new() { Name = "Português" }).ClickAsync();
        await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "pt-BR");
        await Expect(page.Locator(".town-name")).ToHaveTextAsync("Cidade de Komaki");
        await Picture(page, $"pt-home-{width}");
        await page.Locator(".news a").First.ClickAsync();
        await Expect(page.Locator("article[lang=ja] ruby").First).ToBeVisibleAsync();
        Assert.True(await reader.FitsItsWidthWithoutScripts());
        await Picture(page, $"pt-announcement-{width}");

        await page.GetByRole(AriaRole.Link, new() { Name = "やさしい日本語" }).ClickAsync();
        await Expect(page.Locator("h1 rt").First).ToBeVisibleAsync();
        await Picture(page, $"plain-announcement-{width}");
        await page.GetByRole(AriaRole.Link, new() { Name = "ふりがなを けす" }).ClickAsync();
        await Expect(page.Locator("ruby")).ToHaveCountAsync(0);
        await Expect(page.Locator("article")).Not.ToContainTextAsync("《");
        await page.Locator(".town-name").ClickAsync();
        await Expect(page.Locator("ruby")).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Link, new() { Name = "ふりがなを つける" }).ClickAsync();
        await Expect(page.Locator("ruby").First).ToBeVisibleAsync();
        await Picture(page, $"plain-home-{width}");
        Assert.True(await reader.FitsItsWidthWithoutScripts());

        await using var desk = await chromium.Open(program, width, scripts);
        await desk.SignIn(town, "joho");
        await desk.Page.GotoAsync($"/{town.Slug}/desk/languages");
        await Picture(desk.Page, $"languages-{width}");
        await desk.Page.GetByRole(AriaRole.Link, new() { Name = "Português" }).ClickAsync();
        await desk.Page.SetInputFilesAsync("#file", new FilePayload { Name = "pt.yaml", MimeType = "text/plain", Buffer = "\"Figures\": \"Números\"\n\"(changed on {0})\": \"(em {1})\"\n\"Nobody says this\": \"Nada\"\n"u8.ToArray() });
        await desk.Page.Locator("form[action$=file] button").ClickAsync();
        await Expect(desk.Page.Locator("[role=status]")).ToContainTextAsync("訳文を取り込みました");
        await Expect(desk.Page.Locator("#unfit-caption ~ tbody")).ToContainTextAsync("(em {1})");
        await Expect(desk.Page.Locator("#superfluous-caption ~ tbody")).ToContainTextAsync("Nobody says this");
        Assert.True(await desk.FitsItsWidthWithoutScripts());
        await Picture(desk.Page, $"language-{width}");

        await desk.SignIn(town, "koho");
        await desk.Page.GotoAsync($"/{town.Slug}/desk/announcements/new");
        await desk.Page.FillAsync("input[name='title-plain']", "避難所の 申請");
        await desk.Page.FillAsync("textarea[name='body-plain']", "書類を 提出しなければ なりません。4/1から、市役所の アクセスは バスが いいです。");
        await desk.Page.Locator("button[name=do][value=words]").ClickAsync();
        await Expect(desk.Page.Locator("#hints")).ToContainTextAsync("「出す」");
        await Expect(desk.Page.Locator("textarea[name='body-plain']")).ToHaveValueAsync("書類を 提出しなければ なりません。4/1から、市役所の アクセスは バスが いいです。");
        Assert.True(await desk.FitsItsWidthWithoutScripts());
        await Picture(desk.Page, $"hints-{width}");
        Assert.Empty(reader.Complaints);
        Assert.Empty(desk.Complaints);
    }

    static async Task Picture(IPage page, string name)
    {
        if (Folder is not null) await page.ScreenshotAsync(new() { Path = Path.Combine(Folder, name + ".png"), FullPage = true });
    }
}
