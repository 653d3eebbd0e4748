using System.Buffers;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Komachi.Platform.Data;
using Komachi.Platform.Jobs;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Komachi.Platform.Systems;

/// <summary>What was answered to a request that named a key of its own; while it is under way there is no answer yet.</summary>
sealed class OnceAnswer
{
    public const string Purpose = "answers";

    public Guid SystemId { get; init; }
    public required string Key { get; init; }
    public required byte[] RequestHash { get; init; }
    public Guid Turn { get; init; }
    public DateTimeOffset BegunAt { get; init; }
    public int? Status { get; set; }
    public string? Location { get; set; }
    /// <summary>It may hold what is secret, or about people.</summary>
    public byte[]? SealedBody { get; set; }

    public string Bound => $"answers/{SystemId}/{Key}";

    public static void Map(ModelBuilder model) => model.Entity<OnceAnswer>(e =>
    {
        e.ToTable("answers");
        e.Ignore(a => a.Bound);
        e.HasKey(a => new { a.SystemId, a.Key });
        // Whoever lost their turn to another changes nothing.
        e.Property(a => a.Turn).IsConcurrencyToken();
        e.HasIndex(a => a.BegunAt).HasDatabaseName("answers_begun");
    });
}

/// <summary>
/// A request that counts once however often it is sent (draft-ietf-httpapi-idempotency-key-header). An endpoint of a system's API takes it as a
/// parameter and ends with it: <c>return await once.Save(db, 201, visit.Link(…), new { … });</c>. The change and the answer are saved together, so
/// the same request gets the same answer and changes nothing more. Without the header it only saves.
/// </summary>
public sealed class OnceOnly
{
    const string Header = "Idempotency-Key";
    const int LongestKey = 255, MostInMemory = 64 * 1024, MostBytes = 32 * 1024 * 1024;

    /// <summary>Whoever has not answered by then was killed in the middle of it.</summary>
    static readonly TimeSpan Turn = TimeSpan.FromMinutes(2);
    static readonly object Place = new();

    OnceAnswer? _begun;
    TownKeys? _keys;
    bool _answered;

    public static ValueTask<OnceOnly> BindAsync(HttpContext http, ParameterInfo _) =>
        ValueTask.FromResult(http.Items.TryGetValue(Place, out var begun) ? (OnceOnly)begun! : new());

    /// <summary>Saves what was changed, and gives this answer now and whenever the request comes again.</summary>
    public async Task<IResult> Save(TownDb db, int status, string? location = null, object? said = null, CancellationToken stop = default)
    {
        var body = said is null ? null : JsonSerializer.Serialize(said, JobKind.Json);
        if (_begun is { } begun)
        {
            db.Attach(begun);
            (begun.Status, begun.Location) = (status, location);
            if (body is not null) begun.SealedBody = await _keys!.Seal(db.Town, OnceAnswer.Purpose, body, begun.Bound, stop);
        }
        await db.Save(stop: stop);
        _answered = true;
        return new Kept(status, location, body, Again: false);
    }

    /// <summary>Before the endpoint: was it answered before, is it being answered, is it another request under the same key?</summary>
    internal static async Task Pass(HttpContext http, Visit visit, TownDatabases databases, TownKeys keys, TimeProvider time, RequestDelegate next, Func<int, string, string, string, Task> refuse)
    {
        if (HttpMethods.IsGet(http.Request.Method) || http.Request.Headers[Header].Count == 0)
        {
            await next(http);
            return;
        }
        if (KeyOf(http.Request.Headers[Header].ToString()) is not { } key)
        {
            await refuse(400, "once_key_wrong", "This Idempotency-Key cannot be used", "Send one of 1 to 255 letters and signs of ASCII, best a UUID.");
            return;
        }
        var begun = new OnceAnswer { SystemId = visit.System!.Id, Key = key, RequestHash = await HashOf(http, visit), Turn = Id.New(), BegunAt = time.GetUtcNow() };
        switch (await Begin(begun, visit, databases, http.RequestAborted))
        {
            case { RequestHash: var other } when !CryptographicOperations.FixedTimeEquals(other, begun.RequestHash):
                await refuse(422, "once_key_used", "This Idempotency-Key was used for another request", "Take a new key for each request, and the same one only to send the same request again.");
                return;
            case { Status: { } status } before:
                var body = before.SealedBody is { } locked ? await keys.OpenText(visit.Town, OnceAnswer.Purpose, locked, begun.Bound, http.RequestAborted) : null;
                await new Kept(status, before.Location, body, Again: true).ExecuteAsync(http);
                return;
            case { }:
                http.Response.Headers.RetryAfter = "1";
                await refuse(409, "in_flight", "The same request is being answered", "Wait a moment and send it again with the same key: you get its answer.");
                return;
        }
        var once = new OnceOnly { _begun = begun, _keys = keys };
        http.Items[Place] = once;
        try
        {
            await next(http);
        }
        finally
        {
            // Refused or failed: nothing was saved, and the key is free for another try.
            if (!once._answered) await Release(begun, visit, databases);
        }
    }

    /// <summary>Null: it is ours. Otherwise what stands there.</summary>
    static async Task<OnceAnswer?> Begin(OnceAnswer begun, Visit visit, TownDatabases databases, CancellationToken stop)
    {
        await using var connection = await databases.Connect(visit.Town, stop);
        await using (var take = new NpgsqlCommand("""
            INSERT INTO systems.answers AS a (system_id, key, request_hash, turn, begun_at) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (system_id, key) DO UPDATE SET turn = excluded.turn, begun_at = excluded.begun_at
                WHERE a.status IS NULL AND a.begun_at < $6 AND a.request_hash = excluded.request_hash
            """, connection))
        {
            foreach (var value in new object[] { begun.SystemId, begun.Key, begun.RequestHash, begun.Turn, begun.BegunAt, begun.BegunAt - Turn }) take.Parameters.Add(new() { Value = value });
            if (await take.ExecuteNonQueryAsync(stop) == 1) return null;
        }
        await using var look = new NpgsqlCommand("SELECT request_hash, status, location, sealed_body FROM systems.answers WHERE system_id = $1 AND key = $2", connection)
        {
            Parameters = { new() { Value = begun.SystemId }, new() { Value = begun.Key } },
        };
        await using var row = await look.ExecuteReaderAsync(stop);
        // Released between the two: whoever asks again has it.
        if (!await row.ReadAsync(stop)) return new() { Key = begun.Key, RequestHash = begun.RequestHash };
        return new()
        {
            Key = begun.Key, RequestHash = row.GetFieldValue<byte[]>(0), Status = row.IsDBNull(1) ? null : row.GetInt32(1),
            Location = row.IsDBNull(2) ? null : row.GetString(2), SealedBody = row.IsDBNull(3) ? null : row.GetFieldValue<byte[]>(3),
        };
    }

    static async Task Release(OnceAnswer begun, Visit visit, TownDatabases databases)
    {
        await using var connection = await databases.Connect(visit.Town);
        await using var release = new NpgsqlCommand("DELETE FROM systems.answers WHERE system_id = $1 AND key = $2 AND turn = $3 AND status IS NULL", connection)
        {
            Parameters = { new() { Value = begun.SystemId }, new() { Value = begun.Key }, new() { Value = begun.Turn } },
        };
        await release.ExecuteNonQueryAsync();
    }

    /// <summary>As a string of structured fields, in quotes; as most clients send it, without.</summary>
    static string? KeyOf(string header)
    {
        var key = header.Trim();
        if (key is ['"', .., '"']) key = key[1..^1];
        return key.Length is >= 1 and <= LongestKey && key.All(c => c is > ' ' and < '\u007f' and not ('"' or '\\')) ? key : null;
    }

    /// <summary>Of what is asked and the whole body; the endpoint reads it anew.</summary>
    static async Task<byte[]> HashOf(HttpContext http, Visit visit)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{http.Request.Method} {visit.Path}{http.Request.QueryString}\n{http.Request.ContentType}\n"));
        http.Request.EnableBuffering(MostInMemory, MostBytes);
        var bytes = ArrayPool<byte>.Shared.Rent(MostInMemory);
        try
        {
            for (int read; (read = await http.Request.Body.ReadAsync(bytes, http.RequestAborted)) > 0;) hash.AppendData(bytes, 0, read);
        }
        catch (IOException e) when (e is not BadHttpRequestException)
        {
            throw new BadHttpRequestException("The body is too large.", StatusCodes.Status413PayloadTooLarge);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
        http.Request.Body.Position = 0;
        return hash.GetHashAndReset();
    }

    sealed record Kept(int Status, string? Location, string? Body, bool Again) : IResult
    {
        public Task ExecuteAsync(HttpContext http)
        {
            http.Response.StatusCode = Status;
            if (Location is not null) http.Response.Headers.Location = Location;
            if (Again) http.Response.Headers["Idempotency-Replayed"] = "true";
            if (Body is null) return Task.CompletedTask;
            http.Response.ContentType = "application/json; charset=utf-8";
            return http.Response.WriteAsync(Body, http.RequestAborted);
        }
    }
}
