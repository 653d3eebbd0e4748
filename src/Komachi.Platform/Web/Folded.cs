using System.Text;
using System.Text.RegularExpressions;

namespace Komachi.Platform.Web;

/// <summary>
/// One sign comes in many forms from keyboards, papers and clipboards; here the forms become one, so that nothing has to be refused for its form
/// alone. For what has a form of its own (numbers, codes, kana, addresses), and never for names.
/// </summary>
static partial class Folded
{
    /// <summary>Narrow digits and letters, one dash, one blank; what nobody sees is gone.</summary>
    public static string Signs(string text) => Blanks().Replace(Dashes().Replace(Unseen().Replace(Whole(text).Normalize(NormalizationForm.FormKC), ""), "-"), " ").Trim();

    /// <summary>Of a postcode what counts: 〒４８５－００４１ → 4850041. What else was typed stays, and is none then.</summary>
    public static string Postcode(string text) => string.Concat(Signs(text).Where(c => c is not ('-' or ' ' or '〒')));

    /// <summary>
    /// Katakana, however it was typed: みほん, ﾐﾎﾝ, ミホ‐ン. Marks of voice that stand alone (か゛) go to their letter, and dashes are the long vowel.
    /// </summary>
    public static string Kana(string text)
    {
        var folded = new StringBuilder(Signs(text.Replace('゛', '\u3099').Replace('゜', '\u309a')));
        for (var i = 0; i < folded.Length; i++)
            folded[i] = folded[i] switch
            {
                >= 'ぁ' and <= 'ゖ' or 'ゝ' or 'ゞ' => (char)(folded[i] + ('ァ' - 'ぁ')),
                '-' => 'ー',
                var other => other,
            };
        return folded.ToString();
    }

    public static bool IsKana(string folded) => AllKana().IsMatch(folded);

    public static bool HasKanji(string text) => text.EnumerateRunes().Any(r => r.Value is '々' or '〆' or (>= 0x3400 and <= 0x9fff) or (>= 0xf900 and <= 0xfaff) or (>= 0x20000 and <= 0x3ffff));

    /// <summary>
    /// A part of an address: digits, letters and their signs are narrow, half kana whole, and a dash between numbers is one, also where the keyboard
    /// made a long vowel of it. Kanji stay as they are: a street may be written with one that has another form.
    /// </summary>
    public static string Address(string text)
    {
        text = HalfKana().Replace(Unseen().Replace(Whole(text), ""), half => half.Value.Normalize(NormalizationForm.FormKC));
        text = string.Concat(text.Select(c => c is >= '！' and <= '～' ? (char)(c - ('！' - '!')) : c));
        return Blanks().Replace(DashOfNumbers().Replace(PlainDashes().Replace(text, "-"), "-"), " ").Trim();
    }

    /// <summary>Half of a pair is no letter, and what is normalised has none.</summary>
    static string Whole(string text) => text.Any(char.IsSurrogate) ? string.Concat(text.EnumerateRunes()) : text;

    [GeneratedRegex(@"[‐‑‒–—―−─━ー－]")]
    private static partial Regex Dashes();

    [GeneratedRegex(@"[‐‑‒–—―−─━－]")]
    private static partial Regex PlainDashes();

    [GeneratedRegex(@"(?<=[0-9A-Za-z])[ー](?=[0-9A-Za-z])")]
    private static partial Regex DashOfNumbers();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    [GeneratedRegex(@"[\u00ad\u200b-\u200d\u2060]")]
    private static partial Regex Unseen();

    [GeneratedRegex(@"[｡-ﾟ]+")]
    private static partial Regex HalfKana();

    [GeneratedRegex(@"^(?=.*[ァ-ヺ])[ァ-ヺー・ヽヾ ]+$")]
    private static partial Regex AllKana();
}
