using Komachi.Platform.Towns;

namespace Komachi.Tests.Looks;

public sealed class Colours
{
    static Colour Of(string text) => Colour.TryRead(text, out var colour) ? colour : throw new ArgumentException(text);

    [Theory]
    [InlineData("#000000", 21.0), InlineData("#ffffff", 1.0), InlineData("#767676", 4.54), InlineData("#1b5e3a", 7.75), InlineData("#ffcc00", 1.51)]
    public void Contrast_is_what_WCAG_says(string colour, double onWhite) => Assert.Equal(onWhite, Of(colour).ContrastOnWhite(), 0.01);

    [Theory]
    [InlineData("１Ｂ５Ｅ３Ａ", "#1b5e3a"), InlineData(" #1B5E3A ", "#1b5e3a"), InlineData("＃1b5e3a", "#1b5e3a"), InlineData("#05a", "#0055aa")]
    public void A_colour_is_read_as_people_write_it(string typed, string read) => Assert.Equal(read, Of(typed).ToString());

    [Theory]
    [InlineData(""), InlineData("#"), InlineData("red"), InlineData("#12345"), InlineData("#1234567"), InlineData("#12g456"), InlineData("# 12345"), InlineData("#-12345"), InlineData("𠮷𠮷𠮷")]
    public void What_is_no_colour_is_not_taken_for_one(string typed) => Assert.False(Colour.TryRead(typed, out _));

    /// <summary>What is shown as enough is enough.</summary>
    [Fact]
    public void A_figure_is_never_rounded_upwards()
    {
        Assert.Equal("4.4", Colour.Show(4.499));
        Assert.Equal("4.5", Colour.Show(4.5));
    }

    [Fact]
    public void Near_every_colour_there_is_one_that_can_be_read_on_white_and_one_in_the_dark()
    {
        var random = new Random(20261126);
        for (var i = 0; i < 5000; i++)
        {
            var colour = i < 8 ? new Colour((byte)(i / 4 * 255), (byte)(i / 2 % 2 * 255), (byte)(i % 2 * 255)) : new Colour((byte)random.Next(256), (byte)random.Next(256), (byte)random.Next(256));
            var (near, dark) = (colour.Readable(), colour.OnDark());
            Assert.True(near.ContrastOnWhite() >= Colour.Enough, $"{colour} → {near}");
            Assert.True(dark.ContrastOnDark() >= Colour.Enough, $"{colour} → {dark} in the dark");
            if (colour.ContrastOnWhite() >= Colour.Enough) Assert.Equal(colour, near);
            // No further than it has to go: a little lighter, and nobody could read it.
            else Assert.True(near.ContrastOnWhite() < 4.65, $"{colour} → {near}: {near.ContrastOnWhite()}");
        }
    }

    [Fact]
    public void The_near_one_is_of_the_same_hue()
    {
        var (yellow, sky) = (Of("#ffcc00").Readable(), Of("#66ccff").Readable());
        Assert.True(yellow.Red > yellow.Blue + 60 && yellow.Green > yellow.Blue + 40, $"{yellow} is no darker yellow");
        Assert.True(sky.Blue > sky.Red + 60, $"{sky} is no darker blue");
        var grey = Of("#999999").Readable();
        Assert.True(grey.Red == grey.Green && grey.Green == grey.Blue, $"{grey} has a hue");
    }
}
