using Komachi.Tests.Harness;
using Komachi.Ui.Words;

namespace Komachi.Tests.Languages;

/// <summary>Furigana: written in the text, shown above it, and gone where no markup can stand.</summary>
public sealed class ReadingsOfKanji(TestProgram program)
{
    static string Shown(string html, bool readings = true, bool marksJapanese = false)
    {
        var to = new StringWriter();
        Furigana.InPage(html, to, readings, marksJapanese);
        return to.ToString();
    }

    [Theory]
    [InlineData("お知《し》らせを 読《よ》む", "お知らせを 読む")]
    [InlineData("｜2日《ふつか》から 5日《にち》", "2日から 5日")]
    [InlineData("日々《ひび》、高｜校生《こうせい》", "日々、高校生")]
    [InlineData("𠮷野《よしの》さん", "𠮷野さん")]
    [InlineData("雑誌《広報》と《かな》と 漢字《》", "雑誌《広報》と《かな》と 漢字《》")]    // no reading: kanji in the brackets, no kanji before them, nothing in them
    [InlineData("終わらない《かっこ", "終わらない《かっこ")]
    [InlineData("", "")]
    public void A_text_is_shown_without_its_readings_where_it_is_no_page(string written, string bare)
    {
        Assert.Equal(bare, Furigana.Bare(written));
        Assert.Equal(bare, Furigana.Bare(Furigana.Bare(written)));
        Assert.Equal(bare, Shown(written, readings: false));
    }

    [Fact]
    public void On_a_page_they_stand_above_the_word_and_who_knows_no_ruby_sees_brackets()
    {
        Assert.Equal("<p><span>お<ruby>知<rp>（</rp><rt>し</rt><rp>）</rp></ruby>らせ</span></p>", Shown("<p>お知《し》らせ</p>"));
        Assert.Equal("<b><span>1<ruby>4日<rp>（</rp><rt>よっか</rt><rp>）</rp></ruby></span></b>", Shown("<b>1｜4日《よっか》</b>"));
    }

    [Theory]
    [InlineData("<title>市《し》</title>", "<title>市</title>")]
    [InlineData("<a title=\"市《し》\" data-label=\"町《まち》\" href=\"/x\">市</a>", "<a title=\"市\" data-label=\"町\" href=\"/x\">市</a>")]
    [InlineData("<select><option value=\"市《し》\">市《し》</option></select>", "<select><option value=\"市《し》\">市</option></select>")]
    [InlineData("<svg><title>市《し》</title><text>町《まち》</text></svg>", "<svg><title>市</title><text>町</text></svg>")]
    [InlineData("<input value=\"市《し》\" /><textarea>市《し》</textarea>", "<input value=\"市《し》\" /><textarea>市《し》</textarea>")]    // what somebody typed comes back as it was
    [InlineData("<bdi>山田《やまだ》</bdi><code>市《し》</code>", "<bdi>山田《やまだ》</bdi><code>市《し》</code>")]    // names and code as they are written
    [InlineData("<a title=\"a > b 市《し》\">x</a><!-- 市《し》 --><script src=\"x\"></script>", "<a title=\"a > b 市\">x</a><!-- 市 --><script src=\"x\"></script>")]
    public void Where_no_markup_can_stand_there_is_none(string html, string shown) => Assert.Equal(shown, Shown(html));

    [Fact]
    public void What_is_japanese_on_a_page_in_another_language_says_so() =>
        Assert.Equal("<p>Olá</p><p><span lang=\"ja\">お<ruby>知<rp>（</rp><rt>し</rt><rp>）</rp></ruby>らせ</span></p><bdi>はなこ</bdi>", Shown("<p>Olá</p><p>お知《し》らせ</p><bdi>はなこ</bdi>", marksJapanese: true));

    [Fact]
    public async Task A_link_takes_them_off_every_page_of_the_town_and_puts_them_back_also_on_pages_that_are_kept()
    {
        var town = await program.NewTown();
        var (reader, other) = (town.Visitor(), town.Visitor());
        var plain = await reader.Open("plain/announcements");
        Assert.NotEmpty(plain.All("ruby rt"));
        Assert.DoesNotContain('《', plain.Html);
        Assert.Empty((await reader.Open("announcements")).All("ruby, .language-beside"));

        var off = await reader.Open(plain.One(".language-beside a").GetAttribute("href")!);
        Assert.Equal(plain.Url, off.Url);
        Assert.Empty(off.All("ruby"));
        Assert.DoesNotContain('《', off.Html);
        Assert.Empty((await reader.Open("plain/offices")).All("ruby"));
        // The same kept page, for somebody who did not choose.
        Assert.NotEmpty((await other.Open("plain/announcements")).All("ruby"));
        Assert.Empty((await reader.Open("plain/announcements")).All("ruby"));

        var on = await reader.Open(off.One(".language-beside a").GetAttribute("href")!);
        Assert.Equal(plain.Url, on.Url);
        Assert.NotEmpty(on.All("ruby"));
    }

    [Theory]
    [InlineData("//elsewhere.example/"), InlineData("/\\elsewhere.example"), InlineData("https://elsewhere.example/"), InlineData("%0d%0aSet-Cookie:x"), InlineData("")]
    public async Task The_switch_leads_back_into_the_town_and_nowhere_else(string to)
    {
        var town = await program.NewTown();
        using var answer = await town.Visitor().Send(HttpMethod.Get, "plain/furigana/off?to=" + to.Replace("\\", "%5C"));
        Assert.StartsWith($"/{town.Slug}/plain", answer.Headers.Location!.ToString());
    }

    [Fact]
    public async Task Titles_and_feeds_have_none()
    {
        var town = await program.NewTown();
        var koho = await town.Staff("koho");
        var page = await koho.Open("desk/announcements/new");
        await koho.Submit(page, new()
        {
            ["title-ja"] = "避難所", ["body-ja"] = "本文", ["title-plain"] = "避難所《ひなんじょ》の お知《し》らせ", ["body-plain"] = "避難《ひなん》所《じょ》が あきました。",
            ["category"] = "disaster", ["department"] = "防災課", ["urgency"] = "normal",
        }, "公開する");
        var reader = town.Visitor();
        Assert.Contains("避難所の お知らせ", (await reader.Open("plain/announcements/feed.xml")).Html);
        Assert.DoesNotContain('《', (await reader.Open("plain/announcements/feed.json")).Html);
        var found = await reader.Open("plain/announcements?q=避難所が");
        var article = await reader.Open(found.All(".news a").First(a => a.TextContent.Contains("避難")).GetAttribute("href")!);
        Assert.StartsWith("避難所の お知らせ", article.Document.Title);
        Assert.Equal(["ひなん", "じょ"], article.All(".prose rt").Select(r => r.TextContent));
    }
}
