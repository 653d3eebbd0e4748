using System.Globalization;
using System.Text.Json.Nodes;
using Komachi.Platform.Days;
using Komachi.Platform.Forms;
using Komachi.Ui.Words;

namespace Komachi.Procedures;

/// <summary>
/// A filing as a paper has it: what stands at each place of a form, in Japanese whatever the language of the reader. Without a state nothing was
/// answered yet, and only words that never change stand there.
/// </summary>
sealed record Filled(Stage Stage, FormState? State, JsonObject Given, Words Ja)
{
    /// <summary>Whoever gets it sees what is for the department in charge alone.</summary>
    public bool Secret { get; init; } = true;
    public string? Receipt { get; init; }
    public DateOnly? ArrivedOn { get; init; }
    public DateOnly? DecidedOn { get; init; }
    public string? Number { get; init; }

    /// <summary>Of whom the seal is that stands on the decision; none: there is no sealed one.</summary>
    public string? Seal { get; init; }

    /// <summary>The town's picture of it, with which the decision was sealed; without one a frame with the words stands there.</summary>
    public OfficialSeal? SealPicture { get; init; }

    public static Filled Empty(Stage stage, Words ja) => new(stage, null, [], ja);

    /// <summary>What is written there; "" where nothing is.</summary>
    public string TextOf(PlacedField field) => field.What == ":text" ? field.Text : State is null ? "" : TextOf(Source.Read(field.What));

    /// <summary>Whether the option at this place is the one that was chosen.</summary>
    public bool Marks(Source source)
    {
        if (source.Is is not { } value || State is null) return false;
        if (source.Part.Length > 0 || source.Path.StartsWith(':')) return TextOf(source with { Is = null }) == value;
        return AnswerAt(source.Path) switch
        {
            (_, JsonArray many, _) => many.Any(one => one?.ToString() == value),
            (var field, JsonValue one, _) when field.Sort == Sort.Truth => one.TryGetValue<bool>(out var truth) && truth == (value == "true"),
            (_, JsonValue one, _) => one.ToString() == value,
            _ => false,
        };
    }

    /// <summary>
    /// What was answered and stands at none of these places, under its label: it goes on behind the form, or it would be on no sheet. What is only reckoned of the answers
    /// is not among it. A day, a name and an address stand there whole or in all of their parts.
    /// </summary>
    public IEnumerable<(string Label, string Text)> Elsewhere(IEnumerable<PlacedField> places)
    {
        if (State is null) yield break;
        var placed = places.Select(p => p.What).ToHashSet();
        foreach (var field in State.Pages.SelectMany(p => p.Fields).Where(f => State.IsAsked(f.Key)))
        {
            var rows = field.Repeats ? State.Answers.Rows(field.Key).Count : 0;
            for (var n = 0; n < rows; n++)
                if (Lines(field.Rows.Select(r => (LabelOf(r), Left(r, $"{field.Key}/{n}/{r.Key}", placed)))) is { Length: > 0 } row) yield return ($"{LabelOf(field)} {n + 1}", row);
            var said = field.Repeats ? ""
                : field.Field.Kind == "amounts" ? Lines(field.Field.Rows.SelectMany(r => field.Field.Columns.Select(c => $"{field.Key}/{r.Value}/{c.Key}" is var cell && !placed.Contains(cell) && Cell(new(cell, "", null)) is { } yen ? ($"{Say(r.Text)} {Say(c.Text)}", NumbersInWords.Grouped((long)yen)) : ("", ""))))
                : Left(field, field.Key, placed);
            if (said.Length > 0) yield return (LabelOf(field), said);
        }

        static string Lines(IEnumerable<(string Label, string Text)> all) => string.Join('\n', all.Where(l => l.Text.Length > 0).Select(l => $"{l.Label}：{l.Text}"));
    }

    string Say(Said said) => Furigana.Bare(State!.Say(said).In(Lang.Japanese));

    string LabelOf(CompiledField field) => Say(field.Field.Label) is { Length: > 0 } label ? label : Say(field.Field.Text) is { Length: > 0 } text ? text : field.Key;

    string Left(CompiledField field, string path, HashSet<string> placed)
    {
        if (field.Value is not null || field.Field.Kind == "statement") return "";
        string Text(string part = "") => TextOf(new Source(path, part, null));
        bool At(string part) => placed.Contains($"{path}.{part}");
        bool All(params ReadOnlySpan<string> parts)
        {
            foreach (var part in parts)
                if (!At(part) && Text(part).Length > 0) return false;
            return true;
        }
        var whole = placed.Contains(path);
        var reading = field.Field.Kind == "name" && Text("kana") is { Length: > 0 } kana && !At("kana") && !All("familyKana", "givenKana") ? $"（{kana}）" : "";
        var there = whole || field.Field.Kind switch
        {
            // Where one of two is not marked it is the other.
            "yesno" or "consent" or "declaration" => placed.Contains($"{path}=true") || placed.Contains($"{path}=false"),
            "choice" or "select" or "choices" => AnswerAt(path)?.Answer is { } chosen && (chosen as JsonArray ?? [chosen.DeepClone()]).All(one => placed.Contains($"{path}={one}")),
            "date" => At("day") && At("month") && (At("year") || At("eraYear")),
            "month" => At("month") && (At("year") || At("eraYear")),
            "name" => All("family", "given"),
            "address" => At("line") || All("prefecture", "city", "town", "number", "building"),
            "account" => All("bank", "branch", "number", "holder"),
            "number" or "decimal" or "yen" => At("digits"),
            _ => false,
        };
        return there ? reading : Text() is { Length: > 0 } text ? text + reading : "";
    }

    string TextOf(Source source)
    {
        switch (source.Path)
        {
            case ":receipt": return Receipt ?? "";
            case ":number": return Number ?? "";
            case ":arrivedOn": return DayPart(ArrivedOn, source.Part);
            case ":decidedOn": return DayPart(DecidedOn, source.Part);
        }
        if (Cell(source) is { } sum) return NumbersInWords.Grouped((long)sum);
        if (AnswerAt(source.Path) is not var (field, answer, row)) return "";
        var answers = row ?? State!.Answers;
        if (source.Part.Length == 0 && field.Field.Kind is not ("date" or "name" or "file")) return AnswerWords.Of(Ja, State!, field, answer, answers);
        switch (field.Field.Kind)
        {
            case "date" or "month" or "calculated" when answers[field.Key] is { Sort: Sort.Day } day: return DayPart(day.Day, source.Part);
            case "file": return (answer as JsonArray)?.Count is > 0 and var count ? string.Create(CultureInfo.InvariantCulture, $"{count}件") : "";
            case "name": return source.Part switch { "" => Joined(answer, " ", "family", "given"), "kana" => Joined(answer, " ", "familyKana", "givenKana"), var part => Joined(answer, "", part) };
            case "address": return source.Part == "line" ? (Joined(answer, "", "prefecture", "city", "town", "number") + " " + Joined(answer, "", "building")).TrimEnd() : Joined(answer, "", source.Part);
            case "account": return Joined(answer, "", source.Part);
            // Without its unit: it stands on the form already, or has boxes.
            default: return answers[field.Key] is { Sort: Sort.Number } number ? number.Number.ToString(source.Part == "digits" ? "0.#########" : "#,0.#########", CultureInfo.InvariantCulture) : "";
        }
    }

    /// <summary>An answer with its field, where it is asked; in a row with what the row knows.</summary>
    (CompiledField Field, JsonNode? Answer, Answers? Row)? AnswerAt(string path)
    {
        if (State is null) return null;
        if (path.Split('/') is [var group, var row, var key])
        {
            if (!int.TryParse(row, NumberStyles.None, CultureInfo.InvariantCulture, out var n) || Stage.Form.Find(group) is not { Repeats: true } repeats || !IsSeen(repeats) || repeats.Rows.FirstOrDefault(f => f.Key == key) is not { } inner || !IsSeen(inner)) return null;
            var rows = (Given[group] as JsonArray)?.OfType<JsonObject>().ToArray() ?? [];
            return n < rows.Length && n < State.Answers.Rows(group).Count && State.IsAsked(path) ? (inner, rows[n][key], State.Answers.Rows(group)[n]) : null;
        }
        return Stage.Form.Find(path) is { } field && IsSeen(field) && State.IsAsked(path) ? (field, Given[path], null) : null;
    }

    bool IsSeen(CompiledField field) => Secret || !field.Field.Secret;

    /// <summary>A cell of a table of amounts, or the sum of its column.</summary>
    decimal? Cell(Source source)
    {
        if (source.Path.Split('/') is not [var table, var row, var column] || State is null || Stage.Form.Find(table) is not { Field.Kind: "amounts" } amounts || !IsSeen(amounts)) return null;
        var cells = State.Answers.Rows(table).Where(r => row == "*" || r["row"] is { Sort: Sort.Text } at && at.Text == row).Select(r => r[column]).Where(v => v.Sort == Sort.Number).Select(v => v.Number).ToArray();
        return cells.Length == 0 ? null : cells.Sum();
    }

    static string DayPart(DateOnly? on, string part)
    {
        if (on is not { } day) return "";
        var era = Era.Of(day);
        return part switch
        {
            "era" => era?.Kanji ?? "",
            "eraYear" => (era?.YearOf(day) ?? day.Year).ToString(CultureInfo.InvariantCulture),
            "year" => day.Year.ToString(CultureInfo.InvariantCulture),
            "month" => day.Month.ToString(CultureInfo.InvariantCulture),
            "day" => day.Day.ToString(CultureInfo.InvariantCulture),
            _ => Era.Write(day),
        };
    }

    static string Joined(JsonNode? answer, string between, params string[] parts) =>
        answer is JsonObject all ? string.Join(between, parts.Select(p => all[p] is JsonValue one ? one.ToString() : "").Where(p => p.Length > 0)) : "";
}
