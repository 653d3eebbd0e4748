using System.Collections.Frozen;

namespace Komachi.Platform.Forms;

/// <summary>Something in an expression that cannot be, at which sign of it (from 1).</summary>
public sealed class BadExpression(string text, int at, string what) : Exception($"{what} (at sign {at + 1} of: {text})")
{
    public int At => at;
    public string What => what;
}

/// <summary>The names that an expression may use: fields with their sorts, and groups with the fields of their rows.</summary>
public sealed class FieldNames
{
    public Dictionary<string, Sort> Fields { get; } = [];
    public Dictionary<string, FieldNames> Groups { get; } = [];

    /// <summary>Fields at whose options numbers may stand: <c>valueOf(field)</c>.</summary>
    public HashSet<string> Chosen { get; } = [];

    /// <summary>What is the same for every filing: fees, days, names of the town.</summary>
    public Dictionary<string, Value> Constants { get; } = [];

    internal FieldNames? Around { get; private init; }

    public FieldNames AddGroup(string name) => Groups[name] = new() { Around = this };

    /// <summary>Names of something that sees these: of a later form of the same case.</summary>
    public FieldNames Within() => new() { Around = this };

    internal bool IsChosen(string name) => Fields.ContainsKey(name) ? Chosen.Contains(name) : Around?.IsChosen(name) == true;
    internal Value ConstantOf(string name) => Constants.TryGetValue(name, out var value) ? value : Around?.ConstantOf(name) ?? Value.None;

    internal Sort? SortOf(string name) => Fields.TryGetValue(name, out var sort) ? sort : Around?.SortOf(name);
    internal FieldNames? GroupOf(string name) => Groups.GetValueOrDefault(name) ?? Around?.GroupOf(name);
}

/// <summary>
/// A condition, a check or a sum over the answers of a form, compiled once. The language is small on purpose: it compares, adds, counts
/// and asks for membership, it has no loops and calls nothing, so it always ends, and it is total: whatever was answered, or not, it
/// has a value. What stands on something that is not given is not given, a comparison too; "and" and "or" say what is known already.
/// </summary>
public sealed class Expression
{
    readonly Func<Answers, Value> _value;

    internal Expression(string text, Sort sort, Func<Answers, Value> value, FrozenSet<string> reads) => (Text, Sort, _value, Reads) = (text, sort, value, reads);

    public string Text { get; }
    public Sort Sort { get; }

    /// <summary>Names of the fields and groups that it looks at.</summary>
    public FrozenSet<string> Reads { get; }

    /// <exception cref="BadExpression" />
    public static Expression Compile(string text, FieldNames names) => new ExpressionReader(text, names).Whole();

    /// <summary>One that says whether something is so.</summary>
    /// <exception cref="BadExpression" />
    public static Expression Condition(string text, FieldNames names) =>
        Compile(text, names) is { Sort: Sort.Truth } condition ? condition : throw new BadExpression(text, 0, "This is no condition: it says nothing that is so or not.");

    public Value Of(Answers answers) => _value(answers);

    /// <summary>It is certainly so.</summary>
    public bool Holds(Answers answers) => _value(answers).Truth;

    /// <summary>It is certainly not so: what is not known yet breaks no check.</summary>
    public bool Fails(Answers answers) => _value(answers) is { Given: true, Truth: false };

    public override string ToString() => Text;
}
