using System.Globalization;
using System.Reflection;
using System.Text;
using Komachi.Ui;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Komachi.Platform.Web;

/// <summary>
/// What a person sent with a form: the one reader of the whole house. Each question is asked once
/// (<c>form.Text("title", most: 120)</c>); what does not fit is kept as it was typed and noted as an error beside its field.
/// The messages are words' keys.
/// </summary>
public sealed partial class Form
{
    readonly Dictionary<string, StringValues> _typed;
    readonly List<FieldMistake> _mistakes = [];

    internal Form(IEnumerable<KeyValuePair<string, StringValues>> typed) => _typed = new(typed);

    /// <summary>A form that nobody has sent yet, filled with what is stored.</summary>
    public static Form With(params (string Name, string? Value)[] values) =>
        new(values.GroupBy(v => v.Name).Select(v => KeyValuePair.Create(v.Key, v.Count() == 1 ? new StringValues(v.First().Value) : new StringValues([.. v.Select(one => one.Value)]))));

    /// <summary>A new one each time: what is noted in a form belongs to one page.</summary>
    public static Form Empty => new([]);

    /// <summary>As an endpoint's parameter. The form was read at <see cref="FormDoor"/>, and the token was checked.</summary>
    public static ValueTask<Form> BindAsync(HttpContext http, ParameterInfo _) => ValueTask.FromResult(FormDoor.FormOf(http));

    /// <summary>What is wrong; where only a postcode was looked up nobody is told of what they had no time to write yet.</summary>
    public IReadOnlyList<FieldMistake> Mistakes => LookedUp is null ? _mistakes : [.. _mistakes.Where(m => m.AtOnce)];

    /// <summary>The page is shown again, and nothing is done: something does not fit, a postcode was to be looked up (FormAddress.cs), or answers bring new questions.</summary>
    public bool Wrong => _mistakes.Count > 0 || LookedUp is not null || _newly.Count > 0;

    /// <summary>
    /// Sent from a page that is older than the session, and it is told nowhere else that it is ours: nothing may be done with it but to show what was
    /// typed, with status 400. Only endpoints with <see cref="TypedStays"/> ever see one.
    /// </summary>
    public bool IsStale { get; internal set; }

    /// <summary>All that was typed, to be carried over a lost session; what the house puts into its forms is left out.</summary>
    public IEnumerable<(string Name, string Value)> AllTyped => _typed.Where(t => t.Key is not ("_token" or "_once")).SelectMany(t => t.Value.Select(v => (t.Key, v ?? "")));

    readonly Dictionary<string, (Said Label, int Row)> _called = [];

    /// <summary>What a field is called, for the summary above the form; of a row among others, with its number.</summary>
    internal void Call(string name, Said label, int row = 0) => _called[name] = (label, row);

    /// <summary>What the field is called that a mistake is about, or a part of it is; null where nobody said.</summary>
    internal (Said Label, int Row)? CalledAt(string name) =>
        _called.Where(c => name == c.Key || name.StartsWith(c.Key + "-", StringComparison.Ordinal)).OrderByDescending(c => c.Key.Length).Select(c => ((Said, int)?)c.Value).FirstOrDefault();

    readonly HashSet<string> _newly = [];

    /// <summary>Fields that nobody has seen yet: what was answered above them makes them asked (<c>FormPages</c>).</summary>
    internal IReadOnlyCollection<string> NewlyAsked => _newly;

    internal void AskNewly(string name) => _newly.Add(name);

    /// <summary>What was not sent with this page, as it is kept.</summary>
    internal void Put(string name, string? value) => _typed[name] = _typed.TryGetValue(name, out var before) ? StringValues.Concat(before, value ?? "") : value;

    /// <summary>Something is wrong with a field, or with a part of it.</summary>
    internal bool IsWrongAt(string name) => _mistakes.Any(m => m.Field == name || m.Field.StartsWith(name + "-", StringComparison.Ordinal));

    /// <summary>As it was typed, to show it again.</summary>
    public string Typed(string name) => _typed.TryGetValue(name, out var values) ? values.ToString() : "";

    public bool Ticked(string name) => Typed(name).Length > 0;

    internal IEnumerable<string> Names => _typed.Keys;

    /// <summary>Of the fields that were sent those whose names begin so: the cells of a row.</summary>
    public IEnumerable<string> NamesOf(string prefix) => _typed.Keys.Where(n => n.StartsWith(prefix, StringComparison.Ordinal));

    public IReadOnlyList<string> Many(string name) => _typed.TryGetValue(name, out var values) ? values.OfType<string>().ToArray() : [];

    /// <summary>The key with which this very form is sent once.</summary>
    public Guid? Once => Guid.TryParse(Typed("_once"), out var key) ? key : null;

    public string Text(string name, int most, bool required = false)
    {
        var text = Typed(name).Trim();
        if (text.Length == 0 && required) Wrongly(name, "Please fill this in.");
        var length = new StringInfo(text).LengthInTextElements;
        if (length > most) Wrongly(name, "Please use at most {0} characters; there are {1}.", most, length);
        return text;
    }

    public string Choice(string name, IReadOnlyCollection<string> choices) => Choice(name, choices, "Please choose one.");

    /// <param name="missing">What is said where none of them was chosen: what there is to choose, for whoever reads the mistakes without their fields.</param>
    public string Choice(string name, IReadOnlyCollection<string> choices, string missing)
    {
        var choice = Typed(name);
        if (!choices.Contains(choice)) Wrongly(name, missing);
        return choice;
    }

    /// <summary>
    /// A day, from the three parts of a <c>DateField</c> (<c>name-era</c>, <c>-year</c>, <c>-month</c>, <c>-day</c>) or from one field as a browser
    /// or a person writes it, with an era or without. What is wrong is noted beside the part that it is.
    /// </summary>
    public DateOnly? Day(string name, bool required = false, DateOnly? least = null, DateOnly? most = null)
    {
        var (inParts, typed) = (_typed.ContainsKey(name + "-year"), Typed(name).Trim());
        var (year, month, day) = (Typed(name + "-year").Trim(), Typed(name + "-month").Trim(), Typed(name + "-day").Trim());
        if (inParts ? year.Length + month.Length + day.Length == 0 : typed.Length == 0)
        {
            if (required) Wrongly(inParts ? name + "-year" : name, "Please fill this in.");
            return null;
        }
        var written = inParts ? Days.WrittenDay.Of(Typed(name + "-era"), year, month, day) : Days.WrittenDay.Read(typed);
        var whole = inParts ? name + "-year" : name;
        if (written.Wrong is { } wrong)
            Wrongly(!inParts ? name : written.Part switch { Days.DayPart.Month => name + "-month", Days.DayPart.Day => name + "-day", _ => whole }, wrong, written.Values);
        else if (written.Day < least) Wrongly(whole, "Please write a day from {0} on.", least.Value);
        else if (written.Day > most) Wrongly(whole, "Please write a day up to {0}.", most.Value);
        else return written.Day;
        return null;
    }

    /// <summary>A day and time on a Japanese clock, as <c>datetime-local</c> sends it.</summary>
    public DateTimeOffset? Moment(string name, bool required = false)
    {
        var typed = Typed(name).Trim();
        if (typed.Length == 0)
        {
            if (required) Wrongly(name, "Please fill this in.");
            return null;
        }
        if (DateTime.TryParseExact(typed, ["yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd HH:mm", "yyyy/MM/dd HH:mm"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var local)
            && local.Year is >= 1900 and <= 2199)
            return Days.JapanTime.At(local);
        Wrongly(name, "Please write a day and a time, like 2026-04-01 09:00.");
        return null;
    }

    /// <summary>
    /// 個人番号. Whatever was typed is forgotten here, so that no page can show it again; read it last, since where something else is
    /// wrong it has to be asked for once more.
    /// </summary>
    public MyNumbers.MyNumber? MyNumber(string name, bool required = false)
    {
        var typed = Typed(name).Trim();
        _typed.Remove(name);
        if (typed.Length == 0)
        {
            if (required) Wrongly(name, "Please fill this in.");
            return null;
        }
        if (!MyNumbers.MyNumber.TryRead(typed, out var number)) Wrongly(name, "These are not the twelve digits of an Individual Number. Please compare them with your card.");
        else if (Wrong) Note(name, "For your safety the number was not kept. Please type it once more.", [], atOnce: true);
        else return number;
        return null;
    }

    /// <summary>Notes a mistake beside a field; one a field is enough.</summary>
    public void Wrongly(string name, string message, params object[] values) => Note(name, message, values);

    void Note(string name, string message, object[] values, bool atOnce = false)
    {
        if (!IsWrong(name)) _mistakes.Add(new(name, message, values) { AtOnce = atOnce });
    }

    bool IsWrong(string name) => _mistakes.Any(m => m.Field == name);

    /// <summary>
    /// One line as it was typed, or null where there is none or too much of it, which is noted. <paramref name="missing"/> names what is asked for, since
    /// in the summary above the form the field's label does not stand beside it.
    /// </summary>
    string? Line(string name, int most, bool required, string missing)
    {
        if (required && Typed(name).Trim().Length == 0) Wrongly(name, missing);
        return Text(name, most) is { Length: > 0 } text && !IsWrong(name) ? text : null;
    }
}

/// <summary>
/// On an endpoint with long forms: a session that ended while somebody wrote loses nothing. Its handler asks <see cref="Form.IsStale"/> before anything else.
/// </summary>
public sealed class TypedStays
{
    public static readonly TypedStays Mark = new();
}

/// <summary>What is wrong with the answer of one field, as a key of the words and its values.</summary>
public sealed record FieldMistake(string Field, string Message, object[] Values)
{
    /// <summary>To be said also where only a postcode was looked up.</summary>
    internal bool AtOnce { get; init; }
}
