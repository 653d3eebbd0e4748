using System.Net;
using Komachi.Platform.Data;
using Komachi.Platform.Offices;
using Komachi.Platform.Web;
using Komachi.Tests.Harness;
using Npgsql;

namespace Komachi.Tests.Offices;

/// <summary>A right holds in its department and below, not beside; nobody gives away more than they hold.</summary>
public sealed class WhoMayWhere(TestProgram program)
{
    [Fact]
    public async Task A_right_holds_in_its_department_and_below_and_not_beside_or_above()
    {
        var town = await program.NewTown();
        await town.NewStaff("bucho");
        await town.Assign("bucho", "01", "organiser", AtHand.Today);
        var bucho = await town.Staff("bucho");
        async Task<bool> Manages(string code) => (await bucho.Open($"desk/offices/departments/{await town.Department(code)}")).All("form[action$=close], form[method=post]:has(input[name=from])").Any();
        Assert.True(await Manages("01"));
        Assert.True(await Manages("0101"));
        Assert.False(await Manages("02"));
        Assert.False(await Manages("0201"));
        Assert.False(await Manages("00"));
        foreach (var path in new[] { "roles", "changes", "places", "holidays" }) Assert.Equal(HttpStatusCode.Forbidden, (await bucho.Open($"desk/offices/{path}")).Status);

        // Nor by a form that was made by hand.
        var own = await bucho.Open($"desk/offices/departments/{await town.Department("0101")}");
        var token = own.One("input[name=_token]").GetAttribute("value")!;
        var forged = await bucho.Send(HttpMethod.Post, $"desk/offices/departments/{await town.Department("0201")}/close",
            new FormUrlEncodedContent(new Dictionary<string, string> { ["_token"] = token, ["lastDay"] = AtHand.Day(AtHand.Today.AddDays(30)), ["version"] = "1" }));
        Assert.Equal(HttpStatusCode.Forbidden, forged.StatusCode);
    }

    [Fact]
    public async Task Who_looks_after_a_part_gives_only_what_they_hold_there()
    {
        var town = await program.NewTown();
        await town.NewStaff("bucho");
        await town.NewStaff("shinjin");
        await town.Assign("bucho", "01", "organiser", AtHand.Today);
        var bucho = await town.Staff("bucho");
        var refused = await bucho.AssignAtDesk(town, "shinjin", "0101", "administrator");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Contains("ご自身にない権限", refused.Text);
        Assert.Contains("管理する権限がありません", (await bucho.AssignAtDesk(town, "shinjin", "0201", null)).Text);
        Assert.Contains("配置を保存しました", (await bucho.AssignAtDesk(town, "shinjin", "0101", "organiser")).Text);
        Assert.Equal(HttpStatusCode.OK, (await (await town.Staff("shinjin")).Open("desk/offices")).Status);
        Assert.Equal(1, await town.Ask<long>("SELECT count(*) FROM audit.entries WHERE action = 'offices.assign' AND about_id IS NOT NULL AND actor_id IS NOT NULL"));

        // Nor by standing in for one of their own people.
        var (own, theirs) = (await town.Account("bucho"), await town.Account("shinjin"));
        var taken = await bucho.Submit(await bucho.Open($"desk/deputy?deputy={own}"), new() { ["whose"] = $"{theirs}", ["deputy"] = $"{own}", ["from"] = $"{AtHand.Today:yyyy-MM-dd}", ["until"] = $"{AtHand.Today.AddDays(3):yyyy-MM-dd}", ["reason"] = "休暇" });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, taken.Status);
        Assert.Equal(0, await town.Ask<long>("SELECT count(*) FROM offices.deputies"));
    }

    [Fact]
    public async Task An_assignment_that_is_ended_at_once_is_worth_nothing_at_the_next_click()
    {
        var town = await program.NewTown();
        var (joho, koho) = (await town.Staff("joho"), await town.Staff("koho"));
        Assert.Equal(HttpStatusCode.OK, (await koho.Open("desk/announcements")).Status);
        var id = await town.Ask<Guid>($"SELECT id FROM offices.assignments WHERE account_id = '{await town.Account("koho")}'");
        // The demo account holds the permission itself besides, as the first administrator of a town does.
        await town.Do("UPDATE people.accounts SET permissions = '{}' WHERE sign_in_name = 'koho'");
        Assert.Equal(HttpStatusCode.OK, (await koho.Open("desk/announcements")).Status);
        await joho.Submit(await joho.Open($"desk/offices/assignments/{id}"), press: "今すぐ終わらせる");
        Assert.Equal(HttpStatusCode.Forbidden, (await koho.Open("desk/announcements")).Status);
        Assert.DoesNotContain("お知らせ", (await koho.Open("desk")).One(".desk-nav").TextContent);
    }

    [Fact]
    public async Task A_role_that_is_changed_holds_from_the_next_click_and_an_overtaken_one_is_not_written_over()
    {
        var town = await program.NewTown();
        var joho = await town.Staff("joho");
        await town.Do("UPDATE people.accounts SET permissions = '{}' WHERE sign_in_name = 'koho'");
        var koho = await town.Staff("koho");
        Assert.Equal(HttpStatusCode.Forbidden, (await koho.Open("desk/jobs")).Status);
        var role = await town.Ask<Guid>("SELECT id FROM offices.roles WHERE key = 'publisher'");
        var open = await joho.Open($"desk/offices/roles/{role}");
        Assert.Equal(program.House.Permissions.Count, open.All("input[name=permission]").Count());
        var saved = await joho.Submit(open, new() { ["permission"] = "jobs.manage" });
        Assert.Contains("役割を保存しました", saved.Text);
        Assert.Equal(HttpStatusCode.OK, (await koho.Open("desk/jobs")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await koho.Open("desk/announcements")).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await joho.Submit(await joho.Open($"desk/offices/roles/{role}"), new() { ["version"] = "1" })).Status);
    }

    [Fact]
    public async Task Grants_are_read_with_the_tree_closed_departments_belong_to_their_heirs()
    {
        var chart = new Chart([], []);
        var from = new DateOnly(2020, 4, 1);
        var town = chart.Add("0", from, new("市"), null, "", 0);
        var welfare = chart.Add("1", from, new("福祉部"), town.Id, "", 0);
        var children = chart.Add("11", from, new("こども課"), welfare.Id, "", 0);
        var schools = chart.Add("2", from, new("教育部"), town.Id, "", 0);
        var both = chart.Add("21", new(2027, 4, 1), new("こども学校課"), schools.Id, "", 0);
        children.Close(new(2027, 3, 31), both.Id);
        Assert.Empty(chart.Problems(from));

        var visitor = new Visitor(Id.New(), Id.New(), "", null, true, []) { Grants = [new("x.do", welfare.Id, null), new("y.do", both.Id, null)] };
        var (march, april) = (chart.On(new(2027, 3, 31)), chart.On(new(2027, 4, 1)));
        Assert.True(visitor.May("x.do", children.Id, march));
        Assert.False(visitor.May("x.do", schools.Id, march));
        Assert.False(visitor.May("x.do", town.Id, march));
        Assert.False(visitor.May("x.do", children.Id, april));    // its work went to the schools
        Assert.True(visitor.May("y.do", children.Id, april));
        Assert.False(visitor.May("y.do", children.Id, march));
        Assert.Equal(new[] { both.Id, children.Id }.Order(), visitor.DepartmentsFor("y.do", april)!.Order());
        Assert.Null((visitor with { Permissions = ["x.do"] }).DepartmentsFor("x.do", april));
        Assert.Null((visitor with { Grants = [new("x.do", town.Id, null)] }).DepartmentsFor("x.do", april));
        Assert.Empty((visitor with { IsStaff = false, Permissions = ["x.do"] }).DepartmentsFor("x.do", april)!);
        Assert.Equal("教育部 こども学校課", april.PathOf(children.Id, Komachi.Ui.Words.Lang.Japanese));
        await Task.CompletedTask;
    }

    [Fact]
    public async Task Residents_hold_nothing_even_if_a_row_says_so()
    {
        var town = await program.NewTown();
        await town.Assign("hanako", "00", "administrator", AtHand.Today);
        Assert.Equal(HttpStatusCode.Forbidden, (await (await town.Resident()).Open("desk/offices")).Status);
    }

    [Theory]
    [InlineData("INSERT INTO offices.departments (id, code, from_on, version) VALUES (gen_random_uuid(), '0101', '2026-01-01', 1)", "departments_code_period")]
    [InlineData("INSERT INTO offices.assignments (id, account_id, department_id, kind, telephone, from_on, version) SELECT gen_random_uuid(), account_id, (SELECT id FROM offices.departments WHERE code = '0301'), 'Main', '', from_on, 1 FROM offices.assignments WHERE kind = 'Main' LIMIT 1", "assignments_one_main")]
    [InlineData("UPDATE offices.departments SET until_on = from_on - 5 WHERE code = '0101'", "departments_check")]
    [InlineData("UPDATE offices.department_states SET parent_id = department_id", "department_states_check")]
    public async Task What_must_never_be_the_database_itself_refuses(string sql, string constraint)
    {
        var town = await program.NewTown();
        var refused = await Assert.ThrowsAsync<PostgresException>(() => town.Do(sql));
        Assert.StartsWith(constraint, refused.ConstraintName);
    }

    [Fact]
    public async Task Of_two_changes_at_one_moment_that_would_make_a_circle_one_is_told()
    {
        var town = await program.NewTown();
        var (a, b) = (await town.Staff("joho"), await town.Staff("joho"));
        var (first, second) = (await town.Department("0101"), await town.Department("0102"));
        var one = a.Ready(await a.Open($"desk/offices/departments/{first}"), new() { ["parent"] = second.ToString() }, form: "form:has(input[name=from])");
        var two = b.Ready(await b.Open($"desk/offices/departments/{second}"), new() { ["parent"] = first.ToString() }, form: "form:has(input[name=from])");
        var answers = await Task.WhenAll(one(), two());
        Assert.Single(answers, x => x.Status == HttpStatusCode.OK);
        // One after the other it is refused with its reason.
        var circle = await two();
        var other = await one();
        Assert.Contains(new[] { circle, other }, x => x.Status == HttpStatusCode.UnprocessableEntity || x.Status == HttpStatusCode.Conflict);
        Assert.Equal(1, await town.Ask<long>($"SELECT count(*) FROM offices.department_states s WHERE s.parent_id IN ('{first}', '{second}')"));
    }

    [Fact]
    public async Task A_department_is_added_renamed_from_a_day_and_closed_and_each_is_on_record()
    {
        var town = await program.NewTown();
        var joho = await town.Staff("joho");
        var added = await joho.Submit(await joho.Open($"desk/offices/departments/new?parent={await town.Department("01")}"), new() { ["code"] = "0150", ["name-ja"] = "未来課" });
        Assert.Contains("部署を追加しました", added.Text);
        var twice = await joho.Submit(await joho.Open("desk/offices/departments/new"), new() { ["code"] = "0150", ["name-ja"] = "別の課" });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, twice.Status);
        Assert.Contains("すでに使われています", twice.Text);
        Assert.Equal("別の課", twice.One("input[name=name-ja]").GetAttribute("value"));

        var later = AtHand.Today.AddDays(40);
        var id = await town.Department("0150");
        await joho.Submit(await joho.Open($"desk/offices/departments/{id}"), new() { ["name-ja"] = "もっと未来課", ["from"] = AtHand.Day(later) }, form: "form:has(input[name=from])");
        Assert.DoesNotContain("もっと未来課", (await joho.Open("desk/offices")).Text);
        Assert.Contains("もっと未来課", (await joho.Open($"desk/offices?on={AtHand.Day(later)}")).Text);

        var past = await joho.Submit(await joho.Open($"desk/offices/departments/{id}"), new() { ["from"] = AtHand.Day(AtHand.Today.AddDays(-1)) }, form: "form:has(input[name=from])");
        Assert.Contains("今日以降", past.One(".error-summary").TextContent);

        await town.NewStaff("shinjin");
        await joho.AssignAtDesk(town, "shinjin", "0150", "publisher");
        var closed = await joho.Submit(await joho.Open($"desk/offices/departments/{id}"), new() { ["lastDay"] = AtHand.Day(later), ["successor"] = (await town.Department("0101")).ToString() }, form: "form[action$=close]");
        Assert.Contains("廃止を登録しました", closed.Text);
        Assert.Equal(2, await town.Ask<long>($"SELECT count(*) FROM offices.assignments WHERE account_id = '{await town.Account("shinjin")}'"));
        Assert.Equal(["offices.add_department", "offices.change_department", "offices.close_department"],
            await town.Ask<string[]>($"SELECT array_agg(action ORDER BY at) FROM audit.entries WHERE subject = 'departments/{id}'"));
        var root = await joho.Open($"desk/offices/departments/{await town.Department("00")}");
        Assert.Empty(root.All("form[action$=close]"));
    }
}
