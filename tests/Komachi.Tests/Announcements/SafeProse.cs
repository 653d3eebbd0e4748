using AngleSharp.Html.Parser;
using Komachi.Announcements;

namespace Komachi.Tests.Announcements;

/// <summary>What editors write becomes HTML that can do no harm.</summary>
public sealed class SafeProse
{
    [Theory]
    [InlineData("[a](javascript:alert(1))")]
    [InlineData("[a](JaVaScRiPt:alert(1))")]
    [InlineData("[a](&#106;avascript:alert(1))")]
    [InlineData("[a](java&#9;script:alert(1))")]
    [InlineData("[a](<java\tscript:alert(1)>)")]
    [InlineData("[a](javascript&colon;alert(1))")]
    [InlineData("[a](\\\\evil.example)")]
    [InlineData("[a](data:text/html,<script>alert(1)</script>)")]
    [InlineData("[a](vbscript:x)")]
    [InlineData("[a][x]\n\n[x]: javascript:alert(1)")]
    [InlineData("![a](javascript:alert(1))")]
    [InlineData("![a](data:image/svg+xml,<svg onload=alert(1)>)")]
    [InlineData("<javascript:alert(1)>")]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("<img src=x onerror=alert(1)>")]
    [InlineData("text <b onclick=alert(1)>b</b>")]
    [InlineData("| a |\n| --- |\n| <script>alert(1)</script> [b](javascript:c) |")]
    [InlineData("[a](file:///etc/passwd)")]
    public void Nothing_runs_and_nothing_leads_astray(string markdown)
    {
        var page = new HtmlParser().ParseDocument(Prose.Html(markdown));
        Assert.Empty(page.QuerySelectorAll("script, iframe, object, embed, style, svg, form, input"));
        foreach (var element in page.All)
        {
            Assert.DoesNotContain(element.Attributes, a => a.Name.StartsWith("on", StringComparison.OrdinalIgnoreCase));
            foreach (var name in new[] { "href", "src" })
                if (element.GetAttribute(name) is { } address) Assert.True(Prose.MayLeadTo(address), address);
        }
        Assert.Empty(page.QuerySelectorAll("a[href], img[src]"));
    }

    [Theory]
    [InlineData("[a](https://example.jp/?a=1&b=2)", "https://example.jp/?a=1&b=2")]
    [InlineData("[a](/komaki/announcements)", "/komaki/announcements")]
    [InlineData("[a](map.html#x:y)", "map.html#x:y")]
    [InlineData("[a](//example.jp)", "//example.jp")]
    [InlineData("<koho@example.jp>", "mailto:koho@example.jp")]
    [InlineData("https://example.jp/a", "https://example.jp/a")]
    [InlineData("![a](https://example.jp/a.png)", "https://example.jp/a.png")]
    public void Links_to_the_web_to_mail_and_within_the_town_stay(string markdown, string leadsTo) =>
        Assert.Equal(leadsTo, new HtmlParser().ParseDocument(Prose.Html(markdown)).QuerySelector("a")!.GetAttribute("href"));

    [Fact]
    public void Headings_stand_below_the_pages_own()
    {
        Assert.Contains("<h2>", Prose.Html("# a"));
        Assert.Contains("<h4>", Prose.Html("# a", under: 3));
        Assert.Contains("<h6>", Prose.Html("###### a"));
        Assert.DoesNotContain("<h1", Prose.Html("a\n==="));
    }

    [Fact]
    public void Japanese_is_written_as_japanese_needs_it()
    {
        Assert.Contains("<strong>「重要」</strong>です", Prose.Html("**「重要」**です"));
        Assert.Contains("<br", Prose.Html("一行目\n二行目"));
        Assert.Contains("<th>分野</th>", Prose.Html("| 分野 | 例 |\n| --- | --- |\n| 介護 | 認定 |"));
        Assert.Contains("𠮷野 葛\U000e0100", Prose.Html("𠮷野 葛\U000e0100"));
    }
}
