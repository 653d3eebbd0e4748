using FsCheck;
using FsCheck.Fluent;
using Komachi.Platform.Days;
using Komachi.Ui.Words;

namespace Komachi.Tests.Days;

/// <summary>Days, times, counts and amounts as pages and papers say them.</summary>
public sealed class Saying
{
    static readonly Config Often = Config.QuickThrowOnFailure.WithMaxTest(3000);

    static readonly Arbitrary<long> AnyNumber = Gen.OneOf(Gen.Choose(0, 20_000).Select(n => (long)n), ArbMap.Default.GeneratorFor<long>().Select(n => n & long.MaxValue), Gen.Choose(0, 18).Select(p => (long)Math.Pow(10, p))).ToArbitrary();

    [Fact]
    public void A_day_with_its_era_its_weekday_and_its_readings()
    {
        var day = new DateOnly(2026, 11, 20);
        Assert.Equal("2026年11月20日（金）(令和8年)", day.Long(Lang.Japanese));
        Assert.Equal("Friday, 20 November 2026", day.Long(Lang.English));
        Assert.Equal("2026年《ねん》 11月《がつ》 ｜20日《はつか》 金曜日《きんようび》", day.Long(Lang.Plain));
        Assert.Equal("1870年5月5日（木）", new DateOnly(1870, 5, 5).Long(Lang.Japanese));
        Assert.Equal("2026年11月20日（金）(令和8年) 9:05", JapanTime.At(day, new(9, 5)).Long(Lang.Japanese));
        Assert.Equal("2026年11月（令和8年）", day.ShowMonth(Lang.Japanese));
        Assert.Equal(("2019年（平成31年・令和元年）", "2026年（令和8年）", "2026"), (DaysInWords.ShowYear(2019, Lang.Japanese), DaysInWords.ShowYear(2026, Lang.Japanese), DaysInWords.ShowYear(2026, Lang.English)));
        Assert.Equal(("令和8年11月20日", "R8.11.20", "令和元年5月1日"), (Era.Write(day), Era.WriteShort(day), Era.Write(new(2019, 5, 1))));
        Assert.Equal(("17:15", "17時《じ》 15分《ふん》", "9時《じ》"), (new TimeOnly(17, 15).Show(Lang.English), new TimeOnly(17, 15).Show(Lang.Plain), new TimeOnly(9, 0).Show(Lang.Plain)));
    }

    [Theory]
    [InlineData("pt", "sexta-feira, 20 de novembro de 2026"), InlineData("zh", "2026年11月20日星期五"), InlineData("vi", "Thứ Sáu, 20 tháng 11, 2026"), InlineData("th", "2026"), InlineData("fa", "۲۰۲۶|2026"), InlineData("ar", "2026|٢٠٢٦")]
    public void Further_languages_write_days_as_they_do_in_the_years_of_everybodys_papers(string code, string has)
    {
        var lang = Lang.FindFurther(code)!;
        Assert.Contains(has.Split('|'), year => new DateOnly(2026, 11, 20).Long(lang).Contains(year, StringComparison.Ordinal));
        Assert.Contains(has.Length > 6 && has.Contains("2026") && !has.Contains('|') ? ["2026"] : has.Split('|'), year => new DateOnly(2026, 11, 20).ShowMonth(lang).Contains(year, StringComparison.Ordinal));
        // What the program counts by itself it says in plain Japanese.
        Assert.Equal(("｜3日《みっか》", "あした"), (Counter.Days.Of(3, lang), new DateOnly(2026, 11, 21).From(new(2026, 11, 20), lang)));
    }

    [Theory]
    [InlineData(0, "今日", "today", "きょう")]
    [InlineData(1, "明日", "tomorrow", "あした")]
    [InlineData(3, "3日後", "in 3 days", "｜3日《みっか》 あと")]
    [InlineData(-1, "昨日", "yesterday", "きのう")]
    [InlineData(-20, "20日前", "20 days ago", "｜20日《はつか》 まえ")]
    [InlineData(1200, "1,200日後", "in 1,200 days", "1,200日《にち》 あと")]
    public void How_far_a_day_is(int days, string japanese, string english, string plain)
    {
        var today = new DateOnly(2026, 11, 20);
        Assert.Equal((japanese, english, plain), (today.AddDays(days).From(today, Lang.Japanese), today.AddDays(days).From(today, Lang.English), today.AddDays(days).From(today, Lang.Plain)));
    }

    [Theory]
    [InlineData("00:00:00", "0秒", "0 seconds", "0秒《びょう》")]
    [InlineData("00:00:45", "45秒", "45 seconds", "45秒《びょう》")]
    [InlineData("00:01:59", "1分", "1 minute", "1分《ぷん》")]
    [InlineData("01:30:00", "1時間30分", "1 hour 30 minutes", "1時間《じかん》 30分《ぷん》")]
    [InlineData("02:00:10", "2時間", "2 hours", "2時間《じかん》")]
    [InlineData("2.03:59:00", "2日3時間", "2 days 3 hours", "｜2日《ふつか》 3時間《じかん》")]
    [InlineData("1.00:59:00", "1日", "1 day", "1日《にち》")]
    [InlineData("-00:05:00", "5分", "5 minutes", "5分《ふん》")]
    public void How_long_something_lasts(string lasts, string japanese, string english, string plain)
    {
        var span = TimeSpan.Parse(lasts, System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal((japanese, english, plain), (span.Show(Lang.Japanese), span.Show(Lang.English), span.Show(Lang.Plain)));
        Assert.NotEmpty(TimeSpan.MinValue.Show(Lang.Japanese));
    }

    [Fact]
    public void Counts_have_their_counters()
    {
        Assert.Equal(("1人", "1 person", "｜1人《ひとり》"), (Counter.People.Of(1, Lang.Japanese), Counter.People.Of(1, Lang.English), Counter.People.Of(1, Lang.Plain)));
        Assert.Equal(("1,234人", "1,234 people", "1,234人《にん》"), (Counter.People.Of(1234, Lang.Japanese), Counter.People.Of(1234, Lang.English), Counter.People.Of(1234, Lang.Plain)));
        Assert.Equal(("0件", "0 cases", "0件《けん》"), (Counter.Cases.Of(0, Lang.Japanese), Counter.Cases.Of(0, Lang.English), Counter.Cases.Of(0, Lang.Plain)));
        Assert.Equal(("2枚", "2 sheets"), (Counter.Sheets.Of(2, Lang.Japanese), Counter.Sheets.Of(2, Lang.English)));
        Assert.Equal(("1回", "1 time"), (Counter.Times.Of(1, Lang.Japanese), Counter.Times.Of(1, Lang.English)));
        Assert.Equal("1 copy, 2 copies, 3 facilities", $"{Counter.Copies.Of(1, Lang.English)}, {Counter.Copies.Of(2, Lang.English)}, {Counter.Facilities.Of(3, Lang.English)}");
        Assert.Equal("ぽん ほん ぼん ほん ほん ぽん ほん ぽん ほん ぽん", string.Join(' ', Enumerable.Range(1, 10).Select(n => Counter.Bottles.Reading(n))));
        Assert.Equal("びき ぴき びき ひき", string.Join(' ', new[] { 3L, 100, 1000, 12 }.Select(Counter.Animals.Reading)));
        Assert.Equal("ふん ぷん ぷん ふん", string.Join(' ', new[] { 2L, 4, 30, 57 }.Select(Counter.Minutes.Reading)));
        Assert.Equal("｜20歳《はたち》", Counter.Ages.Of(20, Lang.Plain));
    }

    [Theory]
    [InlineData(0, "0", "零", "零")]
    [InlineData(120, "120", "百二十", "壱百弐拾")]
    [InlineData(1_234, "1,234", "千二百三十四", "壱千弐百参拾四")]
    [InlineData(12_340_000, "1,234万", "千二百三十四万", "壱千弐百参拾四万")]
    [InlineData(10_000_000, "1,000万", "一千万", "壱千万")]
    [InlineData(123_456_789, "1億2,345万6,789", "一億二千三百四十五万六千七百八十九", "壱億弐千参百四拾五万六千七百八拾九")]
    [InlineData(10_010_000, "1,001万", "千一万", "壱千壱万")]
    [InlineData(100_000_001, "1億1", "一億一", "壱億壱")]
    [InlineData(long.MaxValue, "922京3,372兆368億5,477万5,807", null, null)]
    public void Large_numbers_and_numerals(long number, string large, string? kanji, string? papers)
    {
        Assert.Equal(large, NumbersInWords.Large(number, Lang.Japanese));
        if (kanji is not null) Assert.Equal((kanji, papers), (NumbersInWords.Kanji(number), NumbersInWords.ForPapers(number)));
        Assert.Equal(NumbersInWords.Grouped(number), NumbersInWords.Large(number, Lang.English));
    }

    [Fact]
    public void Money_is_said_and_written_on_receipts()
    {
        Assert.Equal(("1,234円", "¥1,234", "1,234円《えん》", "−¥5"), (NumbersInWords.Yen(1234, Lang.Japanese), NumbersInWords.Yen(1234, Lang.English), NumbersInWords.Yen(1234, Lang.Plain), NumbersInWords.Yen(-5, Lang.English)));
        Assert.Equal("金壱百弐拾円也", NumbersInWords.YenForPapers(120));
        Assert.Equal(("-1万", "-922京3,372兆368億5,477万5,808"), (NumbersInWords.Large(-10_000, Lang.Japanese), NumbersInWords.Large(long.MinValue, Lang.Japanese)));
        Assert.Throws<ArgumentOutOfRangeException>(() => NumbersInWords.Kanji(-1));
    }

    [Fact]
    public void Numerals_are_read_as_they_were_written() => Check.One(Often, Prop.ForAll(AnyNumber, number =>
        NumbersInWords.ReadKanji(NumbersInWords.Kanji(number)) == number && NumbersInWords.ReadKanji(NumbersInWords.ForPapers(number)) == number
            && (number > 999_999_999_999_999_999 || NumbersInWords.ReadKanji(string.Concat(number.ToString(System.Globalization.CultureInfo.InvariantCulture).Select(c => "〇一二三四五六七八九"[c - '0']))) == number)
            && NumbersInWords.Large(number, Lang.Japanese).Split('京', '兆', '億', '万').All(part => part.Replace(",", "").Length <= 4)));

    [Theory]
    [InlineData("")]
    [InlineData("百千")]
    [InlineData("二百百")]
    [InlineData("万")]
    [InlineData("一万億")]
    [InlineData("十二三")]
    [InlineData("三人")]
    [InlineData("〇万")]
    [InlineData("九九九京")]
    [InlineData("千京京")]
    public void What_is_no_numeral_is_none(string text) => Assert.Null(NumbersInWords.ReadKanji(text));
}
