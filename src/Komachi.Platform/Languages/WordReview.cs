using System.Collections.Frozen;
using System.Text;
using System.Text.RegularExpressions;
using Komachi.Ui.Words;

namespace Komachi.Platform.Languages;

/// <summary>What a language's words are worth today: which of them fit, which texts have none, which fit no text, and in which a value is lost.</summary>
/// <param name="Sound">What pages say.</param>
/// <param name="Missing">Texts that are said in plain Japanese instead.</param>
/// <param name="Superfluous">Translations of what no page says (any more).</param>
/// <param name="Unfit">Translations whose values ({0}) are not those of the text: they are not used.</param>
sealed partial record WordReview(FrozenDictionary<string, string> Sound, IReadOnlyList<string> Missing, IReadOnlyList<string> Superfluous, IReadOnlyList<string> Unfit)
{
    public static WordReview Of(IReadOnlyDictionary<string, string> words, Lang lang, WordBook book)
    {
        var (sound, missing, unfit, known) = (new Dictionary<string, string>(), new List<string>(), new List<string>(), new HashSet<string>());
        foreach (var (text, form) in Wanted(lang, book))
        {
            var key = WordBook.KeyOf(text, form);
            known.Add(key);
            if (!words.TryGetValue(key, out var said) || said.Length == 0) missing.Add(key);
            else if (Fits(text, form, said)) sound[key] = said;
            else unfit.Add(key);
        }
        return new(sound.ToFrozenDictionary(), missing, [.. words.Keys.Where(k => !known.Contains(k)).Order(StringComparer.Ordinal)], unfit);
    }

    /// <summary>Every sentence that a translator is asked for, in the order of the house; one with a count in each form that the language has.</summary>
    public static IEnumerable<(string Text, string Form)> Wanted(Lang lang, WordBook book)
    {
        var forms = Plural.FormsOf(lang);
        foreach (var text in book.Texts)
            if (book.Counts(text)) foreach (var form in forms) yield return (text, form);
            else yield return (text, Plural.Other);
    }

    /// <summary>The same values, each at least once; "one file" need not say its number. What no page could put its values into fits nothing.</summary>
    static bool Fits(string text, string form, string said)
    {
        if (said.EnumerateRunes().Any(r => r.Value is < ' ' and not '\n' or 0x7f or 0xfffd or 0xfffe or 0xffff)) return false;
        if (!CanBeFilled(said)) return false;
        var (wanted, there) = (Values(text), Values(said));
        if (form is not (Plural.Other or "few" or "many")) wanted.RemoveWhere(v => v == "{0}" && !there.Contains(v));
        return wanted.SetEquals(there);
    }

    static bool CanBeFilled(string said)
    {
        try
        {
            CompositeFormat.Parse(said);
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    static HashSet<string> Values(string text) => [.. ValueMark().Matches(text).Select(m => m.Value)];

    [GeneratedRegex(@"\{\d+[^}]*\}")]
    private static partial Regex ValueMark();
}
