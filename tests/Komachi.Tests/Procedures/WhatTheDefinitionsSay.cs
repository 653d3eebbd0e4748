using System.Globalization;
using System.Text.Json.Nodes;
using Komachi.Platform.Days;
using Komachi.Platform.Forms;
using Komachi.Procedures;
using Komachi.Tests.Harness;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;
using static Komachi.Tests.Harness.FiledCases;

namespace Komachi.Tests.Procedures;

/// <summary>What the ten procedures promise residents, and what their letters certify, holds.</summary>
public sealed class WhatTheDefinitionsSay(TestProgram program)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Keys => ShippedProcedures.Keys;

    static (Procedure Procedure, JsonArray Samples) Read(string key)
    {
        var document = File.ReadAllText(Path.Combine(TestProgram.TownsFolder, "common", "procedures", key + ".yaml"));
        return (Procedure.Of(document), ShippedProcedures.SamplesOf(document));
    }

    /// <summary>A sample on its day, changed.</summary>
    static FormState Filled(Procedure procedure, JsonNode sample, Action<JsonObject>? but = null, Func<DateOnly, bool>? works = null, DateOnly? on = null)
    {
        var answers = (JsonObject)sample["answers"]!.DeepClone();
        but?.Invoke(answers);
        var filedOn = on ?? DateOnly.Parse(sample["filedOn"]!.ToString(), CultureInfo.InvariantCulture);
        return FormState.Of(procedure.First.Form, answers, filedOn, filedOn, works: works);
    }

    static string[] Papers(Stage stage, Answers answers) => [.. stage.Results.Where(r => r.Paper.When == Procedure.Granted && r.If?.Holds(answers) != false).Select(r => r.Paper.Key)];

    static IEnumerable<string> Mistaken(FormState state) => state.Mistakes.Select(m => m.Path);

    static CompiledForm FieldsOf(Stage stage, string step) => stage.StepOf(step)!.Fields!;

    [Theory]
    [InlineData("home", "homeCertificate")]
    [InlineData("things", "thingsCertificate")]
    [InlineData("both", "homeCertificate,thingsCertificate")]
    public void Nobody_gets_a_certificate_of_damage_that_was_not_asked_for(string asked, string papers)
    {
        var (procedure, samples) = Read("disaster-certificate");
        Assert.Equal(papers.Split(','), Papers(procedure.First, Filled(procedure, samples[1]!, a => a["whichPaper"] = asked).Answers));
    }

    [Fact]
    public void How_a_decision_comes_electronically_is_asked_once_and_for_all_procedures()
    {
        var (procedure, _) = Read("disaster-certificate");
        Assert.Equal(["post", "postNow", "counter"], procedure.First.Form.Find("getBy")!.Field.Options.Select(o => o.Value));
    }

    [Fact]
    public void A_certificate_of_residence_is_asked_for_on_paper_until_the_card_can_be_read()
    {
        var (procedure, samples) = Read("resident-certificate-by-post");
        Assert.Equal("code", procedure.Definition.Assurance);
        Assert.All(samples, s => Assert.True(Filled(procedure, s!).IsAsked("identity")));
        Assert.DoesNotContain(procedure.First.Form.Fields, f => f.Field.Options.Any(o => o.Value == "card"));
        // A body's address is chosen by who asks for a body.
        Assert.Equal(["replyTo"], Mistaken(Filled(procedure, samples[0]!, a => a["replyTo"] = "office")));
        Assert.Equal(["replyTo"], Mistaken(Filled(procedure, samples[2]!, a => a["replyTo"] = "office")));
        Assert.Empty(Mistaken(Filled(procedure, samples[2]!, a =>
        {
            (a["replyTo"], a["asOrganisation"], a["organisation"]) = ("office", true, "見本商事株式会社 代表取締役 見本一郎");
            a["organisationAddress"] = a["askerAddress"]!.DeepClone();
        })));
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void What_is_declared_has_to_be_declared(string key)
    {
        foreach (var field in Read(key).Procedure.Stages.SelectMany(s => s.Form.Fields.Concat(s.Signers.SelectMany(g => g.Fields?.Fields ?? []))).SelectMany(f => f.Rows.Prepend(f)).Where(f => f.Field.Kind is "declaration" or "consent"))
            Assert.True(field.Field.Required != "false", $"{key}: nobody has to make the declaration {field.Key}.");
    }

    [Fact]
    public void A_change_that_was_approved_binds_what_comes_after_it()
    {
        var (procedure, samples) = Read("digital-subsidy");
        var (report, sample) = (procedure.StageOf("report"), samples[0]!);
        Case Granted(Stage stage, JsonObject answers, DateOnly on, JsonObject decided)
        {
            var of = Case.Arrive(Guid.Empty, procedure, stage, new("0000000000", answers, "見本", Way.Online, Guid.Empty, on), JapanTime.At(on, new(10, 0)));
            of.Accept(null, of.ArrivedAt);
            of.Fill(stage.Flow.Single(s => s.Fields is { } form && decided.All(d => form.Find(d.Key) is not null)), decided);
            of.Decide(true, "", Guid.Empty, of.ArrivedAt);
            return of;
        }
        var today = new DateOnly(2026, 10, 20);
        var first = Granted(procedure.First, (JsonObject)sample["answers"]!.DeepClone(), new(2026, 6, 1), new() { ["grantedAmount"] = 200_000 });
        var change = Granted(procedure.StageOf("change"), new() { ["changeKind"] = "term", ["changeText"] = "納期が延びました。", ["newEndOn"] = "2026-12-20" }, new(2026, 9, 1), new() { ["changedAmount"] = 120_000 });
        foreach (var (matter, most, due) in new[] { ((Case[])[first], 200_000m, new DateOnly(2026, 10, 30)), ([first, change], 120_000m, new(2027, 1, 19)) })
        {
            var around = Flow.Around(procedure, report, matter, today)!;
            Assert.Equal(due, report.Due!.Of(around).Day);
            var answers = (JsonObject)sample["stages"]!["report"]!.DeepClone();
            answers.Row("payments", 0)["orderedOn"] = "2026-06-02";
            var filed = Case.Arrive(Guid.Empty, procedure, report, new("0000000000", answers, "見本", Way.Online, Guid.Empty, today), JapanTime.At(today, new(10, 0)));
            var read = Flow.AnswersOf(procedure, filed, matter, today);
            Assert.Equal(most, read["finalAmount"].Number);
            // Ordered after the grant: the approval of a change moves that day for nobody.
            Assert.DoesNotContain(report.Checks, c => c.Check.Key == "orderedEarly" && c.That!.Fails(read));
            Assert.Empty(Mistaken(FormState.Of(FieldsOf(report, "fix"), new() { ["fixedAmount"] = most }, today, outer: read)));
            Assert.Equal(["fixedAmount"], Mistaken(FormState.Of(FieldsOf(report, "fix"), new() { ["fixedAmount"] = most + 1 }, today, outer: read)));
        }
        // A change makes it no larger.
        Assert.Equal(["changedAmount"], Mistaken(FormState.Of(FieldsOf(procedure.StageOf("change"), "changeDecide"), new() { ["changedAmount"] = 200_001 }, today, outer: Flow.Around(procedure, report, [first], today))));
    }

    [Fact]
    public void A_subsidy_without_costs_is_not_filed()
    {
        var (procedure, samples) = Read("digital-subsidy");
        Assert.Equal(["costs"], Mistaken(Filled(procedure, samples[0]!, a => a.Remove("costs"))));
        Assert.Contains("actual", Mistaken(FormState.Of(procedure.StageOf("report").Form, [], new(2026, 10, 1))));
    }

    [Theory]
    [InlineData("care-certification", "level", "c1", "levelFrom,levelUntil")]
    [InlineData("childcare-place", "recognised", "two", "careTimeGiven,validUntil")]
    public void What_a_sealed_result_says_is_filled_in_before(string key, string field, string chosen, string missing)
    {
        var stage = Read(key).Procedure.First;
        Assert.Equal(missing.Split(','), Mistaken(FormState.Of(FieldsOf(stage, "decide"), new() { [field] = chosen }, new(2026, 11, 20))));
        // What is not recognised is refused: no grant says it.
        Assert.DoesNotContain(FieldsOf(stage, "decide").Find(field)!.Field.Options, o => o.Value is "none" or "notGiven");
    }

    [Fact]
    public void Whether_there_is_a_place_is_told_by_one_letter_or_the_other()
    {
        var (procedure, samples) = Read("childcare-place");
        var answers = Filled(procedure, samples[0]!).Answers;
        Assert.Equal(["recognition", "waiting"], Papers(procedure.First, answers));
        answers["givenNursery"] = Value.Of("first");
        Assert.Equal(["recognition", "place"], Papers(procedure.First, answers));
        Assert.Contains("monthlyFee", Mistaken(FormState.Of(FieldsOf(procedure.First, "decide"), new() { ["givenNursery"] = "first" }, new(2026, 11, 20))));
    }

    [Theory]
    [InlineData("2026-11-05", "2026-11-23", false)]    // 勤労感謝の日
    [InlineData("2026-11-20", "2026-11-25", false)]    // the second working day: the holiday does not count
    [InlineData("2026-11-20", "2026-11-26", true)]
    [InlineData("2026-12-14", "2026-12-28", true)]
    [InlineData("2026-12-14", "2026-12-29", false)]
    [InlineData("2026-12-14", "2027-01-04", true)]
    public void Water_is_opened_and_closed_on_days_on_which_the_office_works(string filedOn, string day, bool so)
    {
        static bool Works(DateOnly on) => on.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday) && NationalHolidays.On(on) is null && on is not ({ Month: 12, Day: >= 29 } or { Month: 1, Day: <= 3 });
        var (procedure, samples) = Read("water-start-stop");
        var today = DateOnly.Parse(filedOn, CultureInfo.InvariantCulture);
        Assert.Equal(so, !Mistaken(Filled(procedure, samples[0]!, a => a["startOn"] = day, Works, today)).Contains("startOn"));
        Assert.Equal(so, !Mistaken(Filled(procedure, samples[2]!, a => a["stopOn"] = day, Works, today)).Contains("stopOn"));
    }

    [Fact]
    public async Task What_is_not_in_the_list_costs_what_the_clerk_writes_and_the_applicant_reads_the_sum()
    {
        var town = await program.NewTown("onojo");
        var of = await town.File("bulky-waste", but: a => a["items"]!.AsArray().Add(new JsonObject { ["item"] = "unlisted", ["howMany"] = 1, ["itemNote"] = "木の植木棚", ["itemPhoto"] = new JsonArray("見本.jpg") }));
        var clerk = await town.Staff("iin");
        Assert.Equal(System.Net.HttpStatusCode.UnprocessableEntity, (await clerk.DoStep(of, "accept")).Status);
        Assert.Equal(System.Net.HttpStatusCode.OK, (await clerk.DoStep(of, "accept", new() { ["accept-unlistedFee"] = "900" })).Status);
        Assert.Equal(System.Net.HttpStatusCode.OK, (await clerk.Decide(of, "granted")).Status);
        // A sofa, four chairs and a bicycle come to 3,000 yen.
        Assert.Contains("料金：3,900円", Assert.Single(await town.All<Letter>(l => l.Where(x => x.CaseId == of.Id))).Body["ja"]);
        Assert.Equal(3900, (await town.Now(of)).FeeYen);
    }

    [Theory]
    [InlineData("onojo", "市民税・県民税")]
    [InlineData("katano", "市民税・府民税")]
    public async Task Residents_tax_is_called_as_the_town_calls_it(string like, string called)
    {
        var town = await program.NewTown(like, livedIn: true);
        await using var db = town.Open();
        var stage = (await db.Set<Published>().SingleAsync(d => d.Key == "tax-certificate", Stop)).Procedure.First;
        Assert.StartsWith(called, stage.Blank.Say(stage.Form.Find("certificates")!.Rows.Single(f => f.Key == "taxKind").Field.Options[0].Text).In(Lang.Japanese));
        Assert.Contains(called, stage.Blank.Say(stage.Form.Find("declareFirst")!.Field.Text).In(Lang.Japanese));
        Assert.Contains(called, FormSchema.Of(stage, Lang.Japanese, "").ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
        Assert.Contains(Komachi.Procedures.Placeable.Of(stage, new(Lang.Japanese, program.House.Words)), p => p.Label.Contains(called));
    }
}
