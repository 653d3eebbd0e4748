using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Audit;

/// <summary>Three questions that a town is asked: who saw this person's data, what did this account do, and what was unusual.</summary>
public static class AuditReports
{
    const int MostRows = 200;

    /// <summary>One account that saw, or one action that was done.</summary>
    public sealed record Row(Guid? ActorId, string? Action, int Times, int People, DateTimeOffset First, DateTimeOffset Last);

    internal static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("person", async (Sought sought, string? who, string? from, string? until, Visit visit, TownDb db, TimeProvider time, HttpContext http) =>
        {
            var filter = await Year(sought, visit, db, null, who, from, until, time, http.RequestAborted);
            IReadOnlyList<Row> rows = [];
            if (filter.AboutId is not null)
            {
                rows = await FindEntries.Of(filter, visit, db).Where(e => e.Action.EndsWith(".read")).GroupBy(e => e.ActorId)
                    .OrderByDescending(g => g.Max(e => e.At)).Take(MostRows).Select(g => new Row(g.Key, null, g.Count(), 1, g.Min(e => e.At), g.Max(e => e.At))).ToListAsync(http.RequestAborted);
                await FindEntries.Saw(db, visit, "person", filter);
            }
            return Page.Show<ReportPage>(new { OfPerson = true, Filter = filter, Sought = sought, Rows = rows, People = await FindEntries.PeopleOf(visit, db, rows.Select(r => r.ActorId).Append(filter.AboutId), http.RequestAborted) });
        });
        to.MapGet("account", async (Sought sought, string? who, string? from, string? until, Visit visit, TownDb db, TimeProvider time, HttpContext http) =>
        {
            var filter = await Year(sought, visit, db, who, null, from, until, time, http.RequestAborted);
            IReadOnlyList<Row> rows = [];
            if (filter.AccountId is not null)
            {
                rows = await FindEntries.Of(filter, visit, db).GroupBy(e => e.Action)
                    .OrderByDescending(g => g.Max(e => e.At)).Take(MostRows)
                    .Select(g => new Row(null, g.Key, g.Count(), g.Select(e => e.AboutId).Distinct().Count(), g.Min(e => e.At), g.Max(e => e.At))).ToListAsync(http.RequestAborted);
                await FindEntries.Saw(db, visit, "account", filter);
            }
            return Page.Show<ReportPage>(new { OfPerson = false, Filter = filter, Sought = sought, Rows = rows, People = await FindEntries.PeopleOf(visit, db, [filter.AccountId], http.RequestAborted) });
        });
        to.MapGet("unusual", async (int? days, Visit visit, TownDb db, TownDatabases databases, TimeProvider time, HttpContext http) =>
        {
            var back = days is 7 or 90 ? days.Value : 30;
            var (until, stop) = (time.GetUtcNow(), http.RequestAborted);
            var found = await UnusualReading.Find(databases, visit.Town, JapanTime.At(JapanTime.DayOf(until).AddDays(-back)), until, visit.Visitor?.May(People.Protection.Permission) == true, stop);
            await FindEntries.Saw(db, visit, "unusual", new(null, null, null, JapanTime.DayOf(until).AddDays(-back), null));
            return Page.Show<UnusualPage>(new { Days = back, Found = found, People = await FindEntries.PeopleOf(visit, db, found.SelectMany(f => new[] { f.ActorId, f.AboutId }), stop) });
        });
    }

    /// <summary>A year back where no day was named.</summary>
    static async Task<FindEntries.Filter> Year(Sought sought, Visit visit, TownDb db, string? account, string? about, string? from, string? until, TimeProvider time, CancellationToken stop)
    {
        var filter = await FindEntries.Read(sought, visit, db, account, about, null, from, until, stop);
        return filter.From is null ? filter with { From = JapanTime.DayOf(time.GetUtcNow()).AddYears(-1) } : filter;
    }
}
