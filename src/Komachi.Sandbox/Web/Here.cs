using Komachi.Ui;
using Komachi.Ui.Words;

namespace Komachi.Sandbox.Web;

/// <summary>Where a request is: its language (the first segment: Japanese has none), its path without it.</summary>
sealed class Here
{
    public Lang Lang { get; set; } = Lang.Japanese;
    public string Path { get; set; } = "/";
    public string Query { get; set; } = "";

    /// <summary>The languages of these pages: they are for staff and for those who build, so there is no plain Japanese.</summary>
    public static readonly Lang[] Languages = [Lang.Japanese, Lang.English];

    public string Url(string path) => Lang.Segment + path;

    public IReadOnlyList<LanguageLink> Links => [.. Languages.Select(l => new LanguageLink(l, l.Segment + Path + Query, l == Lang))];

    /// <summary>Japan's clock, to the second.</summary>
    public static string Clock(DateTimeOffset at) => at.ToOffset(TimeSpan.FromHours(9)).ToString("yyyy-MM-dd HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture);
}
