using System.Text;
using Komachi.Platform.Forms;
using Komachi.Ui.Words;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Komachi.Procedures;

/// <summary>
/// A procedure as somebody writes it (<c>towns/common/procedures/*.yaml</c>): its law, its words, its form, who looks at it, and what comes of it.
/// How it hangs together is looked at by <see cref="Procedure"/>.
/// </summary>
public sealed class ProcedureDefinition
{
    public string Key { get; set => field = value ?? ""; } = "";
    public Said Title { get; set => field = value ?? []; } = [];
    public Said Summary { get; set => field = value ?? []; } = [];

    /// <summary>What people type who look for it.</summary>
    public string Words { get; set => field = value ?? ""; } = "";

    /// <summary>Keys of life events.</summary>
    public List<string> Life { get; set => field = value ?? []; } = [];
    public Said For { get; set => field = value ?? []; } = [];
    public Said Must { get; set => field = value ?? []; } = [];

    /// <summary>Without one it is not published.</summary>
    public List<Basis> Basis { get; set => field = value ?? []; } = [];
    public DateOnly? From { get; set; }
    public DateOnly? Until { get; set; }

    /// <summary>Month and day by which somebody looks at it once a year: 04-01.</summary>
    public string Review { get; set => field = value ?? ""; } = "";
    public DepartmentWish Department { get; set => field = value ?? new(); } = new();

    /// <summary>The way without the internet.</summary>
    public Said Paper { get; set => field = value ?? []; } = [];

    /// <summary>標準処理期間 in working days of the department's office.</summary>
    public int Days { get; set; }
    public Said DaysNote { get; set => field = value ?? []; } = [];
    public string Assurance { get; set => field = value ?? ""; } = "";
    public Said AssuranceNote { get; set => field = value ?? []; } = [];
    public FiledBy By { get; set => field = value ?? new(); } = new();
    public FeeRule? Fee { get; set; }
    public Dictionary<string, string> Constants { get; set => field = value ?? []; } = [];

    /// <summary>What fields choose from with <c>from</c>; a town's own stand in their place (<c>towns/&lt;town&gt;/procedures/lists/&lt;key&gt;.yaml</c>).</summary>
    public Dictionary<string, List<FormOption>> Lists { get; set => field = value ?? []; } = [];
    public FormDefinition Form { get; set => field = value ?? new(); } = new();
    public List<PointRule> Points { get; set => field = value ?? []; } = [];
    public List<CaseCheck> Checks { get; set => field = value ?? []; } = [];
    public List<FlowStep> Flow { get; set => field = value ?? []; } = [];

    /// <summary>What clerks should know of what is often missing.</summary>
    public Said Corrections { get; set => field = value ?? []; } = [];
    public List<ResultPaper> Results { get; set => field = value ?? []; } = [];
    public List<RefusalGround> Refusal { get; set => field = value ?? []; } = [];

    /// <summary>教示: how to object, on what has legal effect. None where there is nothing to object to.</summary>
    public Said Objection { get; set => field = value ?? []; } = [];
    public Dictionary<string, Said> Tells { get; set => field = value ?? []; } = [];
    public List<NextThing> Next { get; set => field = value ?? []; } = [];
    public List<StageDefinition> Stages { get; set => field = value ?? []; } = [];
    public BudgetLimit? Budget { get; set; }
    public RetentionRule Retention { get; set => field = value ?? new(); } = new();
    public PaperFormName PaperForm { get; set => field = value ?? new(); } = new();
    public ExportMapping Export { get; set => field = value ?? new(); } = new();
    public List<object> Samples { get; set => field = value ?? []; } = [];
}

public sealed class Basis
{
    public string Law { get; set => field = value ?? ""; } = "";
    public string Article { get; set => field = value ?? ""; } = "";
    public string Url { get; set => field = value ?? ""; } = "";
}

/// <summary>Which department: by its code, or the first whose Japanese name has one of the words, the nearest word first. Written as <c>department</c>: the one that has the case.</summary>
public sealed class DepartmentWish
{
    public List<string> Words { get; set => field = value ?? []; } = [];
    public string? Code { get; set; }

    public bool IsTheCases => Words.Count == 0 && Code is null;
}

/// <summary>Who may file.</summary>
public sealed class FiledBy
{
    public bool Person { get; set; } = true;
    public bool Agent { get; set; }

    /// <summary>What somebody shows who acts for another.</summary>
    public Said Ground { get; set => field = value ?? []; } = [];
}

public sealed class FeeRule
{
    public string Rule { get; set => field = value ?? ""; } = "";
    public Said Note { get; set => field = value ?? []; } = [];
}

/// <summary>Points of a ranking, with the ground for each.</summary>
public sealed class PointRule
{
    public string Key { get; set => field = value ?? ""; } = "";
    public Said Title { get; set => field = value ?? []; } = [];
    public string Value { get; set => field = value ?? ""; } = "";
    public Said Ground { get; set => field = value ?? []; } = [];
}

/// <summary>What the program looks at by itself: a rule, or whether the same was filed before.</summary>
public sealed class CaseCheck
{
    public string Key { get; set => field = value ?? ""; } = "";

    /// <summary>rule or duplicate.</summary>
    public string Kind { get; set => field = value ?? ""; } = "";
    public string? That { get; set; }
    public List<string> Of { get; set => field = value ?? []; } = [];
    public int Days { get; set; }
    public Said Say { get; set => field = value ?? []; } = [];
}

/// <summary>One thing that somebody of the town does with a case. Those of one number go side by side.</summary>
public sealed class FlowStep
{
    public string Key { get; set => field = value ?? ""; } = "";
    public int Step { get; set; }
    public Said Title { get; set => field = value ?? []; } = [];

    /// <summary>check, approve or decide.</summary>
    public string Kind { get; set => field = value ?? ""; } = "";
    public DepartmentWish Who { get; set => field = value ?? new(); } = new();

    /// <summary>Whose approval it is: 課長.</summary>
    public string Post { get; set => field = value ?? ""; } = "";
    public string? When { get; set; }
    public int Days { get; set; }
    public List<Said> Checklist { get; set => field = value ?? []; } = [];

    /// <summary>What the clerk fills in; letters, fees and later steps read it.</summary>
    public List<FormField> Fields { get; set => field = value ?? []; } = [];
}

public sealed class ResultPaper
{
    public string Key { get; set => field = value ?? ""; } = "";
    public Said Title { get; set => field = value ?? []; } = [];

    /// <summary>letter or certificate.</summary>
    public string Kind { get; set => field = value ?? ""; } = "";

    /// <summary>granted or refused.</summary>
    public string When { get; set => field = value ?? ""; } = "";

    /// <summary>Only if, an expression.</summary>
    public string? If { get; set; }

    /// <summary>文書番号 with {n}.</summary>
    public string Number { get; set => field = value ?? ""; } = "";

    /// <summary>With the official seal (公印).</summary>
    public bool Seal { get; set; }
    public Said Body { get; set => field = value ?? []; } = [];
}

public sealed class RefusalGround
{
    public string Key { get; set => field = value ?? ""; } = "";
    public Said Text { get; set => field = value ?? []; } = [];
    public string Article { get; set => field = value ?? ""; } = "";
}

/// <summary>What comes after it.</summary>
public sealed class NextThing
{
    public Said Text { get; set => field = value ?? []; } = [];
    public string? Procedure { get; set; }

    /// <summary>A day, as an expression.</summary>
    public string? On { get; set; }
    public string? If { get; set; }
}

/// <summary>A later filing of the same matter: a report, a claim.</summary>
public sealed class StageDefinition
{
    public string Key { get; set => field = value ?? ""; } = "";
    public Said Title { get; set => field = value ?? []; } = [];
    public Said Intro { get; set => field = value ?? []; } = [];

    /// <summary>Open once that is granted: <c>granted</c> the first filing, or the key of another stage.</summary>
    public string Opens { get; set => field = value ?? ""; } = "";
    public bool Optional { get; set; }

    /// <summary>By which day, an expression.</summary>
    public string? Due { get; set; }
    public FormDefinition Form { get; set => field = value ?? new(); } = new();
    public List<CaseCheck> Checks { get; set => field = value ?? []; } = [];
    public List<FlowStep> Flow { get; set => field = value ?? []; } = [];
    public List<ResultPaper> Results { get; set => field = value ?? []; } = [];
}

/// <summary>How much may be granted in a year.</summary>
public sealed class BudgetLimit
{
    public long Yen { get; set; }

    /// <summary>The field whose sums count.</summary>
    public string Of { get; set => field = value ?? ""; } = "";

    /// <summary>fiscal, or calendar.</summary>
    public string Year { get; set => field = value ?? ""; } = "";
    public bool IsCalendar => Year == "calendar";

    /// <summary>Nothing more is taken when it is used up.</summary>
    public bool Closes { get; set; }
}

public sealed class RetentionRule
{
    public int Years { get; set; }

    /// <summary>fiscalYearEnd.</summary>
    public string From { get; set => field = value ?? ""; } = "";
    public string Basis { get; set => field = value ?? ""; } = "";
}

/// <summary>様式第n号.</summary>
public sealed class PaperFormName
{
    public string Name { get; set => field = value ?? ""; } = "";
    public Said Note { get; set => field = value ?? []; } = [];
}

public sealed class ExportMapping
{
    public string Name { get; set => field = value ?? ""; } = "";
    public List<ExportColumn> Columns { get; set => field = value ?? []; } = [];
}

public sealed class ExportColumn
{
    public string Title { get; set => field = value ?? ""; } = "";

    /// <summary>An expression; <c>date(x)</c> is written as 2026/04/01.</summary>
    public string Value { get; set => field = value ?? ""; } = "";
}

/// <summary>A procedure as a file. What no procedure knows is refused with its line.</summary>
public static class ProcedureYaml
{
    static readonly IDeserializer Reader = new DeserializerBuilder().WithNamingConvention(CamelCaseNamingConvention.Instance).WithTypeConverter(new DayYaml()).WithTypeConverter(new WishYaml()).WithDuplicateKeyChecking().Build();

    public static ProcedureDefinition? Read(string text, ICollection<FormProblem> problems)
    {
        try
        {
            if (Reader.Deserialize<ProcedureDefinition>(text) is { } definition) return definition;
            problems.Add(new("file", "it is empty."));
        }
        catch (YamlException e)
        {
            problems.Add(new($"line {e.Start.Line}, column {e.Start.Column}", e.InnerException?.Message ?? e.Message));
        }
        return null;
    }

    /// <summary>
    /// Of a file that somebody sent: event by event first, since what is nested without end, or stands for a thousand copies of itself, would end the program.
    /// </summary>
    public static ProcedureDefinition? ReadSent(string text, ICollection<FormProblem> problems)
    {
        try
        {
            var (parser, open, sizes) = (new Parser(new StringReader(text)), new Stack<(AnchorName Name, int Size)>(), new Dictionary<AnchorName, int>());
            open.Push((default, 0));
            while (parser.MoveNext())
            {
                var (now, at) = (parser.Current!, parser.Current!.Start);
                if (now is Scalar { Value: var value } && value.EnumerateRunes().Any(r => r == Rune.ReplacementChar || Rune.IsControl(r) && r.Value is not ('\n' or '\t'))) return No(at, "a character that no text has.");
                // What * stands for counts each time.
                var size = now is AnchorAlias alias ? sizes.GetValueOrDefault(alias.Value, Largest) : now is Scalar ? 1 : 0;
                if (now is Scalar { Anchor.IsEmpty: false } named) sizes[named.Anchor] = 1;
                if (now.NestingIncrease > 0) open.Push((now is NodeEvent node ? node.Anchor : default, 1));
                else if (now.NestingIncrease < 0 && open.TryPop(out var whole))
                {
                    if (!whole.Name.IsEmpty) sizes[whole.Name] = whole.Size;
                    size = whole.Size;
                }
                if (open.Count > Deepest) return No(at, "this is nested too deeply.");
                var (name, before) = open.Pop();
                if (before + size >= Largest) return No(at, "there is too much of it: what * stands for counts each time.");
                open.Push((name, before + size));
            }
        }
        catch (YamlException e)
        {
            return No(e.Start, e.InnerException?.Message ?? e.Message);
        }
        return Read(text, problems);

        ProcedureDefinition? No(Mark at, string what)
        {
            problems.Add(new($"line {at.Line}, column {at.Column}", what));
            return null;
        }
    }

    const int Deepest = 30, Largest = 100_000;

    sealed class DayYaml : IYamlTypeConverter
    {
        public bool Accepts(Type type) => type == typeof(DateOnly?) || type == typeof(DateOnly);

        public object? ReadYaml(IParser parser, Type type, ObjectDeserializer rootDeserializer)
        {
            var scalar = parser.Consume<Scalar>();
            return DateOnly.TryParseExact(scalar.Value, "yyyy-MM-dd", out var day) ? day : throw new YamlException(scalar.Start, scalar.End, $"\"{scalar.Value}\" is no day: write 2026-04-01.");
        }

        public void WriteYaml(IEmitter emitter, object? value, Type type, ObjectSerializer serializer) => throw new NotSupportedException();
    }

    /// <summary><c>who: department</c>, or words to find one by.</summary>
    sealed class WishYaml : IYamlTypeConverter
    {
        public bool Accepts(Type type) => type == typeof(DepartmentWish);

        public object? ReadYaml(IParser parser, Type type, ObjectDeserializer rootDeserializer)
        {
            if (parser.TryConsume<Scalar>(out var scalar))
                return scalar.Value is "department" ? new DepartmentWish() : throw new YamlException(scalar.Start, scalar.End, "Write department, or { words: [...] }, or { code: … }.");
            var wish = new DepartmentWish();
            parser.Consume<MappingStart>();
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                var key = parser.Consume<Scalar>();
                if (key.Value == "code") wish.Code = parser.Consume<Scalar>().Value;
                else if (key.Value == "words") wish.Words = (List<string>)rootDeserializer(typeof(List<string>))!;
                else throw new YamlException(key.Start, key.End, $"A department has words or a code, no {key.Value}.");
            }
            return wish;
        }

        public void WriteYaml(IEmitter emitter, object? value, Type type, ObjectSerializer serializer) => throw new NotSupportedException();
    }
}
