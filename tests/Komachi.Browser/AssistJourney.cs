using Komachi.Tests.Harness;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Komachi.Browser;

/// <summary>A clerk fills in for somebody at the counter, and hands over the receipt.</summary>
public sealed class AssistJourney(TestProgram program, Chromium chromium)
{
    [Theory]
    [InlineData(1280)]
    [InlineData(360)]
    public async Task Chosen_filled_in_and_filed_at_the_desk(int width)
    {
        var town = await program.NewTown("onojo", livedIn: true);
        await using var window = await chromium.Open(program, width, forAxe: true);
        await window.SignIn(town, "tanto");
        var (page, wrong) = (window.Page, new List<string>());
        await page.GotoAsync($"/{town.Slug}/desk/procedures/assist");
        await Look("procedure");
        await page.GetByRole(AriaRole.Link, new() { Name = "水道" }).First.ClickAsync();
        await page.FillAsync("main [name=q]", "見本");
        await window.Press("探す");
        await Look("person");
        await page.Locator("main tbody th a").First.ClickAsync();
        await page.Locator("[name=way][value=Counter]").CheckAsync();
        await page.FillAsync("#came", "2026-11-20");
        await Look("way");
        await page.GetByRole(AriaRole.Button, new() { Name = "入力をはじめる" }).ClickAsync();
        var form = await FilledForm.Of(town, "water-start-stop");
        for (var pages = 0; !page.Url.EndsWith("/check"); pages++)
        {
            Assert.True(pages < 40, page.Url);
            await form.Fill(page);
            if (pages == 0) await Look("page");
            await window.Press("保存して次へ");
        }
        await Look("check");
        await page.GetByRole(AriaRole.Button, new() { Name = "送信する" }).ClickAsync();
        await page.WaitForURLAsync("**/done");
        await Expect(page.Locator(".receipt-number")).ToBeVisibleAsync();
        await Look("done");
        Assert.Empty(window.Complaints);
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));

        async Task Look(string what)
        {
            if (!await window.FitsItsWidth()) wrong.Add($"{what} is wider than {width} px");
            wrong.AddRange((await window.AxeFinds()).Select(found => $"{what}: {found}"));
            if (Environment.GetEnvironmentVariable("KOMACHI_PICTURES") is { Length: > 0 } folder && Directory.Exists(folder)) await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"assist-{what}-{width}.png"), FullPage = true });
        }
    }
}
