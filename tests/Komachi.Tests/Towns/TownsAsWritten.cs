using Komachi.Platform.Towns;
using Komachi.Tests.Harness;

namespace Komachi.Tests.Towns;

/// <summary><c>town.yaml</c> as a clerk writes it: what is wrong is said, each thing in a sentence.</summary>
public sealed class TownsAsWritten
{
    [Theory]
    [InlineData("komaki", "232190"), InlineData("omitama", "082368"), InlineData("onojo", "402192"), InlineData("oyabe", "162094"), InlineData("katano", "272302")]
    public void The_five_towns_have_their_codes_and_no_other_check_digit_will_do(string slug, string code)
    {
        var file = TownFile.Read(Path.Combine(TestProgram.TownsFolder, slug, "town.yaml"));
        Assert.Equal((slug, code), (file.Slug, file.Code));
        Assert.Equal(code[5], Assert.Single("0123456789", d => TownCode.IsValid(code[..5] + d)));
    }

    [Theory]
    [InlineData(null), InlineData(""), InlineData("23219"), InlineData("2321900"), InlineData("23219０"), InlineData("2３2190"), InlineData("-32190"), InlineData("232190\n")]
    public void What_is_no_code_is_none(string? code) => Assert.False(TownCode.IsValid(code));

    [Theory]
    [InlineData("code: \"232191\"", "code \"232191\" is not a town's code")]
    [InlineData("code:", "is not a town's code")]
    [InlineData("slug: Komaki", "slug \"Komaki\" cannot stand in an address")]
    [InlineData("slug: desk", "slug \"desk\" cannot stand in an address")]
    [InlineData("slug: \"komaki\\n\"", "cannot stand in an address")]
    [InlineData("slug:", "cannot stand in an address")]
    [InlineData("name: {en: Komaki}", "name has no Japanese")]
    [InlineData("name:", "name has no Japanese")]
    [InlineData("colour: \"#ffcc00\"", "colour #ffcc00 has a contrast of 1.5 on white: it needs 4.5")]
    [InlineData("colour: green", "colour \"green\" is not of the form #rrggbb")]
    [InlineData("colour:", "is not of the form #rrggbb")]
    [InlineData("hosts: [\"not a host\"]", "host \"not a host\" is not a host name")]
    [InlineData("hosts: [~]", "host \"\" is not a host name")]
    [InlineData("mayor: nobody", "line 7")]
    [InlineData("modules: [", "line")]
    public void What_is_wrong_is_said_in_a_sentence(string line, string says)
    {
        using var folder = new OwnFolder();
        var file = folder.Write(line);
        var problem = Assert.Throws<BadTown>(() => TownFile.Read(file));
        Assert.Contains(says, problem.Message);
        Assert.StartsWith(file, problem.Message);
    }

    [Fact]
    public void Everything_that_is_wrong_is_said_at_once()
    {
        using var folder = new OwnFolder();
        var problem = Assert.Throws<BadTown>(() => TownFile.Read(folder.Write("code: \"1\"", "slug: X", "colour: red")));
        Assert.All(["code \"1\"", "slug \"X\"", "colour \"red\""], says => Assert.Contains(says, problem.Message));
    }

    [Theory]
    [InlineData("hosts:"), InlineData("modules:"), InlineData("office:"), InlineData("prefecture:"), InlineData("pattern:"), InlineData("office: {name: , telephone: }")]
    public void What_was_left_empty_is_empty_and_nothing_worse(string line)
    {
        using var folder = new OwnFolder();
        var file = TownFile.Read(folder.Write(line));
        Assert.NotNull(file.Hosts);
        Assert.NotNull(file.Modules);
        Assert.NotNull(file.Pattern);
        Assert.NotNull(file.Prefecture);
        Assert.NotNull(file.Office.Name);
        Assert.NotNull(file.Office.Address);
        Assert.NotNull(file.Office.Hours);
        Assert.NotNull(file.Office.Telephone);
    }

    [Fact]
    public void A_file_that_is_not_there_or_empty_is_said_too()
    {
        using var folder = new OwnFolder();
        Assert.Contains("there is no such file", Assert.Throws<BadTown>(() => TownFile.Read(Path.Combine(folder.Path, "town.yaml"))).Message);
        File.WriteAllText(Path.Combine(folder.Path, "town.yaml"), "");
        Assert.Contains("empty", Assert.Throws<BadTown>(() => TownFile.Read(Path.Combine(folder.Path, "town.yaml"))).Message);
    }
}

/// <summary>A folder with a town.yaml of a test's own.</summary>
sealed class OwnFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("komachi-town").FullName;

    /// <summary>A small town in order, with these lines in the place of its own.</summary>
    public string Write(params string[] lines)
    {
        var all = new Dictionary<string, string>
        {
            ["code"] = "\"232190\"", ["slug"] = "komaki", ["name"] = "{ja: 小牧市}", ["colour"] = "\"#1b5e3a\"", ["modules"] = "[]", ["hosts"] = "[]",
        };
        foreach (var line in lines) all[line[..line.IndexOf(':')]] = line[(line.IndexOf(':') + 1)..].Trim();
        var file = System.IO.Path.Combine(Path, "town.yaml");
        File.WriteAllLines(file, all.Select(p => $"{p.Key}: {p.Value}"));
        return file;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
