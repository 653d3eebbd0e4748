using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Komachi.Platform.Days;
using Komachi.Procedures;
using Komachi.Tests.Files;
using Komachi.Tests.Harness;
using Komachi.Tests.Rights;
using Komachi.Tests.Systems;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Procedures;

/// <summary>What the page asks before it sends, another system is asked too: nothing gets in here that would not get in there.</summary>
public sealed partial class WhatSystemsMayFile(FilesProgram program)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_decision_comes_electronically_only_where_somebody_can_open_it()
    {
        using var story = await SystemStory.Begin(program, ["procedures.file", "procedures.read"]);
        var nobody = await File(story, "dog-registration", Answers("dog-registration"), new() { ["assurance"] = "code", ["electronic"] = true });
        Assert.Equal((422, "electronic_wrong"), (nobody.Status, nobody.Reason));
        Assert.Contains("紙で届きます", nobody.Json.GetProperty("title").GetString());
        Assert.Equal(201, (await File(story, "dog-registration", Answers("dog-registration"), new() { ["assurance"] = "code" })).Status);
        Assert.Equal(201, (await File(story, "dog-registration", Answers("dog-registration"), new() { ["assurance"] = "code", ["electronic"] = true, ["email"] = "Ｈanako@example.jp" })).Status);
        Assert.Equal([(false, "hanako@example.jp"), (true, "Hanako@example.jp")], (await story.Town.All<Case>(c => c.OrderBy(x => x.ArrivedAt))).Select(c => (c.Electronic, c.Email)));
    }

    [Fact]
    public async Task Addresses_numbers_and_names_are_read_and_not_only_measured()
    {
        using var story = await SystemStory.Begin(program, ["procedures.file"]);
        foreach (var (name, value, reason) in new[] { ("email", "abc", "contact_wrong"), ("email", "hanako@", "contact_wrong"), ("telephone", "12", "contact_wrong"), ("telephone", "hanako", "contact_wrong"), ("assurance", "9", "assurance_wrong"), ("assurance", "1", "assurance_wrong"), ("assurance", "none, code", "assurance_wrong") })
        {
            var refused = await File(story, "dog-registration", Answers("dog-registration"), new() { ["assurance"] = "code", [name] = value });
            Assert.Equal((422, reason), (refused.Status, refused.Reason));
        }
        Assert.Equal(201, (await File(story, "dog-registration", Answers("dog-registration"), new() { ["assurance"] = "SignedIn", ["telephone"] = "０９２－５０１－２２１１" })).Status);
        Assert.Equal("0925012211", Assert.Single(await story.Town.All<Case>(c => c)).Telephone);
    }

    [Fact]
    public async Task Who_has_to_sign_is_asked_once_it_has_arrived_and_the_clerk_sees_that_they_have_not()
    {
        using var story = await SystemStory.Begin(program, ["procedures.file"]);
        var (town, to) = (story.Town, $"mou-hitori-{story.Town.Slug}@example.jp");
        var answers = Answers("childcare-place");
        answers["secondEmail"] = to;
        var filed = await File(story, "childcare-place", answers, new() { ["assurance"] = "card" });
        Assert.True(filed.Status == 201, filed.Body);
        var of = Assert.Single(await town.All<Case>(c => c));
        Assert.Equal(of.Id, Assert.Single(await town.All<Signer>(s => s)).CaseId);
        var clerk = await town.Staff("jimu");
        Assert.Contains("連署する人の署名がまだありません", (await clerk.Open(FiledCases.PageOf(of))).Text);

        var other = town.Visitor();
        var path = await program.World.CodeFor(to, Link());
        var signed = await other.Submit(await other.Open(path), new() { ["secondTruth"] = "true", ["secondTaxConsent"] = "true" });
        Assert.EndsWith("procedures/sign/done", signed.Url);
        Assert.Equal(HttpStatusCode.Gone, (await other.Open(path)).Status);
        Assert.DoesNotContain("連署する人の署名がまだありません", (await clerk.Open(FiledCases.PageOf(of))).Text);
        Assert.Single(await town.All<Move>(m => m.Where(x => x.Kind == MoveKind.Signed)));
    }

    [Fact]
    public async Task A_matter_takes_each_of_its_filings_once_as_its_page_says()
    {
        using var story = await SystemStory.Begin(program, ["procedures.file"]);
        var first = await story.Town.File("digital-subsidy");
        await story.Town.Tell($"INSERT INTO procedures.system_filings (case_id, system_id) VALUES ('{first.Id}', '{story.Id}')");
        var report = new JsonObject { ["stage"] = "report", ["parent"] = first.Number, ["assurance"] = "signedIn" };
        async Task<(int, string)> Asked() => await File(story, "digital-subsidy", [], (JsonObject)report.DeepClone()) is var answer ? (answer.Status, answer.Reason) : default;

        Assert.Equal((409, "stage_closed"), await Asked());
        await Granted(story.Town, first, 300_000);
        Assert.Equal((422, "answers_wrong"), await Asked());    // its turn has come, and now it is its answers that count
        // What was begun goes on where nothing new is taken.
        await using (var db = story.Town.Open())
        {
            foreach (var version in await db.Set<Published>().Where(d => d.Key == "digital-subsidy").ToListAsync(Stop)) version.End(TimeProvider.System.GetUtcNow());
            await db.Save(stop: Stop);
        }
        Assert.Equal((422, "answers_wrong"), await Asked());
        await story.Town.Tell($"INSERT INTO procedures.cases SELECT (jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid(), 'number', '0000000019', 'stage', 'report', 'parent_id', c.id))).* FROM procedures.cases c WHERE id = '{first.Id}'");
        Assert.Equal((409, "stage_closed"), await Asked());
    }

    [Fact]
    public async Task A_draft_that_follows_an_older_law_is_not_filed()
    {
        using var story = await SystemStory.Begin(program, ["procedures.file"]);
        var draft = (await story.Ask(HttpMethod.Post, "procedures/water-start-stop/drafts")).Json.GetProperty("draft").GetString();
        await using (var db = story.Town.Open())
        {
            var newest = await db.Set<Published>().SingleAsync(d => d.Key == "water-start-stop", Stop);
            var next = Published.Draft(newest.Key, 2, Regex.Replace(newest.Document, "(?m)^from: .*$", "from: 2026-11-01"), Origin.Desk, TimeProvider.System.GetUtcNow());
            next.Publish("見本の改正", null, TimeProvider.System.GetUtcNow());
            db.Add(next);
            await db.Save(stop: Stop);
        }
        var refused = await File(story, "water-start-stop", Answers("water-start-stop"), new() { ["assurance"] = "code", ["draft"] = draft });
        Assert.Equal((409, "version_over"), (refused.Status, refused.Reason));
        var filed = await File(story, "water-start-stop", Answers("water-start-stop"), new() { ["assurance"] = "code" });
        Assert.True(filed.Status == 201, filed.Body);
    }

    [Theory]
    [InlineData("fiscal", "4月まで")]
    [InlineData("calendar", "1月まで")]
    public async Task A_budget_that_is_used_up_closes_the_form_everywhere_by_the_sum_that_the_clerk_reads(string year, string until)
    {
        using var story = await SystemStory.Begin(program, ["procedures.file"]);
        var town = story.Town;
        if (year == "calendar")
        {
            await using var db = town.Open();
            var newest = await db.Set<Published>().SingleAsync(d => d.Key == "digital-subsidy", Stop);
            var next = Published.Draft(newest.Key, 2, newest.Document.Replace("year: fiscal, closes", "year: calendar, closes"), Origin.Desk, TimeProvider.System.GetUtcNow());
            next.Publish("見本の改正", null, TimeProvider.System.GetUtcNow());
            db.Add(next);
            await db.Save(stop: Stop);
        }
        var clerk = await town.Staff("jimu");
        var waiting = await town.File("digital-subsidy");
        async Task<bool> IsOpen(string said, int status, string reason)
        {
            var page = await clerk.Open(FiledCases.PageOf(waiting));
            Assert.Contains(said, page.Text);
            var api = await File(story, "digital-subsidy", [], new() { ["assurance"] = "signedIn" });
            Assert.Equal((status, reason), (api.Status, api.Reason));
            return !(await (await town.Resident()).Open("procedures/digital-subsidy/start")).Text.Contains(until);
        }

        // Made up, of another year, or not decided by a clerk but asked for: only what is really granted this year counts.
        var (sample, earlier, granted) = (await town.File("digital-subsidy"), await town.File("digital-subsidy"), await town.File("digital-subsidy"));
        foreach (var of in new[] { sample, earlier, granted }) await Granted(town, of, 4_000_000);
        await town.Tell($"UPDATE procedures.cases SET sample = true WHERE id = '{sample.Id}'");
        var ended = year == "calendar" ? new DateOnly(JapanTime.Today(TimeProvider.System).Year, 1, 1) : FiscalYear.Of(JapanTime.Today(TimeProvider.System)).First;
        await town.Tell($"UPDATE procedures.cases SET decided_at = '{JapanTime.At(ended).AddSeconds(-1).UtcDateTime.ToString("O", CultureInfo.InvariantCulture)}' WHERE id = '{earlier.Id}'");
        Assert.True(await IsOpen("交付決定済み4,000,000円", 422, "answers_wrong"));

        await Granted(town, await town.File("digital-subsidy"), 1_000_000);
        Assert.False(await IsOpen("交付決定済み5,000,000円", 409, "budget_used_up"));
        // The clerk reads the same sum where one of those that were granted is looked at.
        Assert.Contains("交付決定済み5,000,000円", (await clerk.Open(FiledCases.PageOf(granted))).Text);
    }

    static Task Granted(TestTown town, Case of, int yen) => town.Tell($"UPDATE procedures.cases SET state = 'Granted', decided = '{{\"grantedAmount\": {yen}}}', accepted_at = arrived_at, decided_at = arrived_at, closed_at = arrived_at WHERE id = '{of.Id}'");

    static Task<Answer> File(SystemStory story, string key, JsonObject answers, JsonObject beside)
    {
        beside["answers"] = answers;
        return story.Ask(HttpMethod.Post, $"procedures/{key}/filings", beside);
    }

    /// <summary>The first sample of the definition as it can be sent today, without the files that may follow.</summary>
    static JsonObject Answers(string key)
    {
        var answers = SampleAnswers.Of(System.IO.File.ReadAllText(Path.Combine(TestProgram.TownsFolder, "common", "procedures", key + ".yaml")));
        foreach (var (name, answer) in answers.ToArray())
            if (name.EndsWith("Proof", StringComparison.Ordinal)) answers.Remove(name);
            else if (answer is JsonObject { } parts && parts.ContainsKey("postcode")) (parts["postcode"], parts["prefecture"]) = ("8168510", "福岡県");
        if (answers["telephone"] is not null) answers["telephone"] = "0925012211";
        if (key == "dog-registration") answers["vaccineDone"] = "later";
        return answers;
    }

    [GeneratedRegex("procedures/sign/[0-9a-f]{32}")]
    private static partial Regex Link();
}
