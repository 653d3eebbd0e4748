using System.Text.Json;
using System.Text.Json.Nodes;
using Komachi.Platform.Days;
using Komachi.Platform.Files;
using Komachi.Platform.Forms;
using Komachi.Platform.Web;
using Komachi.Ui.Words;

namespace Komachi.Procedures;

/// <summary>What is wrong with an answer, for people and for programs.</summary>
/// <param name="Path">The field; of a row <c>estimates/0/supplier</c>.</param>
public sealed record SentMistake(string Path, string Message);

/// <summary>
/// Answers as another system sent them. First their shape is looked at, since nothing else may be trusted; then each of them is read as if a person had typed it, by the very
/// fields of the pages: so nothing gets in here that would not get in there, and it is kept in the same form.
/// </summary>
sealed class SentAnswers(Stage stage, FormState begin, FormFiles files, Words words)
{
    const int MostRows = 200, MostText = 10_000;

    readonly List<SentMistake> _mistakes = [];

    public IReadOnlyList<SentMistake> Mistakes => _mistakes;

    public JsonObject Read(JsonObject sent)
    {
        var answers = FormPages.ReadThrough(begin, Shaped(stage.Form.Fields, sent, "", null), Note);
        var whole = begin.With(files.In(stage.Form, answers));
        foreach (var mistake in whole.Mistakes) Note(mistake.Path, mistake.Said is { } said ? whole.Say(said).In(words.Lang) : Say(mistake.Message!, mistake.Values));
        return answers;
    }

    void Note(Form form, string before)
    {
        // Parts of a field are called by its key, a hyphen, and the part; keys have none.
        foreach (var mistake in form.Mistakes) Note(before + mistake.Field.Split('-')[0], Say(mistake.Message, mistake.Values));
    }

    void Note(string path, string message)
    {
        // Once for each answer: what is wrong within a row is not said of the whole again.
        if (!_mistakes.Exists(m => m.Path == path || path.StartsWith(m.Path + "/", StringComparison.Ordinal) || m.Path.StartsWith(path + "/", StringComparison.Ordinal))) _mistakes.Add(new(path, message));
    }

    string Say(string message, object[] values) => values.Length == 0 ? words[message] : words[message, [.. values.Select(v => v switch { Said said => said.In(words.Lang), DateOnly day => JapanTime.Show(day, words.Lang), _ => v })]];

    /// <summary>What fits the schema; the rest is noted and left out. Of what is null nothing was answered.</summary>
    JsonObject Shaped(IReadOnlyList<CompiledField> fields, JsonObject sent, string before, CompiledField? group)
    {
        var shaped = new JsonObject();
        foreach (var (key, value) in sent)
        {
            if (group is not null && key == FormFilesRow) continue;
            if (fields.FirstOrDefault(f => f.Key == key) is not { } field || field.Field.Kind == "statement")
            {
                if (_mistakes.Count < MostRows) Note(before + Shortened(key), words["There is no such question in this form."]);
                continue;
            }
            if (value is null || field.Field.Kind == "calculated") continue;
            if (field.Repeats)
            {
                if (value is not JsonArray { Count: <= MostRows } rows || !rows.All(r => r is JsonObject)) Note(before + key, words["This answer has another form than the schema says."]);
                else shaped[key] = new JsonArray([.. rows.Select((r, n) => (JsonNode?)Row(field, (JsonObject)r!, n, $"{key}/{n}/"))]);
            }
            else if (!Fits(field, value)) Note(before + key, words["This answer has another form than the schema says."]);
            else if (field.Field.Kind == "file")
            {
                var place = group is null ? files.PlaceOf(field) : files.PlaceOf(group, new() { [FormFilesRow] = before.Split('/')[1] }, field);
                if (((JsonArray)value).All(id => files.At(place).Any(f => f.Id.ToString() == id!.ToString().ToLowerInvariant()))) shaped[key] = value.DeepClone();
                else Note(before + key, words["This file was not sent for this question."]);
            }
            else shaped[key] = value.DeepClone();
        }
        return shaped;
    }

    const string FormFilesRow = "_row";

    /// <summary>Files of a row are sent to its number.</summary>
    JsonObject Row(CompiledField group, JsonObject sent, int n, string before)
    {
        var row = Shaped(group.Rows, sent, before, group);
        row[FormFilesRow] = n.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return row;
    }

    static bool Fits(CompiledField field, JsonNode value) => field.Field.Kind switch
    {
        "number" or "yen" or "decimal" => IsNumber(value),
        "yesno" or "consent" or "declaration" => value.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
        "choices" or "file" => value is JsonArray { Count: <= MostRows } many && many.All(IsText),
        "point" => value is JsonObject point && point.All(p => p.Key is "latitude" or "longitude" && IsNumber(p.Value)),
        "name" => Parts(value, "family", "given", "familyKana", "givenKana", "alias"),
        "address" => Parts(value, "postcode", "prefecture", "city", "town", "number", "building"),
        "account" => Parts(value, "bank", "bankCode", "branch", "branchCode", "kind", "number", "holder"),
        "amounts" => value is JsonObject table && table.All(r => field.Field.Rows.Exists(o => o.Value == r.Key) && r.Value is JsonObject cells && cells.All(c => field.Field.Columns.Exists(o => o.Key == c.Key) && (c.Value is null || IsNumber(c.Value)))),
        _ => IsText(value),
    };

    static bool Parts(JsonNode value, params ReadOnlySpan<string> known)
    {
        if (value is not JsonObject parts) return false;
        foreach (var (name, part) in parts)
            if (!known.Contains(name) || part is not null && !IsText(part)) return false;
        return true;
    }

    static bool IsText(JsonNode? value) => value is JsonValue text && text.TryGetValue<string>(out var said) && said.Length <= MostText;

    static bool IsNumber(JsonNode? value) => value is JsonValue number && number.GetValueKind() == JsonValueKind.Number && number.TryGetValue<decimal>(out _);

    static string Shortened(string key) => key.Length > 60 ? key[..60] : key;

    // ── what came over the wire ──────────────────────────────────────────────────────────────────────────────────────

    static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    /// <summary>An object in JSON whose texts the database takes: no halves of characters, no NUL. Null where it is none.</summary>
    public static JsonObject? Parse(ReadOnlySpan<byte> body)
    {
        try
        {
            return JsonNode.Parse(body, documentOptions: Strict) is JsonObject whole && IsSound(whole) ? whole : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    static bool IsSound(JsonNode? node) => node switch
    {
        JsonObject parts => parts.All(p => IsSound(p.Key) && IsSound(p.Value)),
        JsonArray many => many.All(IsSound),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => IsSound(value.GetValue<string>()),
        _ => true,
    };

    static bool IsSound(string text)
    {
        for (var i = 0; i < text.Length; i++)
            if (text[i] == 0 || char.IsSurrogate(text[i]) && !(i + 1 < text.Length && char.IsSurrogatePair(text[i], text[++i]))) return false;
        return true;
    }
}
