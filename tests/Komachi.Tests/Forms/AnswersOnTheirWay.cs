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
        var again = Form.With([.. Answering.Typed(field, JsonNode.Parse(answer.ToJsonString()), "asked").Select(t => (t.Name, kind == "declaration" ? "true" : t.Value))]);
        Assert.Equal(answer.ToJsonString(), Answering.Read(field, again, "asked", nothing)!.ToJsonString());

        var empty = Form.With();
        Assert.Null(Answering.Read(field, empty, "asked", nothing));
        Assert.True(kind == "amounts" || empty.Wrong, "What is required and not there is said.");
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
