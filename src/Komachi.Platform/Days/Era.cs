using System.Globalization;
using Komachi.Ui.Words;

namespace Komachi.Platform.Days;

/// <summary>
/// 元号. A day has one era; the calendar of Meiji is the Western one only from 1 January of its sixth year (1873) on, so what was before
/// cannot be counted and has none here.
/// </summary>
/// <param name="Letter">As forms abbreviate it: R8.11.20.</param>
/// <param name="First">From when its years are counted.</param>
public sealed record Era(string Kanji, string Kana, string English, char Letter, DateOnly First, DateOnly Last)
{
    public static readonly Era Meiji = new("明治", "めいじ", "Meiji", 'M', new(1868, 1, 25), new(1912, 7, 29));
    public static readonly Era Taisho = new("大正", "たいしょう", "Taisho", 'T', new(1912, 7, 30), new(1926, 12, 24));
    public static readonly Era Showa = new("昭和", "しょうわ", "Showa", 'S', new(1926, 12, 25), new(1989, 1, 7));
    public static readonly Era Heisei = new("平成", "へいせい", "Heisei", 'H', new(1989, 1, 8), new(2019, 4, 30));
    public static readonly Era Reiwa = new("令和", "れいわ", "Reiwa", 'R', new(2019, 5, 1), DateOnly.MaxValue);

    /// <summary>Newest first, as forms offer them.</summary>
    public static readonly IReadOnlyList<Era> All = [Reiwa, Heisei, Showa, Taisho, Meiji];

    /// <summary>明治6年1月1日, when the new calendar began.</summary>
    public static readonly DateOnly FirstDay = new(1873, 1, 1);

    public static Era? Of(DateOnly day) => day < FirstDay ? null : All.First(e => e.First <= day);

    public int YearOf(DateOnly day) => day.Year - First.Year + 1;

    /// <summary>
    /// Whether a day may be written with this era. On the two days on which an emperor died and an era began, papers of the morning
    /// bear the old one, as does the family register: 明治45年7月30日 and 大正15年12月25日 are read too.
    /// </summary>
    public bool Takes(DateOnly day) => Of(day) is { } era && (era == this || era.First == day && Last == day.AddDays(-1) && era != Heisei && era != Reiwa);

    /// <summary>8年, and 元年 for the first.</summary>
    public static string Years(int year) => year == 1 ? "元年" : year.ToString(CultureInfo.InvariantCulture) + "年";

    /// <summary>令和8年, Reiwa 8; null for days that no era counts.</summary>
    public static string? Year(DateOnly day, Lang lang) => Of(day) is not { } era ? null
        : lang == Lang.Plain ? $"{era.Kanji}《{era.Kana}》 {(era.YearOf(day) == 1 ? "元年《がんねん》" : era.YearOf(day).ToString(CultureInfo.InvariantCulture) + "年《ねん》")}"
        : lang.Html == "ja" ? era.Kanji + Years(era.YearOf(day))
        : string.Create(CultureInfo.InvariantCulture, $"{era.English} {era.YearOf(day)}");

    /// <summary>令和元年5月1日, as papers have it; a day before 1873 by its Western year.</summary>
    public static string Write(DateOnly day) => (Of(day) is { } era ? era.Kanji + Years(era.YearOf(day)) : string.Create(CultureInfo.InvariantCulture, $"{day.Year}年")) +
        string.Create(CultureInfo.InvariantCulture, $"{day.Month}月{day.Day}日");

    /// <summary>R1.5.1, as lists have it.</summary>
    public static string WriteShort(DateOnly day) => string.Create(CultureInfo.InvariantCulture, $"{(Of(day) is { } era ? era.Letter + era.YearOf(day).ToString(CultureInfo.InvariantCulture) : day.Year)}.{day.Month}.{day.Day}");
}
