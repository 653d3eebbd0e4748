using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Komachi.Tests.Files;
using Komachi.Tests.Harness;
using Komachi.Tests.Systems;

namespace Komachi.Tests.Procedures;

/// <summary>
/// What the documentation shows is what the program does: each line with curl is run as it stands, with the address of a town and a key in place of those that are made up, and
/// the answer has the properties that are shown.
/// </summary>
public sealed partial class CurlsOfTheDocs(FilesProgram program)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    sealed record Shown(string Command, string? Answer);

    /// <summary>What a block shows: commands, and behind some of them the answer.</summary>
    static IEnumerable<Shown> CommandsOf(string page)
    {
        var text = File.ReadAllText(Path.Combine(TestProgram.Repository, "docs", page)).ReplaceLineEndings("\n");
        foreach (var block in Block().Matches(text).Select(m => m.Groups[1].Value.Replace("\\\n", " ")).Where(b => b.Contains("curl ", StringComparison.Ordinal)))
        {
            var lines = block.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            for (var n = 0; n < lines.Length; n++)
                if (lines[n].StartsWith("curl ", StringComparison.Ordinal)) yield return new(lines[n], lines.ElementAtOrDefault(n + 1) is ['{', ..] answer ? answer : null);
                else Assert.StartsWith("{", lines[n]);
        }
    }

    sealed record Came(int Status, string Head, string Body)
    {
        public JsonNode Json => JsonNode.Parse(Body)!;
    }

    async Task<Came> Run(Shown shown, SystemStory story, string folder, Dictionary<string, string> known)
    {
        var here = shown.Command.Replace("https://www.example.jp/onojo/", $"{program.Url}/{story.Town.Slug}/");
        Assert.NotEqual(shown.Command, here);
        using var curl = Process.Start(new ProcessStartInfo("bash", ["-c", $"{here} -sS -D head"]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true }.With(known))!;
        var (body, wrong) = (curl.StandardOutput.ReadToEndAsync(Stop), curl.StandardError.ReadToEndAsync(Stop));
        await curl.WaitForExitAsync(Stop);
        Assert.Equal((0, ""), (curl.ExitCode, await wrong));
        var head = await File.ReadAllTextAsync(Path.Combine(folder, "head"), Stop);
        var last = head[head.LastIndexOf("HTTP/", StringComparison.Ordinal)..];
        return new(int.Parse(last.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture), last, await body);
    }

    /// <summary>Names of properties, however deep; of a list those of its first element. What was null has nothing in it.</summary>
    static IEnumerable<string> NamesIn(JsonNode? node, string at = "") => node switch
    {
        JsonObject parts => parts.SelectMany(p => NamesIn(p.Value, $"{at}/{p.Key}").Prepend($"{at}/{p.Key}")),
        JsonArray { Count: > 0 } many => NamesIn(many[0], at + "/0"),
        _ => [],
    };

    /// <summary>Of the shown answer each property is there, and no other.</summary>
    static void Same(Shown shown, Came came)
    {
        var (asShown, asCame) = (JsonNode.Parse(shown.Answer!)!, came.Json);
        Assert.Equal(NamesIn(asShown).Order(StringComparer.Ordinal), NamesIn(asCame).Order(StringComparer.Ordinal));
        if (asShown["status"] is JsonValue said && said.GetValueKind() == JsonValueKind.Number) Assert.Equal((int)said, came.Status);
        else Assert.InRange(came.Status, 200, 299);
        foreach (var name in new[] { "reason", "state", "kind", "procedure", "stage", "scopes", "title", "type" })
            if (asShown[name] is { } word) Assert.Equal(word.ToJsonString(), asCame[name]?.ToJsonString());
    }

    /// <summary>The description of the API has this answer too: its status, and the properties that it has.</summary>
    static void Described(JsonNode described, Shown shown, Came came)
    {
        var address = Address().Match(shown.Command).Groups[1].Value;
        var method = shown.Command.Contains(" -X POST", StringComparison.Ordinal) || shown.Command.Contains(" -d ", StringComparison.Ordinal) || shown.Command.Contains(" --data-binary ", StringComparison.Ordinal) ? "post" : "get";
        var (path, whole) = described["paths"]!.AsObject().Select(p => (p.Key, p.Value)).Where(p => Regex.IsMatch(address, "^" + Template().Replace(p.Key, "[^/]+") + "$")).MinBy(p => p.Key.Count(c => c == '{'));
        Assert.True(whole?[method]?["responses"]?[came.Status.ToString(System.Globalization.CultureInfo.InvariantCulture)] is not null, $"{method} {address} ({path}) answers {came.Status}, and openapi.json does not say so.");
        var schema = whole![method]!["responses"]![$"{came.Status}"]!["content"]?["application/json"]?["schema"];
        while (schema?["$ref"] is not null || schema?["items"] is not null) schema = schema["$ref"] is { } at ? described["components"]!["schemas"]![at.ToString().Split('/')[^1]] : schema["items"];
        if (schema?["properties"] is not JsonObject properties) return;
        var one = came.Json is JsonArray many ? many[0]! : came.Json;
        Assert.Equal(properties.Select(p => p.Key).Order(StringComparer.Ordinal), one.AsObject().Select(p => p.Key).Order(StringComparer.Ordinal));
    }

    async Task<JsonNode> Description(SystemStory story) => JsonNode.Parse(await story.Http.GetStringAsync($"/{story.Town.Slug}/api/v1/openapi.json", Stop))!;

    [Fact]
    public async Task What_the_page_on_procedures_shows_happens()
    {
        using var story = await SystemStory.Begin(program, ["procedures.file", "procedures.read"]);
        var folder = Directory.CreateTempSubdirectory("komachi-curl").FullName;
        await File.WriteAllBytesAsync(Path.Combine(folder, "certificate.jpg"), Samples.Jpeg(), Stop);
        var known = new Dictionary<string, string> { ["KEY"] = story.Key };
        var described = await Description(story);
        var (commands, answers) = (CommandsOf("procedures.md").ToArray(), new List<(string Command, Came Came)>());
        foreach (var shown in commands)
        {
            var came = await Run(shown, story, folder, known);
            answers.Add((shown.Command, came));
            Described(described, shown, came);
            if (shown.Answer is not null) Same(shown, came);
            else Assert.Equal(200, came.Status);
            // What one answer names the next command takes.
            if (shown.Command.EndsWith("/drafts", StringComparison.Ordinal)) known["DRAFT"] = came.Json["draft"]!.ToString();
            else if (shown.Command.Contains("/files?", StringComparison.Ordinal)) await File.WriteAllTextAsync(Path.Combine(folder, "filing.json"), FilingWith(known["DRAFT"], came.Json["id"]!.ToString()).ToJsonString(), Stop);
            else if (shown.Command.Contains("filing.json", StringComparison.Ordinal)) known["NUMBER"] = came.Json["number"]!.ToString();
        }
        // Nothing of it was left out.
        Assert.Equal(["drafts", "drafts/…/files", "filings", "filings", "filings", "filings/…", "filings/…/withdrawal", "schema"],
            answers.Select(a => Numbers().Replace(Place().Match(a.Command).Groups[1].Value, "/…")).Where(p => p.Length > 0).Order(StringComparer.Ordinal));
        Assert.Contains(answers, a => a.Came.Status == 422);
        Assert.Equal(2, answers.Count(a => a.Came.Status == 201 && !a.Command.Contains("/files?", StringComparison.Ordinal)));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task What_the_page_on_other_systems_shows_happens()
    {
        using var story = await SystemStory.Begin(program, ["procedures.file", "procedures.read", "systems.subscribe"], aMinute: 60, aDay: 10000);
        var folder = Directory.CreateTempSubdirectory("komachi-curl").FullName;
        var known = new Dictionary<string, string> { ["KEY"] = story.Key };
        var commands = CommandsOf("systems.md").ToArray();
        Assert.Equal(3, commands.Length);
        var (last, described) = ("", await Description(story));
        foreach (var shown in commands)
        {
            var came = await Run(shown, story, folder, known);
            Assert.NotNull(shown.Answer);
            Same(shown, came);
            Described(described, shown, came);
            last = came.Status == 401 ? last : came.Head;
            if (!shown.Command.Contains("Idempotency-Key", StringComparison.Ordinal)) continue;
            var again = await Run(shown, story, folder, known);
            Assert.Equal((came.Status, came.Body), (again.Status, again.Body));
            Assert.Contains("Idempotency-Replayed: true", again.Head, StringComparison.OrdinalIgnoreCase);
        }
        // What is left, as it is shown.
        foreach (var line in RateLimit().Matches(await File.ReadAllTextAsync(Path.Combine(TestProgram.Repository, "docs", "systems.md"), Stop)).Select(m => m.Value))
            Assert.Matches("(?im)^" + Regex.Replace(Regex.Escape(line), "(?<=[rt]=)[0-9]+", "[0-9]+") + "\r?$", last);
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>A reason is what a program goes by: each that the API gives stands in the page.</summary>
    [Fact]
    public void Every_reason_stands_in_the_page()
    {
        var page = File.ReadAllText(Path.Combine(TestProgram.Repository, "docs", "procedures.md"));
        var given = Reason().Matches(File.ReadAllText(Path.Combine(TestProgram.Repository, "src", "Modules", "Komachi.Procedures", "Api", "FilingsApi.cs"))).Select(m => m.Groups[1].Value + m.Groups[2].Value).Distinct().ToArray();
        Assert.True(given.Length > 12);
        Assert.All(given, reason => Assert.Contains($"`{reason}`", page));
    }

    static JsonObject FilingWith(string draft, string file)
    {
        var answers = SampleAnswers.Of(File.ReadAllText(Path.Combine(TestProgram.TownsFolder, "common", "procedures", "dog-registration.yaml")));
        answers["vaccineProof"] = new JsonArray(file);
        answers["telephone"] = "0925012211";
        answers["ownerAddress"]!["postcode"] = "8168510";
        return new() { ["draft"] = draft, ["assurance"] = "code", ["email"] = "hanako@example.jp", ["answers"] = answers };
    }

    [GeneratedRegex("^```[a-z]*\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("dog-registration/([^ \"?]+)")]
    private static partial Regex Place();

    [GeneratedRegex("https://www.example.jp/onojo(/api/v1/[^ \"?]+)")]
    private static partial Regex Address();

    [GeneratedRegex("\\{[^}]+\\}")]
    private static partial Regex Template();

    [GeneratedRegex("/\\$(DRAFT|NUMBER)")]
    private static partial Regex Numbers();

    [GeneratedRegex("^RateLimit.*$", RegexOptions.Multiline)]
    private static partial Regex RateLimit();

    [GeneratedRegex("Wrong\\([0-9]+, \"([a-z_]+)\"|\\[\"reason\"\\] = \"([a-z_]+)\"")]
    private static partial Regex Reason();
}

static class WithWhatIsKnown
{
    public static ProcessStartInfo With(this ProcessStartInfo start, Dictionary<string, string> known)
    {
        foreach (var (name, value) in known) start.Environment[name] = value;
        return start;
    }
}
