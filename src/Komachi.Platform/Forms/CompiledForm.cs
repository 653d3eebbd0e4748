using System.Collections.Frozen;
using Komachi.Ui.Words;

namespace Komachi.Platform.Forms;

/// <summary>Something in a form that cannot be so, with its place: "page dog, field dogName, when".</summary>
public sealed record FormProblem(string Place, string What);

/// <summary>
/// A form with its expressions compiled, made once of a definition. Conditions look back only: at pages before theirs and fields above them.
/// So there is one order in which everything is known, no circle, and one pass tells what is asked.
/// </summary>
public sealed class CompiledForm
{
    /// <summary>Each kind of field, and as what expressions see its answer; none: nothing is answered there.</summary>
    public static readonly FrozenDictionary<string, Sort> Kinds = new Dictionary<string, Sort>
    {
        ["text"] = Sort.Text, ["area"] = Sort.Text, ["number"] = Sort.Number, ["decimal"] = Sort.Number, ["yen"] = Sort.Number, ["date"] = Sort.Day, ["month"] = Sort.Day,
        ["yesno"] = Sort.Truth, ["consent"] = Sort.Truth, ["declaration"] = Sort.Truth, ["choice"] = Sort.Text, ["select"] = Sort.Text, ["choices"] = Sort.Texts,
        ["name"] = Sort.Text, ["kana"] = Sort.Text, ["address"] = Sort.Text, ["telephone"] = Sort.Text, ["email"] = Sort.Text, ["point"] = Sort.Text, ["file"] = Sort.Texts,
        ["time"] = Sort.Text, ["account"] = Sort.Text,
        ["group"] = Sort.None, ["people"] = Sort.None, ["amounts"] = Sort.None, ["statement"] = Sort.None, ["calculated"] = Sort.None,
    }.ToFrozenDictionary();

    const int MostFields = 600;

    readonly FrozenDictionary<string, CompiledField> _fields;

    CompiledForm(FormDefinition definition, IReadOnlyList<CompiledPage> pages, FieldNames names)
    {
        (Definition, Pages, Names, Fields) = (definition, pages, names, [.. pages.SelectMany(p => p.Fields)]);
        _fields = Fields.SelectMany(f => f.Rows.Prepend(f)).ToFrozenDictionary(f => f.Key);
    }

    public FormDefinition Definition { get; }
    public IReadOnlyList<CompiledPage> Pages { get; }

    /// <summary>For expressions outside of the form: fees, flows, exports.</summary>
    public FieldNames Names { get; }

    public IReadOnlyList<CompiledField> Fields { get; }

    /// <summary>A field by its key, also one that repeats: keys are the form's, not the group's.</summary>
    public CompiledField? Find(string key) => _fields.GetValueOrDefault(key);

    public CompiledPage? Page(string key) => Pages.FirstOrDefault(p => p.Key == key);

    /// <summary>The form, or everything that is wrong with it.</summary>
    /// <param name="constants">What is the same for every filing and another in each town: fees, days. Expressions read them by name, and texts as {name}.</param>
    /// <param name="outer">What else its expressions may read: what the first form of the case asked, and what was decided of it.</param>
    public static CompiledForm? Of(FormDefinition definition, ICollection<FormProblem> problems, IReadOnlyDictionary<string, Value>? constants = null, FieldNames? outer = null)
    {
        var (before, reader) = (problems.Count, new Reader(problems, outer?.Within() ?? new()));
        foreach (var (name, value) in constants ?? FrozenDictionary<string, Value>.Empty)
            if (IsKey(name, hyphens: false) && value.Given) reader.Names.Constants[name] = value;
            else problems.Add(new($"constant {name}", "its name begins with a small letter and goes on with letters and digits, and it has a value."));
        var pages = definition.Pages.Select(reader.Page).ToArray();
        if (pages.Length == 0) problems.Add(new("form", "it has no page."));
        foreach (var twice in Twice(definition.Pages.Select(p => p.Key))) problems.Add(new($"page {twice}", "stands twice."));
        foreach (var twice in Twice(pages.SelectMany(p => p.Fields).SelectMany(f => f.Rows.Prepend(f)).Where(f => f.Key.Length > 0).Select(f => f.Key))) problems.Add(new($"field {twice}", "stands twice."));
        foreach (var twice in pages.SelectMany(p => p.Fields).SelectMany(f => f.Rows.Prepend(f)).Where(f => reader.Names.ConstantOf(f.Key).Given)) problems.Add(new($"field {twice.Key}", "a constant is called so already."));
        if (pages.Sum(p => p.Fields.Sum(f => 1 + f.Rows.Count)) > MostFields) problems.Add(new("form", $"it has more than {MostFields} fields."));
        return problems.Count == before ? new(definition, pages, reader.Names) : null;
    }

    /// <summary>A few questions without a form around them: what a signer declares, what somebody decides. Their page is called <c>fields</c>.</summary>
    public static CompiledForm? OfFields(IEnumerable<FormField> fields, ICollection<FormProblem> problems, IReadOnlyDictionary<string, Value>? constants = null, FieldNames? outer = null) =>
        Of(new() { Pages = { new() { Key = "fields", Title = new("項目"), Fields = [.. fields] } } }, problems, constants, outer);

    static IEnumerable<string> Twice(IEnumerable<string> keys) => keys.GroupBy(k => k).Where(g => g.Count() > 1).Select(g => g.Key);

    static bool IsKey(string key, bool hyphens) => key.Length is > 0 and <= 60 && char.IsAsciiLetterLower(key[0]) && key.All(c => char.IsAsciiLetterOrDigit(c) || hyphens && c == '-');

    /// <summary>Goes through the form in its order; what an expression may look at is what it has come past.</summary>
    sealed class Reader(ICollection<FormProblem> problems, FieldNames all)
    {
        public FieldNames Names => all;

        public CompiledPage Page(FormPage page)
        {
            var place = $"page {page.Key}";
            if (!IsKey(page.Key, hyphens: true)) problems.Add(new(place, "its key is small letters, digits and hyphens."));
            Japanese(place, ("title", page.Title));
            var when = Compile(place + ", when", page.When, Names, Sort.Truth);
            var fields = All(page.Fields, place, Names, inGroup: false);
            Filled(place, Names, page.Title, page.Intro);
            return new(page, when, fields);
        }

        CompiledField[] All(List<FormField> fields, string place, FieldNames names, bool inGroup)
        {
            var all = fields.Select(f => Field(f, place, names, inGroup)).ToArray();
            // Whose reading is asked for below is not asked for it here.
            for (var i = 0; i + 1 < all.Length; i++)
                if (all[i].Field.Kind == "name" && all[i + 1].Field.Kind == "kana") all[i] = all[i] with { ReadBelow = true };
            return all;
        }

        /// <summary>What stands in braces is filled in, so it has to be known: a constant, or an answer.</summary>
        void Filled(string place, FieldNames names, params ReadOnlySpan<Said> texts)
        {
            foreach (var text in texts)
                foreach (var name in text.Values.SelectMany(TextWithValues.NamesIn).Distinct())
                    if (names.SortOf(name) is null && !names.ConstantOf(name).Given) problems.Add(new(place, $"there is nothing to fill in for \"{{{name}}}\"."));
        }

        CompiledField Field(FormField field, string page, FieldNames names, bool inGroup)
        {
            var place = $"{page}, field {field.Key}";
            var required = field.Required is "true" or "false" ? null : Compile(place + ", required", field.Required, names, Sort.Truth);
            var when = Compile(place + ", when", field.When, names, Sort.Truth);
            if (!Kinds.TryGetValue(field.Kind, out var sort))
            {
                problems.Add(new(place, $"kind \"{field.Kind}\" is none of {string.Join(", ", Kinds.Keys.Order(StringComparer.Ordinal))}."));
                return new(field, Sort.None) { When = when };
            }
            var says = field.Kind is "statement" or "declaration";
            if (!IsKey(field.Key, hyphens: false)) problems.Add(new(place, "its key begins with a small letter and goes on with letters and digits."));
            Japanese(place, says ? ("text", field.Text) : ("label", field.Label));
            if (field.Kind is "choice" or "select" or "choices" && field.Options.Count == 0 && field.From is null) problems.Add(new(place, "there is nothing to choose from: it has no options."));
            foreach (var twice in Twice(field.Options.Concat(field.Rows).Select(o => o.Value))) problems.Add(new($"{place}, option {twice}", "stands twice."));
            foreach (var option in field.Options.Concat(field.Rows)) Japanese($"{place}, option {option.Value}", ("text", option.Text));
            if (field.Pattern is { } pattern && (field.Kind != "text" || !TextPattern.All.ContainsKey(pattern))) problems.Add(new(place, $"pattern \"{pattern}\" is none of {string.Join(", ", TextPattern.All.Keys.Order(StringComparer.Ordinal))}, which stand at kind text."));
            if (inGroup && field.Kind is ("group" or "people" or "amounts")) problems.Add(new(place, "what repeats holds nothing that repeats."));

            var compiled = new CompiledField(field, sort)
            {
                Required = required, When = when,
                Options = [.. field.Options.Select(o => new CompiledOption(o, Compile($"{place}, option {o.Value}, when", o.When, names, Sort.Truth)))],
            };
            var bound = field.Kind is "date" or "month" ? Sort.Day : field.Kind == "time" ? Sort.Text : Sort.Number;
            compiled = compiled with { Least = Compile(place + ", least", field.Least, names, bound), Most = Compile(place + ", most", field.Most, names, bound) };
            switch (field.Kind)
            {
                case "group" or "people":
                    var rows = names.AddGroup(field.Key);
                    if (field.Fields.Count == 0) problems.Add(new(place, "it has no fields that repeat."));
                    compiled = compiled with { Rows = All(field.Fields, place, rows, inGroup: true) };
                    if (field.Row is { } called && !field.Fields.Exists(f => f.Key == called)) problems.Add(new(place, $"row \"{called}\" is none of its fields."));
                    break;
                case "amounts":
                    var cells = names.AddGroup(field.Key);
                    cells.Fields["row"] = Sort.Text;
                    if (field.Rows.Count == 0 || field.Columns.Count == 0) problems.Add(new(place, "a table has rows and columns."));
                    foreach (var column in field.Columns)
                    {
                        Japanese($"{place}, column {column.Key}", ("text", column.Text));
                        cells.Fields[column.Key] = Sort.Number;
                    }
                    break;
                case "calculated":
                    if (field.Value is null) problems.Add(new(place, "it does not say what is reckoned."));
                    var value = Compile(place + ", value", field.Value, names, null);
                    compiled = compiled with { Value = value, Sort = value?.Sort ?? Sort.None };
                    break;
            }
            if (compiled.Sort != Sort.None && field.Key.Length > 0) names.Fields[field.Key] = compiled.Sort;
            if (field.Kind is "choice" or "select" or "choices") names.Chosen.Add(field.Key);
            Filled(place, names, [field.Label, field.Help, field.Text, field.LaterNote, .. field.Options.SelectMany(o => new[] { o.Text, o.Help }), .. field.Check.Select(c => c.Say)]);
            // A check looks at its own answer too, and at all that stands above.
            return compiled with { Checks = [.. field.Check.Select((c, n) => Check(c, $"{place}, check {n + 1}", names)).OfType<CompiledCheck>()] };
        }

        CompiledCheck? Check(FormCheck check, string place, FieldNames names)
        {
            Japanese(place, ("say", check.Say));
            return Compile(place, check.That, names, Sort.Truth) is { } that ? new(that, check.Say) : null;
        }

        Expression? Compile(string place, string? text, FieldNames names, Sort? sort)
        {
            if (text is null) return null;
            try
            {
                var expression = Expression.Compile(text, names);
                if (sort is null || expression.Sort == sort) return expression;
                problems.Add(new(place, $"\"{text}\" comes to another sort than is asked for here."));
            }
            catch (BadExpression bad)
            {
                problems.Add(new(place, bad.Message));
            }
            return null;
        }

        void Japanese(string place, (string Name, Said Said) text)
        {
            if (text.Said.In(Lang.Japanese).Length == 0) problems.Add(new(place, $"{text.Name} has no Japanese."));
        }
    }
}

public sealed record CompiledPage(FormPage Page, Expression? When, IReadOnlyList<CompiledField> Fields)
{
    public string Key => Page.Key;
}

public sealed record CompiledOption(FormOption Option, Expression? When);

public sealed record CompiledCheck(Expression That, Said Say);

/// <param name="Sort">As what expressions see its answer.</param>
public sealed record CompiledField(FormField Field, Sort Sort)
{
    public string Key => Field.Key;
    public Expression? When { get; init; }
    public Expression? Required { get; init; }
    public Expression? Least { get; init; }
    public Expression? Most { get; init; }
    public Expression? Value { get; init; }
    public IReadOnlyList<CompiledCheck> Checks { get; init; } = [];

    /// <summary>Of what is chosen from: those that the form itself brings.</summary>
    public IReadOnlyList<CompiledOption> Options { get; init; } = [];

    /// <summary>Of what repeats: the fields of a row.</summary>
    public IReadOnlyList<CompiledField> Rows { get; init; } = [];

    public bool Repeats => Field.Kind is "group" or "people";

    /// <summary>Of a name: its reading is a field of its own.</summary>
    public bool ReadBelow { get; init; }

    public TextPattern? Pattern => Field.Pattern is { } name ? TextPattern.All.GetValueOrDefault(name) : null;

    public bool IsRequired(Answers answers) => Field.Required == "true" || Required?.Holds(answers) == true;
}
