using System.Globalization;
using System.Text.RegularExpressions;
using Komachi.Platform.Days;
using Komachi.Tests.Harness;
using Komachi.Ui.Words;

namespace Komachi.Tests.Days;

/// <summary>
/// National holidays, computed from the law and compared with a list that others keep (npm @holiday-jp/holiday_jp 2.5.1, 1970 to 2050). It has the
/// days of the Cabinet Office's syukujitsu.csv and differs from that in two ways: it names the holiday that a substitute stands for
/// ("天皇誕生日 振替休日"), where the Office writes 休日, and it begins in 1970 instead of 1955. What lies before is written down here.
/// </summary>
public sealed partial class HolidaysOfTheLaw
{
    static readonly Dictionary<DateOnly, string> Theirs = Entry().Matches(File.ReadAllText(Path.Combine(TestProgram.Repository, "tests/Komachi.Tests/node_modules/@holiday-jp/holiday_jp/lib/holidays.js")))
        .ToDictionary(m => Day(m.Groups["on"].Value), m => m.Groups["name"].Value);

    static DateOnly Day(string iso) => DateOnly.ParseExact(iso, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    [Fact]
    public void Every_day_from_1970_to_2050_is_a_holiday_exactly_where_others_say_so()
    {
        Assert.True(Theirs.Count > 1300);
        var ours = Enumerable.Range(1970, 81).SelectMany(NationalHolidays.Of).ToDictionary(h => h.On);
        Assert.Empty(Theirs.Keys.Except(ours.Keys).Order());
        Assert.Empty(ours.Keys.Except(Theirs.Keys).Order());
        var otherNames = ours.Values.Where(h => NameOfTheirs(h) != Theirs[h.On]).Select(h => $"{h.On:yyyy-MM-dd} {h.ListName}: {Theirs[h.On]}").ToArray();
        Assert.True(otherNames.Length == 0, string.Join('\n', otherNames));
    }

    static string NameOfTheirs(NationalHoliday ours) => (ours.Ground, Theirs[ours.On]) switch
    {
        (HolidayGround.Substitute, var theirs) when theirs.EndsWith(" 振替休日", StringComparison.Ordinal) => theirs,
        // Held before its law began, under the name of both.
        (_, "体育の日（スポーツの日）") when ours.On == new DateOnly(2019, 10, 14) && ours.ListName == "体育の日" => "体育の日（スポーツの日）",
        _ => ours.ListName,
    };

    [Theory]
    [InlineData(1947, "")]
    [InlineData(1948, "9/23 11/3 11/23")]    // the law began on 20 July
    [InlineData(1949, "1/1 1/15 3/21 4/29 5/3 5/5 9/23 11/3 11/23")]
    [InlineData(1955, "1/1 1/15 3/21 4/29 5/3 5/5 9/24 11/3 11/23")]
    [InlineData(1959, "1/1 1/15 3/21 4/10 4/29 5/3 5/5 9/24 11/3 11/23")]    // 皇太子明仁親王の結婚の儀
    [InlineData(1960, "1/1 1/15 3/20 4/29 5/3 5/5 9/23 11/3 11/23")]
    [InlineData(1966, "1/1 1/15 3/21 4/29 5/3 5/5 9/15 9/23 10/10 11/3 11/23")]    // 敬老の日 and 体育の日 from June on
    [InlineData(1967, "1/1 1/15 2/11 3/21 4/29 5/3 5/5 9/15 9/24 10/10 11/3 11/23")]
    [InlineData(1973, "1/1 1/15 2/11 3/21 4/29 4/30 5/3 5/5 9/15 9/23 9/24 10/10 11/3 11/23")]    // the first substitute; 11 February was a Sunday before it
    [InlineData(1988, "1/1 1/15 2/11 3/20 3/21 4/29 5/3 5/4 5/5 9/15 9/23 10/10 11/3 11/23")]    // the first day between two holidays
    [InlineData(1989, "1/1 1/2 1/15 1/16 2/11 2/24 3/21 4/29 5/3 5/4 5/5 9/15 9/23 10/10 11/3 11/23 12/23")]
    [InlineData(2009, "1/1 1/12 2/11 3/20 4/29 5/3 5/4 5/5 5/6 7/20 9/21 9/22 9/23 10/12 11/3 11/23 12/23")]
    [InlineData(2019, "1/1 1/14 2/11 3/21 4/29 4/30 5/1 5/2 5/3 5/4 5/5 5/6 7/15 8/11 8/12 9/16 9/23 10/14 10/22 11/3 11/4 11/23")]    // no birthday of an emperor
    [InlineData(2020, "1/1 1/13 2/11 2/23 2/24 3/20 4/29 5/3 5/4 5/5 5/6 7/23 7/24 8/10 9/21 9/22 11/3 11/23")]
    [InlineData(2021, "1/1 1/11 2/11 2/23 3/20 4/29 5/3 5/4 5/5 7/22 7/23 8/8 8/9 9/20 9/23 11/3 11/23")]
    [InlineData(2026, "1/1 1/12 2/11 2/23 3/20 4/29 5/3 5/4 5/5 5/6 7/20 8/11 9/21 9/22 9/23 10/12 11/3 11/23")]    // as the Cabinet Office has published it
    [InlineData(2027, "1/1 1/11 2/11 2/23 3/21 3/22 4/29 5/3 5/4 5/5 7/19 8/11 9/20 9/23 10/11 11/3 11/23")]
    [InlineData(2151, "")]
    public void Each_version_of_the_law_holds_in_its_years(int year, string days) =>
        Assert.Equal(days, string.Join(' ', NationalHolidays.Of(year).Select(h => $"{h.On.Month}/{h.On.Day}")));

    [Fact]
    public void Names_are_said_in_every_language_and_why_it_is_one()
    {
        foreach (var holiday in Enumerable.Range(1948, 203).SelectMany(NationalHolidays.Of))
        {
            Assert.Equal(["en", "ja", "plain"], holiday.Name.Keys.Order());
            Assert.Equal(holiday.Name.In(Lang.English), NationalHolidays.Named(holiday.Name.In(Lang.Japanese)) is var named && holiday.Ground == HolidayGround.OneOff ? holiday.Name.In(Lang.English) : named.In(Lang.English));
        }
        Assert.Equal(HolidayGround.Between, NationalHolidays.On(new(2026, 9, 22))!.Ground);
        Assert.Equal(("振替休日", "休日"), (NationalHolidays.On(new(2026, 5, 6))!.Name.In(Lang.Japanese), NationalHolidays.On(new(2026, 5, 6))!.ListName));
        Assert.Equal("市の記念日", NationalHolidays.Named("市の記念日").In(Lang.English));
    }

    [GeneratedRegex(""""date: "(?<on>\d{4}-\d\d-\d\d)",\s*week: "[^"]*",\s*week_en: "[^"]*",\s*name: "(?<name>[^"]*)"""")]
    private static partial Regex Entry();
}
