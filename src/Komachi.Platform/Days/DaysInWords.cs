using System.Collections.Concurrent;
using System.Globalization;
using Komachi.Ui.Words;

namespace Komachi.Platform.Days;

/// <summary>Days, times and how long, as a page says them. <see cref="JapanTime.Show(DateOnly, Lang)"/> is the short form for tables.</summary>
public static class DaysInWords
{
    const string Weekdays = "日月火水木金土";

    /// <summary>How days of a month are read; 0 stands for all the others.</summary>
    internal static readonly string[] Readings =
    [
        "にち", "ついたち", "ふつか", "みっか", "よっか", "いつか", "むいか", "なのか", "ようか", "ここのか", "とおか", "にち", "にち", "にち", "よっか", "にち", "にち", "にち", "にち", "にち", "はつか",
        "にち", "にち", "にち", "よっか", "にち", "にち", "にち", "にち", "にち", "にち", "にち",
    ];

    static readonly string[] WeekdayReadings = ["にちようび", "げつようび", "かようび", "すいようび", "もくようび", "きんようび", "どようび"];

    static readonly ConcurrentDictionary<string, CultureInfo> Calendars = new();

    /// <summary>How a further language writes days. The years are those of everybody's papers here, also where the language's own country counts others.</summary>
    static CultureInfo CalendarOf(Lang lang) => !lang.IsFurther ? CultureInfo.InvariantCulture : Calendars.GetOrAdd(lang.Html, name =>
    {
        var culture = (CultureInfo)CultureInfo.GetCultureInfo(name).Clone();
        if (culture.OptionalCalendars.OfType<GregorianCalendar>().FirstOrDefault() is { } gregorian) culture.DateTimeFormat.Calendar = gregorian;
        return culture;
    });

    /// <summary>2026年11月20日（金）(令和8年), Friday, 20 November 2026, 2026年《ねん》 11月《がつ》 ｜20日《はつか》 金曜日《きんようび》.</summary>
    public static string Long(this DateOnly day, Lang lang)
    {
        if (lang.IsFurther) return day.ToString("D", CalendarOf(lang));
        if (lang.Html != "ja") return day.ToString("dddd, d MMMM yyyy", CultureInfo.InvariantCulture);
        var weekday = (int)day.DayOfWeek;
        if (lang != Lang.Plain) return $"{day.Year}年{day.Month}月{day.Day}日（{Weekdays[weekday]}）" + (Era.Year(day, lang) is { } era ? $"({era})" : "");
        return $"{day.Year}年《ねん》 {day.Month}月《がつ》 {(day.Day == 1 ? "｜1日《ついたち》" : Counter.Days.Of(day.Day, lang))} {Weekdays[weekday]}曜日《{WeekdayReadings[weekday]}》";
    }

    /// <summary>With the time on a clock of 24 hours.</summary>
    public static string Long(this DateTimeOffset instant, Lang lang)
    {
        var local = JapanTime.Of(instant);
        return $"{DateOnly.FromDateTime(local).Long(lang)} {TimeOnly.FromDateTime(local).Show(lang)}";
    }

    /// <summary>2026年11月（令和8年）, November 2026, as calendars are headed.</summary>
    public static string ShowMonth(this DateOnly day, Lang lang) => lang == Lang.Plain ? $"{day.Year}年《ねん》 {day.Month}月《がつ》"
        : lang.Html == "ja" ? $"{day.Year}年{day.Month}月" + (Era.Year(day, lang) is { } era ? $"（{era}）" : "") : day.ToString(lang.IsFurther ? "Y" : "MMMM yyyy", CalendarOf(lang));

    /// <summary>2027年（令和9年）, 2027.</summary>
    public static string ShowYear(int year, Lang lang)
    {
        // An era that ends within a year does not name all of it: both do.
        var (first, last) = (Era.Year(new(year, 1, 1), lang), Era.Year(new(year, 12, 31), lang));
        if (lang == Lang.Plain) return year.ToString(CultureInfo.InvariantCulture) + "年《ねん》";
        if (lang.Html != "ja") return year.ToString(CultureInfo.InvariantCulture);
        return year.ToString(CultureInfo.InvariantCulture) + "年" + (first is null ? "" : first == last ? $"（{first}）" : $"（{first}・{last}）");
    }

    /// <summary>9:00, 17:15; 9時《じ》 30分《ぷん》.</summary>
    public static string Show(this TimeOnly time, Lang lang) => lang != Lang.Plain ? time.ToString("H:mm", CultureInfo.InvariantCulture)
        : $"{time.Hour}時《じ》" + (time.Minute == 0 ? "" : " " + Counter.Minutes.Of(time.Minute, lang));

    /// <summary>How far a day is from today: 明日, 3日後, in 3 days.</summary>
    public static string From(this DateOnly day, DateOnly today, Lang lang)
    {
        var days = day.DayNumber - today.DayNumber;
        lang = lang.Ours;
        if (lang == Lang.Plain) return days switch { 0 => "きょう", 1 => "あした", 2 => "あさって", -1 => "きのう", > 0 => Counter.Days.Of(days, lang) + " あと", _ => Counter.Days.Of(-days, lang) + " まえ" };
        if (lang.Html == "ja") return days switch { 0 => "今日", 1 => "明日", -1 => "昨日", > 0 => Counter.Days.Of(days, lang) + "後", _ => Counter.Days.Of(-days, lang) + "前" };
        return days switch { 0 => "today", 1 => "tomorrow", -1 => "yesterday", > 0 => "in " + Counter.Days.Of(days, lang), _ => Counter.Days.Of(-days, lang) + " ago" };
    }

    /// <summary>2日3時間, 1時間30分, 45 minutes: the two largest units, what is left is cut off; under a minute seconds.</summary>
    public static string Show(this TimeSpan lasts, Lang lang)
    {
        lang = lang.Ours;
        if (lasts < TimeSpan.Zero) lasts = lasts == TimeSpan.MinValue ? TimeSpan.MaxValue : -lasts;
        (long Count, Counter Unit)[] parts = [((long)lasts.TotalDays, Counter.Days), (lasts.Hours, Counter.Hours), (lasts.Minutes, Counter.Minutes)];
        var said = parts.SkipWhile(p => p.Count == 0).Take(2).Where(p => p.Count > 0).Select(p => p.Unit.Of(p.Count, lang)).ToArray();
        return said.Length == 0 ? Counter.Seconds.Of((long)lasts.TotalSeconds, lang) : string.Join(lang.Html == "ja" && lang != Lang.Plain ? "" : " ", said);
    }
}
