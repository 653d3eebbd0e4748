using System.Globalization;
using Komachi.Platform.Data;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Plan;

/// <summary>Whose turn it is.</summary>
public enum Turn { Department, Secretariat, Committee }

/// <summary>
/// A fiscal year that is planned. Its stages are copied from the plan when it is opened, so that a later revision of the plan changes nothing
/// for sheets that are under way.
/// </summary>
public sealed class YearlyRound
{
    YearlyRound() { }

    public Guid Id { get; private init; } = Komachi.Platform.Data.Id.New();

    /// <summary>The plan's key.</summary>
    public string Plan { get; private init; } = "";

    /// <summary>The fiscal year that is planned.</summary>
    public int Year { get; private init; }
    public int Covers { get; private init; }
    public bool AnyTime { get; private init; }
    public List<Stage> Stages { get; private init; } = [];

    /// <summary>By when each stage is through.</summary>
    public Dictionary<string, DateOnly> Days { get; private set; } = [];
    public Guid? OpenedById { get; private init; }
    public DateTimeOffset OpenedAt { get; private init; }
    public Guid? ClosedById { get; private set; }
    public DateTimeOffset? ClosedAt { get; private set; }
    public int Version { get; private set; } = 1;

    public static YearlyRound Open(PlanDocument plan, PlanYear year, IReadOnlyDictionary<string, DateOnly>? days, Guid? by, DateTimeOffset now)
    {
        var way = WayOf(plan);
        return new()
        {
            Plan = plan.Plan.Key, Year = year.Year, Covers = way.Covers, AnyTime = way.AnyTime, Stages = way.Stages, Days = new(days ?? DaysOf(way.Stages, year)), OpenedById = by, OpenedAt = now,
        };
    }

    /// <summary>How this plan is carried on; a plan that does not say goes the way of most.</summary>
    public static Round WayOf(PlanDocument plan) => plan.Plan.Round ?? Usual;

    /// <summary>The days by which stages are through, in the fiscal year before the one that is planned.</summary>
    public static Dictionary<string, DateOnly> DaysOf(IEnumerable<Stage> stages, PlanYear year)
    {
        var days = new Dictionary<string, DateOnly>();
        foreach (var stage in stages)
            if (stage.By?.Split('-') is [var m, var d] && int.TryParse(m, CultureInfo.InvariantCulture, out var month) && int.TryParse(d, CultureInfo.InvariantCulture, out var day))
            {
                var calendar = month >= 4 ? year.Year - 1 : year.Year;
                days[stage.Key] = new(calendar, month, Math.Min(day, DateTime.DaysInMonth(calendar, month)));
            }
        return days;
    }

    public PlanYear Planned => new(Year);

    public string Label => Planned.Label;

    /// <summary>The years that its sheets ask money for.</summary>
    public IEnumerable<PlanYear> Years => Enumerable.Range(Year, Covers).Select(y => new PlanYear(y));

    public bool IsOpen => ClosedAt is null;

    public Stage First => Stages[0];

    public Stage StageOf(string key) => Stages.Find(s => s.Key == key) ?? First;

    /// <summary>1 for the first.</summary>
    public int NumberOf(string key) => Stages.FindIndex(s => s.Key == key) + 1;

    /// <summary>What follows; null after the last.</summary>
    public Stage? After(string key) => Stages.ElementAtOrDefault(Stages.FindIndex(s => s.Key == key) + 1);

    public DateOnly? DueOf(string key) => Days.TryGetValue(key, out var day) ? day : null;

    /// <summary>New sheets are taken until drafting is through, and where the plan says so at any time (随時追加).</summary>
    public bool TakesSheets(DateOnly today) => IsOpen && (AnyTime || DueOf(First.Key) is not { } last || today <= last);

    internal void SetDays(Dictionary<string, DateOnly> days) => (Days, Version) = (days, Version + 1);

    internal void Close(Guid? by, DateTimeOffset now) => (ClosedById, ClosedAt, Version) = (by, now, Version + 1);

    static readonly Round Usual = new()
    {
        AnyTime = true,
        Stages =
        [
            new() { Key = "draft", Title = new() { ["ja"] = "起案", ["en"] = "Draft", ["plain"] = "シートを 書く" }, Who = "department", By = "08-31", Asks = ["need", "option", "cost", "effect"] },
            new() { Key = "check", Title = new() { ["ja"] = "事務局の精査", ["en"] = "Check by the secretariat", ["plain"] = "事務局《じむきょく》が たしかめる" }, Who = "secretariat", By = "09-30" },
            new() { Key = "decide", Title = new() { ["ja"] = "委員会の決定", ["en"] = "Decision of the committee", ["plain"] = "委員会《いいんかい》が 決《き》める" }, Who = "committee", By = "10-31" },
            new() { Key = "budget", Title = new() { ["ja"] = "予算", ["en"] = "Budget", ["plain"] = "お金を 決《き》める" }, Who = "secretariat", By = "03-31", Asks = ["adopted"] },
            new() { Key = "introduce", Title = new() { ["ja"] = "導入", ["en"] = "Introduction", ["plain"] = "使い始める" }, Who = "department", Asks = ["contract"] },
            new() { Key = "effect", Title = new() { ["ja"] = "効果検証", ["en"] = "Effect", ["plain"] = "よく なったか 見る" }, Who = "department", Asks = ["settled", "result"] },
        ],
    };

    internal static void Map(ModelBuilder model) => model.Entity<YearlyRound>(e =>
    {
        e.ToTable("rounds");
        e.Property(r => r.Stages).AsJson("json");
        e.Property(r => r.Days).AsJson();
        e.Property(r => r.Version).IsConcurrencyToken();
        e.Ignore(r => r.First);
        e.Ignore(r => r.Planned);
        e.Ignore(r => r.Years);
        e.HasIndex(r => new { r.Plan, r.Year }).IsUnique().HasDatabaseName("rounds_year");
    });
}

static class Turns
{
    public static Turn Whose(this Stage stage) => stage.Who switch { "secretariat" => Turn.Secretariat, "committee" => Turn.Committee, _ => Turn.Department };

    public static string Permission(this Turn turn) => turn switch { Turn.Secretariat => "plan.check", Turn.Committee => "plan.decide", _ => "plan.draft" };

    public static string Title(this Turn turn) => turn switch { Turn.Secretariat => "Secretariat|plan", Turn.Committee => "Committee|plan", _ => "Department" };
}
