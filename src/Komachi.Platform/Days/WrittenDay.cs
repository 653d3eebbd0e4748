using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Komachi.Ui.Words;

namespace Komachi.Platform.Days;

/// <summary>Which of the three numbers of a day is wrong, if it is one of them.</summary>
public enum DayPart { Whole, Year, Month, Day }

/// <summary>
/// A day as somebody wrote it: 2026-11-20, 2026年11月20日, 令和8年11月20日, 平成31年4月30日, R1-5-1, S64/1/7, H31.4.30, with wide digits or
/// 令和八年十一月二十日. What no calendar has is refused with a sentence that says what it would be.
/// </summary>
public readonly partial record struct WrittenDay
{
    // Sentences are words' keys, so that each language can say them.
    const string Unreadable = "Please write a day like 2026-11-20, 令和8年11月20日 or R8.11.20.", YearMissing = "Please write the year too.", MonthMissing = "Please write the month too.", DayMissing = "Please write the day too.",
        NoYear = "Please write the year as a number, like 1985 or, with an era, 60.", FourDigits = "Please write all four digits of the year, or choose an era.",
        NoMonth = "Please write a month from 1 to 12.", NoDay = "Please write a day from 1 to 31.", NoSuchDay = "{0} has only {1} days.",
        OtherEra = "There is no {0}. That day is {1}.", FromOne = "The years of an era are counted from 1 (元年).",
        OldCalendar = "Before 1873 Japan had another calendar. Please write the day by the Western calendar.", TooFar = "Please write a year from 1868 to 2199.";

    /// <summary>All that can be said: for the test that it is said in every language.</summary>
    internal static readonly IReadOnlyList<string> Sentences = [Unreadable, YearMissing, MonthMissing, DayMissing, NoYear, FourDigits, NoMonth, NoDay, NoSuchDay, OtherEra, FromOne, OldCalendar, TooFar];

    public const int FirstYear = 1868, LastYear = 2199;

    public DateOnly? Day { get; private init; }
    public string? Wrong { get; private init; }

    /// <summary>What stands in the sentence; texts that differ by language are <see cref="Said"/>.</summary>
    public object[] Values { get; private init; }
    public DayPart Part { get; private init; }

    static WrittenDay Is(DateOnly day) => new() { Day = day, Values = [] };

    static WrittenDay Not(DayPart part, string why, params object[] values) => new() { Wrong = why, Values = values, Part = part };

    public static WrittenDay Read(string written)
    {
        var text = Folded(written);
        if (text.Length is 0 or > 40) return Not(DayPart.Whole, Unreadable);
        if (Packed().Match(text) is { Success: true } packed) return Of(packed.Groups["era"].Value, packed.Groups["y"].Value, packed.Groups["m"].Value, packed.Groups["d"].Value);
        var parts = Parted().Match(text);
        return parts.Success ? Of(parts.Groups["era"].Value, parts.Groups["y"].Value, parts.Groups["m"].Value, parts.Groups["d"].Value) : Not(DayPart.Whole, Unreadable);
    }

    /// <summary>From three fields and the choice of an era ("" or "ad" for Western years, else its letter or name). The year may bring its era along.</summary>
    public static WrittenDay Of(string era, string year, string month, string day)
    {
        (era, year, month, day) = (Folded(era), Folded(year), Folded(month), Folded(day));
        if (YearWithEra().Match(year) is { Success: true } own) (era, year) = (own.Groups["era"].Value is { Length: > 0 } named ? named : era, own.Groups["y"].Value);
        if (year.Length == 0) return Not(DayPart.Year, YearMissing);
        if (month.Length == 0) return Not(DayPart.Month, MonthMissing);
        if (day.Length == 0) return Not(DayPart.Day, DayMissing);
        var counted = Era.All.FirstOrDefault(e => era == e.Kanji || era.Length == 1 && char.ToUpperInvariant(era[0]) == e.Letter);
        if ((year == "元" && counted is not null ? 1 : Number(year)) is not { } y) return Not(DayPart.Year, NoYear);
        if (Number(month.TrimEnd('月')) is not (>= 1 and <= 12 and var m)) return Not(DayPart.Month, NoMonth);
        if (Number(day.TrimEnd('日')) is not (>= 1 and <= 31 and var d)) return Not(DayPart.Day, NoDay);

        // Who chose 昭和 and wrote 1970 means 1970, as long as that is Showa.
        var western = counted is null || y >= FirstYear ? y : counted.First.Year + y - 1;
        if (counted is null && y < 100) return Not(DayPart.Year, FourDigits);
        if (counted is not null && y == 0) return Not(DayPart.Year, FromOne);
        if (western is < FirstYear or > LastYear) return Not(DayPart.Year, TooFar);
        var days = DateTime.DaysInMonth(western, m);
        if (d > days) return Not(DayPart.Day, NoSuchDay, MonthOf(western, m, counted), days);
        var on = new DateOnly(western, m, d);
        if (counted is null || counted.Takes(on)) return Is(on);
        if (on < Era.FirstDay) return Not(DayPart.Year, OldCalendar);
        return Not(DayPart.Year, OtherEra, As(counted, on), As(Era.Of(on)!, on));
    }

    /// <summary>A day with an era that is not its own: 平成31年5月1日.</summary>
    static Said As(Era era, DateOnly day)
    {
        var year = era.YearOf(day);
        var japanese = era.Kanji + Era.Years(year);
        return new(string.Create(CultureInfo.InvariantCulture, $"{japanese}{day.Month}月{day.Day}日"),
            string.Create(CultureInfo.InvariantCulture, $"{day.ToString("d MMMM", CultureInfo.InvariantCulture)} {era.English} {year}"),
            string.Create(CultureInfo.InvariantCulture, $"{era.Kanji}（{era.Kana}）{Era.Years(year)} {day.Month}月 {day.Day}日"));
    }

    /// <summary>February has its year with it, since that is what it depends on.</summary>
    static Said MonthOf(int year, int month, Era? era)
    {
        var english = CultureInfo.InvariantCulture.DateTimeFormat.GetMonthName(month);
        if (month != 2) return new($"{month}月", english, $"{month}月《がつ》");
        var in_ = era is null ? $"{year}年" : era.Kanji + Era.Years(year - era.First.Year + 1);
        return new($"{in_}2月", $"{english} {year}", $"{year}年《ねん》 2月《がつ》");
    }

    /// <summary>Wide forms, ㍻ and ㋿, and the dashes that a Japanese keyboard makes, as one.</summary>
    static string Folded(string text) => Dashes().Replace(text.Normalize(NormalizationForm.FormKC), "-").Trim();

    static int? Number(string text) => text.Length is 0 or > 9 ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : NumbersInWords.ReadKanji(text) is { } kanji and <= 9999 ? (int)kanji : null;

    [GeneratedRegex(@"[‐‑‒–—―−ー－]")]
    private static partial Regex Dashes();

    // 20261120, H310430
    [GeneratedRegex(@"^(?:(?<y>\d{4})|(?<era>[MTSHRmtshr])(?<y>\d{2}))(?<m>\d{2})(?<d>\d{2})$")]
    private static partial Regex Packed();

    [GeneratedRegex(@"^(?:西暦)?\s*(?<era>明治|大正|昭和|平成|令和|[MTSHRmtshr])?\s*[.]?\s*(?<y>\d{1,4}|元|[〇零一二三四五六七八九十百千壱弐参拾]{1,8})\s*(?:年\s*(?<m>\d{1,2}|[〇零一二三四五六七八九十壱弐参拾]{1,3})\s*月\s*(?<d>\d{1,2}|[〇零一二三四五六七八九十壱弐参拾]{1,4})\s*日?|(?<s>[-/.])\s*(?<m>\d{1,2})\s*\k<s>\s*(?<d>\d{1,2}))$")]
    private static partial Regex Parted();

    [GeneratedRegex(@"^(?<era>明治|大正|昭和|平成|令和|[MTSHRmtshr]|)\s*(?<y>\d{1,4}|元|[〇零一二三四五六七八九十百千壱弐参拾]{1,8})\s*年?$")]
    private static partial Regex YearWithEra();
}
