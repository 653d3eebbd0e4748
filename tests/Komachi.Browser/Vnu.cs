using System.Diagnostics;
using System.Text.Json;
using Komachi.Tests.Harness;

namespace Komachi.Browser;

/// <summary>The Nu Html Checker, from npm's vnu-jar, in one go over many pages: Java takes seconds to start.</summary>
static class Vnu
{
    public static async Task<IReadOnlyList<string>> Complaints(IReadOnlyList<(string Address, string Html)> pages, CancellationToken stop)
    {
        var java = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, "java")).FirstOrDefault(File.Exists);
        if (java is null) Assert.Skip("There is no Java here to run the checker of HTML with: apt-get install default-jre-headless");
        var jar = Path.Combine(TestProgram.Repository, "tests/Komachi.Browser/node_modules/vnu-jar/build/dist/vnu.jar");
        var folder = Directory.CreateTempSubdirectory("komachi-html");
        try
        {
            for (var i = 0; i < pages.Count; i++) await File.WriteAllTextAsync(Path.Combine(folder.FullName, $"{i}.html"), pages[i].Html, stop);
            using var run = Process.Start(new ProcessStartInfo(java, ["-Xmx512m", "-jar", jar, "--format", "json", "--exit-zero-always", "--stdout", folder.FullName]) { RedirectStandardOutput = true })!;
            using var told = JsonDocument.Parse(await run.StandardOutput.ReadToEndAsync(stop));
            await run.WaitForExitAsync(stop);
            return [.. told.RootElement.GetProperty("messages").EnumerateArray()
                .Where(m => m.GetProperty("type").GetString() != "info" || m.TryGetProperty("subType", out var sub) && sub.GetString() == "warning")
                .Select(m => (At: pages[int.Parse(Path.GetFileNameWithoutExtension(m.GetProperty("url").GetString()!), System.Globalization.CultureInfo.InvariantCulture)].Address,
                    Text: m.GetProperty("message").GetString()!, Piece: m.TryGetProperty("extract", out var extract) ? extract.GetString()!.ReplaceLineEndings(" ") : ""))
                // A section that is named by aria-label needs no heading.
                .Where(m => !m.Text.StartsWith("Section lacks heading", StringComparison.Ordinal))
                .GroupBy(m => (m.Text, m.Piece)).Select(g => $"{g.Key.Text} at {g.Key.Piece} in {string.Join(", ", g.Select(m => m.At).Distinct().Take(3))}")];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
