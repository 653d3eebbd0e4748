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

    /// <summary>What an indicator is to reach by year.</summary>
    public static IReadOnlyList<Series> TargetsDrawn(Indicator indicator, PlanDocument plan, Words words) =>
        [new(words["Target"], [.. plan.Years.Select(y => (double?)indicator.Targets.GetValueOrDefault(y.Label, Amount.None).Value)], Target: true)];

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
