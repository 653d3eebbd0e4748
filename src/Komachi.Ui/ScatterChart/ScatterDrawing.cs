using static Komachi.Ui.ChartDrawing;

namespace Komachi.Ui;

/// <summary>Draws points by two scores. Each carries the number under which it stands in the table; of points at one place all numbers stand together.</summary>
static class ScatterDrawing
{
    public static string Svg(string id, string css, int width, int height, string title, string said, string xTitle, string yTitle, IReadOnlyList<ChartPoint> points)
    {
        var (xStep, xTop) = Axis(points.Select(p => p.X).DefaultIfEmpty().Max());
        var (yStep, yTop) = Axis(points.Select(p => p.Y).DefaultIfEmpty().Max());
        double left = Width(Written(yTop, null)) + Gap, bottom = height - 52, right = width - 24, top = 40;
        double X(double value) => left + (right - left) * value / xTop;
        double Y(double value) => bottom - (bottom - top) * value / yTop;

        var drawing = new ChartDrawing(id, css, width, height, title, said);
        for (var value = 0.0; value <= yTop + yStep / 2; value += yStep)
        {
            drawing.Add($"<path class=\"{(value == 0 ? "chart-zero" : "chart-grid")}\" d=\"M{left:0.#} {Y(value):0.#}H{right:0.#}\"/>");
            drawing.Words(left - Gap / 2, Y(value) + 5, Written(value, null), "end");
        }
        for (var value = 0.0; value <= xTop + xStep / 2; value += xStep)
        {
            drawing.Add($"<path class=\"{(value == 0 ? "chart-zero" : "chart-grid")}\" d=\"M{X(value):0.#} {top:0.#}V{bottom:0.#}\"/>");
            drawing.Words(X(value), bottom + 20, Written(value, null), "middle");
        }
        drawing.Words(right, height - 8, xTitle + " →", "end");
        drawing.Words(2, 16, "↑ " + yTitle);
        var places = points.Select((point, i) => (point.X, point.Y, Number: i + 1)).GroupBy(p => (p.X, p.Y)).Select(g => (X: X(g.Key.X), Y: Y(g.Key.Y), Numbers: string.Join(", ", g.Select(p => p.Number)))).ToArray();
        foreach (var place in places) drawing.Add($"<circle class=\"chart-line chart-line-1\" cx=\"{place.X:0.#}\" cy=\"{place.Y:0.#}\" r=\"5\"/>");
        // Beside its point, or above or below: the first place at which it covers nothing.
        var taken = places.Select(p => (Left: p.X - 5, Top: p.Y - 5, Right: p.X + 5, Bottom: p.Y + 5)).ToList();
        foreach (var place in places)
        {
            var wide = Width(place.Numbers);
            var at = new (double Left, double Base)[] { (place.X + 8, place.Y + 5), (place.X - 8 - wide, place.Y + 5), (place.X - wide / 2, place.Y - 9), (place.X - wide / 2, place.Y + 20), (place.X + 8, place.Y - 9), (place.X - 8 - wide, place.Y - 9), (place.X + 8, place.Y + 20), (place.X - 8 - wide, place.Y + 20) }
                .OrderBy(c => c.Left < 0 || c.Left + wide > width || taken.Exists(t => c.Left < t.Right && c.Left + wide > t.Left && c.Base - 12 < t.Bottom && c.Base + 2 > t.Top)).First();
            taken.Add((at.Left, at.Base - 12, at.Left + wide, at.Base + 2));
            drawing.Words(at.Left, at.Base, place.Numbers, css: "chart-value");
        }
        return drawing.End();
    }
}
