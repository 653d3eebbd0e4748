using System.Text.Json.Nodes;
using Komachi.Platform.Days;
using Komachi.Platform.Forms;
using Komachi.Procedures;
using Komachi.Tests.Harness;

namespace Komachi.Tests.Procedures;

/// <summary>
/// Each rule of the ten procedures says something of some filing that can be sent, and nothing of those samples that are as they should be. A rule that can never speak
/// would let a clerk believe that somebody looked.
/// </summary>
public sealed class WhatTheProgramNotices
{
    static string Folder => Path.Combine(TestProgram.TownsFolder, "common", "procedures");

    /// <summary>What the samples themselves are samples of: by procedure, sample and stage.</summary>
    static readonly Dictionary<string, string[]> Meant = new()
    {
        ["bulky-waste s1"] = ["battery"],
        ["bulky-waste s2"] = ["unlisted"],
        ["bulky-waste s3"] = ["manyHeavy"],
        ["childcare-place single-parent"] = ["timeFits"],
        ["digital-subsidy maker"] = ["estimatesFit"],
        ["digital-subsidy bought-before"] = ["tooEarly", "hasBegun"],
        ["disaster-certificate flooded-flat"] = ["hurt"],
        ["dog-registration s3"] = ["inTime", "noVaccine", "chipCheck"],
        ["park-use film-crew"] = ["notHeld"],
        ["park-use long-market"] = ["guardsEnough"],
        ["water-start-stop s2"] = ["noNumber"],
    };

    /// <summary>A sample changed so that the rule has something to say: by procedure, stage and rule.</summary>
    static readonly Dictionary<string, (string Sample, Action<JsonObject> Change)> Spoken = new()
    {
        ["bulky-waste unlisted"] = ("s3", a => a.Rows("items").Add(new JsonObject { ["item"] = "unlisted", ["howMany"] = 1, ["itemNote"] = "木の植木棚", ["itemPhoto"] = new JsonArray("棚.jpg") })),
        ["bulky-waste battery"] = ("s3", a => a.Row("items", 0)["item"] = "vacuum"),
        ["bulky-waste manyHeavy"] = ("s1", a => (a["carryOut"], a["carryWhy"], a["floor"], a["lift"]) = ("help", "aged", 3, false)),
        ["care-certification outOfTerm"] = ("manager-change", a => (a["applyKind"], a["validNow"]) = ("renewal", "2026-11-01")),
        ["care-certification seenLong"] = ("daughter-new", a => a["seenOn"] = "2026-07"),
        ["care-certification secondNoProof"] = ("second-insured", a => a.Remove("healthProof")),
        ["childcare-place fewHours"] = ("both-work", a => a["secondHours"] = 40),
        ["childcare-place timeFits"] = ("both-work", a => a["firstHours"] = 100),
        ["childcare-place backInTime"] = ("both-work", a => a["firstBackOn"] = "2027-06-01"),
        ["childcare-place ageFits"] = ("both-work", a => a["childBirthday"] = "2020-01-10"),
        ["childcare-place singleProof"] = ("both-work", a => a["otherGuardian"] = "divorcing"),
        // A sole trader has no capital, so the number of people alone counts.
        ["digital-subsidy notSme"] = ("hairdresser", a => a["employees"] = 150),
        ["digital-subsidy bigParentFirm"] = ("hairdresser", a => a["bigParent"] = true),
        ["digital-subsidy tooEarly"] = ("hairdresser", a => a["beginOn"] = "2026-06-10"),
        ["digital-subsidy hasBegun"] = ("hairdresser", a => a["begun"] = true),
        ["digital-subsidy tooSmall"] = ("hairdresser", a => a["costs"] = new JsonObject { ["cloud"] = new JsonObject { ["price"] = 50_000 } }),
        ["digital-subsidy estimatesFit"] = ("hairdresser", a => a.Row("estimates", 0)["chosen"] = false),
        ["digital-subsidy/report orderedEarly"] = ("hairdresser", a => a.Row("payments", 0)["orderedOn"] = "2026-05-20"),
        ["digital-subsidy/report sumsFit"] = ("hairdresser", a => a.Row("payments", 1)["paidYen"] = 80_000),
        ["digital-subsidy/report muchChanged"] = ("hairdresser", a => a["actual"] = new JsonObject { ["cloud"] = new JsonObject { ["paidPrice"] = 20_000 } }),
        ["disaster-certificate late"] = ("roof", a => a["disasterOn"] = "2026-01-01"),
        ["disaster-certificate hurt"] = ("roof", a => a.Row("residents", 1)["residentHurt"] = true),
        ["disaster-certificate photosSelf"] = ("roof", a => a["photoWhole"] = new JsonArray("全体.jpg")),
        ["disaster-certificate repairedAll"] = ("flooded-flat", a => a["repaired"] = "all"),
        ["disaster-certificate fireElsewhere"] = ("roof", a => a["disasterKind"] = "fire"),
        ["disaster-certificate/second noHome"] = ("old-shed", a => (a["secondKind"], a["secondText"], a["secondRepaired"], a["secondDays"], a["secondTelephone"]) = ("grade", "物置をもう一度見てください。", false, "平日の午前", "0925012211")),
        ["dog-registration inTime"] = ("s1", a => a["acquiredOn"] = "2026-08-01"),
        ["dog-registration changeInTime"] = ("s2", a => a["changedOn"] = "2026-09-01"),
        ["dog-registration noVaccine"] = ("s1", a => a["vaccineDone"] = "later"),
        ["dog-registration chipCheck"] = ("s1", a => (a["chip"], a["chipCase"]) = ("national", "unsure")),
        ["park-use late"] = ("summer-festival", a => a.Row("useDays", 0)["useDay"] = "2027-03-05"),
        ["park-use longUse"] = ("long-market", a => { for (var day = 3; day < 17; day++) a.Rows("useDays").Add(new JsonObject { ["useDay"] = $"2027-05-{day:00}", ["dayFor"] = "main", ["fromHour"] = 9, ["toHour"] = 20 }); }),
        ["park-use stakes"] = ("summer-festival", a => a.Row("thingsUp", 0)["thingHeld"] = "stake"),
        ["park-use notHeld"] = ("summer-festival", a => a.Row("thingsUp", 1)["thingHeight"] = 2),
        ["park-use guardsEnough"] = ("summer-festival", a => (a["people"], a["guards"], a["planFile"]) = (600, 4, new JsonArray("計画.pdf"))),
        ["resident-certificate-by-post many"] = ("s1", a => a["copies"] = 6),
        ["resident-certificate-by-post numbers"] = ("s2", a => (a["extras"], a["numberFor"]) = (new JsonArray("myNumber"), "年金事務所")),
        ["resident-certificate-by-post elsewhere"] = ("s1", a => (a["replyTo"], a["replyAddress"], a["replyReason"]) = ("elsewhere", a["askerAddress"]!.DeepClone(), "入院中のため")),
        ["tax-certificate visaBoth"] = ("s1", a => a.Rows("certificates").RemoveAt(1)),
        ["tax-certificate notDeclared"] = ("s1", a => a["declared"] = "none"),
        ["tax-certificate inspectionKind"] = ("s1", a => a["purpose"] = "inspection"),
        ["water-start-stop gap"] = ("s2", a => a["stopOn"] = "2026-11-16"),
        ["water-start-stop noNumber"] = ("s3", a => a.Remove("customerNumber")),
    };

    public static TheoryData<string> Keys => ShippedProcedures.Keys;

    [Theory]
    [MemberData(nameof(Keys))]
    public void Each_rule_can_speak(string key)
    {
        var (procedure, samples) = Read(key);
        var rules = procedure.Stages.SelectMany(s => s.Checks.Where(c => c.That is not null).Select(c => (Stage: s, c.Check, Name: $"{key}{(s.Key.Length > 0 ? "/" + s.Key : "")} {c.Check.Key}"))).ToArray();
        Assert.Empty(Spoken.Keys.Where(n => n.Split(' ', '/')[0] == key).Except(rules.Select(r => r.Name)));
        foreach (var rule in rules)
        {
            Assert.True(Spoken.TryGetValue(rule.Name, out var spoken), $"{rule.Name}: show here of which filing it says something.");
            var sample = samples.Single(s => s!["key"]!.ToString() == spoken.Sample)!;
            var filed = Filed(procedure, rule.Stage, sample, spoken.Change);
            Assert.True(filed.State.Complete, $"{rule.Name}: {string.Join('\n', filed.State.Mistakes.Select(m => $"{m.Path} {m.Message} {m.Said?["ja"]}"))}");
            Assert.Contains(rule.Check.Key, filed.Seen);
        }
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Of_what_is_as_it_should_be_nothing_is_said(string key)
    {
        var (procedure, samples) = Read(key);
        foreach (var sample in samples)
        {
            var name = $"{key} {sample!["key"]}";
            Assert.Equal(Meant.GetValueOrDefault(name) ?? [], Filed(procedure, procedure.First, sample).Seen);
            foreach (var stage in procedure.Stages.Skip(1).Where(s => sample["stages"]?[s.Key] is not null))
                Assert.Equal(Meant.GetValueOrDefault($"{name}/{stage.Key}") ?? [], Filed(procedure, stage, sample).Seen);
        }
    }

    [Fact]
    public void Ten_pieces_of_bulky_waste_and_no_more_are_taken_at_a_time()
    {
        var (procedure, samples) = Read("bulky-waste");
        var filed = Filed(procedure, procedure.First, samples[0]!, a => a.Row("items", 0)["howMany"] = 6);
        Assert.Equal("items", Assert.Single(filed.State.Mistakes).Path);
        Assert.True(Filed(procedure, procedure.First, samples[0]!, a => a.Row("items", 0)["howMany"] = 5).State.Complete);
    }

    static (Procedure Procedure, JsonArray Samples) Read(string key)
    {
        var document = File.ReadAllText(Path.Combine(Folder, key + ".yaml"));
        return (Procedure.Of(document), ShippedProcedures.SamplesOf(document));
    }

    /// <summary>The sample on its day, or its later filing after the first was granted; as the desk reads it.</summary>
    static (FormState State, string[] Seen) Filed(Procedure procedure, Stage stage, JsonNode sample, Action<JsonObject>? change = null)
    {
        var on = DateOnly.Parse(sample["filedOn"]!.ToString(), System.Globalization.CultureInfo.InvariantCulture);
        var answers = (JsonObject)((stage == procedure.First ? sample["answers"] : sample["stages"]?[stage.Key])?.DeepClone() ?? new JsonObject());
        change?.Invoke(answers);
        Case Arrived(Stage of, JsonObject said, DateOnly day) => Case.Arrive(Guid.Empty, procedure, of, new("0000000000", said, "見本", Way.Online, Guid.Empty, day.AddDays(30)), JapanTime.At(day, new(10, 0)));
        var matter = new List<Case>();
        if (stage != procedure.First)
        {
            var first = Arrived(procedure.First, (JsonObject)sample["answers"]!.DeepClone(), on);
            first.Accept(null, first.ArrivedAt);
            if (procedure.First.Flow.FirstOrDefault(s => s.Fields?.Find("grantedAmount") is not null) is { } granting) first.Fill(granting, new() { ["grantedAmount"] = 300_000 });
            first.Decide(true, "", Guid.Empty, first.ArrivedAt.AddDays(20));
            matter.Add(first);
            on = on.AddDays(130);
        }
        var filed = Arrived(stage, answers, on);
        var read = Flow.AnswersOf(procedure, filed, matter, on);
        return (FormState.Of(stage.Form, answers, on, on, Flow.Around(procedure, stage, matter, on)), [.. stage.Checks.Where(c => c.That?.Fails(read) == true).Select(c => c.Check.Key)]);
    }
}

static class InSamples
{
    public static JsonArray Rows(this JsonObject answers, string group) => answers[group]!.AsArray();
    public static JsonObject Row(this JsonObject answers, string group, int row) => answers.Rows(group)[row]!.AsObject();
}
