using System.Text.RegularExpressions;

namespace Komachi.Platform.Forms;

/// <summary>A text with places to fill in: "The fee is {dogFee} yen".</summary>
static partial class TextWithValues
{
    public static IEnumerable<string> NamesIn(string text) => text.Contains('{') ? Names().Matches(text).Select(m => m.Groups[1].Value) : [];

    public static string Fill(string text, Func<string, string?> with) => text.Contains('{') ? Names().Replace(text, m => with(m.Groups[1].Value) ?? m.Value) : text;

    [GeneratedRegex(@"\{([a-z][A-Za-z0-9]{0,59})\}")]
    private static partial Regex Names();
}
