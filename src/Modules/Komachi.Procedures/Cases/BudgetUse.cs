using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>How much of a year's budget is granted.</summary>
public sealed record BudgetUse(long Limit, long Used)
{
    public long Left => Limit - Used;

    /// <summary>
    /// What was granted in the year of a day. The sum of the cases themselves is the truth: the form closes by it, the clerk reads it, and a grant is held against it. Made-up filings spend nothing.
    /// </summary>
    internal static async Task<BudgetUse?> Of(Procedure procedure, TownDb db, DateOnly on, CancellationToken stop = default)
    {
        if (procedure.Definition.Budget is not { } limit) return null;
        var (first, last) = limit.IsCalendar ? (new DateOnly(on.Year, 1, 1), new DateOnly(on.Year, 12, 31)) : (FiscalYear.Of(on).First, FiscalYear.Of(on).Last);
        var (from, until, key, field) = (JapanTime.At(first), JapanTime.At(last.AddDays(1)), procedure.Key, limit.Of);
        var used = await db.Database.SqlQuery<decimal>($"""
            SELECT coalesce(sum(CAST(coalesce(decided ->> {field}, answers ->> {field}) AS numeric)), 0) AS "Value" FROM procedures.cases
            WHERE procedure = {key} AND state = 'Granted' AND decided_at >= {from} AND decided_at < {until} AND NOT sample
              AND coalesce(decided ->> {field}, answers ->> {field}) ~ '^[0-9]+(\.[0-9]+)?$'
            """).ToListAsync(stop);
        return new(limit.Yen, (long)used[0]);
    }
}
