using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Komachi.Platform.Data;

namespace Komachi.Tests.Data;

/// <summary>Numbers that people read out on the telephone: what is misheard or mistyped is noticed.</summary>
public sealed class ReceiptNumbers
{
    static readonly byte[] Key = Encoding.ASCII.GetBytes("the key of one town, for one test");
    static readonly Config Often = Config.QuickThrowOnFailure.WithMaxTest(300);

    static readonly Arbitrary<int> Count = Gen.Choose(0, 999_999_999).ToArbitrary();

    [Fact]
    public void Every_wrong_digit_is_noticed() => Check.One(Often, Prop.ForAll(Count, n =>
    {
        var right = ReceiptNumber.Of(n, Key).Digits;
        return Enumerable.Range(0, 10).All(at => Enumerable.Range(0, 10).Where(d => d != right[at] - '0')
            .All(d => !ReceiptNumber.TryParse(string.Concat(right.AsSpan(0, at), d.ToString(), right.AsSpan(at + 1)), out _)));
    }));

    [Fact]
    public void Every_swap_of_neighbours_is_noticed() => Check.One(Often, Prop.ForAll(Count, n =>
    {
        var right = ReceiptNumber.Of(n, Key).Digits;
        return Enumerable.Range(0, 9).Where(at => right[at] != right[at + 1])
            .All(at => !ReceiptNumber.TryParse($"{right[..at]}{right[at + 1]}{right[at]}{right[(at + 2)..]}", out _));
    }));

    [Fact]
    public void It_is_read_back_however_it_is_typed() => Check.One(Often, Prop.ForAll(Count, n =>
    {
        var number = ReceiptNumber.Of(n, Key);
        var wide = string.Concat(number.Digits.Select(d => (char)(d - '0' + '０')));
        return new[] { number.ToString(), number.Digits, $" {number} ", wide, $"{wide[..3]}ー{wide[3..6]}－{wide[6..]}", $"{wide[..3]}\u3000{number.Digits[3..6]} {wide[6..]}" }
            .All(typed => ReceiptNumber.TryParse(typed, out var read) && read == number);
    }));

    [Fact]
    public void No_two_are_the_same_and_neighbours_do_not_look_it()
    {
        var numbers = Enumerable.Range(0, 50_000).Select(n => ReceiptNumber.Of(n, Key).Digits).ToArray();
        Assert.Equal(numbers.Length, numbers.Distinct().Count());
        Assert.All(numbers, n => Assert.Equal(10, n.Length));
        // Nobody can tell from two numbers how many lie between them.
        Assert.InRange(numbers.Zip(numbers.Skip(1)).Count(p => Math.Abs(long.Parse(p.First[..9]) - long.Parse(p.Second[..9])) < 1_000_000), 0, 300);
    }

    [Fact]
    public void Towns_have_orders_of_their_own() =>
        Assert.NotEqual(ReceiptNumber.Of(1, Key), ReceiptNumber.Of(1, Encoding.ASCII.GetBytes("the key of another")));

    [Theory]
    [InlineData(null), InlineData(""), InlineData("123"), InlineData("12345678901"), InlineData("十二三四五六七八九〇"), InlineData("123-456-789x"), InlineData("\0\0\0\0\0\0\0\0\0\0"), InlineData("٠١٢٣٤٥٦٧٨٩")]
    public void What_is_none_is_none(string? typed) => Assert.False(ReceiptNumber.TryParse(typed, out _));

    [Fact]
    public void There_is_no_number_beyond_the_last()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ReceiptNumber.Of(1_000_000_000, Key));
        Assert.Throws<ArgumentOutOfRangeException>(() => ReceiptNumber.Of(-1, Key));
        Assert.Equal("", default(ReceiptNumber).ToString());
    }
}
