using Komachi.Platform.Days;
using Komachi.Platform.People;

namespace Komachi.Tests.Persons;

public sealed class AgesAndNumbers
{
    [Theory]
    [InlineData("2008-04-01", "2026-03-31")]
    [InlineData("2008-04-02", "2026-04-01")]
    [InlineData("2008-01-01", "2025-12-31")]
    [InlineData("2008-03-01", "2026-02-28")]
    [InlineData("2006-03-01", "2024-02-29")]
    [InlineData("2008-02-29", "2026-02-28")]
    public void A_year_is_full_at_the_end_of_the_day_before_the_birthday(string born, string lastDay)
    {
        var last = DateOnly.Parse(lastDay, System.Globalization.CultureInfo.InvariantCulture);
        var on = DateOnly.Parse(born, System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(last, LegalAge.LastDayBefore(on, 18));
        Assert.False(LegalAge.IsOf(18, on, last));
        Assert.True(LegalAge.IsOf(18, on, last.AddDays(1)));
    }

    [Theory]
    [InlineData("7000012050002", "7000012050002")]
    [InlineData("７００００１２０５０００２", "7000012050002")]
    [InlineData("7-0000-1205-0002", "7000012050002")]
    [InlineData("7000012050003", null)]
    [InlineData("8000012050002", null)]
    [InlineData("700001205000", null)]
    [InlineData("７０００あ", null)]
    public void The_first_digit_of_a_corporate_number_checks_the_others(string typed, string? number) => Assert.Equal(number, CorporateNumbers.Read(typed));
}
