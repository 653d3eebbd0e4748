using FsCheck;
using FsCheck.Fluent;
using Komachi.Platform.Days;
using Komachi.Tests.Harness;
using Komachi.Ui.Words;

namespace Komachi.Tests.Days;

/// <summary>Eras both ways: days as people write them, and as papers want them.</summary>
public sealed class DaysAsWritten(TestProgram program)
{
    static readonly Config Often = Config.QuickThrowOnFailure.WithMaxTest(3000);

    internal static readonly Arbitrary<DateOnly> AnyDay = Gen.Choose(new DateOnly(1868, 1, 1).DayNumber, new DateOnly(2199, 12, 31).DayNumber).Select(DateOnly.FromDayNumber).ToArbitrary();

    [Theory]
    [InlineData("2026-11-20", "2026-11-20")]
    [InlineData("2026/1/2", "2026-01-02")]
    [InlineData("2026.1.2", "2026-01-02")]
    [InlineData("２０２６年１１月２０日", "2026-11-20")]
    [InlineData("西暦2026年 11月 20日", "2026-11-20")]
    [InlineData("20261120", "2026-11-20")]
    [InlineData("令和8年11月20日", "2026-11-20")]
    [InlineData("令和元年5月1日", "2019-05-01")]
    [InlineData("㋿元年5月1日", "2019-05-01")]
    [InlineData("令和八年十一月二十日", "2026-11-20")]
    [InlineData("令和八年十一月二〇日", "2026-11-20")]
    [InlineData("二〇二六年十一月二十日", "2026-11-20")]
    [InlineData("昭和六十四年一月七日", "1989-01-07")]
    [InlineData("平成弐拾参年参月壱日", "2011-03-01")]
    [InlineData("H31.4.30", "2019-04-30")]
    [InlineData("h31.4.30", "2019-04-30")]
    [InlineData("H310430", "2019-04-30")]
    [InlineData("S64/1/7", "1989-01-07")]
    [InlineData("R1-5-1", "2019-05-01")]
    [InlineData("Ｒ１ー５ー１", "2019-05-01")]
    [InlineData("R.8.11.20", "2026-11-20")]
    [InlineData("令和 8 年 11 月 20 日", "2026-11-20")]
    [InlineData("明治6年1月1日", "1873-01-01")]
    [InlineData("M45.7.29", "1912-07-29")]
    [InlineData("大正元年7月30日", "1912-07-30")]
    [InlineData("明治45年7月30日", "1912-07-30")]    // on the day of the change papers have either
    [InlineData("昭和元年12月25日", "1926-12-25")]
    [InlineData("大正15年12月25日", "1926-12-25")]
    [InlineData("1870-05-05", "1870-05-05")]
    [InlineData("2024-02-29", "2024-02-29")]
    public void A_day_is_read_as_people_write_it(string written, string day) => Assert.Equal(day, WrittenDay.Read(written).Day?.ForInput());

    [Theory]
    [InlineData("平成31年5月1日", DayPart.Year, "平成31年5月1日という日はありません。その日は令和元年5月1日です。", "There is no 1 May Heisei 31. That day is 1 May Reiwa 1.")]
    [InlineData("昭和64年1月8日", DayPart.Year, "昭和64年1月8日という日はありません。その日は平成元年1月8日です。", "There is no 8 January Showa 64. That day is 8 January Heisei 1.")]
    [InlineData("令和1年4月30日", DayPart.Year, "令和元年4月30日という日はありません。その日は平成31年4月30日です。", "There is no 30 April Reiwa 1. That day is 30 April Heisei 31.")]
    [InlineData("大正15年12月26日", DayPart.Year, "大正15年12月26日という日はありません。その日は昭和元年12月26日です。", "There is no 26 December Taisho 15. That day is 26 December Showa 1.")]
    [InlineData("平成40年1月1日", DayPart.Year, "平成40年1月1日という日はありません。その日は令和10年1月1日です。", "There is no 1 January Heisei 40. That day is 1 January Reiwa 10.")]
    [InlineData("明治5年12月2日", DayPart.Year, "明治5年以前の日付は旧暦のため換算できません。西暦で入力してください。", "Before 1873 Japan had another calendar. Please write the day by the Western calendar.")]
    [InlineData("2025-02-29", DayPart.Day, "2025年2月は28日までです。", "February 2025 has only 28 days.")]
    [InlineData("令和7年2月29日", DayPart.Day, "令和7年2月は28日までです。", "February 2025 has only 28 days.")]
    [InlineData("2026-06-31", DayPart.Day, "6月は30日までです。", "June has only 30 days.")]
    [InlineData("2026-13-01", DayPart.Month, "月は1から12までの数字で入力してください。", "Please write a month from 1 to 12.")]
    [InlineData("2026-12-32", DayPart.Day, "日は1から31までの数字で入力してください。", "Please write a day from 1 to 31.")]
    [InlineData("26-11-20", DayPart.Year, "西暦の年は4桁で入力するか、元号を選んでください。", "Please write all four digits of the year, or choose an era.")]
    [InlineData("令和0年1月1日", DayPart.Year, "元号の年は1（元年）から入力してください。", "The years of an era are counted from 1 (元年).")]
    [InlineData("2200-01-01", DayPart.Year, "1868年から2199年までの年を入力してください。", "Please write a year from 1868 to 2199.")]
    [InlineData("あした", DayPart.Whole, "日付を「2026-11-20」「令和8年11月20日」「R8.11.20」のように入力してください。", "Please write a day like 2026-11-20, 令和8年11月20日 or R8.11.20.")]
    [InlineData("2026-11/20", DayPart.Whole, "日付を「2026-11-20」「令和8年11月20日」「R8.11.20」のように入力してください。", "Please write a day like 2026-11-20, 令和8年11月20日 or R8.11.20.")]
    [InlineData("1234年5月6日7", DayPart.Whole, "日付を「2026-11-20」「令和8年11月20日」「R8.11.20」のように入力してください。", "Please write a day like 2026-11-20, 令和8年11月20日 or R8.11.20.")]
    public void What_no_calendar_has_is_refused_with_a_sentence_that_helps(string written, DayPart part, string japanese, string english)
    {
        var read = WrittenDay.Read(written);
        Assert.Null(read.Day);
        Assert.Equal(part, read.Part);
        Assert.Equal(japanese, Sentence(read, Lang.Japanese));
        Assert.Equal(english, Sentence(read, Lang.English));
        Assert.Contains(["ください", "ません", "までです"], end => Sentence(read, Lang.Plain).Contains(end, StringComparison.Ordinal));
    }

    string Sentence(WrittenDay read, Lang lang) => new Words(lang, program.House.Words)[read.Wrong!, [.. read.Values.Select(v => v is Said said ? said.In(lang) : v)]];

    [Fact]
    public void All_that_it_can_say_is_said_in_every_language()
    {
        foreach (var sentence in WrittenDay.Sentences)
            Assert.All([Lang.Japanese, Lang.Plain], lang => Assert.NotNull(program.House.Words.Find(sentence, lang)));
    }

    [Fact]
    public void Whatever_is_written_for_a_day_is_read_as_that_day() => Check.One(Often, Prop.ForAll(AnyDay, day =>
    {
        string[] ways = [day.ForInput(), Era.Write(day), Era.WriteShort(day), $"{day.Year}年{day.Month}月{day.Day}日", $"{day.Year}/{day.Month}/{day.Day}", $"{day:yyyyMMdd}"];
        return ways.All(way => WrittenDay.Read(way).Day == day);
    }));

    [Fact]
    public void Every_day_since_1873_has_one_era_and_the_others_say_which() => Check.One(Often, Prop.ForAll(AnyDay, day =>
    {
        if (day < Era.FirstDay) return Era.Of(day) is null;
        var own = Era.Of(day)!;
        if (!(own.First <= day && day <= own.Last)) return false;
        return Era.All.Where(e => e != own).All(other =>
        {
            var year = other.YearOf(day);
            if (year < 1) return true;
            var read = WrittenDay.Read($"{other.Kanji}{year}年{day.Month}月{day.Day}日");
            // Either refused with the right name, or one of the two days that bear both.
            return read.Day is { } both ? both == day && own.First == day && (own == Era.Showa || own == Era.Taisho) : read.Values is [Said, Said right] && right.In(Lang.Japanese) == Era.Write(day);
        });
    }));

    [Fact]
    public void Eras_follow_each_other_without_a_gap_and_agree_with_the_calendar_of_the_framework()
    {
        foreach (var (later, earlier) in Era.All.Zip(Era.All.Skip(1))) Assert.Equal(later.First.AddDays(-1), earlier.Last);
        var theirs = new System.Globalization.JapaneseCalendar();
        Check.One(Often, Prop.ForAll(AnyDay, day => day < Era.FirstDay || theirs.GetYear(day.ToDateTime(default)) == Era.Of(day)!.YearOf(day) && theirs.GetEra(day.ToDateTime(default)) == 5 - Era.All.ToList().IndexOf(Era.Of(day)!)));
    }

    [Theory]
    [InlineData("", "1985", "4", "1", "1985-04-01")]
    [InlineData("S", "60", "4", "1", "1985-04-01")]
    [InlineData("S", "６０", "４", "１", "1985-04-01")]
    [InlineData("R", "元", "5", "1", "2019-05-01")]
    [InlineData("S", "1985", "4", "1", "1985-04-01")]    // both say the same
    [InlineData("", "昭和60年", "4月", "1日", "1985-04-01")]
    [InlineData("", "S60", "4", "1", "1985-04-01")]
    [InlineData("x", "1985", "4", "1", "1985-04-01")]
    public void Three_fields_and_an_era_are_a_day(string era, string year, string month, string day, string is_) => Assert.Equal(is_, WrittenDay.Of(era, year, month, day).Day?.ForInput());

    [Theory]
    [InlineData("S", "", "4", "1", DayPart.Year)]
    [InlineData("S", "60", "", "1", DayPart.Month)]
    [InlineData("S", "60", "4", "", DayPart.Day)]
    [InlineData("", "60", "4", "1", DayPart.Year)]
    [InlineData("S", "x", "4", "1", DayPart.Year)]
    [InlineData("S", "60", "四月八", "1", DayPart.Month)]
    [InlineData("S", "60", "4", "31", DayPart.Day)]
    [InlineData("S", "64", "1", "8", DayPart.Year)]
    [InlineData("S", "99999999999999999999", "1", "8", DayPart.Year)]
    public void The_part_that_is_wrong_is_named(string era, string year, string month, string day, DayPart part)
    {
        var read = WrittenDay.Of(era, year, month, day);
        Assert.Null(read.Day);
        Assert.Equal(part, read.Part);
    }

    [Fact]
    public void Whatever_is_typed_is_a_day_or_a_sentence()
    {
        var typed = Gen.OneOf(Gen.Elements("0123456789〇一二十元年月日-/.昭和平成令HSRT ー".ToCharArray()), Gen.Choose(32, 0xd7ff).Select(c => (char)c)).ArrayOf().Select(c => new string(c)).ToArbitrary();
        Check.One(Often, Prop.ForAll(typed, text => WrittenDay.Read(text) is var whole && whole.Day is null != whole.Wrong is null
            && WrittenDay.Of(text, text, text, text) is var parts && parts.Day is null != parts.Wrong is null && WrittenDay.Sentences.Contains(whole.Wrong ?? WrittenDay.Sentences[0])));
    }
}
