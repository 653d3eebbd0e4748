using System.Buffers.Text;
using System.Security.Claims;
using System.Security.Cryptography;
using Komachi.Platform.Data;
using Komachi.Platform.People;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace Komachi.Platform.Web;

/// <summary>
/// Who is there: the cookie holds a random secret, the town's own database holds its hash. A secret of another town finds
/// no row here, so a session is worth nothing outside its town, and ending one ends it at once.
/// </summary>
sealed class SessionDoor(RequestDelegate next, TownDatabases databases, TimeProvider time)
{
    const int SecretBytes = 32;

    // One statement by the primary key, prepared by the pool: every signed-in request pays for it. $2 is today in Japan: what
    // begins on 1 April begins at midnight there, and no job has to do it.
    const string Find = """
        SELECT s.id, a.id, a.name, a.email, a.kind, a.permissions, a.person_id, s.waits_for, s.proved_at, s.seen_at < now() - interval '5 minutes',
            CASE WHEN a.kind = 'Staff' THEN offices.grants_of(a.id, $2) END, (SELECT edition FROM house.edition),
            m.id, m.principal_id, p.name, m.ground, m.scope, a.first_password_until IS NOT NULL, a.uses_keys
        FROM people.sessions s JOIN people.accounts a ON a.id = s.account_id
        LEFT JOIN people.mandates_in_force m ON m.id = s.acting_for AND m.agent_id = a.person_id LEFT JOIN people.persons p ON p.id = m.principal_id
        WHERE s.secret_hash = $1 AND s.ends_at > now() AND a.closed_at IS NULL
        """;

    public static HouseCookie CookieOf(Visit visit) => HouseCookie.Of(visit, "komachi-" + visit.Town.Slug);

    public Task Invoke(HttpContext http)
    {
        var visit = http.Visit();
        return visit.HasTown && CookieOf(visit).Read(http) is { Length: > 0 } secret
            ? Recognise(http, visit, secret)
            : next(http);
    }

    async Task Recognise(HttpContext http, Visit visit, string secret)
    {
        if (HashOf(secret) is { } hash)
        {
            http.Response.Headers.CacheControl = "no-store";    // what is shown to somebody stays in no cache and behind no back button; files of the house say otherwise
            Visitor? seen = null;
            await using (var connection = await databases.Connect(visit.Town, http.RequestAborted))
            await using (var command = new NpgsqlCommand(Find, connection) 
            {
                Parameters = { new NpgsqlParameter<byte[]> { TypedValue = hash }, new NpgsqlParameter<DateOnly> { TypedValue = Days.JapanTime.DayOf(time.GetUtcNow()) } },
            })
            await using (var rows = await command.ExecuteReaderAsync(http.RequestAborted))
                if (await rows.ReadAsync(http.RequestAborted))
                {
                    var who = new Visitor(rows.GetGuid(1), rows.GetGuid(0), rows.GetString(2), rows.IsDBNull(3) ? null : rows.GetString(3), rows.GetString(4) == "Staff", rows.GetFieldValue<string[]>(5))
                    {
                        PersonId = rows.IsDBNull(6) ? null : rows.GetGuid(6),
                        ProvedAt = rows.GetFieldValue<DateTimeOffset>(8),
                        Grants = GrantsOf(rows),
                        UsesKeys = rows.GetBoolean(18),
                        For = rows.IsDBNull(12) ? null : new(rows.GetGuid(12), rows.GetGuid(13), rows.GetString(14), Enum.Parse<MandateGround>(rows.GetString(15)), rows.GetFieldValue<string[]>(16)),
                    };
                    visit.Edition = rows.GetGuid(11);
                    if (!rows.IsDBNull(7)) visit.AtTheDoor = new(who, Enum.Parse<Waiting>(rows.GetString(7)));
                    else if (rows.GetBoolean(17)) visit.AtTheDoor = new(who, Waiting.NewPassword);
                    else visit.Visitor = who;
                    seen = rows.GetBoolean(9) ? who : null;
                }
            if (seen is not null) await Seen(visit.Town, seen, http.RequestAborted);
            if ((visit.Visitor ?? visit.AtTheDoor?.Who) is { } visitor)
                http.User = UserOf(visitor);
        }
        await next(http);
    }

    /// <summary>Used devices stay signed in a while longer; written every five minutes at most.</summary>
    async Task Seen(Towns.Town town, Visitor visitor, CancellationToken stop)
    {
        await using var connection = await databases.Connect(town, stop);
        await using var note = new NpgsqlCommand("UPDATE people.sessions SET seen_at = now(), ends_at = least(latest_at, now() + $2) WHERE id = $1 AND waits_for IS NULL", connection)
        {
            Parameters = { new() { Value = visitor.SessionId }, new() { Value = Entrance.IdleOf(visitor.IsStaff) } },
        };
        await note.ExecuteNonQueryAsync(stop);
    }

    /// <summary>
    /// Forms' tokens are bound to the session, so that those of one are worth nothing in the next; and to the person for whom
    /// somebody acts, so that what was filled in for one is never sent as another's.
    /// </summary>
    public static ClaimsPrincipal UserOf(Visitor visitor) =>
        new(new ClaimsIdentity([new(ClaimTypes.NameIdentifier, visitor.SessionId.ToString("N") + (visitor.For is { } other ? "/" + other.MandateId.ToString("N") : ""))], "session"));

    static Grant[] GrantsOf(NpgsqlDataReader rows)
    {
        if (rows.IsDBNull(10)) return [];
        var held = rows.GetFieldValue<string[]>(10);
        var grants = new Grant[held.Length];
        for (var i = 0; i < held.Length; i++)
        {
            var parts = held[i].Split(' ');
            grants[i] = new(parts[0], Guid.Parse(parts[1]), parts[2].Length > 0 ? Guid.Parse(parts[2]) : null);
        }
        return grants;
    }

    public static (string Secret, byte[] Hash) NewSecret()
    {
        var bytes = RandomNumberGenerator.GetBytes(SecretBytes);
        return (Base64Url.EncodeToString(bytes), SHA256.HashData(bytes));
    }

    internal static byte[]? HashOf(string secret)
    {
        Span<byte> bytes = stackalloc byte[SecretBytes];
        if (secret.Length > 44 || !Base64Url.IsValid(secret) || !Base64Url.TryDecodeFromChars(secret, bytes, out var written) || written != SecretBytes) return null;
        return SHA256.HashData(bytes);
    }

    public static void Give(HttpContext http, Visit visit, string secret, DateTimeOffset until) => CookieOf(visit).Give(http, secret, until);

    public static void Take(HttpContext http, Visit visit) => CookieOf(visit).Take(http);
}
