using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Komachi.Ui.Words;

namespace Komachi.Platform.Forms;

/// <summary>What is still wrong with an answer.</summary>
/// <param name="Path">The field, in a row <c>children/1/name</c>.</param>
/// <param name="Message">A key of the house's words; null where the form itself says it.</param>
public sealed record AnswerMistake(string Page, string Path, string? Message, object[] Values, Said? Said = null);

/// <summary>
/// How a form stands with what was answered: which pages and fields are asked, what is reckoned, what is missing. It is told anew from
/// definition and answers each time and remembers nothing, so there is no sequence of steps that leads anywhere else. Answers to what is
/// not asked any more stay in the draft (somebody may change their mind back) and count as not given.
/// </summary>
public sealed class FormState
{
    readonly List<AnswerMistake> _mistakes = [];
    readonly HashSet<string> _shown;
    readonly List<CompiledPage> _pages = [];

    FormState(CompiledForm form, Answers answers, IReadOnlyDictionary<string, IReadOnlyList<FormOption>>? lists) => (Form, Answers, Lists, _shown) = (form, answers, lists, new(form.Fields.Count));

    public CompiledForm Form { get; }

    /// <summary>Those that are asked, in their order.</summary>
    public IReadOnlyList<CompiledPage> Pages => _pages;

    /// <summary>What expressions see: of what is not asked nothing.</summary>
    public Answers Answers { get; }
    public IReadOnlyList<AnswerMistake> Mistakes => _mistakes;
    public bool Complete => _mistakes.Count == 0;

    /// <summary>Of a row its path: <c>children/1/name</c>.</summary>
    public bool IsAsked(string path) => _shown.Contains(path);

    public CompiledPage? Next(CompiledPage page) => _pages.SkipWhile(p => p != page).Skip(1).FirstOrDefault();
    public CompiledPage? Before(CompiledPage page) => _pages.TakeWhile(p => p != page).LastOrDefault();

    /// <summary>Where somebody goes on who comes back: the first page with something missing or wrong.</summary>
    public CompiledPage? Unfinished => _mistakes.Count == 0 ? null : _pages.First(p => p.Key == _mistakes[0].Page);

    /// <summary>The town's own lists, by name. Null: nobody brought them, and what is chosen from one is not held against it.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<FormOption>>? Lists { get; }

    /// <param name="outer">What else expressions read: the answers of the first form of a case, and what was decided of it.</param>
    /// <param name="works">Whether the office works on a day; Monday to Friday without national holidays where nobody says it.</param>
    /// <param name="answeredOn">Of a correction: what may be answered is told by its day, and everything else by the day on which it came.</param>
    public static FormState Of(CompiledForm form, JsonObject given, DateOnly today, DateOnly? filedOn = null, Answers? outer = null,
        IReadOnlyDictionary<string, IReadOnlyList<FormOption>>? lists = null, Func<DateOnly, bool>? works = null, DateOnly? answeredOn = null)
    {
        var state = new FormState(form, new(today, filedOn, outer, works, form.Fields.Count, answeredOn), lists);
        foreach (var page in form.Pages)
            if (state.Begin(page)) foreach (var field in page.Fields) state.Take(page, field, given, state.Answers, "");
        return state;
    }

    /// <summary>As far as before this page; it is taken field by field while it is read.</summary>
    internal FormState UpTo(CompiledPage page, JsonObject given)
    {
        var state = Anew();
        foreach (var before in Form.Pages)
            if (before == page || before.Key == page.Key)
            {
                state._pages.Add(page);
                break;
            }
            else if (state.Begin(before)) foreach (var field in before.Fields) state.Take(before, field, given, state.Answers, "");
        return state;
    }

    /// <summary>How the same form stands with other answers.</summary>
    public FormState With(JsonObject given)
    {
        var state = Anew();
        foreach (var page in Form.Pages)
            if (state.Begin(page)) foreach (var field in page.Fields) state.Take(page, field, given, state.Answers, "");
        return state;
    }

    internal FormState Anew() => new(Form, Answers.Anew(), Lists);

    internal bool Begin(CompiledPage page)
    {
        if (page.When?.Holds(Answers) == false) return false;
        _pages.Add(page);
        return true;
    }

    /// <summary>What can be chosen there now: of the form's own options those whose condition holds, or the town's list.</summary>
    public IReadOnlyList<FormOption> Offered(CompiledField field, Answers? row = null) =>
        field.Field.From is { } list ? Lists?.GetValueOrDefault(list) ?? [] : [.. field.Options.Where(o => o.When?.Holds(row ?? Answers) != false).Select(o => o.Option)];

    bool IsOffered(CompiledField field, string value, Answers answers)
    {
        if (field.Field.Other && value.StartsWith(Answering.Other, StringComparison.Ordinal) && value.Length > Answering.Other.Length) return true;
        if (field.Field.From is { } list) return Lists is null || Lists.GetValueOrDefault(list) is { } options && options.Any(o => o.Value == value);
        return field.Options.FirstOrDefault(o => o.Option.Value == value) is { } option && option.When?.Holds(answers) != false;
    }

    /// <summary>A text of the form with what its braces name filled in: constants of the town, and answers.</summary>
    public Said Say(Said said, Answers? row = null)
    {
        if (!said.Values.Any(text => text.Contains('{'))) return said;
        var filled = new Said();
        foreach (var (code, text) in said)
        {
            var lang = Lang.Find(code) ?? Lang.FindFurther(code) ?? Lang.Japanese;
            filled[code] = TextWithValues.Fill(text, name => (row ?? Answers)[name] is { Given: true } value ? AnswerWords.InText(value, Form.Find(name), lang) : Form.Names.ConstantOf(name) is { Given: true } constant ? AnswerWords.InText(constant, null, lang) : null);
        }
        return filled;
    }

    /// <summary>What stands at a place: an answer, or what is reckoned there; in a row <c>items/1/itemFee</c>.</summary>
    public Value At(string path) => path.Split('/') is [var group, var row, var field] ? int.TryParse(row, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n < Answers.Rows(group).Count ? Answers.Rows(group)[n][field] : Value.None : Answers[path];

    /// <summary>What is kept when it is filed: only what was asked, and what was reckoned.</summary>
    public JsonObject Filed(JsonObject given)
    {
        var filed = new JsonObject();
        foreach (var field in Form.Fields)
        {
            if (!_shown.Contains(field.Key)) continue;
            if (field.Value is not null) filed[field.Key] = Json(Answers[field.Key]);
            else if (field.Repeats)
            {
                var (rows, taken) = (new JsonArray(), Answers.Rows(field.Key));
                foreach (var (row, n) in RowsOf(given, field.Key).Select((r, n) => (r, n)))
                {
                    var kept = new JsonObject();
                    foreach (var inner in field.Rows)
                        if (_shown.Contains($"{field.Key}/{n}/{inner.Key}"))
                            kept[inner.Key] = inner.Value is not null ? Json(taken[n][inner.Key]) : row[inner.Key]?.DeepClone();
                    rows.Add(kept);
                }
                filed[field.Key] = rows;
            }
            else if (field.Field.Kind == "amounts") filed[field.Key] = Cells(field, given[field.Key]);
            else if (given[field.Key] is { } answer) filed[field.Key] = answer.DeepClone();
        }
        return filed;
    }

    /// <summary>Of a table of amounts what the form has a place for.</summary>
    static JsonObject? Cells(CompiledField field, JsonNode? answer)
    {
        if (answer is not JsonObject table) return null;
        var kept = new JsonObject();
        foreach (var row in field.Field.Rows)
            if (table[row.Value] is JsonObject cells)
                kept[row.Value] = new JsonObject(field.Field.Columns.Where(c => cells[c.Key] is not null).Select(c => KeyValuePair.Create(c.Key, cells[c.Key]?.DeepClone())));
        return kept;
    }

    internal void Take(CompiledPage page, CompiledField field, JsonObject given, Answers answers, string before)
    {
        if (field.When?.Holds(answers) == false) return;
        var path = before + field.Key;
        _shown.Add(path);
        if (given[FormPages.Held] is JsonObject held && held.ContainsKey(field.Key)) Wrong(page, path, "What was typed here does not fit yet. Please look at it once more.");
        switch (field.Field.Kind)
        {
            case "statement":
                return;
            case "group" or "people":
                var n = 0;
                foreach (var row in RowsOf(given, field.Key))
                {
                    var inRow = answers.AddRow(field.Key);
                    foreach (var inner in field.Rows) Take(page, inner, row, inRow, $"{path}/{n}/");
                    n++;
                }
                Count(page, field, path, n, answers);
                break;
            case "amounts":
                foreach (var (row, cells) in given[field.Key] as JsonObject ?? [])
                {
                    if (!field.Field.Rows.Exists(r => r.Value == row) || cells is not JsonObject written) continue;
                    var inRow = answers.AddRow(field.Key);
                    inRow["row"] = Value.Of(row);
                    foreach (var column in field.Field.Columns)
                    {
                        inRow[column.Key] = Read(written[column.Key], Sort.Number);
                        if (inRow[column.Key] is { Sort: Sort.Number } cell && !IsYen(cell.Number)) Wrong(page, path, "Please write an amount in yen, like 12,000.");
                    }
                }
                if (field.IsRequired(answers) && answers.Rows(field.Key).Count == 0) Wrong(page, path, "Please write an amount in yen.");
                break;
            case "calculated":
                answers[field.Key] = field.Value?.Of(answers) ?? Value.None;
                break;
            default:
                var value = Read(given[field.Key], field.Sort);
                answers[field.Key] = value;
                if (field.Sort is Sort.Text or Sort.Texts && field.Field.Kind is "choice" or "select" or "choices") answers.Weigh(field.Key, Worth(field, value));
                if (!value.Given || field.Sort == Sort.Truth && !value.Truth && field.Field.Kind is "consent" or "declaration")
                {
                    if (field.IsRequired(answers) && !field.Field.Later) Wrong(page, path, Missing(field.Field.Kind));
                    return;    // of what is not given nothing is wrong
                }
                Bounds(page, field, path, value, given[field.Key], answers);
                break;
        }
        foreach (var check in field.Checks)
            if (check.That.Fails(answers.ForRules)) _mistakes.Add(new(page.Key, path, null, [], check.Say));
    }

    void Bounds(CompiledPage page, CompiledField field, string path, Value value, JsonNode? answer, Answers answers)
    {
        var (least, most) = (field.Least?.Of(answers.ForRules) ?? Value.None, field.Most?.Of(answers.ForRules) ?? Value.None);
        switch (value.Sort)
        {
            case Sort.Number when field.Field.Kind == "yen" && decimal.Truncate(value.Number) != value.Number:
                Wrong(page, path, "Please write an amount in yen, like 12,000.");
                break;
            case Sort.Number when field.Field.Kind == "number" && decimal.Truncate(value.Number) != value.Number:
                Wrong(page, path, "Please write a whole number.");
                break;
            case Sort.Number:
                if (!least.Given && value.Number < 0) least = Value.Of(0m);
                if (least.Given && value.Number < least.Number || most.Given && value.Number > most.Number)
                    Wrong(page, path, least.Given && most.Given ? "Please write a number from {0} to {1}." : least.Given ? "Please write a number from {0} on." : "Please write a number up to {0}.", [.. new[] { least, most }.Where(b => b.Given).Select(b => (object)b.Number)]);
                break;
            case Sort.Day:
                if (least.Given && value.Day < least.Day) Wrong(page, path, "Please write a day from {0} on.", least.Day);
                else if (most.Given && value.Day > most.Day) Wrong(page, path, "Please write a day up to {0}.", most.Day);
                break;
            case Sort.Text when field.Field.Kind is "choice" or "select":
                if (!IsOffered(field, value.Text, answers)) Wrong(page, path, "Please choose from what is offered.");
                break;
            case Sort.Text when field.Pattern is { } pattern && !pattern.Takes(value.Text):
                Wrong(page, path, pattern.Asks);
                break;
            case Sort.Text when field.Field.Kind == "time":
                if (!WrittenTime.IsKept(value.Text)) Wrong(page, path, "Please write a time, like 9:30.");
                else if (Value.Compare(value, least) < 0) Wrong(page, path, "Please write a time from {0} on.", WrittenTime.ToShow(least.Text));
                else if (Value.Compare(value, most) > 0) Wrong(page, path, "Please write a time up to {0}.", WrittenTime.ToShow(most.Text));
                break;
            case Sort.Text when field.Field.Kind == "account" && BankAccount.Of(answer) is null:
                Wrong(page, path, "Please look at the bank account once more: something of it is missing.");
                break;
            case Sort.Text when field.Field.Kind is "text" or "area":
                var length = new StringInfo(value.Text).LengthInTextElements;
                var longest = most.Given ? Answering.Whole(most.Number) : field.Field.Kind == "area" ? Answering.MostArea : Answering.MostText;
                if (length > longest) Wrong(page, path, "Please use at most {0} characters; there are {1}.", longest, length);
                else if (least.Given && length < least.Number) Wrong(page, path, "Please use at least {0} characters; there are {1}.", Answering.Whole(least.Number), length);
                break;
            case Sort.Texts when field.Field.Kind == "choices":
                if (value.Texts.Any(t => !IsOffered(field, t, answers))) Wrong(page, path, "Please choose from what is offered.");
                else Count(page, field, path, value.Texts.Count, answers);
                break;
            case Sort.Texts:
                Count(page, field, path, value.Texts.Count, answers);
                break;
        }
    }

    static bool IsYen(decimal number) => number >= 0 && decimal.Truncate(number) == number;

    Value Worth(CompiledField field, Value value)
    {
        if (!value.Given) return Value.None;
        var options = field.Field.From is { } list ? Lists?.GetValueOrDefault(list) ?? [] : field.Field.Options;
        var (sum, any) = (0m, false);
        foreach (var text in value.Sort == Sort.Text ? [value.Text] : value.Texts)
            if (options.FirstOrDefault(o => o.Value == text)?.Worth is { } worth && Math.Abs(worth) <= 999_999_999_999m) (sum, any) = (sum + worth, true);
        return any ? Value.Of(sum) : Value.None;
    }

    void Count(CompiledPage page, CompiledField field, string path, int count, Answers answers)
    {
        var least = Math.Max(field.Least?.Of(answers) is { Given: true } l ? Answering.Whole(l.Number) : 0, field.IsRequired(answers) ? 1 : 0);
        if (count < least) Wrong(page, path, field.Field.Kind == "choices" ? "Please choose at least {0}." : "Please add at least {0}.", least);
        else if (field.Most?.Of(answers) is { Given: true } most && count > most.Number) Wrong(page, path, field.Field.Kind == "choices" ? "Please choose at most {0}. You have chosen {1}." : "Please keep at most {0}; there are {1}.", Answering.Whole(most.Number), count);
    }

    void Wrong(CompiledPage page, string path, string message, params object[] values) => _mistakes.Add(new(page.Key, path, message, values));

    static string Missing(string kind) => kind switch
    {
        "choice" or "select" or "yesno" => "Please choose one.",
        "consent" or "declaration" => "To go on, please read the text and tick the box.",
        "file" => "Please add the file.",
        _ => "Please fill this in.",
    };

    // ── answers as they are kept ─────────────────────────────────────────────────────────────────────────────────────

    internal static IEnumerable<JsonObject> RowsOf(JsonObject given, string group) => given[group] is JsonArray rows ? rows.OfType<JsonObject>() : [];

    /// <summary>What does not fit its kind is not given: answers outlive the definitions of drafts.</summary>
    internal static Value Read(JsonNode? answer, Sort sort)
    {
        if (answer is null) return Value.None;
        switch (sort)
        {
            case Sort.Truth: return answer is JsonValue t && t.TryGetValue<bool>(out var truth) ? Value.Of(truth) : Value.None;
            case Sort.Number: return NumberOf(answer) is { } number ? Value.Of(number) : Value.None;
            case Sort.Day: return answer is JsonValue d && d.TryGetValue<string>(out var day) && DateOnly.TryParseExact(day, ["yyyy-MM-dd", "yyyy-MM"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var on) ? Value.Of(on) : Value.None;
            case Sort.Texts: return answer is JsonArray many ? Value.Of([.. many.OfType<JsonValue>().Select(v => v.TryGetValue<string>(out var one) ? one : "").Where(v => v.Length > 0)]) : Value.None;
            default: return answer switch
            {
                JsonValue s when s.TryGetValue<string>(out var text) => Value.Of(text),
                JsonObject parts => Value.Of(Answering.Written(parts)),
                _ => Value.None,
            };
        }
    }

    /// <summary>A number may come from the database, or just now from a field, where it is an int, a long or a decimal yet.</summary>
    static decimal? NumberOf(JsonNode answer) =>
        answer is not JsonValue value ? null
        : value.TryGetValue<decimal>(out var number) ? number
        : value.TryGetValue<long>(out var whole) ? whole
        : value.TryGetValue<int>(out var small) ? small
        : value.GetValueKind() == JsonValueKind.Number && decimal.TryParse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var read) ? read : null;

    static JsonNode? Json(Value value) => value.Sort switch
    {
        Sort.None => null,
        Sort.Truth => value.Truth,
        Sort.Number => value.Number,
        Sort.Texts => new JsonArray([.. value.Texts.Select(t => JsonValue.Create(t))]),
        _ => value.ToString(),
    };
}
