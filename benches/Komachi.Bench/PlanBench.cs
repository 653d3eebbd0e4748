using System.Diagnostics;
using System.Globalization;

namespace Komachi.Bench;

/// <summary>The plan's pages against the floor of the town's first page; and what many measures with many values cost.</summary>
static class PlanBench
{
    public static async IAsyncEnumerable<Figure> Run(Stage stage, Child ours, Child floor)
    {
        foreach (var (name, path) in new[] { ("first page", "plan"), ("a measure", "plan/measures/I-1-1"), ("yearly report", "plan/report") })
            yield return await Measure.Requests("plan", name, 0.6, ours, Request.Get($"/{Stage.Town}/{path}"), floor, Request.Get("/home"));
        yield return new("plan", "200 measures × 10 years of months, to 10", await TimesAsLong(stage, ours), null, null, 2, "times");
    }

    /// <summary>Each time an address that nobody asked for before, so that the page is made; the median of pairs.</summary>
    static async Task<double> TimesAsLong(Stage stage, Child ours)
    {
        foreach (var measures in new[] { 10, 200 }) await Fill(stage, measures);
        using var http = new HttpClient { BaseAddress = ours.Url };
        var ratios = new List<double>();
        for (var round = -40; round < 101; round++)
        {
            var (few, many) = (await Took(10, round), await Took(200, round));
            if (round >= 0) ratios.Add(many / few);
        }
        return Measure.Median(ratios);

        async Task<double> Took(int measures, int round)
        {
            var from = Stopwatch.GetTimestamp();
            (await http.GetAsync($"/plan-{measures}/plan?round={round}")).EnsureSuccessStatusCode();
            return Stopwatch.GetElapsedTime(from).TotalMilliseconds;
        }
    }

    static async Task Fill(Stage stage, int measures)
    {
        var folder = Directory.CreateTempSubdirectory("komachi-bench-plan").FullName;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Stage.TownsFolder, Stage.Town), "*.yaml")) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        Directory.CreateDirectory(Path.Combine(folder, "plan"));
        await File.WriteAllTextAsync(Path.Combine(folder, "plan", "dx.yaml"), """
            plan: { key: dx, title: { ja: 見本の計画 }, vision: { ja: 目 }, summary: { ja: 要 }, publisher: { ja: 見本市 }, from: H30, until: R9 }
            policies: [ { code: "1", title: { ja: 方針1 } }, { code: "2", title: { ja: 方針2 } } ]
            measures:

            """ + string.Concat(Enumerable.Range(1, measures).Select(n => $"  - {{ code: m-{n}, policy: \"{n % 2 + 1}\", title: {{ ja: 施策{n} }}, summary: {{ ja: 施策{n}の要約 }}, indicators: [ {{ title: 件数, unit: 件, direction: up, of: state, targets: {{ R1: 20, R3: 40, R5: 60, R7: 80, R9: 100 }} }} ] }}\n")));
        await stage.Add($"plan-{measures}", folder);
        Directory.Delete(folder, recursive: true);
        await stage.Run($"plan-{measures}", string.Create(CultureInfo.InvariantCulture, $"""
            INSERT INTO plan.actuals (id, plan, of, indicator, on_day, value, source, evidence, at)
            SELECT gen_random_uuid(), 'dx', 'm-' || m, '件数', (date '2016-11-30' + make_interval(months => n))::date, n, 'Typed', '見本', now() FROM generate_series(1, {measures}) m, generate_series(1, 120) n;
            INSERT INTO plan.standings (plan, of, indicator, number, first_on, first_value, last_on, last_value, years, year_values, version)
            SELECT plan, of, indicator, count(*), min(on_day), min(value), max(on_day), max(value), array(SELECT generate_series(2016, 2025)), array(SELECT (y * 10)::numeric FROM generate_series(1, 10) y), 1
            FROM plan.actuals GROUP BY plan, of, indicator;
            ANALYZE
            """));
    }
}
