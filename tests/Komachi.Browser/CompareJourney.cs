using Komachi.Tests.Harness;
using static Microsoft.Playwright.Assertions;

namespace Komachi.Browser;

/// <summary>At the front door, where no town was named: somebody lays towns' plans side by side, and looks at one of them alone.</summary>
public sealed class CompareJourney(TestProgram program, Chromium chromium)
{
    [Theory]
    [InlineData(320)]
    [InlineData(1280)]
    public async Task Two_towns_plans_are_laid_side_by_side_and_everybody_can_read_them(int width)
    {
        var (komaki, onojo) = (await program.NewTown("komaki", livedIn: true), await program.NewTown("onojo", livedIn: true));
        await using var window = await chromium.Open(program, width, forAxe: true);
        var (page, wrong) = (window.Page, new List<string>());
        foreach (var language in new[] { "", "/en", "/plain" })
        {
            await page.GotoAsync($"{language}/compare?town={komaki.Slug}&town={onojo.Slug}");
            await Expect(page.Locator("#glance-caption ~ tbody tr")).ToHaveCountAsync(2);
            await Look($"compare{language}");
        }
        // By keyboard: the first town is taken out, and the form is sent with Enter.
        await page.GotoAsync($"/compare?town={komaki.Slug}&town={onojo.Slug}");
        await page.Locator($"input[value={komaki.Slug}]").FocusAsync();
        await page.Keyboard.PressAsync("Space");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#glance-caption ~ tbody tr")).ToHaveCountAsync(1);
        await Expect(page.Locator("#glance-caption ~ tbody th")).ToHaveTextAsync("大野城市");
        await page.GotoAsync("/");
        await Look("the towns");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.Empty(window.Complaints);

        async Task Look(string what)
        {
            if (!await window.FitsItsWidth()) wrong.Add($"{what} is wider than {width} px");
            wrong.AddRange((await window.AxeFinds()).Select(found => $"{what}: {found}"));
        }
    }

    [Fact]
    public async Task Without_scripts_it_is_the_same_page()
    {
        var town = await program.NewTown("onojo", livedIn: true);
        await using var window = await chromium.Open(program, 360, scripts: false);
        await window.Page.GotoAsync($"/compare?town={town.Slug}");
        await Expect(window.Page.Locator("#glance-caption ~ tbody th")).ToHaveTextAsync("大野城市");
        Assert.True(await window.FitsItsWidthWithoutScripts());
    }
}
