using Komachi.Platform.Days;
using Komachi.Ui.Words;

namespace Komachi.Platform.Rights;

public enum KeepUnit { Days, Months, Years, FiscalYears }

/// <summary>How long records are kept after they ended.</summary>
public readonly record struct Keep(KeepUnit Unit, int Count)
{
    public static Keep Days(int count) => new(KeepUnit.Days, count);
    public static Keep Months(int count) => new(KeepUnit.Months, count);
    public static Keep Years(int count) => new(KeepUnit.Years, count);

    /// <summary>As offices count: whole years from the 1 April that follows the end (会計年度).</summary>
    public static Keep FiscalYears(int count) => new(KeepUnit.FiscalYears, count);

    /// <summary>What ended before this moment has served its time.</summary>
    public DateTimeOffset Before(DateTimeOffset now) => Unit switch
    {
        KeepUnit.Days => now.AddDays(-Count),
        KeepUnit.Months => JapanTime.At(JapanTime.Of(now).AddMonths(-Count)),
        KeepUnit.Years => JapanTime.At(JapanTime.Of(now).AddYears(-Count)),
        _ => April(FiscalYearOf(now) - Count),
    };

    /// <summary>When something that ended then goes.</summary>
    public DateTimeOffset EndOf(DateTimeOffset ended) => Unit switch
    {
        KeepUnit.Days => ended.AddDays(Count),
        KeepUnit.Months => JapanTime.At(JapanTime.Of(ended).AddMonths(Count)),
        KeepUnit.Years => JapanTime.At(JapanTime.Of(ended).AddYears(Count)),
        _ => April(FiscalYearOf(ended) + 1 + Count),
    };

    public string In(Words words) => Unit switch
    {
        _ when Count == 0 && Unit != KeepUnit.FiscalYears => words["until it ended"],
        KeepUnit.Days => words["{0} days", Count],
        KeepUnit.Months => words["{0} months", Count],
        KeepUnit.Years => words["{0} years", Count],
        _ => words["{0} fiscal years", Count],
    };

    static int FiscalYearOf(DateTimeOffset at) => JapanTime.DayOf(at).AddMonths(-3).Year;

    static DateTimeOffset April(int year) => JapanTime.At(new DateOnly(year, 4, 1));
}
