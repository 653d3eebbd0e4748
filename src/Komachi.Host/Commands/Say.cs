using System.Text.Encodings.Web;
using System.Text.Json;

namespace Komachi.Host.Commands;

/// <summary>Answers of commands: lines for people, or one JSON document for scripts.</summary>
static class Say
{
    static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Line(string line) => Console.Out.WriteLine(line);
    public static void Error(string line) => Console.Error.WriteLine(line);
    public static void Json(object value) => Console.Out.WriteLine(JsonSerializer.Serialize(value, Format));

    /// <summary>Columns as wide as they must be; a Japanese character takes two.</summary>
    public static void Table(params IReadOnlyList<string>[] rows)
    {
        if (rows.Length == 0) return;
        var widths = Enumerable.Range(0, rows[0].Count).Select(c => rows.Max(r => Width(r[c]))).ToArray();
        foreach (var row in rows)
            Line(string.Concat(row.Select((cell, c) => cell + new string(' ', widths[c] - Width(cell) + 2))).TrimEnd());
    }

    static int Width(string text) => text.EnumerateRunes().Sum(r => r.Value >= 0x1100 && (r.Value <= 0x115f || r.Value is >= 0x2e80 and <= 0xffdc or >= 0x20000) ? 2 : 1);
}
