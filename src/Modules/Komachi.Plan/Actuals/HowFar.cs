using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Plan;

/// <summary>
/// How an indicator or a measure stands, in one word. Of a plan that ended <see cref="Done"/> is read as reached and <see cref="Behind"/> as not reached:
/// what is over is not late any more. <see cref="Measured"/>: there is a value, and no number to hold it against.
/// </summary>
public enum Track { Done, OnTrack, Behind, Measured, NotMeasured }

/// <summary>
/// What became of a plan: of every indicator how it stands and where it leads. It is read with one statement, a row for each indicator,
/// however many values those have.
/// </summary>
public sealed class HowFar
{
    readonly Dictionary<(string Of, string Indicator), Standing> _standings;

    internal HowFar(PlanDocument plan, DateOnly today, IEnumerable<Standing> standings) =>
        (Plan, Today, Period, _standings) = (plan, today, PlanView.PeriodOf(plan, today), standings.ToDictionary(s => (s.Of, s.Indicator)));

    public PlanDocument Plan { get; }
    public DateOnly Today { get; }
    public Period Period { get; }

    public static async Task<HowFar> Of(TownDb db, PlanDocument plan, DateOnly today, CancellationToken stop = default) =>
        new(plan, today, await db.Set<Standing>().AsNoTracking().Where(s => s.Plan == plan.Plan.Key).ToListAsync(stop));

    internal Standing? StandingOf(string of, Indicator indicator) => _standings.GetValueOrDefault((of, indicator.Name));

    public Track Of(string of, Indicator indicator) => Of(indicator, StandingOf(of, indicator), Plan, Today);

    /// <summary>Of what is measured the worst: one late indicator is not made good by another.</summary>
    public Track Of(Measure measure) => Worst(measure.Indicators.Select(i => Of(measure.Code, i)));

    public Outlook? OutlookOf(string of, Indicator indicator) => Outlook.Of(indicator, StandingOf(of, indicator), Plan, Today);

    /// <summary>The number of a fiscal year: what was measured, or the baseline where that is of this year.</summary>
    public decimal? In(string of, Indicator indicator, PlanYear year) =>
        StandingOf(of, indicator)?.In(year.Year) ?? (Has(of, indicator) && indicator.Baseline is { } b && PlanYear.Read(b.At) == year ? b.Value.Value : null);

    public bool Has(string of, Indicator indicator) => StandingOf(of, indicator) is not null;

    /// <summary>Its last value as it was written down, and the day of it.</summary>
    public (Amount Value, DateOnly On, int Number)? LastOf(string of, Indicator indicator) => StandingOf(of, indicator) is { } s
        ? (s.LastValue is { } value ? Amount.Of(value) : new Amount(AmountIs.Text, Text: s.LastText!), s.LastOn, s.Number) : null;

    /// <summary>All indicators, those of policies after those of measures, with the code at which each stands and its number there from 1.</summary>
    public static IEnumerable<Placed> Indicators(PlanDocument plan) =>
        plan.Measures.SelectMany(m => m.Indicators.Select((i, n) => new Placed(m.Code, m, m.Title, i, n + 1)))
            .Concat(plan.Policies.SelectMany(p => p.Indicators.Select((i, n) => new Placed(p.Code, null, p.Title, i, n + 1))));

    /// <summary>The last fiscal year of the plan that is over, of which each indicator should have a value by now.</summary>
    public static PlanYear? LastYearOver(PlanDocument plan, DateOnly today) => plan.Years.Where(y => y.Fiscal.Last < today).Select(y => (PlanYear?)y).LastOrDefault();

    /// <summary>Asked for that year, and not there yet.</summary>
    public bool Waits(Placed placed) => LastYearOver(Plan, Today) is { } year
        && !(StandingOf(placed.Of, placed.Indicator) is { } s && FiscalYear.Of(s.LastOn).Year >= year.Year)
        && (placed.Indicator.Targets.Count == 0 || placed.Indicator.Targets.GetValueOrDefault(year.Label, Amount.None).Is != AmountIs.None);

    /// <summary>How many stand how: the measures, or where those have no indicators the indicators of the policies; none where the plan names no indicators at all.</summary>
    public (bool Measures, IReadOnlyList<Track> Tracks) Counted() => Plan.Measures.Exists(m => m.Indicators.Count > 0)
        ? (true, [.. Plan.Measures.Select(Of)])
        : (false, [.. Indicators(Plan).Select(p => Of(p.Of, p.Indicator))]);

    public static Track Worst(IEnumerable<Track> tracks)
    {
        var worst = Track.NotMeasured;
        foreach (var track in tracks)
            if (Weight(track) > Weight(worst)) worst = track;
        return worst;

        static int Weight(Track track) => track switch { Track.Behind => 4, Track.OnTrack => 3, Track.Done => 2, Track.Measured => 1, _ => 0 };
    }

    // ── one indicator ────────────────────────────────────────────────────────────────────────────────────────────────

    internal static Track Of(Indicator indicator, Standing? standing, PlanDocument plan, DateOnly today)
    {
        var years = plan.Years;
        if (standing is null || years.Count == 0) return Track.NotMeasured;
        if (standing.Years.Length == 0) return Track.Measured;    // said in words alone
        var ended = PlanView.PeriodOf(plan, today) == Period.Ended;
        if (FinalTarget(indicator, plan) is not var (final, finalYear))
            return indicator.Targets.Values.Any(t => t.Is == AmountIs.Text) ? Track.Measured
                : Moved(indicator, standing) is not { } moved ? Track.Measured
                : moved ? ended ? Track.Done : Track.OnTrack : Track.Behind;

        var (lastYear, last) = (standing.Years[^1], standing.YearValues[^1]);
        if (ended) return Meets(indicator.Direction, last, final) ? Track.Done : lastYear < finalYear ? Track.NotMeasured : Track.Behind;

        // What is to be kept, or counts anew each year, is through when its last year is over and not before.
        var counts = indicator.Of == "year" || indicator.Direction == "keep";
        if ((!counts || lastYear >= finalYear && IsOver(finalYear, today)) && Meets(indicator.Direction, last, final)) return Track.Done;
        if (FiscalYear.Of(today).Year - lastYear > 2) return Track.NotMeasured;    // nobody knows any more

        // Held against what fell due: the last year that is over and has a target, as far as there is a value of it.
        for (var i = standing.Years.Length - 1; i >= 0; i--)
        {
            var (year, value) = (standing.Years[i], standing.YearValues[i]);
            if (indicator.Of == "year")
            {
                if (TargetIn(indicator, year) is not { } own) continue;
                var through = indicator.Direction == "up" && value >= own || indicator.Direction == "down" && value > own;    // known before the year is over
                if (IsOver(year, today) || through) return Meets(indicator.Direction, value, own) ? Track.OnTrack : Track.Behind;
                continue;
            }
            if (years.LastOrDefault(y => y.Year <= year && IsOver(y.Year, today) && TargetIn(indicator, y.Year) is not null) is { Year: > 0 } due)
                return Meets(indicator.Direction, value, TargetIn(indicator, due.Year)!.Value) ? Track.OnTrack : Track.Behind;
            break;
        }
        if (indicator.Of == "year") return Track.OnTrack;    // its first year is not over

        // Nothing fell due yet: held against the line towards the first target.
        var next = years.First(y => TargetIn(indicator, y.Year) is not null);
        if (StartOf(indicator, standing) is not var (from, first, _) || from >= standing.LastOn || next.Fiscal.Last <= from) return Track.OnTrack;
        var goal = TargetIn(indicator, next.Year)!.Value;
        var expected = first + (goal - first) * (standing.LastOn.DayNumber - from.DayNumber) / (next.Fiscal.Last.DayNumber - from.DayNumber);
        return Meets(indicator.Direction, last, expected) ? Track.OnTrack : Track.Behind;
    }

    static bool IsOver(int year, DateOnly today) => new FiscalYear(year).Last < today;

    static decimal? TargetIn(Indicator indicator, int year) => indicator.Targets.GetValueOrDefault(new PlanYear(year).Label, Amount.None).Value;

    /// <summary>The last number among its targets, and the year of it.</summary>
    internal static (decimal Target, int Year)? FinalTarget(Indicator indicator, PlanDocument plan)
    {
        var years = plan.Years;
        for (var i = years.Count - 1; i >= 0; i--)
            if (TargetIn(indicator, years[i].Year) is { } target) return (target, years[i].Year);
        return null;
    }

    /// <summary>Where its line begins: at the end of the baseline's year, since that is how it stood then; without a baseline at the first value.</summary>
    internal static (DateOnly On, decimal Value, bool Baseline)? StartOf(Indicator indicator, Standing standing) =>
        indicator.Baseline is { Value.Value: { } value } baseline && PlanYear.Read(baseline.At) is { } year ? (year.Fiscal.Last, value, true)
        : indicator.Of == "year" ? standing.Years is [var first, ..] ? (new FiscalYear(first).Last, standing.YearValues[0], false) : null
        : standing.FirstOn is { } on ? (on, standing.FirstValue!.Value, false) : null;

    /// <summary>Into the direction that the plan names, from the baseline or the first value; null where there is nothing to tell it from.</summary>
    static bool? Moved(Indicator indicator, Standing standing)
    {
        if (StartOf(indicator, standing) is not var (from, first, _) || from >= new FiscalYear(standing.Years[^1]).Last || standing.Years.Length == 1 && from == standing.LastOn) return null;
        var last = standing.YearValues[^1];
        return indicator.Direction switch { "up" => last > first, "down" => last < first, _ => Meets("keep", last, first) };
    }

    /// <summary>To keep is to stay within a hundredth.</summary>
    internal static bool Meets(string direction, decimal value, decimal target) => direction switch
    {
        "up" => value >= target,
        "down" => value <= target,
        _ => Math.Abs(value - target) <= Math.Abs(target) / 100,
    };
}

/// <summary>An indicator where it stands: at a measure, or at a policy.</summary>
public sealed record Placed(string Of, Measure? Measure, Komachi.Ui.Words.Said Title, Indicator Indicator, int Number)
{
    internal IndicatorKey KeyIn(PlanDocument plan) => new(plan.Plan.Key, Of, Indicator.Name);
}
