using Komachi.Tests.Harness;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Komachi.Browser;

/// <summary>The secretariat works on the plan on a small screen and a large one: begins a draft, changes a measure, sees what moved, publishes it; and everybody can read each of these pages.</summary>
public sealed class DraftJourney(TestProgram program, Chromium chromium)
{
    [Theory]
    [InlineData(360)]
    [InlineData(1280)]
    public async Task The_secretariat_changes_a_measure_in_a_draft_and_residents_read_what_moved(int width)
    {
        var town = await program.NewTown("onojo", livedIn: true);
        await using var window = await chromium.Open(program, width, forAxe: true);
        await window.SignIn(town, "jimu");
        var (page, wrong) = (window.Page, new List<string>());
        ILocator Press(string name) => page.Locator("main").GetByRole(AriaRole.Button, new() { Name = name });

        await page.GotoAsync($"/{town.Slug}/desk/plan");
        await Look("the plan's desk");
        await Press("原案を作り始める").First.ClickAsync();
        await Expect(page.Locator(".notice")).ToContainTextAsync("原案を作りました");
        await page.Locator("main").GetByRole(AriaRole.Link, new() { Name = "オンライン申請の拡充" }).ClickAsync();
        await Look("a measure");
        await page.FillAsync("[name=goal]", "窓口の待ち時間を半分にする");
        await page.FillAsync("[name=costs-R4]", "たくさん");
        await Press("原案に保存する").ClickAsync();
        await Expect(page.Locator("#costs-R4-error")).ToContainTextAsync("数字ではありません");
        await Look("a measure with a mistake");
        await page.FillAsync("[name=costs-R4]", "6000");
        await Press("原案に保存する").ClickAsync();
        await Expect(page.Locator(".notice")).ToContainTextAsync("原案に保存しました");
        await Look("the draft");
        await page.Locator("main").GetByRole(AriaRole.Link, new() { Name = "すべての違いを見る" }).ClickAsync();
        await Expect(page.Locator("ins").First).ToContainTextAsync("窓口");
        await Look("the comparison");
        await page.GoBackAsync();
        await page.FillAsync("[name=note]", "目標を改めました");
        await Press("計画を公表する").ClickAsync();
        await Expect(page.Locator(".notice")).ToContainTextAsync("公表しました");

        foreach (var language in new[] { "", "/en", "/plain" })
        {
            await page.GotoAsync($"/{town.Slug}{language}/plan/changes");
            await Expect(page.Locator("main")).ToContainTextAsync("目標を改めました");
            await Look($"what changed{language}");
        }
        wrong.AddRange(window.Complaints.Where(c => !c.Contains("422", StringComparison.Ordinal)));    // the mistake above
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));

        async Task Look(string what)
        {
            if (!await window.FitsItsWidth()) wrong.Add($"{what} is wider than {width} px");
            wrong.AddRange((await window.AxeFinds()).Select(found => $"{what}: {found}"));
        }
    }
}
