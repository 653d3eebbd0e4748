using System.Text;
using Komachi.Platform.Towns;
using Komachi.Platform.Web;
using Komachi.Ui;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;

namespace Komachi.Platform.Pdf;

/// <summary>Something that a sheet shows and that stands at an address: a style sheet, a picture.</summary>
public sealed record SheetPart(string ContentType, ReadOnlyMemory<byte> Bytes);

/// <summary>
/// A document on its way to paper, with all that there is for it: its text, the house's style sheets, its town's colours, the pictures
/// that were given. It stands at an address that exists nowhere, and whatever else it names is not asked for.
/// </summary>
public sealed class Sheet
{
    internal const string Address = "https://paper.invalid/";
    internal const string Policy = "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'";

    const string Styles = "paper.css";
    static readonly SheetPart PaperStyles = new("text/css; charset=utf-8", Read());

    readonly Func<string, SheetPart?> _find;
    readonly SheetPart _document;

    /// <param name="html">The whole document.</param>
    /// <param name="author">Who answers for it, as the PDF says: the town.</param>
    /// <param name="find">What stands at a path of ours, like <c>assets/komachi.css</c>; null for what does not.</param>
    public Sheet(string html, string author, Func<string, SheetPart?> find)
    {
        // Last, so that it has the last word on type and page.
        var end = html.IndexOf("</head>", StringComparison.OrdinalIgnoreCase);
        if (end >= 0) html = $"{html.AsSpan(0, end)}<link rel=\"stylesheet\" href=\"/{Styles}\" />{html.AsSpan(end)}";
        (_document, Author, _find) = (new("text/html; charset=utf-8", Encoding.UTF8.GetBytes(html)), author, find);
    }

    public string Author { get; }

    internal SheetPart? Find(string address) =>
        !address.StartsWith(Address, StringComparison.Ordinal) ? null : address[Address.Length..] switch
        {
            "" => _document,
            Styles => PaperStyles,
            var path => _find(path),
        };

    /// <summary>Draws a page of ours, in a request or in a job.</summary>
    internal static async Task<Sheet> Draw(Type page, object? parameters, Visit visit, IServiceProvider services, IReadOnlyDictionary<string, SheetPart>? pictures = null)
    {
        var (assets, colours) = (services.GetRequiredService<Assets>(), services.GetRequiredService<TownColours>());
        var html = await HtmlPage.Draw(services, page, parameters);
        return new(html, visit.Town.Name.In(visit.Lang), path =>
            pictures?.GetValueOrDefault(path) is { } picture ? picture
            : assets.Find("/" + path) is var (type, bytes) ? new(type, bytes)
            : ("/" + path).StartsWith(TownColours.AddressIn(visit), StringComparison.Ordinal) ? new("text/css; charset=utf-8", Encoding.UTF8.GetBytes(colours.SheetOf(visit.Town)))
            : null);
    }

    static byte[] Read()
    {
        using var stream = typeof(Sheet).Assembly.GetManifestResourceStream(Styles)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
