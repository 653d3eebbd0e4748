using System.Globalization;
using Komachi.Ui.Words;

namespace Komachi.Platform.Days;

/// <summary>Clock and calendar in Japan, where a town's days begin and end. Nine hours ahead of UTC; no summer time since 1952.</summary>
public static class JapanTime
{
    static readonly TimeSpan Ahead = TimeSpan.FromHours(9);
    const string Weekdays = "日月火水木金土";

    public static DateTimeOffset At(DateTime local) => new DateTimeOffset(DateTime.SpecifyKind(local, DateTimeKind.Unspecified), Ahead).ToUniversalTime();

    public static DateTimeOffset At(DateOnly on, TimeOnly at = default) => At(on.ToDateTime(at));

    public static DateTime Of(DateTimeOffset instant) => instant.ToOffset(Ahead).DateTime;

    public static DateOnly DayOf(DateTimeOffset instant) => DateOnly.FromDateTime(Of(instant));

    public static DateOnly Today(this TimeProvider time) => DayOf(time.GetUtcNow());

    /// <summary>When a day begins here and when the next one does: what happens between is of that day.</summary>
    public static (DateTimeOffset From, DateTimeOffset Until) Bounds(DateOnly day) => (At(day), At(day.AddDays(1)));

    /// <summary>As <c>date</c> wants it.</summary>
    public static string ForInput(this DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>As <c>datetime-local</c> wants it.</summary>
    public static string ForInput(DateTimeOffset instant) => Of(instant).ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture);

    /// <summary>2026年11月20日（金）, or Fri 20 November 2026.</summary>
    public static string Show(DateOnly day, Lang lang) => lang == Lang.English
        ? day.ToString("ddd d MMMM yyyy", CultureInfo.InvariantCulture)
        : lang.IsFurther ? day.Long(lang) : $"{day.Year}年{day.Month}月{day.Day}日（{Weekdays[(int)day.DayOfWeek]}）";

    public static string Show(DateTimeOffset instant, Lang lang)
    {
        var local = Of(instant);
        return Show(DateOnly.FromDateTime(local), lang) + " " + local.ToString("H:mm", CultureInfo.InvariantCulture);
    }
}
