using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Komachi.Plan;
using Komachi.Platform.Data;
using Komachi.Platform.Offices;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Komachi.Tests.Plan;

/// <summary>Values of indicators: given with what proves them, counted in surveys, corrected with both kept, by those whose turn it is; and what residents and programs read of it.</summary>
public sealed class GivingActuals(TestProgram program)
{
    const string Head = """
        plan: { key: dx, title: { ja: 見本の計画, en: A plan, plain: 計画 }, vision: { ja: 目 }, summary: { ja: 要 }, publisher: { ja: 見本市 }, from: R4, until: R9 }
        policies: [ { code: "1", title: { ja: 方針 } } ]

        """;

    const string Give = "#give form.form";

    const string Measures = """
        measures:
          - code: 1-1
            policy: "1"
            title: { ja: オンライン申請, en: Online, plain: オンライン }
            summary: { ja: 手続をオンラインにする }
            departments: [福祉政策課]
            indicators: [ { title: 手続数, unit: 件, direction: up, of: state, targets: { R4: 40, R5: 60, R6: 80, R7: 100, R8: 120, R9: 140 } } ]
          - code: 1-2
            policy: "1"
            title: { ja: 見守り, en: Watching, plain: 見守り }
            summary: { ja: 安心 }
            indicators: [ { title: 安心と感じる割合, unit: "%", direction: up, of: state, targets: { R7: 70, R9: 80 } } ]
        """;

    /// <summary>An Onojo of its own with a plan that runs: its clerk tanto belongs to 福祉政策課, its secretariat jimu to the whole town.</summary>
    Task<TestTown> NewTown(string slug, string measures = Measures) => PlannedTown.New(program, slug, Head + measures);

    static Dictionary<string, string?> Typed(string on, string value, string evidence = "窓口の記録") => new() { ["on"] = on, ["how"] = "typed", ["value"] = value, ["evidence"] = evidence };

    [Fact]
    public async Task A_value_is_given_with_what_proves_it_and_residents_see_it()
    {
        var town = await NewTown("give");
        var tanto = await town.Staff("tanto");
        var list = await tanto.Open("desk/plan/actuals?state=waiting");
        Assert.Equal(2, list.All("#indicators, tbody tr").Count(r => r.TagName == "TR"));
        Assert.Contains("前年度の値がまだない計画の指標", (await tanto.Open("desk")).Text);

        var page = await tanto.Open("desk/plan/actuals/1-1/1");
        var saved = await tanto.Submit(page, Typed("2026-03-31", "１０４件"), form: Give);
        Assert.Contains("値を保存しました", saved.Text);
        Assert.Contains("見本 担当", saved.Text);

        var shown = await town.Visitor().Open("plan/measures/1-1");
        Assert.Contains("104", shown.One("#indicator-1-1-1-table-caption").ParentElement!.TextContent);
        Assert.Contains("窓口の記録", shown.Text);
        Assert.Equal("順調", shown.All("main .badge").First().TextContent);
        Assert.Contains("順調", (await town.Visitor().Open("plan")).One(".hits").TextContent);
    }

    [Fact]
    public async Task What_does_not_fit_is_said_and_nothing_that_was_typed_is_lost()
    {
        var town = await NewTown("wrong");
        var tanto = await town.Staff("tanto");
        var page = await tanto.Open("desk/plan/actuals/1-1/1");
        foreach (var (fill, says) in new (Dictionary<string, string?>, string)[]
        {
            (Typed("2026-03-31", ""), "値を入力してください"),
            (Typed("2099-03-31", "5"), "2099-03-31"),
            (Typed("2026-03-31", "たくさん"), "たくさん"),
            (Typed("2026-03-31", "5", ""), "5"),
            (new(Typed("2026-03-31", "5")) { ["text"] = "試行" }, "どちらか一方"),
            (new(Typed("2026-03-31", "")) { ["how"] = "survey", ["asked"] = "10", ["answered"] = "11" }, "回答した人数より多く"),
            (new(Typed("2026-03-31", "5")) { ["how"] = "guess" }, "5"),
            (new(Typed("2026-03-31", "5")) { ["corrects"] = "nonsense", ["reason"] = "誤り" }, "すでに訂正されています"),
        })
        {
            var again = await tanto.Submit(page, fill, form: Give);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, again.Status);
            Assert.Contains(says, again.Html);
        }
        Assert.Equal(HttpStatusCode.NotFound, (await tanto.Open("desk/plan/actuals/1-1/2")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await tanto.Open("desk/plan/actuals/nothing/1")).Status);
        Assert.Equal(0L, await Count(town, "plan.actuals"));
    }

    [Fact]
    public async Task A_survey_gives_the_share_and_says_how_many_were_asked()
    {
        var town = await NewTown("survey");
        var jimu = await town.Staff("jimu");
        var saved = await jimu.Submit(await jimu.Open("desk/plan/actuals/1-2/1"), new() { ["on"] = "2026-03-31", ["how"] = "survey", ["asked"] = "320", ["answered"] = "231", ["evidence"] = "保護者アンケート" }, form: Give);
        Assert.Contains("72.2%", saved.Text);
        Assert.Contains("アンケート：320人中231人", (await town.Visitor().Open("plan/measures/1-2")).Text);
    }

    [Fact]
    public async Task A_day_has_one_value_also_where_so_many_came_after_it_that_the_page_does_not_list_it_any_more()
    {
        var town = await NewTown("older");
        var tanto = await town.Staff("tanto");
        var page = await tanto.Submit(await tanto.Open("desk/plan/actuals/1-1/1"), Typed("2025-03-31", "85"), form: Give);
        await using (var fill = town.Source.CreateCommand("INSERT INTO plan.actuals (id, plan, of, indicator, on_day, value, source, at) SELECT gen_random_uuid(), a.plan, a.of, a.indicator, (date '2025-04-01' + n)::date, 1, 'Figure', now() FROM plan.actuals a, generate_series(0, 205) n"))
            await fill.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        Assert.Contains("この日の値はすでにあります", (await tanto.Submit(page, Typed("2025-03-31", "86"), form: Give)).Text);
    }

    [Fact]
    public async Task A_correction_takes_the_place_of_a_value_and_keeps_it_and_only_one_does()
    {
        var town = await NewTown("correct");
        var tanto = await town.Staff("tanto");
        await tanto.Submit(await tanto.Open("desk/plan/actuals/1-1/1"), Typed("2025-03-31", "85"), form: Give);
        var first = await tanto.Submit(await tanto.Open("desk/plan/actuals/1-1/1"), Typed("2026-03-31", "1004"), form: Give);
        // A second value of a day is a correction of the first, and needs a reason.
        Assert.Contains("この日の値はすでにあります", (await tanto.Submit(first, Typed("2026-03-31", "104"), form: Give)).Text);
        var link = first.All("#history-caption").Single().ParentElement!.QuerySelector("a[href*='corrects=']")!.GetAttribute("href")!;
        var correcting = await tanto.Open(link[..link.IndexOf('#')]);
        Assert.Equal("1004", correcting.One("input[name=value]").GetAttribute("value"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await tanto.Submit(correcting, new() { ["value"] = "104" }, form: Give)).Status);
        var slower = tanto.Ready(correcting, new() { ["value"] = "105", ["reason"] = "別の人の訂正" }, form: Give);
        var send = tanto.Ready(await tanto.Open(link[..link.IndexOf('#')]), new() { ["value"] = "104", ["reason"] = "桁の誤り" }, form: Give);
        var corrected = await send();
        Assert.Contains("訂正を保存しました", corrected.Text);
        await send();    // pressed twice
        Assert.Contains("すでに訂正されています", (await slower()).Text);

        Assert.Equal(3L, await Count(town, "plan.actuals"));
        var shown = await town.Visitor().Open("plan/measures/1-1");
        Assert.Contains("1,004", shown.One("del").TextContent);
        Assert.Contains("桁の誤り", shown.Text);
        // Chart, table and file say the same.
        Assert.Equal("年度,目標,実績|令和4年度,40,|令和5年度,60,|令和6年度,80,85|令和7年度,100,104|令和8年度,120,|令和9年度,140,", string.Join('|', await Lines(town, "plan/measures/1-1/targets.csv")));
        Assert.Equal(["令和6年度 80件 85件", "令和7年度 100件 104件"], shown.One("#indicator-1-1-1-table-caption").ParentElement!.QuerySelectorAll("tbody tr").Select(r => string.Join(' ', r.Children.Select(c => c.TextContent))).Where(r => !r.EndsWith('–')));
        Assert.Contains(await Lines(town, "plan/actuals.csv"), l => l.StartsWith("1-1,手続数,件,2026-03-31,104,,担当課の報告") && l.EndsWith(",桁の誤り"));
    }

    [Fact]
    public async Task Who_belongs_to_no_department_of_the_measure_looks_and_does_not_write()
    {
        var town = await NewTown("whose");
        var tanto = await town.Staff("tanto");
        Assert.Empty((await tanto.Open("desk/plan/actuals/1-2/1")).All("#give"));
        var own = await tanto.Open("desk/plan/actuals/1-1/1");
        var form = own.One(Give);
        form.SetAttribute("action", form.GetAttribute("action")!.Replace("1-1/1", "1-2/1"));
        Assert.Equal(HttpStatusCode.Forbidden, (await tanto.Submit(own, Typed("2026-03-31", "70"), form: Give)).Status);
        var jimu = await town.Staff("jimu");
        Assert.Contains("値を保存しました", (await jimu.Submit(await jimu.Open("desk/plan/actuals/1-2/1"), Typed("2026-03-31", "70"), form: Give)).Text);
        Assert.Equal(HttpStatusCode.Forbidden, (await (await town.Staff("koho")).Open("desk/plan/actuals")).Status);
    }

    [Fact]
    public async Task What_was_given_is_never_changed_and_the_database_says_so()
    {
        var town = await NewTown("keep");
        var jimu = await town.Staff("jimu");
        await jimu.Submit(await jimu.Open("desk/plan/actuals/1-1/1"), Typed("2026-03-31", "90"), form: Give);
        foreach (var sql in new[] { "UPDATE plan.actuals SET value = 1", "DELETE FROM plan.actuals" })
        {
            await using var change = town.Source.CreateCommand(sql);
            Assert.Contains("never changed", (await Assert.ThrowsAsync<PostgresException>(() => change.ExecuteNonQueryAsync(TestContext.Current.CancellationToken))).MessageText);
        }
        foreach (var columns in new[] { "'Survey', 5, NULL, NULL, NULL", "'Survey', 5, NULL, 3, 4", "'Typed', NULL, NULL, NULL, NULL", "'Typed', 5, 'five', NULL, NULL", "'Figure', NULL, 'five', NULL, NULL" })
        {
            await using var add = town.Source.CreateCommand($"INSERT INTO plan.actuals (id, plan, of, indicator, on_day, at, source, value, text, asked, answered) VALUES (gen_random_uuid(), 'dx', '1-1', '手続数', '2024-03-31', now(), {columns})");
            Assert.Equal(PostgresErrorCodes.CheckViolation, (await Assert.ThrowsAsync<PostgresException>(() => add.ExecuteNonQueryAsync(TestContext.Current.CancellationToken))).SqlState);
        }
    }

    [Fact]
    public async Task Programs_get_state_values_and_outlook_and_all_values_page_by_page()
    {
        var town = await NewTown("data");
        var jimu = await town.Staff("jimu");
        foreach (var (on, value) in new[] { ("2024-03-31", "60"), ("2025-03-31", "81"), ("2026-03-31", "101") }) await jimu.Submit(await jimu.Open("desk/plan/actuals/1-1/1"), Typed(on, value), form: Give);
        var plan = await Data(town, "api/v1/plan");
        var measure = plan.GetProperty("measures")[0];
        Assert.Equal("onTrack", measure.GetProperty("state").GetString());
        var standing = measure.GetProperty("standings")[0];
        Assert.Equal((101m, "2026-03-31", true), (standing.GetProperty("lastValue").GetDecimal(), standing.GetProperty("lastOn").GetString(), standing.GetProperty("outlook").GetProperty("reached").GetBoolean()));
        Assert.Equal(["R5", "R6", "R7"], standing.GetProperty("values").EnumerateObject().Select(v => v.Name));
        Assert.Equal((1, 1), (plan.GetProperty("totals").GetProperty("states").GetProperty("onTrack").GetInt32(), plan.GetProperty("totals").GetProperty("states").GetProperty("notMeasured").GetInt32()));
        var (seen, after) = (new List<decimal>(), "");
        do
        {
            var page = await Data(town, "api/v1/plan/actuals?limit=2" + after);
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("value").GetDecimal()));
            after = page.GetProperty("next").GetString() is { } next ? "&after=" + next : "";
        }
        while (after.Length > 0);
        Assert.Equal([101, 81, 60], seen);
        Assert.Equal(HttpStatusCode.BadRequest, (await town.Visitor().Send(HttpMethod.Get, "api/v1/plan/actuals?limit=0")).StatusCode);
        Assert.Contains("目標に届く見込み", (await town.Visitor().Open("plan/measures/1-1")).Text);
        // The year's report says the same, and as a paper.
        var report = await town.Visitor().Open("plan/report?year=R6");
        Assert.Contains("81件", report.One("#report-1-caption").ParentElement!.TextContent);
        using var paper = await town.Visitor().Send(HttpMethod.Get, "plan/report/pdf?year=R6");
        Assert.True(paper.StatusCode == HttpStatusCode.OK && paper.Content.Headers.ContentType!.MediaType == "application/pdf" || paper.StatusCode == HttpStatusCode.ServiceUnavailable, $"{paper.StatusCode}");
    }

    [Fact]
    public async Task The_counts_lead_to_the_measures_that_they_count()
    {
        var town = await NewTown("counts");
        var jimu = await town.Staff("jimu");
        await jimu.Submit(await jimu.Open("desk/plan/actuals/1-1/1"), Typed("2026-03-31", "99"), form: Give);
        var plan = await town.Visitor().Open("plan");
        Assert.Contains("2の施策のうち、0が順調または達成済み、1が遅れています", plan.Text);
        var behind = await town.Visitor().Open(plan.All("#how-far-caption").Single().ParentElement!.QuerySelector("a[href*='state=behind']")!.GetAttribute("href")!);
        Assert.Equal("オンライン申請", Assert.Single(behind.All(".hit-title")).TextContent);
        Assert.Equal(2, (await town.Visitor().Open("plan/measures?state=nonsense")).All(".hit-title").Count());
    }

    static async Task<JsonElement> Data(TestTown town, string path)
    {
        using var answer = await town.Visitor().Send(HttpMethod.Get, path);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
    }

    static async Task<string[]> Lines(TestTown town, string path) =>
        (await town.Visitor().Http.GetStringAsync($"/{town.Slug}/{path}", TestContext.Current.CancellationToken)).TrimStart('\ufeff').Split("\r\n", StringSplitOptions.RemoveEmptyEntries);

    static async Task<long> Count(TestTown town, string table)
    {
        await using var count = town.Source.CreateCommand($"SELECT count(*) FROM {table}");
        return (long)(await count.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }
}

/// <summary>Towns with a plan of a test's own.</summary>
static class PlannedTown
{
    public static async Task<TestTown> New(TestProgram program, string slug, string plan)
    {
        var folder = Directory.CreateTempSubdirectory("komachi-town").FullName;
        foreach (var file in new[] { "town.yaml", "accounts.yaml", "offices.yaml" }) File.Copy(Path.Combine(TestProgram.TownsFolder, "onojo", file), Path.Combine(folder, file));
        Directory.CreateDirectory(Path.Combine(folder, "plan"));
        await File.WriteAllTextAsync(Path.Combine(folder, "plan", "dx.yaml"), plan, TestContext.Current.CancellationToken);
        var town = await program.NewTownFrom(folder, $"plan-{slug}-{Guid.CreateVersion7().ToString("N")[^6..]}");
        Directory.Delete(folder, recursive: true);
        return town;
    }
}
