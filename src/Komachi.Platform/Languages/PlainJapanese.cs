using System.Collections.Frozen;
using System.Text.RegularExpressions;
using Komachi.Ui.Words;
using YamlDotNet.Serialization;

namespace Komachi.Platform.Languages;

/// <summary>What could be easier in a text, where, and what to do about it: a key of the words with its values.</summary>
public sealed record PlainHint(string Found, string Message, params object[] Values);

/// <summary>
/// A look at a text in plain Japanese (やさしい日本語): long sentences, passive and double negatives, hard words with an easier one each, kanji that nobody reads out,
/// numbers and dates that are not written out, loan words. It knows words and forms, not meanings: it gives hints, and whoever writes decides.
/// What stands in 「」 is what somebody sees or types elsewhere, and stays as it is; a hard word is fine where brackets behind it explain it: 避難（にげる）.
/// </summary>
public static partial class PlainJapanese
{
    public const int LongestSentence = 40;
    const int MostHints = 100;

    static readonly Lazy<FrozenDictionary<string, (string Easier, bool Loan)>> Hard = new(ReadWords);

    public static IReadOnlyList<PlainHint> Check(string text)
    {
        var hints = new List<PlainHint>();
        foreach (var sentence in Sentences(Prose(text)))
        {
            var bare = Furigana.Bare(sentence);
            var said = Quoted().Replace(bare, "「」");
            var length = Space().Replace(Value().Replace(said, ""), "").Length;
            if (length > LongestSentence) Add(bare, "This sentence has {0} characters. Make two of it with at most {1}: one thought each.", length, LongestSentence);
            var close = Space().Replace(said, "");
            foreach (Match passive in Passive().Matches(close)) Add(Around(close, passive), "Say who does it: “the town sends it”, not “it is sent”.");
            foreach (Match twice in TwiceNot().Matches(close)) Add(Around(close, twice), "Two nots in one sentence. Say what is, or what to do.");
            foreach (Match number in Number().Matches(said)) Add(number.Value, "Write numbers out: 4月1日, 午後2時30分, 9時から 5時まで.");
            foreach (var (word, at) in HardWords(said))
            {
                var (easier, loan) = Hard.Value[word];
                if (!Explained().IsMatch(said.AsSpan(at + word.Length))) Add(word, loan ? "A loan word that many learners do not know. Easier: {0}. Or explain it in brackets behind it." : "A hard word. Easier: {0}. Or explain it in brackets behind it.", easier);
            }
            if (SchoolKanji.WithoutReading(sentence) is { Count: > 0 } kanji)
                Add(string.Concat(kanji), "A child of ten does not read these kanji. Write the reading behind the word in brackets: 《ひなん》. Or write it in kana.");
        }
        return hints;

        void Add(string found, string message, params object[] values)
        {
            if (hints.Count < MostHints && !hints.Any(h => h.Found == found && h.Message == message)) hints.Add(new(found, message, values));
        }
    }

    /// <summary>Without the marks of Markdown, and without addresses.</summary>
    static string Prose(string text) => Mark().Replace(Address().Replace(Link().Replace(text, "$1"), ""), "");

    static IEnumerable<string> Sentences(string text) => text.Split(['。', '！', '？', '\n', '|'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>The longest that stands at a place: 避難指示, not 避難 as well.</summary>
    static IEnumerable<(string Word, int At)> HardWords(string said)
    {
        var words = Hard.Value.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var at = 0; at < said.Length; at++)
            for (var length = Math.Min(LongestWord.Value, said.Length - at); length > 0; length--)
                if (words.ContainsKey(said.AsSpan(at, length)) && !WithinKatakana(said, at, length))
                {
                    yield return (said.Substring(at, length), at);
                    at += length - 1;
                    break;
                }
    }

    static readonly Lazy<int> LongestWord = new(() => Hard.Value.Keys.Max(w => w.Length));

    // ケア is no part of スケアリー.
    static bool WithinKatakana(string said, int at, int length) => IsKatakana(said[at]) && (at > 0 && IsKatakana(said[at - 1]) || at + length < said.Length && IsKatakana(said[at + length]) && IsKatakana(said[at + length - 1]));

    static bool IsKatakana(char c) => c is >= 'ァ' and <= 'ヺ' or 'ー';

    static string Around(string text, Match match) => text[Math.Max(0, match.Index - 8)..Math.Min(text.Length, match.Index + match.Length + 4)];

    /// <summary><c>towns/common/plain-words.yaml</c>, which travels within the program.</summary>
    static FrozenDictionary<string, (string, bool)> ReadWords()
    {
        using var stream = typeof(PlainJapanese).Assembly.GetManifestResourceStream("plain-words.yaml")!;
        using var reader = new StreamReader(stream);
        return new DeserializerBuilder().Build().Deserialize<Dictionary<string, Dictionary<string, string>>>(reader)
            .SelectMany(kind => kind.Value.Select(word => KeyValuePair.Create(word.Key, (word.Value, kind.Key == "loans")))).ToFrozenDictionary();
    }

    [GeneratedRegex("「[^」]*」")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"[\s　]+")]
    private static partial Regex Space();

    [GeneratedRegex(@"\{\d+\}")]
    private static partial Regex Value();

    // される, 使われる, 選ばれる, 送られる; but not 生まれる, わかれる, つかれる, こわれる, あらわれる, nor what one can do (見られる, 食べられる).
    [GeneratedRegex("(?:さ|(?<![こらあ])わ|(?<![わつ])か|ば|が|(?<![うで生])ま|(?<![見来出着寝せえけべてねめれげじびみりき])ら)れ(?:る|ます|ました|ません|て|た|な)")]
    private static partial Regex Passive();

    [GeneratedRegex("(?:ないことは|ないわけ|なくは|ないでは|なければ|なくては|ないと)、?[^。、]{0,12}(?:ない|ません)")]
    private static partial Regex TwiceNot();

    [GeneratedRegex(@"(?<![\d/])\d{1,4}/\d{1,2}(?:/\d{1,2})?(?![\d/])|(?<!\d)(?:19|20)\d{2}-\d{2}-\d{2}(?!\d)|\d{1,2}:\d{2}|\d[〜～~]|[RHS]\d{1,2}[./年]")]
    private static partial Regex Number();

    [GeneratedRegex(@"^[\p{IsHiragana}]{0,4}（")]
    private static partial Regex Explained();

    [GeneratedRegex(@"\[([^\]]*)\]\([^)]*\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"https?://\S+|\S+@\S+")]
    private static partial Regex Address();

    [GeneratedRegex(@"^[ \t]*(?:#{1,6}|[-*+]|\d+\.|>)[ \t]+|\*\*|^[ \t|:-]+$", RegexOptions.Multiline)]
    private static partial Regex Mark();
}
