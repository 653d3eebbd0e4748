using Komachi.Procedures;
using Komachi.Tests.Harness;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Komachi.Browser;

/// <summary>
/// A clerk and a decider: what arrived is found, asked about, checked, looked at as a letter and decided. At a desk with the keyboard alone, and on a
/// phone without scripts.
/// </summary>
public sealed class ReviewJourney(TestProgram program, Chromium chromium)
{
    [Fact]
    public async Task A_clerk_and_a_decider_go_the_whole_way_by_keyboard()
    {
        var town = await program.NewTown("onojo");
        var of = await town.File("dog-registration");
        await using var desk = await chromium.Open(program, 1280);
        var page = desk.Page;
        await desk.SignIn(town, "jimu");
        await page.GotoAsync($"/{town.Slug}/desk");
        await page.Keyboard.PressAsync("g");
        await page.Keyboard.PressAsync("g");
        await Expect(page.Locator("h1")).ToHaveTextAsync("申請の受付・審査");
        await page.Keyboard.PressAsync("j");
        await Expect(page.Locator("main tbody th a")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".case-columns")).ToBeVisibleAsync();

        // The three columns stand beside each other.
        var tops = await page.Locator(".column").EvaluateAllAsync<double[]>("all => all.map(c => c.getBoundingClientRect().left)");
        Assert.True(tops[0] < tops[1] && tops[1] < tops[2], string.Join(' ', tops));

        // The line over them leads to what is to be done, and the next stops are there.
        await On(page, page.Locator(".case-next a").First);
        await page.Keyboard.PressAsync("Enter");
        foreach (var box in await page.Locator("input[name=accept-tick]").AllAsync())
        {
            await On(page, box, most: 3);
            await page.Keyboard.PressAsync("Space");
        }
        await On(page, page.Locator("form[action$='/steps/accept'] button.button-main"), most: 10);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".notice").First).ToContainTextAsync("手順を完了しました");
        Assert.Equal(CaseState.Accepted, (await town.Now(of)).State);
        // What comes next is not the clerk's own: the line says whose it is.
        await Expect(page.Locator(".case-next")).ToContainTextAsync("決定できる職員");
        Assert.True(await desk.FitsItsWidth());
        Assert.Empty(desk.Complaints);

        await using var other = await chromium.Open(program, 1280);
        var his = other.Page;
        await other.SignIn(town, "iin");
        await his.GotoAsync($"/{town.Slug}/desk/procedures");
        await On(his, his.Locator(".tabs a").GetByText("決定待ち"));
        await his.Keyboard.PressAsync("Enter");
        await Expect(his.Locator(".tabs [aria-current]")).ToHaveTextAsync("決定待ち");
        await his.WaitForLoadStateAsync();    // keys work when the page is there as a whole
        await his.Keyboard.PressAsync("j");
        await his.Keyboard.PressAsync("Enter");
        await On(his, his.Locator(".case-next a").First);
        await his.Keyboard.PressAsync("Enter");
        await On(his, his.Locator("input[name=outcome]").First, most: 3);
        // Only what belongs to the choice is asked.
        await Expect(his.Locator("input[name=ground]").First).ToBeHiddenAsync();
        await his.Keyboard.PressAsync("Space");
        await Expect(his.Locator("input[name=outcome][value=granted]")).ToBeCheckedAsync();
        await On(his, his.Locator("button[value=preview]:not(.unseen)"), most: 10);
        await his.Keyboard.PressAsync("Enter");
        // The letter stands before the reader's eyes, and the button that decides is the next but one.
        await Expect(his.Locator("#preview")).ToBeInViewportAsync();
        await On(his, his.Locator("button[value=decide]"), most: 4);
        await his.Keyboard.PressAsync("Enter");
        await Expect(his.Locator(".notice").First).ToContainTextAsync("承認・交付を決定し");
        Assert.Equal(CaseState.Granted, (await town.Now(of)).State);
        await Expect(his.Locator(".case-next a")).ToHaveTextAsync("未発送の通知書を見る");
        Assert.Empty(other.Complaints);
    }

    [Fact]
    public async Task On_a_phone_without_scripts_a_correction_is_asked_for_and_the_filing_decided()
    {
        var town = await program.NewTown("onojo");
        var of = await town.File("dog-registration");
        await using var clerk = await chromium.Open(program, 360, scripts: false);
        await using var decider = await chromium.Open(program, 360, scripts: false);
        await clerk.SignIn(town, "jimu");
        await decider.SignIn(town, "iin");
        await clerk.Page.GotoAsync($"/{town.Slug}/desk/procedures");
        Assert.True(await clerk.FitsItsWidthWithoutScripts());
        await clerk.Page.Locator("main tbody th a").ClickAsync();
        Assert.True(await clerk.FitsItsWidthWithoutScripts());

        await clerk.Page.GetByText("申請者に補正を求める").First.ClickAsync();
        await clerk.Page.Locator("input[name=field][value=dogName]").CheckAsync();
        await clerk.Page.FillAsync("textarea[name=text]", "犬の名前をもう一度教えてください。");
        await clerk.Page.Locator("form[action$='/correct'] button").ClickAsync();
        await Expect(clerk.Page.Locator(".notice").First).ToContainTextAsync("補正を求めました");

        // The applicant answers; what is different is marked.
        await using (var db = town.Open())
        {
            var (now, today) = (TimeProvider.System.GetUtcNow(), db.Today);
            var (filed, correction) = (await db.FindAsync<Case>(of.Id), db.Set<Correction>().Single());
            var answers = (System.Text.Json.Nodes.JsonObject)filed!.Answers.DeepClone();
            answers["dogName"] = "まる二世";
            filed.Correct(correction, answers, filed.Title, null, null, now, today);
            db.AddNews(filed);
            await db.Save();
        }
        await clerk.Page.ReloadAsync();
        await Expect(clerk.Page.Locator(".answer-was").First).ToBeVisibleAsync();
        await clerk.Page.Locator("form[action$='/read'] button").ClickAsync();
        foreach (var box in await clerk.Page.Locator("input[name=accept-tick]").AllAsync()) await box.CheckAsync();
        await clerk.Page.Locator("form[action$='/steps/accept'] button.button-main").ClickAsync();
        await Expect(clerk.Page.Locator(".notice").First).ToContainTextAsync("手順を完了しました");

        await decider.Page.GotoAsync($"/{town.Slug}/desk/procedures?step=decide");
        await decider.Page.Locator("main tbody th a").ClickAsync();
        await decider.Page.Locator("input[name=outcome][value=granted]").CheckAsync();
        await decider.Page.GetByRole(AriaRole.Button, new() { Name = "通知書を確認する" }).ClickAsync();
        await Expect(decider.Page.Locator("#preview")).ToContainTextAsync("まる二世");
        Assert.True(await decider.FitsItsWidthWithoutScripts());
        await decider.Page.GetByRole(AriaRole.Button, new() { Name = "決定する", Exact = true }).ClickAsync();
        await Expect(decider.Page.Locator(".notice").First).ToContainTextAsync("承認・交付を決定し");
        Assert.Equal(CaseState.Granted, (await town.Now(of)).State);
    }

    /// <summary>Stop by stop, as somebody goes on whose hands stay on the keyboard.</summary>
    static async Task On(IPage page, ILocator wanted, int most = 60)
    {
        await Expect(wanted.First).ToBeAttachedAsync();    // on its page
        for (var stops = 0; stops < most; stops++)
        {
            await page.Keyboard.PressAsync("Tab");
            if (await wanted.And(page.Locator(":focus")).CountAsync() > 0) return;
        }
        Assert.Fail($"{most} stops, and not at {wanted}");
    }
}
