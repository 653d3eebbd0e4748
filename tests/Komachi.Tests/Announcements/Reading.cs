using System.Net;
using System.Text.Json;
using System.Xml.Linq;
using Komachi.Tests.Harness;

namespace Komachi.Tests.Announcements;

/// <summary>What residents, and programs, find.</summary>
public sealed class Reading(TestProgram program)
{
    static readonly XNamespace Atom = "http://www.w3.org/2005/Atom";

    [Fact]
    public async Task The_list_pages_through_everything_once_newest_first_and_narrows_by_category()
    {
        var town = await program.NewTown("onojo", livedIn: true);
        var visitor = town.Visitor();
        var found = new List<(string Href, string Date)>();
        var page = await visitor.Open("announcements");
        while (true)
        {
            found.AddRange(page.All("ul.news li").Select(li => (li.QuerySelector("a")!.GetAttribute("href")!, li.QuerySelector("time")!.GetAttribute("datetime")!)));
            if (page.Document.QuerySelector("a[rel=next]") is not { } next) break;
            page = await visitor.Open(next.GetAttribute("href")!);
        }
        Assert.Equal(found.Count, found.Select(f => f.Href).Distinct().Count());
        Assert.Equal(found.Select(f => f.Date).OrderDescending(), found.Select(f => f.Date));
        Assert.Equal(await town.Count("announcements.announcements WHERE state = 'Published' AND publish_at <= now() AND (until_at IS NULL OR until_at > now())"), found.Count);

        var tax = await visitor.Open("announcements?category=tax");
        Assert.NotEmpty(tax.All("ul.news li"));
        Assert.All(tax.All("ul.news .badge"), badge => Assert.EndsWith("税金", badge.TextContent));
        Assert.Equal("tax", tax.One("select[name=category] option[selected]").GetAttribute("value"));
        Assert.Equal(HttpStatusCode.OK, (await visitor.Open("announcements?category=nonsense&after=nonsense")).Status);
    }

    [Fact]
    public async Task A_search_finds_other_spellings_short_words_and_other_languages()
    {
        var town = await program.NewTown();
        var staff = await town.Staff();
        await staff.Write(Desk.Filled("税金の口座振替", "ガーデニング講座は100%無料です。", ("title-en", "Paying tax by bank"), ("body-en", "From your account.")));
        await staff.Write(Desk.Filled("葛\U000e0100飾橋の工事", "通行止めです。"));
        var visitor = town.Visitor();
        foreach (var (words, hits) in new[] { ("税金", 1), ("ｶﾞｰﾃﾞﾆﾝｸﾞ", 1), ("がーでにんぐ", 1), ("BANK", 1), ("葛飾", 1), ("税金 無料", 1), ("税金 工事", 0), ("%", 1), ("_", 0), ("金の口", 1), ("\\", 0), ("税\0金", 1), ("", 2) })
        {
            var page = await visitor.Open("announcements?q=" + Uri.EscapeDataString(words));
            Assert.Equal(HttpStatusCode.OK, page.Status);
            Assert.True(hits == page.All("ul.news li").Count(), $"{words}: {page.All("ul.news li").Count()} instead of {hits}");
        }
    }

    [Fact]
    public async Task The_page_of_one_speaks_the_readers_language_or_says_why_not()
    {
        var town = await program.NewTown();
        var staff = await town.Staff();
        var (id, _) = await staff.Write(Desk.Filled("題名𠮷<b>", "# 見出し\n\n本文", ("title-en", "In English"), ("body-en", "Text")));
        var visitor = town.Visitor();
        var japanese = await visitor.Open($"announcements/{id}");
        Assert.Equal("題名𠮷<b>", japanese.One("h1").TextContent);
        Assert.Equal("見出し", japanese.One(".prose h2").TextContent);
        Assert.Null(japanese.One("article").GetAttribute("lang"));
        Assert.Empty(japanese.All(".notice"));

        var english = await visitor.Open($"en/announcements/{id}");
        Assert.Equal("In English", english.One("h1").TextContent);
        Assert.Empty(english.All(".notice"));

        var (only, _) = await staff.Write(Desk.Filled("日本語だけ", "本文"));
        var fallen = await visitor.Open($"en/announcements/{only}");
        Assert.Equal("日本語だけ", fallen.One("article[lang=ja] h1").TextContent);
        Assert.Contains("has not been written in English yet", fallen.One(".notice").TextContent);
        Assert.Contains("やさしい日本語", (await visitor.Open($"plain/announcements/{only}")).One(".notice").TextContent);
    }

    [Fact]
    public async Task What_is_not_visible_is_nowhere()
    {
        var town = await program.NewTown();
        var staff = await town.Staff();
        var now = Desk.Now;
        var hidden = new List<Guid>
        {
            (await staff.Write(Desk.Filled("隠れた下書き"), Desk.Draft)).Id,
            (await staff.Write(Desk.Filled("隠れた予定", "本文", Desk.At(now.AddHours(2))))).Id,
            (await staff.Write(Desk.Filled("隠れた終了", "本文", Desk.At(now.AddDays(-2)), Desk.Until(now.AddDays(-1))))).Id,
            (await staff.Write(Desk.Filled("隠れた取り下げ"))).Id,
        };
        await staff.Withdraw(hidden[^1]);
        var (shown, _) = await staff.Write(Desk.Filled("見える"));
        var visitor = town.Visitor();
        foreach (var path in new[] { "", "announcements", "announcements?q=隠れた", "announcements/feed.xml", "announcements/feed.json", "api/v1/announcements", "api/v1/announcements?q=隠れた" })
            Assert.DoesNotContain("隠れた", (await visitor.OpenAnew(path)).Html.Replace("value=\"隠れた\"", ""));
        foreach (var id in hidden)
            foreach (var path in new[] { $"announcements/{id}", $"api/v1/announcements/{id}" })
                Assert.Equal(HttpStatusCode.NotFound, (await visitor.OpenAnew(path)).Status);
        Assert.Equal(HttpStatusCode.OK, (await visitor.Open($"announcements/{shown}")).Status);
    }

    [Fact]
    public async Task The_first_page_shows_the_newest_with_the_important_ones_first_and_an_emergency_stands_above_all()
    {
        var town = await program.NewTown();
        var staff = await town.Staff();
        var now = Desk.Now;
        for (var i = 0; i < 9; i++) await staff.Write(Desk.Filled($"ふつう{i}", "本文", Desk.At(now.AddMinutes(-20 + i))));
        await staff.Write(Desk.Filled("たいせつ", "本文", ("urgency", "important"), Desk.At(now.AddMinutes(-15.5))));
        var first = await town.Visitor().OpenAnew("");
        var lines = first.All("ul.news li").Select(li => li.TextContent).ToArray();
        Assert.Equal(8, lines.Length);
        Assert.Contains("たいせつ", lines[0]);
        Assert.Contains("重要", lines[0]);
        Assert.Contains("ふつう8", lines[1]);
        Assert.Empty(first.All(".emergency"));

        var (id, _) = await staff.Write(Desk.Filled("川から離れてください", "本文", ("urgency", "emergency"), ("title-en", "Leave the river"), ("body-en", "Now")));
        await Task.Delay(1100);    // the banner may be a second old
        var page = await town.Visitor().OpenAnew("en/figures");
        Assert.Contains("Leave the river", page.One(".emergency").TextContent);
        Assert.EndsWith($"/en/announcements/{id}", page.One(".emergency a").GetAttribute("href"));
        await staff.Withdraw(id);
        await Task.Delay(1100);
        Assert.Empty((await town.Visitor().OpenAnew("figures")).All(".emergency"));
    }

    [Fact]
    public async Task The_atom_feed_is_whole_and_its_links_are_those_of_the_host_that_was_asked()
    {
        var town = await program.NewTown();
        var staff = await town.Staff();
        var now = Desk.Now;
        await staff.Write(Desk.Filled("税の話", "**本文** & ]]>", ("category", "tax"), Desk.At(now.AddHours(-1)), ("title-en", "Tax"), ("body-en", "Text <b>")));
        var (id, _) = await staff.Write(Desk.Filled("くらしの話"));
        var visitor = town.Visitor();

        async Task<XElement> Feed(string path, string? host = null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/{town.Slug}/{path}");
            if (host is not null) request.Headers.Host = host;
            using var answer = await visitor.Http.SendAsync(request);
            Assert.Equal("application/atom+xml", answer.Content.Headers.ContentType!.MediaType);
            return XDocument.Parse(await answer.Content.ReadAsStringAsync()).Root!;
        }

        var feed = await Feed("announcements/feed.xml");
        Assert.Equal("ja", (string)feed.Attribute(XNamespace.Xml + "lang")!);
        Assert.Matches("^urn:uuid:[0-9a-f-]{36}$", (string)feed.Element(Atom + "id")!);
        Assert.Equal(2, feed.Elements(Atom + "entry").Count());
        var newest = feed.Element(Atom + "entry")!;
        Assert.Equal($"urn:uuid:{id}", (string)newest.Element(Atom + "id")!);
        Assert.Equal($"{program.Url}/{town.Slug}/announcements/{id}", (string)newest.Element(Atom + "link")!.Attribute("href")!);
        Assert.Equal(feed.Elements(Atom + "entry").Max(e => (DateTimeOffset)e.Element(Atom + "updated")!), (DateTimeOffset)feed.Element(Atom + "updated")!);
        Assert.Contains("<strong>本文</strong> &amp; ]]&gt;", (string)feed.Elements(Atom + "entry").Last().Element(Atom + "content")!);

        // Asked within the same second, so the first is still kept.
        Assert.StartsWith("http://elsewhere.example/", (string)(await Feed("announcements/feed.xml", "elsewhere.example")).Element(Atom + "entry")!.Element(Atom + "link")!.Attribute("href")!);

        var english = await Feed("en/announcements/feed.xml?category=tax");
        Assert.Equal("Tax", (string)Assert.Single(english.Elements(Atom + "entry")).Element(Atom + "title")!);
        Assert.NotEqual((string)feed.Element(Atom + "id")!, (string)english.Element(Atom + "id")!);
        Assert.Contains("/en/announcements/", english.ToString());

        var page = await visitor.Open("en/announcements?category=tax");
        Assert.Equal($"/{town.Slug}/en/announcements/feed.xml?category=tax", page.One("head link[type='application/atom+xml']").GetAttribute("href"));
    }

    [Fact]
    public async Task The_json_feed_says_the_same()
    {
        var town = await program.NewTown();
        var staff = await town.Staff();
        var (id, _) = await staff.Write(Desk.Filled("題", "本文"));
        using var answer = await town.Visitor().Send(HttpMethod.Get, "en/announcements/feed.json");
        Assert.Equal("application/feed+json", answer.Content.Headers.ContentType!.MediaType);
        var feed = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal("https://jsonfeed.org/version/1.1", feed.GetProperty("version").GetString());
        Assert.Equal($"{program.Url}/{town.Slug}/en/announcements/feed.json", feed.GetProperty("feed_url").GetString());
        var item = Assert.Single(feed.GetProperty("items").EnumerateArray());
        Assert.Equal($"urn:uuid:{id}", item.GetProperty("id").GetString());
        Assert.Equal("ja", item.GetProperty("language").GetString());
        Assert.Equal("<p>本文</p>", item.GetProperty("content_html").GetString()!.Trim());
    }

    [Fact]
    public async Task The_api_pages_filters_and_refuses_what_it_cannot_read()
    {
        var town = await program.NewTown("oyabe", livedIn: true);
        var visitor = town.Visitor();

        async Task<(HttpStatusCode Status, string? Type, JsonElement Body)> Ask(string path)
        {
            using var answer = await visitor.Send(HttpMethod.Get, "api/v1/announcements" + path);
            return (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement);
        }

        var ids = new List<string>();
        string? next = null;
        do
        {
            var page = (await Ask($"?limit=7{(next is null ? "" : "&after=" + next)}")).Body;
            ids.AddRange(page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("id").GetString()!));
            next = page.GetProperty("next").GetString();
        }
        while (next is not null);
        Assert.True(ids.Count > 14);
        Assert.Equal(ids.Count, ids.Distinct().Count());

        var one = (await Ask("/" + ids[0])).Body;
        Assert.Equal($"{program.Url}/{town.Slug}/announcements/{ids[0]}", one.GetProperty("url").GetString());
        foreach (var field in new[] { "title", "body" })
            foreach (var lang in new[] { "ja", "en", "plain" })
                Assert.False(string.IsNullOrEmpty(one.GetProperty(field).GetProperty(lang).GetString()));

        foreach (var wrong in new[] { "?limit=0", "?limit=101", "?limit=many", "?category=nonsense", "?after=nonsense", "?q=" + new string('a', 101) })
        {
            var (status, type, _) = await Ask(wrong);
            Assert.Equal((HttpStatusCode.BadRequest, "application/problem+json"), (status, type));
        }
        Assert.Equal((HttpStatusCode.NotFound, "application/problem+json"), ((await Ask("/" + Guid.CreateVersion7())).Status, (await Ask("/nonsense")).Type));

        using var described = await visitor.Send(HttpMethod.Get, "api/v1/openapi.json");
        var paths = JsonDocument.Parse(await described.Content.ReadAsStringAsync()).RootElement.GetProperty("paths");
        var list = paths.EnumerateObject().Single(p => p.Name.TrimEnd('/') == "/api/v1/announcements").Value.GetProperty("get");
        Assert.True(list.GetProperty("responses").TryGetProperty("400", out _));
        Assert.Equal(["category", "q", "after", "limit"], list.GetProperty("parameters").EnumerateArray().Select(p => p.GetProperty("name").GetString()!));
    }

    [Fact]
    public async Task The_figures_count_what_is_visible_now()
    {
        var town = await program.NewTown();
        var staff = await town.Staff();
        var now = Desk.Now;
        await staff.Write(Desk.Filled("三言語", "本文", ("title-en", "a"), ("body-en", "a"), ("title-plain", "あ"), ("body-plain", "あ")));
        await staff.Write(Desk.Filled("日本語だけ", "本文", Desk.At(now.AddDays(-40))));
        await staff.Write(Desk.Filled("終わった", "本文", Desk.At(now.AddDays(-2)), Desk.Until(now.AddDays(-1))));
        await staff.Write(Desk.Filled("下書き"), Desk.Draft);
        using var answer = await town.Visitor().Send(HttpMethod.Get, "api/v1/figures");
        var figures = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.EnumerateArray().Where(f => f.GetProperty("key").GetString()!.StartsWith("announcements.", StringComparison.Ordinal))
            .ToDictionary(f => f.GetProperty("key").GetString()!, f => f.GetProperty("now").GetDecimal());
        Assert.Equal(2, figures["announcements.published"]);
        Assert.Equal(50, figures["announcements.languages_share"]);
        Assert.Equal(2, figures["announcements.month"]);
    }
}
