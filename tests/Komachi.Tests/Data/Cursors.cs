using System.Buffers.Text;
using FsCheck;
using FsCheck.Fluent;
using Komachi.Platform.Data;

namespace Komachi.Tests.Data;

/// <summary>Where a page of a list ended, as it stands in an address: what nobody made is the first page.</summary>
public sealed class Cursors
{
    static readonly Config Often = Config.QuickThrowOnFailure.WithMaxTest(2000);

    [Fact]
    public void It_comes_back_as_it_went() => Check.One(Often, Prop.ForAll(
        Gen.Choose(0, int.MaxValue).Two().ToArbitrary(), p =>
        {
            var cursor = new Cursor(new DateTimeOffset((long)p.Item1 * p.Item2 % DateTimeOffset.MaxValue.UtcTicks, TimeSpan.Zero), Id.New());
            return Cursor.Read(cursor.ToString()) == cursor;
        }));

    [Fact]
    public void Whatever_stands_in_its_place_is_the_first_page_and_no_error() =>
        Check.One(Often, Prop.ForAll(ArbMap.Default.ArbFor<string?>(), text => Cursor.Read(text)?.Id != Guid.Empty && true));

    [Fact]
    public void Of_the_right_length_too() => Check.One(Often, Prop.ForAll(Gen.Choose(0, 0xffff).Select(c => (char)c).ArrayOf(32).ToArbitrary(), text =>
    {
        _ = Cursor.Read(new string(text));
        return true;
    }));

    [Theory]
    [InlineData("!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!"), InlineData("================================"), InlineData("                                "), InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="), InlineData("日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本")]
    public void Garbage_is_none(string text) => Assert.Null(Cursor.Read(text));

    [Fact]
    public void A_time_outside_the_calendar_is_none()
    {
        Assert.Null(Cursor.Read(Base64Url.EncodeToString(Enumerable.Repeat((byte)0xff, 24).ToArray())));
        Assert.Null(Cursor.Read(Base64Url.EncodeToString([0x7f, .. Enumerable.Repeat((byte)0xff, 23)])));
        Assert.NotNull(Cursor.Read(Base64Url.EncodeToString(new byte[24])));
    }
}
