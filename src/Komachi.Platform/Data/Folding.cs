using System.Globalization;
using System.Text;

namespace Komachi.Platform.Data;

/// <summary>
/// Makes what people type meet what was written: ｶﾞｰﾃﾞﾝ, がーでん and ガーデン are one word, Ａ is a, and 葛 with a variation
/// selector is 葛. Only the folded copy is changed; what was written stays as it is.
/// </summary>
public static class Folding
{
    const int MostWords = 5;

    public static string Fold(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())    // half of a surrogate pair becomes U+FFFD here, which Normalize takes
            if (Rune.IsControl(rune)) clean.Append(' ');
            else if (!IsVariationSelector(rune.Value) && Rune.GetUnicodeCategory(rune) != UnicodeCategory.Format) clean.Append(rune);
        clean = new(clean.ToString().Normalize(NormalizationForm.FormKC).ToLowerInvariant());
        for (var i = 0; i < clean.Length; i++)
            if (clean[i] is >= 'ぁ' and <= 'ゖ' or 'ゝ' or 'ゞ') clean[i] = (char)(clean[i] + ('ァ' - 'ぁ'));
        return clean.ToString();
    }

    /// <summary>What is stored beside a text, to be searched with <see cref="WordsOf"/>.</summary>
    public static string KeyOf(IEnumerable<string> texts) => Doubled(Fold(string.Join('\n', texts)));

    /// <summary>The words of a search, as they stand in a key: all of them have to be there.</summary>
    public static IEnumerable<string> WordsOf(string? search) => Words(search).Select(Doubled);

    /// <summary>The words of a search, to be looked for in a folded text.</summary>
    public static IEnumerable<string> Words(string? search) =>
        Fold(search ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct().Take(MostWords);

    // A trigram index cannot find words of two letters, and 税金, 保育 or 防災 have two. So each character stands twice:
    // 税税金金 holds two trigrams, and is found exactly where 税金 stood.
    static string Doubled(string text)
    {
        var doubled = new StringBuilder(text.Length * 2);
        foreach (var rune in text.EnumerateRunes()) doubled.Append(rune).Append(rune);
        return doubled.ToString();
    }

    static bool IsVariationSelector(int c) => c is >= 0xfe00 and <= 0xfe0f or >= 0xe0100 and <= 0xe01ef or >= 0x180b and <= 0x180d;
}
