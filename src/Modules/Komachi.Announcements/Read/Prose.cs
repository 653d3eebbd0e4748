using System.Buffers;
using Markdig;
using Markdig.Renderers;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Komachi.Announcements;

/// <summary>
/// Markdown as editors write it, to HTML that can do no harm: no HTML of their own, links only to the web, to mail or within
/// the town. Headings begin below those of the page around it, and a line ends where the editor ended it.
/// </summary>
internal static class Prose
{
    static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder()
        .DisableHtml().UsePipeTables().UseAutoLinks().UseSoftlineBreakAsHardlineBreak()
        // Without it **「重要」**です stays two pairs of stars: the rules for emphasis were made for words between spaces.
        .UseCjkFriendlyEmphasis()
        .Build();

    /// <param name="under">The level of the heading that stands above.</param>
    public static string Html(string markdown, int under = 1)
    {
        var document = Markdown.Parse(markdown, Pipeline);
        foreach (var heading in document.Descendants<HeadingBlock>()) heading.Level = Math.Min(6, heading.Level + under);
        foreach (var link in document.Descendants<LinkInline>().Where(l => !MayLeadTo(l.GetDynamicUrl?.Invoke() ?? l.Url)).ToArray()) link.ReplaceBy(new ContainerInline(), copyChildren: true);
        foreach (var link in document.Descendants<AutolinkInline>().Where(l => !l.IsEmail && !MayLeadTo(l.Url)).ToArray()) link.ReplaceBy(new LiteralInline(link.Url));
        // Pictures from elsewhere are not loaded (the page's policy forbids it, and they would tell who reads): they become links.
        foreach (var picture in document.Descendants<LinkInline>().Where(l => l.IsImage && IsElsewhere(l.Url!))) picture.IsImage = false;

        using var html = new StringWriter();
        var renderer = new HtmlRenderer(html);
        Pipeline.Setup(renderer);
        renderer.Render(document);
        return html.ToString();
    }

    static readonly string[] Schemes = ["http://", "https://", "mailto:"];

    // Browsers drop tabs and line breaks from an address and take \ for /, so none of them may stand in one.
    static readonly SearchValues<char> Tricks = SearchValues.Create([.. Enumerable.Range(0, 0x21).Select(c => (char)c), '\\', '\u007f']);

    internal static bool MayLeadTo(string? url) =>
        url is not null && !url.AsSpan().ContainsAny(Tricks) && (Schemes.Any(s => url.StartsWith(s, StringComparison.OrdinalIgnoreCase)) || !HasScheme(url));

    static bool IsElsewhere(string url) => url.StartsWith("//", StringComparison.Ordinal) || HasScheme(url);

    // A colon before the path begins.
    static bool HasScheme(string url) => url.AsSpan().IndexOfAny(":/?#") is >= 0 and var at && url[at] == ':';
}
