using System.Diagnostics;
using System.Text.Json.Nodes;
using Komachi.Platform.Forms;
using Komachi.Ui.Words;

namespace Komachi.Tests.Forms;

/// <summary>What is asked, what is reckoned and what is missing: told from the definition and the answers alone, however they came.</summary>
public sealed class FormStates
{
    static readonly DateOnly Today = new(2026, 11, 26);

    static FormField Field(string key, string kind, string? when = null, string required = "true", params FormField[] fields) => new() { Key = key, Kind = kind, Label = new(key), When = when, Required = required, Fields = [.. fields] };

    static FormField Choice(string key, string? when = null, params string[] values)
    {
        var field = Field(key, "choice", when);
        field.Options.AddRange(values.Select(v => new FormOption { Value = v, Text = new(v) }));
        return field;
    }

    static FormField Calculated(string key, string value) => new() { Key = key, Kind = "calculated", Label = new(key), Value = value };

    static FormPage Page(string key, string? when, params FormField[] fields) => new() { Key = key, Title = new(key), When = when, Fields = [.. fields] };

    /// <summary>Moving a dog: branches, what repeats, a sum, a check, and a page that only some come to.</summary>
    static CompiledForm Dogs()
    {
        var born = Field("born", "date");
        (born.Least, born.Most) = ("2000-01-01", "today");
        var more = Field("dogs", "group", required: "true", fields: [Field("dogName", "text"), Field("chipped", "yesno"), Field("chip", "text", when: "chipped")]);
        (more.Most, more.Row) = ("3", "dogName");
        var end = Field("until", "date", required: "false");
        end.Check.Add(new() { That = "until >= born", Say = new("生まれた日より前です。") });
        var form = new FormDefinition
        {
            Pages =
            {
                Page("what", null, Choice("kind", null, "new", "moved", "died")),
                Page("dog", "kind != \"died\"", more, Calculated("fee", "count(dogs where chipped) * 300 + count(dogs where not chipped) * 3000")),
                Page("when", null, born, end, Field("reason", "text", when: "fee > 6000")),
                Page("death", "kind = \"died\"", Field("diedOn", "date")),
            },
        };
        var problems = new List<FormProblem>();
        return CompiledForm.Of(form, problems) ?? throw new InvalidOperationException(string.Join('\n', problems));
    }

    static JsonObject Given(string json) => JsonNode.Parse(json)!.AsObject();

    [Fact]
    public void What_may_be_answered_is_told_by_the_day_of_a_correction_and_what_it_means_by_the_day_on_which_it_came()
    {
        var done = Field("done", "date");
        (done.Least, done.Most) = ("addDays(today, -5)", "today");
        var problems = new List<FormProblem>();
        var form = CompiledForm.Of(new() { Pages = { Page("one", null, Calculated("year", "year(today)"), done) } }, problems) ?? throw new InvalidOperationException(string.Join('\n', problems));
        var (came, later) = (new DateOnly(2026, 12, 28), new DateOnly(2027, 1, 5));
        Assert.False(FormState.Of(form, Given("""{"done":"2027-01-04"}"""), came).Complete);
        var corrected = FormState.Of(form, Given("""{"done":"2027-01-04"}"""), came, came, answeredOn: later);
        Assert.True(corrected.Complete, string.Join(' ', corrected.Mistakes));
        Assert.Equal(2026, corrected.Answers["year"].Number);
        Assert.False(corrected.With(Given("""{"done":"2026-12-27"}""")).Complete);
    }

    [Fact]
    public void It_asks_what_the_answers_make_it_ask_and_reckons_what_can_be_reckoned()
    {
        var form = Dogs();
        var first = FormState.Of(form, [], Today);
        Assert.Equal(["what", "when"], first.Pages.Select(p => p.Key));    // of a kind that is not given nothing holds
        Assert.Equal("what", first.Unfinished!.Key);

        var given = Given("""{"kind":"new","dogs":[{"dogName":"ポチ","chipped":true},{"dogName":"ハチ","chipped":false},{"dogName":"シロ","chipped":false}],"born":"2024-04-01"}""");
        var state = FormState.Of(form, given, Today);
        Assert.Equal(["what", "dog", "when"], state.Pages.Select(p => p.Key));
        Assert.Equal("6300", state.Answers["fee"].ToString());
        Assert.True(state.IsAsked("dogs/0/chip") && !state.IsAsked("dogs/1/chip") && state.IsAsked("reason"));
        Assert.Equal(["dogs/0/chip", "reason"], state.Mistakes.Select(m => m.Path));

        // Somebody changes their mind: what was written stays in the draft and counts no more.
        given["dogs"]![0]!["chip"] = "392";
        given["reason"] = "たくさんいる";
        given["kind"] = "died";
        given["diedOn"] = "2026-11-01";
        var other = FormState.Of(form, given, Today);
        Assert.True(other.Complete, string.Join(' ', other.Mistakes));
        Assert.Equal("""{"kind":"died","born":"2024-04-01","diedOn":"2026-11-01"}""", other.Filed(given).ToJsonString());
        given["kind"] = "moved";
        Assert.Contains("ポチ", FormState.Of(form, given, Today).Filed(given)["dogs"]![0]!["dogName"]!.ToString());
    }

    [Fact]
    public void What_is_out_of_bounds_or_contradicts_itself_is_said_where_it_stands()
    {
        var form = Dogs();
        string[] Mistakes(string json) => [.. FormState.Of(form, Given(json), Today).Mistakes.Select(m => $"{m.Page} {m.Path} {m.Said?["ja"] ?? m.Message}")];
        Assert.Equal(["when born Please write a day up to {0}.", "death diedOn Please fill this in."], Mistakes("""{"kind":"died","born":"2027-01-01"}"""));
        Assert.Equal(["when until 生まれた日より前です。"], Mistakes("""{"kind":"died","born":"2026-01-02","until":"2026-01-01","diedOn":"2026-01-01"}"""));
        Assert.Contains("dog dogs Please keep at most {0}; there are {1}.", Mistakes("""{"kind":"new","born":"2026-01-02","dogs":[{"dogName":"一","chipped":false},{"dogName":"二","chipped":false},{"dogName":"三","chipped":false},{"dogName":"四","chipped":false}],"reason":"x"}"""));
        Assert.Contains("dog dogs Please add at least {0}.", Mistakes("""{"kind":"new","born":"2026-01-02","dogs":[]}"""));
        // Answers of another shape, as an older definition left them, or somebody made up.
        Assert.Contains("what kind Please choose from what is offered.", Mistakes("""{"kind":"cat","born":"2026-01-02"}"""));
        Assert.Contains("what kind Please choose one.", Mistakes("""{"kind":{"a":[]},"born":["2026"],"dogs":"x","until":7}"""));
    }

    [Fact]
    public void A_text_has_the_length_that_is_asked_for()
    {
        var chip = Field("chip", "text");
        (chip.Least, chip.Most) = ("3", "4");
        var form = CompiledForm.Of(new() { Pages = { Page("p", null, chip) } }, [])!;
        foreach (var (text, fits) in new[] { ("12", false), ("123", true), ("葛󠄀葛󠄀葛󠄀葛󠄀", true), ("12345", false) })
            Assert.Equal(fits, FormState.Of(form, new JsonObject { ["chip"] = text }, Today).Complete);
    }

    [Fact]
    public void A_form_that_cannot_be_is_refused_with_every_place_at_once()
    {
        var form = new FormDefinition
        {
            Pages =
            {
                Page("a", "later = \"x\"", Choice("kind"), Field("kind", "text"), Field("Wrong-key", "text"), Field("what", "hologram")),
                Page("a", null, Field("later", "text", when: "kind > 3"), Calculated("sum", "1 +"), new() { Key = "silent", Kind = "statement" }),
            },
        };
        var problems = new List<FormProblem>();
        Assert.Null(CompiledForm.Of(form, problems));
        Assert.Equal(["field kind", "page a", "page a, field Wrong-key", "page a, field kind", "page a, field later, when", "page a, field silent", "page a, field sum, value", "page a, field what", "page a, when"],
            problems.Select(p => p.Place).Distinct().Order(StringComparer.Ordinal));
    }

    /// <summary>Whatever is answered, in whatever order, the state is the same, and what is filed is what was asked: filed again it changes nothing.</summary>
    [Fact]
    public void No_sequence_of_answers_leads_to_a_state_that_the_form_forbids()
    {
        var random = new Random(20261126);
        var complete = 0;
        for (var round = 0; round < 400; round++)
        {
            var form = Made(random);
            var given = new JsonObject();
            var answers = new List<(string Key, JsonNode? Value)>();
            for (var step = 0; step < 60; step++)
            {
                var field = form.Fields.ElementAt(random.Next(form.Fields.Count()));
                if (field.Value is not null) continue;
                var value = Answer(field, random);
                given[field.Key] = value?.DeepClone();
                answers.RemoveAll(a => a.Key == field.Key);
                answers.Add((field.Key, value));
                var state = FormState.Of(form, given, Today);

                var filed = state.Filed(given);
                foreach (var one in form.Fields)
                {
                    var pageAsked = state.Pages.Any(p => p.Fields.Contains(one));
                    Assert.True(!state.IsAsked(one.Key) || pageAsked && one.When?.Holds(state.Answers) != false);
                    if (!state.IsAsked(one.Key)) Assert.True(!filed.ContainsKey(one.Key) && !state.Answers[one.Key].Given);
                }
                var again = FormState.Of(form, filed, Today);
                Assert.Equal(state.Pages, again.Pages);
                Assert.Equal(state.Mistakes.Select(m => (m.Page, m.Path, m.Message)), again.Mistakes.Select(m => (m.Page, m.Path, m.Message)));
                Assert.Equal(filed.ToJsonString(), again.Filed(filed).ToJsonString());
                if (state.Complete) complete++;
            }
            var mixed = new JsonObject();
            foreach (var (key, value) in answers.OrderBy(_ => random.Next())) mixed[key] = value?.DeepClone();
            Assert.Equal(FormState.Of(form, given, Today).Filed(given).ToJsonString(), FormState.Of(form, mixed, Today).Filed(mixed).ToJsonString());
        }
        Assert.True(complete > 100, $"{complete} states were complete.");
    }

    [Fact]
    public void A_form_of_a_hundred_fields_answers_in_a_moment_and_grows_in_a_straight_line()
    {
        TimeSpan Took(int pages)
        {
            var form = Large(pages);
            var given = new JsonObject();
            foreach (var field in form.Fields) given[field.Key] = 5;
            for (var i = 0; i < 50; i++) FormState.Of(form, given, Today);
            var times = new List<TimeSpan>();
            for (var i = 0; i < 41; i++)
            {
                var from = Stopwatch.GetTimestamp();
                FormState.Of(form, given, Today).Filed(given);
                times.Add(Stopwatch.GetElapsedTime(from));
            }
            return times.Min();
        }
        var (small, large) = (Took(10), Took(40));
        Assert.True(small < TimeSpan.FromMilliseconds(20), $"100 fields with 100 rules took {small.TotalMilliseconds} ms.");
        Assert.True(large < 10 * small, $"400 fields took {large / small} times as long as 100.");
    }

    static CompiledForm Large(int pages)
    {
        var form = new FormDefinition();
        for (var p = 0; p < pages; p++)
        {
            var fields = new List<FormField>();
            for (var f = 0; f < 10; f++)
            {
                var field = Field($"f{p}x{f}", "number", when: p == 0 ? null : $"f{p - 1}x{f} > 3 and (f{p - 1}x0 < 100 or not (f{p - 1}x1 = 7))");
                field.Check.Add(new() { That = $"f{p}x{f} + f{p}x0 < 1000", Say = new("大きすぎます。") });
                fields.Add(field);
            }
            form.Pages.Add(Page($"p{p}", null, [.. fields]));
        }
        return CompiledForm.Of(form, [])!;
    }

    /// <summary>Any form: pages and fields that depend on what stands before them.</summary>
    static CompiledForm Made(Random random)
    {
        var (form, before) = (new FormDefinition(), new List<(string Key, string Kind)>());
        for (var p = 0; p < 4; p++)
        {
            var page = Page($"p{p}", before.Count > 0 && random.Next(3) == 0 ? Condition() : null);
            for (var f = 0; f < 4; f++)
            {
                var (key, kind) = ($"f{p}x{f}", new[] { "choice", "number", "yesno", "text", "calculated" }[random.Next(5)]);
                if (kind == "calculated" && before.Count == 0) kind = "number";
                var field = kind == "choice" ? Choice(key, null, "a", "b", "c") : kind == "calculated" ? Calculated(key, $"if({Condition()}, 1, 2)") : Field(key, kind);
                field.Required = random.Next(3) == 0 ? "true" : before.Count > 0 && random.Next(3) == 0 ? Condition() : "false";
                if (before.Count > 0 && random.Next(2) == 0) field.When = Condition();
                page.Fields.Add(field);
                before.Add((key, kind));
            }
            form.Pages.Add(page);
        }
        var problems = new List<FormProblem>();
        return CompiledForm.Of(form, problems) ?? throw new InvalidOperationException(string.Join('\n', problems));

        string Condition()
        {
            var (key, kind) = before[random.Next(before.Count)];
            var simple = kind switch { "choice" => $"{key} {(random.Next(2) == 0 ? "=" : "!=")} \"a\"", "number" or "calculated" => $"{key} < {random.Next(1, 4)}", "yesno" => key, _ => $"given({key})" };
            return random.Next(3) == 0 ? $"not ({simple})" : simple;
        }
    }

    static JsonNode? Answer(CompiledField field, Random random) => random.Next(8) switch
    {
        0 => null,
        1 => JsonValue.Create("nonsense"),
        _ => field.Field.Kind switch { "choice" => JsonValue.Create("abc"[random.Next(3)].ToString()), "number" => JsonValue.Create(random.Next(5)), "yesno" => JsonValue.Create(random.Next(2) == 0), _ => JsonValue.Create("言葉") },
    };
}
