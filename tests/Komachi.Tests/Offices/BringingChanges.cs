using System.Net;
using System.Text;
using Komachi.Platform.Offices;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Komachi.Tests.Offices;

/// <summary>Tables of a reorganisation: what is wrong in them is all listed, what they would do is shown, nothing is done half.</summary>
[Trait("Category", "long")]
public sealed class BringingChanges(TestProgram program)
{
    static readonly string On = AtHand.Day(AtHand.Today.AddDays(60));

    static async Task<Seen> Draft(Person joho, string departments, string moves) =>
        await joho.Submit(await joho.Open("desk/offices/changes/new"), new() { ["title"] = "改編", ["effectiveOn"] = On, ["departments"] = departments, ["moves"] = moves });

    [Fact]
    public async Task Every_mistake_is_listed_with_its_row_and_column_and_nothing_can_be_confirmed()
    {
        var town = await program.NewTown();
        var joho = await town.Staff("joho");
        var page = await Draft(joho,
            "区分,部署コード,名称,上位コード,引継先コード,並び順\n新設,0101,重なる課,,,\n廃止,9999,,,,\n新設,0160,,01,,\n変更,0102,名,0102,,\n廃止,0103,,,8888,\n消す,0104,,,,\n新設,0161,課,7777,,多\n",
            "区分,ログイン名,氏名,部署コード,役割\n異動,dareka,,0101,\n異動,koho,別の人,0101,\n異動,joho,,5555,\n兼務,joho,,0101,王様\n解除,koho,,0201,\n異動,joho,,0101,\n異動,hanako,,0101,\n");
        var rows = page.All("#mistakes-caption").Single().ParentElement!.QuerySelectorAll("tbody tr").Select(tr => tr.TextContent.ReplaceLineEndings(" ")).ToArray();
        foreach (var says in new[] { "部署コード0101はすでに", "部署コード9999の部署はありません", "日本語の名称が必要", "「消す」は新設", "「多」は数では", "部署コード8888", "循環",
                     "ログイン名darekaの職員はいません", "kohoの氏名が一致しません", "部署コード5555", "役割「王様」はありません", "kohoはその部署に配置されていません", "johoはすでに4行目", "ログイン名hanakoの職員" })
            Assert.True(rows.Any(r => r.Contains(says)), says + "\n" + string.Join('\n', rows));
        Assert.Empty(page.All("form[action$=confirm]"));
        Assert.Equal(0, await town.Ask<long>("SELECT count(*) FROM offices.departments WHERE change_set_id IS NOT NULL"));

        // Nor by a form made by hand.
        var id = page.Url.Split('/')[^1];
        var forged = await joho.Send(HttpMethod.Post, $"desk/offices/changes/{id}/confirm", new FormUrlEncodedContent(new Dictionary<string, string> { ["_token"] = page.One("input[name=_token]").GetAttribute("value")!, ["version"] = "1" }));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, forged.StatusCode);
    }

    [Fact]
    public async Task The_preview_says_who_gains_and_loses_what_and_who_has_nothing_left()
    {
        var town = await program.NewTown();
        await town.NewStaff("yameru", "見本 やめる");
        await town.Assign("yameru", "0202", "publisher", AtHand.Today);
        var joho = await town.Staff("joho");
        var page = await Draft(joho, "区分\t部署コード\t名称\n変更\t0101\t改めた課\n", "区分\tログイン名\t部署コード\t役割\n異動\tkoho\t0201\torganiser\n退職\tyameru\t\t\n");
        var people = page.All("#people-caption").Single().ParentElement!.QuerySelectorAll("tbody tr").ToDictionary(tr => tr.QuerySelector("th .quiet")!.TextContent, tr => tr.QuerySelectorAll("td").Select(td => td.TextContent.Trim()).ToArray());
        Assert.Equal(["koho", "yameru"], people.Keys.Order());
        Assert.Contains("組織・人事配置・庁舎の管理", people["koho"][2]);
        Assert.Contains("お知らせ", people["koho"][3]);
        Assert.Equal("–", people["koho"][4]);
        Assert.Equal("–", people["yameru"][1]);
        Assert.Contains("1人は配置がなくなります", page.Text);
        Assert.Contains("改めた課", page.Text);
    }

    [Fact]
    public async Task A_department_that_closes_shows_its_open_work_and_where_it_goes()
    {
        await using var house = new ProgramWithWork();
        await house.InitializeAsync();
        var town = await house.NewTown();
        var joho = await town.Staff("joho");
        var page = await Draft(joho, "action,code,successor\nclose,0101,0102\nclose,0103,\n", "");
        var rows = page.All("#closing-caption").Single().ParentElement!.QuerySelectorAll("tbody tr").Select(tr => tr.TextContent).ToArray();
        Assert.Contains(rows, r => r.Contains("Cases: 7"));
        Assert.Contains(rows, r => r.Contains("なし"));
    }

    [Fact]
    public async Task A_change_is_the_same_twice_sent_and_an_overtaken_draft_is_not_confirmed()
    {
        var town = await program.NewTown();
        var joho = await town.Staff("joho");
        var page = await Draft(joho, "区分,部署コード,名称\n変更,0101,改めた課\n", "");
        var confirm = joho.Ready(page, form: "form[action$=confirm]");
        var saved = await joho.Submit(page, new() { ["departments"] = "区分,部署コード,名称\n変更,0101,別に改めた課\n" }, form: "form:has(textarea)");
        Assert.Equal(HttpStatusCode.Conflict, (await confirm()).Status);
        confirm = joho.Ready(saved, form: "form[action$=confirm]");
        var answers = await Task.WhenAll(confirm(), confirm(), confirm());
        Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a.Status));
        Assert.Equal(1, await town.Ask<long>("SELECT count(*) FROM audit.entries WHERE action = 'offices.confirm_changes'"));
        Assert.Equal(2, await town.Ask<long>($"SELECT count(*) FROM offices.department_states WHERE department_id = '{await town.Department("0101")}'"));
    }

    [Fact]
    public async Task Files_of_a_folder_become_a_draft_or_a_list_of_all_mistakes()
    {
        var town = await program.NewTown();
        var folder = Directory.CreateTempSubdirectory("komachi-changes").FullName;
        var day = AtHand.Today.AddDays(60);
        await File.WriteAllTextAsync(Path.Combine(folder, "departments.csv"), "\ufeff区分,部署コード,名称\r\n新設,0177,\"二行\n課\"\r\n廃止,9999,\r\n", Encoding.UTF8);
        await using (var db = town.Open())
        {
            var wrong = await ImportChanges.FromFolder(db, folder, "t", day, TimeProvider.System.GetUtcNow());
            Assert.Equal(["departments.csv, row 3, code: There is no department with the code 9999 on " + AtHand.Day(day) + "."], wrong.Mistakes);
        }
        Assert.Equal(0, await town.Ask<long>("SELECT count(*) FROM offices.change_sets"));
        await File.WriteAllBytesAsync(Path.Combine(folder, "departments.csv"), [0x8b, 0xe6, 0x95, 0xaa]);    // another encoding
        await using (var db = town.Open()) Assert.Contains("UTF-8", (await ImportChanges.FromFolder(db, folder, "t", day, TimeProvider.System.GetUtcNow())).Mistakes.Single());
        await File.WriteAllTextAsync(Path.Combine(folder, "departments.csv"), "区分,部署コード,名称\n新設,0177,課\n");
        await using (var db = town.Open()) Assert.NotNull((await ImportChanges.FromFolder(db, folder, "t", day, TimeProvider.System.GetUtcNow())).Id);
        Assert.Contains("準備中", (await (await town.Staff("joho")).Open("desk/offices/changes")).Text);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Two_thousand_people_move_in_one_go_and_lists_page_through_all_of_them_with_a_fixed_number_of_statements()
    {
        var town = await program.NewTown();
        await town.Do("""
            INSERT INTO people.accounts (id, sign_in_name, name, kind, password_hash, permissions, created_at)
            SELECT gen_random_uuid(), 's' || lpad(n::text, 4, '0'), '見本 職員' || (n / 3), 'Staff', 'x', '{}', now() FROM generate_series(1, 2000) n;
            INSERT INTO offices.assignments (id, account_id, department_id, role_id, kind, telephone, from_on, version)
            SELECT gen_random_uuid(), a.id, d.id, r.id, 'Main', '', '2026-04-01', 1 FROM people.accounts a, offices.departments d, offices.roles r
            WHERE a.sign_in_name LIKE 's____' AND d.code = '0201' AND r.key = 'publisher'
            """);
        var joho = await town.Staff("joho");
        var seen = new HashSet<string>();
        var page = await joho.Open("desk/colleagues");
        for (var pages = 0; pages < 60; pages++)
        {
            foreach (var row in page.All("tbody tr")) seen.Add(row.TextContent);
            if (page.Document.QuerySelector("a[rel=next]") is not { } next) break;
            Assert.True(page.All("tbody tr").Count() <= 50);
            page = await joho.Open(next.GetAttribute("href")!);
        }
        Assert.Equal(2000 / 3 + 1, seen.Count(r => r.Contains("職員")));    // three of a name, in one department: each name is one text

        var moves = new StringBuilder("action,person,department,role\n");
        for (var n = 1; n <= 2000; n++) moves.Append($"move,s{n:0000},0301,\n");
        var draft = await Draft(joho, "", moves.ToString());
        Assert.Contains("2000人", draft.Text);
        Assert.Equal(50, draft.All("#people-caption").Single().ParentElement!.QuerySelectorAll("tbody tr").Length);
        var confirmed = await joho.Submit(draft, form: "form[action$=confirm]");
        Assert.Contains("確定しました", confirmed.Text);
        Assert.Equal(2000, await town.Ask<long>($"SELECT count(*) FROM offices.assignments WHERE from_on = '{On}'"));
        Assert.Equal(2000, await town.Ask<long>("SELECT count(*) FROM audit.entries WHERE action = 'offices.move'"));

        // As many statements for two thousand as for two.
        var small = await program.NewTown();
        Assert.Equal(await Statements(small), await Statements(town));
    }

    /// <summary>How often the pages' own reading asks the database.</summary>
    static async Task<int> Statements(TestTown town)
    {
        var counter = new Counter();
        var options = new DbContextOptionsBuilder<Komachi.Platform.Data.TownDb>().UseNpgsql(town.Source).AddInterceptors(counter)
            .UseModel(town.Open().Model).Options;
        await using var db = new Komachi.Platform.Data.TownDb(options).For(town.Open().Town, null!, null!, TimeProvider.System);
        // The tree is read once an edition, whichever page was first.
        await ShowOffices.Read(db, TimeProvider.System.GetUtcNow(), default);
        counter.Count = 0;
        await StaffList.Read(db, AtHand.Today, null, null, null, default);
        await ChangePlan.Make(ChangeSet.Draft("t", AtHand.Today, "action,code,name\nchange,0101,x\n", "", null, TimeProvider.System.GetUtcNow()), db, toChange: false);
        await ShowOffices.Read(db, TimeProvider.System.GetUtcNow(), default);
        return counter.Count;
    }

    sealed class Counter : DbCommandInterceptor
    {
        public int Count;

        public override ValueTask<InterceptionResult<System.Data.Common.DbDataReader>> ReaderExecutingAsync(System.Data.Common.DbCommand command, CommandEventData eventData, InterceptionResult<System.Data.Common.DbDataReader> result, CancellationToken cancellationToken = default)
        {
            Count++;
            return new(result);
        }
    }

    sealed class ProgramWithWork() : TestProgram(Komachi.Host.Modules.House(new Work()))
    {
        sealed class Work : Komachi.Platform.IModule
        {
            public void Define(Komachi.Platform.ModuleBuilder m)
            {
                m.Name("work", "Work").Platform("None");
                m.OpenWork("Cases", async (db, departments, stop) =>
                {
                    var codes = await db.Set<Department>().Where(d => departments.Contains(d.Id) && d.Code == "0101").Select(d => d.Id).ToListAsync(stop);
                    return codes.ToDictionary(id => id, _ => 7);
                });
            }
        }
    }
}
