using System.Text.RegularExpressions;
using Komachi.Tests.Harness;
using Komachi.Tests.Procedures;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Komachi.Browser;

/// <summary>Somebody without an account has the number on their receipt: how does it stand? The code from their mailbox shows the rest.</summary>
public sealed partial class FindJourney(TestProgram program, Chromium chromium)
{
    [Theory]
    [InlineData(320, false)]
    [InlineData(1280, true)]
    public async Task The_number_shows_how_it_stands_and_the_code_the_rest(int width, bool scripts)
    {
        var town = await program.NewTown("onojo");
        var of = await town.HasFiled("dog-registration", email: $"{town.Slug}@example.jp");
        await using var window = await chromium.Open(program, width, scripts);
        var page = window.Page;
        await page.GotoAsync($"/{town.Slug}/procedures");
        await page.GetByRole(AriaRole.Link, new() { Name = "申請の状況を照会する" }).ClickAsync();
        await page.GetByLabel("受付番号").FillAsync("123-456-7891");
        await page.GetByRole(AriaRole.Button, new() { Name = "状況を見る" }).ClickAsync();
        await Expect(page.Locator(".error-summary")).ToContainTextAsync("受付番号ではありません。");
        await page.GetByLabel("受付番号").FillAsync(of.Shown());
        await page.GetByRole(AriaRole.Button, new() { Name = "状況を見る" }).ClickAsync();

        await Expect(page.Locator("main .badge")).ToHaveTextAsync("受付済み");
        Assert.True(await window.FitsItsWidthWithoutScripts());
        await page.GetByRole(AriaRole.Button, new() { Name = "コードを送る" }).ClickAsync();
        await page.GetByLabel("届いたコード").FillAsync(await program.World.CodeFor($"{town.Slug}@example.jp", Code()));
        await page.GetByRole(AriaRole.Button, new() { Name = "開く" }).ClickAsync();

        await Expect(page.Locator("ol.timeline")).ToContainTextAsync("申請を受け付けました。");
        await page.GetByLabel("担当課へのメッセージ").FillAsync("来週から留守にします。");
        await page.GetByRole(AriaRole.Button, new() { Name = "メッセージを送る" }).ClickAsync();
        await Expect(page.Locator("ol.comments")).ToContainTextAsync("来週から留守にします。");
        Assert.True(await window.FitsItsWidthWithoutScripts());
        Assert.Empty(window.Complaints);
    }

    [GeneratedRegex("[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}")]
    private static partial Regex Code();
}
