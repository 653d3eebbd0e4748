using System.Text;

namespace Komachi.Platform.Offices;

/// <summary>Comma separated values as spreadsheets write them (RFC 4180): quotes, doubled quotes, line breaks in quotes, a mark at the beginning.</summary>
public static class Csv
{
    /// <param name="Row">As a spreadsheet counts: the headers are row 1.</param>
    public sealed record Line(int Row, string[] Cells);

    /// <summary>Lines without anything in them are left out. What is pasted from a spreadsheet has tabs instead of commas.</summary>
    public static IReadOnlyList<Line> Read(string text)
    {
        text = text.TrimStart('\ufeff');
        var separator = text.AsSpan(0, Math.Max(0, text.IndexOf('\n') is var end and >= 0 ? end : text.Length)).Contains('\t') ? '\t' : ',';
        var (lines, cells, cell) = (new List<Line>(), new List<string>(), new StringBuilder());
        var (row, quoted) = (1, false);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (quoted)
            {
                if (c != '"') cell.Append(c);
                else if (i + 1 < text.Length && text[i + 1] == '"') cell.Append(text[++i]);
                else quoted = false;
            }
            else if (c == '"' && cell.Length == 0) quoted = true;
            else if (c == separator) EndCell();
            else if (c is '\n' or '\r')
            {
                if (c == '\r' && i + 1 < text.Length && text[i + 1] == '\n') i++;
                EndLine();
            }
            else cell.Append(c);
        }
        if (cell.Length > 0 || cells.Count > 0) EndLine();
        return lines;

        void EndCell()
        {
            cells.Add(cell.ToString().Trim());
            cell.Clear();
        }

        void EndLine()
        {
            EndCell();
            if (cells.Exists(c => c.Length > 0)) lines.Add(new(row, [.. cells]));
            cells.Clear();
            row++;
        }
    }

    public static string Write(IEnumerable<IEnumerable<string?>> rows) =>
        string.Concat(rows.Select(r => string.Join(',', r.Select(c => c is { } text && text.AsSpan().ContainsAny(",\"\n\r\t") ? $"\"{text.Replace("\"", "\"\"")}\"" : c ?? "")) + "\r\n"));
}
