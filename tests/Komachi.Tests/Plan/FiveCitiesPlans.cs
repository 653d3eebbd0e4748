using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Komachi.Plan;
using Komachi.Platform.Towns;
using Komachi.Tests.Harness;

namespace Komachi.Tests.Plan;

/// <summary>The five cities' plans as their documents state them: whole, adding up, the same after a round trip, and on the town's pages.</summary>
[Trait("Category", "long")]
public sealed class FiveCitiesPlans(TestProgram program)
{
    static string FileOf(string town) => Path.Combine(TestProgram.TownsFolder, town, "plan", "dx.yaml");

    static PlanDocument Read(string town) => PlanYaml.Read(File.ReadAllText(FileOf(town)), FileOf(town));

    [Theory]
    [InlineData("komaki", 3, 6, 6, "R3", "R8")]
    [InlineData("omitama", 3, 11, 0, "R4", "R8")]
    [InlineData("onojo", 2, 30, 30, "R4", "R7")]
    [InlineData("oyabe", 3, 24, 0, "R4", "R7")]
    [InlineData("katano", 3, 20, 0, "R3", "R7")]
    public void Each_holds_what_its_document_states(string town, int policies, int measures, int indicators, string from, string until)
    {
        var plan = Read(town);
        Assert.Equal((policies, measures, indicators, from, until),
            (plan.Policies.Count, plan.Measures.Count, plan.Measures.Sum(m => m.Indicators.Count) + plan.Policies.Sum(p => p.Indicators.Count), plan.Plan.From, plan.Plan.Until));
        Assert.All(plan.Measures, m => Assert.NotEmpty(m.At));
        foreach (var said in plan.Measures.SelectMany(m => new[] { m.Title, m.Summary }).Concat(plan.Policies.Select(p => p.Title))) Assert.Equal(["en", "ja", "plain"], said.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Onojos_costs_add_up_to_its_own_table_and_its_groups_have_their_scores()
    {
        var plan = Read("onojo");
        decimal[] Of(string policy) => [.. plan.Years.Select(y => PlanView.CostOf(plan.Measures.Where(m => m.Policy == policy), y) ?? 0)];
        Assert.Equal([19_100, 170_100, 222_100, 215_100], Of("I"));
        Assert.Equal([29_000, 108_000, 27_000, 450_000], Of("II"));
        Assert.Equal(1_240_400, plan.Years.Sum(y => PlanView.CostOf(plan.Measures, y)));
        var groups = plan.Policies.SelectMany(p => p.Groups).ToArray();
        Assert.Equal((18, 5), (groups.Length, groups.Count(g => g.Later)));
        Assert.All(groups, g => Assert.True(g.Urgency is > 0 && g.Importance is > 0, g.Code));
        Assert.Equal([40, 64, 88, 112], plan.Find("I-1-1")!.Indicators.Single().Targets.Values.Select(t => t.Number));
    }

    [Fact]
    public void The_others_hold_what_is_special_in_them()
    {
        Assert.Equal(18, Read("komaki").Measures.Sum(m => m.Examples.Count));
        Assert.All(Read("komaki").Policies.SelectMany(p => p.Indicators), i => Assert.True(i is { Direction: "up", Baseline.Value.Is: AmountIs.Number, Targets.Count: 0 }));
        Assert.Equal(15, Read("omitama").Plan.Guidelines.Count);
        Assert.NotEmpty(Read("omitama").History);
        Assert.Equal(5, Read("oyabe").Policies.Sum(p => p.Groups.Count));
        Assert.Equal(9, Read("katano").Policies.Sum(p => p.Groups.Count));
        Assert.Contains(Read("katano").Facts, f => f.Rows.Count == 31);
        // Of a drawing that the text lost nothing is guessed.
        Assert.All(Read("oyabe").Measures.SelectMany(m => m.Actions), a => Assert.True(a.Lost && a.Bars.Count == 0));
        Assert.All(Read("katano").Measures.SelectMany(m => m.Actions).SelectMany(a => a.Bars), b => Assert.Equal(("lost", "lost"), (b.From, b.Until)));
    }

    [Theory]
    [InlineData("komaki")]
    [InlineData("omitama")]
    [InlineData("onojo")]
    [InlineData("oyabe")]
    [InlineData("katano")]
    public async Task Residents_read_it_whole_and_what_they_download_is_the_same_plan(string slug)
    {
        var town = await program.NewTown(slug, livedIn: true);
        var visitor = town.Visitor();
        var plan = Read(slug);
        var page = await visitor.Open("plan");
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Equal(plan.Measures.Count, page.All(".hits a").Count());
        Assert.Equal(plan.Plan.Until == "R7", page.Text.Contains("計画期間は"));    // these ended in March 2026
        foreach (var measure in plan.Measures)
        {
            var one = await visitor.Open($"plan/measures/{measure.Code}");
            Assert.Equal(measure.Title["ja"], one.One("h1").TextContent);
        }
        foreach (var path in new[] { "plan/roadmap", "plan/costs", "en/plan", "plain/plan", "en/plan/roadmap" }) Assert.Equal(HttpStatusCode.OK, (await visitor.Open(path)).Status);
        Assert.Equal(plan.Measures.Count, (await visitor.Open("plan/roadmap")).All("tbody tr").Count());
        Assert.Equal(HttpStatusCode.NotFound, (await visitor.Open("plan/measures/none-such")).Status);

        using var file = await visitor.Send(HttpMethod.Get, "plan/download.yaml");
        var again = PlanYaml.Read(await file.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), "download.yaml");
        Assert.Equal(JsonSerializer.Serialize(plan), JsonSerializer.Serialize(again));
    }

    [Fact]
    public async Task Programs_get_measures_and_what_they_cost_by_year_and_the_search_finds_them()
    {
        var town = await program.NewTown("onojo", livedIn: true);
        using var answer = await town.Visitor().Send(HttpMethod.Get, "api/v1/plan");
        var json = await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        Assert.Equal(30, json.GetProperty("measures").GetArrayLength());
        Assert.Equal("ended", json.GetProperty("period").GetString());
        Assert.Equal([48_100, 278_100, 249_100, 665_100], json.GetProperty("totals").GetProperty("costByYear").EnumerateObject().Select(y => y.Value.GetInt32()));
        var chart = await town.Visitor().Open("plan/costs");
        Assert.Contains("665,100", chart.One("#measures-caption").ParentElement!.QuerySelector("tfoot")!.TextContent);
        // What the charts draw is what one takes along.
        Assert.Equal(["年度", "令和4年度,19100,29000", "令和5年度,170100,108000", "令和6年度,222100,27000", "令和7年度,215100,450000"], (await Lines("plan/costs.csv")).Select((l, i) => i == 0 ? l.Split(',')[0] : l));
        Assert.Equal(["年度,目標,実績", "令和4年度,40,42", "令和5年度,64,66", "令和6年度,88,91", "令和7年度,112,118"], await Lines("plan/measures/I-1-1/targets.csv"));    // the demo's samples
        Assert.Equal("reached", json.GetProperty("measures")[0].GetProperty("state").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await town.Visitor().Send(HttpMethod.Get, "plan/measures/I-1-1/targets.csv?indicator=9")).StatusCode);
        async Task<string[]> Lines(string path) => (await town.Visitor().Http.GetStringAsync($"/{town.Slug}/{path}", TestContext.Current.CancellationToken)).TrimStart('\ufeff').Split("\r\n", StringSplitOptions.RemoveEmptyEntries);

        Assert.Contains("オンライン申請の拡充", (await town.Visitor().Open("search?q=" + Uri.EscapeDataString("オンライン申請"))).Text);
    }

    [Fact]
    public async Task What_was_asked_for_granted_and_spent_stands_by_source_with_contracts_and_their_ends()
    {
        var town = await program.NewTown("onojo", livedIn: true);
        var plan = Read("onojo");
        var measure = plan.Find("I-1-1")!;
        measure.Money.AddRange([
            new() { Year = "R7", Step = "requested", Source = "general", Amount = 1200 }, new() { Year = "R7", Step = "requested", Source = "subsidy", Amount = 800 },
            new() { Year = "R7", Step = "adopted", Source = "general", Amount = 1000 }, new() { Year = "R7", Step = "settled", Source = "general", Amount = 900.5m }]);
        measure.Contracts.Add(new() { Title = "申請システム（見本）", With = "見本株式会社", From = "2025-04-01", Until = "2026-03-31", Amount = 900 });
        measure.Services.AddRange(["announcements", "procedures"]);
        Assert.Empty(PlanCheck.Of(plan));
        await using (var db = town.Open())
        {
            var next = Revision.Of(plan, 2, TimeProvider.System.GetUtcNow());
            next.Publish(TimeProvider.System.GetUtcNow());
            db.Add(next);
            await db.Save();
        }
        var page = await town.Visitor().Open("plan/measures/I-1-1");
        var rows = page.All("#money-caption ~ tbody tr").Select(r => string.Join(' ', r.QuerySelectorAll("td").Select(c => c.TextContent.Trim()))).ToArray();
        Assert.Equal(["一般財源 1,200 1,000 900.5", "補助金 800 － －", "合計 2,000 1,000 900.5"], rows);
        Assert.Contains("2026年3月31日", page.One("#contracts-caption").ParentElement!.TextContent);
        Assert.Equal($"/{town.Slug}/announcements", page.One("main a[href$=announcements]").GetAttribute("href"));

        measure.Money.Add(new() { Year = "2025", Step = "asked", Source = "gold", Amount = -1 });
        measure.Contracts[0].Until = "2024-03-31";
        Assert.Equal(5, PlanCheck.Of(plan).Count());
    }

    [Fact]
    public async Task Loaded_again_nothing_changes_and_what_was_published_stays_as_it_was()
    {
        var town = await program.NewTown("onojo", livedIn: true);
        await using (var db = town.Open())
        {
            await PlanTown.Load(new(town.Town, db, Path.Combine(TestProgram.TownsFolder, "onojo"), TimeProvider.System, null));
            await db.Save();
        }
        await using var count = town.Source.CreateCommand("SELECT count(*) FROM plan.revisions");
        Assert.Equal(1L, await count.ExecuteScalarAsync(TestContext.Current.CancellationToken));
        await using var change = town.Source.CreateCommand("UPDATE plan.revisions SET document = '{\"plan\": {}}'");
        Assert.Contains("never changed", (await Assert.ThrowsAsync<Npgsql.PostgresException>(() => change.ExecuteNonQueryAsync(TestContext.Current.CancellationToken))).MessageText);
    }
}
