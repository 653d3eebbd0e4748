using System.Globalization;
using System.Text.Json.Nodes;
using Komachi.Platform.Addresses;
using Komachi.Platform.Days;
using Komachi.Platform.People;
using Komachi.Ui.Words;

namespace Komachi.Platform.Forms;

/// <summary>An answer as people read it, in the language of the page: 3,000円, 2026年4月1日（水）, the words of what was chosen.</summary>
public static class AnswerWords
{
    /// <summary>What stands there, or "" where nothing was answered. Files, rows and tables of amounts are no line of text: see <c>AnswersView</c>.</summary>
    /// <param name="row">Of something that repeats: the answers of the row.</param>
    public static string Of(Words t, FormState state, CompiledField field, JsonNode? answer, Answers? row = null)
    {
        var value = field.Value is not null ? (row ?? state.Answers)[field.Key] : FormState.Read(answer, field.Sort);
        if (!value.Given) return "";
        var lang = t.Lang;
        switch (field.Field.Kind)
        {
            case "yesno": return value.Truth ? t["Yes|answer"] : t["No|answer"];
            case "consent": return value.Truth ? t["I agree"] : "";
            case "declaration": return value.Truth ? t["I declare this"] : "";
            case "yen": return NumbersInWords.Yen((long)value.Number, lang);
            case "month": return value.Day.ShowMonth(lang);
            case "time": return TimeOnly.TryParseExact(value.Text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time.Show(lang) : value.Text;
            case "telephone": return Telephone.Read(value.Text, out _, out _)?.ToString() ?? value.Text;
            case "choice" or "select": return Chosen(t, state, field, value.Text);
            case "choices": return string.Join(t.Lang.Html == "ja" ? "、" : ", ", value.Texts.Select(v => Chosen(t, state, field, v)));
            case "account" when BankAccount.Of(answer) is { } account: return Account(t, account);
            case "name" when answer is JsonObject parts:
                var kana = string.Join(' ', new[] { parts["familyKana"], parts["givenKana"] }.Where(k => k is not null).Select(k => k!.ToString()));
                return Answering.Written(parts) + (kana.Length == 0 ? "" : lang.Html == "ja" ? $"（{kana}）" : $" ({kana})");
            case "address" when answer is JsonObject parts && parts["postcode"]?.ToString() is { Length: 7 } code: return $"〒{code[..3]}-{code[3..]} {Answering.Written(parts)}";
            case "text" when field.Field.Pattern == "postcode" && value.Text.Length == 7: return $"{value.Text[..3]}-{value.Text[3..]}";
            case "calculated" when value.Sort == Sort.Truth: return value.Truth ? t["Yes|answer"] : t["No|answer"];
            default: return value.Sort == Sort.Number ? WithUnit(value.Number, field.Field.Unit, lang) : InText(value, field, lang);
        }
    }

    /// <summary>What a row of something that repeats is called: by the field that the form names for it.</summary>
    public static string CalledIn(Words t, FormState state, CompiledField group, JsonObject given, Answers? row) =>
        group.Rows.FirstOrDefault(f => f.Key == group.Field.Row) is { } by ? Of(t, state, by, given[by.Key], row ?? state.Answers) : "";

    static string Chosen(Words t, FormState state, CompiledField field, string value) =>
        value.StartsWith(Answering.Other, StringComparison.Ordinal) ? t["Something else: {0}", value[Answering.Other.Length..]]
        : OptionOf(state, field, value) is { } option ? state.Say(option.Text).In(t.Lang) : Unlisted(field, value, t.Lang);

    /// <summary>From a list of the town that has gone on since: a day is still said as one.</summary>
    static string Unlisted(CompiledField? field, string value, Lang lang) =>
        field?.Field.From is not null && DateOnly.TryParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? JapanTime.Show(day, lang) : value;

    // Also what is offered no more: it was, when it was chosen.
    static FormOption? OptionOf(FormState state, CompiledField field, string value) =>
        (field.Field.From is { } list ? state.Lists?.GetValueOrDefault(list) ?? [] : field.Field.Options).FirstOrDefault(o => o.Value == value);

    static string Account(Words t, BankAccount account) => string.Join('\n', $"{account.Bank} ({account.BankCode}) {account.Branch} ({account.BranchCode})",
        $"{account.Kind switch { "current" => t["Current account"], "savings" => t["Savings account"], _ => t["Ordinary account"] }} {account.Number}", account.Holder);

    static string WithUnit(decimal number, Said unit, Lang lang)
    {
        if (unit.In(Lang.Japanese) == "円" && decimal.Truncate(number) == number && Math.Abs(number) < long.MaxValue) return NumbersInWords.Yen((long)number, lang);
        var word = unit.In(lang);
        if (unit.In(Lang.Japanese) == "年度" && decimal.Truncate(number) == number) return lang.Html == "ja" ? $"{number:0}{word}" : $"{number:0} {word}";    // a year is no sum
        return word.Length == 0 ? Grouped(number) : lang.Html == "ja" ? Grouped(number) + word : $"{Grouped(number)} {word}";
    }

    static string Grouped(decimal number) => number.ToString("#,0.#########", CultureInfo.InvariantCulture);

    /// <summary>Within a sentence.</summary>
    internal static string InText(Value value, CompiledField? field, Lang lang) => value.Sort switch
    {
        Sort.Number => Grouped(value.Number),
        Sort.Day => field?.Field.Kind == "month" ? value.Day.ShowMonth(lang) : JapanTime.Show(value.Day, lang),
        Sort.Text => field?.Field.Options.Find(o => o.Value == value.Text)?.Text.In(lang) ?? Unlisted(field, value.Text, lang),
        Sort.Texts => string.Join(lang.Html == "ja" ? "、" : ", ", value.Texts.Select(v => field?.Field.Options.Find(o => o.Value == v)?.Text.In(lang) ?? v)),
        _ => value.ToString(),
    };
}
