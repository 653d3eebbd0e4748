using System.Net;
using System.Text;
using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.People;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Audit;

/// <summary>At the desk: who may look, what they find, and that their looking is found, too.</summary>
public sealed class LookingAtTheAudit(TestProgram program)
{
    static async Task<Guid> PersonOf(TestTown town, string name)
    {
        await using var db = town.Open();
        return await db.Set<Account>().Where(a => a.SignInName == name).Select(a => a.PersonId!.Value).SingleAsync();
    }

    static async Task<Guid> IdOf(TestTown town, string name)
    {
        await using var db = town.Open();
        return await db.Set<Account>().Where(a => a.SignInName == name).Select(a => a.Id).SingleAsync();
    }

    // A weekday at noon, long enough ago to be within any day that is asked for.
    static DateTimeOffset Noon(int daysAgo)
    {
        var day = JapanTime.DayOf(TimeProvider.System.GetUtcNow()).AddDays(-daysAgo);
        while (day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday) day = day.AddDays(-1);
        return JapanTime.At(day, new(12, 0));
    }

    [Fact]
    public async Task The_page_says_how_it_stands_and_verifies_when_asked()
    {
        var town = await program.NewTown();
        Assert.Equal(HttpStatusCode.Forbidden, (await (await town.Staff("koho")).Open("desk/audit")).Status);
        var joho = await town.Staff("joho");
        await town.Write();
        await town.Seal();
        var start = await joho.Open("desk/audit");
        Assert.Equal(HttpStatusCode.OK, (await joho.Submit(start, press: "今すぐ検証する")).Status);
        await town.Until(Answered(1));
        Assert.Contains("すべて封印したときのままです", (await joho.Open("desk/audit")).One(".notice.tone-success").TextContent);
        Assert.Equal(1L, await town.Ask<long>("SELECT count(*) FROM audit.entries WHERE action = 'audit.verify' AND actor_id IS NOT NULL"));

        await town.Tamper("DELETE FROM audit.entries WHERE id = (SELECT id FROM audit.entries ORDER BY era, xid, id LIMIT 1)");
        await joho.Submit(await joho.Open("desk/audit"), press: "今すぐ検証する");
        await town.Until(Answered(2));
        Assert.Contains("が削除されています", (await joho.Open("desk/audit")).One(".notice.tone-danger").TextContent);

        // Besides those that were asked for there is the one of the night.
        static string Answered(int times) => $"(SELECT count(*) = {times} FROM audit.checks a WHERE stage = 'asked' AND EXISTS (SELECT FROM audit.checks e WHERE e.run = a.run AND e.stage = 'ended'))";
    }

    [Fact]
    public async Task Entries_are_found_by_account_person_action_and_day_page_by_page()
    {
        var town = await program.NewTown();
        var (joho, koho, hanako) = (await town.Staff("joho"), await IdOf(town, "koho"), await IdOf(town, "hanako"));
        await town.Write(60, "people.read", koho, hanako, Noon(3));
        await town.Write(1, "people.sign_in", koho, null, Noon(1));
        await town.Write(1, "unnamed.action", null, null, Noon(1));

        var first = await joho.Find("desk/audit/entries", ("account", "koho"), ("action", "people.read"));
        Assert.Equal(50, first.All("tbody tr").Count());
        Assert.Contains("個人情報の閲覧", first.One("tbody tr").TextContent);
        Assert.Contains("見本 花子", first.One("tbody tr").TextContent);
        var second = await joho.Open(first.One(".paging a[rel=next]").GetAttribute("href")!);
        Assert.Equal(10, second.All("tbody tr").Count());
        Assert.Empty(first.All("tbody tr a").Select(a => a.GetAttribute("href")).Intersect(second.All("tbody tr a").Select(a => a.GetAttribute("href"))));

        var day = JapanTime.DayOf(Noon(1)).ToString("yyyy-MM-dd");
        var narrowed = await joho.Open($"desk/audit/entries?from={day}&until={day}&action=unnamed.action");
        Assert.Single(narrowed.All("tbody tr"));
        Assert.Contains("unnamed.action", narrowed.One("tbody tr").TextContent);
        Assert.Contains("その名前のアカウントはありません", (await joho.Find("desk/audit/entries", ("about", "nobody"))).Text);
        Assert.Equal(HttpStatusCode.OK, (await joho.Open("desk/audit/entries?about=%00&action=%00&from=x&after=y")).Status);

        await town.Seal();
        var entry = await joho.Open(narrowed.One("tbody tr a").GetAttribute("href")!);
        Assert.Contains("見本の理由", entry.Text);
        Assert.Matches("封印したブロック\\s*[0-9]+", entry.Text);
    }

    [Fact]
    public async Task Who_saw_a_person_is_told_and_who_asked_stands_there_next_time()
    {
        var town = await program.NewTown();
        var (joho, koho, hanako) = (await town.Staff("joho"), await IdOf(town, "koho"), await PersonOf(town, "hanako"));
        await town.Write(3, "people.read", koho, hanako, Noon(3));
        await town.Write(2, "people.change", koho, hanako, Noon(3));

        var told = await joho.Find("desk/audit/person", ("about", "hanako"));
        var row = Assert.Single(told.All("tbody tr"));
        Assert.Contains("見本 広報", row.TextContent);
        Assert.Equal("3", row.QuerySelector("td.num")!.TextContent);
        Assert.Equal(2, (await joho.Open($"desk/audit/person?who={hanako}")).All("tbody tr").Count());

        var did = await joho.Find("desk/audit/account", ("account", "koho"));
        Assert.Equal(["people.change", "個人情報の閲覧"], did.All("tbody th").Select(th => th.TextContent.Trim()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Unusual_reading_is_listed_with_its_reason()
    {
        var town = await program.NewTown();
        var (joho, koho, hanako, johoId) = (await town.Staff("joho"), await IdOf(town, "koho"), await IdOf(town, "hanako"), await IdOf(town, "joho"));
        // Ten persons a day for a week, then forty: and one who always sees forty, which is usual for them.
        await town.Tamper($"""
            INSERT INTO audit.entries (id, at, action, actor_id, about_id)
            SELECT gen_random_uuid(), timestamptz '{Noon(2):O}' - make_interval(days => day), 'people.read', '{koho}', gen_random_uuid()
            FROM generate_series(0, 7) day, generate_series(1, CASE day WHEN 0 THEN 40 ELSE 10 END) n;
            INSERT INTO audit.entries (id, at, action, actor_id, about_id)
            SELECT gen_random_uuid(), timestamptz '{Noon(2):O}' - make_interval(days => day), 'people.read', '{johoId}', gen_random_uuid() FROM generate_series(0, 7) day, generate_series(1, 40) n
            """);
        var found = (await UnusualReading.Find(program.Service<TownDatabases>(), town.Town, Noon(2).AddDays(-1), TimeProvider.System.GetUtcNow(), withProtected: true, default)).Where(f => f.Kind == UnusualKind.Many).ToArray();
        var many = Assert.Single(found);
        Assert.Equal((koho, 40L, 10m), (many.ActorId!.Value, many.People, decimal.Round(many.Usual!.Value)));

        await town.Write(1, "people.read", koho, koho, Noon(3));
        await town.Write(1, "people.read", koho, hanako, JapanTime.At(JapanTime.DayOf(Noon(3)), new(23, 30)));
        // A resident who looks at their own data is no matter.
        await town.Write(1, "people.read", hanako, hanako, JapanTime.At(JapanTime.DayOf(Noon(4)), new(23, 30)));
        var page = await joho.Open("desk/audit/unusual?days=30");
        Assert.Matches("1日に4[0-9]人の情報を見ました。直近30日の平均は1日10(.[0-9])?人です。", page.Text);
        Assert.Contains("自分自身の情報を見ました。", page.Text);
        Assert.Contains("夜間または土日に1人の情報を見ました。", page.Text);
        Assert.DoesNotContain("花子", string.Join(' ', page.All("tbody tr td:nth-child(2)").Select(td => td.TextContent)));
    }

    [Fact]
    public async Task A_list_as_a_file_holds_no_formula_and_is_recorded()
    {
        var town = await program.NewTown();
        var joho = await town.Staff("joho");
        await using (var db = town.Open())
        {
            db.Audit(new() { At = Noon(1), Action = "csv.story", Reason = "=cmd|'/c calc'!A1", Subject = "  @SUM(1)", FromAddress = "\"quoted\",\r\nline", RequestId = "-2" });
            await db.Save();
        }
        using var answer = await joho.Send(HttpMethod.Get, "desk/audit/entries.csv?action=csv.story");
        Assert.Equal("text/csv", answer.Content.Headers.ContentType!.MediaType);
        var bytes = await answer.Content.ReadAsByteArrayAsync();
        Assert.Equal([0xef, 0xbb, 0xbf], bytes[..3]);
        var text = Encoding.UTF8.GetString(bytes[3..]);
        Assert.Contains("\"'=cmd|'/c calc'!A1\"", text);
        Assert.Contains("\"'  @SUM(1)\"", text);
        Assert.Contains("\"'-2\"", text);
        Assert.Contains("\"\"\"quoted\"\",\r\nline\"", text);
        Assert.StartsWith("\"日時\",\"アカウント\",\"ログイン名\"", text);
        await town.Until("EXISTS (SELECT FROM audit.entries WHERE action = 'audit.read' AND subject = 'audit/entries.csv')");
    }

    [Fact]
    public async Task A_head_goes_to_the_mailbox_once_a_day_and_no_further_where_none_is_named()
    {
        var town = await program.NewTown();
        await town.Write();
        await town.Seal();
        await using (var db = town.Open())
        {
            db.Enqueue(new MailHead());
            await db.Save();
        }
        await town.Until("NOT EXISTS (SELECT FROM jobs.queue WHERE kind = 'audit.mail_head')");
        Assert.Equal(0L, await town.Ask<long>("SELECT count(*) FROM jobs.queue WHERE kind = 'mail.send'"));
    }
}
