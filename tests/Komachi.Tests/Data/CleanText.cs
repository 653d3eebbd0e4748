using System.Text;
using System.Text.Encodings.Web;
using FsCheck;
using FsCheck.Fluent;
using Komachi.Platform.Web;

namespace Komachi.Tests.Data;

/// <summary>Text on its way in (what no text should hold is taken out) and on its way out (as it was written, but never as code).</summary>
public sealed class CleanText
{
    static readonly Config Often = Config.QuickThrowOnFailure.WithMaxTest(3000);

    // Mostly what hurts: controls, halves of pairs, marks of direction, line ends; and between them what must come through.
    static readonly Gen<string> Hostile = Gen.OneOf(
        Gen.Choose(0, 0x2f).Select(c => (char)c), Gen.Choose(0x7f, 0xa0).Select(c => (char)c), Gen.Choose(0xd800, 0xdfff).Select(c => (char)c),
        Gen.Elements("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\ufffe\uffff\r\n\0<>&\"'`".ToCharArray()),
        Gen.Elements("あ漢字\u3000髙﨑ｶﾞ\u200d\ufe0fa1".ToCharArray()), Gen.Choose(0, 0xffff).Select(c => (char)c))
        .ArrayOf().Select(chars => new string(chars));

    [Fact]
    public void What_comes_in_holds_nothing_that_hurts() => Check.One(Often, Prop.ForAll(Hostile.ToArbitrary(), text =>
    {
        var clean = FormDoor.Clean(text);
        return clean == FormDoor.Clean(clean)
            && !clean.Any(c => char.IsControl(c) && c is not ('\n' or '\t'))
            && !clean.Any(c => "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\ufffe\uffff".Contains(c))
            && Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(clean)) == clean;    // no half of a pair
    }));

    [Theory]
    [InlineData("𠮷野家 邉\U000E0102 か\u3099 👨‍👩‍👧 \u3000 é\tß", null)]
    [InlineData("one\r\ntwo\rthree\nfour", "one\ntwo\nthree\nfour")]
    [InlineData("a\0b\u202ec", "abc")]
    public void The_rest_comes_in_as_it_was_written(string text, string? clean) => Assert.Equal(clean ?? text, FormDoor.Clean(text));

    [Fact]
    public void A_half_of_a_pair_is_shown_as_missing() => Assert.Equal("a\ufffdb\ufffd𠮷", FormDoor.Clean("a" + '\ud842' + "b" + '\udfb7' + "𠮷"));

    [Theory]
    [InlineData("𠮷野家 邉\U000E0102太郎\u3000御中 か\u3099 👨‍👩‍👧 العربية", null)]
    [InlineData("<b title=\"x\" class='y'>&amp;`</b>", "&lt;b title=&quot;x&quot; class=&#39;y&#39;&gt;&amp;amp;&#96;&lt;/b&gt;")]
    [InlineData("abc\u202edef\u2066g\0h", "abc\ufffddef\ufffdg\ufffdh")]
    [InlineData("line\r\nline\tend", null)]
    public void What_goes_out_is_as_it_was_written_but_never_code(string text, string? html)
    {
        Assert.Equal(html ?? text, JapaneseHtmlEncoder.Instance.Encode(text));
        using var to = new StringWriter();
        JapaneseHtmlEncoder.Instance.Encode(to, text);
        Assert.Equal(html ?? text, to.ToString());
    }

    [Fact]
    public void Halves_of_pairs_at_the_ends_of_buffers_are_joined_or_shown_as_missing()
    {
        var encoder = JapaneseHtmlEncoder.Instance;
        Assert.Equal("a\ufffd", encoder.Encode("a\ud842"));
        Assert.Equal("\ufffda", encoder.Encode("\udfb7a"));
        Span<char> to = stackalloc char[32];
        // The first half at the end of a block that is not the last waits for the second.
        Assert.Equal(System.Buffers.OperationStatus.NeedMoreData, encoder.Encode("a\ud842", to, out var consumed, out var written, isFinalBlock: false));
        Assert.Equal((1, 1), (consumed, written));
        Assert.Equal(System.Buffers.OperationStatus.Done, encoder.Encode("\ud842\udfb7", to, out consumed, out written, isFinalBlock: true));
        Assert.Equal("𠮷", to[..written].ToString());
        // And a destination that ends in the middle of a character gets the whole of it later.
        Assert.Equal(System.Buffers.OperationStatus.DestinationTooSmall, encoder.Encode("a<𠮷", to[..4], out consumed, out written));
        Assert.Equal((1, 1), (consumed, written));
    }

    [Fact]
    public void Whatever_is_written_nothing_of_it_becomes_markup() => Check.One(Often, Prop.ForAll(Hostile.ToArbitrary(), text =>
    {
        var html = JapaneseHtmlEncoder.Instance.Encode(text);
        return html.IndexOfAny(['<', '>', '"', '\'', '`', '\0', '\u202e', '\u061c']) < 0 && Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(html)) == html;
    }));

    [Fact]
    public void Bytes_are_encoded_like_letters()
    {
        const string text = "𠮷<野>\u202e邉\U000E0102";
        var to = new byte[200];
        Assert.Equal(System.Buffers.OperationStatus.Done, ((TextEncoder)JapaneseHtmlEncoder.Instance).EncodeUtf8(Encoding.UTF8.GetBytes(text), to, out _, out var written));
        Assert.Equal(JapaneseHtmlEncoder.Instance.Encode(text), Encoding.UTF8.GetString(to, 0, written));
    }
}
