using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Komachi.Platform.Days;
using Komachi.Platform.Systems;
using Npgsql;

namespace Komachi.Bench;

/// <summary>
/// A filing from its draft to its receipt: begun, a file of 300 kB sent to it, its answers looked at and filed, with audit, jobs and steps. The floor is handed the rows that
/// one such filing left in our tables, and stores the same ones under new ids; both write the file to the disk. Jobs are stored and not run: they are the queue's bench.
/// </summary>
static partial class SubmitBench
{
    const int Workers = 8;
    static readonly byte[] File = [.. "%PDF-1.7\n"u8, .. new byte[300 * 1024].Select((_, n) => (byte)(n * 31)), .. "\n%%EOF\n"u8];

    /// <summary>A row as the floor stores it: what is another in each filing stands as @0@ and so on.</summary>
    public sealed record Row(char Phase, string Table, string Columns, string Json);

    public static async IAsyncEnumerable<Figure> Run(Stage stage, Child ours, Child floor)
    {
        var key = await Furnish(stage);
        using var toOurs = Client(ours, key);
        using var toFloor = Client(floor, key);
        var at = $"/{Stage.Town}/api/v1/procedures/dog-registration/";
        await One(toOurs, at);
        using (var given = await toFloor.PostAsJsonAsync("/submit/rows", await RowsOf(stage))) given.EnsureSuccessStatusCode();
        await One(toFloor, "/submit/");
        foreach (var slug in new[] { Stage.Town, Stage.Floor }) await stage.Run(slug, "VACUUM ANALYZE");
        for (var warm = 0; warm < 20; warm++)
        {
            await Filings(toOurs, at);
            await Filings(toFloor, "/submit/");
        }
        yield return await Measure.InTurn("submit", "draft, a file of 300 kB, filed", 0.5, "filings/s", () => Filings(toOurs, at), () => Filings(toFloor, "/submit/"));
    }

    static HttpClient Client(Child to, string key) => new(new SocketsHttpHandler { UseCookies = false, MaxConnectionsPerServer = Workers }) { BaseAddress = to.Url, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key) } };

    /// <summary>How many a second.</summary>
    static async Task<double> Filings(HttpClient http, string at)
    {
        var began = System.Diagnostics.Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => Task.Run(async () =>
        {
            var count = 0;
            for (; System.Diagnostics.Stopwatch.GetElapsedTime(began) < Measure.Turn * 2; count++) await One(http, at);
            return count;
        })));
        return counts.Sum() / System.Diagnostics.Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    static async Task One(HttpClient http, string at)
    {
        var draft = (await Sent(http.PostAsync(at + "drafts", null))).GetProperty("draft").GetString()!;
        var file = (await Sent(http.PostAsync($"{at}drafts/{draft}/files?field=vaccineProof&name=proof.pdf", new ByteArrayContent(File) { Headers = { ContentType = new("application/octet-stream") } }))).GetProperty("id").GetString()!;
        var answers = Answers();
        answers["vaccineProof"] = new JsonArray(file);
        await Sent(http.PostAsJsonAsync(at + "filings", new JsonObject { ["draft"] = draft, ["assurance"] = "code", ["email"] = "hanako@example.jp", ["answers"] = answers }));
    }

    static async Task<JsonElement> Sent(Task<HttpResponseMessage> sending)
    {
        using var answer = await sending;
        var body = await answer.Content.ReadAsStringAsync();
        return (int)answer.StatusCode == 201 ? JsonDocument.Parse(body).RootElement.Clone() : throw new InvalidOperationException($"{(int)answer.StatusCode}: {body}");
    }

    static JsonObject Answers()
    {
        string Ago(int days) => TimeProvider.System.Today().AddDays(-days).ToString("yyyy-MM-dd");
        return new()
        {
            ["wish"] = "register", ["chip"] = "none", ["dogName"] = "見本ポチ", ["breed"] = "雑種", ["dogSex"] = "female", ["dogBirthday"] = Ago(143), ["birthdayEstimated"] = true, ["coat"] = "茶と白", ["acquiredOn"] = Ago(16), ["vaccineDone"] = "done",
            ["vaccinatedOn"] = Ago(9), ["ownerKind"] = "person", ["ownerName"] = new JsonObject { ["family"] = "見本", ["given"] = "花子" }, ["ownerKana"] = "ミホン ハナコ", ["keptElsewhere"] = false, ["telephone"] = "0925012211", ["email"] = "hanako@example.jp",
            ["ownerAddress"] = new JsonObject { ["postcode"] = "8168510", ["prefecture"] = "福岡県", ["city"] = "大野城市", ["town"] = "曙町", ["number"] = "2-2-1" }, ["delivery"] = "post", ["assistance"] = false,
        };
    }

    /// <summary>A system with a key in both databases, whatever the floor's rows refer to, and no job that begins meanwhile.</summary>
    static async Task<string> Furnish(Stage stage)
    {
        var now = TimeProvider.System.GetUtcNow();
        var system = OtherSystem.Named(new("測定", "測定", "bench@example.jp", ["procedures.file", "procedures.read"], [], 1_000_000, 1_000_000_000), now);
        var (key, shown) = SystemKey.New(system, Stage.Town, now);
        await using (var db = stage.DbOf(Stage.Town))
        {
            db.Add(system);
            db.Add(key);
            await db.Save();
        }
        foreach (var slug in new[] { Stage.Town, Stage.Floor })
            await stage.Run(slug, """
                CREATE FUNCTION jobs.tomorrow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.run_at = now() + interval '1 day'; RETURN NEW; END $$;
                CREATE TRIGGER tomorrow BEFORE INSERT ON jobs.queue FOR EACH ROW EXECUTE FUNCTION jobs.tomorrow();
                """);
        foreach (var (table, where) in new[] { ("systems.systems", "true"), ("systems.keys", "true"), ("procedures.definitions", "key = 'dog-registration'") }) await Copy(stage, table, where);
        return shown;
    }

    static async Task Copy(Stage stage, string table, string where)
    {
        await using var from = await stage.Owner(Stage.Town);
        var columns = await Columns(from, table);
        await using var read = new NpgsqlCommand($"SELECT to_jsonb(r)::text FROM (SELECT {columns} FROM {table} WHERE {where}) r", from);
        var rows = new List<string>();
        await using (var reader = await read.ExecuteReaderAsync())
            while (await reader.ReadAsync()) rows.Add(reader.GetString(0));
        await using var to = await stage.Owner(Stage.Floor);
        foreach (var row in rows)
        {
            await using var write = new NpgsqlCommand($"INSERT INTO {table} ({columns}) SELECT {columns} FROM jsonb_populate_record(NULL::{table}, $1::jsonb)", to) { Parameters = { new() { Value = row } } };
            await write.ExecuteNonQueryAsync();
        }
    }

    static async Task<string> Columns(NpgsqlConnection in_, string table)
    {
        await using var ask = new NpgsqlCommand("SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) FROM information_schema.columns WHERE table_schema || '.' || table_name = $1 AND is_generated = 'NEVER' AND column_name NOT IN ('xid', 'era')", in_) { Parameters = { new() { Value = table } } };
        return (string)(await ask.ExecuteScalarAsync())!;
    }

    /// <summary>What the one filing left: in the order in which the floor may store it, with marks for what is new each time.</summary>
    static async Task<List<Row>> RowsOf(Stage stage)
    {
        await using var owner = await stage.Owner(Stage.Town);
        var rows = new List<Row>();
        foreach (var (phase, table, where) in new[]
        {
            ('A', "procedures.drafts", "true"), ('A', "audit.entries", "action = 'procedures.begin_by_system'"),
            ('B', "files.stored", "true"), ('B', "files.parts", "true"), ('B', "audit.entries", "action = 'files.send'"), ('B', "jobs.queue", "kind = 'files.check'"),
            ('C', "procedures.cases", "true"), ('C', "procedures.steps", "true"), ('C', "procedures.moves", "true"), ('C', "procedures.system_filings", "true"), ('C', "audit.entries", "action = 'procedures.file'"), ('C', "jobs.queue", "kind LIKE 'procedures.%'"),
        })
        {
            var columns = await Columns(owner, table);
            await using var read = new NpgsqlCommand($"SELECT to_jsonb(r)::text FROM (SELECT {columns} FROM {table} WHERE {where}) r", owner);
            await using var reader = await read.ExecuteReaderAsync();
            while (await reader.ReadAsync()) rows.Add(new(phase, table, columns, reader.GetString(0)));
        }
        foreach (var needed in new[] { "procedures.cases", "procedures.steps", "procedures.moves", "files.parts", "jobs.queue" })
            if (rows.All(r => r.Table != needed)) throw new InvalidOperationException($"A filing leaves nothing in {needed}.");
        string IdIn(string table, string column = "id") => JsonNode.Parse(rows.First(r => r.Table == table).Json)![column]!.ToString();
        var marks = new List<string> { IdIn("procedures.drafts"), IdIn("procedures.cases"), IdIn("files.stored") };
        marks.AddRange(rows.Where(r => r.Table is "audit.entries" or "jobs.queue").Select(r => JsonNode.Parse(r.Json)!["id"]!.ToString()));
        var number = IdIn("procedures.cases", "number");
        return [.. rows.Select(r =>
        {
            var json = r.Json.Replace(number, "@number@", StringComparison.Ordinal);
            for (var i = 0; i < marks.Count; i++) json = json.Replace(marks[i], $"@{i}@", StringComparison.Ordinal).Replace(marks[i].Replace("-", ""), $"@n{i}@", StringComparison.Ordinal);
            var row = JsonNode.Parse(json)!;
            // As it stands before it is filed.
            if (r.Table == "procedures.drafts") row["case_id"] = null;
            if (r.Table == "files.stored") (row["belongs_to"], row["ends_at"]) = (null, TimeProvider.System.GetUtcNow().AddDays(1).ToString("O"));
            return r with { Json = row.ToJsonString() };
        })];
    }

    [GeneratedRegex("@(n?)([0-9]+)@")]
    public static partial Regex Marks();
}
