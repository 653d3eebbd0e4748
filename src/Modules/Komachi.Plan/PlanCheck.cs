using System.Globalization;
using Komachi.Ui.Words;

namespace Komachi.Plan;

/// <summary>Something in a plan that cannot be so, with its place as the file has it: "measure I-1-2, costs". What is said is a key of the words.</summary>
public sealed record PlanProblem(string Place, string Said, params object[] Values)
{
    public string What => string.Format(CultureInfo.InvariantCulture, Said, Values);

    /// <summary>The part of the document that it is about, and what of it (<c>title</c>, <c>costs/R4</c>): a sheet or a form shows it there.</summary>
    public object? On { get; init; }
    public string Field { get; init; } = "";

    /// <summary>What is said beside the very field, where nobody needs to hear its name.</summary>
    public (string Said, object[] Values) Beside => Said == PlanCheck.NoJapanese ? ("Please write it in Japanese.", []) : Said == PlanCheck.NoPolicy && Values is [""] ? ("Please choose one.", []) : (Said, Values);

    /// <summary>To be known, and no reason to turn a plan away.</summary>
    public bool IsHint { get; init; }
}

/// <summary>Whether a plan is whole: every problem at once, so that nobody mends one to meet the next.</summary>
static class PlanCheck
{
    public static IEnumerable<PlanProblem> Of(PlanDocument document)
    {
        var plan = document.Plan;
        if (plan.Key.Length == 0) yield return On(plan, "key", "plan", "key is missing.");
        else if (plan.Key.Length > 40 || plan.Key.Any(c => !(char.IsAsciiLetterOrDigit(c) || c == '-'))) yield return On(plan, "key", "plan", "the key is letters, digits and hyphens: dx-2027.");
        foreach (var problem in InJapanese(plan, "plan", ("title", plan.Title), ("vision", plan.Vision), ("summary", plan.Summary))) yield return problem;
        if (PlanYear.Read(plan.From) is not { } from) yield return On(plan, "from", "plan, from", NoYear, plan.From);
        else if (PlanYear.Read(plan.Until) is not { } until) yield return On(plan, "until", "plan, until", NoYear, plan.Until);
        else if (until.Year < from.Year) yield return On(plan, "until", "plan, until", "{0} lies before {1}.", plan.Until, plan.From);
        else if (until.Year - from.Year >= 30) yield return On(plan, "until", "plan, until", "a plan runs for 30 years at most.");
        if (plan.Columns is not ("years" or "twoMonths")) yield return On(plan, "columns", "plan, columns", "\"{0}\" is neither years nor twoMonths.", plan.Columns);
        foreach (var problem in Rounds(plan.Round)) yield return problem;
        if (document.Policies.Count == 0) yield return On(document, "policies", "policies", "there is none.");

        foreach (var (twice, policy) in Twice(document.Policies, p => p.Code)) yield return On(policy, "code", $"policy {twice}", StandsTwice);
        foreach (var (twice, group) in Twice(document.Policies.SelectMany(p => p.Groups), g => g.Code)) yield return On(group, "code", $"group {twice}", StandsTwice);
        foreach (var (twice, one) in Twice(document.Policies.Select(p => (p.Code, On: (object)p)).Concat(document.Measures.Select(m => (m.Code, On: (object)m))), m => m.Code).Where(t => t.One.On is Measure)) yield return On(one.On, "code", $"measure {twice}", StandsTwice);
        foreach (var (twice, fact) in Twice(document.Facts, f => f.Key)) yield return On(fact, "key", $"fact {twice}", StandsTwice);

        foreach (var policy in document.Policies)
        {
            var place = $"policy {policy.Code}";
            foreach (var problem in InJapanese(policy, place, ("title", policy.Title)).Concat(Years(policy, place + ", costs", policy.Costs, "costs")).Concat(Years(policy, place + ", generalFund", policy.GeneralFund, "generalFund")).Concat(Indicators(policy, place, policy.Indicators)))
                yield return problem;
            foreach (var group in policy.Groups)
            {
                if (group.Title.Length == 0) yield return On(group, "title", $"group {group.Code}", TitleMissing);
                foreach (var problem in Years(group, $"group {group.Code}, costs", group.Costs, "costs")) yield return problem;
            }
        }

        foreach (var measure in document.Measures)
        {
            var place = $"measure {measure.Code}";
            if (measure.Code.Length == 0 || measure.Code.Any(c => !(char.IsAsciiLetterOrDigit(c) || c == '-'))) yield return On(measure, "code", place, "its code is letters, digits and hyphens: I-1-2.");
            if (document.PolicyOf(measure) is null) yield return On(measure, "policy", place, NoPolicy, measure.Policy);
            else if (measure.Group is not null && document.GroupOf(measure) is null) yield return On(measure, "group", place, "policy {0} has no group {1}.", measure.Policy, measure.Group);
            foreach (var problem in InJapanese(measure, place, ("title", measure.Title), ("summary", measure.Summary)).Concat(Years(measure, place + ", costs", measure.Costs, "costs")).Concat(Indicators(measure, place, measure.Indicators)))
                yield return problem;
            foreach (var action in measure.Actions)
                foreach (var bar in action.Bars)
                    foreach (var end in new[] { bar.From, bar.Until })
                        if (!IsColumn(end, plan.Columns)) yield return On(action, "bars", $"{place}, action \"{action.Title}\"", "\"{0}\" is no column of the schedule.", end);
            foreach (var problem in Money(place, measure)) yield return problem;
            foreach (var link in measure.Links.Where(l => document.Find(l) is null)) yield return On(measure, "links", place, "its link {0} leads nowhere.", link);
            foreach (var item in measure.National.Where(i => !NationalItem.Knows(i))) yield return On(measure, "national", place, "national \"{0}\" is none of {1}.", item, string.Join(", ", NationalItem.All.Select(i => i.Key)));
        }

        // Where the document states a sum, the measures add up to it.
        foreach (var policy in document.Policies.Where(p => p.Costs.Count > 0))
        {
            var measures = document.Measures.Where(m => m.Policy == policy.Code && m.Costs.Count > 0).ToArray();
            if (measures.Length == 0) continue;
            foreach (var (year, stated) in policy.Costs)
                if (stated.Value is { } sum && measures.All(m => m.Costs.GetValueOrDefault(year).Is != AmountIs.Lost) && measures.Sum(m => m.Costs.GetValueOrDefault(year).Value ?? 0) is var added && added != sum)
                    yield return On(policy, $"costs/{year}", $"policy {policy.Code}, costs {year}", Sums, added, sum);
        }
    }

    /// <summary>While a plan is worked on its sums may be open: a measure changes before the sum does.</summary>
    public const string Sums = "its measures add up to {0}, and it states {1}.";

    internal const string NoJapanese = "{0} has no Japanese.", NoPolicy = "there is no policy {0}.";

    const string NoYear = "\"{0}\" is no fiscal year: write R4 or H30.", StandsTwice = "stands twice.", TitleMissing = "title is missing.";

    static PlanProblem On(object on, string field, string place, string said, params object[] values) => new(place, said, values) { On = on, Field = field };

    static IEnumerable<PlanProblem> InJapanese(object on, string place, params (string Field, Said Said)[] texts) =>
        texts.Where(t => t.Said.In(Lang.Japanese).Length == 0).Select(t => On(on, t.Field, place, NoJapanese, t.Field));

    /// <summary>Costs by year: numbers, unless there are none or they are lost.</summary>
    static IEnumerable<PlanProblem> Years(object on, string place, Dictionary<string, Amount> amounts, string field)
    {
        foreach (var (year, amount) in amounts)
        {
            if (PlanYear.Read(year) is null) yield return On(on, $"{field}/{year}", place, NoYear, year);
            if (amount.Is == AmountIs.Text) yield return On(on, $"{field}/{year}", place, "{0}: \"{1}\" is no number; write a number, none or lost.", year, amount.Text);
            if (amount.Value < 0) yield return On(on, $"{field}/{year}", place, "{0}: costs are not below nothing.", year);
        }
    }

    static IEnumerable<PlanProblem> Indicators(object of, string place, List<Indicator> indicators)
    {
        foreach (var indicator in indicators)
        {
            var at = $"{place}, indicator \"{indicator.Title}\"";
            if (indicator.Title.Length == 0) yield return On(indicator, "title", place, "an indicator has no title.");
            if (indicator.Direction is not ("up" or "down" or "keep")) yield return On(indicator, "direction", at, "direction \"{0}\" is none of up, down, keep.", indicator.Direction);
            if (indicator.Of is not ("total" or "year" or "state")) yield return On(indicator, "of", at, "of \"{0}\" is none of total, year, state.", indicator.Of);
            foreach (var year in indicator.Targets.Keys.Where(y => PlanYear.Read(y) is null)) yield return On(indicator, year, at, NoYear, year);
        }
        foreach (var (twice, indicator) in Twice(indicators, i => i.Name)) yield return On(indicator, "title", $"{place}, indicator \"{twice}\"", StandsTwice);
    }

    public static readonly string[] Whos = ["department", "secretariat", "committee"], Asked = ["need", "option", "cost", "effect", "rfi", "rfp", "mayor", "adopted", "contract", "settled", "result"],
        Steps = ["requested", "adopted", "settled"], Sources = ["general", "subsidy", "bond", "digitalFund", "other"];

    static IEnumerable<PlanProblem> Rounds(Round? round)
    {
        if (round is null) yield break;
        if (round.Covers is < 1 or > 5) yield return On(round, "covers", "plan, round", "covers is one year to five.");
        if (round.Stages.Count < 2 || round.Stages[0].Who != "department") yield return On(round, "stages", "plan, round", "there are two stages or more, and the first is a department's.");
        foreach (var (twice, stage) in Twice(round.Stages, s => s.Key)) yield return On(stage, "key", $"plan, round, stage {twice}", StandsTwice);
        foreach (var stage in round.Stages)
        {
            var at = $"plan, round, stage {stage.Key}";
            foreach (var problem in InJapanese(stage, at, ("title", stage.Title))) yield return problem;
            if (!Whos.Contains(stage.Who)) yield return On(stage, "who", at, "who \"{0}\" is none of {1}.", stage.Who, string.Join(", ", Whos));
            if (stage.By is { } by && !DateOnly.TryParseExact("2024-" + by, "yyyy-MM-dd", out _)) yield return On(stage, "by", at, "by \"{0}\" is no month and day: write 10-31.", by);
            foreach (var ask in stage.Asks.Except(Asked)) yield return On(stage, "asks", at, "asks \"{0}\" is none of {1}.", ask, string.Join(", ", Asked));
        }
    }

    static IEnumerable<PlanProblem> Money(string place, Measure measure)
    {
        foreach (var money in measure.Money)
        {
            var at = $"{place}, money {money.Year}";
            if (PlanYear.Read(money.Year) is null) yield return On(money, "year", at, NoYear, money.Year);
            if (!Steps.Contains(money.Step)) yield return On(money, "step", at, "step \"{0}\" is none of {1}.", money.Step, string.Join(", ", Steps));
            if (!Sources.Contains(money.Source)) yield return On(money, "source", at, "source \"{0}\" is none of {1}.", money.Source, string.Join(", ", Sources));
            if (money.Amount < 0) yield return On(money, "amount", at, "money is not below nothing.");
        }
        foreach (var (twice, money) in Twice(measure.Money, m => $"{m.Year} {m.Step} {m.Source}")) yield return On(money, "year", $"{place}, money {twice}", StandsTwice);
        foreach (var contract in measure.Contracts)
        {
            var at = $"{place}, contract \"{contract.Title}\"";
            if (contract.Title.Length == 0) yield return On(contract, "title", $"{place}, contract", TitleMissing);
            foreach (var (field, day) in new[] { ("from", contract.From), ("until", contract.Until) })
                if (day is not null && !DateOnly.TryParseExact(day, "yyyy-MM-dd", out _)) yield return On(contract, field, at, "\"{0}\" is no day: write 2027-04-01.", day);
            if (string.CompareOrdinal(contract.Until, contract.From) < 0 && contract.Until is not null) yield return On(contract, "until", at, "{0} lies before {1}.", contract.Until, contract.From ?? "");
        }
    }

    public static bool IsColumn(string written, string columns) => written == "lost" || PlanYear.Read(written) is not null
        || columns == "twoMonths" && written.Split('-') is [var year, [>= '1' and <= '6']] && PlanYear.Read(year) is not null;

    /// <summary>What stands for the second time under a name.</summary>
    static IEnumerable<(string Twice, T One)> Twice<T>(IEnumerable<T> all, Func<T, string> name) => all.GroupBy(name).Where(g => g.Count() > 1).Select(g => (g.Key, g.ElementAt(1)));
}
