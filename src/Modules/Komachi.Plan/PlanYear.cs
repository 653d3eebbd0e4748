using System.Globalization;
using Komachi.Platform.Days;
using Komachi.Ui.Words;

namespace Komachi.Plan;

/// <summary>A fiscal year as plans write it: R4 is 令和4年度, H30 is 平成30年度.</summary>
public readonly record struct PlanYear(int Year) : IComparable<PlanYear>
{
    public static PlanYear? Read(string? label) =>
        label is { Length: 2 or 3 } && int.TryParse(label.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var year) && year > 0
            ? label[0] switch { 'R' => new(2018 + year), 'H' when year <= 31 => new(1988 + year), _ => null } : null;

    /// <summary>As plans write it.</summary>
    public string Label => Year >= 2019 ? $"R{Year - 2018}" : $"H{Year - 1988}";

    public FiscalYear Fiscal => new(Year);

    /// <summary>Short, for the head of a column: R4, and what it is elsewhere in the world.</summary>
    public string Short(Lang lang) => lang == Lang.Japanese ? (Year >= 2019 ? $"令和{Year - 2018}年度" : $"平成{Year - 1988}年度") : lang == Lang.Plain ? $"{Year}年度《ねんど》" : $"FY {Year}";

    public int CompareTo(PlanYear other) => Year.CompareTo(other.Year);
}
