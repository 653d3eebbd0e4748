using System.Net;
using Komachi.Tests.Announcements;
using Komachi.Tests.Harness;

namespace Komachi.Tests.Portal;

/// <summary>Who does not know where something stands types a word for it.</summary>
public sealed class LookingForThings(TestProgram program)
{
    static Task<Seen> Look(Person visitor, string words, string language = "") => visitor.Open($"{language}search?q={Uri.EscapeDataString(words)}");

    /// <summary>What was found, by the heading of its kind.</summary>
    static Dictionary<string, string[]> Found(Seen page) => page.All("main section").Where(s => s.QuerySelector("ul.hits") is not null)
        .ToDictionary(s => s.QuerySelector("h2")!.TextContent, s => s.QuerySelectorAll("a.hit-title").Select(a => a.TextContent).ToArray());

    static string[] Ways(Seen page) => [.. page.All("a.hit-title").Select(a => a.GetAttribute("href")!)];

    [Fact]
    public async Task One_box_finds_events_pages_places_and_announcements_each_under_its_kind()
    {
        var town = await program.NewTown();
        var staff = await town.Staff();
        await staff.Write(Desk.Filled("保育園の入園の申し込み", "来年度の分です。", ("title-en", "Apply for nursery"), ("body-en", "For next year.")));
        await staff.Write(Desk.Filled("雪の日の保育園", "開いています。"));
        var visitor = town.Visitor();

        var home = await visitor.Open();
        Assert.Equal($"/{town.Slug}/search", home.One("form[role=search]").GetAttribute("action"));
        var page = await Look(visitor, "保育園");
        Assert.Equal(["くらしの場面", "手続き", "お知らせ"], Found(page).Keys);
        Assert.Equal(["子育て・学校"], Found(page)["くらしの場面"]);
        Assert.Equal(["雪の日の保育園", "保育園の入園の申し込み"], Found(page)["お知らせ"]);
        Assert.Equal(["幼児教育・保育課"], Found(await Look(visitor, "保育課"))["場所・窓口"]);
        Assert.Contains("保育園 - ", page.Document.Title);
        Assert.Equal("保育園", page.One("input[name=q]").GetAttribute("value"));
        foreach (var way in Ways(page)) Assert.Equal(HttpStatusCode.OK, (await visitor.Open(way)).Status);

        // In another language: what is not said in it says in which it is.
        var english = await Look(visitor, "保育園", "en/");
        Assert.Equal(["雪の日の保育園", "Apply for nursery"], Found(english)["Announcements"]);
        Assert.Equal("ja", english.All("ul.hits li").Single(li => li.TextContent.Contains("雪の日")).GetAttribute("lang"));
        Assert.Null(english.All("ul.hits li").Single(li => li.TextContent.Contains("Apply for nursery")).GetAttribute("lang"));
    }

    [Theory]
    [InlineData("ひっこし", "life/moving")]
    [InlineData("引越し", "life/moving")]
    [InlineData("ＭＯＶＥ", "life/moving")]
    [InlineData("お悔やみ", "life/bereavement")]
    [InlineData("ﾊﾟｽﾜｰﾄﾞ 忘れた", "sign-in/forgot")]
    [InlineData("開いているか", "offices")]
    [InlineData("開庁時間", "offices")]
    [InlineData("個人情報 写し", "my/about-me")]
    [InlineData("statistics", "figures")]
    [InlineData("としょかん", "offices#library")]    // by its reading in plain Japanese
    [InlineData("0000-00-0001", "offices#library")]
    public async Task It_is_found_by_other_words_in_any_language_and_spelling(string words, string way)
    {
        var town = await program.NewTown("komaki");
        foreach (var language in new[] { "", "en/" }) Assert.Contains($"/{town.Slug}/{language}{way}", Ways(await Look(town.Visitor(), words, language)));
    }

    [Fact]
    public async Task Who_finds_nothing_reads_what_to_do_and_nothing_typed_breaks_it()
    {
        var town = await program.NewTown(livedIn: true);
        var visitor = town.Visitor();
        foreach (var words in new[] { "存在しない言葉", "税金 存在しない言葉", "_", "\\", "<script>", new string('長', 500), string.Join(' ', Enumerable.Range(0, 500).Select(i => $"語{i}")) })
        {
            var page = await Look(visitor, words);
            Assert.Equal(HttpStatusCode.OK, page.Status);
            Assert.Empty(page.All("ul.hits"));
            Assert.Contains("見つかりませんでした", page.One(".empty").TextContent);
            // The ways that are always there, and whom to ask.
            Assert.Equal(9, page.All("main li.card").Count());
            Assert.Contains("0000-00-0000", page.One(".ask").TextContent);
        }
        foreach (var nothing in new[] { "search", "search?q=", "search?q=%20%E3%80%80", "search?q=%00", "search?q=%ED%A0%80" })
        {
            var page = await visitor.Open(nothing);
            Assert.Equal(HttpStatusCode.OK, page.Status);
            Assert.Empty(page.All("ul.hits"));
        }
    }

    [Fact]
    public async Task What_is_no_more_than_planned_is_not_found_and_of_much_the_newest_is_shown_with_a_way_to_all()
    {
        var town = await program.NewTown();
        var staff = await town.Staff();
        await staff.Write(Desk.Filled("見本祭の下書き"), Desk.Draft);
        await staff.Write(Desk.Filled("見本祭の予定", "本文", Desk.At(Desk.Now.AddHours(2))));
        for (var i = 1; i <= 7; i++) await staff.Write(Desk.Filled($"見本祭{i}", "本文", Desk.At(Desk.Now.AddMinutes(i - 20))));
        var page = await Look(town.Visitor(), "見本祭");
        Assert.Equal(["見本祭7", "見本祭6", "見本祭5", "見本祭4", "見本祭3"], Found(page)["お知らせ"]);
        var all = await town.Visitor().Open(page.All("main section a").Single(a => a.TextContent.StartsWith("すべて見る")).GetAttribute("href")!);
        Assert.Equal(7, all.All("ul.news li").Count());
    }

    [Fact]
    public async Task What_a_town_has_switched_off_is_not_found_there()
    {
        var folder = Directory.CreateTempSubdirectory("komachi-town").FullName;
        try
        {
            var written = File.ReadAllText(Path.Combine(TestProgram.TownsFolder, "oyabe", "town.yaml"));
            File.WriteAllText(Path.Combine(folder, "town.yaml"), written.Replace("modules: [announcements, procedures, plan]", "modules: []"));
            var town = await program.NewTownFrom(folder, "oyabe-quiet");
            var visitor = town.Visitor();
            Assert.DoesNotContain("お知らせ", Found(await Look(visitor, "フィード")).Keys);
            Assert.Empty(Ways(await Look(visitor, "RSS")));
            // A town that has only begun: nothing to bring, no office of its own, and the page says so.
            Assert.Equal(9, (await visitor.Open()).All("main li.card").Count());
            var life = await visitor.Open("life/moving");
            Assert.Equal("ここに載せるものはまだありません", life.One(".empty-title").TextContent);
            Assert.Empty(life.All(".ask"));
            Assert.Contains("0000-00-0000", life.One(".town-footer").TextContent);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
