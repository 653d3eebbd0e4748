using System.Text.RegularExpressions;
using Komachi.Platform.Languages;
using Komachi.Tests.Harness;
using Komachi.Ui.Words;
using YamlDotNet.RepresentationModel;

namespace Komachi.Rules;

/// <summary>Plain Japanese that we ship is plain: short, active, in words that are known, and read out where a child of ten could not.</summary>
public sealed partial class PlainTexts(TestProgram program)
{
    // Words for which there is no way around, and why.
    static readonly (string Found, string Why)[] Allowed =
    [
        ("守られて", "the name of people whose data the law protects"),
    ];

    IEnumerable<(string Text, string Key)> OfPages() => program.House.Assemblies.Append(typeof(Lang).Assembly).SelectMany(WordBook.Read)
        .Where(w => w.Value.ContainsKey(Lang.Plain.Code)).Select(w => (w.Value[Lang.Plain.Code], w.Key));

    /// <summary>Every text under a key "plain", in every file of every town.</summary>
    static IEnumerable<(string Text, string File)> OfTowns() => Directory.EnumerateFiles(TestProgram.TownsFolder, "*.yaml", SearchOption.AllDirectories)
        .Where(f => !f.Contains("/words/")).SelectMany(f =>
        {
            var stream = new YamlStream();
            using var reader = new StreamReader(f);
            stream.Load(reader);
            return stream.Documents.SelectMany(d => Within(d.RootNode)).Select(text => (text, Path.GetRelativePath(TestProgram.TownsFolder, f)));
        });

    static IEnumerable<string> Within(YamlNode node) => node switch
    {
        YamlMappingNode map => map.Children.SelectMany(c => c is { Key: YamlScalarNode { Value: "plain" }, Value: YamlScalarNode { Value: { } text } } ? [text] : Within(c.Value)),
        YamlSequenceNode list => list.Children.SelectMany(Within),
        _ => [],
    };

    [Fact]
    public void What_pages_say_in_plain_japanese_is_plain()
    {
        var hints = OfPages().SelectMany(t => PlainJapanese.Check(t.Text).Where(h => !Allowed.Any(a => h.Found.Contains(a.Found))).Select(h => $"\"{t.Key}\": {h.Found}: {string.Format(null, h.Message, h.Values)}")).ToArray();
        Assert.True(hints.Length == 0, string.Join('\n', hints));
        Assert.All(Allowed, a => Assert.Contains(OfPages(), t => PlainJapanese.Check(t.Text).Any(h => h.Found.Contains(a.Found))));    // what is excused is still there
    }

    /// <summary>Names of sections, of forms and of projects are what they are, so hard words stay in towns' texts; length and readings are for everyone.</summary>
    [Fact]
    public void What_towns_say_in_plain_japanese_is_short_and_can_be_read()
    {
        var texts = OfTowns().ToArray();
        Assert.True(texts.Length > 400, $"{texts.Length} plain texts of towns: where are the others?");
        string[] asked = ["This sentence has", "A child of ten", "Two nots"];
        var hints = texts.SelectMany(t => PlainJapanese.Check(t.Text).Where(h => asked.Any(a => h.Message.StartsWith(a, StringComparison.Ordinal))).Select(h => $"{t.File}: {h.Found}: {string.Format(null, h.Message, h.Values)}")).ToArray();
        Assert.True(hints.Length == 0, string.Join('\n', hints));
    }

    /// <summary>A reading in round brackets would be shown as text behind the word.</summary>
    [Fact]
    public void Readings_stand_in_their_own_brackets()
    {
        var wrong = OfPages().Concat(OfTowns()).Where(t => InRound().IsMatch(t.Text)).Select(t => $"{t.Item2}: {InRound().Match(t.Text).Value}").ToArray();
        Assert.True(wrong.Length == 0, "Write 漢字《かんじ》, not 漢字（かんじ）:\n" + string.Join('\n', wrong));
    }

    [Fact]
    public void The_list_of_school_kanji_is_whole() =>
        // 学年別漢字配当表 (2020): 80, 160, 200 and 202.
        Assert.Equal([80, 160, 200, 202], Enumerable.Range('一', '龥' - '一' + 1).GroupBy(c => SchoolKanji.GradeOf((char)c)).Where(g => g.Key is not null).OrderBy(g => g.Key).Select(g => g.Count()));

    /// <summary>"1 files" is a cheat: whoever writes a key with a number and a plural also writes how one is said.</summary>
    [Fact]
    public void A_sentence_with_a_count_knows_one()
    {
        var books = program.House.Assemblies.Append(typeof(Lang).Assembly).SelectMany(WordBook.Read).ToArray();
        var without = books.Where(w => Counted().IsMatch(w.Key) && !w.Value.ContainsKey("en#one")).Select(w => w.Key).ToArray();
        Assert.True(without.Length == 0, "Add en: { one: \"…\" } to:\n" + string.Join('\n', without));
        Assert.DoesNotContain(books, w => w.Key.Contains("(s)"));
        Assert.All(books.SelectMany(w => w.Value.Keys), lang => Assert.Contains(lang, new[] { "ja", "plain", "en#one" }));
    }

    [GeneratedRegex(@"[々\u4e00-\u9fff]（[ぁ-ゖー]+）(?!（)")]
    private static partial Regex InRound();

    [GeneratedRegex(@"\{0\} (?:more |other |new )?(?:minutes|hours|days|weeks|months|years|characters|files|entries|persons|people|accounts|times|rows|mistakes|answers|passkeys|numbers|towns|hints|pages|places|notices|announcements|cases|items|results)\b")]
    private static partial Regex Counted();
}
