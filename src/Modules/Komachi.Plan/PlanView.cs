using System.Globalization;
using Komachi.Platform.Days;
using Komachi.Ui;
using Komachi.Ui.Words;

namespace Komachi.Plan;

/// <summary>How far a plan's period is.</summary>
public enum Period { Coming, Running, Ended }

/// <summary>What pages say of a plan in the same way.</summary>
static class PlanView
{
    public static Period PeriodOf(PlanDocument plan, DateOnly today) =>
        plan.Years is not [var first, ..] ? Period.Running : today < first.Fiscal.First ? Period.Coming : today > plan.Years[^1].Fiscal.Last ? Period.Ended : Period.Running;

    /// <summary>What the measures cost together in a year, in thousand yen; null where none states anything.</summary>
    public static decimal? CostOf(IEnumerable<Measure> measures, PlanYear year) =>
        measures.Select(m => m.Costs.GetValueOrDefault(year.Label, Amount.None).Value).OfType<decimal>().ToArray() is { Length: > 0 } stated ? stated.Sum() : null;

    public static bool HasCosts(PlanDocument plan) => plan.Measures.Any(m => m.Costs.Count > 0);

    /// <summary>As it is written on a page: 1,240, 83.4, the text, a dash, or that the source lost it.</summary>
    public static string Show(Amount amount, Words words, string unit = "") => amount.Is switch
    {
        AmountIs.Number => amount.Number.ToString("#,0.####", CultureInfo.InvariantCulture) + unit,
        AmountIs.Text => amount.Text,
        AmountIs.None => "－",
        _ => words["Not in the source"],
    };

    /// <summary>What each policy costs by year.</summary>
    public static IReadOnlyList<Series> CostsDrawn(PlanDocument plan, Words words) =>
        [.. plan.Policies.Select(p => new Series(p.Title.In(words.Lang), [.. plan.Years.Select(y => (double?)CostOf(plan.Measures.Where(m => m.Policy == p.Code), y))]))];

    /// <summary>What an indicator is to reach by year, and what it was, as far as there are numbers. Charts, their tables and their files are all made of this.</summary>
    public static IReadOnlyList<Series> Drawn(string of, Indicator indicator, HowFar far, Words words)
    {
        var (years, drawn) = (far.Plan.Years, new List<Series>());
        double?[] targets = [.. years.Select(y => (double?)indicator.Targets.GetValueOrDefault(y.Label, Amount.None).Value)], actual = [.. years.Select(y => (double?)far.In(of, indicator, y))];
        if (targets.Any(t => t is not null)) drawn.Add(new(words["Target"], targets, Target: true));
        if (actual.Any(a => a is not null)) drawn.Add(new(words["Actual|value"], actual));
        return drawn;
    }

    public static string DirectionOf(Indicator indicator, Words words) => indicator.Direction switch { "up" => words["is to rise"], "down" => words["is to fall"], _ => words["is to stay"] };

    /// <summary>How something stands, in a word; of a plan that ended in words of its own.</summary>
    public static string Show(Track track, Period period, Words words) => (track, period) switch
    {
        (Track.Done, Period.Ended) => words["Reached|track"],
        (Track.Behind, Period.Ended) => words["Not reached|track"],
        (Track.NotMeasured, Period.Ended) => words["Was not measured|track"],
        (Track.Done, _) => words["Done|track"],
        (Track.OnTrack, _) => words["On track"],
        (Track.Behind, _) => words["Behind"],
        (Track.Measured, _) => words["Measured|track"],
        _ => words["Not measured|track"],
    };

    public static Tone ToneOf(Track track, Period period) => track switch
    {
        Track.Done => Tone.Success,
        Track.OnTrack => Tone.Info,
        Track.Behind => period == Period.Ended ? Tone.Neutral : Tone.Warning,
        _ => Tone.Neutral,
    };

    /// <summary>The states in the order in which pages list them; the last but one only where something stands like that.</summary>
    public static readonly IReadOnlyList<Track> Tracks = [Track.OnTrack, Track.Behind, Track.Done, Track.Measured, Track.NotMeasured];

    /// <summary>As addresses and programs name it: onTrack, and of a plan that ended reached and notReached.</summary>
    public static string Slug(Track track, Period period) => (track, period) switch
    {
        (Track.Done, Period.Ended) => "reached",
        (Track.Behind, Period.Ended) => "notReached",
        (Track.Done, _) => "done",
        (Track.OnTrack, _) => "onTrack",
        (Track.Behind, _) => "behind",
        (Track.Measured, _) => "measured",
        _ => "notMeasured",
    };

    /// <summary>Where a value comes from.</summary>
    public static string Show(Given given, Words words) =>
        given.Source == ActualSource.Survey ? words["Survey: {0} of {1} people", given.Answered!.Value, given.Asked!.Value] : Show(given.Source, words);

    public static string Show(ActualSource source, Words words) => source switch
    {
        ActualSource.Figure => words["Measured by this program"],
        ActualSource.Survey => words["Survey|source"],
        _ => words["Reported by the office"],
    };

    /// <summary>The column of a schedule in which a day lies.</summary>
    public static int? Now(PlanDocument plan, DateOnly today) => plan.Years.ToList().FindIndex(y => y.Fiscal.Holds(today)) is >= 0 and var at ? at : null;

    public static IReadOnlyList<string> Heads(PlanDocument plan, Words words) => [.. plan.Years.Select(y => y.Short(words.Lang))];

    /// <summary>The years that a bar covers as far as they are known, and whether its end is not in the source.</summary>
    public static (PlanYear? From, PlanYear? Until) YearsOf(Bar bar) => (YearOf(bar.From), YearOf(bar.Until));

    static PlanYear? YearOf(string column) => PlanYear.Read(column.Split('-')[0]);

    /// <summary>A row of a schedule: what stands in each year.</summary>
    public static ScheduleRow Row(string title, IEnumerable<PlanAction> actions, IReadOnlyList<PlanYear> years, string? href = null, string? lang = null)
    {
        var (cells, somethingKnown) = (new ScheduleCell[years.Count], false);
        foreach (var bar in actions.SelectMany(a => a.Bars))
        {
            var (from, until) = YearsOf(bar);
            if (from is null) continue;
            somethingKnown = true;
            for (var i = 0; i < years.Count; i++)
            {
                if (years[i].CompareTo(from.Value) < 0 || years[i].CompareTo(until ?? from.Value) > 0) continue;
                cells[i] = until is null && years[i] == from ? cells[i] == ScheduleCell.Busy ? ScheduleCell.Busy : ScheduleCell.EndLost : ScheduleCell.Busy;
            }
        }
        return new(title, href, somethingKnown ? cells : null, lang);
    }

    public static string Show(Period period, PlanDocument plan, Words words) => period switch
    {
        Period.Coming => words["Begins in {0}", JapanTime.Show(plan.Years[0].Fiscal.First, words.Lang)],
        Period.Ended => words["Ended on {0}", JapanTime.Show(plan.Years[^1].Fiscal.Last, words.Lang)],
        _ => words["Until {0}", JapanTime.Show(plan.Years[^1].Fiscal.Last, words.Lang)],
    };
}
