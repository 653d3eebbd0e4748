using System.Net;
using System.Text.Json;
using Komachi.Platform.Portal;
using Komachi.Tests.Announcements;
using Komachi.Tests.Harness;
using Komachi.Tests.Offices;
using Komachi.Ui.Words;

namespace Komachi.Tests.Portal;

/// <summary>What residents meet first, and the office that every page names.</summary>
public sealed class FirstPage(TestProgram program)
{
    [Fact]
    public async Task It_begins_with_the_search_goes_on_with_life_and_news_and_ends_with_the_office()
    {
        var town = await program.NewTown("onojo", livedIn: true);
        foreach (var (language, headings) in new[] { ("", new[] { "くらしの場面から探す", "お知らせ", "わからないときは" }), ("en", ["Events in life", "Announcements", "Ask the office"]) })
        {
            var home = await town.Visitor().Open(language);
            Assert.Equal(headings, home.All("main h2, .ask h2").Select(h => h.TextContent.Trim()));
            Assert.Equal("FORM", home.One("main .page-heading").NextElementSibling!.TagName);
            Assert.InRange(home.All("main li.card").Count(), 6, 9);
            Assert.True(home.One("main").NextElementSibling!.ClassList.Contains("ask"));
        }
    }

    [Theory]
    [InlineData("komaki")]
    [InlineData("omitama")]
    [InlineData("onojo")]
    [InlineData("oyabe")]
    [InlineData("katano")]
    public async Task Every_event_in_life_has_a_page_with_a_department_of_the_town_to_ask(string like)
    {
        var town = await program.NewTown(like, livedIn: true);
        var visitor = town.Visitor();
        foreach (var card in (await visitor.Open()).All("main li.card a").ToArray())
        {
            var page = await visitor.Open(card.GetAttribute("href")!);
            Assert.Equal(card.TextContent, page.One("h1").TextContent);
            var offices = page.All("main section").Single(s => s.QuerySelector("h2")!.TextContent == "相談できる窓口");
            Assert.NotEmpty(offices.QuerySelectorAll("a.hit-title"));
            // The nearest of them answers for the page.
            Assert.Equal(offices.QuerySelector("a.hit-title")!.TextContent, page.One(".ask-name").TextContent);
        }
        Assert.Contains("避難", (await visitor.Open("life/disaster")).One(".lead").TextContent);
        Assert.NotEmpty((await visitor.Open("life/disaster")).All("main time"));
        Assert.Equal(HttpStatusCode.NotFound, (await visitor.Open("life/nothing")).Status);
    }

    [Fact]
    public void Events_in_life_are_said_in_three_languages_and_have_addresses_of_their_own()
    {
        Assert.InRange(LifeEvents.All.Count, 6, 9);
        Assert.Equal(LifeEvents.All.Count, LifeEvents.All.Select(e => e.Key).Distinct().Count());
        foreach (var life in LifeEvents.All)
        {
            Assert.Matches("^[a-z]+$", life.Key);
            foreach (var lang in Lang.Shipped)
            {
                Assert.True(life.Title.ContainsKey(lang.Code) && life.Line.ContainsKey(lang.Code), $"{life.Key} is not said in {lang.Code}");
            }
            Assert.All(life.Topics, topic => Assert.NotNull(Komachi.Announcements.Naming.Find<Komachi.Announcements.Category>(topic)));
        }
    }

    [Fact]
    public async Task Every_page_names_the_office_to_ask_and_says_whether_it_is_open_as_its_calendar_does()
    {
        var town = await program.NewTown("komaki");
        var visitor = town.Visitor();
        var offices = JsonSerializer.Deserialize<JsonElement>((await visitor.Open("api/v1/offices")).Html);
        var hall = offices.EnumerateArray().Single(o => o.GetProperty("key").GetString() == "city-hall");
        foreach (var path in new[] { "", "offices", "announcements", "figures", "search?q=税", "sign-in" })
        {
            var ask = (await visitor.Open(path)).One(".ask");
            Assert.Equal("小牧市役所（見本）", ask.QuerySelector(".ask-name")!.TextContent);
            Assert.Equal("tel:0000000000", ask.QuerySelector(".ask-number")!.GetAttribute("href"));
            Assert.Contains(hall.GetProperty("openNow").GetBoolean() ? "開庁中（" : "閉庁中", ask.TextContent);
            Assert.Contains("今日：", ask.TextContent);
            Assert.Contains("紙でも手続きできます", ask.TextContent);
        }

        // Open round the clock from today, and with another number: on every page within seconds.
        await town.Do($"""
            INSERT INTO offices.exceptions (id, office_id, day_on, opens, closes, note) SELECT gen_random_uuid(), id, (now() AT TIME ZONE 'Asia/Tokyo')::date, '00:00', '23:59:59', '{"{}"}' FROM offices.offices WHERE key = 'city-hall';
            INSERT INTO offices.exceptions (id, office_id, day_on, opens, closes, note) SELECT gen_random_uuid(), id, (now() AT TIME ZONE 'Asia/Tokyo')::date + 1, '00:00', '23:59:59', '{"{}"}' FROM offices.offices WHERE key = 'city-hall';
            UPDATE offices.offices SET telephone = '0000-11-2222' WHERE key = 'city-hall';
            """);
        Assert.Contains("開庁中（23:59まで）", await Eventually(() => visitor.OpenAnew(""), ask => ask.Contains("0000-11-2222")));

        // Closed for a reason.
        await town.Do("""UPDATE offices.exceptions SET opens = NULL, closes = NULL, note = '{"ja": "停電のため"}' WHERE day_on = (now() AT TIME ZONE 'Asia/Tokyo')::date""");
        var closed = await Eventually(() => visitor.OpenAnew(""), ask => ask.Contains("停電のため"));
        Assert.Contains("閉庁中", closed);
        Assert.Contains("に開きます", closed);
    }

    [Fact]
    public async Task A_page_names_the_department_that_answers_for_it_and_its_own_telephone()
    {
        var town = await program.NewTown("komaki");
        var staff = await town.Staff();
        var (library, _) = await staff.Write(Desk.Filled("見本の朗読会", "来てください。", ("department", "図書館")));
        var (city, _) = await staff.Write(Desk.Filled("窓口の混雑", "月初めは混みます。", ("department", "市民窓口課")));
        var (nobody, _) = await staff.Write(Desk.Filled("名のない課", "本文", ("department", "どこにもない課")));
        var visitor = town.Visitor();
        var ask = (await visitor.Open($"announcements/{library}")).One(".ask");
        Assert.Equal("図書館", ask.QuerySelector(".ask-name")!.TextContent);
        Assert.Contains("小牧市図書館（見本）", ask.TextContent);
        Assert.Contains("0000-00-0001", ask.TextContent);
        Assert.Equal("市民窓口課", (await visitor.Open($"announcements/{city}")).One(".ask-name").TextContent);
        Assert.Equal("小牧市役所（見本）", (await visitor.Open($"announcements/{nobody}")).One(".ask-name").TextContent);
    }

    /// <summary>The office's block once it says so: what is kept is seconds old at the most.</summary>
    static async Task<string> Eventually(Func<Task<Seen>> open, Predicate<string> says)
    {
        for (var began = Environment.TickCount64; ;)
        {
            var ask = (await open()).One(".ask").TextContent;
            if (says(ask)) return ask;
            Assert.True(Environment.TickCount64 - began < 10_000, ask);
            await Task.Delay(100);
        }
    }
}
