using System.Text;
using Komachi.Platform.Towns;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Komachi.Plan;

/// <summary>A plan as a careful clerk writes it: <c>towns/&lt;town&gt;/plan/dx.yaml</c>, and as it is given out again. What is read says where it is wrong.</summary>
static class PlanYaml
{
    static readonly IDeserializer Reader = new DeserializerBuilder().WithNamingConvention(CamelCaseNamingConvention.Instance).WithTypeConverter(new AmountYaml()).WithDuplicateKeyChecking().Build();

    static readonly ISerializer Writer = new SerializerBuilder().WithNamingConvention(CamelCaseNamingConvention.Instance).WithTypeConverter(new AmountYaml())
        .ConfigureDefaultValuesHandling(DefaultValuesHandling.OmitNull | DefaultValuesHandling.OmitDefaults | DefaultValuesHandling.OmitEmptyCollections).WithQuotingNecessaryStrings().Build();

    const int Deepest = 20;

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

    /// <summary>A file that somebody sent. Null where it is no plan at all, and then the problem says in which line.</summary>
    public static (PlanDocument? Document, PlanProblem? Problem) ReadSent(string text)
    {
        try
        {
            // Event by event first: what is nested without end, or stands for a thousand copies of itself, never becomes anything.
            var (parser, depth) = (new Parser(new StringReader(text)), 0);
            while (parser.MoveNext())
            {
                if (parser.Current is AnchorAlias) return (null, At(parser.Current.Start, "Line {0}, column {1}: write it out, * is not taken."));
                if (parser.Current is Scalar { Style: ScalarStyle.Plain, Value: "" or "~" or "null" or "Null" or "NULL" }) return (null, At(parser.Current.Start, "Line {0}, column {1}: nothing stands here. Leave it out whole."));
                if (parser.Current is Scalar { Value: var value } && value.EnumerateRunes().Any(r => r == Rune.ReplacementChar || Rune.IsControl(r) && r.Value is not ('\n' or '\t'))) return (null, At(parser.Current.Start, "Line {0}, column {1}: a character that no text has."));
                if ((depth += parser.Current!.NestingIncrease) > Deepest) return (null, At(parser.Current.Start, "Line {0}, column {1}: this is nested too deeply for a plan."));
            }
            return Reader.Deserialize<PlanDocument>(text) is { } document ? (document, null) : (null, new("", "This file is empty."));
        }
        catch (ArgumentException)    // halves of characters, written as escapes
        {
            return (null, new("", "This file cannot be read. Open it in your spreadsheet program, save it anew, and send that."));
        }
        catch (YamlException e)
        {
            return (null, At(e.Start, "Line {0}, column {1}: this cannot be read. {2}", e.InnerException?.Message ?? e.Message));
        }
    }

    static PlanProblem At(Mark at, string said, string what = "") => new($"line {at.Line}, column {at.Column}", said, at.Line, at.Column, what);

    public static string Write(PlanDocument document) => Writer.Serialize(document);
}
