using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Komachi.Platform.Sheets;
using Komachi.Ui.Words;

namespace Komachi.Plan;

/// <summary>Something in a sheet that cannot be so. The message is a key of the words.</summary>
/// <param name="Row">0 where it is about the sheet as a whole.</param>
/// <param name="Column">-1 where it is about the row as a whole.</param>
public sealed record SheetProblem(string Sheet, int Row, int Column, string Heading, string Said, params object[] Values)
{
    /// <summary>To be known, and no reason to turn the file away.</summary>
    public bool IsHint { get; init; }

    public string Place => Row == 0 ? "" : Column < 0 ? Row.ToString(CultureInfo.InvariantCulture) : Komachi.Platform.Sheets.Sheet.Place(Row, Column);
}

/// <summary>What stands in a column, or where a text is said in several languages in several columns, side by side.</summary>
/// <param name="Field">As the file (YAML) calls it, so that what is wrong with it is shown in its cell; a year is its own.</param>
/// <param name="Read">Says what is wrong with the cell of that number, if anything is.</param>
sealed record SheetColumn<T>(string Field, string[] Heads, int Width, Func<T, Cell[]> Write, Func<T, Cell[], (int Cell, string Said, object[] Values)?> Read)
{
    /// <summary>Of these no list says which stand in a sheet: a fiscal year a column.</summary>
    public Func<T, Dictionary<string, Amount>>? Years { get; init; }

    /// <summary>How a form asks for it.</summary>
    public AskedAs As { get; init; }
    public IReadOnlyList<(string Value, string Word)> Choices { get; init; } = [];
}

enum AskedAs { Line, Area, Flag, Choice }

/// <summary>
/// How what a plan states is written into cells so that a clerk can read and type it, and read back the same. What would be read as something else than it is
/// stands behind 文字：, as the text なし does where なし says that there is nothing.
/// </summary>
static partial class Cells
{
    public const string AsText = "文字：", None = "なし", Lost = "資料になし", Yes = "○";

    /// <summary>None where nothing stands; what is there and empty is 文字： alone.</summary>
    public static string? Text(string? text) => text is null ? null : text.Length == 0 || text.StartsWith(AsText, StringComparison.Ordinal) ? AsText + text : text;

    public static string? TextOf(Cell cell) => cell.Is == CellIs.Empty ? null : cell.Text.StartsWith(AsText, StringComparison.Ordinal) ? cell.Text[AsText.Length..] : cell.Text;

    /// <summary>A text that has words of its own in a sheet: R4 is 令和4年度, 10-31 is 10月31日.</summary>
    public static string? Worded(string? text, Func<string, string> write, Func<string, string> read)
    {
        if (Text(text) is not { } plain || plain.StartsWith(AsText, StringComparison.Ordinal)) return Text(text);
        var written = write(text!);
        return read(written) == text ? written : AsText + text;
    }

    public static string? WordedOf(Cell cell, Func<string, string> read) => cell.Text.StartsWith(AsText, StringComparison.Ordinal) || cell.Is == CellIs.Empty ? TextOf(cell) : read(cell.Text);

    public static string WriteYear(string year) => PlanYear.Read(year) is { } one ? one.Short(Lang.Japanese) : year == "none" ? None : year == "lost" ? Lost : year;

    /// <summary>R4, 令和4, 令和4年度, 令和元年度, 2022年度; anything else stays as it is, and is found to be no year.</summary>
    public static string ReadYear(string written)
    {
        var text = written.Trim().Normalize(NormalizationForm.FormKC);
        if (text is None or "none" or "-") return "none";
        if (text is Lost or "lost") return "lost";
        if (PlanYear.Read(text) is not null) return text;
        if (InEra().Match(text) is { Success: true, Groups: var era }) return (era[1].Value == "令和" ? "R" : "H") + (era[2].Value == "元" ? "1" : era[2].Value.TrimStart('0'));
        return Western().Match(text) is { Success: true } west ? new PlanYear(int.Parse(west.Groups[1].Value, CultureInfo.InvariantCulture)).Label : written;
    }

    public static string WriteMonth(string month) => month == "lost" ? Lost : YearMonth().Match(month) is { Success: true, Groups: var at } ? $"{at[1]}年{int.Parse(at[2].Value, CultureInfo.InvariantCulture)}月" : month;

    public static string ReadMonth(string written) => written == Lost ? "lost" : InWords().Match(written.Normalize(NormalizationForm.FormKC)) is { Success: true, Groups: var at } ? $"{at[1]}-{at[2].Value.PadLeft(2, '0')}" : written;

    public static string WriteMonthDay(string day) => MonthDay().Match(day) is { Success: true, Groups: var at } ? $"{int.Parse(at[1].Value, CultureInfo.InvariantCulture)}月{int.Parse(at[2].Value, CultureInfo.InvariantCulture)}日" : day;

    public static string ReadMonthDay(string written) => MonthDayInWords().Match(written.Normalize(NormalizationForm.FormKC)) is { Success: true, Groups: var at } ? $"{at[1].Value.PadLeft(2, '0')}-{at[2].Value.PadLeft(2, '0')}" : written;

    public static Cell Of(Amount amount)
    {
        if (amount.Is == AmountIs.Number) return Cell.Of(amount.Number);
        var written = amount.Is switch { AmountIs.None => None, AmountIs.Lost => Lost, _ => amount.Text };
        return amount.Is != AmountIs.Text || (written.Length > 0 && !written.StartsWith(AsText, StringComparison.Ordinal) && AmountOf(Cell.Of(written)) == amount) ? written : AsText + written;
    }

    /// <summary>A number however it was typed; なし, 資料になし; any other words are words.</summary>
    public static Amount AmountOf(Cell cell)
    {
        if (cell.Text.StartsWith(AsText, StringComparison.Ordinal)) return new(AmountIs.Text, Text: cell.Text[AsText.Length..]);
        var text = cell.Text.Trim().Normalize(NormalizationForm.FormKC);
        if (text is None or "none" or "-" or "―") return Amount.None;
        if (text is Lost or "lost") return Amount.Lost;
        return NumberOf(cell) is { } number ? Amount.Of(number) : new(AmountIs.Text, Text: cell.Text);
    }

    public static decimal? NumberOf(Cell cell)
    {
        if (cell.Is is not (CellIs.Number or CellIs.Text)) return null;
        var text = cell.Text.Trim().Normalize(NormalizationForm.FormKC);
        if (text.Contains(',') && !Grouped().IsMatch(text)) return null;
        return text.Length <= 40 && decimal.TryParse(text.Replace(",", ""), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    /// <summary>A line each; where one of them breaks or says nothing, all of them as one text that no line can tear.</summary>
    public static string? Lines(IReadOnlyList<string> list) => list.Count == 0 ? null
        : list.All(l => l.Length > 0 && l.AsSpan().IndexOfAny('\n', '\r') < 0) && !list[0].StartsWith(AsText, StringComparison.Ordinal) && list.All(l => l.Trim() == l) ? string.Join('\n', list) : AsText + JsonSerializer.Serialize(list, Odd);

    public static List<string>? LinesOf(Cell cell) => cell.Text.StartsWith(AsText, StringComparison.Ordinal) ? Whole<List<string>>(cell) is { } whole && !whole.Contains(null!) ? whole : null
        : [.. cell.Text.Split(['\n', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];

    /// <summary>令和4年度～令和5年度：設計, a line each; two months of a year are 令和4年度-1.</summary>
    public static string? Bars(IReadOnlyList<Bar> bars)
    {
        if (bars.Count == 0) return null;
        var written = string.Join('\n', bars.Select(b => $"{WriteColumn(b.From)}～{WriteColumn(b.Until)}{(b.Text is null ? "" : "：" + b.Text)}"));
        return BarsOf(Cell.Of(written)) is { } again && again.Select(Parts).SequenceEqual(bars.Select(Parts)) ? written : AsText + JsonSerializer.Serialize(bars, Odd);
    }

    public static List<Bar>? BarsOf(Cell cell)
    {
        if (cell.Text.StartsWith(AsText, StringComparison.Ordinal)) return Whole<List<Bar>>(cell) is { } whole && !whole.Contains(null!) ? whole : null;
        var bars = new List<Bar>();
        foreach (var line in cell.Text.Split(['\n', '\r'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (BarLine().Match(line) is not { Success: true, Groups: var at }) return null;
            var from = ReadColumn(at[1].Value);
            bars.Add(new() { From = from, Until = at[2].Success ? ReadColumn(at[2].Value) : from, Text = at[3].Success ? at[3].Value : null });
        }
        return bars;
    }

    static (string, string, string?) Parts(Bar bar) => (bar.From, bar.Until, bar.Text);

    static string WriteColumn(string column) => column.Split('-') is [var year, var months] ? $"{WriteYear(year)}-{months}" : WriteYear(column);

    static string ReadColumn(string written) => written.Trim().Normalize(NormalizationForm.FormKC).Split('-') is [{ Length: > 0 } year, var months] ? $"{ReadYear(year)}-{months}" : ReadYear(written);

    static readonly JsonSerializerOptions Odd = new(JsonSerializerDefaults.Web) { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.Create(System.Text.Unicode.UnicodeRanges.All) };

    static T? Whole<T>(Cell cell) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(cell.Text.AsSpan(AsText.Length), Odd);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    [GeneratedRegex("^(令和|平成)([0-9]{1,2}|元)(?:年度?)?$")]
    private static partial Regex InEra();

    [GeneratedRegex("^((?:19[89]|20[0-9])[0-9])年度?$")]
    private static partial Regex Western();

    [GeneratedRegex("^([0-9]{4})-(0[1-9]|1[0-2])$")]
    private static partial Regex YearMonth();

    [GeneratedRegex("^([0-9]{4})年(0?[1-9]|1[0-2])月$")]
    private static partial Regex InWords();

    [GeneratedRegex("^(0[1-9]|1[0-2])-([0-2][0-9]|3[01])$")]
    private static partial Regex MonthDay();

    [GeneratedRegex("^(0?[1-9]|1[0-2])月([0-2]?[0-9]|3[01])日$")]
    private static partial Regex MonthDayInWords();

    [GeneratedRegex("^[-+]?[0-9]{1,3}(?:,[0-9]{3})+(?:\\.[0-9]+)?$")]
    private static partial Regex Grouped();

    // One year alone begins and ends in it.
    [GeneratedRegex("^([^～〜：\\n]+)(?:[～〜]([^：\\n]+))?(?:：(.*))?$")]
    private static partial Regex BarLine();
}

/// <summary>The columns of a sheet, read from the top. Each says how it is written and how it is read.</summary>
sealed class SheetColumns<T>(IReadOnlyList<Lang> langs)
{
    public List<SheetColumn<T>> All { get; } = [];

    public SheetColumns<T> Text(string field, string head, Func<T, string> get, Action<T, string> set, int width = 16) =>
        Plainly(field, head, width, x => Cells.Text(get(x)) is { } text && get(x).Length > 0 ? text : null, (x, cell) => set(x, Cells.TextOf(cell) ?? ""), width >= 50 ? AskedAs.Area : AskedAs.Line);

    public SheetColumns<T> Maybe(string field, string head, Func<T, string?> get, Action<T, string?> set, int width = 30) =>
        Plainly(field, head, width, x => Cells.Text(get(x)), (x, cell) => set(x, Cells.TextOf(cell)), width >= 30 ? AskedAs.Area : AskedAs.Line);

    /// <summary>With words of its own; where it must stand, nothing is an empty text.</summary>
    public SheetColumns<T> Worded(string field, string head, Func<T, string?> get, Action<T, string?> set, Func<string, string> write, Func<string, string> read, int width = 12) =>
        Plainly(field, head, width, x => get(x) is { Length: > 0 } text ? Cells.Worded(text, write, read) : Cells.Text(get(x)), (x, cell) => set(x, Cells.WordedOf(cell, read)));

    public SheetColumns<T> Year(string field, string head, Func<T, string> get, Action<T, string> set) =>
        Plainly(field, head, 12, x => get(x) is { Length: > 0 } text ? Cells.Worded(text, Cells.WriteYear, Cells.ReadYear) : null, (x, cell) => set(x, Cells.WordedOf(cell, Cells.ReadYear) ?? ""));

    /// <summary>In each language in a cell of its own.</summary>
    public SheetColumns<T> Said(string field, string head, Func<T, Said> get, int width = 30)
    {
        All.Add(new(field, [.. langs.Select(l => l == Lang.Japanese ? head : $"{head}（{l.OwnName}）")], width,
            x => [.. langs.Select(l => Cell.Of(Cells.Text(get(x).GetValueOrDefault(l.Code))))],
            (x, cells) =>
            {
                for (var i = 0; i < langs.Count; i++)
                    if (Cells.TextOf(cells[i]) is { } text) get(x)[langs[i].Code] = text;
                return null;
            }) { As = width >= 50 ? AskedAs.Area : AskedAs.Line });
        return this;
    }

    public SheetColumns<T> Lines(string field, string head, Func<T, List<string>> get, int width = 30) => Add(field, head, width, x => Cells.Lines(get(x)), (x, cell) =>
    {
        if (Cells.LinesOf(cell) is not { } lines) return ("This list cannot be read: write a line each.", []);
        get(x).AddRange(lines);
        return null;
    }, AskedAs.Area);

    public SheetColumns<T> Flag(string field, string head, Func<T, bool> get, Action<T, bool> set) => Add(field, head, 8, x => get(x) ? Cells.Yes : null, (x, cell) =>
    {
        switch (cell.Text.Trim().ToLowerInvariant())
        {
            case Cells.Yes or "〇" or "◯" or "はい" or "true" or "1": set(x, true); return null;
            case "" or "×" or "いいえ" or "false" or "0": return null;
            default: return ("\"{0}\" is neither ○ nor empty.", [cell.Text]);
        }
    }, AskedAs.Flag);

    /// <summary>In a clerk's words; what the table does not know is said.</summary>
    public SheetColumns<T> Choice(string field, string head, IReadOnlyList<(string Value, string Word)> choices, Func<T, string> get, Action<T, string> set) =>
        Add(field, head, 14, x => choices.FirstOrDefault(c => c.Value == get(x)).Word ?? get(x), (x, cell) =>
        {
            var text = cell.Text.Trim();
            if (text.Length == 0) return null;
            if (choices.FirstOrDefault(c => c.Word == text || c.Value == text) is not { Value: { } value }) return ("\"{0}\" is none of {1}.", [text, string.Join("、", choices.Select(c => c.Word))]);
            set(x, value);
            return null;
        }, AskedAs.Choice, choices);

    public SheetColumns<T> Several(string field, string head, IReadOnlyList<(string Value, string Word)> choices, Func<T, List<string>> get) =>
        Add(field, head, 24, x => Cells.Lines([.. get(x).Select(v => choices.FirstOrDefault(c => c.Value == v).Word ?? v)]), (x, cell) =>
        {
            foreach (var text in Cells.LinesOf(cell) ?? [])
                if (choices.FirstOrDefault(c => c.Word == text || c.Value == text) is { Value: { } value }) get(x).Add(value);
                else return ("\"{0}\" is none of {1}.", [text, string.Join("、", choices.Select(c => c.Word))]);
            return null;
        }, AskedAs.Area);

    public SheetColumns<T> Whole(string field, string head, Func<T, int?> get, Action<T, int?> set) => Add(field, head, 8, x => get(x) is { } number ? Cell.Of(number) : default, (x, cell) =>
    {
        if (cell.Is == CellIs.Empty) return null;
        if (Cells.NumberOf(cell) is not { } number || number != decimal.Truncate(number) || Math.Abs(number) > 1_000_000) return ("\"{0}\" is no whole number.", [cell.Text]);
        set(x, (int)number);
        return null;
    });

    public SheetColumns<T> Number(string field, string head, Func<T, decimal?> get, Action<T, decimal?> set) => Add(field, head, 12, x => Cell.Of(get(x)), (x, cell) =>
    {
        if (cell.Is == CellIs.Empty) return null;
        if (Cells.NumberOf(cell) is not { } number) return ("\"{0}\" is no number.", [cell.Text]);
        set(x, number);
        return null;
    });

    public SheetColumns<T> Amount(string field, string head, Func<T, Amount?> get, Action<T, Amount> set, Amount? empty = null) => Add(field, head, 12, x => get(x) is { } amount ? Cells.Of(amount) : default, (x, cell) =>
    {
        if (cell.Is != CellIs.Empty) set(x, Cells.AmountOf(cell));
        else if (empty is { } nothing) set(x, nothing);
        return null;
    });

    /// <summary>A column a fiscal year, at the end of the sheet.</summary>
    public SheetColumns<T> Years(Func<T, Dictionary<string, Amount>> get)
    {
        All.Add(new("", [], 12, _ => [], (_, _) => null) { Years = get });
        return this;
    }

    public SheetColumns<T> Add(string field, string head, int width, Func<T, Cell> write, Func<T, Cell, (string Said, object[] Values)?> read, AskedAs asked = AskedAs.Line, IReadOnlyList<(string, string)>? choices = null)
    {
        All.Add(new(field, [head], width, x => [write(x)], (x, cells) => read(x, cells[0]) is { } wrong ? (0, wrong.Said, wrong.Values) : null) { As = asked, Choices = choices ?? [] });
        return this;
    }

    SheetColumns<T> Plainly(string field, string head, int width, Func<T, string?> write, Action<T, Cell> read, AskedAs asked = AskedAs.Line) => Add(field, head, width, x => Cell.Of(write(x)), (x, cell) =>
    {
        read(x, cell);
        return null;
    }, asked);
}
