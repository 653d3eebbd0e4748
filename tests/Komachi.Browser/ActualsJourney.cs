using Komachi.Tests.Harness;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Komachi.Browser;

/// <summary>The secretariat gives a value, corrects it, and a resident reads both; with scripts and without, on a phone and at a desk.</summary>
public sealed class ActualsJourney(TestProgram program, Chromium chromium)
{
    [Theory]
    [InlineData(1280, true)]
    [InlineData(360, false)]
    public async Task A_value_is_given_corrected_and_read(int width, bool scripts)
    {
        var town = await program.NewTown("onojo", livedIn: true);
        await using var desk = await chromium.Open(program, width, scripts);
        await desk.SignIn(town, "jimu");
        var page = desk.Page;
        await page.GotoAsync($"/{town.Slug}/desk/plan/actuals?state=waiting");
        await page.GetByRole(AriaRole.Link, new() { Name = "特定保健指導率" }).ClickAsync();
        await page.GetByLabel("いつの値か").FillAsync("2026-03-31");
        await page.Locator("#value").FillAsync("500");
        await page.GetByLabel("根拠", new() { Exact = false }).Last.FillAsync("特定健診の記録（見本）");
        await page.GetByRole(AriaRole.Button, new() { Name = "値を保存する" }).ClickAsync();
        await Expect(page.GetByText("値を保存しました")).ToBeVisibleAsync();
        await page.Locator("tbody tr").First.GetByRole(AriaRole.Link, new() { Name = "訂正する" }).ClickAsync();
        await page.Locator("#value").FillAsync("57.5");
        await page.Locator("#reason").FillAsync("桁の誤り");
        await page.GetByRole(AriaRole.Button, new() { Name = "訂正を保存する" }).ClickAsync();
        await Expect(page.GetByText("訂正を保存しました")).ToBeVisibleAsync();
        Assert.True(await desk.FitsItsWidthWithoutScripts());

        await page.GotoAsync($"/{town.Slug}/plan/measures/II-1-4");
        await Expect(page.Locator("main .badge").First).ToHaveTextAsync("達成");
        await page.GetByText("値の出どころと根拠", new() { Exact = true }).ClickAsync();
        await Expect(page.Locator("del")).ToHaveTextAsync("500%");
        await Expect(page.GetByText("桁の誤り")).ToBeVisibleAsync();
        Assert.Empty(desk.Complaints);
    }

    /// <summary>The town in which every page is looked at has a plan without indicators, so these stand here.</summary>
    [Fact]
    public async Task The_pages_with_values_are_accessible_and_fit()
    {
        var town = await program.NewTown("onojo", livedIn: true);
        await using var window = await chromium.Open(program, forAxe: true);
        await window.SignIn(town, "jimu");
        var wrong = new List<string>();
        foreach (var path in new[] { "plan", "plan/measures/I-1-1", "plan/measures/I-6-1", "plan/measures?state=reached", "plan/priorities", "plan/report?year=R6", "desk/plan/actuals", "desk/plan/actuals/I-1-1/1" })
            foreach (var language in new[] { "", "/en", "/plain" })
            {
                await window.Page.GotoAsync($"/{town.Slug}{language}/{path}");
                foreach (var width in new[] { 1280, 768, 360, 320 })
                {
                    await window.Page.SetViewportSizeAsync(width, 900);
                    if (!await window.FitsItsWidth()) wrong.Add($"{language}/{path} is wider than {width} px");
                }
                wrong.AddRange((await window.AxeFinds()).Select(found => $"{language}/{path}: {found}"));
            }
        wrong.AddRange(window.Complaints);
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }
}
