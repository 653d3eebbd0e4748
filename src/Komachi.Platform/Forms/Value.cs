using System.Globalization;
using Komachi.Platform.Days;

namespace Komachi.Platform.Forms;

/// <summary>What an answer, or a part of an expression, can be. None: of what is not given there is no sort.</summary>
public enum Sort { None, Truth, Number, Day, Text, Texts }

/// <summary>An answer as expressions see it. <see cref="None"/>: not given.</summary>
public readonly struct Value : IEquatable<Value>
{
    readonly decimal _number;    // of a truth 0 or 1, of a day its number
    readonly object? _text;

    Value(Sort sort, decimal number, object? text = null) => (Sort, _number, _text) = (sort, number, text);

    public static readonly Value None;

    public Sort Sort { get; }
    public bool Given => Sort != Sort.None;

    public static Value Of(bool truth) => new(Sort.Truth, truth ? 1 : 0);
    public static Value Of(decimal number) => new(Sort.Number, number);
    public static Value Of(DateOnly day) => new(Sort.Day, day.DayNumber);

    /// <summary>An empty field was not answered.</summary>
    public static Value Of(string? text) => string.IsNullOrEmpty(text) ? None : new(Sort.Text, 0, text);
    public static Value Of(IReadOnlyCollection<string> texts) => texts.Count == 0 ? None : new(Sort.Texts, 0, texts);

    /// <summary>What is not given is not so.</summary>
    public bool Truth => Sort == Sort.Truth && _number != 0;
    public decimal Number => Sort == Sort.Number ? _number : throw Wrong(Sort.Number);
    public DateOnly Day => Sort == Sort.Day ? DateOnly.FromDayNumber((int)_number) : throw Wrong(Sort.Day);
    public string Text => _text as string ?? throw Wrong(Sort.Text);
    public IReadOnlyCollection<string> Texts => _text as IReadOnlyCollection<string> ?? throw Wrong(Sort.Texts);

    InvalidOperationException Wrong(Sort asked) => new($"This is {Sort}, not {asked}.");    // the compiler of expressions does not let it come to this

    /// <summary>As somebody writes it in a file: 300, 2026-04-01, true; everything else is a text.</summary>
    public static Value Written(string text) =>
        text is "true" or "false" ? Of(text == "true")
        : decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out var number) ? Of(number)
        : DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? Of(day)
        : Of(text);

    /// <summary>Of one sort, and given both; null where there is nothing to compare.</summary>
    public static int? Compare(Value a, Value b) =>
        a.Sort != b.Sort ? null : a.Sort switch
        {
            Sort.Truth or Sort.Number or Sort.Day => a._number.CompareTo(b._number),
            Sort.Text => string.CompareOrdinal(a.Text, b.Text),
            _ => null,
        };

    public bool Equals(Value other) => Sort == other.Sort && (Sort switch
    {
        Sort.None => true,
        Sort.Texts => Texts.SequenceEqual(other.Texts),
        _ => Compare(this, other) == 0,
    });

    public override bool Equals(object? other) => other is Value value && Equals(value);
    public override int GetHashCode() => HashCode.Combine(Sort, _number, _text is string text ? text : null);

    /// <summary>As a file for another system has it: 12.5, 2026-04-01, true.</summary>
    public override string ToString() => Sort switch
    {
        Sort.None => "",
        Sort.Truth => Truth ? "true" : "false",
        Sort.Number => _number.ToString(CultureInfo.InvariantCulture),
        Sort.Day => Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        Sort.Text => Text,
        _ => string.Join(';', Texts),
    };
}

/// <summary>What expressions look at: the answers of a form, or those of one row of a group, with the form around it.</summary>
/// <param name="around">What is known besides: of a row the form, of a later form what the first one says and what was decided.</param>
/// <param name="works">Whether a day is one on which the office works. Where nobody says it: Monday to Friday, without national holidays.</param>
/// <param name="fields">How many there may be.</param>
/// <param name="answeredOn">The day on which somebody answers, where that is later than the day on which it came: a correction.</param>
public sealed class Answers(DateOnly today, DateOnly? filedOn = null, Answers? around = null, Func<DateOnly, bool>? works = null, int fields = 0, DateOnly? answeredOn = null)
{
    readonly Dictionary<string, Value> _fields = new(fields);
    readonly Dictionary<string, List<Answers>> _groups = [];
    readonly Dictionary<string, Value> _worths = [];

    public DateOnly Today => today;

    /// <summary>The day on which it came in; until then it is today.</summary>
    public DateOnly FiledOn => filedOn ?? today;

    public bool Works(DateOnly day) => works?.Invoke(day) ?? around?.Works(day) ?? day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday) && NationalHolidays.On(day) is null;

    public Value this[string field]
    {
        get => _fields.TryGetValue(field, out var value) ? value : around?[field] ?? Value.None;
        set => _fields[field] = value;
    }

    public IReadOnlyList<Answers> Rows(string group) => _groups.TryGetValue(group, out var rows) ? rows : around?.Rows(group) ?? [];

    public Answers AddRow(string group)
    {
        var row = new Answers(today, filedOn, this, answeredOn: answeredOn);
        if (!_groups.TryGetValue(group, out var rows)) _groups[group] = rows = [];
        rows.Add(row);
        return row;
    }

    /// <summary>The same day and surroundings, and nothing answered.</summary>
    internal Answers Anew() => new(today, filedOn, around, works, fields, answeredOn);

    /// <summary>
    /// As rules see them that say what may be answered: least, most and checks ask for the day on which somebody answers. What an answer means, and what is
    /// reckoned of it, stays with the day on which it came.
    /// </summary>
    internal Answers ForRules => answeredOn is { } on && on != today ? _forRules ??= new(on, filedOn, this) : this;

    Answers? _forRules;

    /// <summary>What was chosen comes to: the sum of the numbers that stand at its options.</summary>
    internal Value WorthOf(string field) => _worths.TryGetValue(field, out var worth) ? worth : around?.WorthOf(field) ?? Value.None;

    internal void Weigh(string field, Value worth) => _worths[field] = worth;
}
