using System.Globalization;
using Komachi.Ui.Words;

namespace Komachi.Platform.Days;

/// <summary>年度: April to March (地方自治法208条), named by the calendar year in which it begins. School years are the same (学校教育法施行規則59条).</summary>
public readonly record struct FiscalYear(int Year) : IComparable<FiscalYear>
{
    public DateOnly First => new(Year, 4, 1);
    public DateOnly Last => new(Year + 1, 3, 31);

    public static FiscalYear Of(DateOnly day) => new(day.Month < 4 ? day.Year - 1 : day.Year);

    public FiscalYear Next => new(Year + 1);
    public FiscalYear Before => new(Year - 1);

    public bool Holds(DateOnly day) => First <= day && day <= Last;

    public int CompareTo(FiscalYear other) => Year.CompareTo(other.Year);

    /// <summary>1 for April to March, 1 to 12, for tables that begin in spring.</summary>
    public static int MonthOf(DateOnly day) => (day.Month + 8) % 12 + 1;

    // By its first day; but of 2019 the government decided that all of it is 令和元年度 (改元に伴う元号による年表示の取扱い, 1 April 2019).
    DateOnly NamedOn => Year == 2019 ? new(2019, 5, 1) : First;

    /// <summary>令和8年度, fiscal year 2026 (Reiwa 8).</summary>
    public string Show(Lang lang)
    {
        lang = lang.Ours;
        var era = Era.Year(NamedOn, lang);
        if (lang == Lang.Plain) return (Era.Of(NamedOn) is { } of ? $"{of.Kanji}《{of.Kana}》 {(of.YearOf(NamedOn) == 1 ? "元" : of.YearOf(NamedOn).ToString(CultureInfo.InvariantCulture))}" : Year.ToString(CultureInfo.InvariantCulture)) + $"年度《ねんど》：{Year}年《ねん》 4月《がつ》から {Year + 1}年《ねん》 3月《がつ》まで";
        if (lang.Html == "ja") return (era ?? Year.ToString(CultureInfo.InvariantCulture) + "年") + "度";
        return $"fiscal year {Year}" + (era is null ? "" : $" ({era})");
    }
}
