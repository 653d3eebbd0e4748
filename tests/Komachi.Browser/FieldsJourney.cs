using Komachi.Tests.Fields;
using Komachi.Tests.Harness;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Komachi.Browser;

/// <summary>Somebody fills in a page that has every field, on a phone: with scripts, and without.</summary>
public sealed class FieldsJourney(FieldsProgram program, Chromium chromium)
{
    [Theory]
    [InlineData(360, true)]
    [InlineData(360, false)]
    [InlineData(1280, true)]
    public async Task A_page_with_every_field_is_filled_in(int width, bool scripts)
    {
        var town = await program.NewTown("oyabe");
        await using var home = await chromium.Open(program, width, scripts);
        var page = home.Page;
        await page.GotoAsync($"/{town.Slug}/fields");
        await Picture("empty");

        // Sent too early: what is missing is said, and Enter in a field has sent the form, not looked for a postcode.
        await page.FillAsync("#who-family", "見本");
        await page.PressAsync("#who-family", "Enter");
        await Expect(page.Locator(".error-summary")).ToBeVisibleAsync();
        await Expect(page.Locator("#mail-error")).ToBeVisibleAsync();
        await Expect(page.Locator("#who-family")).ToHaveValueAsync("見本");
        await Picture("wrong");

        await page.FillAsync("#who-given", "花子");
        await page.FillAsync("#who-family-kana", "みほん");
        await page.FillAsync("#who-given-kana", "ﾊﾅｺ");
        await page.SelectOptionAsync("#born", "S");
        await page.FillAsync("#born-year", "60");
        await page.FillAsync("#born-month", "4");
        await page.FillAsync("#born-day", "1");

        // One code stands for six areas of Tonami.
        await page.FillAsync("#home-postcode", "９３２－０３０３");
        if (!scripts) await page.GetByRole(AriaRole.Button, new() { Name = "住所を入れる" }).ClickAsync();
        await Expect(page.Locator("#home-place")).ToBeVisibleAsync();
        await Expect(page.Locator("#home-city")).ToHaveValueAsync("砺波市");
        await Expect(page.Locator("[data-address-said]")).ToHaveTextAsync("この郵便番号には町名が複数あります。お住まいの町を選んでください。");
        await page.SelectOptionAsync("#home-place", new SelectOptionValue { Label = "富山県砺波市庄川町湯山" });
        if (scripts) await Expect(page.Locator("#home-town")).ToHaveValueAsync("庄川町湯山");
        await Picture("several");

        // Moved: the other code takes the place of what came with the first.
        await page.FillAsync("#home-postcode", "932-8611");
        await page.FillAsync("#home-postcode", "932-0053");
        if (!scripts) await page.GetByRole(AriaRole.Button, new() { Name = "住所を入れる" }).ClickAsync();
        await Expect(page.Locator("#home-city")).ToHaveValueAsync("小矢部市");
        await Expect(page.Locator("#home-place")).ToBeHiddenAsync();
        await Expect(page.Locator("#who-given")).ToHaveValueAsync("花子");
        if (!scripts) await Expect(page.Locator("#home-number")).ToBeFocusedAsync();
        await page.FillAsync("#home-number", "１ー１");

        await page.FillAsync("#phone", "0766-67-1760");
        await page.FillAsync("#mail", "hanako＠example.jp");
        await page.FillAsync("#people", "３");
        await page.FillAsync("#area", "65.5");
        await page.FillAsync("#cost", "１２３４５０００");
        if (scripts) await Expect(page.Locator("output[for=cost]")).ToHaveTextAsync("1,234万5,000円");
        await page.GetByRole(AriaRole.Radio, new() { Name = "その他" }).CheckAsync();
        await page.FillAsync("#purpose-other", "町内会の餅つき");
        foreach (var wish in new[] { "子育て", "道路", "バス", "公園" }) await page.GetByLabel(wish).CheckAsync();
        await page.GetByLabel("同意します").CheckAsync();
        await Send();

        await Expect(page.Locator(".error-summary a")).ToHaveTextAsync("3つまで選べます。今は4つ選ばれています。");
        await Expect(page.Locator("output[for=cost]")).ToHaveTextAsync("1,234万5,000円");
        Assert.True(await home.FitsItsWidthWithoutScripts());
        await Picture("filled");
        await page.GetByLabel("公園").UncheckAsync();
        await Send();
        await page.WaitForURLAsync("**/fields/done");

        var read = AllFields.Taken[town.Slug];
        Assert.StartsWith("富山県小矢部市", read.Home.ToString());
        Assert.EndsWith("1-1", read.Home.ToString());
        Assert.Equal(("見本 花子", "ミホン ハナコ", "0766-67-1760", "hanako@example.jp", 12_345_000L), (read.Name.Whole, read.Name.Kana, read.Phone.ToString(), read.Email, read.Cost.Amount));
        Assert.Empty(home.Complaints);

        Task Send() => page.GetByRole(AriaRole.Button, new() { Name = "送信する" }).ClickAsync();

        async Task Picture(string name)
        {
            if (Environment.GetEnvironmentVariable("KOMACHI_PICTURES") is { Length: > 0 } pictures)
                await page.ScreenshotAsync(new() { Path = Path.Combine(pictures, $"fields-{name}-{width}{(scripts ? "" : "-plain")}.png"), FullPage = true });
        }
    }

    [Fact]
    public async Task Where_the_line_is_cut_the_button_sends_the_form_instead()
    {
        var town = await program.NewTown("oyabe");
        await using var home = await chromium.Open(program, 360);
        var page = home.Page;
        await page.GotoAsync($"/{town.Slug}/fields");
        await page.RouteAsync("**/api/v1/postcodes/**", route => route.AbortAsync("connectionreset"));
        await page.FillAsync("#home-postcode", "932-0053");
        await page.FillAsync("#mail", "まだ書きかけ");
        await page.GetByRole(AriaRole.Button, new() { Name = "住所を入れる" }).ClickAsync();
        await Expect(page.Locator("#home-city")).ToHaveValueAsync("小矢部市");
        await Expect(page.Locator("#mail")).ToHaveValueAsync("まだ書きかけ");
        await Expect(page.Locator(".error-summary")).ToHaveCountAsync(0);
    }
}
