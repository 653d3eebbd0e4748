using Microsoft.EntityFrameworkCore;

namespace Komachi.Plan;

/// <summary>Where a value comes from: somebody typed it, people were asked, or a figure of this program measured it.</summary>
public enum ActualSource { Typed, Survey, Figure }

/// <summary>Which indicator: these three names stay from one revision of a plan to the next.</summary>
/// <param name="Of">The code of the measure or policy at which it stands.</param>
public readonly record struct IndicatorKey(string Plan, string Of, string Indicator);

/// <summary>
/// What an indicator was on a day. A row is never changed: who mends it writes another that takes its place, with the reason, and the
/// history shows both.
/// </summary>
sealed class Actual
{
    Actual() { }

    public Guid Id { get; private init; } = Komachi.Platform.Data.Id.New();
    public string Plan { get; private init; } = "";
    public string Of { get; private init; } = "";
    public string Indicator { get; private init; } = "";

    /// <summary>The day of which it tells.</summary>
    public DateOnly OnDay { get; private init; }
    public decimal? Value { get; private init; }
    public string? Text { get; private init; }
    public ActualSource Source { get; private init; }

    /// <summary>Of a survey: how many were asked, and how many of them answered in the way that is counted.</summary>
    public int? Asked { get; private init; }
    public int? Answered { get; private init; }
    public string? Evidence { get; private init; }
    public Guid? ById { get; private init; }
    public DateTimeOffset At { get; private init; }

    /// <summary>The row whose place it takes, and why.</summary>
    public Guid? Corrects { get; private init; }
    public string? Reason { get; private init; }

    public IndicatorKey Key => new(Plan, Of, Indicator);

    public static Actual Typed(IndicatorKey key, DateOnly on, decimal? value, string? text, string evidence, Guid? by, DateTimeOffset now, Correction? correction = null) => new()
    {
        Plan = key.Plan, Of = key.Of, Indicator = key.Indicator, OnDay = on, Value = value, Text = text, Source = ActualSource.Typed, Evidence = evidence, ById = by, At = now,
        Corrects = correction?.Of, Reason = correction?.Reason,
    };

    /// <summary>Of an indicator in percent the share, of any other how many it were.</summary>
    public static Actual Survey(IndicatorKey key, string unit, DateOnly on, int asked, int answered, string evidence, Guid? by, DateTimeOffset now, Correction? correction = null) => new()
    {
        Plan = key.Plan, Of = key.Of, Indicator = key.Indicator, OnDay = on, Source = ActualSource.Survey, Asked = asked, Answered = answered, Evidence = evidence, ById = by, At = now,
        Value = IsShare(unit) ? Math.Round(100m * answered / asked, 1) : answered,
        Corrects = correction?.Of, Reason = correction?.Reason,
    };

    public static Actual Measured(IndicatorKey key, DateOnly on, decimal value, DateTimeOffset now) => new()
    {
        Plan = key.Plan, Of = key.Of, Indicator = key.Indicator, OnDay = on, Value = value, Source = ActualSource.Figure, At = now,
    };

    public static bool IsShare(string unit) => unit is "%" or "％";

    internal static void Map(ModelBuilder model) => model.Entity<Actual>(e =>
    {
        e.ToTable("actuals");
        e.Ignore(a => a.Key);
        e.HasIndex(a => new { a.Plan, a.Of, a.Indicator, a.OnDay }).HasDatabaseName("actuals_indicator");
        e.HasIndex(a => new { a.At, a.Id }).IsDescending().HasDatabaseName("actuals_newest");
        e.HasIndex(a => a.Corrects).IsUnique().HasDatabaseName("actuals_corrects");
        e.HasIndex(a => new { a.Plan, a.Of, a.Indicator, a.OnDay }, "actuals_figure").IsUnique().HasDatabaseName("actuals_figure").HasFilter("source = 'Figure'");
    });
}

/// <param name="Of">The value that was wrong.</param>
sealed record Correction(Guid Of, string Reason);
