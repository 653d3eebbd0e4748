using System.Globalization;
using System.Text;
using static Komachi.Ui.ChartDrawing;

namespace Komachi.Ui;

/// <summary>Draws lines: each carries its name and last value at its end, the target is dashed.</summary>
static class LineDrawing
{
    public static int? LastKnown(Series series)
    {
        for (var i = series.Values.Count - 1; i >= 0; i--)
            if (series.Values[i] is not null) return i;
        return null;
    }

    public static string Svg(string id, string css, int width, int height, string title, string said,
        IReadOnlyList<string> labels, IReadOnlyList<Series> lines, string? unit)
    {
        var (step, top) = Axis(lines.SelectMany(l => l.Values).Max() ?? 0);
        var ends = lines.Where(l => LastKnown(l) is not null).Select(l => new LineEnd(l, LastKnown(l)!.Value, Written(l.Values[LastKnown(l)!.Value]!.Value, unit))).ToList();

        double left = Width(Written(top, null)) + Gap, bottom = height - 28, right = width - Math.Max(
            ends.Where(e => e.At == labels.Count - 1).Select(e => e.Width + Gap).DefaultIfEmpty().Max(),
            labels.Count > 0 ? Width(labels[^1]) / 2 : 0);
        double X(int i) => labels.Count < 2 ? (left + right) / 2 : left + 12 + (right - left - 12) * i / (labels.Count - 1);
        double Y(double value) => bottom - (bottom - 20) * value / top;

        var drawing = new ChartDrawing(id, css, width, height, title, said);
        for (var value = 0.0; value <= top + step / 2; value += step)
        {
            drawing.Add($"<path class=\"{(value == 0 ? "chart-zero" : "chart-grid")}\" d=\"M{left:0.#} {Y(value):0.#}H{right:0.#}\"/>");
            drawing.Words(left - Gap / 2, Y(value) + 5, Written(value, null), "end");
        }

        // As many labels along the foot as have room, counted back from the last.
        var widest = labels.Select(Width).DefaultIfEmpty().Max() + Gap;
        var every = labels.Count < 2 ? 1 : Math.Max(1, (int)Math.Ceiling(widest / (X(1) - X(0))));
        for (var i = labels.Count - 1; i >= 0; i -= every) drawing.Words(X(i), height - 8, labels[i], "middle");

        foreach (var line in lines)
        {
            var css2 = line.Target ? "chart-target" : $"chart-line chart-line-{lines.Where(l => !l.Target).ToList().IndexOf(line) + 1}";
            var path = new StringBuilder();
            var down = false;    // the pen
            for (var i = 0; i < Math.Min(line.Values.Count, labels.Count); i++)
            {
                if (line.Values[i] is { } value) path.Append(CultureInfo.InvariantCulture, $"{(down ? 'L' : 'M')}{X(i):0.#} {Y(value):0.#}");
                down = line.Values[i] is not null;
            }
            drawing.Add($"<path class=\"{css2}\" d=\"{path}\"/>");
            if (!line.Target)
                for (var i = 0; i < Math.Min(line.Values.Count, labels.Count); i++)
                    if (line.Values[i] is { } value) drawing.Add($"<circle class=\"{css2}\" cx=\"{X(i):0.#}\" cy=\"{Y(value):0.#}\" r=\"4\"/>");
        }

        // Two lines of words at each end. Those at the right edge are pushed apart; one that ends earlier steps off its line.
        var atEdge = ends.Where(e => e.At == labels.Count - 1).OrderByDescending(e => e.Value).ToArray();
        var heights = atEdge.Select(e => Math.Max(Y(e.Value) - 4, Font)).ToArray();
        for (var i = 1; i < heights.Length; i++) heights[i] = Math.Max(heights[i], heights[i - 1] + 40);
        for (var i = heights.Length - 1; i >= 0; i--) heights[i] = Math.Min(heights[i], i == heights.Length - 1 ? bottom - 20 : heights[i + 1] - 40);
        for (var i = 0; i < atEdge.Length; i++) NameAndValue(X(atEdge[i].At) + Gap, heights[i], atEdge[i], "start");
        foreach (var end in ends.Where(e => e.At < labels.Count - 1))
        {
            var under = lines.Any(l => l != end.Line && l.Values.ElementAtOrDefault(end.At) > end.Value) && Y(end.Value) + 44 < bottom;
            NameAndValue(X(end.At), Y(end.Value) + (under ? 24 : -32), end, X(end.At) + end.Width / 2 > width ? "end" : "middle");
        }
        return drawing.End();

        void NameAndValue(double x, double y, LineEnd end, string anchor)
        {
            drawing.Words(x, y, end.Line.Name, anchor);
            drawing.Words(x, y + 18, end.Written, anchor, "chart-value");
        }
    }

    sealed record LineEnd(Series Line, int At, string Written)
    {
        public double Value => Line.Values[At]!.Value;
        public double Width => Math.Max(ChartDrawing.Width(Line.Name), ChartDrawing.Width(Written));
    }
}
