namespace Komachi.Platform.Days;

/// <summary>
/// Age as the law counts it (年齢計算ニ関スル法律): a year is full at the end of the day before the birthday, so who was born on the
/// first of April is a year older when the 31st of March ends.
/// </summary>
public static class LegalAge
{
    /// <summary>成年, since 1 April 2022 (民法4条).</summary>
    public const int Adult = 18;

    /// <summary>
    /// The last day of being younger than that, at whose end the age is attained: 達する日, on which rules begin that give something
    /// "from the day on which somebody becomes 65" (民法143条2項). For the 29th of February in a year that has none it is the 28th.
    /// </summary>
    public static DateOnly LastDayBefore(DateOnly bornOn, int years) =>
        bornOn is { Month: 2, Day: 29 } && !DateTime.IsLeapYear(bornOn.Year + years)
            ? new(bornOn.Year + years, 2, 28)
            : new DateOnly(bornOn.Year + years, bornOn.Month, bornOn.Day).AddDays(-1);

    public static bool IsOf(int years, DateOnly bornOn, DateOnly on) => on > LastDayBefore(bornOn, years);

    /// <summary>The first whole day of that age: the birthday, or for the 29th of February the 1st of March where the year has none.</summary>
    public static DateOnly FirstDayOf(int years, DateOnly bornOn) => LastDayBefore(bornOn, years).AddDays(1);

    /// <summary>How old on a day; null before birth.</summary>
    public static int? On(DateOnly day, DateOnly bornOn)
    {
        if (day < bornOn) return null;
        var years = day.Year - bornOn.Year;
        return years > 0 && !IsOf(years, bornOn, day) ? years - 1 : years;
    }
}
