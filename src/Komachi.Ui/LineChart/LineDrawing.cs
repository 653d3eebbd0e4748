using System.Globalization;
using System.Security;
using System.Text;

namespace Komachi.Ui;

/// <summary>
/// Draws lines as SVG: the axis begins at zero, each line carries its name and last value at its end, colours come
/// from the style sheet. Widths of words are guessed, since nothing measures them here.
/// </summary>
static class LineDrawing
{
    const double Font = 14, Gap = 10;

    public static int? LastKnown(Series series)
    {
        for (var i = series.Values.Count - 1; i >= 0; i--)
            if (series.Values[i] is not null) return i;
        return null;
    }

    public static string Written(double value, string? unit) =>
        value.ToString("#,0.##", CultureInfo.InvariantCulture) + (unit is "%" or "％" or "円" or "件" or "人" ? unit : "");

    public static string Svg(string id, string css, int width, int height, string title, string said,
        IReadOnlyList<string> labels, IReadOnlyList<Series> lines, string? unit)
    {
        var step = Step(lines.SelectMany(l => l.Values).Max() ?? 0);
        var top = Math.Max(step, Math.Ceiling((lines.SelectMany(l => l.Values).Max() ?? 0) / step) * step);
        var ends = lines.Where(l => LastKnown(l) is not null).Select(l => new End(l, LastKnown(l)!.Value, Written(l.Values[LastKnown(l)!.Value]!.Value, unit))).ToList();

        double left = Width(Written(top, null)) + Gap, bottom = height - 28, right = width - Math.Max(
            ends.Where(e => e.At == labels.Count - 1).Select(e => e.Width + Gap).DefaultIfEmpty().Max(),
            labels.Count > 0 ? Width(labels[^1]) / 2 : 0);
        double X(int i) => labels.Count < 2 ? (left + right) / 2 : left + 12 + (right - left - 12) * i / (labels.Count - 1);
        double Y(double value) => bottom - (bottom - 20) * value / top;

        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg class=\"{css}\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\">");
        svg.Append($"<title id=\"{id}-t\">{Safe(title)}</title><desc id=\"{id}-d\">{Safe(said)}</desc>");

        for (var value = 0.0; value <= top + step / 2; value += step)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<path class=\"{(value == 0 ? "chart-zero" : "chart-grid")}\" d=\"M{left:0.#} {Y(value):0.#}H{right:0.#}\"/>");
            Text(left - Gap / 2, Y(value) + 5, Written(value, null), "end");
        }

        // As many labels along the foot as have room, counted back from the last.
        var widest = labels.Select(Width).DefaultIfEmpty().Max() + Gap;
        var every = labels.Count < 2 ? 1 : Math.Max(1, (int)Math.Ceiling(widest / (X(1) - X(0))));
        for (var i = labels.Count - 1; i >= 0; i -= every) Text(X(i), height - 8, labels[i], "middle");

        foreach (var line in lines)
        {
            var css2 = line.Target ? "chart-target" : $"chart-line chart-line-{lines.Where(l => !l.Target).ToList().IndexOf(line) + 1}";
            var path = new StringBuilder();
            var drawing = false;
            for (var i = 0; i < Math.Min(line.Values.Count, labels.Count); i++)
            {
                if (line.Values[i] is { } value) path.Append(CultureInfo.InvariantCulture, $"{(drawing ? 'L' : 'M')}{X(i):0.#} {Y(value):0.#}");
                drawing = line.Values[i] is not null;
            }
            svg.Append($"<path class=\"{css2}\" d=\"{path}\"/>");
            if (!line.Target)
                for (var i = 0; i < Math.Min(line.Values.Count, labels.Count); i++)
                    if (line.Values[i] is { } value) svg.Append(CultureInfo.InvariantCulture, $"<circle class=\"{css2}\" cx=\"{X(i):0.#}\" cy=\"{Y(value):0.#}\" r=\"4\"/>");
        }

        // Two lines of words at each end. Those at the right edge are pushed apart; one that ends earlier steps off its line.
        var atEdge = ends.Where(e => e.At == labels.Count - 1).OrderByDescending(e => e.Value).ToArray();
        var heights = atEdge.Select(e => Math.Max(Y(e.Value) - 4, Font)).ToArray();
        for (var i = 1; i < heights.Length; i++) heights[i] = Math.Max(heights[i], heights[i - 1] + 40);
        for (var i = heights.Length - 1; i >= 0; i--) heights[i] = Math.Min(heights[i], i == heights.Length - 1 ? bottom - 20 : heights[i + 1] - 40);
        for (var i = 0; i < atEdge.Length; i++) Words(X(atEdge[i].At) + Gap, heights[i], atEdge[i], "start");
        foreach (var end in ends.Where(e => e.At < labels.Count - 1))
        {
            var under = lines.Any(l => l != end.Line && l.Values.ElementAtOrDefault(end.At) > end.Value) && Y(end.Value) + 44 < bottom;
            Words(X(end.At), Y(end.Value) + (under ? 24 : -32), end, X(end.At) + end.Width / 2 > width ? "end" : "middle");
        }
        return svg.Append("</svg>").ToString();

        void Words(double x, double y, End end, string anchor)
        {
            Text(x, y, end.Line.Name, anchor);
            Text(x, y + 18, end.Written, anchor, "chart-value");
        }

        void Text(double x, double y, string text, string anchor, string? css = null) =>
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x:0.#}\" y=\"{y:0.#}\" text-anchor=\"{anchor}\"{(css is null ? "" : $" class=\"{css}\"")}>{Safe(text)}</text>");
    }

    /// <summary>A round step that makes three to five lines.</summary>
    static double Step(double max)
    {
        if (max <= 0) return 1;
        var power = Math.Pow(10, Math.Floor(Math.Log10(max / 4)));
        return new[] { 1, 2, 2.5, 5, 10 }.Select(m => m * power).First(s => s * 5 >= max);
    }

    static double Width(string text) => text.Sum(c => c is '%' or >= (char)0x300 ? 1 : 0.64) * Font;

    static string Safe(string text) => SecurityElement.Escape(text);

    sealed record End(Series Line, int At, string Written)
    {
        public double Value => Line.Values[At]!.Value;
        public double Width => Math.Max(LineDrawing.Width(Line.Name), LineDrawing.Width(Written));
    }
}
