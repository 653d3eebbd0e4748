using Komachi.Platform.Data;

namespace Komachi.Tests.Data;

/// <summary>What people type finds what was written.</summary>
public sealed class FoldingWords
{
    [Theory]
    [InlineData("ｶﾞｰﾃﾞﾝ", "ガーデン")]
    [InlineData("がーでん", "ガーデン")]
    [InlineData("Ｔａｘ", "tax")]
    [InlineData("葛\U000e0100飾区", "葛飾区")]
    [InlineData("㈱こまち", "(株)コマチ")]
    [InlineData("ゔぁゝゞ", "ヴァヽヾ")]
    [InlineData("２０２６年", "2026年")]
    [InlineData("𠮷野", "𠮷野")]
    [InlineData("a\0b\u200bc", "a bc")]
    public void Spellings_of_one_word_fold_to_one(string written, string folded) => Assert.Equal(folded, Folding.Fold(written));

    [Fact]
    public void Half_of_a_surrogate_pair_harms_nothing() => Assert.Equal("\ufffdア", Folding.Fold("\ud842あ"));

    [Theory]
    [InlineData("税金のお知らせ", "税金", true)]
    [InlineData("税金のお知らせ", "ぜい", false)]
    [InlineData("税　金", "税金", false)]
    [InlineData("保育園と税金", "税金　保育", true)]
    [InlineData("保育園と税金", "税金 幼稚園", false)]
    [InlineData("ああい", "あい", true)]
    [InlineData("あいい", "ああ", false)]
    [InlineData("100%還元", "0%", true)]
    [InlineData("𠮷野家", "𠮷", true)]
    public void A_key_holds_a_word_exactly_where_the_text_does(string text, string search, bool found)
    {
        var key = Folding.KeyOf([text]);
        Assert.Equal(found, Folding.WordsOf(search).All(word => key.Contains(word, StringComparison.Ordinal)));
    }

    [Fact]
    public void A_search_looks_for_a_few_words_and_for_nothing_where_nothing_was_typed()
    {
        Assert.Empty(Folding.WordsOf(null));
        Assert.Empty(Folding.WordsOf(" \u3000\t"));
        Assert.Equal(5, Folding.WordsOf(string.Join(' ', Enumerable.Range(0, 1000))).Count());
    }
}
