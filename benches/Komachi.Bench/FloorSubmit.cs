using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using Npgsql;
using NpgsqlTypes;

namespace Komachi.Bench;

/// <summary>The floor of a filing: who asks, the rows of each step in one message, and the file on the disk.</summary>
sealed partial class Floor
{
    readonly string _folder;
    SubmitBench.Row[] _rows = [];

    async Task Submit(HttpContext http, string[] path)
    {
        if (path is ["rows"])
        {
            _rows = (await http.Request.ReadFromJsonAsync<SubmitBench.Row[]>())!;
            return;
        }
        await using var db = await _db.OpenConnectionAsync();
        if (!await Recognise(http, db))
        {
            await Refuse(http, 401);
            return;
        }
        try
        {
            await Step(http, path, db);
        }
        catch (PostgresException e)
        {
            http.Response.StatusCode = 500;
            await http.Response.WriteAsync(e.MessageText);
        }
    }

    async Task Step(HttpContext http, string[] path, NpgsqlConnection db)
    {
        switch (path)
        {
            case ["drafts"]:
                var draft = Guid.CreateVersion7();
                await Store(db, 'A', draft, null, null, null);
                await Answer201(http, new { draft = draft.ToString("N"), endsAt = DateTimeOffset.MaxValue });
                break;
            case ["drafts", var of, "files"]:
                var (file, bytes) = (Guid.CreateVersion7(), new byte[http.Request.ContentLength!.Value]);
                await http.Request.Body.ReadExactlyAsync(bytes);
                await using (var disk = new FileStream(Path.Combine(_folder, file.ToString("N")), FileMode.Create, FileAccess.Write, FileShare.None, 0, useAsync: true))
                {
                    await disk.WriteAsync(bytes);
                    disk.Flush(flushToDisk: true);
                }
                await Store(db, 'B', Guid.Parse(of), null, file, null);
                await Answer201(http, new { id = file, bytes = bytes.Length });
                break;
            case ["filings"]:
                using (var sent = await JsonDocument.ParseAsync(http.Request.Body))
                {
                    var (one, filed) = (Guid.Parse(sent.RootElement.GetProperty("draft").GetString()!), Guid.CreateVersion7());
                    await using var next = new NpgsqlCommand("SELECT nextval('house.receipts')", db);
                    var number = ((long)(await next.ExecuteScalarAsync())!).ToString("D10", CultureInfo.InvariantCulture);
                    await Store(db, 'C', one, filed, null, number);
                    await Answer201(http, new { number, state = "arrived" });
                }
                break;
            default:
                await Refuse(http, 404);
                break;
        }
    }

    static async Task<bool> Recognise(HttpContext http, NpgsqlConnection db)
    {
        var secret = new byte[32];
        if (http.Request.Headers.Authorization.ToString() is not { Length: > 43 } header || !Base64Url.TryDecodeFromChars(header.AsSpan()[^43..], secret, out var written) || written != 32) return false;
        await using var find = new NpgsqlCommand("SELECT s.name, s.scopes, s.networks, s.per_minute, s.per_day FROM systems.keys k JOIN systems.systems s ON s.id = k.system_id WHERE k.secret_hash = $1 AND k.ended_at IS NULL AND s.closed_at IS NULL", db)
            { Parameters = { new NpgsqlParameter<byte[]> { TypedValue = SHA256.HashData(secret) } } };
        await using var row = await find.ExecuteReaderAsync();
        return await row.ReadAsync() && row.GetFieldValue<string[]>(1).Contains("procedures.file");
    }

    async Task Store(NpgsqlConnection db, char phase, Guid draft, Guid? filed, Guid? file, string? number)
    {
        var others = new Dictionary<string, Guid>();
        Guid Of(string mark) => mark switch
        {
            "0" => draft,
            "1" when filed is { } id => id,
            "2" when file is { } id => id,
            _ => others.TryGetValue(mark, out var known) ? known : others[mark] = Guid.CreateVersion7(),
        };
        await using var batch = new NpgsqlBatch(db);
        foreach (var row in _rows.Where(r => r.Phase == phase))
        {
            var json = SubmitBench.Marks().Replace(row.Json, m => Of(m.Groups[2].Value).ToString(m.Groups[1].Length > 0 ? "N" : "D")).Replace("@number@", number, StringComparison.Ordinal);
            batch.BatchCommands.Add(new($"INSERT INTO {row.Table} ({row.Columns}) SELECT {row.Columns} FROM jsonb_populate_record(NULL::{row.Table}, $1)") { Parameters = { new NpgsqlParameter<string> { TypedValue = json, NpgsqlDbType = NpgsqlDbType.Jsonb } } });
        }
        if (filed is { } of)
        {
            batch.BatchCommands.Add(new("UPDATE procedures.drafts SET case_id = $1, version = version + 1 WHERE id = $2 AND case_id IS NULL") { Parameters = { Floor.Of(of), Floor.Of(draft) } });
            batch.BatchCommands.Add(new("UPDATE files.stored SET belongs_to = $1, ends_at = NULL WHERE kind = 'procedures.attachment' AND place = $2 AND belongs_to IS NULL") { Parameters = { Floor.Of($"procedures/cases/{of}"), Floor.Of($"drafts/{draft}/vaccineProof") } });
        }
        await batch.ExecuteNonQueryAsync();
    }

    static Task Answer201(HttpContext http, object said)
    {
        http.Response.StatusCode = 201;
        return http.Response.WriteAsJsonAsync(said);
    }
}
