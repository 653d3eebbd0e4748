using Komachi.Tests.Harness;
using Komachi.Tests.Procedures;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Komachi.Browser;

/// <summary>A resident is asked to correct something, sees on "My page" what waits, changes it, looks at the difference and sends it.</summary>
public sealed class CorrectAndResubmitJourney(TestProgram program, Chromium chromium)
{
    [Theory]
    [InlineData(360, false)]
    [InlineData(1280, true)]
    public async Task A_resident_corrects_what_was_asked_for(int width, bool scripts)
    {
        var town = await program.NewTown("onojo");
        var of = await town.HasFiled("dog-registration", by: "hanako");
        await town.AskToCorrect(of.Id, "犬の名前が、注射済証と違います。確かめてください。", "dogName");
        await using var window = await chromium.Open(program, width, scripts);
        await window.SignIn(town, "hanako");
        var page = window.Page;
        await page.GotoAsync($"/{town.Slug}/my");
        await page.GetByRole(AriaRole.Link, new() { Name = "補正のお願い" }).First.ClickAsync();

        await Expect(page.Locator("h1")).ToHaveTextAsync("申請を補正する");
        await Expect(page.Locator(".notice")).ToContainTextAsync("犬の名前が、注射済証と違います。");
        Assert.True(await window.FitsItsWidthWithoutScripts());
        await page.GetByLabel("犬の名前").FillAsync("");
        await page.GetByRole(AriaRole.Button, new() { Name = "保存して確認へ進む" }).ClickAsync();
        await Expect(page.Locator(".error-summary")).ToBeVisibleAsync();
        await page.GetByLabel("犬の名前").FillAsync("見本ハチ");
        await page.GetByRole(AriaRole.Button, new() { Name = "保存して確認へ進む" }).ClickAsync();

        await Expect(page.Locator("h1")).ToHaveTextAsync("補正の内容を確認する");
        await Expect(page.Locator("del")).ToHaveTextAsync("見本ポチ");
        await Expect(page.Locator("main")).ToContainTextAsync("見本ハチ");
        Assert.True(await window.FitsItsWidthWithoutScripts());
        await page.GetByRole(AriaRole.Button, new() { Name = "補正を送る" }).ClickAsync();

        await Expect(page.Locator(".notice[role=status]")).ToContainTextAsync("補正を担当課に送りました。");
        await Expect(page.Locator("ol.timeline")).ToContainTextAsync("補正を受け取りました。");
        await page.GotoAsync($"/{town.Slug}/my");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "補正のお願い" })).ToHaveCountAsync(0);
        Assert.Empty(window.Complaints);
    }
}
