using System.Net;
using Komachi.Platform.Days;
using Komachi.Platform.Rights;
using Komachi.Tests.Harness;

namespace Komachi.Tests.Rights;

/// <summary>Nights go by: what has served its time goes, what is held stays, and a night that was cut short goes on.</summary>
[Trait("Category", "long")]
public sealed class DrillsOfRetention(RightsProgram program)
{
    static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    [Fact]
    public void Periods_end_when_a_japanese_calendar_says_so()
    {
        var june = JapanTime.At(new DateOnly(2026, 6, 10));
        Assert.Equal(JapanTime.At(new DateOnly(2028, 4, 1)), Keep.FiscalYears(1).EndOf(june));    // kept the whole of the year that follows
        Assert.Equal(JapanTime.At(new DateOnly(2027, 4, 1)), Keep.FiscalYears(0).EndOf(june));
        Assert.Equal(JapanTime.At(new DateOnly(2027, 4, 1)), Keep.FiscalYears(1).EndOf(JapanTime.At(new DateOnly(2026, 3, 31))));
        Assert.Equal(JapanTime.At(new DateOnly(2031, 6, 10)), Keep.Years(5).EndOf(june));
        foreach (var keep in new[] { Keep.FiscalYears(1), Keep.FiscalYears(5), Keep.Years(5), Keep.Days(90), Keep.Months(6) })
        {
            var end = keep.EndOf(june);
            Assert.False(june < keep.Before(end.AddSeconds(-1)), $"{keep} goes too early");
            Assert.True(june < keep.Before(end.AddSeconds(1)), $"{keep} stays too long");
        }
    }

    static Task Send(TestTown town, string to) => town.Tell($"""
        INSERT INTO people.codes (id, kind, account_id, address, secret_hash, tries, made_at, ends_at)
        SELECT gen_random_uuid(), 'SignIn', id, 'somebody@example.jp', '\x00', 0, now(), now() FROM people.accounts WHERE sign_in_name = '{to}'
        """);

    static Task<long> Left(TestTown town, string of) => town.Ask<long>($"SELECT count(*) FROM people.codes c JOIN people.accounts a ON a.id = c.account_id WHERE a.sign_in_name = '{of}'");

    [Fact]
    public async Task What_has_served_its_time_goes_and_what_is_held_stays_until_the_hold_ends()
    {
        var town = await program.Quiet();
        await Send(town, "hanako");
        await Send(town, "taro");
        var hanako = await town.Ask<Guid>("SELECT person_id FROM people.accounts WHERE sign_in_name = 'hanako'");
        using (var staff = await town.Staff("joho"))
        {
            var page = await staff.Open($"desk/rights/{hanako}");
            Assert.Equal(HttpStatusCode.UnprocessableEntity, (await staff.Submit(page, form: "form[action$=hold]")).Status);    // without a reason nothing is held
            page = await staff.Submit(page, new() { ["reason"] = "裁判所からの照会" }, form: "form[action$=hold]");
            Assert.Contains("消去を保留しました", page.Text);
            Assert.Contains("裁判所からの照会", (await staff.Open("desk/retention")).Text);
        }
        await town.Night<EraseDue>(Now.AddHours(12));
        Assert.Equal((1, 1), (await Left(town, "hanako"), await Left(town, "taro")));    // neither is due
        await town.Night<EraseDue>(Now.AddDays(2));
        Assert.Equal((1, 0), (await Left(town, "hanako"), await Left(town, "taro")));
        Assert.Equal(1, await town.Ask<long>("SELECT sum(erased)::bigint FROM rights.runs WHERE kind = 'people.codes'"));

        using (var staff = await town.Staff("joho"))
        {
            var page = await staff.Open("desk/retention");
            Assert.Contains("解除しました", (await staff.Submit(page, new() { ["reason"] = "照会が終わった" }, form: "form[action$=end]")).Text);
        }
        await town.Night<EraseDue>(Now.AddDays(3));
        Assert.Equal(0, await Left(town, "hanako"));
        Assert.Equal(2, await town.Ask<long>($"SELECT count(*) FROM audit.entries WHERE about_id = '{hanako}' AND action IN ('rights.hold', 'rights.end_hold') AND reason IS NOT NULL"));
    }

    [Fact]
    public async Task A_kind_that_is_held_stays_and_a_towns_own_period_wins()
    {
        var town = await program.Quiet();
        await Send(town, "hanako");
        using (var staff = await town.Staff("joho"))
        {
            await staff.Submit(await staff.Open("desk/retention/people.codes"), new() { ["reason"] = "監査" }, form: "form[action$=hold]");
            await town.Night<EraseDue>(Now.AddDays(2));
            Assert.Equal(1, await Left(town, "hanako"));
        }
        using (var staff = await town.Staff("joho"))
        {
            await staff.Submit(await staff.Open("desk/retention"), new() { ["reason"] = "終了" }, form: "form[action$=end]");
            var page = await staff.Open("desk/retention/people.codes");
            Assert.Equal(HttpStatusCode.UnprocessableEntity, (await staff.Submit(page, new() { ["count"] = "10" })).Status);    // a change wants a reason
            page = await staff.Submit(page, new() { ["count"] = "10", ["reason"] = "文書管理規程 第3条" });
            Assert.Contains("10日", page.Text);
        }
        await town.Night<EraseDue>(Now.AddDays(5));
        Assert.Equal(1, await Left(town, "hanako"));
        await town.Night<EraseDue>(Now.AddDays(11));
        Assert.Equal(0, await Left(town, "hanako"));
        Assert.Equal(1, await town.Ask<long>("SELECT count(*) FROM audit.entries WHERE action = 'rights.set_period' AND reason = '文書管理規程 第3条' AND details->>'to' = '10 Days'"));
    }

    static Task Fill(TestTown town, int rows) => town.Tell($"INSERT INTO figures.snapshots (key, taken_on, value) SELECT 'papers.' || n, '2020-01-01', 1 FROM generate_series(1, {rows}) n");

    [Fact]
    public async Task A_night_that_is_killed_half_way_goes_on_and_counts_each_record_once()
    {
        var town = await program.Quiet();
        await Fill(town, 1200);
        Papers.Killed[town.Slug] = 0;
        await Assert.ThrowsAsync<OperationCanceledException>(() => town.Night<EraseDue>(Now));
        Assert.Equal(700, await town.Ask<long>("SELECT count(*) FROM figures.snapshots WHERE key LIKE 'papers.%'"));
        Assert.Equal(500, await town.Ask<long>("SELECT erased FROM rights.runs WHERE kind = 'papers.days' ORDER BY night_on DESC LIMIT 1"));
        await town.Night<EraseDue>(Now);
        await town.Night<EraseDue>(Now);
        Assert.Equal(0, await town.Ask<long>("SELECT count(*) FROM figures.snapshots WHERE key LIKE 'papers.%'"));
        Assert.Equal(1200, await town.Ask<long>("SELECT sum(erased)::bigint FROM rights.runs WHERE kind = 'papers.days'"));
    }

    [Fact]
    public async Task What_is_too_much_for_one_run_is_left_to_the_next()
    {
        var town = await program.Quiet();
        const int OneRun = EraseDue.BatchSize * EraseDue.MostBatches;
        await Fill(town, OneRun + 700);
        await town.Night<EraseDue>(Now);
        Assert.InRange(await town.Ask<long>("SELECT count(*) FROM figures.snapshots WHERE key LIKE 'papers.%'"), 700, OneRun);
        Assert.True(await town.Ask<bool>("SELECT EXISTS (SELECT FROM jobs.queue WHERE kind = 'rights.erase_due' AND run_at > now() + interval '30 seconds')"));
    }

    [Fact]
    public async Task An_account_that_was_closed_a_year_ago_says_nothing_any_more()
    {
        var town = await program.Quiet();
        await town.Tell("UPDATE people.accounts SET closed_at = now() WHERE sign_in_name = 'hanako'");
        await town.Night<EraseDue>(Now.AddDays(300));
        Assert.Equal(1, await town.Ask<long>("SELECT count(*) FROM people.accounts WHERE sign_in_name = 'hanako'"));
        await town.Night<EraseDue>(Now.AddDays(367));
        Assert.Equal(1, await town.Ask<long>("SELECT count(*) FROM people.accounts WHERE sign_in_name LIKE 'erased-%' AND name = '' AND email IS NULL AND email_key IS NULL AND password_hash IS NULL"));
    }

    [Fact]
    public async Task The_page_shows_every_kind_with_its_law_and_can_be_counted_in_an_empty_town()
    {
        var town = await program.Quiet();
        using var staff = await town.Staff("joho");
        var page = await staff.Open("desk/retention");
        Assert.Equal(program.House.All<RecordKind>().Count(), page.All("main table tbody tr").Count());
        foreach (var kind in program.House.All<RecordKind>())
            Assert.Equal(HttpStatusCode.OK, (await staff.Open($"desk/retention/{kind.Key}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await staff.Open("desk/retention/nothing")).Status);
    }
}
