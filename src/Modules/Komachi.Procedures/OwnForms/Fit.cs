using System.Globalization;
using System.Text;

namespace Komachi.Procedures;

/// <summary>
/// How words fit into a place of a form. It is reckoned here and not in the browser that prints, so that what goes on to a further sheet is known
/// beforehand. Of kanji and kana it is exact, since they are as wide as they are high; of Latin letters a little is left over.
/// </summary>
/// <param name="Lines">As they are broken.</param>
/// <param name="Size">In points.</param>
/// <param name="All">False: it does not fit, not even in the least size.</param>
sealed record Fit(IReadOnlyList<string> Lines, decimal Size, bool All)
{
    public const decimal Least = 6, LineHeight = 1.25m;
    const string Closes = "、。，．・）」』】｝〉》ーぁぃぅぇぉっゃゅょァィゥェォッャュョ,.)]}";
    const decimal Step = .5m, MmPerPoint = 25.4m / 72;

    public static Fit Of(string text, PlacedField field)
    {
        text = text.ReplaceLineEndings("\n").Trim();
        if (field.Boxes > 0)
        {
            var each = Characters(text).Where(c => c != "\n").ToArray();
            var room = Math.Min(field.Width / field.Boxes, field.Height) / MmPerPoint;
            return new(each, Math.Min(field.Size, decimal.Floor(room * .9m * 2) / 2), each.Length <= field.Boxes);
        }
        for (var size = field.Size; ; size = Math.Max(Least, size - Step))
        {
            var (wide, most) = (field.Width / MmPerPoint / size, field.Wrap ? (int)decimal.Floor(field.Height / MmPerPoint / (size * LineHeight)) : 1);
            var lines = field.Wrap ? Broken(text, wide) : [text.Replace('\n', ' ')];
            if (lines.Count <= Math.Max(1, most) && lines.All(l => WidthOf(l) <= wide)) return new(lines, size, true);
            if (size <= Least) return new(lines, size, false);
        }
    }

    static List<string> Broken(string text, decimal wide)
    {
        var lines = new List<string>();
        foreach (var part in text.Split('\n'))
        {
            var line = new List<string>();
            foreach (var one in Characters(part))
            {
                if (line.Count > 0 && line.Sum(WidthOf) + WidthOf(one) > wide)
                {
                    // 禁則: what closes does not begin a line, so the character before it comes along.
                    string[] along = line.Count > 1 && Closes.Contains(one, StringComparison.Ordinal) ? [line[^1]] : [];
                    lines.Add(string.Concat(line.SkipLast(along.Length)));
                    line = [.. along];
                }
                line.Add(one);
            }
            lines.Add(string.Concat(line));
        }
        return lines;
    }

    /// <summary>As people count them: a kanji with its variation is one.</summary>
    public static IEnumerable<string> Characters(string text)
    {
        for (var each = StringInfo.GetTextElementEnumerator(text); each.MoveNext();) yield return each.GetTextElement();
    }

    /// <summary>In widths of a kanji.</summary>
    public static decimal WidthOf(string text) => Characters(text).Sum(c => Rune.GetRuneAt(c, 0).Value switch
    {
        ' ' or '.' or ',' or ':' or ';' or '!' or '|' or '\'' or 'i' or 'j' or 'l' or 'I' or 'f' or 't' or '(' or ')' => .4m,
        'm' or 'w' or 'M' or 'W' or '@' or '%' => 1m,
        >= 'A' and <= 'Z' => .8m,
        < 0x250 => .62m,
        >= 0xff61 and <= 0xffdc => .5m,
        _ => 1m,
    });
}
