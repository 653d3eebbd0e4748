using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Komachi.Platform.Forms;
using Komachi.Ui.Words;

namespace Komachi.Procedures;

/// <summary>
/// A procedure with all its expressions compiled, made once of a text and shared by every town that has the same text. The first filing is a
/// stage like those that follow it, so nothing asks which of them it is.
/// </summary>
public sealed class Procedure
{
    public const string Granted = "granted", Refused = "refused";

    /// <summary>What every expression may read beside the answers: when it came and was decided, and how sure we were of the person.</summary>
    static readonly (string Name, Sort Sort)[] Always = [("decidedOn", Sort.Day), ("assurance", Sort.Text), ("agent", Sort.Truth)];

    /// <summary>What stands beside the pages of procedures: <c>procedures/find</c>. A test looks at the routes for them.</summary>
    internal static readonly string[] Taken = ["back", "cases", "family", "filling", "find", "letters", "sign", "verify"];

    static readonly ConcurrentDictionary<string, Procedure> Known = new();

    Procedure(ProcedureDefinition definition, IReadOnlyList<Stage> stages, Expression? fee, IReadOnlyList<(PointRule, Expression)> points, IReadOnlyList<CompiledColumn> columns) =>
        (Definition, Stages, Fee, Points, Columns) = (definition, stages, fee, points, columns);

    public ProcedureDefinition Definition { get; }
    public string Key => Definition.Key;
    public Said Title => Definition.Title;

    /// <summary>The first filing, then those that may follow it.</summary>
    public IReadOnlyList<Stage> Stages { get; }
    public Stage First => Stages[0];
    public Expression? Fee { get; }
    public IReadOnlyList<(PointRule Rule, Expression Value)> Points { get; }
    public IReadOnlyList<CompiledColumn> Columns { get; }

    public Stage StageOf(string key) => Stages.First(s => s.Key == key);

    /// <summary>By its name: an enumeration would take numbers, too, and several at once.</summary>
    internal static Assurance? AssuranceOf(string said) => Enum.GetValues<Assurance>().Where(a => a.ToString().Equals(said, StringComparison.OrdinalIgnoreCase)).Select(a => (Assurance?)a).FirstOrDefault();

    /// <summary>What was published once is right, and stays in memory.</summary>
    public static Procedure Of(string document)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(document)));
        if (Known.TryGetValue(hash, out var known)) return known;
        var problems = new List<FormProblem>();
        var procedure = ProcedureYaml.Read(document, problems) is { } definition ? Compile(definition, problems) : null;
        return Known[hash] = procedure ?? throw new InvalidOperationException(string.Join('\n', problems.Select(p => $"{p.Place}: {p.What}")));
    }

    /// <summary>The procedure, or everything that is wrong with it.</summary>
    public static Procedure? Compile(ProcedureDefinition of, ICollection<FormProblem> problems)
    {
        var before = problems.Count;
        Has(of.Key.Length is > 1 and <= 60 && char.IsAsciiLetterLower(of.Key[0]) && of.Key.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'), "key", "it is small letters, digits and hyphens.");
        foreach (var (name, said) in new[] { ("title", of.Title), ("summary", of.Summary), ("for", of.For), ("paper", of.Paper) }) Has(said.In(Lang.Japanese).Length > 0, name, "it has no Japanese.");
        Has(!Taken.Contains(of.Key), "key", "another page has this address: call it otherwise.");
        Has(of.Basis.Count > 0 && of.Basis.All(b => b.Law.Length > 0 && b.Article.Length > 0), "basis", "name the law or by-law and its article: without one nothing is published.");
        Has(of.Basis.All(b => b.Url.Length == 0 || b.Url.StartsWith("https://", StringComparison.Ordinal)), "basis, url", "its address begins with https://.");
        Has(of.Review.Length == 0 || YearlyReview.DayIn(of.Review, 2024) is not null, "review", "it is a month and a day: 04-01.");
        Has(of.Days > 0, "days", "say in how many working days it is decided.");
        Has(AssuranceOf(of.Assurance) is not null, "assurance", "it is one of none, code, signedIn, card.");
        Has(of.Retention.Years > 0, "retention", "say how many years it is kept.");

        foreach (var (name, options) in of.Lists) Has(options?.Count > 0, $"lists, {name}", "there is nothing in it to choose from.");
        foreach (var stage in of.Stages.Select(s => (s.Form, s.Flow)).Prepend((of.Form, of.Flow)))
            foreach (var field in stage.Form.Pages.SelectMany(p => p.Fields).Concat(stage.Flow.SelectMany(f => f.Fields)).SelectMany(f => f.Fields.Prepend(f)).Where(f => f.From is not null))
                if (of.Lists.GetValueOrDefault(field.From!) is { } list) (field.Options, field.From) = (list, null);
                else Has(field.From == TownLists.Collection, $"field {field.Key}", $"there is no list {field.From}.");

        var stages = new List<Stage>();
        var first = new StageDefinition { Title = of.Title, Form = of.Form, Checks = of.Checks, Flow = of.Flow, Results = of.Results };
        foreach (var stage in of.Stages.Prepend(first))
            if (Stage.Compile(stage, stages, of, Always, problems) is { } compiled) stages.Add(compiled);
        if (stages.Count == 0) return null;

        var names = stages[^1].Names;
        var fee = of.Fee is { } rule ? Expressions.Compile("fee", rule.Rule, stages[0].Names, Sort.Number, problems) : null;
        var points = of.Points.Select(p => (p, Value: Expressions.Compile($"points {p.Key}", p.Value, stages[0].Names, Sort.Number, problems))).Where(p => p.Value is not null).Select(p => (p.p, p.Value!)).ToArray();
        var columns = of.Export.Columns.Select(c => CompiledColumn.Of(c, stages[0].Form, names, problems)).OfType<CompiledColumn>().ToArray();
        return problems.Count == before ? new(of, stages, fee, points, columns) : null;

        void Has(bool so, string place, string what)
        {
            if (!so) problems.Add(new(place, what));
        }
    }
}

/// <summary>How sure the town must be of who files.</summary>
public enum Assurance { None, Code, SignedIn, Card }

/// <summary>One filing of a procedure: its form, and the way through the office.</summary>
public sealed class Stage
{
    public required StageDefinition Definition { get; init; }

    /// <summary>Empty for the first filing.</summary>
    public string Key => Definition.Key;
    public required CompiledForm Form { get; init; }

    /// <summary>Answers of this stage and of those before it, what clerks filled in, and what is always known.</summary>
    public required FieldNames Names { get; init; }
    public required IReadOnlyList<(CaseCheck Check, Expression? That)> Checks { get; init; }
    public required IReadOnlyList<CompiledStep> Flow { get; init; }
    public required IReadOnlyList<(ResultPaper Paper, Expression? If)> Results { get; init; }
    public Expression? Due { get; init; }

    /// <summary>Others who sign it before it is sent.</summary>
    public IReadOnlyList<CompiledSigner> Signers { get; init; } = [];

    /// <summary>The day on which the first filing was granted: <c>decidedOn</c> is that of the filing that was decided last.</summary>
    public const string GrantedOn = "grantedOn";

    /// <summary>
    /// What stands beside the pages of a form while it is filled in: <c>procedures/filling/{draft}/check</c>. A test looks at the routes for them. What is to come stands
    /// below one of these: another word here would end every procedure that was published with such a page.
    /// </summary>
    internal static readonly string[] Taken = ["check", "code", "done", "later", "paper"];

    /// <summary>The form before anything is answered: its texts say the constants of the town.</summary>
    public FormState Blank => field ??= FormState.Of(Form, [], new(2000, 1, 1));

    public CompiledStep? StepOf(string key) => Flow.FirstOrDefault(s => s.Key == key);

    internal static Stage? Compile(StageDefinition of, IReadOnlyList<Stage> before, ProcedureDefinition whole, IEnumerable<(string, Sort)> always, ICollection<FormProblem> problems)
    {
        var (at, count) = (before.Count == 0 ? "" : $"stage {of.Key}, ", problems.Count);
        var outer = before.Count == 0 ? null : before[^1].Names;
        var constants = before.Count > 0 ? null : whole.Constants.ToDictionary(c => c.Key, c => Value.Written(c.Value));
        foreach (var page in of.Form.Pages.Where(p => Taken.Contains(p.Key))) problems.Add(new($"{at}page {page.Key}", "a page of its own has this address: call it otherwise."));
        if (CompiledForm.Of(of.Form, problems, constants, outer) is not { } form) return null;
        var names = form.Names;
        foreach (var (name, sort) in always) names.Fields[name] = sort;

        // A condition of a step may look at what the steps before it filled in.
        var flow = new List<CompiledStep>();
        foreach (var (step, n) in of.Flow.Select((s, n) => (s, n)))
        {
            var place = $"{at}flow {step.Key}";
            if (step.Kind is not ("check" or "approve" or "decide")) problems.Add(new(place, "its kind is check, approve or decide."));
            if (step.Title.In(Lang.Japanese).Length == 0) problems.Add(new(place, "title has no Japanese."));
            var when = step.When is null ? null : Expressions.Compile($"{place}, when", step.When, names, Sort.Truth, problems);
            CompiledForm? fields = null;
            if (step.Fields.Count > 0)
            {
                fields = CompiledForm.Of(new() { Pages = [new() { Key = "fields", Title = step.Title, Fields = step.Fields }] }, problems, outer: names);
                foreach (var field in fields?.Fields ?? []) names.Fields[field.Key] = field.Sort;
            }
            flow.Add(new(step, step.Step > 0 ? step.Step : n + 1, when, fields));
        }
        if (flow.Count(s => s.Step.Kind == "decide") != 1) problems.Add(new(at + "flow", "one step decides, and one alone."));
        else if (flow.Max(s => s.Order) > flow.Single(s => s.Step.Kind == "decide").Order) problems.Add(new(at + "flow", "the decision comes last."));
        names.Fields[before.Count > 0 ? of.Key + "DecidedOn" : GrantedOn] = Sort.Day;

        var checks = of.Checks.Select(c => (c, That: c.That is null ? null : Expressions.Compile($"{at}check {c.Key}", c.That, names, Sort.Truth, problems))).ToArray();
        foreach (var check in of.Checks.Where(c => c.Kind is not ("rule" or "duplicate") || c.Kind == "rule" && c.That is null)) problems.Add(new($"{at}check {check.Key}", "it is a rule with a condition, or looks for a duplicate."));
        foreach (var paper in of.Results.Where(r => r.When is not (Procedure.Granted or Procedure.Refused))) problems.Add(new($"{at}result {paper.Key}", "it is for what is granted or refused."));
        var results = of.Results.Select(r => (r, r.If is null ? null : Expressions.Compile($"{at}result {r.Key}, if", r.If, names, Sort.Truth, problems))).ToArray();
        var due = of.Due is null ? null : Expressions.Compile($"{at}due", of.Due, names, Sort.Day, problems);
        var signers = of.Form.Signers.Select(s => CompiledSigner.Of(s, form, $"{at}signer {s.Key}", problems)).ToArray();
        return problems.Count == count ? new() { Definition = of, Form = form, Names = names, Checks = checks, Flow = flow, Results = results, Due = due, Signers = signers } : null;
    }
}

/// <param name="Fields">What they answer themselves, on a page of their own.</param>
public sealed record CompiledSigner(FormSigner Signer, Expression? When, CompiledForm? Fields)
{
    public string Key => Signer.Key;

    internal static CompiledSigner Of(FormSigner signer, CompiledForm form, string place, ICollection<FormProblem> problems)
    {
        if (form.Find(signer.Email) is not { Field.Kind: "email" }) problems.Add(new(place, "email names a field of the form with an e-mail address."));
        if (signer.Title.In(Lang.Japanese).Length == 0 || signer.Says.In(Lang.Japanese).Length == 0) problems.Add(new(place, "title and says have Japanese."));
        return new(signer, signer.When is null ? null : Expressions.Compile($"{place}, when", signer.When, form.Names, Sort.Truth, problems),
            signer.Fields.Count == 0 ? null : CompiledForm.Of(new() { Pages = [new() { Key = "sign", Title = signer.Title, Fields = signer.Fields }] }, problems, outer: form.Names));
    }
}

/// <param name="Order">Those of one order go side by side.</param>
/// <param name="Fields">What the clerk fills in.</param>
public sealed record CompiledStep(FlowStep Step, int Order, Expression? When, CompiledForm? Fields)
{
    public string Key => Step.Key;
}

/// <summary>
/// A column of the file for another system: an expression, or one answer written as people read it. <c>date(x)</c> is 2026/04/01, <c>words(x)</c> the words of what
/// was chosen, <c>lines(x)</c> the rows of what repeats.
/// </summary>
public sealed record CompiledColumn(string Title, Expression? Value, CompiledField? Answer, bool IsDay)
{
    internal static CompiledColumn? Of(ExportColumn column, CompiledForm form, FieldNames names, ICollection<FormProblem> problems)
    {
        var (text, place) = (column.Value.Trim(), $"export {column.Title}");
        if (Inner("words") is { } chosen || Inner("lines") is { } rows && (chosen = rows) is not null)
        {
            if (form.Find(chosen) is { } field && (field.Repeats || field.Field.Kind == "amounts") == (text[0] == 'l')) return new(column.Title, null, field, false);
            problems.Add(new(place, $"\"{text}\": words(…) takes an answer, and lines(…) what repeats."));
            return null;
        }
        var day = Inner("date");
        return Expressions.Compile(place, day ?? text, names, null, problems) is { } value ? new(column.Title, value, null, day is not null) : null;

        string? Inner(string called) => text.StartsWith(called + "(", StringComparison.Ordinal) && text.EndsWith(')') ? text[(called.Length + 1)..^1].Trim() : null;
    }

    /// <summary>As another system reads it; answers in the words of the language that is given.</summary>
    public string Of(Answers all, FormState state, JsonObject answers, Words t)
    {
        if (Answer is null) return Value!.Of(all) is var value && IsDay && value.Sort == Sort.Day ? value.Day.ToString("yyyy'/'MM'/'dd", CultureInfo.InvariantCulture) : Value.Of(all).ToString();
        if (!Answer.Repeats) return AnswerWords.Of(t, state, Answer, answers[Answer.Key]);
        var rows = answers[Answer.Key] as JsonArray ?? [];
        return string.Join(" / ", rows.OfType<JsonObject>().Select((row, n) => string.Join(' ', Answer.Rows.Where(f => f.Field.Kind is not ("file" or "statement")).Select(f => AnswerWords.Of(t, state, f, row[f.Key])).Where(w => w.Length > 0))));
    }
}

static class Expressions
{
    public static Expression? Compile(string place, string text, FieldNames names, Sort? sort, ICollection<FormProblem> problems)
    {
        try
        {
            var expression = Expression.Compile(text, names);
            if (sort is null || expression.Sort == sort || expression.Sort == Sort.None) return expression;
            problems.Add(new(place, $"\"{text}\" comes to another sort than is asked for here."));
        }
        catch (BadExpression bad)
        {
            problems.Add(new(place, bad.Message));
        }
        return null;
    }
}
