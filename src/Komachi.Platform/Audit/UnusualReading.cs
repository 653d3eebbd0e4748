using System.Globalization;
using Komachi.Platform.Data;
using Komachi.Platform.Towns;
using Komachi.Ui.Words;
using Npgsql;

namespace Komachi.Platform.Audit;

public enum UnusualKind { Many, OutOfHours, Own, Crowd, Refused }

/// <summary>Reading of personal data, or asking for what is refused, that somebody should look at, and why. Most of it has a good reason; the point is that it is asked for.</summary>
public sealed record Unusual(UnusualKind Kind, DateOnly Day, Guid? ActorId, Guid? AboutId, long People, long Times, decimal? Usual, DateTimeOffset First, DateTimeOffset Last)
{
    public string In(Words words) => Kind switch
    {
        UnusualKind.Many => Usual is { } usual
            ? words["Saw the data of {0} persons in a day; in the 30 days before it was {1} a day on average.", People, usual.ToString("0.#", CultureInfo.InvariantCulture)]
            : words["Saw the data of {0} persons in a day, and had seen none in the 30 days before.", People],
        UnusualKind.OutOfHours => words["Saw the data of {0} persons at night or at a weekend.", People],
        UnusualKind.Own => words["Saw the data of their own person."],
        UnusualKind.Refused => words["Was refused {0} times: pages without the right to them, wrong codes or passwords, forms, too many attempts.", Times],
        _ => words["{0} accounts saw this person's data on one day.", People],
    };
}

/// <summary>
/// Five rules that can be explained to whom they concern: far more persons in a day than usual, at night or at a weekend, one's own
/// data, one person whom many look at, and an account that is refused often. Only what staff do counts. Public holidays and shifts are not known here yet.
/// </summary>
static class UnusualReading
{
    public const int LeastPersons = 30, TimesUsual = 3, Crowd = 5, OftenRefused = 20, MostOfAKind = 200;

    const string Read = """
        SELECT e.actor_id, e.about_id, a.person_id, e.at, (e.at AT TIME ZONE 'Asia/Tokyo') AS local
        FROM audit.entries e JOIN people.accounts a ON a.id = e.actor_id AND a.kind = 'Staff'
        WHERE e.action LIKE '%.read' AND e.about_id IS NOT NULL AND e.at < $2
            AND ($3 OR NOT EXISTS (SELECT FROM people.protections p WHERE p.person_id = e.about_id AND p.ended_at IS NULL))
        """;

    static readonly string[] Rules =
    [
        // The average is over the days on which the account read anything: who works once a week is not unusual for that.
        $"""
        WITH days AS (
            SELECT actor_id, local::date AS day, count(DISTINCT about_id) AS people, count(*) AS times, min(at) AS first, max(at) AS last
            FROM ({Read} AND e.at >= $1 - interval '30 days') r GROUP BY 1, 2),
        usual AS (SELECT *, avg(people) OVER (PARTITION BY actor_id ORDER BY day RANGE BETWEEN interval '30 days' PRECEDING AND interval '1 day' PRECEDING) AS usual FROM days)
        SELECT day, actor_id, NULL::uuid, people, times, usual, first, last FROM usual
        WHERE first >= $1 AND people >= {LeastPersons} AND people > {TimesUsual} * coalesce(usual, 0) ORDER BY day DESC, people DESC LIMIT {MostOfAKind}
        """,
        $"""
        SELECT local::date AS day, actor_id, NULL::uuid, count(DISTINCT about_id), count(*), NULL::numeric, min(at), max(at)
        FROM ({Read} AND e.at >= $1) r
        WHERE local::time < '07:00' OR local::time >= '21:00' OR extract(isodow FROM local) >= 6
        GROUP BY 1, 2 ORDER BY 1 DESC, 4 DESC LIMIT {MostOfAKind}
        """,
        $"""
        SELECT local::date AS day, actor_id, about_id, 1::bigint, count(*), NULL::numeric, min(at), max(at)
        FROM ({Read} AND e.at >= $1) r WHERE about_id IN (actor_id, person_id) GROUP BY 1, 2, 3 ORDER BY 1 DESC LIMIT {MostOfAKind}
        """,
        $"""
        SELECT local::date AS day, NULL::uuid, about_id, count(DISTINCT actor_id), count(*), NULL::numeric, min(at), max(at)
        FROM ({Read} AND e.at >= $1) r GROUP BY 1, 3 HAVING count(DISTINCT actor_id) >= {Crowd} ORDER BY 1 DESC, 4 DESC LIMIT {MostOfAKind}
        """,
        // Of what stands for many the number, of the rest one each; and whose account it was, when nobody was signed in to it.
        $"""
        SELECT local::date AS day, id, NULL::uuid, 0::bigint, sum(times)::bigint, NULL::numeric, min(at), max(at)
        FROM (SELECT a.id, e.at, (e.at AT TIME ZONE 'Asia/Tokyo') AS local, coalesce((e.details->>'times')::bigint, 1) AS times
            FROM audit.entries e JOIN people.accounts a ON a.kind = 'Staff' AND (a.id = e.actor_id OR e.actor_id IS NULL AND e.subject = 'accounts/' || a.id)
            WHERE e.action = ANY (ARRAY['{string.Join("','", Refusals.Kinds)}']) AND e.at >= $1 AND e.at < $2 AND ($3 OR true)) r
        GROUP BY 1, 2 HAVING sum(times) >= {OftenRefused} ORDER BY 1 DESC, 5 DESC LIMIT {MostOfAKind}
        """,
    ];

    public static async Task<IReadOnlyList<Unusual>> Find(TownDatabases databases, Town town, DateTimeOffset since, DateTimeOffset until, bool withProtected, CancellationToken stop)
    {
        var found = new List<Unusual>();
        await using var connection = await databases.Connect(town, stop);
        for (var rule = 0; rule < Rules.Length; rule++)
        {
            await using var ask = new NpgsqlCommand(Rules[rule], connection) { Parameters = { new() { Value = since }, new() { Value = until }, new() { Value = withProtected } } };
            await using var row = await ask.ExecuteReaderAsync(stop);
            while (await row.ReadAsync(stop))
                found.Add(new((UnusualKind)rule, row.GetFieldValue<DateOnly>(0), row.IsDBNull(1) ? null : row.GetGuid(1), row.IsDBNull(2) ? null : row.GetGuid(2),
                    row.GetInt64(3), row.GetInt64(4), row.IsDBNull(5) ? null : row.GetDecimal(5), row.GetFieldValue<DateTimeOffset>(6), row.GetFieldValue<DateTimeOffset>(7)));
        }
        return [.. found.OrderByDescending(f => f.Day).ThenBy(f => f.Kind)];
    }
}
