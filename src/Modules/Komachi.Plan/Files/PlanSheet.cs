using Komachi.Platform.Sheets;
using Komachi.Ui.Words;

namespace Komachi.Plan;

/// <summary>Where in the sheets each part of the plan was read, so that what is wrong with the plan is shown in its cell.</summary>
sealed class SheetPlaces
{
    readonly Dictionary<(object On, string Area), (string Sheet, int Row)> _rows = [];
    readonly Dictionary<(string Sheet, string Field), (int Column, string Heading)> _columns = [];

    public void Standing(object on, string sheet, int row, string area = "") => _rows.TryAdd((on, area), (sheet, row));

    public void Column(string sheet, string field, int column, string heading) => _columns.TryAdd((sheet, field), (column, heading));

    public SheetProblem Of(PlanProblem problem)
    {
        var (sheet, row, column, heading) = CellOf(problem);
        var (said, values) = column < 0 ? (problem.Said, problem.Values) : problem.Beside;
        return new(sheet, row, column, heading, said, values) { IsHint = problem.IsHint };
    }

    (string Sheet, int Row, int Column, string Heading) CellOf(PlanProblem problem)
    {
        var (area, field) = problem.Field.Split('/') is [var first, var second] ? (first + "/", second) : ("", problem.Field);
        if (problem.On is PlanDocument) return ("基本方針", 0, -1, "");
        if (problem.On is Round) return (PlanSheets.HeadSheet, 0, -1, "");
        if (problem.On is null || !_rows.TryGetValue((problem.On, area), out var at)) return ("", 0, -1, problem.Place);
        var (column, heading) = _columns.GetValueOrDefault((at.Sheet, field), (-1, ""));
        // The head of a plan stands upright: what is a column elsewhere is its row.
        return at.Sheet != PlanSheets.HeadSheet ? (at.Sheet, at.Row, column, heading) : column < 0 ? (at.Sheet, 0, -1, "") : (at.Sheet, column, 1, heading);
    }
}

/// <summary>Sheets of different things in one list.</summary>
abstract class PlanSheet(string name)
{
    public string Name => name;

    /// <summary>The headings by which a row is known again in another revision, beside the code of what it belongs to.</summary>
    public required string[] Known { get; init; }

    /// <summary>The heading of the column that says what a row belongs to; none where things stand by themselves.</summary>
    public abstract string? Parent { get; }
    public abstract void Write(PlanDocument document, Workbook book);
    public abstract void Read(Sheet sheet, PlanDocument document, SheetPlaces places, List<SheetProblem> problems);
}

/// <summary>One kind of thing, a row each: in its first column the code of what it belongs to, if it belongs to anything.</summary>
/// <param name="nowhere">What is said where there is nothing of that code.</param>
/// <param name="put">Whether it had a place.</param>
sealed class PlanSheet<T>(string name, SheetColumns<T> columns, string? parent, string nowhere, Func<PlanDocument, IEnumerable<(string Of, T One)>> rows, Func<PlanDocument, string, T, bool> put) : PlanSheet(name) where T : class, new()
{
    public PlanSheet(string name, SheetColumns<T> columns, Func<PlanDocument, IEnumerable<T>> rows, Action<PlanDocument, T> add) : this(name, columns, null, "", d => rows(d).Select(r => ("", r)), (d, _, one) =>
    {
        add(d, one);
        return true;
    }) { }

    public SheetColumns<T> Columns => columns;

    public override string? Parent => parent;

    /// <summary>What in the document a row is part of, where the row itself is not kept, and what of it.</summary>
    public Func<PlanDocument, string, T, (object? On, string Area)>? Standing { get; init; }

    public override void Write(PlanDocument document, Workbook book)
    {
        var all = rows(document).ToArray();
        var years = columns.All.Find(c => c.Years is not null)?.Years is { } of ? YearsOf(document, all.SelectMany(r => of(r.One).Keys)) : [];
        var sheet = book.Add(Name, [.. parent is null ? [] : new[] { 14 }, .. columns.All.SelectMany(c => c.Heads.Select(_ => c.Width)), .. years.Select(_ => 12)]);
        sheet.Add([.. parent is null ? [] : new Cell[] { parent }, .. columns.All.SelectMany(c => c.Heads).Select(Cell.Of), .. years.Select(y => Cell.Of(HeadOf(y)))]);
        foreach (var (belongs, one) in all)
            sheet.Add([.. parent is null ? [] : new[] { Cell.Of(Cells.Text(belongs)) }, .. columns.All.SelectMany(c => c.Write(one)),
                .. columns.All.SelectMany(c => c.Years is { } stated ? years.Select(y => stated(one).TryGetValue(y, out var amount) ? Cells.Of(amount) : default) : [])]);
    }

    /// <summary>Those of the plan, and any other that something is stated for.</summary>
    static string[] YearsOf(PlanDocument document, IEnumerable<string> stated) =>
        [.. document.Years.Select(y => y.Label).Union(stated).OrderBy(y => PlanYear.Read(y)?.Year ?? int.MaxValue)];

    static string HeadOf(string year) => Cells.ReadYear(Cells.WriteYear(year)) == year ? Cells.WriteYear(year) : year;

    public override void Read(Sheet sheet, PlanDocument document, SheetPlaces places, List<SheetProblem> problems)
    {
        if (sheet.Rows is not [{ Number: 1 } headings, ..])
        {
            problems.Add(new(Name, 1, -1, "", "The first row has no headings."));
            return;
        }
        var at = new Dictionary<string, int>();
        for (var i = 0; i < headings.Cells.Length; i++)
            if (headings[i].Text.Trim() is { Length: > 0 } head && !at.TryAdd(head, i)) problems.Add(new(Name, 1, i, head, "This heading stands twice."));
        var asked = columns.All.SelectMany(c => c.Heads).Concat(parent is null ? [] : [parent]).ToArray();
        foreach (var missing in asked.Where(h => !at.ContainsKey(h))) problems.Add(new(Name, 1, -1, missing, "The column \"{0}\" is missing. Where there is nothing to say it stays empty.", missing));
        var (years, stated) = (new Dictionary<string, int>(), columns.All.Find(c => c.Years is not null)?.Years);
        foreach (var (head, column) in at.Where(h => !asked.Contains(h.Key)))
        {
            var year = Cells.ReadYear(head);
            if (stated is null || PlanYear.Read(year) is not { } one)
                problems.Add(new(Name, 1, column, head, stated is null ? "This sheet has no column of this name: \"{0}\"." : "\"{0}\" is neither a column of this sheet nor a fiscal year like 令和4年度.", head));
            else if (!years.TryAdd(year, column)) problems.Add(new(Name, 1, column, head, "This heading stands twice."));
            else
            {
                places.Column(Name, year, column, head);
                if (document.Years is { Count: > 0 } period && !period.Contains(one)) problems.Add(new(Name, 1, column, head, "{0} lies outside of the plan's period, {1} to {2}.", head, Cells.WriteYear(document.Plan.From), Cells.WriteYear(document.Plan.Until)));
            }
        }
        foreach (var column in columns.All.Where(c => c.Heads.Length > 0 && at.ContainsKey(c.Heads[0]))) places.Column(Name, column.Field, at[column.Heads[0]], column.Heads[0]);
        var used = at.Values.ToHashSet();

        foreach (var row in sheet.Rows.Skip(1))
        {
            var (one, before) = (new T(), problems.Count);
            for (var i = 0; i < row.Cells.Length; i++)
                if (row[i].Is == CellIs.Error) Wrong(i, PlanSheets.BrokenCell, row[i].Text);
                else if (row[i].Is != CellIs.Empty && !used.Contains(i)) Wrong(i, "Something stands here without a heading: \"{0}\".", row[i].Text);
            var broken = problems.Count > before;
            foreach (var column in columns.All)
            {
                var cells = column.Heads.Select(h => at.TryGetValue(h, out var i) ? row[i].Is == CellIs.Error ? default : row[i] : default).ToArray();
                if (column.Read(one, cells) is { } wrong) Wrong(at.GetValueOrDefault(column.Heads[wrong.Cell], -1), wrong.Said, wrong.Values);
            }
            if (stated is not null)
                foreach (var (year, i) in years)
                    if (row[i].Is is not (CellIs.Empty or CellIs.Error)) stated(one)[year] = Cells.AmountOf(row[i]);
            var of = parent is null ? "" : Cells.TextOf(row[at.GetValueOrDefault(parent, int.MaxValue)]) ?? "";
            if (!put(document, of, one) && !broken) Wrong(parent is null ? -1 : at.GetValueOrDefault(parent, -1), nowhere, of);
            places.Standing(one, Name, row.Number);
            if (Standing?.Invoke(document, of, one) is ({ } on, var area)) places.Standing(on, Name, row.Number, area);

            void Wrong(int column, string said, params object[] values) => problems.Add(new(Name, row.Number, column, column < 0 ? "" : headings[column].Text, said, values));
        }
    }
}
