using System.Text.Json.Nodes;
using Komachi.Platform.Forms;
using Komachi.Platform.Web;
using Komachi.Ui.Words;

namespace Komachi.Tests.Forms;

/// <summary>Whatever people do on the pages of whatever form, in whatever order, what is complete and filed is what the form allows.</summary>
public sealed class NothingForbiddenIsFiled
{
    static readonly DateOnly Today = new(2026, 11, 26);

    static readonly Dictionary<string, IReadOnlyList<FormOption>> Lists = new() { ["days"] = [new() { Value = "d1", Text = new("一日") }, new() { Value = "d2", Text = new("二日"), Number = 7 }] };

    [Fact]
    public void No_sequence_of_pages_rows_and_ways_back_files_what_the_form_forbids()
    {
        var random = new Random(20261127);
        var (filings, steps) = (0, 0);
        for (var round = 0; round < 250; round++)
        {
            var form = Made(random);
            JsonObject given = [];
            for (var step = 0; step < 40; step++, steps++)
            {
                var state = FormState.Of(form, given, Today, lists: Lists);
                if (state.Pages.Count == 0) break;
                var page = random.Next(3) == 0 ? state.Unfinished ?? state.Pages[^1] : state.Pages[random.Next(state.Pages.Count)];    // on, or anywhere back
                var group = page.Fields.FirstOrDefault(f => f.Repeats);
                var rows = group is null ? 0 : (given[group.Key] as JsonArray)?.Count ?? 0;
                given = random.Next(6) switch
                {
                    0 when group is not null => FormPages.AddRow(group, given).Answers,
                    1 when group is not null => FormPages.RemoveRow(group, random.Next(-1, rows + 1), given),
                    2 or 3 when group is not null && rows > 0 => FormPages.ReadRow(page, group, random.Next(rows), Sent(group.Rows, state, random), given, state),
                    _ => FormPages.Read(page, Sent(page.Fields, state, random), given, state),
                };
                given = JsonNode.Parse(given.ToJsonString())!.AsObject();    // as a draft keeps it

                var now = FormState.Of(form, given, Today, lists: Lists);
                var filed = now.Filed(given);
                Assert.Equal(filed.ToJsonString(), FormState.Of(form, filed, Today, lists: Lists).Filed(filed).ToJsonString());
                if (!now.Complete) continue;
                filings++;
                Allowed(form, filed);
            }
        }
        Assert.True(filings > 500 && steps > 5000, $"{filings} of {steps} steps led to what could be filed.");
    }

    /// <summary>Says by itself, field by field, what a definition asks for: nothing of it is taken from the engine's own list of mistakes.</summary>
    static void Allowed(CompiledForm form, JsonObject filed)
    {
        var (answers, asked) = (new Answers(Today), new HashSet<string>());
        foreach (var page in form.Pages)
        {
            var open = page.When?.Holds(answers) != false;
            foreach (var field in page.Fields)
                if (open && field.When?.Holds(answers) != false && field.Field.Kind != "statement") One(field, filed, answers, asked);
        }
        Assert.Empty(filed.Select(a => a.Key).Except(asked));

        static void One(CompiledField field, JsonObject filed, Answers answers, HashSet<string> asked)
        {
            asked.Add(field.Key);
            var (answer, of) = (filed[field.Key], field.Field);
            if (field.Repeats)
            {
                var rows = answer!.AsArray();
                foreach (var row in rows.Select(r => r!.AsObject()))
                {
                    var (inRow, askedInRow) = (answers.AddRow(field.Key), new HashSet<string>());
                    foreach (var inner in field.Rows)
                        if (inner.When?.Holds(inRow) != false) One(inner, row, inRow, askedInRow);
                    Assert.Empty(row.Select(a => a.Key).Except(askedInRow));
                }
                Assert.InRange(rows.Count, field.Least is null ? 0 : (int)field.Least.Of(answers).Number, field.Most is null ? int.MaxValue : (int)field.Most.Of(answers).Number);
                Unbroken(field, answers);
                return;
            }
            if (field.Value is not null)
            {
                answers[field.Key] = field.Value.Of(answers);
                Assert.Equal(field.Value.Of(answers).ToString(), answer is null ? "" : answer.ToString());
                return;
            }
            if (answer is null)
            {
                Assert.False(field.IsRequired(answers), $"{field.Key} was asked for.");
                return;
            }
            switch (of.Kind)
            {
                case "choice" or "choices" or "select":
                    var chosen = answer is JsonArray many ? many.Select(v => v!.ToString()).ToArray() : [answer.ToString()];
                    foreach (var one in chosen)
                        if (of.From is not null) Assert.Contains(one, Lists["days"].Select(o => o.Value));
                        else Assert.True(field.Options.Single(o => o.Option.Value == one).When?.Holds(answers) != false, $"{one} was not offered.");
                    if (of.Kind == "choices" && field.Most is not null) Assert.True(chosen.Length <= field.Most.Of(answers).Number);
                    answers[field.Key] = of.Kind == "choices" ? Value.Of(chosen) : Value.Of(chosen[0]);
                    var worths = chosen.Select(c => (of.From is not null ? Lists["days"] : of.Options).Single(o => o.Value == c)).Select(o => o.Yen ?? o.Number).Where(w => w is not null).ToArray();
                    answers.Weigh(field.Key, worths.Length > 0 ? Value.Of(worths.Sum()!.Value) : Value.None);
                    break;
                case "number":
                    answers[field.Key] = Value.Of(answer.GetValue<decimal>());
                    if (field.Least?.Of(answers) is { Given: true } least) Assert.True(answer.GetValue<decimal>() >= least.Number);
                    if (field.Most?.Of(answers) is { Given: true } most) Assert.True(answer.GetValue<decimal>() <= most.Number);
                    break;
                case "yesno":
                    answers[field.Key] = Value.Of(answer.GetValue<bool>());
                    break;
                case "time":
                    answers[field.Key] = Value.Of(answer.ToString());
                    Assert.Matches("^([01][0-9]|2[0-3]):[0-5][0-9]$", answer.ToString());
                    break;
                default:
                    answers[field.Key] = Value.Of(answer.ToString());
                    if (field.Pattern is { } pattern) Assert.True(pattern.Takes(answer.ToString()));
                    break;
            }
            Unbroken(field, answers);
        }
    }

    /// <summary>Checks are written as "key text", and looked at by hand.</summary>
    static void Unbroken(CompiledField field, Answers answers)
    {
        foreach (var that in field.Checks.Select(c => c.That.Text.Split(' ')))
            Assert.False(that switch
            {
                [var key, "!=", "5"] => answers[key].Number == 5,
                [var key, "+", var other, "<=", "12"] => answers[other].Given && answers[key].Number + answers[other].Number > 12,
                [var key, "<=", "6", "or", var other] => answers[key].Number > 6 && !answers[other["given(".Length..^1]].Given,
                ["not", _, "where", var inRow, "=", "7)"] => answers.Rows(field.Key).Any(row => row[inRow] is { Given: true, Number: 7 }),
                [_, "<=", "15"] => answers.Rows(field.Key).Sum(row => row[$"{field.Key}r0"] is { Given: true } number ? number.Number : 0) > 15,
                _ => throw new InvalidOperationException(string.Join(' ', that)),
            }, $"{field.Key}: {string.Join(' ', that)}");
    }

    /// <summary>What somebody types, sends twice, leaves out or makes up.</summary>
    static Form Sent(IReadOnlyList<CompiledField> fields, FormState state, Random random)
    {
        var sent = new List<(string, string?)>();
        foreach (var field in fields)
        {
            if (random.Next(8) == 0) continue;
            sent.Add(("_asked", field.Key));
            if (random.Next(12) == 0) sent.Add((field.Key, "でたらめ"));
            else
                switch (field.Field.Kind)
                {
                    case "choice" or "select" or "choices":
                        for (var n = field.Field.Kind == "choices" ? random.Next(3) : 1; n > 0; n--) sent.Add((field.Key, field.Field.From is not null ? $"d{random.Next(1, 4)}" : "abc"[random.Next(3)].ToString()));
                        break;
                    case "number": sent.Add((field.Key, random.Next(12).ToString(System.Globalization.CultureInfo.InvariantCulture))); break;
                    case "yesno": sent.Add((field.Key, random.Next(2) == 0 ? "yes" : "no")); break;
                    case "time": sent.Add((field.Key, $"{random.Next(26)}:{random.Next(70):00}")); break;
                    default: sent.Add((field.Key, field.Pattern is null ? "言葉" : random.Next(1000).ToString(System.Globalization.CultureInfo.InvariantCulture))); break;
                }
        }
        if (random.Next(10) == 0) sent.Add(("_add", "nothing"));
        return Form.With([.. sent]);
    }

    /// <summary>Any form: pages, groups, options and bounds that look at what stands above them.</summary>
    static CompiledForm Made(Random random)
    {
        var (form, before) = (new FormDefinition(), new List<(string Key, string Kind)>());
        for (var p = 0; p < 4; p++)
        {
            var page = new FormPage { Key = $"p{p}", Title = new("頁"), When = Maybe(before, 4) };
            for (var f = 0; f < 4; f++)
            {
                if (p is 1 or 2 && f == 2)
                {
                    var (group, inRow) = (New($"g{p}", "group"), new List<(string, string)>(before));
                    (group.Least, group.Most) = (random.Next(2).ToString(System.Globalization.CultureInfo.InvariantCulture), "3");
                    for (var r = 0; r < 3; r++) group.Fields.Add(Any($"g{p}r{r}", inRow));
                    if (group.Fields.FirstOrDefault(r => r.Kind == "number") is { } number) group.Check.Add(new() { That = $"not any({group.Key} where {number.Key} = 7)", Say = new("7は使えません。") });
                    if (group.Fields[0].Kind == "number") group.Check.Add(new() { That = $"sum({group.Key}.{group.Fields[0].Key}) <= 15", Say = new("合わせて15までです。") });
                    page.Fields.Add(group);
                }
                page.Fields.Add(Any($"f{p}x{f}", before));
            }
            form.Pages.Add(page);
        }
        var problems = new List<FormProblem>();
        return CompiledForm.Of(form, problems) ?? throw new InvalidOperationException(string.Join('\n', problems));

        FormField Any(string key, List<(string Key, string Kind)> above)
        {
            var kind = new[] { "choice", "choices", "select", "number", "yesno", "text", "time", "calculated", "digits" }[random.Next(9)];
            if (kind == "calculated" && above.Count == 0) kind = "number";
            var field = New(key, kind == "digits" ? "text" : kind);
            field.Required = random.Next(3) == 0 ? "true" : Maybe(above, 3) ?? "false";
            field.When = Maybe(above, 2);
            if (kind == "digits") field.Pattern = "digits";
            if (kind == "calculated") (field.Value, field.Required) = (Number(above) is { } sum ? $"{sum} + 1" : $"if({Condition(above)}, 1, 2)", "false");
            if (kind == "select") field.From = "days";
            if (kind is "choice" or "choices")
                foreach (var value in "abc") field.Options.Add(new() { Value = value.ToString(), Text = new("選択肢"), When = value == 'b' ? Maybe(above, 2) : null, Yen = value == 'c' ? null : random.Next(5) });
            if (kind == "choices") field.Most = "2";
            if (kind == "number") (field.Least, field.Most) = ("2", Number(above) is { } most && random.Next(2) == 0 ? $"most(4, {most})" : "9");
            if (kind == "number" && random.Next(2) == 0)
                field.Check.Add(new()
                {
                    That = above.Count == 0 || random.Next(3) == 0 ? $"{key} != 5"
                        : above.Where(a => a.Kind == "number").ToArray() is { Length: > 0 } numbers && random.Next(2) == 0 ? $"{key} + {numbers[random.Next(numbers.Length)].Key} <= 12"
                        : $"{key} <= 6 or given({above[random.Next(above.Count)].Key})",
                    Say = new("この数は使えません。"),
                });
            above.Add((key, kind));
            return field;
        }

        static FormField New(string key, string kind) => new() { Key = key, Kind = kind, Label = new("問い") };

        string? Maybe(List<(string Key, string Kind)> above, int one) => above.Count > 0 && random.Next(one) == 0 ? Condition(above) : null;

        string? Number(List<(string Key, string Kind)> above)
        {
            var numbers = above.Where(a => a.Kind is "number" or "choice" or "choices" or "select").ToArray();
            return numbers.Length == 0 ? null : numbers[random.Next(numbers.Length)] is var one && one.Kind == "number" ? one.Key : $"valueOf({one.Key})";
        }

        string Condition(List<(string Key, string Kind)> above)
        {
            var (key, kind) = above[random.Next(above.Count)];
            var simple = kind switch
            {
                "choice" => $"{key} {(random.Next(2) == 0 ? "=" : "!=")} \"a\"", "choices" => $"\"b\" in {key}", "select" => $"valueOf({key}) > 3", "number" => $"{key} < {random.Next(1, 9)}",
                "yesno" => key, "time" => $"{key} > \"12:00\"", _ => $"given({key})",
            };
            return random.Next(3) == 0 ? $"not ({simple})" : simple;
        }
    }

    /// <summary>What is shown of a kept answer and sent again is that answer: for every kind, whatever was typed.</summary>
    [Fact]
    public void What_is_shown_and_sent_again_is_what_was_kept()
    {
        var random = new Random(20261128);
        string[] kinds = ["text", "area", "number", "decimal", "yen", "date", "month", "time", "yesno", "consent", "declaration", "choice", "select", "choices", "name", "kana", "address", "telephone", "email", "point", "account", "amounts"];
        var page = new FormPage { Key = "p", Title = new("頁") };
        foreach (var kind in kinds)
        {
            var field = new FormField { Key = kind, Kind = kind, Label = new("問い"), Text = new("文"), Other = kind is "choice" or "choices" };
            if (kind is "choice" or "select" or "choices") field.Options.AddRange("abc".Select(c => new FormOption { Value = c.ToString(), Text = new("選択肢") }));
            if (kind == "amounts") (field.Rows, field.Columns) = ([new() { Value = "r1", Text = new("行") }, new() { Value = "r2", Text = new("行") }], [new() { Key = "c1", Text = new("列") }, new() { Key = "c2", Text = new("列") }]);
            page.Fields.Add(field);
        }
        var problems = new List<FormProblem>();
        var form = CompiledForm.Of(new() { Pages = { page } }, problems);
        Assert.True(form is not null, string.Join('\n', problems));
        Assert.Equal(CompiledForm.Kinds.Keys.Except(["group", "people", "file", "statement", "calculated"]).Order(), kinds.Order());

        var kept = kinds.ToDictionary(k => k, _ => 0);
        string Pick(params string[] any) => any[random.Next(any.Length)];
        for (var round = 0; round < 3000; round++)
        {
            var sent = Form.With([
                ("text", Pick("", "葛󠄀城 ", "𠮷", "１２３")), ("area", Pick("", "一\n\n二", "\n始め")), ("number", Pick("", "１，２３４", "二十", "0", "-1")), ("decimal", Pick("", "12.5", "0.10", "3")), ("yen", Pick("", "1万2千円", "¥0", "金壱万円也")),
                ("date-era", Pick("", "R", "S")), ("date-year", Pick("", "6", "60", "2024")), ("date-month", Pick("", "4", "２")), ("date-day", Pick("", "1", "30")),
                ("month", Pick("", "2026-04", "令和8年4月")), ("time", Pick("", "9:05", "午後6時")), ("yesno", Pick("", "yes", "no")), ("consent", Pick("", "true")), ("declaration", Pick("", "true")),
                ("choice", Pick("", "a", "_other")), ("choice-other", Pick("", "別のもの")), ("select", Pick("", "b")), ("choices", Pick("", "a")), ("choices", Pick("", "c", "_other")), ("choices-other", Pick("", "小鳥")),
                ("name-family", Pick("", "見本", "Smith")), ("name-given", Pick("", "花子")), ("name-family-kana", Pick("", "みほん")), ("name-given-kana", Pick("", "ハナコ")), ("name-no-kana", Pick("", "true")), ("name-alias", Pick("", "通称")),
                ("kana", Pick("", "みほん")), ("telephone", Pick("", "０９０－０００１－２３４５")), ("email", Pick("", "a＠example．jp")),
                ("address-postcode", Pick("", "485-0041")), ("address-prefecture", Pick("", "愛知県")), ("address-city", Pick("", "小牧市")), ("address-town", Pick("", "小牧")), ("address-number", Pick("", "１ー１")), ("address-building", Pick("", "見本荘２０１")),
                ("point-latitude", Pick("", "35.1234567")), ("point-longitude", Pick("", "136.9")),
                ("account-bank", Pick("", "見本銀行")), ("account-bank-code", "0001"), ("account-branch", "本店"), ("account-branch-code", "001"), ("account-kind", Pick("ordinary", "savings")), ("account-number", Pick("123", "1234567")), ("account-holder", "ﾐﾎﾝ ﾊﾅｺ"),
                ("amounts-r1-c1", Pick("", "1,000", "0")), ("amounts-r2-c2", Pick("", "5千", "x")),
            ]);
            var state = FormState.Of(form, [], Today);
            var answers = FormPages.Read(form.Pages[0], sent, [], state);
            foreach (var (key, _) in answers) kept[key]++;
            var stored = JsonNode.Parse(answers.ToJsonString())!.AsObject();
            var again = FormPages.FormOf(form.Pages[0], stored);
            Assert.Equal(answers.ToJsonString(), FormPages.Read(form.Pages[0], again, [], state).ToJsonString());
            Assert.Empty(again.Mistakes);
            Assert.Empty(FormState.Of(form, answers, Today).Mistakes);
        }
        Assert.All(kept, k => Assert.True(k.Value > 100, $"{k.Key} was kept {k.Value} times."));
    }
}
