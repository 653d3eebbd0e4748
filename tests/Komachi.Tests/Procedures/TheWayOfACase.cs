using System.Text.Json.Nodes;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Forms;
using Komachi.Platform.Offices;
using Komachi.Platform.Web;
using Komachi.Procedures;
using Komachi.Tests.Harness;
using Komachi.Tests.Offices;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;
using YamlDotNet.Serialization;

namespace Komachi.Tests.Procedures;

/// <summary>A draft is filed, looked at and decided: what the law calls each step, with everything that hangs on it in one transaction.</summary>
public sealed class TheWayOfACase(TestProgram program)
{
    [Fact]
    public async Task A_draft_becomes_one_case_with_its_steps_and_a_number()
    {
        var town = await program.NewTown("onojo");
        await using var db = town.Open();
        var (draft, clock) = await Filled(db, "water-start-stop");

        var visit = new Visit();
        visit.Enter(town.Town, "/" + town.Slug, Lang.Japanese, "/");
        var sent = await Filing.Send((await Filling.Of(draft, db, clock.Today())).Ready(), electronic: false, visit, db, program.Service<Receipts>(), clock, TestContext.Current.CancellationToken);
        Assert.Empty(sent.State.Mistakes);
        await db.Save(stop: TestContext.Current.CancellationToken);

        await using var look = town.Open();
        var filed = await look.Set<Case>().SingleAsync(TestContext.Current.CancellationToken);
        Assert.True(ReceiptNumber.TryParse(filed.Number, out _));
        Assert.Equal(CaseState.Arrived, filed.State);
        Assert.Contains("水道", (await DepartmentTrees.On(look.Today, look)).Find(filed.DepartmentId)!.Name["ja"]);
        Assert.True(filed.DueOn > filed.ArrivedOn);
        var steps = await Flow.StepsOf(look, filed.Id, TestContext.Current.CancellationToken);
        Assert.Equal(StepState.Open, steps[0].State);
        Assert.Equal("decide", steps[^1].Kind);
        Assert.Equal([MoveKind.Arrived], await look.Set<Move>().Select(m => m.Kind).ToListAsync(TestContext.Current.CancellationToken));

        // Its draft knows it; a second sending of the same draft, read before, comes too late.
        Assert.Equal(filed.Id, (await look.Set<Draft>().SingleAsync(TestContext.Current.CancellationToken)).CaseId);
    }

    [Fact]
    public void Each_procedure_that_comes_along_hangs_together()
    {
        var problems = new List<FormProblem>();
        foreach (var path in Directory.GetFiles(Path.Combine(TestProgram.TownsFolder, "common", "procedures"), "*.yaml").Order(StringComparer.Ordinal))
        {
            var before = problems.Count;
            if (ProcedureYaml.Read(File.ReadAllText(path), problems) is { } definition) Procedure.Compile(definition, problems);
            for (var n = before; n < problems.Count; n++) problems[n] = problems[n] with { Place = $"{Path.GetFileName(path)}, {problems[n].Place}" };
        }
        Assert.True(problems.Count == 0, string.Join('\n', problems.Select(p => $"{p.Place}: {p.What}")));
    }

    [Fact]
    public async Task What_was_published_cannot_be_changed()
    {
        var town = await program.NewTown("onojo");
        await using var change = town.Source.CreateCommand("UPDATE procedures.definitions SET document = document || ' ' WHERE key = 'dog-registration'");
        var refused = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => change.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));
        Assert.Contains("stays as it is", refused.MessageText);
    }

    [Fact]
    public async Task The_clock_stands_while_the_applicant_has_to_answer()
    {
        var town = await program.NewTown("onojo");
        await using var db = town.Open();
        var (draft, clock) = await Filled(db, "dog-registration");
        var visit = new Visit();
        visit.Enter(town.Town, "/" + town.Slug, Lang.Japanese, "/");
        draft.Answers.Remove("vaccineProof");    // what a resident forgets; this one files on paper
        draft.Keep(With(draft.Answers, "vaccineDone", "later"), "ja", clock.GetUtcNow());
        var sent = await Filing.Send((await Filling.Of(draft, db, clock.Today())).Ready(), false, visit, db, program.Service<Receipts>(), clock, TestContext.Current.CancellationToken);
        Assert.Equal([], sent.State.Mistakes.Select(m => $"{m.Path}: {m.Message ?? m.Said?["ja"]}"));
        var filed = sent.Case!;
        var (now, today, due) = (clock.GetUtcNow(), filed.ArrivedOn, filed.DueOn);
        var tree = await DepartmentTrees.On(today, db);
        var calendar = await OpeningCalendar.OfDepartment(filed.DepartmentId, tree, db, today);

        var asked = filed.AskToCorrect(["dogName"], "名前をお知らせください。", null, Guid.CreateVersion7(), now, today);
        Assert.Equal(CaseState.Correcting, filed.State);
        var later = today.AddDays(14);
        filed.Correct(asked, filed.Answers, filed.Title, calendar, null, now, later);
        Assert.Equal(CaseState.Arrived, filed.State);
        Assert.Equal(calendar!.WorkingDaysAfter(due, calendar.WorkingDaysBetween(today, later)), filed.DueOn);
    }

    /// <summary>A draft with the answers of the definition's first sample, as they would be on its day.</summary>
    internal static async Task<(Draft Draft, TimeProvider Clock)> Filled(TownDb db, string key)
    {
        var offered = (await Catalog.Find(db, key, db.Today))!;
        var published = await db.Set<Published>().SingleAsync(d => d.Id == offered.Id);
        var draft = Draft.Begin(offered.Id, offered.Procedure, offered.Procedure.First, Way.Online, "ja", TimeProvider.System.GetUtcNow());
        draft.NewKey();
        var (answers, filedOn) = Sample(published.Document);
        var clock = new SettableTime();
        clock.Stand($"{filedOn:yyyy-MM-dd} 10:00");
        draft.Keep(answers, "ja", clock.GetUtcNow());
        db.Add(draft);
        return (draft, clock);
    }

    static JsonObject With(JsonObject answers, string key, string value)
    {
        var changed = (JsonObject)answers.DeepClone();
        changed[key] = value;
        return changed;
    }

    static (JsonObject Answers, DateOnly FiledOn) Sample(string document)
    {
        var whole = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build().Deserialize<Dictionary<string, object>>(document);
        var samples = JsonNode.Parse(new SerializerBuilder().JsonCompatible().Build().Serialize(whole["samples"]))!.AsArray();
        return ((JsonObject)samples[0]!["answers"]!.DeepClone(), DateOnly.Parse(samples[0]!["filedOn"]!.ToString(), System.Globalization.CultureInfo.InvariantCulture));
    }
}
