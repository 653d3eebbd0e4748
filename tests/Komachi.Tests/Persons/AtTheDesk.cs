using System.Net;
using Komachi.Platform.People;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Persons;

/// <summary>Persons at the desk and on their own page.</summary>
public sealed class AtTheDesk(TestProgram program)
{
    [Fact]
    public async Task A_person_is_found_by_name_reading_or_birthday_and_that_somebody_looked_is_noted()
    {
        var town = await program.NewTown();
        var id = await town.Knows("見本 渡邉󠄂 桜", "みほん さくら", new(2015, 5, 6));
        var joho = await town.Staff("joho");
        foreach (var (name, born) in new[] { ("見本渡", ""), ("ミホンサ", ""), ("みほん　さくら", ""), ("", "2015-05-06"), ("見", "2015-05-06") })
            Assert.True((await joho.Find("desk/persons", ("q", name), ("bornOn", born))).All($"a[href$='desk/persons/{id}']").Any(), name + born);
        foreach (var (name, born) in new[] { ("見", ""), ("見本花子", "2015-05-06"), ("渡邉", ""), ("", "nonsense"), ("", "") })
            Assert.False((await joho.Find("desk/persons", ("q", name), ("bornOn", born))).All($"a[href$='desk/persons/{id}']").Any(), name + born);
        Assert.True(await town.Is($"count(*) >= 5 FROM audit.entries WHERE action = 'people.read' AND about_id = '{id}'"));
    }

    [Fact]
    public async Task A_list_goes_on_behind_its_last_row_and_the_address_holds_no_name()
    {
        var town = await program.NewTown();
        await using (var db = town.Open())
        {
            for (var i = 0; i < 65; i++) db.Add(Komachi.Platform.People.Person.Known(PersonKind.Human, new($"試験 {i:00}郎"), TimeProvider.System.GetUtcNow()));
            await db.Save();
        }
        var joho = await town.Staff("joho");
        var names = new List<string>();
        var page = await joho.Find("desk/persons", ("q", "試験"));
        while (true)
        {
            names.AddRange(page.All("table th a").Select(a => a.TextContent));
            if (page.All("a[rel=next]").FirstOrDefault()?.GetAttribute("href") is not { } next) break;
            Assert.DoesNotContain("郎", Uri.UnescapeDataString(next));
            page = await joho.Open(next);
        }
        Assert.Equal(Enumerable.Range(0, 65).Select(i => $"試験 {i:00}郎"), names);
    }

    /// <summary>The plan, not the time: with an index for each question, a million rows cost what a thousand do.</summary>
    [Fact]
    public async Task Looking_for_a_person_walks_an_index()
    {
        var town = await program.NewTown();
        await using (var fill = town.Source.CreateCommand("""
            INSERT INTO people.persons (id, kind, name, name_key, kana_key, born_on, version, created_at)
            SELECT gen_random_uuid(), 'Human', '見本 ' || n, '見本' || n || ' ミホン' || n, 'ミホン' || n, date '1950-01-01' + n % 20000, 1, now() FROM generate_series(1, 50000) n
            """)) await fill.ExecuteNonQueryAsync();
        await using (var owner = await program.Servers.OpenOwner(Komachi.Platform.Data.Servers.Main, town.Town.Database))
        await using (var analyze = new Npgsql.NpgsqlCommand("ANALYZE people.persons", owner)) await analyze.ExecuteNonQueryAsync();
        await using var db = town.Open();
        foreach (var (key, born, index) in new (string, DateOnly?, string)[] { ("見本", null, "persons_name_key"), ("ミホン", null, "persons_kana_key"), ("", new(1980, 1, 1), "persons_born_on") })
        {
            var query = Komachi.Platform.People.Persons.Matching(db, key, born, key.Length == 0 ? null : new("見本30000 ミホン30000", "ミホン30000", Komachi.Platform.Data.Id.New()), withProtected: false).Take(31);
            var plan = await Plan(town, query.ToQueryString());
            Assert.True(plan.Contains(index) && !plan.Contains("Seq Scan on persons"), plan);
        }
    }

    static async Task<string> Plan(TestTown town, string sql)
    {
        // EF shows its parameters as comments before the statement.
        foreach (var line in sql.Split('\n').Where(l => l.StartsWith("-- @")))
        {
            var (name, value) = (line[3..line.IndexOf('=')], line[(line.IndexOf('=') + 2)..line.LastIndexOf('\'')]);
            sql = System.Text.RegularExpressions.Regex.Replace(sql, System.Text.RegularExpressions.Regex.Escape(name) + @"\b", line.Contains("DbType = Date") ? $"date '{value}'" : line.Contains("DbType = Guid") || Guid.TryParse(value, out _) ? $"uuid '{value}'" : int.TryParse(value, out _) ? value : $"'{value}'");
        }
        await using var explain = town.Source.CreateCommand("EXPLAIN " + string.Join('\n', sql.Split('\n').Where(l => !l.StartsWith("--"))));
        var lines = new List<string>();
        await using var rows = await explain.ExecuteReaderAsync();
        while (await rows.ReadAsync()) lines.Add(rows.GetString(0));
        return string.Join('\n', lines);
    }

    [Fact]
    public async Task A_child_is_recorded_once_and_a_namesake_after_a_question()
    {
        var town = await program.NewTown();
        var joho = await town.Staff("joho");
        var fill = new Dictionary<string, string?> { ["name"] = "見本 子太郎", ["bornOn-era"] = "R", ["bornOn-year"] = "2", ["bornOn-month"] = "2", ["bornOn-day"] = "2", ["postcode"] = "485-0041", ["address"] = "小牧市小牧五丁目253" };
        var page = await joho.Submit(await joho.Open("desk/persons/new"), fill);
        Assert.Contains("done=added", page.Url);
        Assert.Contains("小牧五丁目253", page.Text);
        Assert.Contains("窓口で確認", page.Text);

        var again = await joho.Submit(await joho.Open("desk/persons/new"), fill);
        Assert.Equal(HttpStatusCode.Conflict, again.Status);
        Assert.Contains("すでに登録されています", again.Text);
        Assert.Contains("done=added", (await joho.Submit(again, new() { ["another"] = "true" })).Url);
        var wrong = await joho.Submit(await joho.Open("desk/persons/new"), new() { ["name"] = "", ["bornOn-era"] = "S", ["bornOn-year"] = "64", ["bornOn-month"] = "1", ["bornOn-day"] = "8", ["postcode"] = "12" });
        Assert.Equal((HttpStatusCode.UnprocessableEntity, 3), (wrong.Status, wrong.All(".field-error").Count()));
        Assert.Contains("昭和64年1月8日という日はありません。その日は平成元年1月8日です。", wrong.Text);
        Assert.Equal(("S", "64"), (wrong.One("select[name=bornOn-era] option[selected]").GetAttribute("value"), wrong.One("input[name=bornOn-year]").GetAttribute("value")));
    }

    [Fact]
    public async Task Of_two_who_correct_a_record_the_second_sees_what_the_first_wrote()
    {
        var town = await program.NewTown();
        var id = await town.Knows("見本 旧子", address: "旧町1");
        var (joho, shien) = (await town.Staff("joho"), await town.Staff("shien"));
        var (first, second) = (await joho.Open($"desk/persons/{id}/correct"), await shien.Open($"desk/persons/{id}/correct"));
        Assert.Contains("done=corrected", (await joho.Submit(first, new() { ["address"] = "新町2" })).Url);
        var overtaken = await shien.Submit(second, new() { ["address"] = "別町3" });
        Assert.Equal(HttpStatusCode.Conflict, overtaken.Status);
        Assert.Contains("新町2", overtaken.Text);
        Assert.Equal("別町3", overtaken.One("input[name=address]").GetAttribute("value"));
        Assert.Contains("done=corrected", (await shien.Submit(overtaken)).Url);
    }

    [Fact]
    public async Task A_resident_keeps_their_own_facts_and_the_desk_sees_who_said_them()
    {
        var town = await program.NewTown();
        var hanako = await town.Resident();
        var kept = await hanako.Submit(await hanako.Open("my/profile"), new() { ["name"] = "見本 花󠄀子", ["kana"] = "みほん はなこ", ["bornOn-era"] = "H", ["bornOn-year"] = "2", ["bornOn-month"] = "4", ["bornOn-day"] = "1", ["phone"] = "0568-00-0000" });
        Assert.Contains("保存しました", kept.Text);
        Assert.Contains("見本 花󠄀子", (await hanako.Open("my")).Text);
        var joho = await town.Staff("joho");
        var seen = await joho.Open($"desk/persons/{await town.PersonOf("hanako")}");
        Assert.Contains("本人の申告", seen.Text);
        Assert.Contains("0568-00-0000", seen.Text);
        Assert.True(await town.Is("count(*) = 1 FROM audit.entries WHERE action = 'people.correct_own' AND details ->> 'changed' LIKE '%bornOn%' AND details::text NOT LIKE '%1990%'"));
    }

    [Fact]
    public async Task Staff_who_open_their_own_record_or_a_relatives_leave_an_alert()
    {
        var town = await program.NewTown();
        var (child, hanako) = (await town.Knows("見本 子花", born: new(2018, 1, 1)), await town.PersonOf("hanako"));
        await using (var db = town.Open())
        {
            // koho lives here, too: both accounts proved to read one address.
            (await db.Set<Account>().SingleAsync(a => a.SignInName == "joho")).Proved("hanako@example.jp");
            await db.Save();
        }
        var (joho, shien) = (await town.Staff("joho"), await town.Staff("shien"));
        Assert.Contains("登録されています", (await joho.Submit(await joho.Open("desk/me"))).Text);
        var koho = await town.Staff("koho");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await koho.Submit(await koho.Open("desk/me"))).Status);

        // shien records that the child is hanako's.
        var page = await shien.Find($"desk/persons/{hanako}", ("q", "見本子花"));
        Assert.Contains("見本 子花", (await shien.Submit(page, new() { ["other"] = child.ToString(), ["relation"] = "Child" }, form: "form[action$=relations]")).Text);

        Assert.Contains("見本 花子", (await joho.Open($"desk/persons/{hanako}")).Text);
        Assert.Contains("見本 子花", (await joho.Open($"desk/persons/{child}")).Text);
        await joho.Open($"desk/persons/{child}");
        var alerts = await shien.Open("desk/alerts");
        Assert.Contains("職員本人の情報を見た", alerts.Text);
        Assert.Single(alerts.All("tbody tr"), tr => tr.TextContent.Contains("親族の情報を見た"));
        var seen = await shien.Submit(alerts);
        Assert.Contains("見本 支援 · ", seen.Text);

        var own = await joho.Submit(await joho.Open($"desk/persons/{hanako}/correct"), new() { ["address"] = "ここ" });
        Assert.Contains("ご自身の情報は操作できません", own.Text);
    }
}
