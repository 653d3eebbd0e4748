using System.Text.RegularExpressions;
using Komachi.Tests.Harness;

namespace Komachi.Rules;

/// <summary>
/// What documents lean on is there. Of docs/security.md that is its tests, too: a claim whose test was renamed or dropped must not go on looking proved.
/// </summary>
public sealed partial class Documents
{
    static readonly string Page = File.ReadAllText(Path.Combine(TestProgram.Repository, "docs/security.md"));

    static IEnumerable<string> Named => InBackticks().Matches(Page).Select(m => m.Groups[1].Value).Distinct();

    [Fact]
    public void Every_test_that_the_security_page_names_exists()
    {
        var tests = new HashSet<string>();
        foreach (var path in Directory.EnumerateFiles(Path.Combine(TestProgram.Repository, "tests"), "*.cs", SearchOption.AllDirectories).Where(f => !f.Contains("/obj/") && !f.Contains("/bin/")))
        {
            var text = File.ReadAllText(path);
            // A file may hold several classes; which of them has the method is for the compiler.
            foreach (Match type in Class().Matches(text))
                foreach (Match test in Test().Matches(text)) tests.Add($"{type.Groups[1].Value}.{test.Groups[1].Value}");
        }
        var named = Named.Where(n => TestName().IsMatch(n)).ToArray();
        Assert.True(named.Length > 100, $"docs/security.md names {named.Length} tests");
        var missing = named.Where(n => !tests.Contains(n)).ToArray();
        Assert.True(missing.Length == 0, string.Join('\n', missing));
    }

    [Fact]
    public void Every_path_that_the_security_page_names_exists()
    {
        var missing = Named.Where(n => FilePath().IsMatch(n)).Where(n => !Path.Exists(Path.Combine(TestProgram.Repository, n))).ToArray();
        Assert.True(missing.Length == 0, string.Join('\n', missing));
    }

    static IEnumerable<(string Path, string Text)> All =>
        Directory.EnumerateFiles(TestProgram.Repository, "*.md").Concat(Directory.EnumerateFiles(Path.Combine(TestProgram.Repository, "docs"), "*.md", SearchOption.AllDirectories)).Select(f => (f, File.ReadAllText(f)));

    /// <summary>As happens where two branches wrote the same page.</summary>
    [Fact]
    public void No_document_says_the_same_heading_twice()
    {
        var twice = All.SelectMany(d => Heading().Matches(d.Text).GroupBy(h => h.Value).Where(g => g.Count() > 1).Select(g => $"{Path.GetFileName(d.Path)}: {g.Key}")).ToArray();
        Assert.True(twice.Length == 0, string.Join('\n', twice));
    }

    [Fact]
    public void Every_link_of_a_document_leads_somewhere()
    {
        var lost = new List<string>();
        foreach (var (path, text) in All)
            foreach (Match link in Link().Matches(Code().Replace(text, "")))
            {
                var to = link.Groups[1].Length == 0 ? path : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, link.Groups[1].Value));
                if (!Path.Exists(to) || link.Groups[2].Success && !Heading().Matches(File.ReadAllText(to)).Any(h => Anchor(h.Value) == link.Groups[2].Value)) lost.Add($"{Path.GetFileName(path)}: {link.Value}");
            }
        Assert.True(lost.Count == 0, string.Join('\n', lost));

        static string Anchor(string heading) => NoLetter().Replace(heading.TrimStart('#').Trim().ToLowerInvariant(), "").Replace(' ', '-');
    }

    [GeneratedRegex("^#+ .+$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)")]
    private static partial Regex Link();

    [GeneratedRegex("^```[\\s\\S]*?^```|`[^`\n]*`", RegexOptions.Multiline)]
    private static partial Regex Code();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NoLetter();

    [GeneratedRegex("`([^`\r\n]+)`")]
    private static partial Regex InBackticks();

    [GeneratedRegex(@"^[A-Z]\w*\.[A-Z]\w*_\w+$")]
    private static partial Regex TestName();

    [GeneratedRegex(@"^(?:src|tests|docs|towns|benches|scripts)/[\w./-]+$")]
    private static partial Regex FilePath();

    [GeneratedRegex(@"\bclass (\w+)")]
    private static partial Regex Class();

    [GeneratedRegex(@"\[(?:Fact|Theory)\b[\s\S]*?\bpublic (?:async )?(?:Task|void) (\w+)\(")]
    private static partial Regex Test();
}
