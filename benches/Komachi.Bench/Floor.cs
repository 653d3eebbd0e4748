using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Komachi.Bench.Notes;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Npgsql;
using NpgsqlTypes;

namespace Komachi.Bench;

/// <summary>
/// The floor: Kestrel with no middleware, no routing and no framework above it, and SQL by hand in as few trips as there can
/// be. It gives the same bytes (it fetches them from ours when it starts, and fills in what the database says), checks the
/// same session and stores the same rows. What it leaves out is what ours is for: tokens, access, encoding, a model.
/// </summary>
sealed partial class Floor
{
    const string Cookie = "komachi-" + Stage.Town;

    readonly NpgsqlDataSource _db;
    readonly Answer _home, _homePlain, _resident, _desk;
    readonly KeyValuePair<string, StringValues>[] _redirectHeaders;
    volatile bool _busy;

    Floor(NpgsqlDataSource db, string folder, Answer home, Answer homePlain, Answer resident, Answer desk)
    {
        (_db, _folder, _home, _homePlain, _resident, _desk) = (db, folder, home, homePlain, resident, desk);
        _redirectHeaders = [.. resident.Headers.Where(h => h.Key is not ("Content-Type" or "ETag" or "Cache-Control" or "Vary"))];
    }

    public static async Task<WebApplication> Start(Child.Orders orders, string folder)
    {
        var servers = orders.Servers;
        var town = $"/{Stage.Town}";
        var floor = new Floor(
            new NpgsqlDataSourceBuilder(servers.ServingString(Servers.Main, servers.DatabaseOf(Stage.Floor))).Build(),
            folder,
            await Answer.Fetch(orders.Ours!, town, packed: true),
            await Answer.Fetch(orders.Ours!, town + "?floor", packed: false),
            await Answer.Fetch(orders.Ours!, town + "/notes", packed: false, orders.ResidentSecret),
            await Answer.Fetch(orders.Ours!, town + "/desk/notes", packed: false, orders.StaffSecret));

        var builder = WebApplication.CreateEmptyBuilder(new() { ApplicationName = "floor" });
        builder.WebHost.UseUrls("http://127.0.0.1:0").UseKestrel(kestrel => kestrel.AddServerHeader = false);
        var app = builder.Build();
        app.Run(floor.Invoke);
        await app.StartAsync();
        return app;
    }

    Task Invoke(HttpContext http) => http.Request.Path.Value switch
    {
        "/home" => _home.Send(http, _home.Body),
        "/home-plain" => _homePlain.Send(http, _homePlain.Body),
        "/notes" => Read(http, _resident, staff: false),
        "/desk/notes" => Read(http, _desk, staff: true),
        "/notes/write" => Write(http),
        "/jobs" => Jobs(http),
        { } path when path.StartsWith("/submit/", StringComparison.Ordinal) => Submit(http, path[8..].Split('/')),
        _ => Refuse(http, 404),
    };

    static Task Refuse(HttpContext http, int status)
    {
        http.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    /// <summary>The account of the session; empty when there is none.</summary>
    static async Task<Guid> Recognise(HttpContext http, NpgsqlConnection db, bool staff)
    {
        var bytes = new byte[32];
        if (http.Request.Cookies[Cookie] is not { } secret || !Base64Url.TryDecodeFromChars(secret, bytes, out var written) || written != 32) return default;
        await using var find = new NpgsqlCommand("""
            SELECT s.id, a.id, a.name, a.email, a.kind, a.permissions
            FROM people.sessions s JOIN people.accounts a ON a.id = s.account_id
            WHERE s.secret_hash = $1 AND s.ends_at > now() AND a.closed_at IS NULL
            """, db) { Parameters = { new NpgsqlParameter<byte[]> { TypedValue = SHA256.HashData(bytes) } } };
        await using var rows = await find.ExecuteReaderAsync();
        return await rows.ReadAsync() && rows.GetString(4) == (staff ? "Staff" : "Resident") ? rows.GetGuid(1) : default;
    }

    async Task Read(HttpContext http, Answer page, bool staff)
    {
        await using var db = await _db.OpenConnectionAsync();
        if (await Recognise(http, db, staff) == default)
        {
            await Refuse(http, 401);
            return;
        }
        var list = new StringBuilder(4096);
        await using (var newest = new NpgsqlCommand("SELECT id, title, written_at FROM notes.notes ORDER BY written_at DESC LIMIT $1", db) { Parameters = { new NpgsqlParameter<int> { TypedValue = ListNotes.Most } } })
        await using (var rows = await newest.ExecuteReaderAsync())
            while (await rows.ReadAsync())
                list.Append("<li><a href=\"/").Append(Stage.Town).Append("/notes/").Append(rows.GetGuid(0)).Append("\">").Append(JapaneseHtmlEncoder.Instance.Encode(rows.GetString(1)))
                    .Append("</a> ").Append(JapanTime.Show(rows.GetFieldValue<DateTimeOffset>(2), Lang.Japanese)).Append("</li>");
        var body = new ArrayBufferWriter<byte>(page.Body.Length + 4096);
        body.Write(page.Before);
        Encoding.UTF8.GetBytes(list.ToString(), body);
        body.Write(page.After);
        await page.Send(http, body.WrittenMemory);
    }

    async Task Write(HttpContext http)
    {
        await using var db = await _db.OpenConnectionAsync();
        var account = await Recognise(http, db, staff: false);
        if (account == default)
        {
            await Refuse(http, 401);
            return;
        }
        var form = await new FormPipeReader(http.Request.BodyReader).ReadFormAsync();
        string title = form["title"]!, body = form["body"]!;
        var once = Guid.Parse(form["_once"]!);
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        Guid note = Guid.CreateVersion7(), entry = Guid.CreateVersion7(), job = Guid.CreateVersion7();
        // One message, one transaction.
        await using var store = new NpgsqlBatch(db)
        {
            BatchCommands =
            {
                new("INSERT INTO notes.notes (id, title, body, urgent, written_by, written_at) VALUES ($1, $2, $3, false, $4, $5)")
                    { Parameters = { Of(note), Of(title), Of(body), Of(account), Of(now) } },
                new("INSERT INTO audit.entries (id, at, actor_id, action, subject, request_id, from_address, details) VALUES ($1, $2, $3, 'notes.write', $4, $5, $6, $7)")
                    { Parameters = { Of(entry), Of(now), Of(account), Of($"notes/{note}"), Of(http.TraceIdentifier), Of(http.Connection.RemoteIpAddress!.ToString()), Json($$"""{"title":"{{title}}"}""") } },
                new("INSERT INTO jobs.queue (id, kind, lane, payload, run_at, attempt, created_at) VALUES ($1, 'notes.note_written', '', $2, $3, 0, $4)")
                    { Parameters = { Of(job), Json($$"""{"note":"{{note}}"}"""), Of(form.ContainsKey("later") ? now.AddDays(1) : now), Of(now) } },
                new("INSERT INTO house.once_keys (key, location, used_at) VALUES ($1, $2, $3)")
                    { Parameters = { Of(once), Of($"/{Stage.Town}/notes"), Of(now) } },
            },
        };
        try
        {
            await store.ExecuteNonQueryAsync();
        }
        catch (PostgresException e) when (e.ConstraintName == "once_keys_pkey")
        {
            // Sent before: the answer is the same.
        }
        foreach (var (name, value) in _redirectHeaders) http.Response.Headers[name] = value;
        http.Response.StatusCode = 302;
        http.Response.Headers.Location = $"/{Stage.Town}/notes";
    }

    static NpgsqlParameter<T> Of<T>(T value) => new() { TypedValue = value };

    static NpgsqlParameter<string> Json(string value) => new() { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Jsonb };

    /// <summary>Four workers that claim a hundred and delete a hundred, until there are none.</summary>
    async Task Jobs(HttpContext http)
    {
        if (_busy) throw new InvalidOperationException("The floor's workers are at work already.");
        _busy = true;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(async () =>
        {
            while (true)
            {
                var lease = Guid.CreateVersion7();
                var claimed = new List<Guid>();
                await using (var claim = _db.CreateCommand("""
                    UPDATE jobs.queue q SET lease = $1, attempt = attempt + 1, run_at = now() + interval '2 minutes'
                    FROM (SELECT id FROM jobs.queue WHERE dead_at IS NULL AND lane = '' AND run_at <= now() ORDER BY run_at LIMIT 100 FOR UPDATE SKIP LOCKED) due
                    WHERE q.id = due.id RETURNING q.id, q.kind, q.payload, q.attempt
                    """))
                {
                    claim.Parameters.Add(Of(lease));
                    await using var rows = await claim.ExecuteReaderAsync();
                    while (await rows.ReadAsync())
                    {
                        claimed.Add(rows.GetGuid(0));
                        _ = (rows.GetString(1), rows.GetString(2), rows.GetInt32(3));
                    }
                }
                if (claimed.Count == 0) return;
                await using var finish = _db.CreateCommand("DELETE FROM jobs.queue WHERE id = ANY ($1) AND lease = $2");
                finish.Parameters.Add(Of(claimed.ToArray()));
                finish.Parameters.Add(Of(lease));
                await finish.ExecuteNonQueryAsync();
            }
        })));
        _busy = false;
        http.Response.StatusCode = 204;
    }

    /// <summary>An answer of ours, taken once: its headers, and its body before and after the list.</summary>
    sealed record Answer(KeyValuePair<string, StringValues>[] Headers, byte[] Body, byte[] Before, byte[] After)
    {
        public static async Task<Answer> Fetch(Uri ours, string path, bool packed, string? secret = null)
        {
            using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = ours };
            HttpResponseMessage? got = null;
            for (var i = 0; i < 3; i++)    // the first makes the page, the next is what the many get
            {
                var ask = new HttpRequestMessage(HttpMethod.Get, path);
                if (packed) ask.Headers.Add("Accept-Encoding", "gzip, deflate, br");
                if (secret is not null) ask.Headers.Add("Cookie", $"{Cookie}={secret}");
                got = (await http.SendAsync(ask)).EnsureSuccessStatusCode();
            }
            var body = await got!.Content.ReadAsByteArrayAsync();
            var headers = got.Headers.Concat(got.Content.Headers).Where(h => h.Key is not ("Date" or "Transfer-Encoding" or "Connection" or "Content-Length" or "Set-Cookie"))
                .Select(h => KeyValuePair.Create(h.Key, new StringValues(h.Value.ToArray()))).ToArray();
            var from = body.AsSpan().IndexOf("<ul class=\"notes\">"u8);
            if (packed || from < 0) return new(headers, body, body, []);
            from += "<ul class=\"notes\">"u8.Length;
            return new(headers, body, body[..from], body[(from + body.AsSpan(from).IndexOf("</ul>"u8))..]);
        }

        public Task Send(HttpContext http, ReadOnlyMemory<byte> body)
        {
            foreach (var (name, value) in Headers) http.Response.Headers[name] = value;
            http.Response.ContentLength = body.Length;
            return http.Response.Body.WriteAsync(body).AsTask();
        }
    }
}
