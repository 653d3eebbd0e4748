using Komachi.Platform.Forms;

namespace Komachi.Tests.Forms;

/// <summary>The language of conditions and checks: what it says, that it always says something, and how it says what is wrong.</summary>
public sealed class Expressions
{
    static readonly DateOnly Today = new(2026, 11, 26);

    static FieldNames Names()
    {
        var names = new FieldNames { Fields = { ["born"] = Sort.Day, ["kind"] = Sort.Text, ["pets"] = Sort.Texts, ["amount"] = Sort.Number, ["agrees"] = Sort.Truth, ["empty"] = Sort.Number, ["emptyText"] = Sort.Text, ["emptyDay"] = Sort.Day } };
        names.Chosen.Add("kind");
        (names.Constants["dogFee"], names.Constants["since"], names.Constants["townName"]) = (Value.Of(3000m), Value.Of(new DateOnly(2023, 4, 1)), Value.Of("見本市"));
        var children = names.AddGroup("children");
        children.Fields["name"] = Sort.Text;
        children.Fields["childBorn"] = Sort.Day;
        children.Fields["fee"] = Sort.Number;
        children.Fields["nickname"] = Sort.Text;
        return names;
    }

    static Answers Answered()
    {
        var answers = new Answers(Today)
        {
            ["born"] = Value.Of(new DateOnly(2008, 11, 27)), ["kind"] = Value.Of("dog"), ["pets"] = Value.Of(["cat", "dog"]), ["amount"] = Value.Of(2500.5m), ["agrees"] = Value.Of(true),
        };
        answers.Weigh("kind", Value.Of(550m));
        foreach (var (name, born, fee) in new[] { ("一", "2024-04-01", 1000m), ("二", "2021-04-02", 500m), ("三", "2012-01-01", 0m) })
        {
            var child = answers.AddRow("children");
            (child["name"], child["childBorn"], child["fee"]) = (Value.Of(name), Value.Of(DateOnly.Parse(born)), Value.Of(fee));
        }
        return answers;
    }

    [Theory]
    [InlineData("1 + 2 * 3", "7")]
    [InlineData("(1 + 2) * 3 - -1", "10")]
    [InlineData("7 / 2", "3.5")]
    [InlineData("amount * 2", "5001.0")]
    [InlineData("floor(amount, 1000)", "2000")]
    [InlineData("floor(2.9)", "2")]
    [InlineData("round(2.5)", "3")]
    [InlineData("kind = \"dog\"", "true")]
    [InlineData("kind != \"dog\"", "false")]
    [InlineData("kind in (\"cat\", \"dog\")", "true")]
    [InlineData("\"bird\" in pets", "false")]
    [InlineData("\"cat\" in pets and not agrees", "false")]
    [InlineData("false or agrees and true", "true")]
    [InlineData("not false and true", "true")]
    [InlineData("born < 2010-01-01", "true")]
    [InlineData("age(born, today)", "17")]
    [InlineData("lawAge(born, today)", "18")]    // the day before the birthday
    [InlineData("age(2024-02-29, 2026-02-28)", "1")]
    [InlineData("lawAge(2024-02-29, 2026-02-28)", "2")]
    [InlineData("age(today, born)", "")]
    [InlineData("days(2026-11-26, 2026-12-01)", "5")]
    [InlineData("months(2026-01-31, 2026-02-28)", "1")]
    [InlineData("months(2026-01-28, 2026-02-28)", "1")]
    [InlineData("months(2026-02-28, 2026-01-28)", "-1")]
    [InlineData("fiscalYear(2026-03-31)", "2025")]
    [InlineData("addDays(today, 5)", "2026-12-01")]
    [InlineData("addMonths(2026-01-31, 1)", "2026-02-28")]
    [InlineData("weekday(2026-11-29)", "7")]
    [InlineData("year(today) * 100 + month(today)", "202611")]
    [InlineData("count(children)", "3")]
    [InlineData("count(pets)", "2")]
    [InlineData("count(children where age(childBorn, today) < 6)", "2")]
    [InlineData("sum(children.fee)", "1500")]
    [InlineData("sum(children.fee where childBorn > 2022-01-01) + amount", "3500.5")]
    [InlineData("any(children where fee = 0)", "true")]
    [InlineData("all(children where fee < amount)", "true")]
    [InlineData("least(3, empty, 2)", "2")]
    [InlineData("most(born, 2020-01-01)", "2020-01-01")]
    [InlineData("if(agrees, \"yes\", \"no\")", "yes")]
    [InlineData("length(\"👨‍👩‍👧葛󠄀\")", "2")]
    [InlineData("given(empty) or given(kind)", "true")]
    [InlineData("dogFee * 2", "6000")]
    [InlineData("since < today and townName = \"見本市\"", "true")]
    [InlineData("count(children where fee < dogFee)", "3")]
    [InlineData("valueOf(kind) * 2", "1100")]
    [InlineData("workingDay(2026-11-23)", "false")]    // 勤労感謝の日
    [InlineData("workingDay(2026-11-24)", "true")]
    [InlineData("workingDays(2026-11-20, 2026-11-25)", "2")]
    [InlineData("workingDays(2026-11-25, 2026-11-20)", "-2")]
    [InlineData("workingDays(today, today)", "0")]
    [InlineData("addWorkingDays(2026-11-20, 1)", "2026-11-24")]
    [InlineData("addWorkingDays(2026-11-24, -1)", "2026-11-20")]
    public void It_compares_adds_counts_and_asks_for_membership(string text, string expected) => Assert.Equal(expected, Expression.Compile(text, Names()).Of(Answered()).ToString());

    [Theory]
    [InlineData("empty + 1")]
    [InlineData("empty * 0")]
    [InlineData("1 / 0")]
    [InlineData("floor(1, 0)")]
    [InlineData("age(emptyDay, today)")]
    [InlineData("addDays(today, 9999999)")]
    [InlineData("addDays(today, 99999999999999999999)")]
    [InlineData("79228162514264337593543950335 * 2")]
    [InlineData("least(empty)")]
    [InlineData("workingDays(0001-01-01, 9999-12-31)")]
    [InlineData("addWorkingDays(today, 99999999999999999999)")]
    [InlineData("addWorkingDays(9999-12-30, 30)")]
    public void What_is_not_given_or_too_large_makes_what_stands_on_it_not_given(string text) => Assert.Equal(Value.None, Expression.Compile(text, Names()).Of(Answered()));

    [Theory]
    [InlineData("empty = 0")]
    [InlineData("empty != 0")]
    [InlineData("empty < 1")]
    [InlineData("emptyText != \"a\"")]
    [InlineData("emptyText = \"\"")]
    [InlineData("emptyText in (\"a\", \"b\")")]
    [InlineData("emptyText in pets")]
    [InlineData("emptyText in (kind, \"b\")")]
    [InlineData("not (empty = 0)")]
    [InlineData("empty > 1 or not agrees")]
    [InlineData("not (empty > 1 and agrees)")]
    [InlineData("any(children where nickname = \"ポチ\")")]
    [InlineData("all(children where nickname = \"ポチ\")")]
    [InlineData("not any(children where fee = 100 or nickname = \"ポチ\")")]
    public void Nothing_can_be_said_of_what_is_not_given(string text)
    {
        var condition = Expression.Condition(text, Names());
        Assert.False(condition.Holds(Answered()));
        Assert.False(condition.Fails(Answered()));    // nor that it is not so
    }

    [Theory]
    [InlineData("given(empty)", false)]
    [InlineData("agrees or empty > 1", true)]
    [InlineData("empty > 1 or agrees", true)]
    [InlineData("not agrees and empty > 1", false)]
    [InlineData("empty > 1 and not agrees", false)]
    [InlineData("not (empty > 1 and not agrees)", true)]
    [InlineData("kind != \"dog\" or (agrees = false and empty > 1)", false)]
    [InlineData("any(children where fee = 0 or nickname = \"ポチ\")", true)]
    [InlineData("all(children where fee > 0 and nickname = \"ポチ\")", false)]
    [InlineData("all(children where fee >= 0 or nickname = \"ポチ\")", true)]
    [InlineData("count(children where nickname = \"ポチ\") = 0", true)]
    public void What_is_given_decides_where_it_can(string text, bool so)
    {
        var condition = Expression.Condition(text, Names());
        Assert.Equal((so, !so), (condition.Holds(Answered()), condition.Fails(Answered())));
    }

    [Theory]
    [InlineData("", 0, "missing")]
    [InlineData("1 +", 3, "missing")]
    [InlineData("nobody = 1", 0, "no field \"nobody\"")]
    [InlineData("kind = 1", 5, "not compared")]
    [InlineData("kind and agrees", 0, "takes a condition")]
    [InlineData("agrees + 1", 0, "takes a number")]
    [InlineData("(1", 2, "not closed")]
    [InlineData("1 2", 2, "not expected")]
    [InlineData("kind = \"dog", 7, "no end")]
    [InlineData("children = 1", 0, "repeats")]
    [InlineData("count(kind)", 0, "repeats")]
    [InlineData("sum(children.name)", 0, "no number")]
    [InlineData("any(children)", 0, "where")]
    [InlineData("fee = 1", 0, "no field")]
    [InlineData("system(1)", 0, "there is no")]
    [InlineData("age(born)", 0, "takes 2")]
    [InlineData("age(born, 1)", 0, "a day")]
    [InlineData("if(agrees, 1, \"a\")", 0, "of one sort")]
    [InlineData("2026-13-01 = today", 11, "not compared")]
    [InlineData("1.2.3 = 1", 0, "no number")]
    [InlineData("kind == \"dog\"", 6, "not expected")]
    [InlineData("valueOf(amount) = 1", 0, "something to choose")]
    [InlineData("valueOf(dogFee) = 1", 0, "something to choose")]
    [InlineData("workingDays(today) = 1", 0, "takes 2")]
    public void What_cannot_be_is_said_with_its_place(string text, int at, string what)
    {
        var bad = Assert.Throws<BadExpression>(() => Expression.Condition(text, Names()));
        Assert.Contains(what, bad.Message);
        Assert.Equal(at, bad.At);
    }

    [Fact]
    public void It_says_what_it_looks_at_and_is_never_too_deep_or_too_long()
    {
        Assert.Equal(["born", "children", "kind"], Expression.Compile("age(born, today) > 3 and kind = \"a\" or count(children where fee > 1) > 0", Names()).Reads.Where(r => r != "fee").Order());
        Assert.Throws<BadExpression>(() => Expression.Compile(new string('(', 900) + "1" + new string(')', 900), Names()));
        Assert.Throws<BadExpression>(() => Expression.Compile(string.Concat(Enumerable.Repeat("not ", 400)) + "true", Names()));
        Assert.Throws<BadExpression>(() => Expression.Compile(new string('-', 1999) + "1", Names()));
        Assert.Throws<BadExpression>(() => Expression.Compile(string.Concat(Enumerable.Repeat("1+", 1001)) + "1", Names()));
    }

    /// <summary>Whatever is written, it is compiled or refused with a place; whatever is answered, what was compiled has a value of its sort, or none.</summary>
    [Fact]
    public void Whatever_is_written_and_answered_there_is_an_answer()
    {
        var random = new Random(20261126);
        string[] words = ["1", "0", "-", "2.5", "79228162514264337593543950335", "\"dog\"", "\"\"", "2026-04-01", "0001-01-01", "9999-12-31", "born", "kind", "pets", "amount", "agrees", "empty", "emptyDay", "today", "filedOn", "true",
            "and", "or", "not", "=", "!=", "<", ">=", "+", "*", "/", "in", "(", ")", ",", "dogFee", "since", "valueOf(kind)", "valueOf(", "workingDay(", "workingDays(", "addWorkingDays(", "age(", "lawAge(", "addDays(", "addMonths(", "months(", "floor(", "if(", "least(", "given(", "count(children", "sum(children.fee", "any(children where", "fee", "where", "children", "日", "\u0000", "😀"];
        var compiled = 0;
        for (var i = 0; i < 60_000; i++)
        {
            var text = string.Join(' ', Enumerable.Range(0, random.Next(1, 9)).Select(_ => words[random.Next(words.Length)]));
            Expression expression;
            try
            {
                expression = Expression.Compile(text, Names());
            }
            catch (BadExpression bad)
            {
                Assert.InRange(bad.At, 0, text.Length);
                continue;
            }
            compiled++;
            foreach (var answers in new[] { Answered(), new Answers(Today), new Answers(DateOnly.MaxValue), new Answers(DateOnly.MinValue) })
                Assert.True(expression.Of(answers) is var value && (!value.Given || value.Sort == expression.Sort), text);
        }
        Assert.True(compiled > 1000, $"{compiled} of them were expressions.");
    }
}
