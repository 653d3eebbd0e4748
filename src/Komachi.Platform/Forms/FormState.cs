using System.Globalization;
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
    readonly HashSet<string> _shown = [];
    readonly List<CompiledPage> _pages = [];

    FormState(CompiledForm form, Answers answers) => (Form, Answers) = (form, answers);

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

    public static FormState Of(CompiledForm form, JsonObject given, DateOnly today, DateOnly? filedOn = null)
    {
        var state = new FormState(form, new(today, filedOn));
        foreach (var page in form.Pages)
        {
            if (page.When?.Holds(state.Answers) == false) continue;
            state._pages.Add(page);
            foreach (var field in page.Fields) state.Take(page, field, given, state.Answers, "");
        }
        return state;
    }

    /// <summary>What is kept when it is filed: only what was asked, and what was reckoned.</summary>
    public JsonObject Filed(JsonObject given)
    {
        var filed = new JsonObject();
        foreach (var field in Form.Fields)
        {
            if (!_shown.Contains(field.Key)) continue;
            if (field.Value is not null) filed[field.Key] = Json(Answers[field.Key]);
            else if (field.Field.Kind == "group")
            {
                var rows = new JsonArray();
                foreach (var (row, n) in RowsOf(given, field.Key).Select((r, n) => (r, n)))
                {
                    var kept = new JsonObject();
                    foreach (var inner in field.Rows)
                        if (_shown.Contains($"{field.Key}/{n}/{inner.Key}"))
                            kept[inner.Key] = inner.Value is not null ? Json(Answers.Rows(field.Key)[n][inner.Key]) : row[inner.Key]?.DeepClone();
                    rows.Add(kept);
                }
                filed[field.Key] = rows;
            }
            else if (given[field.Key] is { } answer) filed[field.Key] = answer.DeepClone();
        }
        return filed;
    }

    void Take(CompiledPage page, CompiledField field, JsonObject given, Answers answers, string before)
    {
        if (field.When?.Holds(answers) == false) return;
        var path = before + field.Key;
        _shown.Add(path);
        switch (field.Field.Kind)
        {
            case "statement":
                return;
            case "group":
                var n = 0;
                foreach (var row in RowsOf(given, field.Key))
                {
                    var inRow = answers.AddRow(field.Key);
                    foreach (var inner in field.Rows) Take(page, inner, row, inRow, $"{path}/{n}/");
                    n++;
                }
                Count(page, field, path, n, answers);
                return;
            case "amounts":
                foreach (var (row, cells) in given[field.Key] as JsonObject ?? [])
                {
                    if (!field.Field.Rows.Exists(r => r.Value == row) || cells is not JsonObject written) continue;
                    var inRow = answers.AddRow(field.Key);
                    inRow["row"] = Value.Of(row);
                    foreach (var column in field.Field.Columns) inRow[column.Key] = Read(written[column.Key], Sort.Number);
                }
                if (field.IsRequired(answers) && answers.Rows(field.Key).Count == 0) Wrong(page, path, "Please write an amount in yen.");
                break;
            case "calculated":
                answers[field.Key] = field.Value?.Of(answers) ?? Value.None;
                break;
            default:
                var value = Read(given[field.Key], field.Sort);
                answers[field.Key] = value;
                if (!value.Given || field.Sort == Sort.Truth && !value.Truth && field.Field.Kind is "consent" or "declaration")
                {
                    if (field.IsRequired(answers) && !field.Field.Later) Wrong(page, path, Missing(field.Field.Kind));
                    return;    // of what is not given nothing is wrong
                }
                Bounds(page, field, path, value, answers);
                break;
        }
        foreach (var check in field.Checks)
            if (!check.That.Holds(answers) && check.That.Reads.All(name => answers[name].Given || answers.Rows(name).Count > 0)) _mistakes.Add(new(page.Key, path, null, [], check.Say));
    }

    void Bounds(CompiledPage page, CompiledField field, string path, Value value, Answers answers)
    {
        var (least, most) = (field.Least?.Of(answers) ?? Value.None, field.Most?.Of(answers) ?? Value.None);
        switch (value.Sort)
        {
            case Sort.Number:
                if (least.Given && value.Number < least.Number || most.Given && value.Number > most.Number)
                    Wrong(page, path, least.Given && most.Given ? "Please write a number from {0} to {1}." : least.Given ? "Please write a number from {0} on." : "Please write a number up to {0}.", [.. new[] { least, most }.Where(b => b.Given).Select(b => (object)b.Number)]);
                break;
            case Sort.Day:
                if (least.Given && value.Day < least.Day) Wrong(page, path, "Please write a day from {0} on.", least.Day);
                else if (most.Given && value.Day > most.Day) Wrong(page, path, "Please write a day up to {0}.", most.Day);
                break;
            case Sort.Text when field.Field.Kind is "choice" or "select":
                if (field.Field.From is null && !field.Field.Options.Exists(o => o.Value == value.Text) && !(field.Field.Other && value.Text.StartsWith("other:", StringComparison.Ordinal))) Wrong(page, path, "Please choose from what is offered.");
                break;
            case Sort.Text when field.Field.Kind is "text" or "area":
                var length = new StringInfo(value.Text).LengthInTextElements;
                if (most.Given && length > most.Number) Wrong(page, path, "Please use at most {0} characters; there are {1}.", (int)most.Number, length);
                else if (least.Given && length < least.Number) Wrong(page, path, "Please use at least {0} characters; there are {1}.", (int)least.Number, length);
                break;
            case Sort.Texts when field.Field.Kind == "choices":
                if (value.Texts.Any(t => !field.Field.Options.Exists(o => o.Value == t) && !(field.Field.Other && t.StartsWith("other:", StringComparison.Ordinal)))) Wrong(page, path, "Please choose from what is offered.");
                else Count(page, field, path, value.Texts.Count, answers);
                break;
            case Sort.Texts:
                Count(page, field, path, value.Texts.Count, answers);
                break;
        }
    }

    void Count(CompiledPage page, CompiledField field, string path, int count, Answers answers)
    {
        var least = Math.Max(field.Least?.Of(answers) is { Given: true } l ? (int)l.Number : 0, field.IsRequired(answers) ? 1 : 0);
        if (count < least) Wrong(page, path, field.Field.Kind == "choices" ? "Please choose at least {0}." : "Please add at least {0}.", least);
        else if (field.Most?.Of(answers) is { Given: true } most && count > most.Number) Wrong(page, path, field.Field.Kind == "choices" ? "Please choose at most {0}. You have chosen {1}." : "Please keep at most {0}; there are {1}.", (int)most.Number, count);
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

    static IEnumerable<JsonObject> RowsOf(JsonObject given, string group) => given[group] is JsonArray rows ? rows.OfType<JsonObject>() : [];

    /// <summary>What does not fit its kind is not given: answers outlive the definitions of drafts.</summary>
    static Value Read(JsonNode? answer, Sort sort)
    {
        if (answer is null) return Value.None;
        switch (sort)
        {
            case Sort.Truth: return answer is JsonValue t && t.TryGetValue<bool>(out var truth) ? Value.Of(truth) : Value.None;
            case Sort.Number: return answer is JsonValue n && n.TryGetValue<decimal>(out var number) ? Value.Of(number) : Value.None;
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

    static JsonNode? Json(Value value) => value.Sort switch
    {
        Sort.None => null,
        Sort.Truth => value.Truth,
        Sort.Number => value.Number,
        Sort.Texts => new JsonArray([.. value.Texts.Select(t => JsonValue.Create(t))]),
        _ => value.ToString(),
    };
}
