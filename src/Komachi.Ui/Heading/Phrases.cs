using Microsoft.AspNetCore.Components;

namespace Komachi.Ui;

/// <summary>
/// Where a Japanese heading may break: behind a particle, a mark, a closing bracket, before an opening one, between kanji and a
/// long word in katakana. A rule of thumb in place of a dictionary: it seldom breaks wrongly, since what it does not know stays whole.
/// Browsers that find phrases themselves (word-break: auto-phrase) are left to it.
/// </summary>
static class Phrases
{
    public static RenderFragment With(string text) => tree =>
    {
        var first = true;
        foreach (var phrase in Of(text))
        {
            if (!first) tree.AddMarkupContent(0, "<wbr>");
            tree.AddContent(1, phrase);
            first = false;
        }
    };

    public static IEnumerable<string> Of(string text)
    {
        var from = 0;
        for (var i = 1; i < text.Length; i++)
            if (MayBreak(text, i))
            {
                yield return text[from..i];
                from = i;
            }
        if (from < text.Length) yield return text[from..];
    }

    static bool MayBreak(string text, int at)
    {
        var (before, after) = (text[at - 1], text[at]);
        if (before is '《' or '》' || after is '《' or '》') return false;    // a reading stays with its word
        if ("」』）】〕、。，．！？・：…".Contains(after)) return false;
        if ("「『（【〔".Contains(before)) return false;
        if ("」』）】〕".Contains(before)) return !IsHiragana(after) && !char.IsPunctuation(after);    // 「…」の stays with what follows its particle
        if ("、。，．！？・：…".Contains(before) || "「『（【〔".Contains(after)) return true;
        if (IsHiragana(before) && !IsHiragana(after)) return EndsInParticle(text, at);
        return IsKatakana(after) && IsKanji(before) && Run(text, at, IsKatakana) >= 3 || IsKanji(after) && IsKatakana(before) && RunBack(text, at, IsKatakana) >= 3 && Run(text, at, IsKanji) >= 2;
    }

    static bool EndsInParticle(string text, int at)
    {
        var run = text.AsSpan(at - RunBack(text, at, IsHiragana), RunBack(text, at, IsHiragana));
        if (run.EndsWith("ども")) return false;    // 子ども
        if (run.Length == 1) return "はがをにでとのもへや".Contains(run[0]);
        return run[^1] is 'は' or 'が' or 'を' or 'に' or 'で' or 'と' or 'の' or 'も' or 'へ' or 'て' || run.EndsWith("から") || run.EndsWith("まで") || run.EndsWith("より") || run.EndsWith("など") || run.EndsWith("する") || run.EndsWith("した") || run.EndsWith("たい");
    }

    static int Run(string text, int at, Func<char, bool> kind)
    {
        var to = at;
        while (to < text.Length && kind(text[to])) to++;
        return to - at;
    }

    static int RunBack(string text, int at, Func<char, bool> kind)
    {
        var from = at;
        while (from > 0 && kind(text[from - 1])) from--;
        return at - from;
    }

    static bool IsHiragana(char c) => c is >= 'ぁ' and <= 'ゖ';
    static bool IsKatakana(char c) => c is >= 'ァ' and <= 'ヶ' or 'ー';
    static bool IsKanji(char c) => c is >= '一' and <= '鿿' or '々';
}
