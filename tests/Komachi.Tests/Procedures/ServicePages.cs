using System.Net;
using Komachi.Procedures;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Procedures;

/// <summary>Somebody looks for what they have to do, and reads all of it before they begin.</summary>
public sealed class ServicePages(TestProgram program)
{
    [Fact]
    public async Task All_that_can_be_filed_stands_under_what_happens_in_life()
    {
        var town = await program.NewTown("onojo");
        var page = await town.Visitor().Open("procedures");
        Assert.Equal(10, page.All("ul.cards a.card-title").Count(a => a.GetAttribute("href")!.StartsWith($"/{town.Slug}/procedures/") && !a.GetAttribute("href")!.EndsWith("/find") && !a.GetAttribute("href")!.EndsWith("/verify")));
        Assert.Contains("引っ越し・住まい", page.All("main h2").Select(h => h.TextContent));
        Assert.Contains(page.All("nav a"), a => a.GetAttribute("href") == $"/{town.Slug}/procedures");

        var moving = await town.Visitor().Open("procedures?life=moving");
        Assert.Contains(moving.All("a.card-title"), a => a.GetAttribute("href")!.EndsWith("/water-start-stop"));
        Assert.DoesNotContain(moving.All("a.card-title"), a => a.GetAttribute("href")!.EndsWith("/digital-subsidy"));
        Assert.Equal(HttpStatusCode.OK, (await town.Visitor().Open("procedures?life=nonsense&q=%00%F0%9F")).Status);
    }

    [Theory]
    [InlineData("いぬ", "dog-registration")]
    [InlineData("ｲﾇ", "dog-registration")]
    [InlineData("DOG", "dog-registration")]
    [InlineData("水道", "water-start-stop")]
    [InlineData("罹災", "disaster-certificate")]
    public async Task A_search_takes_other_spellings_and_languages(string typed, string key)
    {
        var town = await program.NewTown("onojo");
        var page = await town.Visitor().Open("procedures?q=" + Uri.EscapeDataString(typed));
        Assert.EndsWith("/" + key, page.All("a.card-title").First().GetAttribute("href"));
        // The portal's search, and the page of a life event, lead there too.
        Assert.Contains((await town.Visitor().Open("search?q=" + Uri.EscapeDataString(typed))).All("main a"), a => a.GetAttribute("href")!.EndsWith("/procedures/" + key));
    }

    [Fact]
    public async Task What_is_not_there_is_said_kindly()
    {
        var town = await program.NewTown("onojo");
        var page = await town.Visitor().Open("procedures?q=" + Uri.EscapeDataString("宇宙旅行"));
        Assert.Contains("当てはまる手続きが見つかりません", page.Text);
        Assert.Equal(HttpStatusCode.NotFound, (await town.Visitor().Open("procedures/space-travel")).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("en/")]
    [InlineData("plain/")]
    public async Task A_page_tells_all_before_the_one_button(string language)
    {
        var town = await program.NewTown("onojo");
        var page = await town.Visitor().Open(language + "procedures/dog-registration");
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Single(page.All("main a.button-main"));
        Assert.EndsWith("procedures/dog-registration/start", page.One("main a.button-main").GetAttribute("href"));
        Assert.Contains(page.All("a[href^='https://laws.e-gov.go.jp/']"), a => a.TextContent == "狂犬病予防法");
        Assert.NotEmpty(page.All("details li"));    // what is needed only after some answers
        Assert.NotEmpty(page.All("section.ask a[href^='tel:']"));
        Assert.DoesNotContain("{", page.One("main").TextContent);    // nothing is left to fill in
        if (language.Length == 0) Assert.Matches(@"5開庁日（いま申請した場合：\d{4}年", page.One("main").TextContent);
    }

    [Fact]
    public async Task Whom_to_ask_is_the_department_and_its_own_telephone_where_it_has_one()
    {
        var town = await program.NewTown("onojo");
        foreach (var page in new[] { "procedures/dog-registration", "procedures/dog-registration/start" })
        {
            var ask = (await town.Visitor().Open(page)).One(".ask");
            Assert.Equal(("生活環境課", "大野城市役所（見本）"), (ask.QuerySelector(".ask-name")!.TextContent, ask.QuerySelector(".ask-who p:nth-child(2)")!.TextContent));
            Assert.Equal("0000-00-0000", ask.QuerySelector(".ask-number")!.TextContent);    // it has none of its own: that of its office
        }
        var other = await program.NewTown("onojo");
        await using (var tell = other.Source.CreateCommand("UPDATE offices.department_states SET telephone = '0000-00-0503' WHERE department_id = (SELECT id FROM offices.departments WHERE code = '0503')")) await tell.ExecuteNonQueryAsync();
        await using (var db = other.Open())
        {
            (await db.Set<Published>().SingleAsync(d => d.Key == "park-use")).End(TimeProvider.System.GetUtcNow());
            await db.Save();
        }
        Assert.Equal("0000-00-0503", (await other.Visitor().Open("procedures/dog-registration/start")).One(".ask-number").TextContent);
        Assert.Equal("都市計画課", (await other.Visitor().Open("procedures/park-use/start")).One(".ask-name").TextContent);    // also where nothing can be sent now
    }

    [Fact]
    public async Task What_ended_is_offered_no_more()
    {
        var town = await program.NewTown("onojo");
        await using (var db = town.Open())
        {
            (await db.Set<Published>().SingleAsync(d => d.Key == "park-use", TestContext.Current.CancellationToken)).End(db.Now);
            await db.Save(stop: TestContext.Current.CancellationToken);
        }
        Assert.DoesNotContain((await town.Visitor().Open("procedures?n=2")).All("a.card-title"), a => a.GetAttribute("href")!.EndsWith("/park-use"));
        Assert.Equal(HttpStatusCode.NotFound, (await town.Visitor().Open("procedures/park-use")).Status);
    }
}
