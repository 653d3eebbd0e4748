using Komachi.Plan;
using Komachi.Platform.Days;
using Komachi.Tests.Harness;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Komachi.Browser;

/// <summary>
/// The whole yearly round with its three roles: a section writes a sheet, the secretariat asks back and passes it on, the committee decides, it is bought,
/// introduced and looked at again; and the agenda of the next meeting is kept as a PDF. On a phone without scripts, and at a desk with them.
/// </summary>
public sealed class RoundJourney(TestProgram program, Chromium chromium)
{
    [Theory]
    [InlineData(360, false)]
    [InlineData(1280, true)]
    public async Task A_sheet_goes_from_the_section_to_the_committee_and_through(int width, bool scripts)
    {
        var town = await program.NewTown("katano", livedIn: true);
        await using var tanto = await chromium.Open(program, width, scripts);
        await using var jimu = await chromium.Open(program, width, scripts);
        await using var iin = await chromium.Open(program, width, scripts);
        foreach (var (window, name) in new[] { (tanto, "tanto"), (jimu, "jimu"), (iin, "iin") }) await window.SignIn(town, name);
        var year = new PlanYear(FiscalYear.Of(TimeProvider.System.Today()).Year + 1).Label;

        // The section finds what waits for it on the desk's first page, and begins another one.
        await tanto.Page.GotoAsync($"/{town.Slug}/desk");
        await Main(tanto).GetByRole(AriaRole.Link, new() { Name = "担当課として書くシート" }).ClickAsync();
        await Main(tanto).GetByRole(AriaRole.Link, new() { Name = "新しいシートを作る" }).ClickAsync();
        await tanto.Page.SelectOptionAsync("select[name=measure]", "1-2-2");
        await tanto.Page.FillAsync("input[name=title]", "証明書の手数料をキャッシュレスにする");
        await Press(tanto, "シートを作り始める");
        await Expect(tanto.Page.Locator(".notice")).ToContainTextAsync("を作りました");
        var number = (await tanto.Page.Locator(".page-heading-above").TextContentAsync())!.Trim();

        // Too early: what is missing is named, and what was written is still there.
        await tanto.Page.FillAsync("textarea[name=need]", "現金を持たずに来る人が増えた");
        await Press(tanto, "次へ進める：事務局の精査");
        await Expect(tanto.Page.Locator(".error-summary li")).ToHaveCountAsync(6);
        await Expect(tanto.Page.Locator("textarea[name=need]")).ToHaveValueAsync("現金を持たずに来る人が増えた");
        Assert.True(await tanto.FitsItsWidthWithoutScripts());
        await tanto.Page.FillAsync("textarea[name=option]", "窓口に決済端末を置く");
        await tanto.Page.FillAsync("textarea[name=effect]", "会計の時間が3分短くなる");
        await tanto.Page.FillAsync("input[name=rfiTo]", "見本システム");
        await tanto.Page.FillAsync("input[name=rfiOn]", "2026-07-01");
        await tanto.Page.FillAsync("textarea[name=rfiAnswers]", "1台あたり100千円");
        await tanto.Page.FillAsync($"input[name=requested-{year}-general]", "1,200");
        await Press(tanto, "次へ進める：事務局の精査");
        await Expect(tanto.Page.Locator(".notice").First).ToContainTextAsync("次へ進めました");

        await Open(jimu, "desk/plan/inbox");
        await Main(jimu).GetByRole(AriaRole.Link, new() { Name = "証明書の手数料をキャッシュレスにする" }).ClickAsync();
        await Main(jimu).GetByText("担当課に質問する").ClickAsync();
        await jimu.Page.FillAsync("textarea[name=question]", "端末は何台ですか。");
        await Press(jimu, "質問する");
        await Open(tanto, $"desk/plan/sheets/{number}");
        await Expect(Main(tanto)).ToContainTextAsync("端末は何台ですか。");
        await tanto.Page.FillAsync("textarea[name=note]", "12台です。");
        await Press(tanto, "回答して戻す：事務局の精査");
        await Open(jimu, $"desk/plan/sheets/{number}");
        await Expect(jimu.Page.Locator(".timeline")).ToContainTextAsync("12台です。");
        await jimu.Page.FillAsync("textarea[name=remark]", "費用は妥当。");
        await Press(jimu, "次へ進める：委員会の決定");

        await Open(iin, "desk/plan/agenda");
        await Main(iin).GetByRole(AriaRole.Link, new() { Name = "証明書の手数料をキャッシュレスにする" }).First.ClickAsync();
        await iin.Page.FillAsync($"input[name=adopted-{year}-general]", "1,000");
        await Press(iin, "このシートを採択する");
        await Expect(iin.Page.Locator(".notice").First).ToContainTextAsync("採択しました");

        await Open(jimu, $"desk/plan/sheets/{number}");
        await Press(jimu, "次へ進める：調達");
        await Open(tanto, $"desk/plan/sheets/{number}");
        foreach (var (field, text) in new[] { ("rfpTo", "見本システム"), ("rfpOn", "2027-04-10"), ("contractWith", "見本システム"), ("contractFrom", "2027-06-01"), ("contractUntil", "2032-05-31") })
            await tanto.Page.FillAsync($"input[name={field}]", text);
        await tanto.Page.FillAsync("textarea[name=rfpAnswers]", "3社から提案があった");
        await Press(tanto, "次へ進める：導入");
        await Press(tanto, "次へ進める：効果検証");
        await tanto.Page.FillAsync($"input[name=settled-{year}-general]", "990");
        await tanto.Page.FillAsync("textarea[name=result]", "会計の時間が4分短くなった");
        await Press(tanto, "次へ進める：見直し");
        await Open(jimu, $"desk/plan/sheets/{number}");
        await Press(jimu, "このシートを完了する");
        await Expect(jimu.Page.Locator(".page-heading .badge")).ToHaveTextAsync("完了");
        Assert.True(await jimu.FitsItsWidthWithoutScripts());

        // The next meeting has the samples that still wait; its agenda is handed out on paper.
        await Open(jimu, "desk/plan/agenda");
        await Expect(jimu.Page.Locator("#items-caption ~ tbody tr")).ToHaveCountAsync(2);
        Assert.True(await jimu.FitsItsWidthWithoutScripts());
        var paper = await Main(jimu).GetByRole(AriaRole.Link, new() { Name = "PDF" }).GetAttributeAsync("href");
        var pdf = await jimu.Page.Context.APIRequest.GetAsync(program.Url + paper);
        Assert.Equal((200, "application/pdf"), (pdf.Status, pdf.Headers["content-type"]));
        foreach (var window in new[] { tanto, jimu, iin }) Assert.Empty(window.Complaints);

        Task Open(Window window, string path) => window.Page.GotoAsync($"/{town.Slug}/{path}");
        static ILocator Main(Window window) => window.Page.Locator("main");
        static Task Press(Window window, string name) => Main(window).GetByRole(AriaRole.Button, new() { Name = name, Exact = true }).ClickAsync();
    }
}
