using System.Text.Json.Nodes;
using Komachi.Platform.Forms;
using Komachi.Platform.Web;
using Komachi.Ui.Words;

namespace Komachi.Tests.Forms;

/// <summary>Somebody fills in the pages of a form: what is new, what is wrong, what repeats, and what is never lost.</summary>
public sealed class FillingInPages
{
    static readonly DateOnly Today = new(2026, 11, 26);

    static readonly FormDefinition Waste = FormYaml.Read("""
        pages:
          - key: items
            title: { ja: 品目 }
            fields:
              - { key: sort, kind: choice, required: true, label: { ja: 種類 }, options: [ { value: furniture, text: { ja: 家具 } }, { value: other, text: { ja: ほか } } ] }
              - { key: what, kind: text, required: true, when: 'sort = "other"', label: { ja: 何 } }
              - { key: heavy, kind: yesno, label: { ja: 重いですか }, when: 'length(what) > 2' }
              - key: items
                kind: group
                label: { ja: 出すもの }
                least: 1
                most: 3
                row: item
                fields:
                  - { key: item, kind: select, required: true, label: { ja: 品目 }, options: [ { value: chair, text: { ja: いす }, yen: 300 }, { value: sofa, text: { ja: "ソファ {sofaFee}円" }, yen: 1200 }, { value: piano, text: { ja: ピアノ }, yen: 5000, when: 'sort = "furniture"' } ] }
                  - { key: howMany, kind: number, required: true, least: 1, most: 10, label: { ja: 点数 } }
                  - { key: itemFee, kind: calculated, label: { ja: 料金 }, value: "valueOf(item) * howMany", unit: { ja: 円 } }
          - key: day
            title: { ja: 日 }
            fields:
              - { key: day, kind: select, required: true, from: collectionDays, label: { ja: 収集日 } }
              - { key: extras, kind: choices, label: { ja: 追加 }, options: [ { value: carry, text: { ja: 運び出し }, yen: 500 }, { value: call, text: { ja: 電話 }, yen: 100 } ] }
              - { key: total, kind: calculated, label: { ja: 合計 }, value: "sum(items.itemFee) + most(0, valueOf(extras))", check: [ { that: "total <= limit", say: { ja: "合計が{limit}円を超えています。" } } ] }
        """, [])!;

    static CompiledForm Compiled()
    {
        var problems = new List<FormProblem>();
        var form = CompiledForm.Of(Waste, problems, new Dictionary<string, Value> { ["limit"] = Value.Of(10_000m), ["sofaFee"] = Value.Of(1200m) });
        return form ?? throw new InvalidOperationException(string.Join('\n', problems));
    }

    static readonly Dictionary<string, IReadOnlyList<FormOption>> Lists = new() { ["collectionDays"] = [new() { Value = "2026-12-10", Text = new("12月10日") }] };

    static FormState StateOf(CompiledForm form, JsonObject given) => FormState.Of(form, given, Today, lists: Lists);

    static (JsonObject Answers, Form Form) Send(CompiledForm form, string page, JsonObject given, params (string, string?)[] sent)
    {
        var typed = Form.With(sent);
        return (FormPages.Read(form.Page(page)!, typed, given, StateOf(form, given)), typed);
    }

    static JsonObject Given(string json) => JsonNode.Parse(json)!.AsObject();

    [Fact]
    public void A_question_that_an_answer_brings_is_asked_before_anybody_is_told_that_it_is_missing()
    {
        var form = Compiled();
        var (answers, typed) = Send(form, "items", Given("""{"items":[{"item":"chair","howMany":1}]}"""), ("_asked", "sort"), ("_asked", "items"), ("sort", "other"));
        Assert.True(typed.Wrong && typed.Mistakes.Count == 0);
        Assert.Equal(["what"], typed.NewlyAsked);
        Assert.Equal("other", answers["sort"]!.ToString());

        // Now it stood on the page; and being left out is said.
        (_, typed) = Send(form, "items", answers, ("_asked", "sort"), ("_asked", "what"), ("_asked", "items"), ("sort", "other"));
        Assert.Equal("what", typed.Mistakes.Single().Field);
        (answers, typed) = Send(form, "items", answers, ("_asked", "sort"), ("_asked", "what"), ("_asked", "items"), ("sort", "other"), ("what", "金庫室"));
        Assert.Equal(["heavy"], typed.NewlyAsked);    // one of the other questions asks for a third
        (answers, typed) = Send(form, "items", answers, ("_asked", "sort"), ("_asked", "what"), ("_asked", "heavy"), ("_asked", "items"), ("sort", "other"), ("what", "金庫室"));
        Assert.False(typed.Wrong);
        Assert.Equal("金庫室", answers["what"]!.ToString());

        // They change their mind, and change it back: what they wrote before stands there again.
        (answers, _) = Send(form, "items", answers, ("_asked", "sort"), ("_asked", "items"), ("sort", "furniture"));
        Assert.False(StateOf(form, answers).IsAsked("what"));
        (answers, typed) = Send(form, "items", answers, ("_asked", "sort"), ("_asked", "items"), ("sort", "other"));
        Assert.Equal("金庫室", typed.Typed("what"));
        Assert.Equal("金庫室", answers["what"]!.ToString());
    }

    [Fact]
    public void Rows_are_added_filled_in_and_taken_away_and_nothing_else_is_lost()
    {
        var form = Compiled();
        var (page, group) = (form.Page("items")!, form.Find("items")!);
        // The button is pressed with half of the page filled in: nobody is told of the rest.
        var (answers, typed) = Send(form, "items", [], ("_asked", "sort"), ("_asked", "items"), ("_add", "items"));
        Assert.False(typed.Wrong);
        Assert.Equal(new(PagePress.Add, group, -1), FormPages.PressedOn(page, typed));
        (answers, var row) = FormPages.AddRow(group, answers);
        Assert.Equal(0, row);

        var wrong = Form.With(("_asked", "item"), ("_asked", "howMany"), ("item", "piano"), ("howMany", "99"));
        answers = FormPages.ReadRow(page, group, row, wrong, answers, StateOf(form, answers));
        Assert.Equal(["item", "howMany"], wrong.Mistakes.Select(m => m.Field));    // no piano where it is not furniture
        var right = Form.With(("_asked", "item"), ("_asked", "howMany"), ("item", "sofa"), ("howMany", "２"));
        answers = FormPages.ReadRow(page, group, row, right, answers, StateOf(form, answers));
        Assert.False(right.Wrong);
        answers = FormPages.ReadRow(page, group, 1, Form.With(("item", "chair"), ("howMany", "1")), answers, StateOf(form, answers));
        answers["sort"] = "furniture";
        var state = StateOf(form, answers);
        Assert.Equal(("2400", "300"), (state.At("items/0/itemFee").ToString(), state.At("items/1/itemFee").ToString()));
        Assert.Equal("2700", state.Answers["total"].ToString());

        var kept = Form.With([.. FormPages.FormOf(group.Rows, answers["items"]![0]!.AsObject()) is var shown ? new (string, string?)[] { ("item", shown.Typed("item")), ("howMany", shown.Typed("howMany")) } : []]);
        Assert.True(JsonNode.DeepEquals(answers, FormPages.ReadRow(page, group, 0, kept, answers, state)));
        answers = FormPages.RemoveRow(group, 0, answers);
        Assert.Equal("chair", answers["items"]!.AsArray().Single()!["item"]!.ToString());
        Assert.Equal("""{"sort":"furniture","items":[{"item":"chair","howMany":1,"itemFee":300}],"total":300}""", StateOf(form, answers).Filed(answers).ToJsonString());
        // A number that is no row, and buttons of what is not there, do nothing.
        Assert.True(JsonNode.DeepEquals(answers, FormPages.RemoveRow(group, 7, answers)));
        Assert.Null(FormPages.PressedOn(page, Form.With(("_remove", "nothing/0"))));
    }

    [Fact]
    public void What_is_offered_now_is_taken_and_nothing_else_and_a_check_says_its_sum()
    {
        var form = Compiled();
        var given = Given("""{"sort":"furniture","items":[{"item":"piano","howMany":1}]}""");
        var (answers, typed) = Send(form, "day", given, ("day", "2026-12-11"));
        Assert.Equal("day", typed.Mistakes.Single().Field);
        (answers, typed) = Send(form, "day", given, ("day", "2026-12-10"), ("extras", "carry"), ("extras", "call"));
        Assert.False(typed.Wrong);
        Assert.Equal("5600", StateOf(form, answers).Answers["total"].ToString());
        Assert.True(StateOf(form, answers).Complete);

        // The piano is offered no more: what was chosen does not count as it stands.
        answers["sort"] = "other";
        answers["what"] = "本";
        Assert.Contains(StateOf(form, answers).Mistakes, m => m.Path == "items/0/item");
        (_, typed) = Send(form, "items", answers, ("sort", "other"), ("what", "本"));
        Assert.Equal(("items", "Please look at no. {0} once more: something is missing or does not fit."), (typed.Mistakes.Single().Field, typed.Mistakes.Single().Message));

        given["items"]![0]!["howMany"] = 3;
        (_, typed) = Send(form, "day", given, ("day", "2026-12-10"));
        Assert.Equal("合計が10,000円を超えています。", ((Said)typed.Mistakes.Single().Values[0])["ja"]);
    }

    [Fact]
    public void The_towns_own_constants_stand_in_texts_and_what_nobody_knows_is_refused()
    {
        var form = Compiled();
        Assert.Equal("ソファ 1,200円", StateOf(form, []).Say(form.Find("item")!.Field.Options[1].Text)["ja"]);
        var problems = new List<FormProblem>();
        Assert.Null(CompiledForm.Of(Waste, problems));
        Assert.Equal(["page day, field total", "page day, field total, check 1", "page items, field items, field item"], problems.Select(p => p.Place).Distinct().Order(StringComparer.Ordinal));
        problems.Clear();
        Assert.Null(CompiledForm.Of(Waste, problems, new Dictionary<string, Value> { ["limit"] = Value.Of(1m), ["sofaFee"] = Value.Of(1m), ["total"] = Value.Of(1m) }));
        Assert.Equal("field total", problems.Single().Place);
        Assert.Equal([Sort.Number, Sort.Day, Sort.Truth, Sort.Text], new[] { "300", "2026-04-01", "true", "毎月" }.Select(t => Value.Written(t).Sort));
    }

    [Fact]
    public void A_later_form_reads_the_first_one_and_what_was_decided()
    {
        var first = Compiled();
        var names = first.Names.Within();
        (names.Fields["decidedOn"], names.Fields["grantedAmount"]) = (Sort.Day, Sort.Number);
        var claim = FormYaml.Read("""
            pages:
              - key: claim
                title: { ja: 請求 }
                fields:
                  - { key: claimed, kind: yen, required: true, most: grantedAmount, label: { ja: 請求額 }, help: { ja: "{decidedOn}の決定" } }
                  - { key: why, kind: text, required: true, when: 'sort = "furniture" and claimed < sum(items.itemFee)', label: { ja: 理由 } }
            """, [])!;
        var problems = new List<FormProblem>();
        var form = CompiledForm.Of(claim, problems, outer: names);
        Assert.True(form is not null, string.Join('\n', problems));
        var outer = StateOf(first, Given("""{"sort":"furniture","items":[{"item":"sofa","howMany":2}]}""")).Answers;
        (outer["decidedOn"], outer["grantedAmount"]) = (Value.Of(new DateOnly(2026, 11, 20)), Value.Of(2000m));
        FormState Claim(int yen) => FormState.Of(form, new JsonObject { ["claimed"] = yen }, Today, outer: outer);
        Assert.Equal("claimed", Claim(2400).Mistakes.Single().Path);    // more than was granted
        Assert.True(Claim(1000).IsAsked("why") && !Claim(2400).IsAsked("why"));
        Assert.Equal("2026年11月20日（金）の決定", Claim(1).Say(form.Find("claimed")!.Field.Help)["ja"].Replace("(令和8年)", ""));
    }

    [Fact]
    public void What_is_to_be_corrected_is_asked_with_what_it_brings_and_nothing_else_is_touched()
    {
        var form = Compiled();
        var given = Given("""{"sort":"furniture","items":[{"item":"chair","howMany":1}],"day":"2026-12-10"}""");
        var (page, only) = (form.Page("items")!, new HashSet<string> { "sort" });
        var typed = Form.With(("_asked", "sort"), ("sort", "other"));
        var answers = FormPages.Read(page, typed, given, StateOf(form, given), only: only);
        Assert.Equal(["what"], typed.NewlyAsked);
        typed = Form.With(("_asked", "sort"), ("_asked", "what"), ("sort", "other"), ("what", "本"), ("items", "でたらめ"));
        answers = FormPages.Read(page, typed, given, StateOf(form, given), only: only);
        Assert.False(typed.Wrong);
        Assert.True(JsonNode.DeepEquals(given["items"], answers["items"]));
        Assert.True(StateOf(form, answers).Complete);
    }

    [Fact]
    public void A_few_questions_need_no_form_around_them()
    {
        var form = CompiledForm.OfFields([new() { Key = "payOn", Kind = "date", Label = new("振り込む日"), Least = "decidedOn" }], [], outer: new() { Fields = { ["decidedOn"] = Sort.Day } });
        Assert.Equal("payOn", form!.Page("fields")!.Fields.Single().Key);
    }

    [Fact]
    public void The_saved_family_is_taken_over_once()
    {
        var household = FormYaml.Read("""
            pages:
              - key: home
                title: { ja: 家族 }
                fields:
                  - key: members
                    kind: people
                    label: { ja: 家族 }
                    row: memberName
                    fields:
                      - { key: memberName, kind: name, required: true, prefill: family.name, label: { ja: 氏名 } }
                      - { key: memberBorn, kind: date, required: true, prefill: family.birthday, label: { ja: 生年月日 } }
            """, [])!;
        var form = CompiledForm.Of(household, [])!;
        var group = form.Find("members")!;
        FamilyMember[] family = [new("1", "見本 太郎", Given("""{"name":{"family":"見本","given":"太郎"},"birthday":"2020-05-05"}""")), new("2", "見本 次郎", Given("""{"name":{"family":"見本","given":"次郎"}}"""))];
        var ticked = Form.With(("_family-members", "1"), ("_family", "members"));
        var answers = FormPages.AddFamily(group, ticked, family, []);
        answers = FormPages.AddFamily(group, ticked, family, answers);    // pressed twice
        var row = answers["members"]!.AsArray().Single()!;
        Assert.Equal(("太郎", "2020-05-05"), (row["memberName"]!["given"]!.ToString(), row["memberBorn"]!.ToString()));
        Assert.True(FormState.Of(form, answers, Today).Complete);
    }

    [Theory]
    [InlineData("kind = \"a\"", "kind:a")]
    [InlineData("kind != \"a\"", "not kind:a")]
    [InlineData("kind in (\"a\", \"b\")", "kind:a|b")]
    [InlineData("moved", "moved:yes")]
    [InlineData("moved = true", "moved:yes")]
    [InlineData("not moved", "moved:no")]
    [InlineData("moved = false", "moved:no")]
    [InlineData("\"dog\" in pets", "pets:dog")]
    [InlineData("agreed", "agreed:true")]
    [InlineData("not agreed", null)]
    [InlineData("kind = \"a\" and moved", null)]
    [InlineData("length(kind) > 1", null)]
    public void A_script_looks_at_plain_conditions_alone(string when, string? plain)
    {
        CompiledField Field(string key, string kind) => new(new() { Key = key, Kind = kind }, CompiledForm.Kinds[kind]);
        CompiledField[] above = [Field("kind", "choice"), Field("moved", "yesno"), Field("pets", "choices"), Field("agreed", "consent")];
        var names = new FieldNames();
        foreach (var field in above) names.Fields[field.Key] = field.Sort;
        var condition = PlainCondition.Of(Expression.Condition(when, names), above);
        Assert.Equal(plain, condition is null ? null : $"{(condition.Not ? "not " : "")}{condition.Field}:{string.Join('|', condition.Values)}");
    }
}
