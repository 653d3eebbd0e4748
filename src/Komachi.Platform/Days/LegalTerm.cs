namespace Komachi.Platform.Days;

public enum TermUnit { Days, Weeks, Months, Years }

/// <summary>A period as the Civil Code counts it (民法138条から143条).</summary>
/// <param name="FirstDayCounts">Where it begins at midnight (140条ただし書), or a law says so, as of ages and of notices on registers.</param>
public readonly record struct LegalTerm(int Length, TermUnit Unit, bool FirstDayCounts = false)
{
    /// <summary>
    /// The day at whose end it is over (141条). The day of the event is not counted (140条). Weeks, months and years go by the calendar: they
    /// end on the day before the one that answers to their first, and where a month has no such day on its last (143条).
    /// </summary>
    public DateOnly EndsOn(DateOnly begins)
    {
        var first = FirstDayCounts ? begins : begins.AddDays(1);
        if (Length <= 0) return first.AddDays(-1);
        if (Unit is TermUnit.Days or TermUnit.Weeks) return first.AddDays(Length * (Unit == TermUnit.Weeks ? 7 : 1) - 1);
        var answers = first.AddMonths(Length * (Unit == TermUnit.Years ? 12 : 1));
        return answers.Day == first.Day ? answers.AddDays(-1) : answers;    // AddMonths stops at the month's last day
    }

    /// <summary>
    /// The same where nothing is done on days of rest: it ends on the next day that is none (142条; for what is handed in to an office 地方自治法4条の2,
    /// whose days of rest are Saturdays too and 29 December to 3 January).
    /// </summary>
    public DateOnly EndsOn(DateOnly begins, Func<DateOnly, bool> rests)
    {
        var end = EndsOn(begins);
        // Whoever is closed for good has no days of rest.
        for (var (next, until) = (end, end.AddDays(60)); next < until; next = next.AddDays(1))
            if (!rests(next)) return next;
        return end;
    }
}
