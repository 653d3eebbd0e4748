using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Plan;

/// <summary>
/// How an indicator stands: its first value, its last, and the last of each fiscal year. It is kept in the transaction of every value, so that
/// a page with all indicators reads a row of each, however many values there are.
/// </summary>
sealed class Standing
{
    Standing() { }

    public string Plan { get; private init; } = "";
    public string Of { get; private init; } = "";
    public string Indicator { get; private init; } = "";
    public int Number { get; private set; }
    public DateOnly? FirstOn { get; private set; }
    public decimal? FirstValue { get; private set; }
    public DateOnly LastOn { get; private set; }
    public decimal? LastValue { get; private set; }
    public string? LastText { get; private set; }
    public int[] Years { get; private set; } = [];
    public decimal[] YearValues { get; private set; } = [];

    /// <summary>What those who answer for it were told last; see <see cref="TellOutlooks"/>.</summary>
    public bool? ToldMissed { get; private set; }

    /// <summary>Two values at the same moment: the second one's author looks again.</summary>
    public int Version { get; private set; }

    public static Standing With(IndicatorKey key, params ReadOnlySpan<(DateOnly On, decimal Value)> values)
    {
        var standing = new Standing { Plan = key.Plan, Of = key.Of, Indicator = key.Indicator };
        standing.Count([.. values.ToArray().Select(v => new Point(v.On, v.Value, null))]);
        return standing;
    }

    /// <summary>Of an indicator's first values, together.</summary>
    public static Standing OfAll(IReadOnlyCollection<Actual> actuals)
    {
        var key = actuals.First().Key;
        var standing = new Standing { Plan = key.Plan, Of = key.Of, Indicator = key.Indicator };
        standing.Count([.. actuals.OrderBy(a => a.OnDay).Select(a => new Point(a.OnDay, a.Value, a.Text))]);
        return standing;
    }

    /// <summary>The number of a fiscal year: the last that it has.</summary>
    public decimal? In(int year) => Array.IndexOf(Years, year) is >= 0 and var at ? YearValues[at] : null;

    public void Told(bool missed) => (ToldMissed, Version) = (missed, Version + 1);

    /// <summary>Adds a value, and counts anew how its indicator stands. To be saved together.</summary>
    public static async Task Add(TownDb db, Actual actual, CancellationToken stop = default)
    {
        var key = actual.Key;
        var standing = await db.Set<Standing>().FindAsync([key.Plan, key.Of, key.Indicator], stop);
        var rows = await db.Set<Actual>().AsNoTracking().Where(a => a.Plan == key.Plan && a.Of == key.Of && a.Indicator == key.Indicator)
            .OrderBy(a => a.OnDay).ThenBy(a => a.At).Select(a => new { a.Id, a.OnDay, a.Value, a.Text, a.Corrects }).ToListAsync(stop);
        var corrected = rows.Select(r => r.Corrects).Append(actual.Corrects).OfType<Guid>().ToHashSet();
        db.Add(actual);
        if (standing is null) db.Add(standing = new Standing { Plan = key.Plan, Of = key.Of, Indicator = key.Indicator });
        standing.Count([.. rows.Where(r => !corrected.Contains(r.Id)).Select(r => new Point(r.OnDay, r.Value, r.Text)).Append(new(actual.OnDay, actual.Value, actual.Text)).OrderBy(p => p.On)]);
    }

    readonly record struct Point(DateOnly On, decimal? Value, string? Text);

    /// <param name="points">Those that stand, in the order of their days.</param>
    void Count(IReadOnlyList<Point> points)
    {
        var numbers = points.Where(p => p.Value is not null).ToArray();
        Number = points.Count;
        (FirstOn, FirstValue) = numbers is [var first, ..] ? ((DateOnly?)first.On, first.Value) : (null, null);
        (LastOn, LastValue, LastText) = (points[^1].On, points[^1].Value, points[^1].Text);
        var years = numbers.GroupBy(p => FiscalYear.Of(p.On).Year).Select(y => (y.Key, y.Last().Value!.Value)).ToArray();
        (Years, YearValues) = ([.. years.Select(y => y.Key)], [.. years.Select(y => y.Value)]);
        Version++;
    }

    internal static void Map(ModelBuilder model) => model.Entity<Standing>(e =>
    {
        e.ToTable("standings");
        e.HasKey(s => new { s.Plan, s.Of, s.Indicator });
        e.Property(s => s.Version).IsConcurrencyToken();
    });
}
