using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Komachi.Platform.Days;
using Komachi.Ui.Words;

namespace Komachi.Tests.Days;

/// <summary>Ages, school years, fiscal years and periods, with the examples that laws and offices give.</summary>
public sealed class AgesAndTerms
{
    static readonly Config Often = Config.QuickThrowOnFailure.WithMaxTest(3000);

    static DateOnly Day(string iso) => DateOnly.ParseExact(iso, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    [Theory]
    [InlineData("2000-04-01", "2020-03-31", 19)]
    [InlineData("2000-04-01", "2020-04-01", 20)]
    [InlineData("2004-02-29", "2025-02-28", 20)]
    [InlineData("2004-02-29", "2025-03-01", 21)]
    [InlineData("2004-02-29", "2024-02-28", 19)]
    [InlineData("2004-02-29", "2024-02-29", 20)]
    [InlineData("2026-11-20", "2026-11-20", 0)]
    [InlineData("2026-11-20", "2026-11-19", null)]
    public void How_old_on_a_day(string born, string on, int? years) => Assert.Equal(years, LegalAge.On(Day(on), Day(born)));

    [Fact]
    public void An_age_begins_the_day_after_it_was_attained_and_lasts_a_year() => Check.One(Often, Prop.ForAll(DaysAsWritten.AnyDay, Gen.Choose(1, 120).ToArbitrary(), (born, years) =>
    {
        var (attained, first) = (LegalAge.LastDayBefore(born, years), LegalAge.FirstDayOf(years, born));
        return LegalAge.On(attained, born) == years - 1 && LegalAge.On(first, born) == years && LegalAge.On(LegalAge.LastDayBefore(born, years + 1), born) == years
            && first == attained.AddDays(1) && (first.Month, first.Day) == (born is { Month: 2, Day: 29 } && !DateTime.IsLeapYear(first.Year) ? (3, 1) : (born.Month, born.Day));
    }));

    [Theory]
    [InlineData("2019-04-02", 2026, "小1")]
    [InlineData("2020-04-01", 2026, "小1")]    // 早生まれ: the youngest of their year
    [InlineData("2020-04-02", 2026, "年長")]
    [InlineData("2019-04-01", 2026, "小2")]
    [InlineData("2020-02-29", 2026, "小1")]
    [InlineData("2013-04-02", 2026, "中1")]
    [InlineData("2008-04-02", 2026, "高3")]
    [InlineData("2008-04-01", 2026, null)]
    [InlineData("2023-04-01", 2026, "年少")]
    [InlineData("2023-04-02", 2026, null)]
    public void A_school_year_is_those_born_from_2_April_to_1_April(string born, int year, string? grade) => Assert.Equal(grade, SchoolGrade.Of(Day(born), new(year))?.Short);

    [Fact]
    public void Who_is_in_a_grade_was_born_in_its_year_and_goes_up_each_April() => Check.One(Often, Prop.ForAll(DaysAsWritten.AnyDay, born =>
    {
        var enters = SchoolGrade.Enters(born);
        for (var number = SchoolGrade.First; number <= SchoolGrade.Last; number++)
        {
            var (grade, year) = (new SchoolGrade(number), new FiscalYear(enters.Year + number - 1));
            var (from, until) = grade.Born(year);
            if (SchoolGrade.Of(born, year) != grade || born < from || born > until || SchoolGrade.Of(from.AddDays(-1), year) == grade || SchoolGrade.Of(until.AddDays(1), year) == grade) return false;
        }
        return SchoolGrade.Of(born, new(enters.Year + 12)) is null && new SchoolGrade(9).IsCompulsory && !new SchoolGrade(10).IsCompulsory;
    }));

    [Theory]
    [InlineData("2026-03-31", 2025, "令和7年度", "fiscal year 2025 (Reiwa 7)")]
    [InlineData("2026-04-01", 2026, "令和8年度", "fiscal year 2026 (Reiwa 8)")]
    [InlineData("2019-04-01", 2019, "令和元年度", "fiscal year 2019 (Reiwa 1)")]
    [InlineData("2019-03-31", 2018, "平成30年度", "fiscal year 2018 (Heisei 30)")]
    [InlineData("1989-03-31", 1988, "昭和63年度", "fiscal year 1988 (Showa 63)")]
    [InlineData("1989-04-01", 1989, "平成元年度", "fiscal year 1989 (Heisei 1)")]
    [InlineData("1872-05-01", 1872, "1872年度", "fiscal year 1872")]
    public void A_fiscal_year_runs_from_April_to_March(string on, int year, string name, string english)
    {
        var fiscal = FiscalYear.Of(Day(on));
        Assert.Equal(new FiscalYear(year), fiscal);
        Assert.True(fiscal.Holds(Day(on)) && !fiscal.Holds(fiscal.First.AddDays(-1)) && !fiscal.Holds(fiscal.Last.AddDays(1)));
        Assert.Equal((name, english), (fiscal.Show(Lang.Japanese), fiscal.Show(Lang.English)));
        Assert.Equal((1, 12, 10), (FiscalYear.MonthOf(fiscal.First), FiscalYear.MonthOf(fiscal.Last), FiscalYear.MonthOf(new(year, 1, 5))));
    }

    [Theory]
    // 初日不算入 (140条): ten days from what happened on the 1st end with the 11th.
    [InlineData("2026-06-01", 10, TermUnit.Days, false, "2026-06-11")]
    [InlineData("2026-06-01", 10, TermUnit.Days, true, "2026-06-10")]
    // 転入届 (住民基本台帳法22条): fourteen days from moving in, without the day itself.
    [InlineData("2026-04-01", 14, TermUnit.Days, false, "2026-04-15")]
    // 死亡届 (戸籍法86条, 43条): seven days, with the day on which it was known.
    [InlineData("2026-04-01", 7, TermUnit.Days, true, "2026-04-07")]
    [InlineData("2026-06-03", 1, TermUnit.Weeks, false, "2026-06-10")]
    // 143条2項: the day before the one that answers to the first.
    [InlineData("2026-04-15", 1, TermUnit.Months, false, "2026-05-15")]
    [InlineData("2026-04-14", 1, TermUnit.Months, true, "2026-05-13")]
    // Where there is no such day, the last of the month.
    [InlineData("2026-01-30", 1, TermUnit.Months, false, "2026-02-28")]
    [InlineData("2024-01-30", 1, TermUnit.Months, false, "2024-02-29")]
    [InlineData("2026-01-31", 1, TermUnit.Months, false, "2026-02-28")]    // from 1 February: the whole of it
    [InlineData("2026-02-28", 1, TermUnit.Months, false, "2026-03-31")]    // from 1 March: the whole of it
    [InlineData("2026-03-30", 3, TermUnit.Months, false, "2026-06-30")]
    [InlineData("2024-02-28", 1, TermUnit.Years, false, "2025-02-28")]
    [InlineData("2024-02-29", 1, TermUnit.Years, true, "2025-02-28")]
    [InlineData("2026-11-20", 1, TermUnit.Years, false, "2027-11-20")]
    public void Periods_end_as_the_civil_code_says(string begins, int length, TermUnit unit, bool firstCounts, string ends) => Assert.Equal(Day(ends), new LegalTerm(length, unit, firstCounts).EndsOn(Day(begins)));

    [Fact]
    public void A_period_that_ends_on_a_day_of_rest_ends_on_the_next_that_is_none()
    {
        static bool Rests(DateOnly day) => day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday || NationalHolidays.On(day) is not null;
        Assert.Equal(Day("2026-05-07"), new LegalTerm(7, TermUnit.Days).EndsOn(Day("2026-04-25"), Rests));    // Saturday 2 May, and holidays to the 6th
        Assert.Equal(Day("2026-11-20"), new LegalTerm(1, TermUnit.Days).EndsOn(Day("2026-11-19"), Rests));
        Assert.Equal(Day("2026-11-20"), new LegalTerm(1, TermUnit.Days).EndsOn(Day("2026-11-19"), _ => true));    // who is closed for good rests on no day
    }

    [Fact]
    public void An_age_is_a_period_whose_first_day_counts() => Check.One(Often, Prop.ForAll(DaysAsWritten.AnyDay, Gen.Choose(1, 110).ToArbitrary(), (born, years) =>
        new LegalTerm(years, TermUnit.Years, FirstDayCounts: true).EndsOn(born) == LegalAge.LastDayBefore(born, years)));

    [Fact]
    public void A_day_begins_and_ends_in_Japan() => Check.One(Often, Prop.ForAll(DaysAsWritten.AnyDay, Gen.Choose(0, 86_399).ToArbitrary(), (day, second) =>
    {
        var (from, until) = JapanTime.Bounds(day);
        return until - from == TimeSpan.FromDays(1) && JapanTime.DayOf(from) == day && JapanTime.DayOf(from.AddSeconds(second)) == day
            && JapanTime.DayOf(from.AddTicks(-1)) == day.AddDays(-1) && JapanTime.DayOf(until) == day.AddDays(1) && from.UtcDateTime.Hour == 15;
    }));
}
