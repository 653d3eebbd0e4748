using System.Globalization;
using System.Text.RegularExpressions;
using Komachi.Platform.Web;

namespace Komachi.Platform.Forms;

/// <summary>A time of the day as people write it: 9:30, ９：３０, 9時半, 午後6時. It is kept as 18:00, so that texts compare as times do.</summary>
static partial class WrittenTime
{
    public static string? Read(string typed)
    {
        if (Written().Match(Folded.Signs(typed).Replace(" ", "")) is not { Success: true } parts) return null;
        var (hour, minute) = (int.Parse(parts.Groups["hour"].Value, CultureInfo.InvariantCulture), parts.Groups["half"].Success ? 30 : parts.Groups["minute"] is { Success: true, Value: var m } ? int.Parse(m, CultureInfo.InvariantCulture) : 0);
        if (parts.Groups["part"].Value == "午後" && hour < 12) hour += 12;
        if (parts.Groups["part"].Value == "午前" && hour == 12) hour = 0;
        return hour < 24 && minute < 60 ? string.Create(CultureInfo.InvariantCulture, $"{hour:00}:{minute:00}") : null;
    }

    public static bool IsKept(string text) => TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    /// <summary>A bound in a message: the page says it in its language.</summary>
    public static object ToShow(string kept) => TimeOnly.TryParseExact(kept, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time : kept;

    [GeneratedRegex("^(?<part>午前|午後)?(?<hour>[0-9]{1,2})(?::(?<minute>[0-9]{2})(?::[0-9]{2})?|時(?:(?<minute>[0-9]{1,2})分|(?<half>半))?)$")]
    private static partial Regex Written();
}
