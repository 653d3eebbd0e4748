using Komachi.Tests.Harness;
using Komachi.Tests.Procedures;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Komachi.Browser;

/// <summary>A clerk brings the town's own form and says what stands where: by mouse, by keyboard, and without scripts by numbers.</summary>
public sealed class PaperFormJourney(TestProgram program, Chromium chromium)
{
    async Task<(Window Desk, IPage Page)> Brought(TestTown town, int width, bool scripts)
    {
        var desk = await chromium.Open(program, width, scripts);
        await desk.SignIn(town, "jimu");
        var page = desk.Page;
        await page.GotoAsync($"/{town.Slug}/desk/procedures/papers");
        await page.Locator("main").GetByRole(AriaRole.Link, new() { Name = "様式を取り込む" }).First.ClickAsync();
        await page.SelectOptionAsync("select[name=for]", "dog-registration");
        await page.FillAsync("input[name=name]", "様式第1号（見本）");
        await page.SetInputFilesAsync("input[name=file]", new FilePayload { Name = "yoshiki.pdf", MimeType = "application/pdf", Buffer = await SamplePaper.Pdf(program) });
        await page.GetByRole(AriaRole.Button, new() { Name = "下書きとして取り込む" }).ClickAsync();
        await Expect(page.Locator("[role=status]").First).ToContainTextAsync("様式を下書きとして取り込みました");
        await page.GetByRole(AriaRole.Link, new() { Name = "1ページに配置する" }).ClickAsync();
        await page.SelectOptionAsync("select[name=what]", "dogName");
        await page.GetByRole(AriaRole.Button, new() { Name = "追加する" }).ClickAsync();
        await Expect(page.Locator("[data-place]")).ToHaveCountAsync(1);
        return (desk, page);
    }

    [Fact]
    public async Task With_scripts_a_place_is_dragged_made_larger_and_moved_by_keys()
    {
        var town = await program.NewTown("onojo");
        var (desk, page) = await Brought(town, 1400, scripts: true);
        await using var _ = desk;
        await Expect(page.Locator(".placing-sheet[data-drawn=yes]")).ToBeVisibleAsync();
        // The page is there as a picture, not white paper.
        Assert.True(await page.EvaluateAsync<bool>("""
            () => { const c = document.querySelector('.placing-sheet canvas'); const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; let dark = 0; for (let i = 0; i < d.length; i += 4) if (d[i] < 100) dark++; return dark > 500 }
            """));
        var (box, x, y, w) = (page.Locator(".placing-box"), page.Locator("input[name$='-x']"), page.Locator("input[name$='-y']"), page.Locator("input[name$='-w']"));
        var (sheet, at) = (await page.Locator(".placing-sheet").BoundingBoxAsync(), await box.BoundingBoxAsync());
        var millimetre = sheet!.Width / 210;
        await page.Mouse.MoveAsync(at!.X + 8, at.Y + 5);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(at.X + 8 + 45 * millimetre, at.Y + 5 + 80 * millimetre, new() { Steps = 5 });
        await page.Mouse.UpAsync();
        Assert.Equal(65, await Number(x), 0.6);
        Assert.Equal(100, await Number(y), 0.6);
        // By its corner.
        var (before, moved) = (await Number(w), await box.BoundingBoxAsync());
        await page.Mouse.MoveAsync(moved!.X + moved.Width - 3, moved.Y + moved.Height - 3);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(moved.X + moved.Width - 3 + 20 * millimetre, moved.Y + moved.Height - 3, new() { Steps = 5 });
        await page.Mouse.UpAsync();
        Assert.Equal(before + 20, await Number(w), 0.6);
        // By keys, and it is said.
        var (left, wide) = (await Number(x), await Number(w));
        await box.FocusAsync();
        for (var i = 0; i < 4; i++) await page.Keyboard.PressAsync("ArrowRight");
        await page.Keyboard.PressAsync("Shift+ArrowLeft");
        Assert.Equal(left + 2, await Number(x), 0.06);
        Assert.Equal(wide - .5, await Number(w), 0.06);
        await Expect(page.Locator("[data-said]")).ToContainTextAsync("左から");
        await Expect(box).ToHaveAttributeAsync("aria-label", new System.Text.RegularExpressions.Regex("犬の名前: 左から.*mm"));

        var stands = await x.InputValueAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "配置を保存する" }).ClickAsync();
        await Expect(page.Locator("[role=status]").First).ToContainTextAsync("配置を保存しました");
        await Expect(page.Locator("input[name$='-x']")).ToHaveValueAsync(stands);
        Assert.Empty(desk.Complaints);
    }

    [Theory]
    [InlineData(1280)]
    [InlineData(360)]
    public async Task Without_scripts_it_is_placed_by_numbers_and_published(int width)
    {
        var town = await program.NewTown("onojo");
        var (desk, page) = await Brought(town, width, scripts: false);
        await using var _ = desk;
        await Expect(page.Locator("[data-placing]")).ToBeHiddenAsync();
        Assert.True(await desk.FitsItsWidthWithoutScripts());
        await page.FillAsync("input[name$='-x']", "65");
        await page.FillAsync("input[name$='-y']", "100");
        await page.Locator("button[name=do][value=save]:not(.unseen)").ClickAsync();
        await Expect(page.Locator("[role=status]").First).ToContainTextAsync("配置を保存しました");
        await Expect(page.Locator("input[name$='-y']")).ToHaveValueAsync("100");
        await page.Locator("main nav, main .breadcrumb").First.GetByRole(AriaRole.Link, new() { Name = "様式第1号（見本）" }).ClickAsync();
        Assert.True(await desk.FitsItsWidthWithoutScripts());
        await page.GetByRole(AriaRole.Button, new() { Name = "この様式を公開する" }).ClickAsync();
        await Expect(page.Locator("[role=status]").First).ToContainTextAsync("様式を公開しました");
    }

    static async Task<double> Number(ILocator input) => double.Parse(await input.InputValueAsync(), System.Globalization.CultureInfo.InvariantCulture);
}
