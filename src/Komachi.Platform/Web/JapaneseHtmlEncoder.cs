using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;

namespace Komachi.Platform.Web;

/// <summary>
/// Escapes what HTML needs escaped and leaves every script as it is: the framework's own encoders write 𠮷, variation
/// selectors and the ideographic space as entities. Marks that turn the direction of writing, which can disguise a
/// name, are shown as a replacement character instead of obeyed.
/// </summary>
sealed class JapaneseHtmlEncoder : HtmlEncoder
{
    public static readonly JapaneseHtmlEncoder Instance = new();

    static readonly SearchValues<char> Special = SearchValues.Create(
        [.. "<>&\"'`", .. Enumerable.Range(0, 0x20).Where(c => c is not (9 or 10 or 13)).Select(c => (char)c), '\u007f',
            .. "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufffe\uffff",
            .. Enumerable.Range(0xd800, 0x800).Select(c => (char)c)]);

    public override int MaxOutputCharactersPerInputCharacter => 8;

    public override bool WillEncode(int unicodeScalar) => unicodeScalar <= 0xffff && Special.Contains((char)unicodeScalar);

    public override unsafe int FindFirstCharacterToEncode(char* text, int textLength)
    {
        var span = new ReadOnlySpan<char>(text, textLength);
        for (var from = 0; ;)
        {
            var at = span[from..].IndexOfAny(Special);
            if (at < 0) return -1;
            at += from;
            // A whole pair is a character like any other; half of one is not.
            if (!char.IsHighSurrogate(span[at]) || at + 1 >= textLength || !char.IsLowSurrogate(span[at + 1])) return at;
            from = at + 2;
        }
    }

    public override unsafe bool TryEncodeUnicodeScalar(int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten)
    {
        var to = new Span<char>(buffer, bufferLength);
        ReadOnlySpan<char> written = unicodeScalar switch
        {
            '<' => "&lt;",
            '>' => "&gt;",
            '&' => "&amp;",
            '"' => "&quot;",
            '\'' => "&#39;",
            '`' => "&#96;",
            _ when WillEncode(unicodeScalar) => "\ufffd",
            _ => default,
        };
        if (written.IsEmpty) return new Rune(unicodeScalar).TryEncodeToUtf16(to, out numberOfCharactersWritten);
        numberOfCharactersWritten = written.Length;
        return written.TryCopyTo(to);
    }
}
