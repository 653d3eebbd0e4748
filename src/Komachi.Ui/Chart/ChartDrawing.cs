using System.Globalization;
using System.Security;
using System.Text;

namespace Komachi.Ui;

/// <summary>
/// A chart's SVG as far as all charts share it: title and text, words, round axes that begin at zero. Colours come from the
/// style sheet. Widths of words are guessed, since nothing measures them here.
/// </summary>
sealed class ChartDrawing
{
    public const double Font = 14, Gap = 10;

    readonly StringBuilder _svg = new();

    public ChartDrawing(string id, string css, int width, int height, string title, string said)
    {
        Add($"<svg class=\"{css}\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\">");
        Add($"<title id=\"{id}-t\">{Safe(title)}</title><desc id=\"{id}-d\">{Safe(said)}</desc>");
    }

    /// <summary>Numbers with a point, whatever the machine's language.</summary>
    public void Add(FormattableString markup) => _svg.Append(markup.ToString(CultureInfo.InvariantCulture));

    public void Words(double x, double y, string text, string anchor = "start", string? css = null) =>
        Add($"<text x=\"{x:0.#}\" y=\"{y:0.#}\" text-anchor=\"{anchor}\"{(css is null ? "" : $" class=\"{css}\"")}>{Safe(text)}</text>");

    public string End() => _svg.Append("</svg>").ToString();

    public static string Written(double value, string? unit) =>
        value.ToString("#,0.##", CultureInfo.InvariantCulture) + (unit is "%" or "％" or "円" or "件" or "人" ? unit : "");

    /// <summary>Where the axis ends, and the round step that makes three to five lines of it.</summary>
    public static (double Step, double Top) Axis(double max)
    {
        var step = Step(max);
        return (step, Math.Max(step, Math.Ceiling(max / step) * step));
    }

    static double Step(double max)
    {
        if (max <= 0) return 1;
        var power = Math.Pow(10, Math.Floor(Math.Log10(max / 4)));
        return new[] { 1, 2, 2.5, 5, 10 }.Select(m => m * power).First(s => s * 5 >= max);
    }

    public static double Width(string text) => text.Sum(c => c is '%' or >= (char)0x300 ? 1 : 0.64) * Font;

    /// <summary>A long name on as many lines as it needs.</summary>
    public static IReadOnlyList<string> Lines(string text, double width)
    {
        var lines = new List<string> { "" };
        foreach (var phrase in Phrases.Of(text).SelectMany(p => Width(p) <= width ? [p] : p.EnumerateRunes().Select(r => r.ToString())))
        {
            if (lines[^1].Length > 0 && Width(lines[^1] + phrase) > width) lines.Add("");
            lines[^1] += phrase;
        }
        return lines;
    }

    public static string Safe(string text) => SecurityElement.Escape(text);
}
