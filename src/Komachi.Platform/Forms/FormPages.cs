using System.Text.Json.Nodes;
using Komachi.Platform.Web;
using Komachi.Ui.Words;

namespace Komachi.Platform.Forms;

public enum PagePress { None, Add, Remove, Family }

/// <summary>What else than going on was asked for on a page with something that repeats.</summary>
public sealed record PressedOnPage(PagePress What, CompiledField Group, int Row);

/// <summary>A button of a field for files, by the name that the field has on its page: to send some on a page of their own, or to take one away.</summary>
public sealed record PressedOnFile(string Name, Guid? Away);

/// <summary>Somebody of the saved family: by which key they are chosen, what they are called, and what is known of them (<c>name</c>, <c>birthday</c>, …) for fields with <c>prefill: family.name</c>.</summary>
public sealed record FamilyMember(string Key, string Called, JsonObject Known);

/// <summary>
/// The pages of a form, read and filled: between what <c>FormFields</c> drew and the answers of a draft. What was sent is taken into a new object; what does not fit
/// is noted in the form, beside its field, and the page is shown again where <c>form.Wrong</c> is true, with <c>state.With(answers)</c>. Nothing of what is kept
/// is lost to a mistake: the old answer stands until one that fits comes.
/// </summary>
public static class FormPages
{
    /// <summary>Hidden beside each field that stood on the page: what was not there was not left out.</summary>
    internal const string Asked = "_asked";

    /// <summary>Beside the answers of a page or a row: what was typed there and does not fit, since somebody left the page in the middle of it. It stands there again when they come back.</summary>
    internal const string Held = "_typed";

    /// <summary>More than this is shown again and not kept: then nobody leaves the page either.</summary>
    const int MostHeld = 50_000;

    const int MostRows = 200;

    /// <summary>A page's form, filled with what is kept.</summary>
    public static Form FormOf(CompiledPage page, JsonObject given, string prefix = "") => FormOf(page.Fields, given, prefix);

    /// <summary>Also of a row: its group's fields and its own answers.</summary>
    public static Form FormOf(IReadOnlyList<CompiledField> fields, JsonObject given, string prefix = "") =>
        Form.With([.. fields.SelectMany(f => given[Held]?[f.Key] is JsonObject held ? held.SelectMany(part => ((JsonArray)part.Value!).Select(v => (prefix + f.Key + part.Key, (string?)v))) : Answering.Typed(f, given[f.Key], prefix + f.Key))]);

    /// <param name="state">How the form stood until now; it knows the day, the town's lists and what lies around the form.</param>
    /// <param name="only">What is to be corrected, as <c>FormFields</c> has it; and what that makes asked besides.</param>
    /// <param name="passing">It is saved and gone on with later, whatever button says so: nobody is told of what they had no time to fill in.</param>
    public static JsonObject Read(CompiledPage page, Form form, JsonObject given, FormState state, string prefix = "", IReadOnlySet<string>? only = null, bool passing = false)
    {
        var answers = (JsonObject)given.DeepClone();
        var now = state.UpTo(page, answers);
        new Reading(page, form, now, prefix, field => only is null || only.Contains(field.Key) || !state.IsAsked(field.Key), passing: passing).Take(page.Fields, answers, now.Answers, "");
        return answers;
    }

    /// <summary>All pages in one go, as another system sends them: each as if it had been typed after those before it.</summary>
    /// <param name="note">What was wrong with a page or a row, and the path before its fields.</param>
    public static JsonObject ReadThrough(FormState state, JsonObject given, Action<Form, string> note)
    {
        var (answers, now) = ((JsonObject)given.DeepClone(), state.Anew());
        foreach (var page in state.Form.Pages)
        {
            if (!now.Begin(page)) continue;
            foreach (var group in page.Fields.Where(f => f.Repeats && answers[f.Key] is JsonArray))
                for (var n = 0; n < RowsOf(answers, group).Count; n++)
                {
                    var row = FormOf(group.Rows, (JsonObject)RowsOf(answers, group)[n]!);
                    answers = ReadRow(page, group, n, row, answers, state);
                    note(row, $"{group.Key}/{n}/");
                }
            var form = FormOf(page, answers);
            // What it reads it takes, so the next page finds all of this one.
            new Reading(page, form, now, "", _ => true).Take(page.Fields, answers, now.Answers, "");
            note(form, "");
        }
        return answers;
    }

    /// <summary>One row of what repeats; where there is none yet with this number, it is added.</summary>
    public static JsonObject ReadRow(CompiledPage page, CompiledField group, int row, Form form, JsonObject given, FormState state, string prefix = "")
    {
        var answers = (JsonObject)given.DeepClone();
        var rows = RowsOf(answers, group);
        while (rows.Count <= row && rows.Count < MostRows) rows.Add(NewRow());
        if (row >= rows.Count) return answers;
        var now = state.UpTo(page, answers);
        foreach (var before in page.Fields.TakeWhile(f => f.Key != group.Key)) now.Take(page, before, answers, now.Answers, "");
        for (var n = 0; n < row; n++)
        {
            var above = now.Answers.AddRow(group.Key);
            foreach (var inner in group.Rows) now.Take(page, inner, (JsonObject)rows[n]!, above, $"{group.Key}/{n}/");
        }
        new Reading(page, form, now, prefix, _ => true, row + 1).Take(group.Rows, (JsonObject)rows[row]!, now.Answers.AddRow(group.Key), $"{group.Key}/{row}/");
        return answers;
    }

    /// <summary>With an empty row more, and its number.</summary>
    public static (JsonObject Answers, int Row) AddRow(CompiledField group, JsonObject given)
    {
        var answers = (JsonObject)given.DeepClone();
        var rows = RowsOf(answers, group);
        if (rows.Count < MostRows) rows.Add(NewRow());
        return (answers, rows.Count - 1);
    }

    public static JsonObject RemoveRow(CompiledField group, int row, JsonObject given)
    {
        var answers = (JsonObject)given.DeepClone();
        var rows = RowsOf(answers, group);
        if (row >= 0 && row < rows.Count) rows.RemoveAt(row);
        return answers;
    }

    /// <summary>With a row for each of the family who was ticked and is not there yet.</summary>
    public static JsonObject AddFamily(CompiledField group, Form form, IReadOnlyList<FamilyMember> family, JsonObject given)
    {
        var answers = (JsonObject)given.DeepClone();
        var rows = RowsOf(answers, group);
        var ticked = form.Many("_family-" + group.Key);
        foreach (var member in family.Where(m => ticked.Contains(m.Key)))
        {
            var row = NewRow();
            foreach (var field in group.Rows)
                if (field.Field.Prefill is { } from && from.StartsWith("family.", StringComparison.Ordinal) && member.Known[from["family.".Length..]] is { } known) row[field.Key] = known.DeepClone();
            if (rows.Count < MostRows && !rows.OfType<JsonObject>().Any(r => group.Rows.All(f => JsonNode.DeepEquals(r[f.Key], row[f.Key]) || row[f.Key] is null) && row.Count > 1)) rows.Add(row);
        }
        return answers;
    }

    /// <summary>The draft with what is known of the person where nothing was answered yet: <c>prefill: person.name</c>.</summary>
    public static JsonObject Prefilled(CompiledForm form, JsonObject given, Func<string, JsonNode?> known)
    {
        var answers = (JsonObject)given.DeepClone();
        foreach (var field in form.Fields)
            if (field.Field.Prefill is { } from && !field.Repeats && answers[field.Key] is null && known(from) is { } answer && FormState.Read(answer, field.Sort).Given) answers[field.Key] = answer.DeepClone();
        return answers;
    }

    /// <summary>A button of something that repeats, where one was pressed and the page has it.</summary>
    public static PressedOnPage? PressedOn(CompiledPage page, Form form)
    {
        foreach (var (name, what) in new[] { ("_add", PagePress.Add), ("_remove", PagePress.Remove), ("_family", PagePress.Family) })
            if (form.Typed(name).Split('/') is [{ Length: > 0 } key, .. var rest] && page.Fields.FirstOrDefault(f => f.Repeats && f.Key == key) is { } group)
                return new(what, group, rest is [var n, ..] && int.TryParse(n, out var row) ? row : -1);
        return null;
    }

    /// <summary>What was pressed in a field for files; null also where something does not fit that is too long to be kept for when one comes back.</summary>
    public static PressedOnFile? FileOn(Form form) =>
        form.Typed(FilePress) is { Length: > 0 } pressed && !(form.Wrong && IsTooMuch(form)) && pressed.Split('/') is var parts ? new(parts[0], parts is [_, var id] && Guid.TryParse(id, out var away) ? away : null) : null;

    /// <summary>The name of a file field's buttons.</summary>
    internal const string FilePress = "_file";

    static bool IsTooMuch(Form form) => form.AllTyped.Sum(t => t.Value.Length) > MostHeld;

    static JsonObject NewRow() => new() { [FormFiles.RowKey] = Data.Id.New().ToString("N") };

    /// <summary>Each row an object, whatever an older draft left there.</summary>
    static JsonArray RowsOf(JsonObject answers, CompiledField group)
    {
        if (answers[group.Key] is JsonArray rows && rows.All(r => r is JsonObject)) return rows;
        var clean = new JsonArray([.. FormState.RowsOf(answers, group.Key).Select(r => r.DeepClone())]);
        answers[group.Key] = clean;
        return clean;
    }

    sealed class Reading(CompiledPage page, Form form, FormState now, string prefix, Func<CompiledField, bool> isOurs, int row = 0, bool passing = false)
    {
        readonly HashSet<string> _stood = [.. form.Many(prefix + Asked)];
        readonly bool _passing = passing || new[] { "_add", "_remove", "_family", "_look", FilePress }.Any(form.Ticked);

        /// <summary>Field by field, as they are asked: what an answer makes asked comes below it.</summary>
        public void Take(IReadOnlyList<CompiledField> fields, JsonObject into, Answers answers, string path)
        {
            foreach (var field in fields)
            {
                if (field.When?.Holds(answers) == false) continue;
                var name = prefix + field.Key;
                if (!isOurs(field))
                {
                    now.Take(page, field, into, answers, path);
                    continue;
                }
                form.Call(name, now.Say(field.Field.Label), prefix.Length > 0 ? row : 0);
                // A post that names nothing comes from another program, which knows what it leaves out.
                var isNew = _stood.Count > 0 && !_stood.Contains(field.Key) && field.Field.Kind is not ("statement" or "calculated");
                if (isNew)
                {
                    foreach (var (part, value) in Answering.Typed(field, into[field.Key], name)) form.Put(part, value);
                    if (!_passing && into[field.Key] is null) form.AskNewly(name);
                }
                else if (!field.Repeats && field.Field.Kind is not ("file" or "statement" or "calculated"))
                {
                    var answer = Answering.Read(field, form, name, answers, now, _passing);
                    if (form.IsWrongAt(name)) { }    // the old one stands
                    else if (answer is null) into.Remove(field.Key);
                    else into[field.Key] = answer;
                    Hold(field, name, into);
                }
                var before = now.Mistakes.Count;
                now.Take(page, field, into, answers, path);
                if (isNew || _passing || form.IsWrongAt(name)) continue;
                foreach (var mistake in now.Mistakes.Skip(before)) Note(field, name, path + field.Key, mistake);
            }
        }

        /// <summary>Whoever leaves in the middle of it finds it as it was typed, also what does not fit yet: a name whose reading is still to be written, too.</summary>
        void Hold(CompiledField field, string name, JsonObject into)
        {
            var held = into[Held] as JsonObject;
            held?.Remove(field.Key);
            var unread = field is { Field.Kind: "name", ReadBelow: false } && into[field.Key] is JsonObject person && person["familyKana"] is null && person["givenKana"] is null && !form.Ticked(name + "-no-kana") && Folded.HasKanji($"{person["family"]}{person["given"]}");
            if (_passing && (unread || form.IsWrongAt(name)) && !IsTooMuch(form))
            {
                if (held is null) into[Held] = held = [];
                held[field.Key] = new JsonObject(form.NamesOf(name).Where(n => n.Length == name.Length || n[name.Length] == '-')
                    .Select(n => KeyValuePair.Create(n[name.Length..], (JsonNode?)new JsonArray([.. form.Many(n).Select(v => (JsonNode?)v)]))));
            }
            if (held?.Count == 0) into.Remove(Held);
        }

        void Note(CompiledField field, string name, string path, AnswerMistake mistake)
        {
            if (mistake.Path != path && mistake.Path.Split('/') is [_, var row, ..] && int.TryParse(row, out var n)) form.Wrongly(name, "Please look at no. {0} once more: something is missing or does not fit.", n + 1);
            else if (mistake.Said is { } said) form.Wrongly(At(field, name), "{0}|said", now.Say(said));
            else form.Wrongly(At(field, name), mistake.Message!, mistake.Values);
        }

        /// <summary>The part of a field that a summary leads to.</summary>
        string At(CompiledField field, string name) => field.Field.Kind switch
        {
            "name" => name + "-family",
            "address" => name + "-postcode",
            "point" => name + "-latitude",
            "account" => name + "-bank",
            "date" when form.NamesOf(name + "-year").Any() => name + "-year",
            _ => name,
        };
    }
}
