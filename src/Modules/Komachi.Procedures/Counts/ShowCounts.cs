using System.Globalization;
using System.Text;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Offices;
using Komachi.Platform.Sheets;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>Filings of a procedure that came in a month in one way.</summary>
public sealed record CameIn(string Procedure, string Way, DateOnly Month, int Count);

/// <summary>What is open of a procedure now.</summary>
public sealed record OpenNow(string Procedure, int Open, int Late, int Correcting);

/// <summary>Where people stopped: forms that were given up, and those that nobody has touched since yesterday.</summary>
public sealed record StoppedAt(string Procedure, string Page, int Count);

public sealed record Rated(string Procedure, int Easy, int Reached, int Count);

/// <summary>What somebody wrote beside their rating.</summary>
public sealed record RatedInWords(string Procedure, int Easy, string Words, DateTimeOffset At);

/// <summary>A line of the table.</summary>
public sealed record Counted(string Key, Said Title, int Filings, int Online, OpenNow Now, decimal? Days, decimal? Easy);

/// <summary>Everything that the page of counts shows, of twelve months.</summary>
public sealed record Counts(IReadOnlyList<DateOnly> Months, IReadOnlyList<Counted> Lines, IReadOnlyList<CameIn> CameIn, IReadOnlyList<StoppedAt> Stopped, IReadOnlyList<Rated> Ratings, IReadOnlyList<RatedInWords> Words, IReadOnlyDictionary<string, Procedure> Procedures, decimal? Days);

/// <summary>
/// How procedures go: what comes in and how, how long it takes, what waits, where people give up, and how easy they found it. Of the departments for which
/// somebody works; nothing of what stands in a filing is read.
/// </summary>
static class ShowCounts
{
    const int Months = 12, MostWords = 20;

    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("counts", async (string? procedure, Visit visit, TownDb db, TimeProvider time, HttpContext http) =>
            Page.Show<CountsPage>(new { Counts = await Read(visit, db, time, http.RequestAborted), Chosen = procedure }));
        to.MapGet("counts.csv", async (Visit visit, TownDb db, TimeProvider time, Words words, HttpContext http) =>
            Results.File(Encoding.UTF8.GetPreamble().Concat(Encoding.UTF8.GetBytes(Csv.Write(Rows(await Read(visit, db, time, http.RequestAborted), words)))).ToArray(), "text/csv; charset=utf-8", "counts.csv"));
    }

    internal static async Task<Counts> Read(Visit visit, TownDb db, TimeProvider time, CancellationToken stop)
    {
        var today = time.Today();
        var tree = await DepartmentTrees.On(today, db, stop);
        var mine = visit.Visitor!.DepartmentsFor("procedures.review", tree);
        var (everywhere, some) = (mine is null, mine?.ToArray() ?? []);
        var first = new DateOnly(today.Year, today.Month, 1).AddMonths(1 - Months);
        var since = JapanTime.At(first);

        var newest = await Catalog.Newest(db).Select(d => new { d.Id, d.Key }).ToListAsync(stop);
        var versions = await Catalog.Versions(db, [.. newest.Select(n => n.Id)], stop);
        var procedures = newest.ToDictionary(n => n.Key, n => versions[n.Id]);

        var came = await db.Database.SqlQuery<CameIn>($"""
            SELECT procedure AS "Procedure", way AS "Way", date_trunc('month', arrived_at AT TIME ZONE 'Asia/Tokyo')::date AS "Month", count(*)::int AS "Count"
            FROM procedures.cases WHERE arrived_at >= {since} AND ({everywhere} OR department_id = ANY ({some})) GROUP BY 1, 2, 3
            """).ToListAsync(stop);
        var open = await db.Database.SqlQuery<OpenNow>($"""
            SELECT procedure AS "Procedure", count(*)::int AS "Open", count(*) FILTER (WHERE stopped_on IS NULL AND due_on < {today})::int AS "Late", count(*) FILTER (WHERE stopped_on IS NOT NULL)::int AS "Correcting"
            FROM procedures.cases WHERE closed_at IS NULL AND ({everywhere} OR department_id = ANY ({some})) GROUP BY 1
            """).ToListAsync(stop);
        var taken = await CountProcedures.WorkingDays(await CountProcedures.Taken(db, since, mine?.ToArray(), stop), db, today, stop);
        var ratings = await db.Database.SqlQuery<Rated>($"""
            SELECT r.procedure AS "Procedure", r.easy AS "Easy", count(*) FILTER (WHERE r.reached)::int AS "Reached", count(*)::int AS "Count"
            FROM procedures.ratings r JOIN procedures.cases c ON c.id = r.case_id WHERE r.at >= {since} AND ({everywhere} OR c.department_id = ANY ({some})) GROUP BY 1, 2
            """).ToListAsync(stop);
        var said = await db.Database.SqlQuery<RatedInWords>($"""
            SELECT r.procedure AS "Procedure", r.easy AS "Easy", r.words AS "Words", r.at AS "At"
            FROM procedures.ratings r JOIN procedures.cases c ON c.id = r.case_id WHERE r.words IS NOT NULL AND r.at >= {since} AND ({everywhere} OR c.department_id = ANY ({some})) ORDER BY r.at DESC LIMIT {MostWords}
            """).ToListAsync(stop);
        var day = time.GetUtcNow().AddDays(-1);
        var stopped = await db.Database.SqlQuery<StoppedAt>($"""
            SELECT procedure AS "Procedure", page AS "Page", sum(count)::int AS "Count" FROM (
                SELECT procedure, page, count FROM procedures.given_up WHERE month >= {first}
                UNION ALL SELECT procedure, page, count(*)::int FROM procedures.drafts WHERE case_id IS NULL AND stage = '' AND way <> 'System' AND changed_at < {day} GROUP BY 1, 2) s GROUP BY 1, 2
            """).ToListAsync(stop);

        // What was begun has no department yet: its procedure does.
        bool IsMine(string key) => mine is null || procedures.TryGetValue(key, out var p) && mine.Contains(Catalog.DepartmentOf(p.Definition.Department, tree)) || came.Exists(c => c.Procedure == key);
        stopped = [.. stopped.Where(s => procedures.ContainsKey(s.Procedure) && IsMine(s.Procedure))];
        var lines = procedures.Where(p => IsMine(p.Key)).Select(p => new Counted(p.Key, p.Value.Title, came.Where(c => c.Procedure == p.Key).Sum(c => c.Count),
            came.Where(c => c.Procedure == p.Key && CountProcedures.IsOnline(Enum.Parse<Way>(c.Way))).Sum(c => c.Count), open.FirstOrDefault(o => o.Procedure == p.Key) ?? new(p.Key, 0, 0, 0),
            CountProcedures.Median(taken.Where(t => t.Of.Procedure == p.Key)), Average(ratings.Where(r => r.Procedure == p.Key)))).OrderByDescending(l => l.Filings).ThenBy(l => l.Key, StringComparer.Ordinal).ToArray();
        return new([.. Enumerable.Range(0, Months).Select(first.AddMonths)], lines, came, stopped, ratings, said, procedures, CountProcedures.Median(taken));
    }

    internal static decimal? Average(IEnumerable<Rated> ratings) =>
        ratings.ToArray() is var some && some.Sum(r => r.Count) is var all and > 0 ? Math.Round((decimal)some.Sum(r => r.Easy * r.Count) / all, 1) : null;

    static IEnumerable<string[]> Rows(Counts counts, Words t) =>
    [
        [t.Bare["Procedure|counts"], t.Bare["Month|counts"], t.Bare["Way|counts"], t.Bare["Filings|counts"]],
        .. counts.CameIn.OrderBy(c => c.Month).ThenBy(c => c.Procedure, StringComparer.Ordinal).ThenBy(c => c.Way, StringComparer.Ordinal)
            .Select(c => new[] { Csv.Guarded(counts.Procedures.TryGetValue(c.Procedure, out var p) ? Furigana.Bare(p.Title.In(t.Lang)) : c.Procedure), c.Month.ToString("yyyy-MM", CultureInfo.InvariantCulture), t.Bare[CaseWords.Of(Enum.Parse<Way>(c.Way))], c.Count.ToString(CultureInfo.InvariantCulture) }),
    ];
}
