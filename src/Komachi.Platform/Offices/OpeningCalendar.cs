using System.Globalization;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Offices;

public readonly record struct OpenHours(TimeOnly Opens, TimeOnly Closes);

public enum ClosedBy { Nothing, Weekday, Holiday, YearEnd, Exception }

/// <summary>One day of an office: its hours, and where there are none, why.</summary>
/// <param name="Why">The holiday's name or the exception's note.</param>
public sealed record OfficeDay(DateOnly On, IReadOnlyList<OpenHours> Hours, ClosedBy Closed, Said? Why)
{
    public bool IsOpen => Hours.Count > 0;
}

/// <summary>
/// When an office is open, and which days are its working days: exceptions come first, then the closure at the end of the
/// year, national holidays, and the usual week. Holidays are those of the law, or of the list that the town has brought for a year (<c>desk/offices/holidays</c>).
/// </summary>
public sealed class OpeningCalendar
{
    /// <summary>An office that is closed for years has no next working day.</summary>
    const int FurthestDay = 3700;

    readonly Office _office;
    readonly WeekHours[] _week;
    readonly IReadOnlyDictionary<DateOnly, DayException> _exceptions;
    readonly TownHolidays _holidays;

    internal OpeningCalendar(Office office, IEnumerable<WeekHours> week, IEnumerable<DayException> exceptions, TownHolidays holidays)
    {
        (_office, _week, _holidays) = (office, [.. week.OrderBy(h => h.Opens)], holidays);
        _exceptions = exceptions.ToDictionary(x => x.DayOn);
    }

    public Guid OfficeId => _office.Id;
    public Said OfficeName => _office.Name;

    public OfficeDay On(DateOnly day)
    {
        if (!_office.On(day)) return new(day, [], ClosedBy.Weekday, null);
        if (_exceptions.TryGetValue(day, out var exception))
            return exception.Opens is { } opens ? new(day, [new(opens, exception.Closes!.Value)], ClosedBy.Nothing, exception.Note) : new(day, [], ClosedBy.Exception, exception.Note);
        if (IsYearEnd(day)) return new(day, [], ClosedBy.YearEnd, null);
        if (_office.ClosedOnHolidays && _holidays.On(day) is { } holiday) return new(day, [], ClosedBy.Holiday, holiday);
        var hours = _week.Where(h => h.Weekday == (int)day.DayOfWeek && h.On(day)).Select(h => new OpenHours(h.Opens, h.Closes)).ToArray();
        return new(day, hours, hours.Length > 0 ? ClosedBy.Nothing : ClosedBy.Weekday, null);
    }

    /// <summary>As <see cref="On"/> says, without making what it says: years of days are counted with it.</summary>
    public bool IsWorkingDay(DateOnly day)
    {
        if (!_office.On(day)) return false;
        if (_exceptions.TryGetValue(day, out var exception)) return exception.Opens is not null;
        var weekday = (int)day.DayOfWeek;
        foreach (var hours in _week)
            if (hours.Weekday == weekday && hours.On(day)) return !IsYearEnd(day) && !(_office.ClosedOnHolidays && _holidays.Has(day));
        return false;
    }

    /// <summary>That day if it is a working day, or the next one; null where none comes.</summary>
    public DateOnly? WorkingDayFrom(DateOnly day)
    {
        for (var (at, last) = (day.DayNumber, Math.Min(day.DayNumber + FurthestDay, DateOnly.MaxValue.DayNumber)); at <= last; at++)
            if (IsWorkingDay(DateOnly.FromDayNumber(at))) return DateOnly.FromDayNumber(at);
        return null;
    }

    /// <summary>The day on which that many working days have passed: day 0 is the day itself, as a term of the law counts. Null where none comes.</summary>
    public DateOnly? WorkingDaysAfter(DateOnly day, int count)
    {
        // An office that opens two days in five years has them; one that is closed for good has none.
        var closed = 0;
        for (var at = day.DayNumber; count > 0;)
        {
            if (closed > FurthestDay || at == DateOnly.MaxValue.DayNumber) return null;
            day = DateOnly.FromDayNumber(++at);
            closed = IsWorkingDay(day) ? 0 : closed + 1;
            if (closed == 0) count--;
        }
        return day;
    }

    /// <summary>Working days behind the first and up to the second day.</summary>
    public int WorkingDaysBetween(DateOnly from, DateOnly until)
    {
        var days = 0;
        for (var at = from.DayNumber + 1; at <= until.DayNumber; at++)
            if (IsWorkingDay(DateOnly.FromDayNumber(at))) days++;
        return days;
    }

    /// <summary>
    /// By when to answer what came in then, with a standard processing period (標準処理期間, 行政手続法6条) in working days: what comes in after
    /// closing or on a day off counts from the next working day, and the day on which it counts as come is not counted. Null where no such day comes.
    /// </summary>
    public DateOnly? AnswerBy(DateTimeOffset cameAt, int workingDays)
    {
        var local = JapanTime.Of(cameAt);
        var day = DateOnly.FromDateTime(local);
        var closes = On(day).Hours is [.., var last] ? last.Closes : TimeOnly.MinValue;
        return WorkingDayFrom(TimeOnly.FromDateTime(local) < closes ? day : day.AddDays(1)) is { } counts ? WorkingDaysAfter(counts, workingDays) : null;
    }

    /// <summary>When a period is over of which the law says that it does not end on a day of rest of this office (民法142条, 地方自治法4条の2第4項).</summary>
    public DateOnly TermEnds(LegalTerm term, DateOnly begins) => term.EndsOn(begins, day => !IsWorkingDay(day));

    /// <summary>Open until then; null while it is closed.</summary>
    public TimeOnly? OpenUntil(DateTimeOffset now)
    {
        var local = JapanTime.Of(now);
        var at = TimeOnly.FromDateTime(local);
        foreach (var hours in On(DateOnly.FromDateTime(local)).Hours)
            if (hours.Opens <= at && at < hours.Closes) return hours.Closes;
        return null;
    }

    /// <summary>When it opens next: later today, or on a day to come.</summary>
    public (DateOnly On, TimeOnly At)? OpensNext(DateTimeOffset now)
    {
        var local = JapanTime.Of(now);
        var (today, at) = (DateOnly.FromDateTime(local), TimeOnly.FromDateTime(local));
        for (var day = today; day < today.AddDays(60); day = day.AddDays(1))
            foreach (var hours in On(day).Hours)
                if (day > today || hours.Opens > at) return (day, hours.Opens);
        return null;
    }

    bool IsYearEnd(DateOnly day)
    {
        if (_office.YearEndFrom is not { } from || _office.YearEndUntil is not { } until) return false;
        var at = 100 * day.Month + day.Day;
        var (first, last) = (Number(from), Number(until));
        return first <= last ? first <= at && at <= last : at >= first || at <= last;

        static int Number(string monthDay) => int.Parse(monthDay.AsSpan(0, 2), CultureInfo.InvariantCulture) * 100 + int.Parse(monthDay.AsSpan(3, 2), CultureInfo.InvariantCulture);
    }

    /// <summary>The calendars of all offices, knowing the days from that one on: four statements.</summary>
    internal static async Task<IReadOnlyList<(Office Office, OpeningCalendar Calendar)>> All(TownDb db, DateOnly from, CancellationToken stop = default)
    {
        var offices = await db.Set<Office>().AsNoTracking().Where(o => o.UntilOn == null || o.UntilOn >= from).OrderBy(o => o.Sort).ThenBy(o => o.Key).ToListAsync(stop);
        var week = (await db.Set<WeekHours>().AsNoTracking().Where(h => h.UntilOn == null || h.UntilOn >= from).ToListAsync(stop)).ToLookup(h => h.OfficeId);
        var exceptions = (await db.Set<DayException>().AsNoTracking().Where(x => x.DayOn >= from).ToListAsync(stop)).ToLookup(x => x.OfficeId);
        var holidays = await TownHolidays.Load(db, from, stop);
        return [.. offices.Select(o => (o, new OpeningCalendar(o, week[o.Id], exceptions[o.Id], holidays)))];
    }

    /// <summary>
    /// By which a department's days are counted: its own office, or that of the nearest department above it, or the town's first.
    /// Null in a town without offices.
    /// </summary>
    public static async Task<OpeningCalendar?> OfDepartment(Guid department, DepartmentTree tree, TownDb db, DateOnly from, CancellationToken stop = default) => (await OfDepartments(tree, db, from, stop))(department);

    /// <summary>The same for any department, with as many statements as for one.</summary>
    public static async Task<Func<Guid, OpeningCalendar?>> OfDepartments(DepartmentTree tree, TownDb db, DateOnly from, CancellationToken stop = default)
    {
        var all = await All(db, from, stop);
        var where = (await db.Set<OfficeDepartment>().AsNoTracking().ToListAsync(stop)).ToLookup(d => d.DepartmentId, d => d.OfficeId);
        return department => OfDepartment(department, tree, all, where);
    }

    internal static OpeningCalendar? OfDepartment(Guid department, DepartmentTree tree, IReadOnlyList<(Office Office, OpeningCalendar Calendar)> all, ILookup<Guid, Guid> where)
    {
        for (var at = tree.Standing(department); at is { } id; at = tree.Find(id)?.ParentId)
            foreach (var (office, calendar) in all)
                if (where[id].Contains(office.Id)) return calendar;
        return all.Count == 0 ? null : all[0].Calendar;
    }
}
