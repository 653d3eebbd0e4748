using static Komachi.Ui.ChartDrawing;

namespace Komachi.Ui;

/// <summary>Draws bars that are made of parts: each part has a pattern of its own beside its tone, and the names stand above with the same patterns.</summary>
static class StackedDrawing
{
    public static string Svg(string id, string css, int width, string title, string said, IReadOnlyList<string> labels, IReadOnlyList<Series> parts, string? unit)
    {
        const double thick = 24, line = 22;
        double Of(Series part, int at) => part.Values.ElementAtOrDefault(at) ?? 0;
        var sums = labels.Select((_, at) => parts.Sum(p => Of(p, at))).ToArray();
        var (step, top) = Axis(sums.DefaultIfEmpty().Max());
        var right = width - Gap - sums.Select(s => Width(Written(s, unit))).DefaultIfEmpty().Max();
        double X(double value) => 1 + (right - 1) * value / top;

        // The names flow like words, each behind its swatch; one that is wider than all has lines of its own.
        var (x, head) = (0.0, 20.0);
        var names = new List<(double X, double Y, IReadOnlyList<string> Lines)>();
        foreach (var part in parts)
        {
            var lines = Lines(part.Name, width - 26);
            var wide = 26 + lines.Max(Width) + 16;
            if (x > 0 && x + wide - 16 > width) (x, head) = (0, head + 24);
            names.Add((x, head, lines));
            head += (lines.Count - 1) * line;
            x += wide;
        }
        head += 12;

        var rows = labels.Select(label => Lines(label, width)).ToArray();
        var foot = head + rows.Sum(r => r.Count * line + thick + 14);
        var drawing = new ChartDrawing(id, css, width, (int)foot + 24, title, said);
        drawing.Add($"<defs><pattern id=\"{id}-2\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><path class=\"chart-hatch\" d=\"M0 3.5H7\"/></pattern>");
        drawing.Add($"<pattern id=\"{id}-4\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\"><circle class=\"chart-dot\" cx=\"3.5\" cy=\"3.5\" r=\"1.5\"/></pattern></defs>");
        for (var p = 0; p < names.Count; p++)
        {
            Part(p, names[p].X + 1, names[p].Y - 13, 18, 16);
            for (var l = 0; l < names[p].Lines.Count; l++) drawing.Words(names[p].X + 26, names[p].Y + l * line, names[p].Lines[l]);
        }

        var every = Math.Max(1, (int)Math.Ceiling((Width(Written(top, null)) + Gap) / (X(step) - X(0))));
        for (var i = 0; i * step <= top + step / 2; i++)
        {
            drawing.Add($"<path class=\"{(i == 0 ? "chart-zero" : "chart-grid")}\" d=\"M{X(i * step):0.#} {head:0.#}V{foot:0.#}\"/>");
            if (i % every == 0) drawing.Words(X(i * step), foot + 18, Written(i * step, null), i == 0 ? "start" : "middle");
        }

        var y = head;
        for (var i = 0; i < labels.Count; i++)
        {
            foreach (var name in rows[i]) drawing.Words(2, (y += line) - 6, name);
            var from = 0.0;
            for (var p = 0; p < parts.Count; p++)
            {
                var (value, at) = (Of(parts[p], i), from);
                from += value;
                if (value <= 0) continue;
                Part(p, X(at), y, X(from) - X(at), thick);
                var written = Written(value, null);
                if (X(from) - X(at) > Width(written) + 14) Number((X(at) + X(from)) / 2, y, written, p % 4 + 1);
            }
            drawing.Words(X(from) + 6, y + 17, Written(from, unit), "start", "chart-value");
            y += thick + 14;
        }
        return drawing.End();

        // On a pattern it stands on a piece of paper.
        void Number(double middle, double y, string written, int kind)
        {
            if (kind is 2 or 4) drawing.Add($"<rect class=\"chart-label\" x=\"{middle - Width(written) / 2 - 3:0.#}\" y=\"{y + 4:0.#}\" width=\"{Width(written) + 6:0.#}\" height=\"16\"/>");
            drawing.Words(middle, y + 17, written, "middle", kind == 1 ? "chart-on-action" : null);
        }

        // Full, hatched, empty, dotted; a fifth begins anew, but four are as many as anybody tells apart.
        void Part(int p, double x, double y, double w, double h)
        {
            var kind = p % 4 + 1;
            drawing.Add($"<rect class=\"chart-part chart-part-{kind}\" x=\"{x:0.#}\" y=\"{y:0.#}\" width=\"{w:0.#}\" height=\"{h:0.#}\"/>");
            if (kind is 2 or 4) drawing.Add($"<rect fill=\"url(#{id}-{kind})\" x=\"{x:0.#}\" y=\"{y:0.#}\" width=\"{w:0.#}\" height=\"{h:0.#}\"/>");
        }
    }
}
