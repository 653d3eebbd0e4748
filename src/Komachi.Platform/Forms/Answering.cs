using System.Globalization;
using System.Text.Json.Nodes;
using Komachi.Platform.Addresses;
using Komachi.Platform.Days;
using Komachi.Platform.People;
using Komachi.Platform.Web;
using Komachi.Ui;

namespace Komachi.Platform.Forms;

/// <summary>
/// An answer on its way: from what a page sent to what the draft keeps (JSON), and back into the fields of a page. Every kind of field is here
/// once, both ways beside each other, so that what was kept is shown as it was typed.
/// </summary>
static class Answering
{
    /// <summary>What is written in front of words of one's own, among the values of choices.</summary>
    public const string Other = "other:";

    internal const int MostText = 200, MostArea = 4000;

    /// <summary>What was sent for a field that is asked; what does not fit is noted in the form, beside the field. Null: nothing was answered.</summary>
    /// <param name="state">Knows the town's lists; without it only the form's own options are known.</param>
    /// <param name="passing">Something else than going on was asked for: nobody is told of what they had no time to fill in.</param>
    public static JsonNode? Read(CompiledField field, Form form, string name, Answers answers, FormState? state = null, bool passing = false)
    {
        var (required, of) = (!passing && field.IsRequired(answers) && !field.Field.Later, field.Field);
        string[] Offered() => [.. (state?.Offered(field, answers) ?? [.. field.Options.Where(o => o.When?.Holds(answers) != false).Select(o => o.Option)]).Select(o => o.Value)];
        var (least, most) = (field.Least?.Of(answers.ForRules) ?? Value.None, field.Most?.Of(answers.ForRules) ?? Value.None);
        switch (of.Kind)
        {
            case "text" when field.Pattern is { } pattern: return Patterned(pattern);
            case "text": return Text(MostText);
            case "area": return Text(MostArea);
            case "number": return Number(0);
            case "decimal": return Number(of.Places > 0 ? of.Places : 2);
            case "yen": return form.Yen(name, required, least.Given ? (long)Math.Clamp(least.Number, -MostYen, MostYen) : 0, most.Given ? (long)Math.Clamp(most.Number, -MostYen, MostYen) : MostYen)?.Amount;
            case "date": return form.Day(name, required, least.Given ? least.Day : null, most.Given ? most.Day : null)?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            case "month": return Month(form, name, required);
            case "time": return Time();
            case "point": return Point(form, name, required);
            case "account": return BankAccount.Read(form, name, required)?.Kept();
            case "yesno": return One(["yes", "no"]) is { } yes ? yes == "yes" : null;
            case "declaration" or "consent": return form.Ticked(name) ? true : required ? Wrongly("To go on, please read the text and tick the box.") : null;
            case "choice" or "select": return Choice();
            case "choices":
                var chosen = form.Choices(name, of.From is not null && state?.Lists is null ? [.. form.Many(name)] : Offered(), passing ? 0 : least.Given ? Whole(least.Number) : required ? 1 : 0, most.Given ? Whole(most.Number) : int.MaxValue, of.Other);
                var all = chosen.Values.Concat(chosen.Other is { } words ? [Other + words] : []).Select(v => (JsonNode?)v).ToArray();
                return all.Length > 0 ? new JsonArray(all) : null;
            case "name": return form.Name(name, required, kana: !field.ReadBelow && !passing) is { } person ? Parts(("family", person.Family), ("given", person.Given), ("familyKana", person.FamilyKana), ("givenKana", person.GivenKana), ("alias", person.Alias)) : null;
            case "kana": return form.Kana(name, required);
            case "address": return form.Address(name, required) is { } a ? Parts(("postcode", a.Postcode), ("prefecture", a.Prefecture), ("city", a.City), ("town", a.Town), ("number", a.Number), ("building", a.Building)) : null;
            case "telephone": return form.Telephone(name, required)?.Digits;
            case "email": return form.Email(name, required);
            case "amounts": return Amounts(field, form, name);
            default: return null;    // files are sent on their own; what repeats has pages of its own; the rest is not answered
        }

        JsonNode? Patterned(TextPattern pattern)
        {
            var typed = form.Text(name, MostText, required);
            if (typed.Length is 0 or > MostText) return null;
            return pattern.Fold(typed) is var kept && pattern.Takes(kept) ? kept : Wrongly(pattern.Asks);
        }

        JsonNode? Time()
        {
            var typed = form.Text(name, 20, required);
            if (typed.Length is 0 or > 20) return null;
            return WrittenTime.Read(typed) is { } time ? time : Wrongly("Please write a time, like 9:30.");
        }

        JsonNode? Text(int longest) => form.Text(name, most.Given ? Whole(most.Number) : longest, required) is { Length: > 0 } text ? text : null;

        JsonNode? Number(int places) => form.Decimal(name, least.Given ? least.Number : 0, most.Given ? most.Number : 999_999_999, places, required);

        string? One(IReadOnlyCollection<string> values) => !required && form.Typed(name).Length == 0 ? null : form.Choice(name, values) is var one && values.Contains(one) ? one : null;

        JsonNode? Choice()
        {
            if (!of.Other) return One(of.From is not null && state?.Lists is null ? [form.Typed(name)] : Offered());
            var one = form.Choices(name, Offered(), required ? 1 : 0, 1, other: true);
            return one.Other is { } words ? Other + words : one.Values is [var only, ..] ? only : null;
        }

        JsonNode? Wrongly(string message)
        {
            form.Wrongly(name, message);
            return null;
        }
    }

    /// <summary>The fields of a page, filled with what is kept.</summary>
    public static IEnumerable<(string Name, string? Value)> Typed(CompiledField field, JsonNode? answer, string name)
    {
        if (answer is null) yield break;
        string? Part(string key) => answer is JsonObject parts && parts[key] is JsonValue part && part.TryGetValue<string>(out var text) ? text : null;
        switch (field.Field.Kind)
        {
            case "name":
                if (!field.ReadBelow && Part("familyKana") is null && Part("givenKana") is null) yield return (name + "-no-kana", "true");
                foreach (var part in new PersonName(Part("family") ?? "", Part("given") ?? "", Part("familyKana"), Part("givenKana"), Part("alias")).In(name)) yield return part;
                break;
            case "address":
                foreach (var part in new PostalAddress(Part("postcode"), Part("prefecture") ?? "", Part("city") ?? "", Part("town") ?? "", Part("number") ?? "", Part("building")).In(name)) yield return part;
                break;
            case "choices" or "choice" or "select" when answer is JsonArray or JsonValue:
                foreach (var value in (answer as JsonArray)?.Select(v => v?.ToString()) ?? [answer.ToString()])
                    if (value is null) continue;
                    else if (!value.StartsWith(Other, StringComparison.Ordinal)) yield return (name, value);
                    else
                    {
                        yield return (name, Option.Other);
                        yield return (name + "-other", value[Other.Length..]);
                    }
                break;
            case "yesno":
                yield return (name, answer is JsonValue truth && truth.TryGetValue<bool>(out var yes) && yes ? "yes" : "no");
                break;
            case "amounts":
                foreach (var (row, cells) in answer as JsonObject ?? [])
                    foreach (var (column, amount) in cells as JsonObject ?? []) yield return ($"{name}-{row}-{column}", amount?.ToString());
                break;
            case "point":
                foreach (var key in new[] { "latitude", "longitude" })
                    if (answer is JsonObject point && point[key] is JsonValue degrees) yield return ($"{name}-{key}", degrees.ToString());
                break;
            case "account":
                foreach (var part in BankAccount.Parts)
                    if (Part(part.Key) is { } text) yield return ($"{name}-{part.Field}", text);
                break;
            case "group" or "people" or "file" or "statement" or "calculated":
                break;
            default:
                yield return (name, answer.ToString());
                break;
        }
    }

    /// <summary>A name, an address, a place, as people write it.</summary>
    public static string Written(JsonObject parts)
    {
        return parts.ContainsKey("bankCode") ? Joined(" ", "bank", "branch", "number", "holder") : parts.ContainsKey("prefecture") ? (Joined("", "prefecture", "city", "town", "number") + " " + Part("building")).TrimEnd()
            : parts.ContainsKey("family") ? Joined(" ", "family", "given") : Joined(", ", "latitude", "longitude");

        string Part(string key) => parts[key] is { } part && part is JsonValue ? part.ToString() : "";
        string Joined(string between, params string[] keys) => string.Join(between, keys.Select(Part).Where(p => p.Length > 0));
    }

    static JsonObject Parts(params ReadOnlySpan<(string Key, string? Value)> parts)
    {
        var all = new JsonObject();
        foreach (var (key, value) in parts)
            if (value is not null) all[key] = value;
        return all;
    }

    static JsonNode? Month(Form form, string name, bool required)
    {
        var typed = form.Text(name, 20, required);
        if (typed.Length is 0 or > 20) return null;
        if (DateOnly.TryParseExact(typed, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.None, out var month) && month.Year is >= 1900 and <= 2199) return typed;
        // As people write it where no browser helps: 2026年4月, 令和8年4月, 2026/4.
        if (WrittenDay.Read(typed.EndsWith('月') ? typed + "1日" : typed + typed.FirstOrDefault(c => c is '/' or '.' or '-') + "1").Day is { Year: >= 1900 } first) return first.ToString("yyyy-MM", CultureInfo.InvariantCulture);
        form.Wrongly(name, "Please write a year and a month, like 2026-04.");
        return null;
    }

    const long MostYen = 999_999_999_999;

    /// <summary>A bound that an expression came to, as a count.</summary>
    internal static int Whole(decimal number) => (int)Math.Clamp(number, int.MinValue, int.MaxValue);

    /// <summary>Degrees as maps and devices show them, within Japan.</summary>
    static JsonObject? Point(Form form, string name, bool required)
    {
        var typed = form.Typed(name + "-latitude").Trim().Length + form.Typed(name + "-longitude").Trim().Length > 0;
        var north = form.Decimal(name + "-latitude", 20, 46, 9, required || typed);
        var east = form.Decimal(name + "-longitude", 122, 154, 9, required || typed);
        return north is { } a && east is { } b ? new() { ["latitude"] = decimal.Round(a, 6), ["longitude"] = decimal.Round(b, 6) } : null;
    }

    static JsonObject? Amounts(CompiledField field, Form form, string name)
    {
        var table = new JsonObject();
        foreach (var row in field.Field.Rows)
        {
            var cells = new JsonObject();
            foreach (var column in field.Field.Columns)
                if (form.Yen($"{name}-{row.Value}-{column.Key}") is { } yen) cells[column.Key] = yen.Amount;
            if (cells.Count > 0) table[row.Value] = cells;
        }
        return table.Count > 0 ? table : null;
    }
}
