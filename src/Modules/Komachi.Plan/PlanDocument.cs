using System.Text.Json.Serialization;
using Komachi.Ui.Words;
using YamlDotNet.Serialization;

namespace Komachi.Plan;

/// <summary>
/// A plan as it was decided: all that its document states, with the place where it stands. The same types are the file that a clerk
/// writes (YAML), the revision in the database (JSON) and what the API gives.
/// </summary>
public sealed class PlanDocument
{
    public PlanHead Plan { get; set => field = value ?? new(); } = new();
    public List<PlanFact> Facts { get; set => field = value ?? []; } = [];
    public List<Policy> Policies { get; set => field = value ?? []; } = [];
    public List<Measure> Measures { get; set => field = value ?? []; } = [];
    public List<Past> History { get; set => field = value ?? []; } = [];

    public Policy? PolicyOf(Measure measure) => Policies.Find(p => p.Code == measure.Policy);
    public Group? GroupOf(Measure measure) => PolicyOf(measure)?.Groups.Find(g => g.Code == measure.Group);
    public Measure? Find(string code) => Measures.Find(m => m.Code == code);

    /// <summary>The fiscal years of its period, from the first to the last.</summary>
    [JsonIgnore, YamlIgnore]
    public IReadOnlyList<PlanYear> Years
    {
        get
        {
            if (_period is { } kept && kept.From == Plan.From && kept.Until == Plan.Until) return kept.Years;
            if (PlanYear.Read(Plan.From) is not { } first || PlanYear.Read(Plan.Until) is not { } last) return [];
            _period = new(Plan.From, Plan.Until, [.. Enumerable.Range(first.Year, Math.Max(0, last.Year - first.Year + 1)).Select(y => new PlanYear(y))]);
            return _period.Years;
        }
    }

    // Asked for with every indicator of every page.
    PeriodInYears? _period;

    sealed record PeriodInYears(string From, string Until, IReadOnlyList<PlanYear> Years);
}

public sealed class PlanHead
{
    public string Key { get; set => field = value ?? ""; } = "";
    public Said Title { get; set => field = value ?? []; } = [];

    /// <summary>Year and month, or <c>lost</c>.</summary>
    public string Adopted { get; set => field = value ?? ""; } = "";
    public Said Publisher { get; set => field = value ?? []; } = [];

    /// <summary>The first and the last fiscal year: <c>R4</c>, <c>H30</c>.</summary>
    public string From { get; set => field = value ?? ""; } = "";
    public string Until { get; set => field = value ?? ""; } = "";

    /// <summary>How fine its schedule is: <c>years</c> or <c>twoMonths</c>.</summary>
    public string Columns { get; set => field = value ?? ""; } = "years";
    public Said Vision { get; set => field = value ?? []; } = [];
    public Said Summary { get; set => field = value ?? []; } = [];
    public List<string> Place { get; set => field = value ?? []; } = [];
    public List<Guideline> Guidelines { get; set => field = value ?? []; } = [];
    public List<Body> Bodies { get; set => field = value ?? []; } = [];
    public string? Review { get; set; }
    public string? Formerly { get; set; }

    /// <summary>The key of the plan that it takes the place of.</summary>
    public string? After { get; set; }

    /// <summary>The town lets its plan be shown beside those of others.</summary>
    public bool Compare { get; set; }

    /// <summary>How it is carried on from year to year.</summary>
    public Round? Round { get; set; }

    /// <summary>What the text of the document lost, a sentence each.</summary>
    public List<string> Lost { get; set => field = value ?? []; } = [];
    public string? At { get; set; }
    public string? Url { get; set; }
}

/// <summary>
/// How measures are proposed, checked, decided and carried out: the stages that an action sheet (アクションシート) goes through, in their order.
/// Every plan's own way is a list of these; there is no other flow in the program.
/// </summary>
public sealed class Round
{
    /// <summary>Years that a sheet asks money for: 3 where three years are rolled on each year (ローリング).</summary>
    public int Covers { get; set; } = 1;

    /// <summary>Sheets may also be added outside of the days of the round (随時追加).</summary>
    public bool AnyTime { get; set; }
    public List<Stage> Stages { get; set => field = value ?? []; } = [];
}

public sealed class Stage
{
    public string Key { get; set => field = value ?? ""; } = "";
    public Said Title { get; set => field = value ?? []; } = [];

    /// <summary>Whose turn it is: <c>department</c>, <c>secretariat</c> or <c>committee</c>.</summary>
    public string Who { get; set => field = value ?? ""; } = "";

    /// <summary>The month and day by which it is through, in the fiscal year before the one that is planned (<c>10-31</c>); none where it takes as long as it takes.</summary>
    public string? By { get; set; }

    /// <summary>What must be written down before it goes on: of <c>need option cost effect rfi rfp mayor adopted contract settled result</c>.</summary>
    public List<string> Asks { get; set => field = value ?? []; } = [];
    public string? Note { get; set; }
}

/// <summary>指針, a principle, a rule for how services are made.</summary>
public sealed class Guideline
{
    public string Code { get; set => field = value ?? ""; } = "";
    public string Title { get; set => field = value ?? ""; } = "";
    public string Text { get; set => field = value ?? ""; } = "";
    public string? Problem { get; set; }
}

/// <summary>Who decides, checks or does something in it.</summary>
public sealed class Body
{
    public string Key { get; set => field = value ?? ""; } = "";
    public string Name { get; set => field = value ?? ""; } = "";
    public string? Head { get; set; }
    public string? Members { get; set; }
    public List<string> Role { get; set => field = value ?? []; } = [];
    public string? Note { get; set; }
}

/// <summary>Figures that the document states and leans on: a survey, a forecast, a list.</summary>
public sealed class PlanFact
{
    public string Key { get; set => field = value ?? ""; } = "";
    public string Title { get; set => field = value ?? ""; } = "";
    public string? Unit { get; set; }
    public string At { get; set => field = value ?? ""; } = "";
    public List<FactRow> Rows { get; set => field = value ?? []; } = [];
}

public sealed class FactRow
{
    public string Label { get; set => field = value ?? ""; } = "";
    public Amount Value { get; set; }
}

/// <summary>基本方針, or a field of the plan. Costs are in thousand yen.</summary>
public sealed class Policy
{
    public string Code { get; set => field = value ?? ""; } = "";
    public Said Title { get; set => field = value ?? []; } = [];
    public string Summary { get; set => field = value ?? ""; } = "";
    public string At { get; set => field = value ?? ""; } = "";
    public Dictionary<string, Amount> Costs { get; set => field = value ?? []; } = [];

    /// <summary>一般財源: what of it the town pays from its general fund.</summary>
    public Dictionary<string, Amount> GeneralFund { get; set => field = value ?? []; } = [];
    public List<Indicator> Indicators { get; set => field = value ?? []; } = [];
    public List<Group> Groups { get; set => field = value ?? []; } = [];
}

/// <summary>取組, 重点項目: what belongs together below a policy.</summary>
public sealed class Group
{
    public string Code { get; set => field = value ?? ""; } = "";
    public string Title { get; set => field = value ?? ""; } = "";
    public string? Summary { get; set; }
    public int? Urgency { get; set; }
    public int? Importance { get; set; }
    public bool Priority { get; set; }

    /// <summary>Named, and put off: no measure of this plan belongs to it.</summary>
    public bool Later { get; set; }
    public Dictionary<string, Amount> Costs { get; set => field = value ?? []; } = [];
    public string At { get; set => field = value ?? ""; } = "";
}

/// <summary>施策: what is done. Its code stays the same from one revision to the next, and what becomes of it hangs on that.</summary>
public sealed class Measure
{
    public string Code { get; set => field = value ?? ""; } = "";
    public string Policy { get; set => field = value ?? ""; } = "";
    public string? Group { get; set; }
    public int? Number { get; set; }
    public Said Title { get; set => field = value ?? []; } = [];
    public Said Summary { get; set => field = value ?? []; } = [];
    public string? Purpose { get; set; }
    public string? Present { get; set; }
    public string? Goal { get; set; }
    public List<string> Effects { get; set => field = value ?? []; } = [];
    public bool Priority { get; set; }
    public List<string> Departments { get; set => field = value ?? []; } = [];
    public List<string> Examples { get; set => field = value ?? []; } = [];
    public List<PlanAction> Actions { get; set => field = value ?? []; } = [];

    /// <summary>A schedule that stands as one text for all actions, or <c>lost</c>.</summary>
    public string? Steps { get; set; }
    public Kgi? Kgi { get; set; }
    public List<Indicator> Indicators { get; set => field = value ?? []; } = [];
    public Dictionary<string, Amount> Costs { get; set => field = value ?? []; } = [];
    public string? CostsNote { get; set; }

    /// <summary>What was asked for, granted and spent, by source.</summary>
    public List<Money> Money { get; set => field = value ?? []; } = [];
    public List<Contract> Contracts { get; set => field = value ?? []; } = [];
    public int? Urgency { get; set; }
    public int? Importance { get; set; }
    public List<int> Sdgs { get; set => field = value ?? []; } = [];

    /// <summary>Codes of measures together with which it is carried out.</summary>
    public List<string> Links { get; set => field = value ?? []; } = [];

    /// <summary>Services of this program that carry it out, by the name in their address: <c>procedures</c>.</summary>
    public List<string> Services { get; set => field = value ?? []; } = [];

    /// <summary>Items of the state's plan for local governments (自治体DX推進計画) that it serves.</summary>
    public List<string> National { get; set => field = value ?? []; } = [];
    public string At { get; set => field = value ?? ""; } = "";
}

/// <summary>予算の要求額・決定額・決算額: thousand yen of a fiscal year, at one step and from one source.</summary>
public sealed class Money
{
    public string Year { get; set => field = value ?? ""; } = "";

    /// <summary>requested, adopted or settled.</summary>
    public string Step { get; set => field = value ?? ""; } = "";

    /// <summary>general (一般財源), subsidy (補助金), bond (地方債), digitalFund (デジタル基金) or other.</summary>
    public string Source { get; set => field = value ?? ""; } = "";
    public decimal Amount { get; set; }
}

public sealed class Contract
{
    public string Title { get; set => field = value ?? ""; } = "";
    public string? With { get; set; }

    /// <summary>Days, as 2027-04-01.</summary>
    public string? From { get; set; }
    public string? Until { get; set; }

    /// <summary>Thousand yen.</summary>
    public decimal? Amount { get; set; }
}

/// <summary>A line of a measure's schedule.</summary>
public sealed class PlanAction
{
    public string Title { get; set => field = value ?? ""; } = "";
    public List<Bar> Bars { get; set => field = value ?? []; } = [];

    /// <summary>Its whole drawing is lost.</summary>
    public bool Lost { get; set; }
    public string? Text { get; set; }
    public string? Note { get; set; }
}

/// <summary>From a column of the schedule to another: a fiscal year, <c>R4</c>, or two months of one, <c>R4-1</c> to <c>R4-6</c>; or <c>lost</c>.</summary>
public sealed class Bar
{
    public string From { get; set => field = value ?? ""; } = "";
    public string Until { get; set => field = value ?? ""; } = "";
    public string? Text { get; set; }
}

/// <summary>数値目標: what is to be reached in the end, a number where it is one.</summary>
public sealed class Kgi
{
    public string Title { get; set => field = value ?? ""; } = "";
    public decimal? Value { get; set; }
    public string? Unit { get; set; }
    public string? Text { get; set; }
}

/// <summary>評価指標: by what one sees how far it is.</summary>
public sealed class Indicator
{
    /// <summary>What was measured hangs on it; where none is written it is the title, so a title may only be changed with a key beside it.</summary>
    public string? Key { get; set; }

    [JsonIgnore, YamlIgnore]
    public string Name => Key ?? Title;

    public string Title { get; set => field = value ?? ""; } = "";
    public string Unit { get; set => field = value ?? ""; } = "";

    /// <summary>up, down or keep.</summary>
    public string Direction { get; set => field = value ?? ""; } = "";

    /// <summary>total (counted on from year to year), year (each by itself) or state (how it stands).</summary>
    public string Of { get; set => field = value ?? ""; } = "";
    public Baseline? Baseline { get; set; }
    public Dictionary<string, Amount> Targets { get; set => field = value ?? []; } = [];

    /// <summary>The figure of this program that measures it by itself.</summary>
    public string? Figure { get; set; }
    public string? Note { get; set; }
    public string? At { get; set; }
}

public sealed class Baseline
{
    public Amount Value { get; set; }
    public string At { get; set => field = value ?? ""; } = "";
    public string? Text { get; set; }
}

/// <summary>What was done before this plan; a year, or <c>none</c> where the document gives none.</summary>
public sealed class Past
{
    public string Year { get; set => field = value ?? ""; } = "";
    public string Title { get; set => field = value ?? ""; } = "";
    public string? Text { get; set; }
}
