using System.Text.RegularExpressions;
using Komachi.Tests.Harness;

namespace Komachi.Rules;

/// <summary>What docs/security.md leans on is there: a claim whose test was renamed or dropped must not go on looking proved.</summary>
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
