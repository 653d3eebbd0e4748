using System.Globalization;
using System.Net;
using System.Security.Claims;
using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Http;
using Npgsql;
using NpgsqlTypes;

namespace Komachi.Platform.Systems;

/// <summary>
/// The door of other systems, behind <c>AccessDoor</c>: which of them it is, whether it comes from where it may, not too often, and may do this;
/// and whether this very request was answered before. Keys are asked of the database each time, so one that ends has ended in every process.
/// </summary>
sealed class SystemDoor(TownDatabases databases, TownKeys keys, House house, Refusals refusals, TimeProvider time)
{
    public const string KeyRefused = "systems.key_refused";

    // Whose key it is, whether it may come from here, and if so one more of its minute, and within that of its day; like every count (see SharedCounters) not written through.
    const string Find = """
        WITH known AS (
            SELECT k.id AS key, s.id, s.name, s.scopes, s.per_minute, s.per_day, coalesce(k.used_at < $3 - interval '1 minute', true) AS note,
                cardinality(s.networks) = 0 OR $4::inet <<= ANY (s.networks::inet[]) AS here
            FROM systems.keys k JOIN systems.systems s ON s.id = k.system_id
            WHERE k.secret_hash = $1 AND k.mark = $2 AND k.ended_at IS NULL AND s.closed_at IS NULL),
        minute AS (
            INSERT INTO house.counters AS c (kind, subject, window_at, count)
            SELECT 'system-minute', uuid_send(id), $5, 1 FROM known, set_config('synchronous_commit', 'off', true) WHERE here
            ON CONFLICT (kind, subject, window_at) DO UPDATE SET count = least(c.count::bigint + 1, 2147483647)::int RETURNING count),
        day AS (
            INSERT INTO house.counters AS c (kind, subject, window_at, count)
            SELECT 'system-day', uuid_send(id), $6, 1 FROM known, minute WHERE minute.count <= per_minute
            ON CONFLICT (kind, subject, window_at) DO UPDATE SET count = least(c.count::bigint + 1, 2147483647)::int RETURNING count)
        SELECT key, id, name, scopes, per_minute, per_day, note, here, coalesce((SELECT count FROM minute), 0), coalesce((SELECT count FROM day), 0), (SELECT edition FROM house.edition) FROM known
        """;

    static readonly TimeSpan Minute = TimeSpan.FromMinutes(1), Day = TimeSpan.FromDays(1);

    /// <param name="Here">It may come from where it comes.</param>
    /// <param name="InDay">What is over the minute does not use up the day, and counts none there.</param>
    sealed record Known(Guid Key, VisitingSystem System, int PerMinute, int PerDay, bool Note, bool Here, int InMinute, int InDay);

    public async Task Pass(HttpContext http, Visit visit, string scope, RequestDelegate next)
    {
        // A key is the whole proof: whoever is signed in in the same browser is nobody here, so no other site's page can use them.
        (visit.Visitor, visit.AtTheDoor, http.User) = (null, null, new ClaimsPrincipal(new ClaimsIdentity()));
        http.Response.Headers.CacheControl = "no-store";
        var stop = http.RequestAborted;
        var realm = $"Bearer realm=\"{visit.Town.Slug}\"";
        if (Presented(http.Request) is not { } presented)
        {
            http.Response.Headers.WWWAuthenticate = realm;
            await Refuse(http, visit, 401, "key_missing", "No key was sent", "Send the system's key in a header: Authorization: Bearer km_…");
            return;
        }
        if (await Recognise(visit, presented, stop) is not { } known)
        {
            refusals.Note(visit, KeyRefused, Refusals.PlaceOf(http));
            http.Response.Headers.WWWAuthenticate = realm + ", error=\"invalid_token\"";
            await Refuse(http, visit, 401, "key_unknown", "This key is not known here", "It may have ended, or belong to another town. Ask the town for a new one.");
            return;
        }
        visit.System = known.System;
        if (!known.Here)
        {
            refusals.Note(visit, KeyRefused, Refusals.PlaceOf(http));
            await Refuse(http, visit, 403, "network", "This key is not taken from there", "The town named the networks from which this system may ask. Ask the town to add yours.");
            return;
        }
        if (!Within(http, visit, known))
        {
            await Refuse(http, visit, 429, "too_many", "Too many requests", "Wait as long as Retry-After says. If that happens often, ask the town for a higher limit.");
            return;
        }
        if (!known.System.Holds(scope))
        {
            refusals.Note(visit, Refusals.NoRight, Refusals.PlaceOf(http));
            http.Response.Headers.WWWAuthenticate = $"{realm}, error=\"insufficient_scope\", scope=\"{scope}\"";
            await Refuse(http, visit, 403, "scope_missing", "This system may not do that", "The town says what each system may do. Ask it to allow this as well.");
            return;
        }
        await OnceOnly.Pass(http, visit, databases, keys, time, next, (status, reason, title, advice) => Refuse(http, visit, status, reason, title, advice));
    }

    static string? Presented(HttpRequest request) =>
        request.Headers.Authorization is [{ Length: > 7 and < 300 } header] && header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header[7..].Trim() : null;

    async Task<Known?> Recognise(Visit visit, string presented, CancellationToken stop)
    {
        if (SystemKey.Read(presented, visit.Town.Slug) is not { } read) return null;
        await using var connection = await databases.Connect(visit.Town, stop);
        var now = time.GetUtcNow();
        Known known;
        await using (var find = new NpgsqlCommand(Find, connection))
        {
            foreach (var value in new object[] { read.Hash, read.Mark, now, IPAddress.TryParse(visit.From, out var from) ? from : DBNull.Value, RecentCount.Begun(now, Minute), RecentCount.Begun(now, Day) }) find.Parameters.Add(new() { Value = value });
            find.Parameters[3].NpgsqlDbType = NpgsqlDbType.Inet;
            await using var row = await find.ExecuteReaderAsync(stop);
            if (!await row.ReadAsync(stop)) return null;
            known = new(row.GetGuid(0), new(row.GetGuid(1), row.GetString(2), row.GetFieldValue<string[]>(3)), row.GetInt32(4), row.GetInt32(5), row.GetBoolean(6), !row.IsDBNull(7) && row.GetBoolean(7), row.GetInt32(8), row.GetInt32(9));
            visit.Edition = row.GetGuid(10);
        }
        if (!known.Note) return known;
        await using var note = new NpgsqlCommand("UPDATE systems.keys SET used_at = $2 WHERE id = $1", connection) { Parameters = { new() { Value = known.Key }, new() { Value = now } } };
        await note.ExecuteNonQueryAsync(stop);
        return known;
    }

    /// <summary>Says in every answer how many requests are left (draft-ietf-httpapi-ratelimit-headers), and whether there was still one for this.</summary>
    bool Within(HttpContext http, Visit visit, Known known)
    {
        var now = time.GetUtcNow();
        var (minute, day) = ((Counted: known.InMinute, Wait: RecentCount.Begun(now, Minute) + Minute - now), (Counted: known.InDay, Wait: RecentCount.Begun(now, Day) + Day - now));
        http.Response.Headers["RateLimit-Policy"] = string.Create(CultureInfo.InvariantCulture, $"\"minute\";q={known.PerMinute};w=60, \"day\";q={known.PerDay};w=86400");
        var left = day.Counted > known.PerDay ? Left("day", 0, day.Wait)
            : minute.Counted > known.PerMinute ? Left("minute", 0, minute.Wait)
            : $"{Left("minute", known.PerMinute - minute.Counted, minute.Wait)}, {Left("day", known.PerDay - day.Counted, day.Wait)}";
        http.Response.Headers["RateLimit"] = left;
        if (minute.Counted <= known.PerMinute && day.Counted <= known.PerDay) return true;
        http.Response.Headers.RetryAfter = Seconds(day.Counted > known.PerDay ? day.Wait : minute.Wait);
        refusals.Note(visit, Refusals.TooOften, Refusals.PlaceOf(http));
        return false;

        static string Left(string policy, int left, TimeSpan wait) => string.Create(CultureInfo.InvariantCulture, $"\"{policy}\";r={left};t={Seconds(wait)}");
        static string Seconds(TimeSpan wait) => Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
    }

    /// <param name="reason">For programs: it never changes, whatever the language.</param>
    Task Refuse(HttpContext http, Visit visit, int status, string reason, string title, string advice)
    {
        var words = visit.WordsOf(house).Bare;
        return Results.Problem(statusCode: status, title: words[title], detail: words[advice], extensions: new Dictionary<string, object?> { ["reason"] = reason, ["requestId"] = visit.RequestId }).ExecuteAsync(http);
    }
}
