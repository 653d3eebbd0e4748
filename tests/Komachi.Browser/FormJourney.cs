using System.Text.Json.Nodes;
using Komachi.Tests.Forms;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Komachi.Browser;

/// <summary>Somebody fills in a form made of data on a phone and on a desk: with scripts its questions come and go at once, without them when it is sent.</summary>
public sealed class FormJourney(AskingProgram program, Chromium chromium)
{
    [Theory]
    [InlineData(360, true)]
    [InlineData(360, false)]
    [InlineData(1280, true)]
    public async Task Questions_come_with_the_answers_that_bring_them(int width, bool scripts)
    {
        var town = await program.NewTown("oyabe");
        await using var home = await chromium.Open(program, width, scripts);
        var page = home.Page;
        Task Send() => page.GetByRole(AriaRole.Button, new() { Name = "次へ進む" }).ClickAsync();

        await page.GotoAsync($"/{town.Slug}/asking/every/one");
        await Picture("one-empty");
        await page.FillAsync("#text", "");
        await page.FillAsync("#number", "99");
        await page.FillAsync("#number13", "123");
        await Send();
        await Expect(page.Locator(".error-summary")).ToBeVisibleAsync();
        await Picture("one-wrong");

        await page.GotoAsync($"/{town.Slug}/asking/every/two");
        await Picture("two-empty");
        await Expect(page.Locator("#movedOn-year")).ToBeHiddenAsync();
        await page.GetByLabel("はい", new() { Exact = true }).CheckAsync();
        await page.GetByLabel("犬", new() { Exact = true }).CheckAsync();
        if (scripts)
        {
            await Expect(page.Locator("#movedOn-year")).ToBeVisibleAsync();
            await page.GetByLabel("いいえ", new() { Exact = true }).CheckAsync();
            await Expect(page.Locator("#movedOn-year")).ToBeHiddenAsync();
            await page.GetByLabel("はい", new() { Exact = true }).CheckAsync();
        }
        await page.FillAsync("#name-family", "見本");
        await page.FillAsync("#name-given", "花子");
        await page.FillAsync("#kana", "みほん はなこ");
        await page.GetByLabel("運動").CheckAsync();
        await Send();
        if (!scripts)
        {
            await Expect(page.GetByText("質問が増えました")).ToBeVisibleAsync();
            await Expect(page.Locator(".error-summary")).ToHaveCountAsync(0);
            await Picture("two-more");
            await Send();
        }
        await Expect(page.Locator(".error-summary a")).ToHaveCountAsync(1);    // the day of the move, and nothing else
        await Picture("two-wrong");
        await page.FillAsync("#movedOn-year", "2026");
        await page.FillAsync("#movedOn-month", "12");
        await page.FillAsync("#movedOn-day", "24");
        await page.FillAsync("#dogName", "ハチ");
        await Send();
        await page.WaitForURLAsync("**/three");
        await Picture("three-empty");

        // Enter in a field sends the page: no row is taken away by it.
        await page.FillAsync("#costs-pc-price", "100,000");
        await page.GetByRole(AriaRole.Button, new() { Name = "家族を追加する" }).ClickAsync();
        await page.WaitForURLAsync("**/people/0");
        await page.FillAsync("#memberName-family", "見本");
        await page.FillAsync("#memberName-given", "次郎");
        await page.FillAsync("#memberName-family-kana", "みほん");
        await page.FillAsync("#memberName-given-kana", "じろう");
        await page.FillAsync("#memberBorn-year", "2018");
        await page.FillAsync("#memberBorn-month", "4");
        await page.FillAsync("#memberBorn-day", "1");
        await Picture("row");
        await page.PressAsync("#memberBorn-day", "Enter");
        await page.WaitForURLAsync("**/three");
        await page.GetByRole(AriaRole.Button, new() { Name = "家族を追加する" }).ClickAsync();
        await page.GotoAsync($"/{town.Slug}/asking/every/three");
        await page.FillAsync("#account-bank", "見本銀行");
        await page.PressAsync("#account-bank", "Enter");
        await Expect(page.Locator(".error-summary")).ToBeVisibleAsync();
        await Expect(page.Locator("#people .summary-row")).ToHaveCountAsync(2);
        await Picture("three-wrong");
        Assert.True(await home.FitsItsWidthWithoutScripts());

        Asking.Before[town.Slug + "every"] = JsonNode.Parse("""{"text":"前の園","yen":5000,"people":[{"memberName":{"family":"見本","given":"次郎","familyKana":"ミホン","givenKana":"ジロウ"},"memberBorn":"2018-05-01"},{"memberName":{"family":"見本","given":"三郎"}}],"costs":{"pc":{"price":100}}}""")!.AsObject();
        foreach (var last in new[] { "check", "changed", "paper" })
        {
            await page.GotoAsync($"/{town.Slug}/asking/every/{last}");
            await Picture(last);
            Assert.True(await home.FitsItsWidthWithoutScripts());
        }
        foreach (var waste in new[] { "items", "place", "pay" })
        {
            await page.GotoAsync($"/{town.Slug}/asking/waste/{waste}");
            await Picture("waste-" + waste);
        }
        Assert.Empty(home.Complaints);

        async Task Picture(string name)
        {
            if (Environment.GetEnvironmentVariable("KOMACHI_PICTURES") is { Length: > 0 } pictures)
                await page.ScreenshotAsync(new() { Path = Path.Combine(pictures, $"form-{name}-{width}{(scripts ? "" : "-plain")}.png"), FullPage = true });
        }
    }

    [Fact]
    public async Task The_device_says_where_it_is()
    {
        var town = await program.NewTown("oyabe");
        await using var home = await chromium.Open(program, 360);
        var page = home.Page;
        await page.Context.GrantPermissionsAsync(["geolocation"]);
        await page.Context.SetGeolocationAsync(new() { Latitude = 36.675f, Longitude = 136.87f });
        await page.GotoAsync($"/{town.Slug}/asking/every/three");
        await page.GetByRole(AriaRole.Button, new() { Name = "今いる場所を入れる" }).ClickAsync();
        await Expect(page.Locator("#point-latitude")).ToHaveValueAsync(new System.Text.RegularExpressions.Regex("^36\\.675"));
        Assert.Empty(home.Complaints);
    }
}
