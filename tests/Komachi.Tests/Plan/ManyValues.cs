using System.Data.Common;
using Komachi.Plan;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Komachi.Tests.Plan;

/// <summary>Two hundred measures with ten years of monthly values: the plan's first page asks as little as with ten, and is as long.</summary>
[Trait("Category", "long")]
public sealed class ManyValues(TestProgram program)
{
    internal static string PlanOf(int measures) => """
        plan: { key: dx, title: { ja: 見本の計画 }, vision: { ja: 目 }, summary: { ja: 要 }, publisher: { ja: 見本市 }, from: H30, until: R9 }
        policies: [ { code: "1", title: { ja: 方針1 } }, { code: "2", title: { ja: 方針2 } } ]
        measures:

        """ + string.Concat(Enumerable.Range(1, measures).Select(n => $"  - {{ code: m-{n}, policy: \"{n % 2 + 1}\", title: {{ ja: 施策{n} }}, summary: {{ ja: 施策{n}の要約 }}, indicators: [ {{ title: 件数, unit: 件, direction: up, of: state, targets: {{ H30: 10, R1: 20, R2: 30, R3: 40, R4: 50, R5: 60, R6: 70, R7: 80, R8: 90, R9: 100 }} }} ] }}\n"));

    /// <summary>Monthly values of ten years for each, by the hundreds of thousands in one go.</summary>
    internal const string Fill = """
        INSERT INTO plan.actuals (id, plan, of, indicator, on_day, value, source, evidence, at)
        SELECT gen_random_uuid(), 'dx', 'm-' || m, '件数', (date '2018-04-30' + make_interval(months => n))::date, (n * (80 + m % 40) / 100)::numeric, 'Typed', '見本', now()
        FROM generate_series(1, {0}) m, generate_series(0, 102) n;
        INSERT INTO plan.standings (plan, of, indicator, number, first_on, first_value, last_on, last_value, years, year_values, version)
        SELECT plan, of, indicator, count(*), min(on_day), min(value), max(on_day), max(value),
            array(SELECT y FROM generate_series(2018, 2026) y), array(SELECT max(b.value) FROM plan.actuals b, generate_series(2018, 2026) y WHERE b.of = a.of AND b.on_day BETWEEN make_date(y, 4, 1) AND make_date(y + 1, 3, 31) GROUP BY y ORDER BY y), 1
        FROM plan.actuals a GROUP BY plan, of, indicator
        """;

    [Fact]
    public async Task The_first_page_asks_as_often_and_says_as_much()
    {
        var (small, large) = (await Filled(10), await Filled(200));
        Assert.Equal(200L * 103, await Count(large));
        Assert.Equal(await Statements(small), await Statements(large));

        // How long it takes is measured by ./bench plan, on a machine that does nothing else; what it is made of does not depend on the machine.
        var (a, b) = (small.Visitor(), large.Visitor());
        var (few, many) = ((await a.Open("plan")).Text.Length, (await b.Open("plan")).Text.Length);
        Assert.True(many < 1.1 * few, $"With two hundred measures the page has {many} letters, with ten {few}.");

        // Its policies stand with their counts, and the measures on their own page.
        var page = await b.Open("plan");
        Assert.Empty(page.All(".hits a"));
        Assert.Equal(100, (await b.Open(page.One("a[href*='policy=']").GetAttribute("href")!)).All(".hits a").Count());
    }

    async Task<TestTown> Filled(int measures)
    {
        var town = await PlannedTown.New(program, $"many-{measures}", PlanOf(measures));
        await using var fill = town.Source.CreateCommand(Fill.Replace("{0}", measures.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        fill.CommandTimeout = 120;
        await fill.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        return town;
    }

    static async Task<long> Count(TestTown town)
    {
        await using var count = town.Source.CreateCommand("SELECT count(*) FROM plan.actuals");
        return (long)(await count.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    static async Task<int> Statements(TestTown town)
    {
        var counter = new Counter();
        await using var db = new TownDb(new DbContextOptionsBuilder<TownDb>().UseNpgsql(town.Source).AddInterceptors(counter).UseModel(town.Open().Model).Options);
        await HowFar.Of(db, await Revision.Read((await Revision.OfTown(db, default)).Single().Id, db, default), TimeProvider.System.Today());
        return counter.Count;
    }

    sealed class Counter : DbCommandInterceptor
    {
        public int Count;

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            Count++;
            return new(result);
        }
    }
}
