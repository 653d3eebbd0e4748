using System.Diagnostics;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Komachi.Tests.Harness;

namespace Komachi.Rules;

/// <summary>
/// What comes from others: each package pinned, under a licence that we may use, on the bill of materials
/// (CycloneDX, <c>src/Komachi.Host/bin/komachi.cdx.json</c>), and asked for where the feeds know what is vulnerable.
/// </summary>
public sealed partial class Supplies
{
    /// <summary>Free licences that ask for no more than to be named. Another one is a decision: write it here with its reason.</summary>
    static readonly HashSet<string> Allowed = ["MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "PostgreSQL", "ISC", "0BSD", "Unlicense", "MS-PL"];

    /// <summary>Packages that carry their licence as a file or only in tests and name none; read by a person.</summary>
    static readonly Dictionary<string, string> ReadByAPerson = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Deque.AxeCore.Commons"] = "MPL-2.0",        // tests alone, not changed, not handed on
    };

    static string Repository => TestProgram.Repository;

    /// <summary>Where npm brings something: what pages are bundled with, and what tests compare with.</summary>
    static readonly string[] NpmFolders = [.. new[] { "src/Komachi.Ui", "tests/Komachi.Tests", "tests/Komachi.Browser" }.Select(f => Path.Combine(Repository, f))];

    sealed record Package(string Name, string Version, string Kind, string Hash, string Licence, bool Serves)
    {
        public string Purl => $"pkg:{Kind}/{Uri.EscapeDataString(Name).Replace("%2F", "/")}@{Version}";
    }

    static IEnumerable<string> Projects => new[] { "src", "tests", "benches" }.Select(f => Path.Combine(Repository, f)).Where(Directory.Exists)
        .SelectMany(f => Directory.EnumerateFiles(f, "*.csproj", SearchOption.AllDirectories)).Order(StringComparer.Ordinal);

    /// <summary>Every package that was restored for a project here; a project that nobody built yet is not asked.</summary>
    static IReadOnlyList<Package> FromNuGet()
    {
        var found = new Dictionary<string, Package>();
        foreach (var project in Projects)
        {
            var path = Path.Combine(Path.GetDirectoryName(project)!, "obj/project.assets.json");
            if (!File.Exists(path)) continue;
            using var assets = JsonDocument.Parse(File.ReadAllBytes(path));
            var folders = assets.RootElement.GetProperty("packageFolders").EnumerateObject().Select(f => f.Name).ToArray();
            foreach (var library in assets.RootElement.GetProperty("libraries").EnumerateObject().Where(l => l.Value.GetProperty("type").GetString() == "package"))
            {
                var (name, version) = library.Name.Split('/') switch { [var n, var v] => (n, v), _ => throw new InvalidDataException(library.Name) };
                var serves = project.StartsWith(Path.Combine(Repository, "src"), StringComparison.Ordinal) && !name.Contains("Analyzers", StringComparison.Ordinal);
                if (found.TryGetValue(library.Name, out var known))
                {
                    found[library.Name] = known with { Serves = known.Serves || serves };
                    continue;
                }
                var nuspec = library.Value.GetProperty("files").EnumerateArray().Select(f => f.GetString()!).Single(f => f.EndsWith(".nuspec", StringComparison.Ordinal));
                var file = folders.Select(f => Path.Combine(f, library.Value.GetProperty("path").GetString()!, nuspec)).First(File.Exists);
                var hash = Convert.ToHexStringLower(Convert.FromBase64String(library.Value.GetProperty("sha512").GetString()!));
                found[library.Name] = new(name, version, "nuget", hash, LicenceOf(name, XDocument.Load(file)), serves);
            }
        }
        return [.. found.Values.OrderBy(p => p.Purl, StringComparer.Ordinal)];
    }

    static string LicenceOf(string name, XDocument nuspec) =>
        nuspec.Descendants().FirstOrDefault(e => e.Name.LocalName == "license" && e.Attribute("type")?.Value == "expression")?.Value.Trim() ?? ReadByAPerson.GetValueOrDefault(name) ?? "none named";

    static JsonObject NpmLock(string folder) => JsonNode.Parse(File.ReadAllBytes(Path.Combine(folder, "package-lock.json")))!["packages"]!.AsObject();

    static IReadOnlyList<Package> FromNpm() => [.. NpmFolders.SelectMany(NpmLock).Where(p => p.Key.Length > 0).Select(p => new Package(
        p.Key[(p.Key.LastIndexOf("node_modules/", StringComparison.Ordinal) + "node_modules/".Length)..], (string)p.Value!["version"]!, "npm",
        (string?)p.Value["integrity"] is ['s', 'h', 'a', '5', '1', '2', '-', .. var hash] ? Convert.ToHexStringLower(Convert.FromBase64String(hash)) : "",
        (string?)p.Value["license"] ?? "none named", Serves: (bool?)p.Value["dev"] is not true)).OrderBy(p => p.Purl, StringComparer.Ordinal)];

    [Fact]
    public void Every_package_is_pinned_and_what_was_restored_is_what_is_pinned()
    {
        var pinned = XDocument.Load(Path.Combine(Repository, "Directory.Packages.props")).Descendants("PackageVersion").ToDictionary(p => p.Attribute("Include")!.Value, p => p.Attribute("Version")!.Value, StringComparer.OrdinalIgnoreCase);
        Assert.All(pinned, p => Assert.True(ExactVersion().IsMatch(p.Value), $"{p.Key} {p.Value} is no exact version"));
        foreach (var project in Projects)
            Assert.All(XDocument.Load(project).Descendants("PackageReference"), r => Assert.True(r.Attribute("Version") is null && r.Attribute("VersionOverride") is null, $"{project}: {r} has a version of its own"));
        foreach (var package in FromNuGet().Where(p => pinned.ContainsKey(p.Name)))
            Assert.True(package.Version == pinned[package.Name], $"{package.Name}: {pinned[package.Name]} is pinned, {package.Version} was restored");
    }

    [Fact]
    public void The_npm_lock_holds_what_package_json_asks_for_and_the_hash_of_everything()
    {
        foreach (var folder in NpmFolders)
        {
            var (asked, locked) = (JsonNode.Parse(File.ReadAllBytes(Path.Combine(folder, "package.json")))!, NpmLock(folder));
            foreach (var kind in new[] { "dependencies", "devDependencies" })
            {
                Assert.True(JsonNode.DeepEquals(asked[kind], locked[""]![kind]), $"{kind} of package.json and of package-lock.json differ: run npm install in {folder} and look at what changed");
                foreach (var (name, version) in asked[kind]?.AsObject() ?? [])
                {
                    Assert.True(ExactVersion().IsMatch((string)version!), $"{name} {version} is no exact version");
                    Assert.Equal((string)version!, (string)locked["node_modules/" + name]!["version"]!);
                }
            }
        }
        Assert.All(FromNpm(), p => Assert.True(p.Hash.Length == 128, $"{p.Name} has no SHA-512 in the lock"));
    }

    [Fact]
    public void Every_package_has_a_licence_that_we_may_use()
    {
        var packages = FromNuGet().Concat(FromNpm()).ToArray();
        Assert.True(packages.Length > 30);
        var refused = packages.Where(p => !MayUse(p)).Select(p => $"{p.Name} {p.Version}: {p.Licence}").ToArray();
        Assert.True(refused.Length == 0, "Not on the list of licences:\n" + string.Join('\n', refused));
    }

    static bool MayUse(Package package) => ReadByAPerson.TryGetValue(package.Name, out var read) && read == package.Licence && !package.Serves || MayUse(package.Licence);

    static bool MayUse(string licence) => licence.Trim('(', ')').Split(" OR ").Any(either => either.Split(" AND ").All(l => Allowed.Contains(l.Trim('(', ')', ' '))));

    [Theory, InlineData("MIT", true), InlineData("(MIT OR GPL-3.0-only)", true), InlineData("MIT AND GPL-3.0-only", false), InlineData("AGPL-3.0-only", false), InlineData("none named", false)]
    public void A_licence_is_read_as_it_is_meant(string licence, bool may) => Assert.Equal(may, MayUse(licence));

    [Fact]
    public void The_bill_of_materials_is_written_and_leaves_nothing_out()
    {
        var packages = FromNuGet().Concat(FromNpm()).ToArray();
        var bill = new JsonObject
        {
            ["bomFormat"] = "CycloneDX", ["specVersion"] = "1.6", ["version"] = 1,
            // Of what it lists: the same supplies give the same file.
            ["serialNumber"] = "urn:uuid:" + new Guid(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(packages)).AsSpan(0, 16)),
            ["metadata"] = new JsonObject { ["component"] = new JsonObject { ["type"] = "application", ["name"] = "komachi", ["bom-ref"] = "komachi" } },
            ["components"] = new JsonArray([.. packages.Select(p => new JsonObject
            {
                ["type"] = "library", ["bom-ref"] = p.Purl, ["name"] = p.Name, ["version"] = p.Version, ["purl"] = p.Purl, ["scope"] = p.Serves ? "required" : "excluded",
                ["hashes"] = new JsonArray(new JsonObject { ["alg"] = "SHA-512", ["content"] = p.Hash }),
                ["licenses"] = new JsonArray(p.Licence.Contains(' ') ? new JsonObject { ["expression"] = p.Licence } : new JsonObject { ["license"] = new JsonObject { ["id"] = p.Licence } }),
            })]),
            ["dependencies"] = new JsonArray(new JsonObject { ["ref"] = "komachi", ["dependsOn"] = new JsonArray([.. packages.Where(p => p.Serves).Select(p => (JsonNode)p.Purl)]) }),
        };
        var path = Path.Combine(Repository, "src/Komachi.Host/bin/komachi.cdx.json");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, bill.ToJsonString(new() { WriteIndented = true }));

        // Every assembly of somebody else's that is served with stands on it.
        var served = packages.Where(p => p is { Serves: true, Kind: "nuget" }).Select(p => p.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var deps = JsonNode.Parse(File.ReadAllBytes(Path.Combine(Repository, "src/Komachi.Host/bin/Release/net10.0/komachi.deps.json")))!["libraries"]!.AsObject();
        Assert.All(deps.Where(l => (string)l.Value!["type"]! == "package"), l => Assert.Contains(l.Key.Split('/')[0], served));
        Assert.Equal(packages.Length, packages.Select(p => p.Purl).Distinct().Count());
    }

    [Fact]
    public async Task No_package_of_NuGet_is_known_to_be_vulnerable()
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(8) };
        var known = new List<JsonObject>();
        var sources = Run("dotnet", "nuget list source --format short").Output.Split('\n').Where(l => l.StartsWith("E ", StringComparison.Ordinal)).Select(l => l[2..].Trim()).Where(u => u.StartsWith("https://", StringComparison.Ordinal)).ToArray();
        foreach (var source in sources)
        {
            try
            {
                var index = await http.GetFromJsonAsync<JsonObject>(source);
                foreach (var resource in index!["resources"]!.AsArray().Where(r => ((string)r!["@type"]!).StartsWith("VulnerabilityInfo/", StringComparison.Ordinal)).Take(1))
                    foreach (var page in (await http.GetFromJsonAsync<JsonArray>((string)resource!["@id"]!))!)
                        known.Add((await http.GetFromJsonAsync<JsonObject>((string)page!["@id"]!))!);
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException or JsonException or IOException) { }
        }
        // The SDK's own audit says "no vulnerable packages" of a feed that cannot tell: here that is not an answer.
        if (known.Count == 0) Assert.Skip("Not asked: no package source here tells what is vulnerable (NuGet's VulnerabilityInfo).");
        var hits = Hits(known);
        Assert.True(hits.Length == 0, string.Join('\n', hits));
    }

    static string[] Hits(IReadOnlyList<JsonObject> known) => [.. FromNuGet().SelectMany(p => known.SelectMany(k =>
        (k[p.Name.ToLowerInvariant()] as JsonArray ?? []).Where(v => Within(p.Version, (string)v!["versions"]!)).Select(v => $"{p.Name} {p.Version}: {v!["url"]}"))).Distinct()];

    [Fact]
    public void A_package_that_a_feed_knew_to_be_vulnerable_would_be_found()
    {
        // As a feed writes it.
        var known = JsonNode.Parse("""{ "npgsql": [{ "url": "https://example.jp/advisory", "severity": 2, "versions": "(, 99.0.0)" }], "yamldotnet": [{ "url": "x", "severity": 1, "versions": "(, 5.0.0)" }] }""")!.AsObject();
        Assert.Contains("https://example.jp/advisory", Assert.Single(Hits([known])));
    }

    [Fact]
    public void No_package_of_npm_is_known_to_be_vulnerable()
    {
        foreach (var folder in NpmFolders)
        {
            var (output, _) = Run("npm", "audit --json --package-lock-only --fetch-retries=0 --fetch-timeout=8000", folder);
            JsonNode? told = null;
            try { told = JsonNode.Parse(output)?["metadata"]?["vulnerabilities"]; }
            catch (JsonException) { }
            if (told is null) Assert.Skip("Not asked: the npm registry here does not answer audits.");
            Assert.True((int)told["total"]! == 0, output);
        }
    }

    /// <summary>NuGet's ranges: "(, 1.2.3)", "[1.0.0, 2.0.0]". A pre-release counts as its release, which warns too often, never too seldom.</summary>
    static bool Within(string version, string range)
    {
        var ends = range.Trim('[', ']', '(', ')').Split(',');
        var (low, high) = (ends[0].Trim(), ends[^1].Trim());
        var from = low.Length == 0 ? 1 : Compare(version, low);
        var to = high.Length == 0 ? -1 : Compare(version, high);
        return (from > 0 || from == 0 && (range.StartsWith('[') || ends.Length == 1)) && (to < 0 || to == 0 && (range.EndsWith(']') || ends.Length == 1));
    }

    static int Compare(string a, string b) => Parsed(a).CompareTo(Parsed(b));

    static Version Parsed(string version) => new(string.Join('.', version.Split('-', '+')[0].Split('.').Concat(["0", "0", "0"]).Take(4)));

    [Theory, InlineData("1.2.3", "(, 1.2.3)", false), InlineData("1.2.2", "(, 1.2.3)", true), InlineData("2.0.0", "[1.0.0, 2.0.0]", true), InlineData("2.0.1", "[1.0.0, 2.0.0]", false),
     InlineData("1.10.0", "[1.9.0, )", true), InlineData("1.0.0", "(1.0.0, 2.0.0)", false), InlineData("1.0.0", "[1.0.0]", true)]
    public void A_range_of_versions_is_read_as_NuGet_writes_it(string version, string range, bool within) => Assert.Equal(within, Within(version, range));

    static (string Output, int Code) Run(string program, string arguments, string? folder = null)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder ?? Repository, RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (output, process.ExitCode);
    }

    [GeneratedRegex(@"^\d+(\.\d+){1,3}(-[0-9A-Za-z.-]+)?$")]
    private static partial Regex ExactVersion();
}
