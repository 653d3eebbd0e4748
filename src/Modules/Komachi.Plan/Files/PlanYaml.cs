using Komachi.Platform.Towns;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Komachi.Plan;

/// <summary>A plan as a careful clerk writes it: <c>towns/&lt;town&gt;/plan/dx.yaml</c>, and as it is given out again. What is read says where it is wrong.</summary>
static class PlanYaml
{
    static readonly IDeserializer Reader = new DeserializerBuilder().WithNamingConvention(CamelCaseNamingConvention.Instance).WithTypeConverter(new AmountYaml()).WithDuplicateKeyChecking().Build();

    static readonly ISerializer Writer = new SerializerBuilder().WithNamingConvention(CamelCaseNamingConvention.Instance).WithTypeConverter(new AmountYaml())
        .ConfigureDefaultValuesHandling(DefaultValuesHandling.OmitNull | DefaultValuesHandling.OmitDefaults | DefaultValuesHandling.OmitEmptyCollections).WithQuotingNecessaryStrings().Build();

    /// <param name="name">What the messages call the file.</param>
    /// <exception cref="BadTown">With the line, or with every place at which the plan contradicts itself.</exception>
    public static PlanDocument Read(string text, string name)
    {
        PlanDocument document;
        try
        {
            document = Reader.Deserialize<PlanDocument>(text) ?? throw new BadTown($"{name}: the file is empty.");
        }
        catch (YamlException e)
        {
            throw new BadTown($"{name}, line {e.Start.Line}, column {e.Start.Column}: {e.InnerException?.Message ?? e.Message}");
        }
        var problems = PlanCheck.Of(document).ToArray();
        return problems.Length == 0 ? document : throw new BadTown($"{name}: {string.Join('\n', problems.Select(p => $"{p.Place}: {p.What}"))}");
    }

    public static string Write(PlanDocument document) => Writer.Serialize(document);
}
