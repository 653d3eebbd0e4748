using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Komachi.Platform.Pdf;

/// <summary>
/// Who answers for a document. Chromium writes title, language and tags, but no author: it is added as the format wants additions made,
/// behind what is there, which stays byte for byte (ISO 32000, 7.5.6). A signature will come behind it in the same way.
/// </summary>
static partial class Imprint
{
    const int LongestTail = 2048;

    public static byte[] Add(byte[] pdf, string author)
    {
        // The trailer is the last thing in the file, and plain text. A Chromium to come may write another kind: better no author than no document.
        var tail = Encoding.Latin1.GetString(pdf.AsSpan(Math.Max(0, pdf.Length - LongestTail)));
        if (Trailer().Match(tail) is not { Success: true } trailer) return pdf;
        var number = trailer.Groups["info"].Value;
        var opening = Encoding.Latin1.GetBytes($"\n{number} 0 obj\n<<");
        var begin = pdf.AsSpan().IndexOf(opening);
        var length = begin < 0 ? -1 : pdf.AsSpan(begin + opening.Length).IndexOf(">>\nendobj"u8);
        if (length < 0) return pdf;
        var facts = Maker().Replace(Encoding.Latin1.GetString(pdf.AsSpan(begin + opening.Length, length)), "/Creator (Komachi)", 1);

        var added = new StringBuilder("\n");
        var entry = pdf.Length + added.Length;
        added.Append(CultureInfo.InvariantCulture, $"{number} 0 obj\n<<{facts}\n/Author {Text(author)}>>\nendobj\n");
        var table = pdf.Length + added.Length;
        added.Append(CultureInfo.InvariantCulture, $"xref\n{number} 1\n{entry:D10} 00000 n \ntrailer\n<<{trailer.Groups["facts"].Value.Trim()}\n/Prev {trailer.Groups["table"].Value}>>\nstartxref\n{table}\n%%EOF\n");
        return [.. pdf, .. Encoding.Latin1.GetBytes(added.ToString())];
    }

    static string Text(string text) => $"<FEFF{Convert.ToHexString(Encoding.BigEndianUnicode.GetBytes(text))}>";

    [GeneratedRegex(@"trailer\s*<<(?<facts>(?=[^>]*/Info (?<info>\d+) 0 R)[^>]*)>>\s*startxref\s+(?<table>\d+)\s+%%EOF\s*$")]
    private static partial Regex Trailer();

    [GeneratedRegex(@"/Creator \((?:[^()\\]|\\.)*\)")]
    private static partial Regex Maker();
}
