using System.Globalization;
using Komachi.Platform.Sheets;
using Komachi.Platform.Web;
using Komachi.Ui;
using Komachi.Ui.Words;

namespace Komachi.Plan;

/// <summary>A field of a part of the plan, as a form asks for it.</summary>
public sealed record AskedField(string Name, string Label, AskedField.Way As, IReadOnlyList<Option> Options, Lang Lang, bool Wide = false)
{
    public enum Way { Line, Area, Flag, Choice }
}

/// <summary>One of several things below a measure or policy, with a few empty ones at the end.</summary>
public sealed record AskedRow(string Prefix, string Title, IReadOnlyList<AskedField> Fields);

/// <param name="Name">Of the list in the form: <c>actions</c>.</param>
public sealed record AskedRows(string Name, string Title, IReadOnlyList<AskedRow> Rows);

/// <summary>What a page of the draft asks for.</summary>
public sealed record AskedPart(IReadOnlyList<AskedField> Fields, IReadOnlyList<AskedRows> Lists);

/// <summary>
/// A part of a draft as a form: its fields are the columns of its sheet, written and read by the same tables, so a form and a sheet can say neither more nor less than each other.
/// Filled from what stands, or read from what was typed; then <see cref="Note"/> puts what is wrong with the plan beside its field.
/// </summary>
sealed class DraftForm(PlanDocument plan, Form? typed = null)
{
    const int Spare = 2, MostRows = 200;

    readonly List<(string Name, string? Value)> _values = [];
    readonly List<AskedField> _fields = [];
    readonly List<AskedRows> _lists = [];
    readonly Dictionary<(object On, string Area), string> _places = [];
    readonly IReadOnlyList<Lang> _langs = PlanSheets.LangsOf(plan);

    public AskedPart Asked => new(_fields, _lists);

    /// <summary>As it stands, with what else the page sends along.</summary>
    public Form Filled(params (string, string?)[] further) => Form.With([.. further, .. _values]);

    /// <summary>The part itself. <paramref name="but"/>: what is not asked for and stays as it is; choices for fields whose answers the plan itself knows.</summary>
    public void Part<T>(T stands, T into, SheetColumns<T> columns, string[]? but = null, IReadOnlyDictionary<string, IReadOnlyList<Option>>? choices = null)
    {
        _places[(into!, "")] = "";
        Fields(stands, into, columns, "", _fields, but ?? [], [], choices);
    }

    /// <summary>Thousand yen by year.</summary>
    public void Years(object on, string area, string title, Dictionary<string, Amount> stands, Dictionary<string, Amount> into)
    {
        _places[(on, area + "/")] = area + "-";
        YearFields(stands, into, area + "-", title + " ", _fields, YearsOf(stands.Keys));
    }

    /// <summary>Things below it, each a row: in the form those that stand and a few more.</summary>
    public void Rows<T>(string name, string title, List<T> stands, List<T> into, SheetColumns<T> columns, Func<T, string> titleOf) where T : class, new()
    {
        var years = columns.All.Find(c => c.Years is not null)?.Years is { } of ? YearsOf(stands.SelectMany(r => of(r).Keys)) : [];
        var count = typed is null ? stands.Count + Spare : Math.Clamp(int.TryParse(typed.Typed(name + "-count"), NumberStyles.None, CultureInfo.InvariantCulture, out var sent) ? sent : 0, Spare, MostRows);
        var rows = new List<AskedRow>();
        for (var i = 0; i < count; i++)
        {
            var (prefix, fields, row) = ($"{name}-{i}-", new List<AskedField>(), new T());
            // A row that is ticked as gone, or in which nothing stands, is none.
            var there = typed is null ? i < stands.Count : !typed.Ticked(prefix + "gone") && typed.NamesOf(prefix).Any(n => n != prefix + "gone" && typed.Typed(n).Trim().Length > 0);
            Fields(typed is null && i < stands.Count ? stands[i] : new T(), row, columns, prefix, fields, [], years, null, reads: there, spare: typed is null && i >= stands.Count);
            if (there) _places[(row, "")] = prefix;
            if (there && typed is not null) into.Add(row);
            rows.Add(new(prefix, i < stands.Count ? titleOf(stands[i]) : "", fields));
        }
        _values.Add((name + "-count", count.ToString(CultureInfo.InvariantCulture)));
        _lists.Add(new(name, title, rows));
    }

    /// <summary>What is wrong with the plan as it would be, beside the field that says it. False where it is about something that this page does not show.</summary>
    public bool Note(PlanProblem problem)
    {
        var (area, field) = problem.Field.Split('/') is [var first, var second] ? (first + "/", second) : ("", problem.Field);
        if (typed is null || problem.On is null || !_places.TryGetValue((problem.On, area), out var prefix)) return false;
        var name = prefix + field;
        typed.Wrongly(_fields.Concat(_lists.SelectMany(l => l.Rows).SelectMany(r => r.Fields)).FirstOrDefault(f => f.Name == name || f.Name.StartsWith(name + "-", StringComparison.Ordinal))?.Name ?? "", problem.Beside.Said, problem.Beside.Values);
        return true;
    }

    void Fields<T>(T stands, T into, SheetColumns<T> columns, string prefix, List<AskedField> fields, string[] but, string[] years, IReadOnlyDictionary<string, IReadOnlyList<Option>>? choices, bool reads = true, bool spare = false)
    {
        foreach (var column in columns.All.Where(c => c.Heads.Length > 0))
        {
            var cells = column.Write(stands);
            if (but.Contains(column.Field))
            {
                column.Read(into, cells);
                continue;
            }
            var names = column.Heads.Select((_, i) => prefix + column.Field + (column.Heads.Length > 1 ? "-" + _langs[i].Code : "")).ToArray();
            var options = choices?.GetValueOrDefault(column.Field) ?? [.. column.Choices.Select(c => new Option(c.Word, c.Word))];
            for (var i = 0; i < names.Length; i++)
            {
                _values.Add((names[i], spare ? "" : cells[i].Text));
                fields.Add(new(names[i], column.Heads[i], options.Count > 0 ? AskedField.Way.Choice : column.As switch { AskedAs.Flag => AskedField.Way.Flag, AskedAs.Area => AskedField.Way.Area, _ => AskedField.Way.Line }, options, column.Heads.Length > 1 ? _langs[i] : Lang.Japanese, Wide: column.Width >= 30));
            }
            if (typed is not null && reads && column.Read(into, [.. names.Select(n => Cell.Of(typed.Typed(n)))]) is { } wrong) typed.Wrongly(names[wrong.Cell], wrong.Said, wrong.Values);
        }
        if (columns.All.Find(c => c.Years is not null)?.Years is { } of) YearFields(of(stands), of(into), prefix, "", fields, years, reads);
    }

    void YearFields(Dictionary<string, Amount> stands, Dictionary<string, Amount> into, string prefix, string title, List<AskedField> fields, string[] years, bool reads = true)
    {
        foreach (var year in years)
        {
            var name = prefix + year;
            _values.Add((name, stands.TryGetValue(year, out var amount) ? Cells.Of(amount).Text : ""));
            fields.Add(new(name, title + Cells.WriteYear(year), AskedField.Way.Line, [], Lang.Japanese));
            if (typed is not null && reads && typed.Typed(name).Trim() is { Length: > 0 } text) into[year] = Cells.AmountOf(Cell.Of(text));
        }
    }

    string[] YearsOf(IEnumerable<string> stated) => [.. plan.Years.Select(y => y.Label).Union(stated).OrderBy(y => PlanYear.Read(y)?.Year ?? int.MaxValue)];
}
