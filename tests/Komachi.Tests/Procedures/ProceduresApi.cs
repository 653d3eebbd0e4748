using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Komachi.Platform.Days;
using Komachi.Platform.Files;
using Komachi.Procedures;
using Komachi.Tests.Files;
using Komachi.Tests.Harness;
using Komachi.Tests.Rights;
using Komachi.Tests.Systems;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Procedures;

/// <summary>Other programs read what can be filed, send answers that fit the schema, get one receipt however often they send them, and hear how it goes on.</summary>
public sealed class ProceduresApi(FilesProgram program)
{
    static string Shared => Path.Combine(TestProgram.TownsFolder, "common", "procedures");

    public static TheoryData<string> Keys => [.. Directory.GetFiles(Shared, "*.yaml").Select(f => Path.GetFileNameWithoutExtension(f)!).Order(StringComparer.Ordinal)];

    [Fact]
    public async Task Everybody_may_read_what_can_be_filed()
    {
        var town = await program.NewTown("onojo");
        var http = town.Visitor().Http;
        var list = await http.GetFromJsonAsync<JsonElement>($"/{town.Slug}/api/v1/procedures", TestContext.Current.CancellationToken);
        Assert.Equal(10, list.GetArrayLength());
        var dog = list.EnumerateArray().Single(p => p.GetProperty("key").GetString() == "dog-registration");
        Assert.Contains("犬", dog.GetProperty("title").GetProperty("ja").GetString());
        Assert.Contains("dog", dog.GetProperty("title").GetProperty("en").GetString()!, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(("code", 5, true), (dog.GetProperty("assurance").GetString(), dog.GetProperty("days").GetInt32(), dog.GetProperty("online").GetBoolean()));
        Assert.Contains("環境", dog.GetProperty("department").GetProperty("name").GetProperty("ja").GetString());

        var one = await http.GetFromJsonAsync<JsonElement>(dog.GetProperty("self").GetString(), TestContext.Current.CancellationToken);
        Assert.Contains(one.GetProperty("basis").EnumerateArray(), b => b.GetProperty("law").GetString() == "狂犬病予防法");
        Assert.Contains(one.GetProperty("needed").EnumerateArray(), n => n.GetProperty("field").GetString() == "vaccineProof" && n.GetProperty("when").GetString() is { Length: > 0 });
        Assert.Equal(["report", "claim"], (await http.GetFromJsonAsync<JsonElement>($"/{town.Slug}/api/v1/procedures/digital-subsidy", TestContext.Current.CancellationToken)).GetProperty("stages").EnumerateArray().Select(s => s.GetProperty("key").GetString()).Where(k => k is "report" or "claim"));
        Assert.Equal(HttpStatusCode.NotFound, (await town.Visitor().Send(HttpMethod.Get, "api/v1/procedures/no-such-thing")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await town.Visitor().Send(HttpMethod.Get, "api/v1/procedures/dog-registration/schema?stage=no")).StatusCode);

        // What another program needs to know of it stands in the description of the whole API.
        var described = await http.GetStringAsync($"/{town.Slug}/api/v1/openapi.json", TestContext.Current.CancellationToken);
        foreach (var part in new[] { "/api/v1/procedures/{key}/filings", "procedures.file", "Idempotency-Key", "procedureSchema" }) Assert.Contains(part, described);
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void The_schema_takes_what_people_file_and_refuses_what_nobody_could(string key)
    {
        var document = File.ReadAllText(Path.Combine(Shared, key + ".yaml"));
        var procedure = Procedure.Of(document);
        foreach (var stage in procedure.Stages)
            foreach (var lang in Ui.Words.Lang.Shipped) Assert.NotNull(FormSchema.Of(stage, lang, "https://example.jp/schema")["title"]);
        var schema = FormSchema.Of(procedure.First, Ui.Words.Lang.Japanese, "https://example.jp/schema");
        foreach (var sample in ShippedProcedures.SamplesOf(document))
        {
            var answers = WithIds(procedure.First.Form.Fields, sample!["answers"]!.AsObject());
            // What needs a correction may lack something.
            var wrong = Schemas.Wrong(schema, answers).Where(w => sample["becomes"]!.ToString() != "correction" || !w.EndsWith("is missing", StringComparison.Ordinal)).ToArray();
            Assert.True(wrong.Length == 0, $"{sample["key"]}: {string.Join('\n', wrong)}");
            foreach (var name in answers.Select(a => a.Key).ToArray())
            {
                var other = (JsonObject)answers.DeepClone();
                other[name] = answers[name]!.GetValueKind() == JsonValueKind.Object ? 12 : new JsonObject { ["x"] = 1 };
                Assert.NotEmpty(Schemas.Wrong(schema, other));
            }
            answers["nobodyAsks"] = "x";
            Assert.NotEmpty(Schemas.Wrong(schema, answers));
        }
        foreach (var name in schema["required"]!.AsArray()) Assert.Contains(Schemas.Wrong(schema, new JsonObject()), w => w == $"{name} is missing");

        static JsonObject WithIds(IReadOnlyList<Platform.Forms.CompiledField> fields, JsonObject sample)
        {
            var answers = (JsonObject)sample.DeepClone();
            foreach (var field in fields)
                if (field.Field.Kind == "file" && answers[field.Key] is JsonArray files) answers[field.Key] = new JsonArray([.. files.Select(_ => (JsonNode?)Guid.CreateVersion7().ToString())]);
                else if (field.Repeats && answers[field.Key] is JsonArray rows) answers[field.Key] = new JsonArray([.. rows.Select(r => (JsonNode?)WithIds(field.Rows, (JsonObject)r!))]);
            return answers;
        }
    }

    [Fact]
    public async Task A_system_sends_the_paper_files_once_and_reads_how_it_stands()
    {
        using var story = await SystemStory.Begin(program, ["procedures.file", "procedures.read"]);
        var began = await story.Ask(HttpMethod.Post, "procedures/dog-registration/drafts");
        Assert.Equal(201, began.Status);
        var draft = began.Json.GetProperty("draft").GetString()!;
        var answers = Dog();
        answers["vaccineProof"] = new JsonArray((await SendFile(story, draft, "vaccineProof")).ToString());
        var body = new JsonObject { ["draft"] = draft, ["assurance"] = "code", ["email"] = "hanako@example.jp", ["electronic"] = true, ["answers"] = answers };

        // Twenty times at once: one case, one receipt, one answer.
        var once = Guid.CreateVersion7().ToString();
        var all = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => story.Ask(HttpMethod.Post, "procedures/dog-registration/filings", body, once)));
        var first = all.First(a => a.Status == 201);
        Assert.All(all, a => Assert.Contains(a.Status, new[] { 201, 409 }));
        Assert.Single(all.Where(a => a.Status == 201).Select(a => a.Json.GetProperty("number").GetString()).Distinct());
        var again = await story.Ask(HttpMethod.Post, "procedures/dog-registration/filings", body, once);
        Assert.Equal((201, first.Body, "true"), (again.Status, again.Body, again["Idempotency-Replayed"]));
        Assert.Equal(409, (await story.Ask(HttpMethod.Post, "procedures/dog-registration/filings", body)).Status);    // without the key the draft itself says that it was filed

        await using var db = story.Town.Open();
        var filed = await db.Set<Case>().SingleAsync(TestContext.Current.CancellationToken);
        Assert.Equal((Way.System, Assurance.Code, true, 3550L), (filed.Way, filed.Assurance, filed.Electronic, filed.FeeYen));
        Assert.Equal("見本 花子", filed.Title);
        Assert.Equal(filed.Subject, (await db.Set<StoredFile>().SingleAsync(TestContext.Current.CancellationToken)).BelongsTo);
        var entry = Assert.Single(await story.Audited("procedures.file"));
        Assert.Null(entry.ActorId);
        Assert.Contains(story.Name, entry.Details);
        Assert.DoesNotContain("花子", entry.Details);

        var status = await story.Ask(HttpMethod.Get, first["Location"]![(first["Location"]!.IndexOf("/api/v1/", StringComparison.Ordinal) + 8)..]);
        Assert.Equal((200, "arrived"), (status.Status, status.Json.GetProperty("state").GetString()));
        Assert.Equal(["arrived"], status.Json.GetProperty("moves").EnumerateArray().Select(m => m.GetProperty("kind").GetString()));
        db.Add(filed.AskToCorrect(["dogName"], "名前をもう一度お知らせください。", null, Guid.CreateVersion7(), TimeProvider.System.GetUtcNow(), db.Today));
        db.AddNews(filed);
        await db.Save(stop: TestContext.Current.CancellationToken);
        var asked = (await story.Ask(HttpMethod.Get, $"procedures/dog-registration/filings/{filed.Number[..3]}-{filed.Number[3..6]}-{filed.Number[6..]}")).Json;
        Assert.Equal(("correcting", true), (asked.GetProperty("state").GetString(), asked.GetProperty("standsStill").GetBoolean()));
        Assert.Equal("dogName", asked.GetProperty("correction").GetProperty("fields")[0].GetString());

        // Another system of the town sees how it stands, and nothing that was said.
        var (other, secret) = await Another(story.Town, ["procedures.read"]);
        var foreign = await story.Ask(HttpMethod.Get, $"procedures/dog-registration/filings/{filed.Number}", key: secret);
        Assert.Equal((200, "correcting"), (foreign.Status, foreign.Json.GetProperty("state").GetString()));
        Assert.DoesNotContain("名前をもう一度", foreign.Body);
        Assert.Equal(403, (await story.Ask(HttpMethod.Post, "procedures/dog-registration/filings", body, key: secret)).Status);
        Assert.Equal(404, (await story.Ask(HttpMethod.Get, $"procedures/tax-certificate/filings/{filed.Number}")).Status);
        Assert.NotEqual(story.Id, other);
    }

    [Fact]
    public async Task What_does_not_fit_is_named_field_by_field_and_nothing_is_filed()
    {
        using var story = await SystemStory.Begin(program, ["procedures.file", "procedures.read"]);
        async Task<Answer> Refused(int status, string reason, JsonObject body, string path = "procedures/dog-registration/filings")
        {
            var answer = await story.Ask(HttpMethod.Post, path, body);
            Assert.Equal((status, reason), (answer.Status, answer.Reason));
            return answer;
        }

        JsonObject With(params (string Name, JsonNode? Value)[] changed)
        {
            var answers = Dog();
            answers.Remove("vaccineProof");
            foreach (var (name, value) in changed) answers[name] = value;
            return new() { ["assurance"] = "code", ["answers"] = answers };
        }

        static string[] Paths(Answer answer) => [.. answer.Json.GetProperty("mistakes").EnumerateArray().Select(m => m.GetProperty("path").GetString()!).Order(StringComparer.Ordinal)];

        var wrong = await Refused(422, "answers_wrong", With(("dogName", null), ("email", "hanako"), ("telephone", "12"), ("dogBirthday", "2026-13-45"), ("dogSex", "cat"), ("ownerKana", "漢字"), ("nobodyAsks", 1), ("acquiredOn", 20261001), ("vaccineProof", new JsonArray(Guid.CreateVersion7().ToString()))));
        Assert.Equal(["acquiredOn", "dogBirthday", "dogName", "dogSex", "email", "nobodyAsks", "ownerKana", "telephone", "vaccineProof"], Paths(wrong));
        Assert.All(wrong.Json.GetProperty("mistakes").EnumerateArray(), m => Assert.Matches("[ぁ-ん]", m.GetProperty("message").GetString()));
        using (var english = new HttpRequestMessage(HttpMethod.Post, $"{program.Url}/{story.Town.Slug}/en/api/v1/procedures/dog-registration/filings") { Content = JsonContent.Create(With(("dogName", null))) })
        {
            english.Headers.Authorization = new("Bearer", story.Key);
            Assert.Contains("Please", await (await story.Http.SendAsync(english, TestContext.Current.CancellationToken)).Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }

        await Refused(422, "assurance_low", new() { ["answers"] = Dog() });
        await Refused(422, "assurance_wrong", new() { ["assurance"] = "quite", ["answers"] = Dog() });
        await Refused(422, "draft_unknown", new() { ["assurance"] = "code", ["draft"] = $"{Guid.CreateVersion7():N}-0123", ["answers"] = Dog() });
        await Refused(422, "parent_unknown", new() { ["stage"] = "report", ["parent"] = "1234567890", ["assurance"] = "card", ["answers"] = new JsonObject() }, "procedures/digital-subsidy/filings");
        await Refused(400, "body_unreadable", []);
        await Refused(400, "body_unreadable", new() { ["answers"] = "x" });
        await Refused(400, "body_unreadable", new() { ["answers"] = new JsonObject(), ["draft"] = 7 });
        foreach (var raw in new[] { "", "[]", "{\"answers\":{\"a\":\"\\u0000\"}}", "{\"answers\":{\"a\":\"\\ud800\"}}", "{\"answers\":{},\"answers\":{}}", new string('[', 5000), "{\"answers\":{\"a\":1e999999}" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"{program.Url}/{story.Town.Slug}/api/v1/procedures/dog-registration/filings") { Content = new StringContent(raw, Encoding.UTF8, "application/json") };
            request.Headers.Authorization = new("Bearer", story.Key);
            using var answer = await story.Http.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        }
        var large = await story.Ask(HttpMethod.Post, "procedures/dog-registration/filings", new JsonObject { ["answers"] = new JsonObject { ["dogName"] = new string('a', 1_200_000) } });
        Assert.Equal(413, large.Status);
        foreach (var value in new JsonNode[] { new JsonArray(), new JsonObject(), 1, true, "x", 1e300, new JsonArray(new JsonArray(1)) })
            foreach (var name in Dog().Select(a => a.Key).ToArray()) Assert.True((await story.Ask(HttpMethod.Post, "procedures/dog-registration/filings", With((name, value.DeepClone())))).Status is 422 or 201);

        await using var db = story.Town.Open();
        Assert.All(await db.Set<Case>().ToListAsync(TestContext.Current.CancellationToken), c => Assert.Equal(Way.System, c.Way));
    }

    [Fact]
    public async Task What_a_system_filed_is_listed_as_it_moves_and_can_be_withdrawn_by_it_alone()
    {
        using var story = await SystemStory.Begin(program, ["procedures.file", "procedures.read"]);
        var numbers = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            var answers = Dog();
            answers.Remove("vaccineProof");
            answers["vaccineDone"] = "later";
            answers["dogName"] = $"ポチ{i}";
            var filed = await story.Ask(HttpMethod.Post, "procedures/dog-registration/filings", new JsonObject { ["assurance"] = "code", ["answers"] = answers });
            Assert.True(filed.Status == 201, filed.Body);
            numbers.Add(filed.Json.GetProperty("number").GetString()!);
        }
        async Task<(string[] Numbers, string Next)> Listed(string path = "procedures/dog-registration/filings", string? key = null)
        {
            var answer = await story.Ask(HttpMethod.Get, path, key: key);
            Assert.Equal(200, answer.Status);
            return ([.. answer.Json.GetProperty("filings").EnumerateArray().Select(f => f.GetProperty("number").GetString()!)], answer.Json.GetProperty("next").GetString()!.Split("/api/v1/")[1]);
        }

        Assert.Equal(numbers, (await Listed()).Numbers);
        var (other, secret) = await Another(story.Town, ["procedures.file", "procedures.read"]);
        Assert.Empty((await Listed(key: secret)).Numbers);

        // Long ago nothing comes twice: what moves afterwards comes, and nothing else.
        await story.Town.Tell("UPDATE procedures.cases SET moved_at = moved_at - interval '1 hour'");
        var (all, next) = await Listed();
        Assert.Equal(numbers, all);
        Assert.Empty((await Listed(next)).Numbers);
        var path = $"procedures/dog-registration/filings/{numbers[1]}/withdrawal";
        Assert.Equal(404, (await story.Ask(HttpMethod.Post, path, key: secret)).Status);
        Assert.Equal((400, "body_unreadable"), await story.Ask(HttpMethod.Post, path, new { reasons = new string('a', 501) }) is var long_ ? (long_.Status, long_.Reason) : default);
        var once = Guid.CreateVersion7().ToString();
        var withdrawn = await story.Ask(HttpMethod.Post, path, new { reasons = "引っ越すことになったため" }, once);
        Assert.Equal((200, "withdrawn"), (withdrawn.Status, withdrawn.Json.GetProperty("state").GetString()));
        Assert.Equal(withdrawn.Body, (await story.Ask(HttpMethod.Post, path, new { reasons = "引っ越すことになったため" }, once)).Body);
        var again = await story.Ask(HttpMethod.Post, path);
        Assert.Equal((409, "closed"), (again.Status, again.Reason));
        Assert.Equal([numbers[1]], (await Listed(next)).Numbers);
        await using var db = story.Town.Open();
        Assert.Equal(CaseState.Withdrawn, (await db.Set<Case>().SingleAsync(c => c.Number == numbers[1], TestContext.Current.CancellationToken)).State);
        Assert.DoesNotContain(await db.Set<Step>().Where(s => db.Set<Case>().Any(c => c.Id == s.CaseId && c.Number == numbers[1])).ToListAsync(TestContext.Current.CancellationToken), s => s.State is StepState.Open or StepState.Waiting);
        var entry = Assert.Single(await story.Audited("procedures.take_back"));
        Assert.Contains(story.Name, entry.Details);
        Assert.DoesNotContain("引っ越す", entry.Details);

        foreach (var (wrong, reason) in new[] { ("?since=yesterday", "since_wrong"), ("?after=x", "after_wrong") })
            Assert.Equal((422, reason), await story.Ask(HttpMethod.Get, "procedures/dog-registration/filings" + wrong) is var no ? (no.Status, no.Reason) : default);
        Assert.Equal(200, (await story.Ask(HttpMethod.Get, "procedures/dog-registration/filings?since=0001-01-01T00:00:00Z")).Status);
        Assert.Equal(404, (await story.Ask(HttpMethod.Get, "procedures/no-such-thing/filings")).Status);
        Assert.NotEqual(story.Id, other);
    }

    [Fact]
    public async Task A_day_that_is_not_offered_is_refused_here_too_and_what_a_system_began_is_not_given_up_on_a_page()
    {
        using var story = await SystemStory.Begin(program, ["procedures.file"]);
        var refused = await story.Ask(HttpMethod.Post, "procedures/bulky-waste/filings", new JsonObject { ["assurance"] = "card", ["answers"] = new JsonObject { ["collectionDay"] = "2020-01-01" } });
        Assert.Equal((422, "answers_wrong"), (refused.Status, refused.Reason));
        Assert.Contains(refused.Json.GetProperty("mistakes").EnumerateArray(), m => m.GetProperty("path").GetString() == "collectionDay");

        Assert.Equal(201, (await story.Ask(HttpMethod.Post, "procedures/bulky-waste/drafts")).Status);
        await story.Town.Tell("UPDATE procedures.drafts SET changed_at = now() - interval '40 days', ends_at = now() - interval '10 days'");
        await using var db = story.Town.Open();
        await TidyDrafts.Remove(await db.Set<Draft>().ToListAsync(TestContext.Current.CancellationToken), db, TestContext.Current.CancellationToken);
        await db.Save(stop: TestContext.Current.CancellationToken);
        Assert.Empty(await db.Set<Draft>().ToListAsync(TestContext.Current.CancellationToken));
        Assert.Empty(await db.Set<GivenUp>().ToListAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_file_goes_only_where_a_question_asks_for_it()
    {
        using var story = await SystemStory.Begin(program, ["procedures.file"]);
        var draft = (await story.Ask(HttpMethod.Post, "procedures/dog-registration/drafts")).Json.GetProperty("draft").GetString()!;
        async Task<(int, string)> Sent(string path, byte[]? bytes = null)
        {
            using var answer = await SendRaw(story, path, bytes ?? Samples.Png());
            var said = await Answer.Of(answer);
            return (said.Status, said.Status == 404 ? "" : said.Reason);
        }

        Assert.Equal((422, "field_wrong"), await Sent($"procedures/dog-registration/drafts/{draft}/files?field=dogName&name=a.png"));
        Assert.Equal((422, "field_wrong"), await Sent($"procedures/dog-registration/drafts/{draft}/files?field=../../x&name=a.png"));
        Assert.Equal((422, "name_missing"), await Sent($"procedures/dog-registration/drafts/{draft}/files?field=vaccineProof"));
        Assert.Equal((422, "file_refused"), await Sent($"procedures/dog-registration/drafts/{draft}/files?field=vaccineProof&name=a.exe"));
        Assert.Equal((422, "file_refused"), await Sent($"procedures/dog-registration/drafts/{draft}/files?field=vaccineProof&name=a.png", Encoding.UTF8.GetBytes("no picture")));
        Assert.Equal((404, ""), await Sent($"procedures/dog-registration/drafts/{draft[..^1]}0x/files?field=vaccineProof&name=a.png"));
        Assert.Equal((404, ""), await Sent($"procedures/tax-certificate/drafts/{draft}/files?field=vaccineProof&name=a.png"));
    }

    [Fact]
    public async Task Whoever_subscribed_hears_that_a_filing_arrived_and_how_it_went_on_without_a_name()
    {
        using var story = await SystemStory.Begin(program, ["procedures.file", "systems.subscribe"]);
        using var world = new HttpClient { BaseAddress = program.World.Url };
        var receiver = story.Town.Slug + "-filings";
        Assert.Equal(201, (await story.Ask(HttpMethod.Post, "systems/subscriptions", new { url = $"{program.World.Url}webhooks/{receiver}", events = new[] { "procedures.case_arrived", "procedures.case_decided" } })).Status);
        await using var db = story.Town.Open();
        var (draft, clock) = await TheWayOfACase.Filled(db, "water-start-stop");
        var visit = new Platform.Web.Visit();
        visit.Enter(story.Town.Town, "/" + story.Town.Slug, Ui.Words.Lang.Japanese, "/");
        var filed = (await Filing.Send((await Filling.Of(draft, db, clock.Today())).Ready(), false, visit, db, program.Service<Platform.Data.Receipts>(), clock, TestContext.Current.CancellationToken)).Case!;
        await db.Save(stop: TestContext.Current.CancellationToken);
        filed.Accept(Guid.CreateVersion7(), clock.GetUtcNow());
        filed.Decide(true, "", Guid.CreateVersion7(), clock.GetUtcNow());
        db.AddNews(filed);
        await db.Save(stop: TestContext.Current.CancellationToken);

        await story.Town.Until($"count(*) = 2 FROM systems.deliveries WHERE state = 'Delivered'", 60);
        await using var bodies = story.Town.Source.CreateCommand("SELECT string_agg(body, ' ') FROM systems.deliveries");
        var said = (string)(await bodies.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
        Assert.Contains(filed.Number, said);
        Assert.Contains("\"granted\":true", said.Replace(" ", ""));
        Assert.DoesNotContain("見本", said);
    }

    // ── what is sent ─────────────────────────────────────────────────────────────────────────────────────────────────

    /// <summary>The first sample of the definition, with its days as near to today as they were to its own.</summary>
    static JsonObject Dog()
    {
        var sample = ShippedProcedures.SamplesOf(File.ReadAllText(Path.Combine(Shared, "dog-registration.yaml")))[0]!;
        var later = Platform.Days.JapanTime.Today(TimeProvider.System).DayNumber - DateOnly.Parse(sample["filedOn"]!.ToString(), CultureInfo.InvariantCulture).DayNumber;
        var answers = JsonNode.Parse(Regex.Replace(sample["answers"]!.ToJsonString(), "\"([0-9]{4}-[0-9]{2}-[0-9]{2})\"", m => $"\"{DateOnly.ParseExact(m.Groups[1].Value, "yyyy-MM-dd", CultureInfo.InvariantCulture).AddDays(later):yyyy-MM-dd}\""))!.AsObject();
        answers["telephone"] = "0925012211";
        answers["ownerAddress"]!["postcode"] = "8168510";
        return answers;
    }

    static async Task<Guid> SendFile(SystemStory story, string draft, string field)
    {
        using var answer = await SendRaw(story, $"procedures/dog-registration/drafts/{draft}/files?field={field}&name={Uri.EscapeDataString("注射済証.png")}", Samples.Png());
        var said = await Answer.Of(answer);
        Assert.True(said.Status == 201, said.Body);
        return said.Json.GetProperty("id").GetGuid();
    }

    static async Task<HttpResponseMessage> SendRaw(SystemStory story, string path, byte[] bytes)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{story.Http.BaseAddress}{story.Town.Slug}/api/v1/{path}") { Content = new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } } };
        request.Headers.Authorization = new("Bearer", story.Key);
        return await story.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    static async Task<(Guid, string)> Another(TestTown town, string[] scopes)
    {
        await using var db = town.Open();
        var now = TimeProvider.System.GetUtcNow();
        var system = Platform.Systems.OtherSystem.Named(new("見本 統計", "見本", "keeper@example.jp", scopes, [], 6000, 100000), now);
        var (key, shown) = Platform.Systems.SystemKey.New(system, town.Slug, now);
        db.Add(system);
        db.Add(key);
        await db.Save();
        return (system.Id, shown);
    }
}

/// <summary>As much of JSON Schema 2020-12 as the schemas of forms use; a word that it does not know fails the test.</summary>
static class Schemas
{
    static readonly string[] Told = ["$schema", "$id", "title", "description", "examples", "readOnly", "x-unit", "x-when", "x-required", "x-later", "x-from", "x-least", "x-most", "x-types", "x-options"];

    public static IReadOnlyList<string> Wrong(JsonObject schema, JsonNode? value, string at = "")
    {
        var wrong = new List<string>();
        foreach (var (word, said) in schema)
        {
            if (Told.Contains(word)) continue;
            var so = word switch
            {
                "type" => said!.ToString() switch
                {
                    "object" => value is JsonObject,
                    "array" => value is JsonArray,
                    "string" => value?.GetValueKind() == JsonValueKind.String,
                    "boolean" => value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
                    "number" => value?.GetValueKind() == JsonValueKind.Number,
                    "integer" => value?.GetValueKind() == JsonValueKind.Number && Number(value) == decimal.Truncate(Number(value)),
                    _ => throw new InvalidOperationException($"type {said}"),
                },
                "enum" => said!.AsArray().Any(o => JsonNode.DeepEquals(o, value)),
                "const" => JsonNode.DeepEquals(said, value),
                "pattern" => value?.GetValueKind() != JsonValueKind.String || Regex.IsMatch(value.ToString(), said!.ToString()),
                "format" => value?.GetValueKind() != JsonValueKind.String || said!.ToString() switch { "date" => DateOnly.TryParseExact(value.ToString(), "yyyy-MM-dd", out _), "uuid" => Guid.TryParse(value.ToString(), out _), "email" => value.ToString().Contains('@'), _ => throw new InvalidOperationException($"format {said}") },
                "minLength" => value?.GetValueKind() != JsonValueKind.String || new StringInfo(value.ToString()).LengthInTextElements >= (int)Number(said),
                "maxLength" => value?.GetValueKind() != JsonValueKind.String || new StringInfo(value.ToString()).LengthInTextElements <= (int)Number(said),
                "minimum" => value?.GetValueKind() != JsonValueKind.Number || Number(value) >= Number(said),
                "maximum" => value?.GetValueKind() != JsonValueKind.Number || Number(value) <= Number(said),
                "minItems" => value is not JsonArray least || least.Count >= (int)Number(said),
                "maxItems" => value is not JsonArray most || most.Count <= (int)Number(said),
                "uniqueItems" => value is not JsonArray unique || unique.Select(u => u?.ToJsonString()).Distinct().Count() == unique.Count,
                "items" => value is not JsonArray items || !items.Select((item, n) => Wrong(said!.AsObject(), item, $"{at}{n}/")).Any(w => Add(wrong, w)),
                "properties" => value is not JsonObject whole || !said!.AsObject().Where(p => whole.ContainsKey(p.Key)).Select(p => Wrong(p.Value!.AsObject(), whole[p.Key], $"{at}{p.Key}/")).Any(w => Add(wrong, w)),
                "required" => value is not JsonObject needed || said!.AsArray().All(n => needed.ContainsKey(n!.ToString()) || Add(wrong, [$"{at}{n} is missing"])) || true,
                "additionalProperties" => value is not JsonObject more || more.All(p => schema["properties"]!.AsObject().ContainsKey(p.Key)),
                "anyOf" => said!.AsArray().Any(s => Wrong(s!.AsObject(), value, at).Count == 0),
                _ => throw new InvalidOperationException($"the schema says {word}"),
            };
            if (!so) wrong.Add($"{at} {word}");
        }
        return wrong;

        static bool Add(List<string> wrong, IReadOnlyList<string> more)
        {
            wrong.AddRange(more);
            return more.Count > 0;
        }

        static decimal Number(JsonNode? node) => decimal.Parse(node!.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture);
    }
}
