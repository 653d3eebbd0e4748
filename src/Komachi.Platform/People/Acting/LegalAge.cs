namespace Komachi.Platform.People;

/// <summary>
/// Age as the law counts it (年齢計算ニ関スル法律): a year is full at the end of the day before the birthday, so who was born on the
/// first of April is a year older when the 31st of March ends.
/// </summary>
static class LegalAge
{
    public const int Adult = 18;

    /// <summary>The last day of being younger than that. For the 29th of February of a year that has none it is the 28th.</summary>
    public static DateOnly LastDayBefore(DateOnly bornOn, int years) =>
        bornOn is { Month: 2, Day: 29 } && !DateTime.IsLeapYear(bornOn.Year + years)
            ? new(bornOn.Year + years, 2, 28)
            : new DateOnly(bornOn.Year + years, bornOn.Month, bornOn.Day).AddDays(-1);

    public static bool IsOf(int years, DateOnly bornOn, DateOnly on) => on > LastDayBefore(bornOn, years);
}
