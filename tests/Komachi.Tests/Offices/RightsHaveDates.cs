using System.Net;
using Komachi.Platform.Offices;
using Komachi.Tests.Harness;

namespace Komachi.Tests.Offices;

/// <summary>What somebody may do begins and ends at midnight in Japan, by itself. These stories set the clock, one after the other.</summary>
[Trait("Category", "long")]
public sealed class RightsHaveDates(ProgramWithClock program) : IClassFixture<ProgramWithClock>
{
    static readonly DateOnly First = new(2027, 4, 1);

    static async Task<bool> MayWrite(Person person) => (await person.Open("desk/announcements")).Status == HttpStatusCode.OK;

    [Fact]
    public async Task A_right_begins_at_midnight_in_japan_of_its_first_day_and_ends_with_its_last()
    {
        var town = await program.NewTown();
        await town.NewStaff("shinjin");
        await town.Assign("shinjin", "0101", "publisher", First, new(2027, 6, 30));
        var person = await town.Staff("shinjin");
        foreach (var (at, may) in new[]
                 {
                     ("2027-03-31T23:59:59", false), ("2027-04-01T00:00:00", true), ("2027-06-30T23:59:59", true), ("2027-07-01T00:00:00", false),
                 })
        {
            program.Clock.Stand(at);
            Assert.True(await MayWrite(person) == may, at);
        }
    }

    [Fact]
    public async Task A_deputy_may_for_the_period_and_what_the_other_may_at_that_time()
    {
        var town = await program.NewTown();
        await town.NewStaff("shinjin");
        program.Clock.Set("2027-05-01T09:00:00");
        var (koho, deputy) = (await town.Staff("koho"), await town.Staff("shinjin"));
        var form = await koho.Open($"desk/deputy?deputy={await town.Account("shinjin")}");
        var given = await koho.Submit(form, new() { ["from"] = "2027-05-10", ["until"] = "2027-05-12", ["reason"] = "出張" });
        Assert.Contains("代理者を指定しました", given.Text);
        foreach (var (at, may) in new[] { ("2027-05-09T23:59:59", false), ("2027-05-10T00:00:00", true), ("2027-05-12T23:59:59", true), ("2027-05-13T00:00:00", false) })
        {
            program.Clock.Stand(at);
            Assert.True(await MayWrite(deputy) == may, at);
        }
        // A deputy holds no more than the other does on that day.
        program.Clock.Set("2027-05-11T12:00:00");
        await town.Do($"UPDATE offices.assignments SET until_on = '2027-05-10' WHERE account_id = '{await town.Account("koho")}'");
        Assert.False(await MayWrite(deputy));
        Assert.Equal(1, await town.Ask<long>("SELECT count(*) FROM audit.entries WHERE action = 'offices.give_deputy' AND about_id IS NOT NULL"));
    }

    [Fact]
    public async Task A_deputy_is_ended_at_once_and_passes_nothing_on()
    {
        var town = await program.NewTown();
        await town.NewStaff("ichi");
        await town.NewStaff("ni");
        program.Clock.Set("2027-05-01T09:00:00");
        var (koho, ichi, ni) = (await town.Staff("koho"), await town.Staff("ichi"), await town.Staff("ni"));
        foreach (var (giver, to) in new[] { (koho, "ichi"), (ichi, "ni") })
            await giver.Submit(await giver.Open($"desk/deputy?deputy={await town.Account(to)}"), new() { ["from"] = "2027-05-01", ["until"] = "2027-05-31", ["reason"] = "休暇" });
        Assert.True(await MayWrite(ichi));
        Assert.False(await MayWrite(ni));
        await koho.Submit(await koho.Open("desk/deputy"), form: "form[action$=end]");
        Assert.False(await MayWrite(ichi));
    }

    [Fact]
    public async Task A_reorganisation_of_march_is_in_force_from_the_first_second_of_april_without_any_job()
    {
        var town = await program.NewTown();
        program.Clock.Set("2027-03-10T09:00:00");
        var (joho, koho) = (await town.Staff("joho"), await town.Staff("koho"));
        var kohosOld = await town.Ask<string>("SELECT d.code FROM offices.assignments a JOIN offices.departments d ON d.id = a.department_id JOIN people.accounts p ON p.id = a.account_id WHERE p.sign_in_name = 'koho'");
        var draft = await joho.Submit(await joho.Open("desk/offices/changes/new"), new()
        {
            ["title"] = "4月1日の組織改編", ["effectiveOn"] = "2027-04-01",
            ["departments"] = $"区分,部署コード,名称,上位コード,引継先コード\n新設,0199,広報戦略課,01,\n廃止,{kohosOld},,,0199\n変更,0204,市民課,,\n",
            ["moves"] = "区分,ログイン名,氏名,部署コード,職名,役割\n異動,joho,見本情報,0199,課長,お知らせ担当\n",
        });
        if (await town.Ask<long>("SELECT count(*) FROM offices.departments WHERE code = '0204'") == 0)
        {
            Assert.Contains("部署コード0204の部署はありません", draft.Text);
            draft = await joho.Submit(draft, new() { ["departments"] = $"区分,部署コード,名称,上位コード,引継先コード\n新設,0199,広報戦略課,01,\n廃止,{kohosOld},,,0199\n" }, form: "form:has(textarea)");
        }
        var confirmed = await joho.Submit(draft, form: "form[action$=confirm]");
        Assert.Contains("確定しました", confirmed.Text);

        program.Clock.Stand("2027-03-31T23:59:59");
        Assert.Contains(kohosOld, (await joho.Open("desk/offices")).Text);
        Assert.DoesNotContain("広報戦略課", (await joho.Open("desk/offices")).Text);
        Assert.Contains("広報戦略課", (await joho.Open("desk/offices?on=2027-04-01")).Text);
        Assert.DoesNotContain("広報戦略課", (await town.Visitor().Open("api/v1/departments")).Html);
        Assert.Equal(HttpStatusCode.BadRequest, (await town.Visitor().Open("api/v1/departments?on=2027-04-01")).Status);

        program.Clock.Set("2027-04-01T00:00:00");
        var tree = await joho.Open("desk/offices");
        Assert.Contains("広報戦略課", tree.Text);
        Assert.DoesNotContain($"{kohosOld} ·", tree.Text);
        Assert.Contains("広報戦略課", (await town.Visitor().Open("api/v1/departments")).Html);
        Assert.Contains("広報戦略課", (await koho.Find("desk/colleagues", ("q", "koho"))).Text);
        Assert.True(await MayWrite(koho));    // the role went along

        // At midnight the other modules are told, once however often the job runs.
        await town.RunMidnight(program.Clock);
        await town.RunMidnight(program.Clock);
        Assert.Equal(1, await town.Ask<long>("SELECT count(*) FROM offices.replacements"));
        Assert.Equal(1, await town.Ask<long>("SELECT count(*) FROM audit.entries WHERE action = 'offices.replace'"));
    }

    [Fact]
    public async Task What_was_confirmed_is_taken_back_until_its_day_and_not_on_it()
    {
        var town = await program.NewTown();
        program.Clock.Set("2027-03-10T09:00:00");
        var joho = await town.Staff("joho");
        const string state = "SELECT string_agg(t, ';' ORDER BY t) FROM (SELECT code || from_on || coalesce(until_on::text, '') || coalesce(successor_id::text, '') t FROM offices.departments " +
            "UNION ALL SELECT department_id::text || from_on || name::text || coalesce(parent_id::text, '') FROM offices.department_states " +
            "UNION ALL SELECT account_id::text || department_id || kind || from_on || coalesce(until_on::text, '') FROM offices.assignments) all_of_it";
        var before = await town.Ask<string>(state);
        var set = await Confirm(joho, "区分,部署コード,名称,上位コード,引継先コード\n新設,0199,新しい課,01,\n廃止,0101,,,0199\n変更,0102,改めた課,02,\n", "区分,ログイン名,部署コード,役割\n異動,koho,0199,publisher\n");
        Assert.NotEqual(before, await town.Ask<string>(state));
        program.Clock.Set("2027-03-31T23:00:00");
        var taken = await joho.Submit(await joho.Open(set), form: "form[action$=take-back]");
        Assert.Contains("取り消しました", taken.Text);
        Assert.Equal(before, await town.Ask<string>(state));

        var second = await Confirm(joho, "区分,部署コード,名称\n変更,0102,改めた課\n", "");
        var page = await joho.Open(second);
        program.Clock.Set("2027-04-01T00:00:00");
        var late = await joho.Submit(page, form: "form[action$=take-back]");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, late.Status);
        Assert.Empty((await joho.Open(second)).All("form[action$=take-back]"));
    }

    [Fact]
    public async Task What_was_built_upon_is_not_pulled_away()
    {
        var town = await program.NewTown();
        program.Clock.Set("2027-03-10T09:00:00");
        var joho = await town.Staff("joho");
        await town.NewStaff("shinjin");
        var set = await Confirm(joho, "区分,部署コード,名称\n新設,0199,新しい課\n", "");
        Assert.Equal(HttpStatusCode.OK, (await joho.AssignAtDesk(town, "shinjin", "0199", null, ("from", "2027-04-01"))).Status);
        var refused = await joho.Submit(await joho.Open(set), form: "form[action$=take-back]");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Equal(1, await town.Ask<long>("SELECT count(*) FROM offices.departments WHERE code = '0199'"));
    }

    static async Task<string> Confirm(Person joho, string departments, string moves)
    {
        var draft = await joho.Submit(await joho.Open("desk/offices/changes/new"), new() { ["title"] = "改編", ["effectiveOn"] = "2027-04-01", ["departments"] = departments, ["moves"] = moves });
        Assert.Empty(draft.All("#mistakes-caption"));
        var confirmed = await joho.Submit(draft, form: "form[action$=confirm]");
        Assert.Contains("確定しました", confirmed.Text);
        return new Uri(confirmed.Url).AbsolutePath;
    }
}
