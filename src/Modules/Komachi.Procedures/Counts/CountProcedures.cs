using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Offices;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>Cases that arrived on one day and were decided on another: how many.</summary>
sealed record DaysTaken(string Procedure, Guid DepartmentId, DateOnly ArrivedOn, DateOnly DecidedOn, int Count);

/// <summary>The module's figures: what can be filed online, how much of it is, and how long people wait.</summary>
static class CountProcedures
{
    public static async Task<decimal?> Online(TownDb db, TimeProvider time, CancellationToken stop) => (await Catalog.Of(db, time.Today(), stop)).Count;

    /// <summary>By themselves, or by another program for them; what staff typed in for somebody did not come online.</summary>
    public static async Task<decimal?> OnlineShare(TownDb db, TimeProvider time, CancellationToken stop)
    {
        var from = YearBefore(time);
        var ways = await db.Set<Case>().Where(c => c.ArrivedAt >= from).GroupBy(c => c.Way).Select(g => new { Way = g.Key, Count = g.Count() }).ToListAsync(stop);
        var all = ways.Sum(w => w.Count);
        return all == 0 ? null : Math.Round(100m * ways.Where(w => IsOnline(w.Way)).Sum(w => w.Count) / all, 1);
    }

    public static async Task<decimal?> DaysMedian(TownDb db, TimeProvider time, CancellationToken stop)
    {
        var taken = await Taken(db, YearBefore(time), null, stop);
        return taken.Count == 0 ? null : Median(await WorkingDays(taken, db, time.Today(), stop));
    }

    internal static readonly Way[] OnlineWays = [Way.Online, Way.System];

    internal static bool IsOnline(Way way) => OnlineWays.Contains(way);

    internal static DateTimeOffset YearBefore(TimeProvider time) => JapanTime.At(time.Today().AddYears(-1));

    /// <summary>What was decided since then, day by day: as many rows as there are pairs of days, however many cases there are.</summary>
    internal static async Task<IReadOnlyList<DaysTaken>> Taken(TownDb db, DateTimeOffset since, Guid[]? departments, CancellationToken stop)
    {
        var (everywhere, some) = (departments is null, departments ?? []);
        return await db.Database.SqlQuery<DaysTaken>($"""
            SELECT procedure AS "Procedure", department_id AS "DepartmentId", (arrived_at AT TIME ZONE 'Asia/Tokyo')::date AS "ArrivedOn", (decided_at AT TIME ZONE 'Asia/Tokyo')::date AS "DecidedOn", count(*)::int AS "Count"
            FROM procedures.cases WHERE closed_at >= {since} AND decided_at IS NOT NULL AND ({everywhere} OR department_id = ANY ({some})) GROUP BY 1, 2, 3, 4
            """).ToListAsync(stop);
    }

    /// <summary>How many working days of its own office each took, and how often.</summary>
    internal static async Task<IReadOnlyList<(DaysTaken Of, int Days)>> WorkingDays(IReadOnlyList<DaysTaken> taken, TownDb db, DateOnly today, CancellationToken stop)
    {
        if (taken.Count == 0) return [];
        var calendars = await OpeningCalendar.OfDepartments(await DepartmentTrees.On(today, db, stop), db, taken.Min(t => t.ArrivedOn), stop);
        var known = new Dictionary<(OpeningCalendar?, DateOnly, DateOnly), int>();
        return [.. taken.Select(t => (t, Between(calendars(t.DepartmentId), t.ArrivedOn, t.DecidedOn)))];

        int Between(OpeningCalendar? calendar, DateOnly from, DateOnly until) => known.TryGetValue((calendar, from, until), out var days) ? days
            : known[(calendar, from, until)] = calendar?.WorkingDaysBetween(from, until) ?? until.DayNumber - from.DayNumber;
    }

    internal static decimal? Median(IEnumerable<(DaysTaken Of, int Days)> taken)
    {
        var sorted = taken.OrderBy(t => t.Days).ToArray();
        var all = sorted.Sum(t => (long)t.Of.Count);
        if (all == 0) return null;
        return all % 2 == 1 ? At(all / 2) : (At(all / 2 - 1) + At(all / 2)) / 2m;

        decimal At(long place)
        {
            foreach (var (of, days) in sorted)
                if (place < of.Count) return days;
                else place -= of.Count;
            return sorted[^1].Days;
        }
    }
}
