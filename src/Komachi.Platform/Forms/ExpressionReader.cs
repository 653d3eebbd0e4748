using System.Collections.Frozen;
using System.Globalization;
using Komachi.Platform.Days;

namespace Komachi.Platform.Forms;

/// <summary>Reads an expression from left to right and makes of each part a function that is called for every filing.</summary>
sealed class ExpressionReader(string text, FieldNames names)
{
    const int MostLength = 2000, MostDepth = 40;

    /// <summary>A part: of which sort it is, what it comes to, and where it began.</summary>
    readonly record struct Part(Sort Sort, Func<Answers, Value> Value, int At = 0);

    readonly HashSet<string> _reads = [];
    FieldNames _names = names;
    int _at, _depth;

    public Expression Whole()
    {
        if (text.Length > MostLength) throw Bad($"an expression has at most {MostLength} signs");
        var whole = Or();
        if (!AtEnd) throw Bad($"\"{text[_at..Math.Min(text.Length, _at + 12)]}\" was not expected here");
        return new(text, whole.Sort, whole.Value, _reads.ToFrozenSet());
    }

    // ── from the weakest bond to the strongest ───────────────────────────────────────────────────────────────────────

    Part Or()
    {
        if (++_depth > MostDepth) throw Bad("this lies too deep in brackets");
        var left = And();
        while (Word("or")) left = Joined(left, And(), decides: true);
        _depth--;
        return left;
    }

    Part And()
    {
        var left = Not();
        while (Word("and")) left = Joined(left, Not(), decides: false);
        return left;
    }

    Part Not()
    {
        if (!Word("not")) return Comparison();
        if (++_depth > MostDepth) throw Bad("this lies too deep");
        var part = Asked(Not(), Sort.Truth, "not");
        _depth--;
        return new(Sort.Truth, answers => part.Value(answers) is { Given: true } so ? Value.Of(!so.Truth) : Value.None, part.At);
    }

    /// <summary>One that decides does so whatever the other is: true of "or", false of "and". Else nothing is known before both are.</summary>
    Part Joined(Part left, Part right, bool decides)
    {
        var (a, b) = (Asked(left, Sort.Truth, "and, or"), Asked(right, Sort.Truth, "and, or"));
        return new(Sort.Truth, answers =>
        {
            var one = a.Value(answers);
            if (one.Given && one.Truth == decides) return one;
            var other = b.Value(answers);
            return one.Given || other.Given && other.Truth == decides ? other : Value.None;
        }, left.At);
    }

    Part Comparison()
    {
        var left = Sum();
        var at = Skip();
        if (Word("in")) return Membership(left, at);
        Func<int, bool>? holds = Sign("!=") ? c => c != 0 : Sign("<=") ? c => c <= 0 : Sign(">=") ? c => c >= 0 : Sign("=") ? c => c == 0 : Sign("<") ? c => c < 0 : Sign(">") ? c => c > 0 : null;
        if (holds is null) return left;
        var right = Sum();
        if (left.Sort != right.Sort || left.Sort is Sort.Texts or Sort.None) throw Bad($"{Named(left.Sort)} is not compared with {Named(right.Sort)}", at);
        return new(Sort.Truth, answers => Value.Compare(left.Value(answers), right.Value(answers)) is { } c ? Value.Of(holds(c)) : Value.None, left.At);
    }

    Part Membership(Part left, int at)
    {
        if (!Sign("("))
        {
            var right = Sum();
            if (left.Sort != Sort.Text || right.Sort != Sort.Texts) throw Bad("\"in\" asks whether a text is among what was ticked, or among (\"a\", \"b\")", at);
            return new(Sort.Truth, answers => left.Value(answers) is { Given: true } one && right.Value(answers) is { Given: true } many ? Value.Of(many.Texts.Contains(one.Text)) : Value.None, left.At);
        }
        var among = new List<Part>();
        do among.Add(Sum()); while (Sign(","));
        Close();
        if (left.Sort is Sort.Texts or Sort.None || among.Exists(a => a.Sort != left.Sort)) throw Bad("what stands in the brackets is of another sort than what is looked for", at);
        return new(Sort.Truth, answers =>
        {
            var one = left.Value(answers);
            if (!one.Given) return Value.None;
            foreach (var other in among)
                if (Value.Compare(one, other.Value(answers)) == 0) return Value.Of(true);
            return Value.Of(false);
        }, left.At);
    }

    Part Sum()
    {
        var left = Product();
        while (true)
        {
            if (Sign("+")) left = Reckon(left, Product(), (a, b) => a + b);
            else if (Sign("-")) left = Reckon(left, Product(), (a, b) => a - b);
            else return left;
        }
    }

    Part Product()
    {
        var left = Single();
        while (true)
        {
            if (Sign("*")) left = Reckon(left, Single(), (a, b) => a * b);
            else if (Sign("/")) left = Reckon(left, Single(), (a, b) => b == 0 ? null : a / b);
            else return left;
        }
    }

    Part Reckon(Part left, Part right, Func<decimal, decimal, decimal?> with)
    {
        var (a, b) = (Asked(left, Sort.Number, "reckoning"), Asked(right, Sort.Number, "reckoning"));
        return new(Sort.Number, answers => a.Value(answers) is { Given: true } one && b.Value(answers) is { Given: true } other ? Bounded(() => with(one.Number, other.Number)) : Value.None, left.At);
    }

    // What is too large for a number is no number.
    static Value Bounded(Func<decimal?> reckon)
    {
        try
        {
            return reckon() is { } number ? Value.Of(number) : Value.None;
        }
        catch (OverflowException)
        {
            return Value.None;
        }
    }

    Part Single()
    {
        var at = Skip();
        return One(at) with { At = at };
    }

    Part One(int at)
    {
        if (AtEnd) throw Bad("something is missing at the end");
        if (Sign("("))
        {
            var inner = Or();
            Close();
            return inner;
        }
        if (Sign("-"))
        {
            if (++_depth > MostDepth) throw Bad("this lies too deep");
            var part = Asked(Single(), Sort.Number, "minus");
            _depth--;
            return new(Sort.Number, answers => part.Value(answers) is { Given: true } one ? Value.Of(-one.Number) : Value.None);
        }
        if (text[_at] == '"') return Quoted();
        if (char.IsAsciiDigit(text[_at])) return Digits();
        if (Name() is not { } name) throw Bad($"\"{text[_at]}\" was not expected here");
        if (Sign("(")) return Call(name, at);
        return name switch
        {
            "true" => Constant(Value.Of(true)),
            "false" => Constant(Value.Of(false)),
            "today" => new(Sort.Day, answers => Value.Of(answers.Today)),
            "filedOn" => new(Sort.Day, answers => Value.Of(answers.FiledOn)),
            _ when _names.SortOf(name) is { } sort => Field(name, sort),
            _ when _names.ConstantOf(name) is { Given: true } constant => Constant(constant),
            _ when _names.GroupOf(name) is not null => throw Bad($"\"{name}\" repeats: ask for count({name}) or any({name} where …)", at),
            _ => throw Bad($"there is no field \"{name}\"", at),
        };
    }

    Part Field(string name, Sort sort)
    {
        _reads.Add(name);
        return new(sort, answers => answers[name] is var value && value.Sort == sort ? value : Value.None);
    }

    static Part Constant(Value value) => new(value.Sort, _ => value);

    Part Quoted()
    {
        var end = text.IndexOf('"', _at + 1);
        if (end < 0) throw Bad("this text has no end");
        var said = text[(_at + 1)..end];
        _at = end + 1;
        return new(Sort.Text, _ => Value.Of(said));    // "" is what is not given
    }

    Part Digits()
    {
        var from = _at;
        if (_at + 10 <= text.Length && text[_at + 4] == '-' && DateOnly.TryParseExact(text.AsSpan(_at, 10), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            _at += 10;
            return Constant(Value.Of(day));
        }
        while (!AtEnd && (char.IsAsciiDigit(text[_at]) || text[_at] == '.' && _at + 1 < text.Length && char.IsAsciiDigit(text[_at + 1]))) _at++;
        return decimal.TryParse(text.AsSpan(from, _at - from), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? Constant(Value.Of(number)) : throw Bad($"\"{text[from.._at]}\" is no number", from);
    }

    // ── what can be asked of groups, and what can be reckoned ────────────────────────────────────────────────────────

    Part Call(string name, int at)
    {
        if (name is "count" or "sum" or "any" or "all") return OverRows(name, at);
        if (name == "valueOf") return WorthOf(at);
        if (name == "given")
        {
            var part = Or();
            Close();
            return new(Sort.Truth, answers => Value.Of(part.Value(answers).Given));
        }
        var given = new List<Part>();
        if (!Sign(")"))
        {
            do given.Add(Or()); while (Sign(","));
            Close();
        }
        if (name == "if") return If(given, at);
        if (name is "least" or "most") return Extreme(name, given, at);
        if (!Functions.TryGetValue(name, out var function)) throw Bad($"there is no \"{name}(…)\"", at);
        if (given.Count < function.Needs || given.Count > function.Takes.Length) throw Bad($"{name}(…) takes {(function.Needs == function.Takes.Length ? "" : $"{function.Needs} to ")}{function.Takes.Length}, and here are {given.Count}", at);
        for (var i = 0; i < given.Count; i++)
            if (given[i].Sort != function.Takes[i]) throw Bad($"{name}(…) takes as its {i + 1}. {Named(function.Takes[i])}, and here is {Named(given[i].Sort)}", at);
        var parts = given.ToArray();
        return new(function.Gives, answers =>
        {
            var values = new Value[parts.Length];
            for (var i = 0; i < parts.Length; i++)
                if (!(values[i] = parts[i].Value(answers)).Given) return Value.None;
            try
            {
                return function.In is { } of ? of(values, answers) : function.Of(values);
            }
            catch (Exception e) when (e is OverflowException or ArgumentOutOfRangeException)    // a day behind the end of the calendar
            {
                return Value.None;
            }
        });
    }

    Part WorthOf(int at)
    {
        Skip();
        if (Name() is not { } field || !_names.IsChosen(field)) throw Bad("valueOf(…) takes a field with something to choose", at);
        Close();
        _reads.Add(field);
        return new(Sort.Number, answers => answers.WorthOf(field));
    }

    Part If(List<Part> given, int at)
    {
        if (given is not [{ Sort: Sort.Truth } so, var then, var other] || then.Sort != other.Sort) throw Bad("if(…) takes a condition and two of one sort", at);
        return new(then.Sort, answers => so.Value(answers).Truth ? then.Value(answers) : other.Value(answers));
    }

    /// <summary>Of what is given of them.</summary>
    Part Extreme(string name, List<Part> given, int at)
    {
        if (given.Count == 0 || given[0].Sort is not (Sort.Number or Sort.Day) || given.Exists(g => g.Sort != given[0].Sort)) throw Bad($"{name}(…) takes numbers, or days", at);
        var (parts, wanted) = (given.ToArray(), name == "least" ? -1 : 1);
        return new(given[0].Sort, answers =>
        {
            var found = Value.None;
            foreach (var part in parts)
                if (part.Value(answers) is { Given: true } value && (!found.Given || Math.Sign(Value.Compare(value, found)!.Value) == wanted)) found = value;
            return found;
        });
    }

    Part OverRows(string name, int at)
    {
        Skip();
        var named = Name();
        if (name == "count" && named is not null && _names.SortOf(named) == Sort.Texts)    // what was ticked, files
        {
            Close();
            var ticked = Field(named, Sort.Texts);
            return new(Sort.Number, answers => Value.Of(ticked.Value(answers) is { Given: true } many ? (decimal)many.Texts.Count : 0));
        }
        if (named is not { } group || _names.GroupOf(group) is not { } rows) throw Bad($"{name}(…) takes something that repeats", at);
        _reads.Add(group);
        string? field = null;
        if (name == "sum")
        {
            if (!Sign(".") || Name() is not { } column) throw Bad($"sum(…) takes a field of what repeats: sum({group}.…)", at);
            if (rows.Fields.GetValueOrDefault(column) != Sort.Number) throw Bad($"\"{group}\" has no number \"{column}\"", at);
            field = column;
        }
        Part? where = null;
        if (Word("where"))
        {
            var before = _names;
            _names = rows;
            where = Asked(Or(), Sort.Truth, "where");
            _names = before;
        }
        else if (name is "any" or "all") throw Bad($"{name}({group} where …) asks what holds for the rows", at);
        Close();
        var holds = where?.Value;
        return name switch
        {
            "count" => new(Sort.Number, answers => Value.Of((decimal)Rows(answers).Count())),
            "any" => new(Sort.Truth, answers => Decided(answers, by: true)),
            "all" => new(Sort.Truth, answers => Decided(answers, by: false)),
            _ => new(Sort.Number, answers => Bounded(() => Rows(answers).Select(row => row[field!]).Where(v => v.Sort == Sort.Number).Sum(v => v.Number))),
        };

        // As "or" and "and" over the rows: one decides, and else all have to be known.
        Value Decided(Answers answers, bool by)
        {
            var known = true;
            foreach (var row in answers.Rows(group))
            {
                var so = holds!(row);
                if (so.Given && so.Truth == by) return so;
                known &= so.Given;
            }
            return known ? Value.Of(!by) : Value.None;
        }

        IEnumerable<Answers> Rows(Answers answers) => holds is null ? answers.Rows(group) : answers.Rows(group).Where(row => holds(row).Truth);
    }

    sealed record Function(Sort[] Takes, Sort Gives, Func<Value[], Value> Of, int Needs)
    {
        /// <summary>Of what needs the office's calendar too.</summary>
        public Func<Value[], Answers, Value>? In { get; init; }
    }

    static Function Takes(Sort gives, Func<Value[], Value> of, params Sort[] takes) => new(takes, gives, of, takes.Length);

    static readonly FrozenDictionary<string, Function> Functions = new Dictionary<string, Function>
    {
        ["age"] = Takes(Sort.Number, v => Age(v[0].Day, v[1].Day), Sort.Day, Sort.Day),
        // 年齢計算ニ関する法律: a year of life is full when the day before the birthday ends.
        ["lawAge"] = Takes(Sort.Number, v => v[1].Day < v[0].Day ? Value.None : Age(v[0].Day, v[1].Day.AddDays(1)), Sort.Day, Sort.Day),
        ["days"] = Takes(Sort.Number, v => Value.Of((decimal)(v[1].Day.DayNumber - v[0].Day.DayNumber)), Sort.Day, Sort.Day),
        ["months"] = Takes(Sort.Number, v => Value.Of((decimal)Months(v[0].Day, v[1].Day)), Sort.Day, Sort.Day),
        ["fiscalYear"] = Takes(Sort.Number, v => Value.Of((decimal)FiscalYear.Of(v[0].Day).Year), Sort.Day),
        ["addDays"] = Takes(Sort.Day, v => Value.Of(v[0].Day.AddDays((int)v[1].Number)), Sort.Day, Sort.Number),
        ["addMonths"] = Takes(Sort.Day, v => Value.Of(v[0].Day.AddMonths((int)v[1].Number)), Sort.Day, Sort.Number),
        ["year"] = Takes(Sort.Number, v => Value.Of((decimal)v[0].Day.Year), Sort.Day),
        ["month"] = Takes(Sort.Number, v => Value.Of((decimal)v[0].Day.Month), Sort.Day),
        ["weekday"] = Takes(Sort.Number, v => Value.Of(v[0].Day.DayOfWeek is DayOfWeek.Sunday ? 7m : (int)v[0].Day.DayOfWeek), Sort.Day),
        ["workingDay"] = ByCalendar(Sort.Truth, (v, answers) => Value.Of(answers.Works(v[0].Day)), Sort.Day),
        ["workingDays"] = ByCalendar(Sort.Number, (v, answers) => WorkingDays(v[0].Day, v[1].Day, answers), Sort.Day, Sort.Day),
        ["addWorkingDays"] = ByCalendar(Sort.Day, (v, answers) => AddWorkingDays(v[0].Day, v[1].Number, answers), Sort.Day, Sort.Number),
        ["round"] = Takes(Sort.Number, v => Value.Of(Math.Round(v[0].Number, MidpointRounding.AwayFromZero)), Sort.Number),
        ["floor"] = new([Sort.Number, Sort.Number], Sort.Number, v => v.Length == 1 ? Value.Of(Math.Floor(v[0].Number)) : v[1].Number == 0 ? Value.None : Value.Of(Math.Floor(v[0].Number / v[1].Number) * v[1].Number), Needs: 1),
        ["length"] = Takes(Sort.Number, v => Value.Of((decimal)new StringInfo(v[0].Text).LengthInTextElements), Sort.Text),
    }.ToFrozenDictionary();

    static Function ByCalendar(Sort gives, Func<Value[], Answers, Value> of, params Sort[] takes) => new(takes, gives, _ => Value.None, takes.Length) { In = of };

    // A longer span than any term of an office: what asks for more is a slip of the hand, and would be counted day by day.
    const int MostDaysCounted = 4000;

    /// <summary>As <c>days</c>: the first day does not count, the last one does, and backwards it is less than nothing.</summary>
    static Value WorkingDays(DateOnly from, DateOnly to, Answers answers)
    {
        if (to < from) return WorkingDays(to, from, answers) is { Given: true } back ? Value.Of(-back.Number) : Value.None;
        if (to.DayNumber - from.DayNumber > MostDaysCounted) return Value.None;
        var count = 0;
        for (var day = from.DayNumber + 1; day <= to.DayNumber; day++)
            if (answers.Works(DateOnly.FromDayNumber(day))) count++;
        return Value.Of((decimal)count);
    }

    static Value AddWorkingDays(DateOnly from, decimal count, Answers answers)
    {
        var (left, step, day) = ((int)Math.Abs(count), count < 0 ? -1 : 1, from);
        for (var gone = 0; left > 0; gone++)
        {
            if (gone == MostDaysCounted) return Value.None;
            day = day.AddDays(step);
            if (answers.Works(day)) left--;
        }
        return Value.Of(day);
    }

    static Value Age(DateOnly born, DateOnly on)
    {
        if (on < born) return Value.None;
        var years = on.Year - born.Year;
        // Who is born on 29 February has the birthday of other years on 1 March.
        return Value.Of((decimal)(on.Month < born.Month || on.Month == born.Month && on.Day < born.Day ? years - 1 : years));
    }

    /// <summary>Whole months: to the 30th from the 31st is none, to the last day of a month is one.</summary>
    static int Months(DateOnly from, DateOnly to)
    {
        if (to < from) return -Months(to, from);
        var months = (to.Year - from.Year) * 12 + to.Month - from.Month;
        return from.AddMonths(months) > to ? months - 1 : months;
    }

    // ── signs ────────────────────────────────────────────────────────────────────────────────────────────────────────

    bool AtEnd => _at >= text.Length;

    int Skip()
    {
        while (!AtEnd && char.IsWhiteSpace(text[_at])) _at++;
        return _at;
    }

    bool Sign(string sign)
    {
        Skip();
        if (string.CompareOrdinal(text, _at, sign, 0, sign.Length) != 0) return false;
        _at += sign.Length;
        return true;
    }

    bool Word(string word)
    {
        Skip();
        if (string.CompareOrdinal(text, _at, word, 0, word.Length) != 0 || _at + word.Length < text.Length && InName(text[_at + word.Length])) return false;
        _at += word.Length;
        return true;
    }

    string? Name()
    {
        var from = _at;
        if (AtEnd || !char.IsAsciiLetter(text[_at])) return null;
        while (!AtEnd && InName(text[_at])) _at++;
        return text[from.._at];
    }

    static bool InName(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';

    void Close()
    {
        if (!Sign(")")) throw Bad("a bracket is not closed here");
    }

    Part Asked(Part part, Sort sort, string by) => part.Sort == sort ? part : throw Bad($"{by} takes {Named(sort)}, and here is {Named(part.Sort)}", part.At);

    static string Named(Sort sort) => sort switch
    {
        Sort.Truth => "a condition", Sort.Number => "a number", Sort.Day => "a day", Sort.Text => "a text", Sort.Texts => "what was ticked", _ => "nothing",
    };

    BadExpression Bad(string what, int? at = null) => new(text, at ?? _at, what);
}
