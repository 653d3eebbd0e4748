using System.Globalization;

namespace Komachi.Platform.Sheets;

/// <summary>Sheets as a clerk sees them in a spreadsheet, whatever file they came in. Every cell knows its place, so that what is wrong can be found.</summary>
public sealed class Workbook
{
    public List<Sheet> Sheets { get; } = [];

    public Sheet? Find(string name) => Sheets.Find(s => s.Name == name);

    public Sheet Add(string name, params IReadOnlyList<int> widths)
    {
        var sheet = new Sheet(name) { Widths = widths };
        Sheets.Add(sheet);
        return sheet;
    }
}

/// <summary>Its first row are the headings.</summary>
public sealed class Sheet(string name)
{
    public string Name => name;

    /// <summary>Only rows in which something stands.</summary>
    public List<Row> Rows { get; } = [];

    /// <summary>Of columns, in characters.</summary>
    public IReadOnlyList<int> Widths { get; init; } = [];

    /// <summary>Cells that were joined (セルの結合), as <c>B3:C3</c>: what stands in one of them belongs to nobody knows which.</summary>
    public List<string> Merged { get; } = [];

    public void Add(params IEnumerable<Cell> cells) => Rows.Add(new(Rows.Count + 1, [.. cells]));

    /// <summary>As spreadsheets name it: row 7, column 1 is <c>B7</c>.</summary>
    public static string Place(int row, int column) => NameOf(column) + row.ToString(CultureInfo.InvariantCulture);

    static string NameOf(int column) => column < 26 ? ((char)('A' + column)).ToString() : NameOf(column / 26 - 1) + (char)('A' + column % 26);
}

/// <param name="Number">As a spreadsheet counts: the headings are row 1.</param>
public sealed record Row(int Number, Cell[] Cells)
{
    public Cell this[int column] => column < Cells.Length ? Cells[column] : default;
}

public enum CellIs
{
    Empty, Text, Number, Day, Truth,
    /// <summary>#N/A and the like, or a formula whose value the file does not hold.</summary>
    Error,
}

/// <summary>What stands in a cell, as text: a number with a point and without commas, a day as 2027-04-01, true or false.</summary>
public readonly record struct Cell(CellIs Is, string Written)
{
    public string Text => Written ?? "";

    public static Cell Of(string? text) => string.IsNullOrEmpty(text) ? default : new(CellIs.Text, text);
    public static Cell Of(decimal? number) => number is { } one ? new(CellIs.Number, one.ToString(CultureInfo.InvariantCulture)) : default;

    public static implicit operator Cell(string? text) => Of(text);
}

/// <summary>A file that cannot be read at all: why, and what to do. The message is a key of the words.</summary>
public sealed class UnreadableSheets(string message, params object[] values) : Exception(message)
{
    public object[] Values => values;
}
