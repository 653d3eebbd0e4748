using Komachi.Platform.Data;

namespace Komachi.Tests.Data;

public sealed class Amounts
{
    [Fact]
    public void Money_that_overflows_throws_instead_of_wrapping_round()
    {
        var (most, least) = (new Yen(long.MaxValue), new Yen(long.MinValue));
        Assert.Throws<OverflowException>(() => most + new Yen(1));
        Assert.Throws<OverflowException>(() => least - new Yen(1));
        Assert.Throws<OverflowException>(() => -least);
        Assert.Throws<OverflowException>(() => most * 2);
        Assert.Equal(new Yen(1_000), new Yen(600) + new Yen(400));
        Assert.True(new Yen(-1) < Yen.Zero && most >= least && new Yen(2).CompareTo(new Yen(1)) > 0);
    }

    [Fact]
    public void Money_is_read_as_people_write_it()
    {
        Assert.Equal("1,234円", new Yen(1234).ToString());
        Assert.Equal("0円", Yen.Zero.ToString());
        Assert.Equal("-5,000円", new Yen(-5000).ToString());
    }
}
