using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Komachi.Platform.Forms;

/// <summary>A form as somebody writes it in a file. What the file says and no form knows is refused with its line: a mistyped word is not passed over.</summary>
public static class FormYaml
{
    static readonly IDeserializer Reader = new DeserializerBuilder().WithNamingConvention(CamelCaseNamingConvention.Instance).WithDuplicateKeyChecking().Build();

    public static FormDefinition? Read(string text, ICollection<FormProblem> problems)
    {
        try
        {
            return Reader.Deserialize<FormDefinition>(text);
        }
        catch (YamlException e)
        {
            problems.Add(new($"line {e.Start.Line}, column {e.Start.Column}", e.InnerException?.Message ?? e.Message));
            return null;
        }
    }
}
