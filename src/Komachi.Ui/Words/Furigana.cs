using System.Globalization;
using System.Text;

namespace Komachi.Ui.Words;

/// <summary>
/// Readings of kanji (ふりがな). A text carries them as books for the blind and young do: 漢字《かんじ》 reads the kanji that stand before it, and
/// where a reading is of more than those, a bar says where it begins: ｜2日《ふつか》. Nothing but kana in such brackets behind a kanji is a reading;
/// whatever else stands in them is text. A page shows readings above the word; where no markup can stand (attributes, titles, choices, mails,
/// feeds, files) the text is shown without.
/// </summary>
public static class Furigana
{
    const char Opens = '《', Closes = '》', Begins = '｜';
    const int LongestReading = 40, LongestWord = 40;

    /// <summary>The text without its readings: for what is no page.</summary>
    public static string Bare(string text)
    {
        if (!text.Contains(Opens)) return text;
        var bare = new StringWriter(new StringBuilder(text.Length), CultureInfo.InvariantCulture);
        Write(text, bare, Shown.Bare);
        return bare.ToString();
    }

    /// <summary>Each word that has a reading, where it stands, and the reading.</summary>
    public static IEnumerable<(Range Word, string Reading)> In(string text)
    {
        for (var at = text.IndexOf(Opens); at >= 0; at = text.IndexOf(Opens, at + 1))
            if (ReadingAt(text, at) is { } found) yield return (found.Word, text[(at + 1)..(found.End - 1)]);
    }

    /// <summary>
    /// A finished page, with ruby where its text has readings, or without them; and where it speaks a language into which not everything
    /// has been translated, what is Japanese says so, or a voice would read it as the other. What people typed into fields, names and code stay as they are.
    /// </summary>
    public static void InPage(ReadOnlySpan<char> html, TextWriter to, bool readings, bool marksJapanese)
    {
        ReadOnlySpan<char> within = [];    // the element in whose text nothing is to be changed, or only without markup
        while (html.Length > 0)
        {
            if (html[0] != '<')
            {
                var end = html.IndexOf('<') is >= 0 and var next ? next : html.Length;
                var text = html[..end];
                html = html[end..];
                if (Untouched(within)) to.Write(text);
                else if (within.Length > 0) Write(text, to, Shown.Bare);
                else
                {
                    // Within one element: what a row of a button or a badge holds is one word, not three with gaps between them.
                    var span = marksJapanese && HasKana(text) ? "<span lang=\"ja\">" : readings && HasReading(text) ? "<span>" : null;
                    to.Write(span);
                    Write(text, to, readings ? Shown.Above : Shown.Bare);
                    if (span is not null) to.Write("</span>");
                }
                continue;
            }
            var tag = html[..EndOfTag(html)];
            html = html[tag.Length..];
            WriteTag(tag, to);
            if (tag.Length < 3 || tag[1] is '!') continue;
            var closes = tag[1] == '/';
            var name = NameOf(tag[(closes ? 2 : 1)..]);
            if (closes && within.Length > 0 && name.SequenceEqual(within)) within = [];
            else if (!closes && within.Length == 0 && (Untouched(name) || TextAlone(name))) within = name;
        }
    }

    static bool Untouched(ReadOnlySpan<char> name) => name is "textarea" or "script" or "style" or "bdi" or "pre" or "code" or "ruby";

    static bool TextAlone(ReadOnlySpan<char> name) => name is "title" or "option" or "svg";

    static ReadOnlySpan<char> NameOf(ReadOnlySpan<char> tag)
    {
        var end = tag.IndexOfAny(" />\n\t");
        return end < 0 ? tag : tag[..end];
    }

    // Brackets of tags stand in attributes as they are.
    static int EndOfTag(ReadOnlySpan<char> html)
    {
        if (html.StartsWith("<!--")) return html.IndexOf("-->") is >= 0 and var end ? end + 3 : html.Length;
        var quoted = false;
        for (var i = 1; i < html.Length; i++)
            if (html[i] == '"') quoted = !quoted;
            else if (html[i] == '>' && !quoted) return i + 1;
        return html.Length;
    }

    // All attributes but the one that holds what somebody typed.
    static void WriteTag(ReadOnlySpan<char> tag, TextWriter to)
    {
        while (tag.IndexOf(Opens) is >= 0 and var at)
        {
            var begins = tag[..at].LastIndexOf('"');
            var ends = tag[at..].IndexOf('"') is >= 0 and var quote ? at + quote : tag.Length;
            if (begins >= 0 && tag[..begins].EndsWith(" value=")) to.Write(tag[..ends]);
            else Write(tag[..ends], to, Shown.Bare);
            tag = tag[ends..];
        }
        to.Write(tag);
    }

    enum Shown { Above, Bare }

    static void Write(ReadOnlySpan<char> text, TextWriter to, Shown shown)
    {
        while (text.IndexOf(Opens) is >= 0 and var at)
        {
            if (ReadingAt(text, at) is not { } found)
            {
                to.Write(text[..(at + 1)]);
                text = text[(at + 1)..];
                continue;
            }
            var (word, barred, end) = found;
            to.Write(text[..(word.Start.Value - (barred ? 1 : 0))]);
            if (shown == Shown.Bare) to.Write(text[word]);
            else
            {
                to.Write("<ruby>");
                to.Write(text[word]);
                to.Write("<rp>（</rp><rt>");
                to.Write(text[(at + 1)..(end - 1)]);
                to.Write("</rt><rp>）</rp></ruby>");
            }
            text = text[end..];
        }
        to.Write(text);
    }

    /// <summary>The word before the bracket, whether a bar says where it begins, and where the reading ends.</summary>
    static (Range Word, bool Barred, int End)? ReadingAt(ReadOnlySpan<char> text, int at)
    {
        var closes = text[at..Math.Min(text.Length, at + LongestReading + 2)].IndexOf(Closes);
        if (closes < 2) return null;
        foreach (var c in text.Slice(at + 1, closes - 1))
            if (!IsKana(c)) return null;
        var from = at;
        while (from > 0 && IsKanji(text[from - 1])) from--;
        for (var i = at - 1; i >= 0 && at - i <= LongestWord && text[i] is not (Closes or Opens or '<' or '>' or '\n' or '"'); i--)
            if (text[i] == Begins) return i + 1 == at ? null : (new(i + 1, at), true, at + closes + 1);
        return from == at ? null : (new(from, at), false, at + closes + 1);
    }

    static bool HasReading(ReadOnlySpan<char> text)
    {
        for (var at = text.IndexOf(Opens); at >= 0; at = text[(at + 1)..].IndexOf(Opens) is >= 0 and var next ? at + 1 + next : -1)
            if (ReadingAt(text, at) is not null) return true;
        return false;
    }

    static bool HasKana(ReadOnlySpan<char> text) => text.ContainsAnyInRange('ぁ', 'ヿ');

    static bool IsKana(char c) => c is >= 'ぁ' and <= 'ゖ' or >= 'ァ' and <= 'ヺ' or 'ー' or '・' or ' ' or '　';

    /// <summary>々 and 〆 are read as kanji; ones beyond U+FFFF are two halves.</summary>
    internal static bool IsKanji(char c) => c is >= '\u3400' and <= '\u9fff' or >= '\uf900' and <= '\ufaff' or '々' or '〆' || char.IsSurrogate(c) || c is >= '\ufe00' and <= '\ufe0f';
}
