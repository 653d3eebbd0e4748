using static Komachi.Ui.ChartDrawing;

namespace Komachi.Ui;

/// <summary>Draws points by two scores. Each carries the number under which it stands in the table; of points at one place all numbers stand beside one.</summary>
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
        foreach (var place in points.Select((point, i) => (point, Number: i + 1)).GroupBy(p => (p.point.X, p.point.Y)))
        {
            var (x, y, numbers) = (X(place.Key.X), Y(place.Key.Y), string.Join(", ", place.Select(p => p.Number)));
            drawing.Add($"<circle class=\"chart-line chart-line-1\" cx=\"{x:0.#}\" cy=\"{y:0.#}\" r=\"6\"/>");
            var inside = x + 10 + Width(numbers) < width;
            drawing.Words(inside ? x + 10 : x - 10, y - 6, numbers, inside ? "start" : "end", "chart-value");
        }
        return drawing.End();
    }
}
