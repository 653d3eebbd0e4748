using System.Net;
using System.Net.Http.Headers;
using Komachi.Tests.Harness;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Komachi.Browser;

/// <summary>A clerk lets another system in, copies its key, has it told of something, and shows it out again: wide and narrow, with scripts and without.</summary>
public sealed class SystemsJourney(TestProgram program, Chromium chromium)
{
    [Theory]
    [InlineData(1280, true)]
    [InlineData(360, false)]
    public async Task A_system_is_named_gets_a_key_is_told_and_is_ended(int width, bool scripts)
    {
        var town = await program.NewTown();
        await using var window = await chromium.Open(program, width, scripts);
        var page = window.Page;
        await window.SignIn(town, "joho");
        await page.GotoAsync($"/{town.Slug}/desk/systems");
        await Fits("empty");
        await page.Locator("main").GetByRole(AriaRole.Link, new() { Name = "システムを登録する" }).ClickAsync();
        await page.FillAsync("[name=name]", "見本 窓口ソフト");
        await page.FillAsync("[name=whomToAsk]", "見本システム株式会社 0568-00-0000");
        await page.GetByRole(AriaRole.Button, new() { Name = "登録する", Exact = true }).ClickAsync();
        // The address was forgotten: said at the field, and what was typed is still there.
        await Expect(page.Locator("[name=name]")).ToHaveValueAsync("見本 窓口ソフト");
        await Expect(page.Locator(".field-error").First).ToBeVisibleAsync();
        await Fits("wrong");
        await page.FillAsync("[name=email]", "keeper@example.jp");
        await page.CheckAsync("[name=scope][value='systems.subscribe']");
        await page.GetByRole(AriaRole.Button, new() { Name = "登録する", Exact = true }).ClickAsync();
        await Expect(page.Locator("h1")).ToContainTextAsync("見本 窓口ソフト");
        await Fits("named");

        await page.GetByRole(AriaRole.Button, new() { Name = "鍵を発行する" }).ClickAsync();
        var key = await page.Locator("#secret").InnerTextAsync();
        await Fits("key");
        Assert.Equal(HttpStatusCode.OK, await Ask(key));
        await page.GetByRole(AriaRole.Link, new() { Name = "コピーしました" }).ClickAsync();
        await Expect(page.Locator("body")).Not.ToContainTextAsync(key[^43..]);

        await page.GetByRole(AriaRole.Link, new() { Name = "通知先を登録する" }).ClickAsync();
        await page.FillAsync("[name=url]", $"{program.World.Url}webhooks/journey-{width}");
        await Fits("subscribe");
        // Where modules announce events, one has to be chosen.
        if (await page.Locator("[name=event]").CountAsync() > 0) await page.Locator("[name=event]").First.CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "登録して署名鍵を表示する" }).ClickAsync();
        await Expect(page.Locator("#secret")).ToContainTextAsync("whsec_");
        await page.GetByRole(AriaRole.Link, new() { Name = "コピーしました" }).ClickAsync();
        await window.Press("試験送信をする");
        await town.Until("count(*) = 1 FROM systems.deliveries WHERE state = 'Delivered'");
        await page.ReloadAsync();
        await Expect(page.Locator("main table")).ToContainTextAsync("到着");
        await Fits("told");

        await page.GotoAsync($"/{town.Slug}/desk/systems");
        await Fits("list");
        await page.GetByRole(AriaRole.Link, new() { Name = "見本 窓口ソフト" }).ClickAsync();
        await Fits("one");
        await page.GetByRole(AriaRole.Button, new() { Name = "この鍵を終了する" }).ClickAsync();
        await Expect(page.Locator("[role=status]")).ToContainTextAsync("鍵を終了しました");
        Assert.Equal(HttpStatusCode.Unauthorized, await Ask(key));
        await page.GetByText("このシステムとの連携を終了する").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "連携を終了する", Exact = true }).ClickAsync();
        await Expect(page.Locator("[role=status]")).ToContainTextAsync("連携を終了しました");
        Assert.Empty(window.Complaints);

        async Task Fits(string name)
        {
            Assert.True(await window.FitsItsWidthWithoutScripts(), $"{name} is wider than {width} px");
            if (Environment.GetEnvironmentVariable("KOMACHI_TEST_PICTURES") is { Length: > 0 } folder)
                await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"systems-{name}-{width}.png"), FullPage = true });
        }

        async Task<HttpStatusCode> Ask(string with)
        {
            using var http = new HttpClient();
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", with);
            using var answer = await http.GetAsync($"{program.Url}/{town.Slug}/api/v1/systems/self");
            return answer.StatusCode;
        }
    }
}
