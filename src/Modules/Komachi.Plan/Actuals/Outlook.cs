using Komachi.Platform.Days;

namespace Komachi.Plan;

/// <summary>
/// Where an indicator will be if it goes on as it went: a straight line from where it began (the plan's own baseline where it states one, or
/// else the first value) over its last value to the end. One line and no more: with a value or two a year anything cleverer would claim to know
/// what nobody knows, and everybody can draw it with a ruler.
/// </summary>
/// <param name="FromBaseline">It begins at what the plan states, not at the first value.</param>
/// <param name="End">The last day of the period, or of the year of its last target.</param>
/// <param name="Target">The last number that the plan states; null where it says the direction only.</param>
public sealed record Outlook(DateOnly From, decimal FromValue, bool FromBaseline, DateOnly Last, decimal LastValue, DateOnly End, decimal AtEnd, decimal? Target, bool? Reached)
{
    /// <summary>Null where a line has no second point, or the end is there.</summary>
    internal static Outlook? Of(Indicator indicator, Standing? standing, PlanDocument plan, DateOnly today)
    {
        if (standing is null || PlanView.PeriodOf(plan, today) != Period.Running || LastPoint(indicator, standing, today) is not var (on, value)) return null;
        var (target, year) = HowFar.FinalTarget(indicator, plan) is var (t, y) ? ((decimal?)t, y) : (null, plan.Years[^1].Year);
        var end = new FiscalYear(year).Last;
        if (HowFar.StartOf(indicator, standing) is not var (from, first, baseline) || from >= on || end <= on) return null;
        var slope = (value - first) / (on.DayNumber - from.DayNumber);
        var atEnd = Math.Max(0, value + slope * (end.DayNumber - on.DayNumber));
        if (Actual.IsShare(indicator.Unit)) atEnd = Math.Min(100, atEnd);
        atEnd = Math.Round(atEnd, 1);
        return new(from, first, baseline, on, value, end, atEnd, target, target is { } goal ? HowFar.Meets(indicator.Direction, atEnd, goal) : null);
    }

    /// <summary>The last number; where each year is counted by itself the last year that is over, since half a year says nothing.</summary>
    static (DateOnly On, decimal Value)? LastPoint(Indicator indicator, Standing standing, DateOnly today)
    {
        if (indicator.Of != "year") return standing.LastValue is { } value ? (standing.LastOn, value) : null;
        for (var i = standing.Years.Length - 1; i >= 0; i--)
            if (new FiscalYear(standing.Years[i]).Last <= today) return (new FiscalYear(standing.Years[i]).Last, standing.YearValues[i]);
        return null;
    }
}
