using static Komachi.Ui.ChartDrawing;

namespace Komachi.Ui;

/// <summary>
/// Draws bars that lie: a name above its bars is never cut, however long, and the value stands at the end. A second series is an
/// outline, so colour is never alone. The target is a dashed line through all of them.
/// </summary>
static class BarDrawing
{
    public static string Svg(string id, string css, int width, string title, string said,
        IReadOnlyList<string> labels, IReadOnlyList<Series> bars, (string Name, double Value)? target, string? unit)
    {
        const double thick = 16, line = 22;
        var (step, top) = Axis(Math.Max(bars.SelectMany(b => b.Values).Max() ?? 0, target?.Value ?? 0));
        string End(Series series, double value) => (bars.Count > 1 ? series.Name + " " : "") + Written(value, unit);
        var right = width - Gap - bars.SelectMany(b => b.Values.OfType<double>().Select(v => Width(End(b, v)))).DefaultIfEmpty().Max();
        double X(double value) => 1 + (right - 1) * value / top;

        var rows = labels.Select(label => Lines(label, width)).ToArray();
        var head = target is null ? 4 : line + 8;
        var foot = head + rows.Sum(names => names.Count * line + bars.Count * (thick + 4) + 10);
        var drawing = new ChartDrawing(id, css, width, (int)foot + 24, title, said);

        var every = Math.Max(1, (int)Math.Ceiling((Width(Written(top, null)) + Gap) / (X(step) - X(0))));
        for (var i = 0; i * step <= top + step / 2; i++)
        {
            drawing.Add($"<path class=\"{(i == 0 ? "chart-zero" : "chart-grid")}\" d=\"M{X(i * step):0.#} {head:0.#}V{foot:0.#}\"/>");
            if (i % every == 0) drawing.Words(X(i * step), foot + 18, Written(i * step, null), i == 0 ? "start" : "middle");
        }

        // Written last, so that the target's line does not run through them.
        var values = new List<(double X, double Y, string Text)>();
        double y = head;
        for (var i = 0; i < labels.Count; i++)
        {
            foreach (var name in rows[i]) drawing.Words(2, (y += line) - 6, name);
            for (var s = 0; s < bars.Count; s++, y += thick + 4)
                if (bars[s].Values.ElementAtOrDefault(i) is { } value)
                {
                    drawing.Add($"<rect class=\"chart-bar chart-bar-{s + 1}\" x=\"{X(0):0.#}\" y=\"{y:0.#}\" width=\"{X(value) - X(0):0.#}\" height=\"{thick}\"/>");
                    values.Add((X(value) + 6, y + 13, End(bars[s], value)));
                }
                else drawing.Words(X(0) + 6, y + 13, "–");
            y += 10;
        }

        if (target is { } aim)
        {
            var written = $"{aim.Name} {Written(aim.Value, unit)}";
            drawing.Add($"<path class=\"chart-target\" d=\"M{X(aim.Value):0.#} {head - 4:0.#}V{foot:0.#}\"/>");
            drawing.Words(Math.Clamp(X(aim.Value), Width(written) / 2, width - Width(written) / 2), Font, written, "middle", "chart-value");
        }
        foreach (var value in values) drawing.Words(value.X, value.Y, value.Text, "start", "chart-value");
        return drawing.End();
    }
}
