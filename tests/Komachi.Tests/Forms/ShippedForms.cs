using System.Text.Json;
using System.Text.Json.Nodes;
using Komachi.Platform.Forms;
using YamlDotNet.Serialization;

namespace Komachi.Tests.Forms;

/// <summary>The forms that every town starts with: each hangs together, and its sample filings fill it as people would.</summary>
public sealed class ShippedForms
{
    static string Folder => Path.Combine(Harness.TestProgram.TownsFolder, "common", "procedures");

    public static TheoryData<string> Keys => [.. Directory.GetFiles(Folder, "*.yaml").Select(f => Path.GetFileNameWithoutExtension(f)!).Order(StringComparer.Ordinal)];

    static (CompiledForm? Form, JsonArray Samples, List<FormProblem> Problems) Read(string key)
    {
        var whole = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build().Deserialize<Dictionary<string, object>>(File.ReadAllText(Path.Combine(Folder, key + ".yaml")));
        var problems = new List<FormProblem>();
        var definition = FormYaml.Read(new SerializerBuilder().WithQuotingNecessaryStrings().Build().Serialize(whole["form"]), problems);
        var samples = JsonNode.Parse(new SerializerBuilder().JsonCompatible().Build().Serialize(whole["samples"]))!.AsArray();
        var constants = (whole.GetValueOrDefault("constants") as Dictionary<object, object> ?? []).ToDictionary(c => (string)c.Key, c => Value.Written(Convert.ToString(c.Value, System.Globalization.CultureInfo.InvariantCulture)!));
        return (definition is null ? null : CompiledForm.Of(definition, problems, constants), samples, problems);
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Each_hangs_together_and_its_samples_fill_it(string key)
    {
        var (form, samples, problems) = Read(key);
        Assert.True(problems.Count == 0, string.Join('\n', problems.Select(p => $"{p.Place}: {p.What}")));
        Assert.NotNull(form);
        Assert.True(samples.Count >= 3);
        foreach (var sample in samples)
        {
            var filed = DateOnly.Parse(sample!["filedOn"]!.ToString());
            var answers = sample["answers"]!.AsObject();
            var state = FormState.Of(form, answers, filed);
            var becomes = sample["becomes"]!.ToString();
            Assert.True(state.Complete || becomes == "correction", $"{sample["key"]} ({becomes}): " + string.Join('\n', state.Mistakes.Select(m => $"{m.Page} {m.Path} {m.Said?["ja"] ?? m.Message}")));
            Assert.True(JsonNode.DeepEquals(state.Filed(answers), FormState.Of(form, state.Filed(answers), filed).Filed(state.Filed(answers))));
        }
    }
}
