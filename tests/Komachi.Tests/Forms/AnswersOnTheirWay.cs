using System.Text.Json.Nodes;
using Komachi.Platform.Forms;
using Komachi.Platform.Web;
using Komachi.Ui.Words;

namespace Komachi.Tests.Forms;

/// <summary>From a page to the draft and back: what was kept is shown as it was typed, and sent again it is the same.</summary>
public sealed class AnswersOnTheirWay
{
    static CompiledField Field(string kind, Action<FormField>? more = null)
    {
        var field = new FormField { Key = "asked", Kind = kind, Label = new("問い"), Text = new("誓います"), Required = "true" };
        more?.Invoke(field);
        var problems = new List<FormProblem>();
        var form = CompiledForm.Of(new() { Pages = { new() { Key = "p", Title = new("頁"), Fields = { field } } } }, problems);
        Assert.True(form is not null, string.Join('\n', problems));
        return form.Fields.Single();
    }

    static void Options(FormField field) => field.Options.AddRange([new() { Value = "a", Text = new("あ") }, new() { Value = "b", Text = new("い") }]);

    public static TheoryData<string, (string, string?)[], string> Sent => new()
    {
        { "text", [("asked", " 葛󠄀城 ")], "\"葛󠄀城\"" },
        { "number", [("asked", "１，２３４")], "1234" },
        { "decimal", [("asked", "12.5")], "12.5" },
        { "yen", [("asked", "1万2千円")], "12000" },
        { "date", [("asked-era", "R"), ("asked-year", "6"), ("asked-month", "4"), ("asked-day", "1")], "\"2024-04-01\"" },
        { "month", [("asked", "2026-04")], "\"2026-04\"" },
        { "yesno", [("asked", "no")], "false" },
        { "declaration", [("asked", "true")], "true" },
        { "choice", [("asked", "b")], "\"b\"" },
        { "choices", [("asked", "a"), ("asked", "b")], """["a","b"]""" },
        { "name", [("asked-family", "見本"), ("asked-given", "花子"), ("asked-family-kana", "みほん"), ("asked-given-kana", "ハナコ")], """{"family":"見本","given":"花子","familyKana":"ミホン","givenKana":"ハナコ"}""" },
        { "address", [("asked-postcode", "485-0041"), ("asked-prefecture", "愛知県"), ("asked-city", "小牧市"), ("asked-town", "小牧"), ("asked-number", "1番地")], """{"postcode":"4850041","prefecture":"愛知県","city":"小牧市","town":"小牧","number":"1番地"}""" },
        { "telephone", [("asked", "０９０－０００１－２３４５")], "\"09000012345\"" },
        { "email", [("asked", "hanako＠example．jp")], "\"hanako@example.jp\"" },
        { "kana", [("asked", "みほん")], "\"ミホン\"" },
        { "time", [("asked", "午後６時半")], "\"18:30\"" },
        { "select", [("asked", "b")], "\"b\"" },
        { "area", [("asked", "一行目\n二行目")], "\"一行目\\n二行目\"" },
        { "consent", [("asked", "true")], "true" },
        { "point", [("asked-latitude", "３５．２９１０１２３４"), ("asked-longitude", "136.9")], """{"latitude":35.291012,"longitude":136.9}""" },
        { "account", [("asked-bank", "見本銀行"), ("asked-bank-code", "００００"), ("asked-branch", "本店"), ("asked-branch-code", "001"), ("asked-kind", "ordinary"), ("asked-number", "12345"), ("asked-holder", "みほん　はなこ")],
            """{"bank":"見本銀行","bankCode":"0000","branch":"本店","branchCode":"001","kind":"ordinary","number":"0012345","holder":"ミホン ハナコ"}""" },
        { "amounts", [("asked-pc-price", "100,000"), ("asked-soft-price", "5千")], """{"pc":{"price":100000},"soft":{"price":5000}}""" },
    };

    [Theory]
    [MemberData(nameof(Sent))]
    public void Every_kind_is_read_kept_and_shown_again(string kind, (string, string?)[] sent, string kept)
    {
        var field = Field(kind, f =>
        {
            Options(f);
            f.Rows.AddRange([new() { Value = "pc", Text = new("機器") }, new() { Value = "soft", Text = new("ソフト") }]);
            f.Columns.Add(new() { Key = "price", Text = new("金額") });
        });
        var nothing = new Answers(new(2026, 11, 26));
        var form = Form.With(sent);
        var answer = Answering.Read(field, form, "asked", nothing);
        Assert.Empty(form.Mistakes);
        Assert.Equal(JsonNode.Parse(kept)!.ToJsonString(), answer!.ToJsonString());
        // As it comes out of the database, shown and sent again.
        var again = Form.With([.. Answering.Typed(field, JsonNode.Parse(answer.ToJsonString()), "asked").Select(t => (t.Name, kind is "declaration" or "consent" ? "true" : t.Value))]);
        Assert.Equal(answer.ToJsonString(), Answering.Read(field, again, "asked", nothing)!.ToJsonString());

        var empty = Form.With();
        Assert.Null(Answering.Read(field, empty, "asked", nothing));
        Assert.True(kind == "amounts" || empty.Wrong, "What is required and not there is said.");
    }

    [Theory]
    [InlineData("corporateNumber", "7-0000-1205-0002", "7000012050002")]
    [InlineData("corporateNumber", "８０００012050002", null)]    // its check digit is 7
    [InlineData("chip", "392 1400 0000 0001", "392140000000001")]
    [InlineData("chip", "39214000000000", null)]
    [InlineData("postcode", "〒４８５－００４１", "4850041")]
    [InlineData("alphanumeric", "ＡＢ12", "AB12")]
    [InlineData("alphanumeric", "あ12", null)]
    [InlineData("digits", "１２３", "123")]
    [InlineData("digits", "12x", null)]
    public void A_text_of_a_pattern_is_folded_and_what_does_not_fit_is_said_in_a_sentence(string pattern, string typed, string? kept)
    {
        var field = Field("text", f => f.Pattern = pattern);
        var form = Form.With(("asked", typed));
        Assert.Equal(kept, Answering.Read(field, form, "asked", new(new(2026, 11, 26)))?.ToString());
        Assert.Equal(kept is null, form.Wrong);
        if (kept is null) Assert.Equal(TextPattern.All[pattern].Asks, form.Mistakes.Single().Message);
    }

    [Theory]
    [InlineData("9:30", "09:30")]
    [InlineData("９時", "09:00")]
    [InlineData("午前12時5分", "00:05")]
    [InlineData("23:59", "23:59")]
    [InlineData("24:00", null)]
    [InlineData("9:60", null)]
    [InlineData("朝", null)]
    public void A_time_is_read_as_people_write_it(string typed, string? kept) => Assert.Equal(kept, Answering.Read(Field("time"), Form.With(("asked", typed)), "asked", new(new(2026, 11, 26)))?.ToString());

    [Theory]
    [InlineData("2026/4")]
    [InlineData("2026年4月")]
    [InlineData("令和8年4月")]
    public void A_month_is_read_as_people_write_it(string typed) => Assert.Equal("2026-04", Answering.Read(Field("month"), Form.With(("asked", typed)), "asked", new(new(2026, 11, 26)))?.ToString());

    [Fact]
    public void Somebody_without_a_reading_is_not_asked_for_it_again()
    {
        var field = Field("name");
        var form = Form.With(("asked-family", "朴"), ("asked-no-kana", "true"));
        var answer = Answering.Read(field, form, "asked", new(new(2026, 11, 26)))!;
        var again = Form.With([.. Answering.Typed(field, answer, "asked")]);
        Assert.Equal(answer.ToJsonString(), Answering.Read(field, again, "asked", new(new(2026, 11, 26)))!.ToJsonString());
        Assert.False(again.Wrong);
    }

    [Fact]
    public void Words_of_ones_own_stand_beside_what_was_chosen()
    {
        var field = Field("choices", f => { Options(f); f.Other = true; });
        var answer = Answering.Read(field, Form.With(("asked", "a"), ("asked", "_other"), ("asked-other", "小鳥")), "asked", new(new(2026, 11, 26)));
        Assert.Equal(["a", "other:小鳥"], answer!.AsArray().Select(v => v!.ToString()));
        Assert.Equal([("asked", "a"), ("asked", "_other"), ("asked-other", "小鳥")], Answering.Typed(field, answer, "asked"));
    }
}
