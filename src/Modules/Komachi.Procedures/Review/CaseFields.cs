using Komachi.Platform.Forms;
using Komachi.Ui;
using Komachi.Ui.Words;

namespace Komachi.Procedures;

/// <summary>The single answers of a filing, each by its path, to be ticked by whoever asks for a correction.</summary>
static class CaseFields
{
    public static IReadOnlyList<Option> Of(CaseFile file, FormState state, Words t, bool secret)
    {
        var options = new List<Option>();
        foreach (var field in state.Pages.SelectMany(p => p.Fields).Where(f => f.Field.Kind is not ("statement" or "calculated") && state.IsAsked(f.Key) && (secret || !f.Field.Secret)))
        {
            var label = LabelOf(field, state.Answers);
            var answer = field.Repeats || field.Field.Kind is "file" or "amounts" ? null : AnswerWords.Of(t, state, field, file.Of.Answers[field.Key]);
            options.Add(new(field.Key, label, string.IsNullOrEmpty(answer) ? null : Short(answer)));
            if (!field.Repeats) continue;
            var (rows, taken) = ((file.Of.Answers[field.Key] as System.Text.Json.Nodes.JsonArray ?? []).OfType<System.Text.Json.Nodes.JsonObject>().ToArray(), state.Answers.Rows(field.Key));
            for (var n = 0; n < rows.Length && n < taken.Count; n++)
                foreach (var inner in field.Rows.Where(f => f.Field.Kind is not ("statement" or "calculated") && state.IsAsked($"{field.Key}/{n}/{f.Key}") && (secret || !f.Field.Secret)))
                    options.Add(new($"{field.Key}/{n}/{inner.Key}", $"{n + 1}. {AnswerWords.CalledIn(t, state, field, rows[n], taken[n])} – {LabelOf(inner, taken[n])}", Short(inner.Field.Kind == "file" ? "" : AnswerWords.Of(t, state, inner, rows[n][inner.Key], taken[n])) is { Length: > 0 } said ? said : null));
        }
        return options;

        string LabelOf(CompiledField field, Answers around) => state.Say(field.Field.Label, around).In(t.Lang) is { Length: > 0 } label ? label : Short(state.Say(field.Field.Text, around).In(t.Lang)) is { Length: > 0 } text ? text : field.Key;
    }

    static string Short(string text) => text.Length <= 60 ? text : text[..(char.IsHighSurrogate(text[59]) ? 59 : 60)] + "…";
}
