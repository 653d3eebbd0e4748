using System.Diagnostics;
using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Komachi.Platform.Days;
using Komachi.Platform.Offices;

namespace Komachi.Tests.Days;

/// <summary>Working days of an office, counted by its own calendar.</summary>
public sealed class WorkingDays
{
    static readonly Config Often = Config.QuickThrowOnFailure.WithMaxTest(400);

    static DateOnly Day(string iso) => DateOnly.ParseExact(iso, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>A town hall that follows the law's holidays; a library that opens on Sundays and holidays and not on Mondays.</summary>
    static OpeningCalendar Hall => Calendar([1, 2, 3, 4, 5]);
    static OpeningCalendar Library => Calendar([2, 3, 4, 5, 6, 0], closedOnHolidays: false);

    static OpeningCalendar Calendar(int[] weekdays, bool closedOnHolidays = true, params DayException[] exceptions)
    {
        var office = new Office { Key = "x", Name = new("庁舎"), Address = [], FromOn = OfficesYaml.Always, ClosedOnHolidays = closedOnHolidays };
        return new(office, weekdays.Select(d => new WeekHours { OfficeId = office.Id, Weekday = d, Opens = new(8, 30), Closes = new(17, 15), FromOn = OfficesYaml.Always }), exceptions, new(new Dictionary<DateOnly, string>()));
    }

    static readonly Arbitrary<DateOnly> Soon = Gen.Choose(new DateOnly(2000, 1, 1).DayNumber, new DateOnly(2060, 12, 31).DayNumber).Select(DateOnly.FromDayNumber).ToArbitrary();

    [Fact]
    public void Holidays_are_those_of_the_law_until_the_town_brings_a_year()
    {
        Assert.Equal(ClosedBy.Holiday, Hall.On(Day("2031-09-23")).Closed);
        Assert.Equal("Autumnal Equinox Day", Hall.On(Day("2031-09-23")).Why!.In(Komachi.Ui.Words.Lang.English));
        Assert.True(Library.IsWorkingDay(Day("2031-09-23")));
        var town = new TownHolidays(new Dictionary<DateOnly, string> { [Day("2031-09-24")] = "秋分の日" });
        Assert.False(town.Has(Day("2031-09-23")));
        Assert.True(town.Has(Day("2031-09-24")) && town.Has(Day("2032-11-23")) && town.Has(Day("2030-11-23")));
        Assert.Equal("Autumnal Equinox Day", town.On(Day("2031-09-24"))!.In(Komachi.Ui.Words.Lang.English));
    }

    [Fact]
    public void Counting_forth_and_counting_between_agree() => Check.One(Often, Prop.ForAll(Soon, Gen.Choose(0, 400).ToArbitrary(), (day, count) => new[] { Hall, Library }.All(calendar =>
    {
        var reached = calendar.WorkingDaysAfter(day, count)!.Value;
        return calendar.WorkingDaysBetween(day, reached) == count && (count == 0 ? reached == day : calendar.IsWorkingDay(reached)) && calendar.WorkingDaysBetween(reached, day) == 0;
    })));

    [Fact]
    public void A_working_day_is_one_that_is_open_for_its_own_reason() => Check.One(Often, Prop.ForAll(Soon, day =>
    {
        var rests = day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday || NationalHolidays.On(day) is not null || day is { Month: 12, Day: >= 29 } or { Month: 1, Day: <= 3 };
        return Hall.IsWorkingDay(day) == !rests && Hall.On(day).IsOpen == !rests && Library.IsWorkingDay(day) == Library.On(day).IsOpen
            && Hall.WorkingDayFrom(day) is { } next && Hall.WorkingDaysBetween(day.AddDays(-1), next) == 1;
    }));

    [Theory]
    [InlineData("2026-11-20T10:00", 5, "2026-11-30")]    // Friday; Monday is a holiday
    [InlineData("2026-11-20T17:15", 5, "2026-12-01")]    // after closing it came on Tuesday
    [InlineData("2026-11-21T12:00", 5, "2026-12-01")]
    [InlineData("2026-11-20T00:30", 0, "2026-11-20")]
    [InlineData("2026-12-28T09:00", 1, "2027-01-04")]
    [InlineData("2026-04-28T16:00", 2, "2026-05-01")]
    public void What_comes_in_is_answered_by(string local, int days, string by) =>
        Assert.Equal(Day(by), Hall.AnswerBy(JapanTime.At(DateTime.Parse(local, CultureInfo.InvariantCulture)), days));

    [Fact]
    public void A_term_of_the_law_ends_on_no_day_on_which_the_office_rests()
    {
        Assert.Equal(Day("2027-01-04"), Hall.TermEnds(new(14, TermUnit.Days), Day("2026-12-16")));
        Assert.Equal(Day("2026-12-15"), Hall.TermEnds(new(14, TermUnit.Days), Day("2026-12-01")));
    }

    [Fact]
    public void Who_is_closed_for_good_has_no_next_working_day_and_nobody_waits_for_one()
    {
        var closed = Calendar([]);
        Assert.Null(closed.WorkingDaysAfter(Day("2026-11-20"), 1));
        Assert.Null(closed.WorkingDayFrom(Day("2026-11-20")));
        Assert.Null(closed.AnswerBy(JapanTime.At(Day("2026-11-20")), 3));
        Assert.Equal(0, closed.WorkingDaysBetween(Day("1990-01-01"), Day("2090-01-01")));
        Assert.Null(Hall.WorkingDaysAfter(new DateOnly(9999, 12, 30), 5));
        Assert.Equal(Day("2026-11-20"), closed.WorkingDaysAfter(Day("2026-11-20"), 0));
    }

    [Fact]
    public void Years_are_counted_in_a_moment()
    {
        Assert.Equal(Hall.WorkingDaysBetween(Day("2026-03-31"), Day("2031-03-31")), Enumerable.Range(2026, 5).Sum(y => Hall.WorkingDaysBetween(new(y, 3, 31), new(y + 1, 3, 31))));
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < 100; i++) Hall.WorkingDaysBetween(Day("2016-04-01"), Day("2026-03-31"));
        // 365,000 days; far less than this even where all that is near is busy.
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), clock.Elapsed.ToString());
    }
}
