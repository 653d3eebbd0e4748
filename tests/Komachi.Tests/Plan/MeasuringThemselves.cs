using System.Net.Http.Json;
using System.Text.Json;
using Komachi.Plan;
using Komachi.Platform.Days;
using Komachi.Tests.Harness;

namespace Komachi.Tests.Plan;

/// <summary>Indicators that are bound to a figure measure themselves each night, and those who answer for one hear once when its target will be missed.</summary>
public sealed class MeasuringThemselves(TestProgram program)
{
    const string Plan = """
        plan: { key: dx, title: { ja: 見本の計画 }, vision: { ja: 目 }, summary: { ja: 要 }, publisher: { ja: 見本市 }, from: R4, until: R9 }
        policies: [ { code: "1", title: { ja: 方針 } } ]
        measures:
          - code: 1-1
            policy: "1"
            title: { ja: お知らせ }
            summary: { ja: お知らせを出す }
            departments: [福祉政策課]
            indicators:
              - { title: 公開中のお知らせ, unit: 件, direction: up, of: state, targets: { R9: 100 }, figure: announcements.published }
              - { title: 電子申請の数, unit: 件, direction: up, of: state, targets: { R9: 100 }, figure: procedures.none_such }
        """;

    static async Task Night(TestTown town)
    {
        await using var db = town.Open();
        db.Enqueue(new MeasureIndicators());
        await db.Save();
        await town.Until("NOT EXISTS (SELECT FROM jobs.queue WHERE kind = 'plan.measure_indicators')", 40);
    }

    [Fact]
    public async Task One_value_a_day_of_the_day_that_ended_however_often_the_night_comes()
    {
        var town = await PlannedTown.New(program, "night", Plan);
        await Night(town);
        await Night(town);
        var yesterday = TimeProvider.System.Today().AddDays(-1).ForInput();
        await town.Until($"(SELECT count(*) = 1 AND bool_and(on_day = '{yesterday}' AND value = 0 AND by_id IS NULL AND indicator = '公開中のお知らせ') FROM plan.actuals)");
        await town.Until("(SELECT count(*) = 1 AND max(number) = 1 FROM plan.standings)");

        var page = await town.Visitor().Open("plan/measures/1-1");
        Assert.Contains("このシステムが毎晩測ります", page.Text);
        Assert.Contains("この指標を測るサービスは、ここではまだ動いていません", page.Text);
        var desk = await town.Staff("jimu");
        Assert.Contains("この指標は毎晩自動で測ります", (await desk.Open("desk/plan/actuals/1-1/1")).Text);
        Assert.Contains("procedures.none_such", (await desk.Open("desk/plan/actuals/1-1/2")).Text);
    }

    [Fact]
    public async Task A_measured_value_is_corrected_like_any_other_and_the_next_night_goes_on()
    {
        var town = await PlannedTown.New(program, "mended", Plan);
        await Night(town);
        var jimu = await town.Staff("jimu");
        var link = (await jimu.Open("desk/plan/actuals/1-1/1")).One("a[href*='corrects=']").GetAttribute("href")!;
        await jimu.Submit(await jimu.Open(link[..link.IndexOf('#')]), new() { ["value"] = "12", ["evidence"] = "数え直し", ["reason"] = "数え落とし" }, form: "#give form.form");
        await town.Until("(SELECT last_value = 12 AND number = 1 FROM plan.standings)");
        await Night(town);
        await town.Until("(SELECT count(*) = 2 FROM plan.actuals)");
    }

    [Fact]
    public async Task When_a_target_comes_to_be_missed_the_department_hears_once_and_once_more_when_it_turns()
    {
        var mark = "お知らせ" + Guid.CreateVersion7().ToString("N")[^8..];
        var town = await PlannedTown.New(program, "told", Plan.Replace("公開中のお知らせ", mark));
        var to = $"tanto-{mark[^8..]}@example.jp";
        await Do(town, $"UPDATE people.accounts SET email = '{to}' WHERE sign_in_name = 'tanto'");
        var jimu = await town.Staff("jimu");
        await Give(jimu, "2024-03-31", "10");
        await Give(jimu, "2025-03-31", "20");
        await Morning(town);
        await Morning(town);
        Assert.Single(await Mails(to, "届かない見込みです", mark));
        using var http = new HttpClient { BaseAddress = program.World.Url };
        Assert.Contains("20件", (await http.GetFromJsonAsync<JsonElement>($"/api/mail/wait?seconds=60&to={Uri.EscapeDataString(to)}", TestContext.Current.CancellationToken)).GetProperty("text").GetString());

        await Give(jimu, "2026-03-31", "90");
        await Morning(town);
        await Morning(town);
        Assert.Single(await Mails(to, "届く見込みになりました", mark));
        Assert.Single(await Mails(to, "届かない見込みです", mark));
    }

    [Fact]
    public async Task Where_all_goes_well_nobody_is_told()
    {
        var mark = "順調" + Guid.CreateVersion7().ToString("N")[^8..];
        var town = await PlannedTown.New(program, "quiet", Plan.Replace("公開中のお知らせ", mark));
        var jimu = await town.Staff("jimu");
        await Give(jimu, "2024-03-31", "40");
        await Give(jimu, "2025-03-31", "70");
        await Morning(town);
        await town.Until("(SELECT told_missed = false FROM plan.standings)");
        using var http = new HttpClient { BaseAddress = program.World.Url };
        Assert.DoesNotContain(await All(http), m => m.GetProperty("subject").GetString()!.Contains(mark));
    }

    static Task<Seen> Give(Person who, string on, string value) => Given(who, new() { ["on"] = on, ["how"] = "typed", ["value"] = value, ["evidence"] = "記録" });

    static async Task<Seen> Given(Person who, Dictionary<string, string?> fill)
    {
        var saved = await who.Submit(await who.Open("desk/plan/actuals/1-1/1"), fill, form: "#give form.form");
        Assert.Contains("値を保存しました", saved.Text);
        return saved;
    }

    static async Task Morning(TestTown town)
    {
        await using var db = town.Open();
        db.Enqueue(new TellOutlooks());
        await db.Save();
        await town.Until("NOT EXISTS (SELECT FROM jobs.queue WHERE kind IN ('plan.tell_outlooks', 'mail.send'))", 40);
    }

    async Task<JsonElement[]> Mails(string to, string subject, string mark)
    {
        using var http = new HttpClient { BaseAddress = program.World.Url };
        return [.. (await All(http)).Where(m => m.GetProperty("to").ToString().Contains(to) && m.GetProperty("subject").GetString()!.Contains(subject) && m.GetProperty("subject").GetString()!.Contains(mark))];
    }

    static async Task<JsonElement[]> All(HttpClient http) => [.. (await http.GetFromJsonAsync<JsonElement>("/api/mail?limit=2000", TestContext.Current.CancellationToken)).GetProperty("mails").EnumerateArray()];

    static async Task Do(TestTown town, string sql)
    {
        await using var command = town.Source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
