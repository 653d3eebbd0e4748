using System.Globalization;
using System.Text;
using Komachi.Platform.Sheets;
using Komachi.Ui.Words;

namespace Komachi.Platform.Offices;

enum DepartmentAction { Add, Change, Close }

enum MoveAction { Move, Add, End, Leave }

sealed record DepartmentLine(int Row, DepartmentAction Action, string Code, Said Name, string Parent, string Successor, string? Telephone, int? Sort);

sealed record MoveLine(int Row, MoveAction Action, string SignIn, string Name, string Department, string Post, string Role, string? Telephone);

/// <summary>What is wrong in which cell; the message is a key of the words.</summary>
/// <param name="File"><c>departments.csv</c> or <c>moves.csv</c>.</param>
/// <param name="Row">As a spreadsheet counts; 0 speaks of the whole file.</param>
public sealed record CellMistake(string File, int Row, string Column, string Message, params object[] Values);

/// <summary>Reads the two tables of a reorganisation. All that is wrong is listed, with its place.</summary>
sealed class ReadChanges
{
    public const string DepartmentsFile = "departments.csv", MovesFile = "moves.csv";
    public const int MostRows = 20_000;

    /// <summary>Columns by their names in both languages; those with a star must be there.</summary>
    public static readonly (string Name, string Japanese, bool Needed)[] DepartmentColumns =
    [
        ("action", "区分", true), ("code", "部署コード", true), ("name", "名称", false), ("name_en", "英語名称", false), ("name_plain", "やさしい名称", false),
        ("parent", "上位コード", false), ("successor", "引継先コード", false), ("telephone", "電話", false), ("sort", "並び順", false),
    ];

    public static readonly (string Name, string Japanese, bool Needed)[] MoveColumns =
    [
        ("action", "区分", true), ("person", "ログイン名", true), ("name", "氏名", false), ("department", "部署コード", false), ("post", "職名", false),
        ("role", "役割", false), ("telephone", "内線", false),
    ];

    static readonly Dictionary<string, DepartmentAction> DepartmentActions = new()
    {
        ["add"] = DepartmentAction.Add, ["新設"] = DepartmentAction.Add, ["change"] = DepartmentAction.Change, ["変更"] = DepartmentAction.Change,
        ["close"] = DepartmentAction.Close, ["廃止"] = DepartmentAction.Close,
    };

    static readonly Dictionary<string, MoveAction> MoveActions = new()
    {
        ["move"] = MoveAction.Move, ["異動"] = MoveAction.Move, ["add"] = MoveAction.Add, ["兼務"] = MoveAction.Add,
        ["end"] = MoveAction.End, ["解除"] = MoveAction.End, ["leave"] = MoveAction.Leave, ["退職"] = MoveAction.Leave,
    };

    readonly List<CellMistake> _mistakes = [];
    string _file = "";
    int _row;

    public IReadOnlyList<CellMistake> Mistakes => _mistakes;
    public List<DepartmentLine> Departments { get; } = [];
    public List<MoveLine> Moves { get; } = [];

    public static ReadChanges Of(string departmentsCsv, string movesCsv)
    {
        var read = new ReadChanges();
        read.ReadDepartments(departmentsCsv);
        read.ReadMoves(movesCsv);
        return read;
    }

    void ReadDepartments(string csv)
    {
        var seen = new Dictionary<(string, bool), int>();
        foreach (var cell in Lines(DepartmentsFile, csv, DepartmentColumns))
        {
            var before = _mistakes.Count;
            if (!DepartmentActions.TryGetValue(Folded(cell("action")), out var action)) Wrongly("action", "\"{0}\" is none of 新設 (add), 変更 (change), 廃止 (close).", cell("action")!);
            var code = cell("code") ?? "";
            if (code.Length == 0) Wrongly("code", "The code is missing.");
            if (code.Length > 40) Wrongly("code", "A code has at most 40 characters.");
            // A code may be closed and given anew on the same day, but named no more often than that.
            if (!seen.TryAdd((code, action == DepartmentAction.Add), _row)) Wrongly("code", "{0} stands in row {1} already.", code, seen[(code, action == DepartmentAction.Add)]);
            var name = new Said();
            foreach (var (column, lang) in new[] { ("name", "ja"), ("name_en", "en"), ("name_plain", "plain") })
                if (cell(column) is { Length: > 0 } text)
                {
                    if (text.Length > 100) Wrongly("name", "A name has at most 100 characters.");
                    name[lang] = text;
                }
            if (action == DepartmentAction.Add && !name.ContainsKey("ja")) Wrongly("name", "A new department needs a name in Japanese.");
            int? sort = null;
            if (cell("sort") is { Length: > 0 } order)
            {
                if (int.TryParse(order.Normalize(NormalizationForm.FormKC), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 1_000_000) sort = number;
                else Wrongly("sort", "\"{0}\" is no number.", order);
            }
            if (action != DepartmentAction.Close && cell("successor") is { Length: > 0 }) Wrongly("successor", "Only a department that is closed has a successor.");
            if (_mistakes.Count == before) Departments.Add(new(_row, action, code, name, cell("parent") ?? "", cell("successor") ?? "", cell("telephone"), sort));
        }
    }

    void ReadMoves(string csv)
    {
        foreach (var cell in Lines(MovesFile, csv, MoveColumns))
        {
            var before = _mistakes.Count;
            if (!MoveActions.TryGetValue(Folded(cell("action")), out var action)) Wrongly("action", "\"{0}\" is none of 異動 (move), 兼務 (add), 解除 (end), 退職 (leave).", cell("action")!);
            if (cell("person") is not { Length: > 0 }) Wrongly("person", "The sign-in name is missing.");
            if (action != MoveAction.Leave && cell("department") is not { Length: > 0 }) Wrongly("department", "The department's code is missing.");
            if (cell("post")?.Length > 60) Wrongly("post", "A post has at most 60 characters.");
            if (cell("telephone")?.Length > 40) Wrongly("telephone", "A telephone number has at most 40 characters.");
            if (_mistakes.Count == before)
                Moves.Add(new(_row, action, People.Account.FoldSignInName(cell("person")!), cell("name") ?? "", cell("department") ?? "", cell("post") ?? "", cell("role") ?? "", cell("telephone")));
        }
    }

    IEnumerable<Func<string, string?>> Lines(string file, string csv, (string Name, string Japanese, bool Needed)[] columns)
    {
        (_file, _row) = (file, 1);
        var lines = Csv.Read(csv);
        if (lines.Count == 0) yield break;
        if (lines.Count > MostRows)
        {
            Wrongly("", "At most {0} rows; there are {1}.", MostRows, lines.Count);
            yield break;
        }
        var at = new Dictionary<string, int>();
        for (var i = 0; i < lines[0].Cells.Length; i++)
        {
            var header = Folded(lines[0].Cells[i]);
            if (header.Length == 0) continue;
            var column = columns.FirstOrDefault(c => c.Name == header || c.Japanese == header).Name;
            if (column is null) Wrongly("", "There is no column \"{0}\": {1}", lines[0].Cells[i], string.Join(", ", columns.Select(c => $"{c.Japanese} ({c.Name})")));
            else if (!at.TryAdd(column, i)) Wrongly("", "The column \"{0}\" stands twice.", lines[0].Cells[i]);
        }
        var missing = columns.Where(c => c.Needed && !at.ContainsKey(c.Name)).ToArray();
        foreach (var column in missing) Wrongly("", "The column {0} is missing.", $"{column.Japanese} ({column.Name})");
        if (_mistakes.Exists(m => m.File == file)) yield break;
        foreach (var line in lines.Skip(1))
        {
            _row = line.Row;
            if (line.Cells.Length > lines[0].Cells.Length && line.Cells.Skip(lines[0].Cells.Length).Any(c => c.Length > 0))
                Wrongly("", "This row has more cells than the first one has headers.");
            yield return name => at.TryGetValue(name, out var i) && i < line.Cells.Length ? Clean(line.Cells[i]) : null;
        }
    }

    void Wrongly(string column, string message, params object[] values) => _mistakes.Add(new(_file, _row, column, message, values));

    static string Folded(string? text) => (text ?? "").Normalize(NormalizationForm.FormKC).Trim().ToLowerInvariant();

    // A file does not come through the form reader, which takes out what no text should hold.
    static string Clean(string text) => Web.FormDoor.Clean(text).Replace('\n', ' ').Trim();
}
