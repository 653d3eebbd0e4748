using Komachi.Ui.Words;

namespace Komachi.Plan;

/// <summary>Something in a plan that cannot be so, with its place: "measure I-1-2, costs".</summary>
public sealed record PlanProblem(string Place, string What);

/// <summary>Whether a plan is whole: every problem at once, so that nobody mends one to meet the next.</summary>
static class PlanCheck
{
    public static IEnumerable<PlanProblem> Of(PlanDocument document)
    {
        var plan = document.Plan;
        if (plan.Key.Length == 0) yield return new("plan", "key is missing.");
        foreach (var problem in InJapanese("plan", ("title", plan.Title), ("vision", plan.Vision), ("summary", plan.Summary))) yield return problem;
        if (PlanYear.Read(plan.From) is not { } from) yield return new("plan, from", $"\"{plan.From}\" is no fiscal year: write R4 or H30.");
        else if (PlanYear.Read(plan.Until) is not { } until) yield return new("plan, until", $"\"{plan.Until}\" is no fiscal year: write R4 or H30.");
        else if (until.Year < from.Year) yield return new("plan, until", $"{plan.Until} lies before {plan.From}.");
        if (plan.Columns is not ("years" or "twoMonths")) yield return new("plan, columns", $"\"{plan.Columns}\" is neither years nor twoMonths.");
        foreach (var problem in Rounds(plan.Round)) yield return problem;
        if (document.Policies.Count == 0) yield return new("policies", "there is none.");

        foreach (var twice in Twice(document.Policies.Select(p => p.Code))) yield return new($"policy {twice}", "stands twice.");
        foreach (var twice in Twice(document.Policies.SelectMany(p => p.Groups).Select(g => g.Code))) yield return new($"group {twice}", "stands twice.");
        foreach (var twice in Twice(document.Measures.Select(m => m.Code).Concat(document.Policies.Select(p => p.Code)))) yield return new($"measure {twice}", "stands twice.");

        foreach (var policy in document.Policies)
        {
            var place = $"policy {policy.Code}";
            foreach (var problem in InJapanese(place, ("title", policy.Title)).Concat(Years(place + ", costs", policy.Costs, numbers: true)).Concat(Years(place + ", generalFund", policy.GeneralFund, numbers: true)).Concat(Indicators(place, policy.Indicators)))
                yield return problem;
            foreach (var group in policy.Groups.Where(g => g.Title.Length == 0)) yield return new($"group {group.Code}", "title is missing.");
        }

        foreach (var measure in document.Measures)
        {
            var place = $"measure {measure.Code}";
            if (measure.Code.Length == 0 || measure.Code.Any(c => !(char.IsAsciiLetterOrDigit(c) || c == '-'))) yield return new(place, "its code is letters, digits and hyphens: I-1-2.");
            if (document.PolicyOf(measure) is null) yield return new(place, $"there is no policy {measure.Policy}.");
            else if (measure.Group is not null && document.GroupOf(measure) is null) yield return new(place, $"policy {measure.Policy} has no group {measure.Group}.");
            foreach (var problem in InJapanese(place, ("title", measure.Title), ("summary", measure.Summary)).Concat(Years(place + ", costs", measure.Costs, numbers: true)).Concat(Indicators(place, measure.Indicators)))
                yield return problem;
            foreach (var action in measure.Actions)
                foreach (var bar in action.Bars)
                    foreach (var end in new[] { bar.From, bar.Until })
                        if (!IsColumn(end, plan.Columns)) yield return new($"{place}, action \"{action.Title}\"", $"\"{end}\" is no column of the schedule.");
            foreach (var problem in Money(place, measure)) yield return problem;
            foreach (var item in measure.National.Where(i => !NationalItem.Knows(i))) yield return new(place, $"national \"{item}\" is none of {string.Join(", ", NationalItem.All.Select(i => i.Key))}.");
            foreach (var link in measure.Links.Where(l => document.Find(l) is null)) yield return new(place, $"its link {link} leads nowhere.");
        }

        // Where the document states a sum, the measures add up to it.
        foreach (var policy in document.Policies.Where(p => p.Costs.Count > 0))
        {
            var measures = document.Measures.Where(m => m.Policy == policy.Code && m.Costs.Count > 0).ToArray();
            if (measures.Length == 0) continue;
            foreach (var (year, stated) in policy.Costs)
                if (stated.Value is { } sum && measures.All(m => m.Costs.GetValueOrDefault(year).Is != AmountIs.Lost) && measures.Sum(m => m.Costs.GetValueOrDefault(year).Value ?? 0) is var added && added != sum)
                    yield return new($"policy {policy.Code}, costs {year}", $"its measures add up to {added}, and it states {sum}.");
        }
    }

    static IEnumerable<PlanProblem> InJapanese(string place, params (string Field, Said Said)[] texts) =>
        texts.Where(t => t.Said.In(Lang.Japanese).Length == 0).Select(t => new PlanProblem(place, $"{t.Field} has no Japanese."));

    static IEnumerable<PlanProblem> Years(string place, Dictionary<string, Amount> amounts, bool numbers)
    {
        foreach (var (year, amount) in amounts)
        {
            if (PlanYear.Read(year) is null) yield return new(place, $"\"{year}\" is no fiscal year: write R4 or H30.");
            if (numbers && amount.Is == AmountIs.Text) yield return new(place, $"{year}: \"{amount.Text}\" is no number; write a number, none or lost.");
            if (numbers && amount.Value < 0) yield return new(place, $"{year}: costs are not below nothing.");
        }
    }

    static IEnumerable<PlanProblem> Indicators(string place, List<Indicator> indicators)
    {
        foreach (var indicator in indicators)
        {
            var at = $"{place}, indicator \"{indicator.Title}\"";
            if (indicator.Title.Length == 0) yield return new(place, "an indicator has no title.");
            if (indicator.Direction is not ("up" or "down" or "keep")) yield return new(at, $"direction \"{indicator.Direction}\" is none of up, down, keep.");
            if (indicator.Of is not ("total" or "year" or "state")) yield return new(at, $"of \"{indicator.Of}\" is none of total, year, state.");
            foreach (var problem in Years(at, indicator.Targets, numbers: false)) yield return problem;
        }
        foreach (var twice in Twice(indicators.Select(i => i.Name))) yield return new($"{place}, indicator \"{twice}\"", "stands twice.");
    }

    public static readonly string[] Whos = ["department", "secretariat", "committee"], Asked = ["need", "option", "cost", "effect", "rfi", "rfp", "mayor", "adopted", "contract", "settled", "result"],
        Steps = ["requested", "adopted", "settled"], Sources = ["general", "subsidy", "bond", "digitalFund", "other"];

    static IEnumerable<PlanProblem> Rounds(Round? round)
    {
        if (round is null) yield break;
        if (round.Covers is < 1 or > 5) yield return new("plan, round", "covers is one year to five.");
        if (round.Stages.Count < 2 || round.Stages[0].Who != "department") yield return new("plan, round", "there are two stages or more, and the first is a department's.");
        foreach (var twice in Twice(round.Stages.Select(s => s.Key))) yield return new($"plan, round, stage {twice}", "stands twice.");
        foreach (var stage in round.Stages)
        {
            var at = $"plan, round, stage {stage.Key}";
            foreach (var problem in InJapanese(at, ("title", stage.Title))) yield return problem;
            if (!Whos.Contains(stage.Who)) yield return new(at, $"who \"{stage.Who}\" is none of {string.Join(", ", Whos)}.");
            if (stage.By is { } by && !DateOnly.TryParseExact("2024-" + by, "yyyy-MM-dd", out _)) yield return new(at, $"by \"{by}\" is no month and day: write 10-31.");
            foreach (var ask in stage.Asks.Except(Asked)) yield return new(at, $"asks \"{ask}\" is none of {string.Join(", ", Asked)}.");
        }
    }

    static IEnumerable<PlanProblem> Money(string place, Measure measure)
    {
        foreach (var money in measure.Money)
        {
            var at = $"{place}, money {money.Year}";
            if (PlanYear.Read(money.Year) is null) yield return new(at, $"\"{money.Year}\" is no fiscal year: write R4 or H30.");
            if (!Steps.Contains(money.Step)) yield return new(at, $"step \"{money.Step}\" is none of {string.Join(", ", Steps)}.");
            if (!Sources.Contains(money.Source)) yield return new(at, $"source \"{money.Source}\" is none of {string.Join(", ", Sources)}.");
            if (money.Amount < 0) yield return new(at, "money is not below nothing.");
        }
        foreach (var twice in Twice(measure.Money.Select(m => $"{m.Year} {m.Step} {m.Source}"))) yield return new($"{place}, money {twice}", "stands twice.");
        foreach (var contract in measure.Contracts)
        {
            var at = $"{place}, contract \"{contract.Title}\"";
            if (contract.Title.Length == 0) yield return new($"{place}, contract", "title is missing.");
            foreach (var day in new[] { contract.From, contract.Until })
                if (day is not null && !DateOnly.TryParseExact(day, "yyyy-MM-dd", out _)) yield return new(at, $"\"{day}\" is no day: write 2027-04-01.");
            if (string.CompareOrdinal(contract.Until, contract.From) < 0 && contract.Until is not null) yield return new(at, $"{contract.Until} lies before {contract.From}.");
        }
    }

    static bool IsColumn(string written, string columns) => written == "lost" || PlanYear.Read(written) is not null
        || columns == "twoMonths" && written.Split('-') is [var year, [>= '1' and <= '6']] && PlanYear.Read(year) is not null;

    static IEnumerable<string> Twice(IEnumerable<string> codes) => codes.GroupBy(c => c).Where(g => g.Count() > 1).Select(g => g.Key);
}
