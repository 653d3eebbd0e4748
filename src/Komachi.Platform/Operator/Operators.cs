using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Komachi.Platform.Data;
using Komachi.Platform.Jobs;
using Komachi.Platform.People;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace Komachi.Platform.Operator;

/// <summary>Somebody who runs the house: has an account in no town.</summary>
public sealed record OperatorAccount(Guid Id, string SignInName, string Name);

/// <summary>
/// Signing in as an operator: a name, a password and the authenticator's code, always all three, and each code once. Attempts
/// are counted over all processes, mostly by name and network together: somebody else's attempts lock nobody out.
/// </summary>
public sealed class Operators(NpgsqlDataSource control, Servers servers, TimeProvider time)
{
    static readonly TimeSpan Lasts = TimeSpan.FromHours(8), Window = TimeSpan.FromMinutes(10);
    const int PerNameAndNetwork = 10, PerNetwork = 60, PerName = 200;

    readonly byte[] _counting = servers.KeyFor("operator attempts");

    internal enum SignedIn { Yes, No, TooOften }

    /// <summary>Who holds this secret; null for one that was ended, is over, or never was.</summary>
    internal async Task<(OperatorAccount Account, Guid Session)?> Recognise(byte[] hash, CancellationToken stop)
    {
        await using var find = control.CreateCommand("""
            SELECT o.id, o.sign_in_name, o.name, s.id FROM registry.operator_sessions s JOIN registry.operators o ON o.id = s.operator_id
            WHERE s.secret_hash = $1 AND s.ends_at > $2 AND o.closed_at IS NULL
            """);
        find.Parameters.Add(new() { Value = hash });
        find.Parameters.Add(new() { Value = time.GetUtcNow() });
        await using var rows = await find.ExecuteReaderAsync(stop);
        return await rows.ReadAsync(stop) ? (new(rows.GetGuid(0), rows.GetString(1), rows.GetString(2)), rows.GetGuid(3)) : null;
    }

    /// <returns>With whoever is in: the secret, and until when it opens. With whoever came too often: until when to wait.</returns>
    internal async Task<(SignedIn, string Secret, DateTimeOffset Until)> SignIn(string name, string password, string code, Visit visit, CancellationToken stop)
    {
        name = Account.FoldSignInName(name);
        var (now, from) = (time.GetUtcNow(), visit.From);
        var wait = new[] { await Count($"pair {name} {from}", PerNameAndNetwork, stop), await Count($"network {from}", PerNetwork, stop), await Count($"name {name}", PerName, stop) }.Max();
        if (wait > TimeSpan.Zero) return (SignedIn.TooOften, "", now + wait);

        (Guid Id, string Hash, byte[] Authenticator, long UsedStep)? found = null;
        await using (var find = control.CreateCommand("SELECT id, password_hash, sealed_authenticator, used_step FROM registry.operators WHERE sign_in_name = $1 AND closed_at IS NULL"))
        {
            find.Parameters.Add(new() { Value = name });
            await using var rows = await find.ExecuteReaderAsync(stop);
            if (await rows.ReadAsync(stop)) found = (rows.GetGuid(0), rows.GetString(1), rows.GetFieldValue<byte[]>(2), rows.GetInt64(3));
        }
        // A wrong name takes as long as a wrong password, and which of the three was wrong is not said.
        var fits = password.Length <= 1000 && Passwords.Fits(password, found?.Hash);
        var step = found is { } known ? Totp.StepOf(code, InstallationSeal.Open(servers.OpeningKeysFor(InstallationSeal.Operators), known.Id.ToString(), known.Authenticator), now, known.UsedStep) : null;
        if (found is null || !fits || step is null || !await UseStep(found.Value.Id, step.Value, stop))
        {
            await Audit(found is null ? null : name, "operator.sign_in_refused", visit, null, null, null, stop);
            return (SignedIn.No, "", default);
        }

        var (secret, hash) = SessionDoor.NewSecret();
        await using var begin = control.CreateCommand("INSERT INTO registry.operator_sessions (id, operator_id, secret_hash, from_address, began_at, ends_at) VALUES ($1, $2, $3, $4, $5, $6)");
        foreach (object value in new object[] { Data.Id.New(), found.Value.Id, hash, from, now, now + Lasts }) begin.Parameters.Add(new() { Value = value });
        await begin.ExecuteNonQueryAsync(stop);
        await Forget($"pair {name} {from}", stop);
        await Audit(name, "operator.sign_in", visit, null, null, null, stop);
        return (SignedIn.Yes, secret, now + Lasts);
    }

    /// <summary>Of two who type the same code at the same moment, one comes in.</summary>
    async Task<bool> UseStep(Guid id, long step, CancellationToken stop)
    {
        await using var use = control.CreateCommand("UPDATE registry.operators SET used_step = $2 WHERE id = $1 AND used_step < $2");
        use.Parameters.Add(new() { Value = id });
        use.Parameters.Add(new() { Value = step });
        return await use.ExecuteNonQueryAsync(stop) == 1;
    }

    internal async Task SignOut(Guid session, CancellationToken stop)
    {
        await using var end = control.CreateCommand("DELETE FROM registry.operator_sessions WHERE id = $1 OR ends_at < $2");
        end.Parameters.Add(new() { Value = session });
        end.Parameters.Add(new() { Value = time.GetUtcNow() });
        await end.ExecuteNonQueryAsync(stop);
    }

    /// <summary>Counts one more; how long to wait, which is nothing for whoever is within the limit.</summary>
    async Task<TimeSpan> Count(string subject, int limit, CancellationToken stop)
    {
        var now = time.GetUtcNow();
        var start = RecentCount.Begun(now, Window);
        await using var count = control.CreateCommand("""
            INSERT INTO registry.operator_attempts AS a (subject, window_at, count) VALUES ($1, $2, 1)
            ON CONFLICT (subject, window_at) DO UPDATE SET count = a.count + 1
            RETURNING ARRAY[a.count, coalesce((SELECT b.count FROM registry.operator_attempts b WHERE b.subject = $1 AND b.window_at = $3), 0)]
            """);
        foreach (var value in new object[] { HMACSHA256.HashData(_counting, Encoding.UTF8.GetBytes(subject)), start, start - Window }) count.Parameters.Add(new() { Value = value });
        var recent = RecentCount.Read(await count.ExecuteScalarAsync(stop), now, Window);
        return recent.Within(limit) ? TimeSpan.Zero : recent.Wait(limit);
    }

    async Task Forget(string subject, CancellationToken stop)
    {
        await using var forget = control.CreateCommand("DELETE FROM registry.operator_attempts WHERE subject = $1 OR window_at < $2");
        forget.Parameters.Add(new() { Value = HMACSHA256.HashData(_counting, Encoding.UTF8.GetBytes(subject)) });
        forget.Parameters.Add(new() { Value = time.GetUtcNow().AddDays(-1) });
        await forget.ExecuteNonQueryAsync(stop);
    }

    internal Task Audit(string action, Visit visit, string? town = null, string? reason = null, object? details = null, CancellationToken stop = default) =>
        Audit(visit.Operator?.SignInName, action, visit, town, reason, details, stop);

    async Task Audit(string? name, string action, Visit visit, string? town, string? reason, object? details, CancellationToken stop)
    {
        await using var connection = await control.OpenConnectionAsync(stop);
        await Write(connection, new(time.GetUtcNow(), name, action, town, reason, visit.RequestId, visit.From, details is null ? null : JsonSerializer.Serialize(details, JobKind.Json)), stop);
    }

    public sealed record Entry(DateTimeOffset At, string? Operator, string Action, string? Town, string? Reason, string? RequestId, string? FromAddress, string? Details);

    static async Task Write(NpgsqlConnection connection, Entry entry, CancellationToken stop)
    {
        await using var write = new NpgsqlCommand("INSERT INTO registry.operator_audit (id, at, operator, action, town, reason, request_id, from_address, details) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb)", connection);
        foreach (var value in new object?[] { Data.Id.New(), entry.At, entry.Operator, entry.Action, entry.Town, entry.Reason, entry.RequestId, entry.FromAddress, entry.Details })
            write.Parameters.Add(new() { Value = value ?? DBNull.Value });
        await write.ExecuteNonQueryAsync(stop);
    }

    internal async Task<IReadOnlyList<Entry>> Newest(int most, CancellationToken stop)
    {
        await using var read = control.CreateCommand("SELECT at, operator, action, town, reason, request_id, from_address, details::text FROM registry.operator_audit ORDER BY at DESC, id DESC LIMIT $1");
        read.Parameters.Add(new() { Value = most });
        await using var rows = await read.ExecuteReaderAsync(stop);
        var entries = new List<Entry>();
        while (await rows.ReadAsync(stop)) entries.Add(new(rows.GetFieldValue<DateTimeOffset>(0), Text(1), rows.GetString(2), Text(3), Text(4), Text(5), Text(6), Text(7)));
        return entries;

        string? Text(int column) => rows.IsDBNull(column) ? null : rows.GetString(column);
    }

    // ── For komachi operator …, as the owner ────────────────────────────────────────────────────────────────────────────

    public sealed record Listed(OperatorAccount Account, DateTimeOffset CreatedAt, DateTimeOffset? ClosedAt, DateTimeOffset? SignedInAt);

    public static async Task<IReadOnlyList<Listed>> List(NpgsqlConnection owner, CancellationToken stop = default)
    {
        await using var read = new NpgsqlCommand("""
            SELECT o.id, o.sign_in_name, o.name, o.created_at, o.closed_at, (SELECT max(a.at) FROM registry.operator_audit a WHERE a.operator = o.sign_in_name AND a.action = 'operator.sign_in')
            FROM registry.operators o ORDER BY o.sign_in_name
            """, owner);
        await using var rows = await read.ExecuteReaderAsync(stop);
        var listed = new List<Listed>();
        while (await rows.ReadAsync(stop)) listed.Add(new(new(rows.GetGuid(0), rows.GetString(1), rows.GetString(2)), rows.GetFieldValue<DateTimeOffset>(3), At(4), At(5)));
        return listed;

        DateTimeOffset? At(int column) => rows.IsDBNull(column) ? null : rows.GetFieldValue<DateTimeOffset>(column);
    }

    /// <summary>Adds an operator, or gives one that is there a new password and a new authenticator and ends all sessions. False: not to be had.</summary>
    public static async Task<bool> Set(NpgsqlConnection owner, Servers servers, string signInName, string? name, string password, byte[] authenticator, bool isNew, DateTimeOffset now, CancellationToken stop = default)
    {
        await using var transaction = await owner.BeginTransactionAsync(stop);
        Guid id;
        await using (var find = new NpgsqlCommand("SELECT id FROM registry.operators WHERE sign_in_name = $1 FOR UPDATE", owner) { Parameters = { new() { Value = signInName } } })
            switch (await find.ExecuteScalarAsync(stop))
            {
                case Guid there when !isNew: id = there; break;
                case null when isNew: id = Data.Id.New(); break;
                default: return false;
            }
        await using (var write = new NpgsqlCommand("""
            INSERT INTO registry.operators (id, sign_in_name, name, password_hash, sealed_authenticator, created_at) VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (id) DO UPDATE SET password_hash = $4, sealed_authenticator = $5, used_step = 0, closed_at = NULL
            """, owner))
        {
            foreach (object value in new object[] { id, signInName, name ?? signInName, Passwords.Hash(password), InstallationSeal.Seal(servers.SealingKeyFor(InstallationSeal.Operators), id.ToString(), authenticator), now })
                write.Parameters.Add(new() { Value = value });
            await write.ExecuteNonQueryAsync(stop);
        }
        await EndSessions(owner, id, stop);
        await Write(owner, new(now, signInName, isNew ? "operator.add" : "operator.reset", null, "komachi operator", null, null, null), stop);
        await transaction.CommitAsync(stop);
        return true;
    }

    public static async Task<bool> Close(NpgsqlConnection owner, string signInName, DateTimeOffset now, CancellationToken stop = default)
    {
        await using var transaction = await owner.BeginTransactionAsync(stop);
        await using (var close = new NpgsqlCommand("UPDATE registry.operators SET closed_at = $2 WHERE sign_in_name = $1 AND closed_at IS NULL RETURNING id", owner) { Parameters = { new() { Value = signInName }, new() { Value = now } } })
        {
            if (await close.ExecuteScalarAsync(stop) is not Guid id) return false;
            await EndSessions(owner, id, stop);
        }
        await Write(owner, new(now, signInName, "operator.close", null, "komachi operator close", null, null, null), stop);
        await transaction.CommitAsync(stop);
        return true;
    }

    static async Task EndSessions(NpgsqlConnection owner, Guid id, CancellationToken stop)
    {
        await using var end = new NpgsqlCommand("DELETE FROM registry.operator_sessions WHERE operator_id = $1", owner) { Parameters = { new() { Value = id } } };
        await end.ExecuteNonQueryAsync(stop);
    }
}
