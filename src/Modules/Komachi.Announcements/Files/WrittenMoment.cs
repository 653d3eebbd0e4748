using System.Globalization;
using System.Text.RegularExpressions;
using Komachi.Platform.Days;

namespace Komachi.Announcements;

/// <summary>
/// Times in a town's files, on Japan's clock. <c>04-01 09:00</c> is a day of every year, so that sample data never grows old;
/// <c>+3 09:00</c> and <c>-3 09:00</c> are days from today; <c>2026-04-01 09:00</c> is that day alone.
/// </summary>
internal static partial class WrittenMoment
{
    /// <summary>The 29th of February lies eight years back at most, round 2100.</summary>
    const int MostYears = 8;

    /// <summary>A day of every year: the last time that it was.</summary>
    public static DateTimeOffset When(string written, DateTimeOffset now) =>
        Read(written, now, (year, step) => year - step, at => at <= now, now);

    /// <summary>A day of every year: the first time after the beginning.</summary>
    public static DateTimeOffset Until(string written, DateTimeOffset begins, DateTimeOffset now) =>
        Read(written, now, (year, step) => year + step, at => at > begins, begins);

    public static string Write(DateTimeOffset at) => JapanTime.Of(at).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    static DateTimeOffset Read(string written, DateTimeOffset now, Func<int, int, int> yearAt, Func<DateTimeOffset, bool> fits, DateTimeOffset from)
    {
        if (DateTime.TryParseExact(written, "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var absolute)) return JapanTime.At(absolute);
        if (Shape().Match(written) is not { Success: true } parts) throw NotATime(written);
        if (!TimeOnly.TryParseExact(parts.Groups["time"].Value, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)) throw NotATime(written);
        if (parts.Groups["days"] is { Success: true } days)
            return JapanTime.At(JapanTime.DayOf(now).AddDays(int.Parse(days.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)), time);

        var year = JapanTime.DayOf(from).Year;
        for (var step = 0; step <= MostYears; step++)
            if (DateOnly.TryParseExact($"{yearAt(year, step):0000}-{parts.Groups["day"].Value}", "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
                && JapanTime.At(day, time) is var at && fits(at)) return at;
        throw NotATime(written);
    }

    static FormatException NotATime(string written) => new($"\"{written}\" is no time: write 04-01 09:00, +3 09:00 or 2026-04-01 09:00.");

    [GeneratedRegex(@"^(?:(?<day>\d\d-\d\d)|(?<days>[+-]\d{1,5})) (?<time>\d\d:\d\d)$")]
    private static partial Regex Shape();
}
