using System.Net;
using Komachi.Platform.Days;
using Komachi.Platform.People;
using Komachi.Procedures;
using Komachi.Tests.Harness;
using Komachi.Tests.Persons;
using Microsoft.EntityFrameworkCore;
using Person = Komachi.Tests.Harness.Person;
using static Komachi.Tests.Harness.FiledCases;

namespace Komachi.Tests.Procedures;

/// <summary>What waits at the desk, for whom, in which order.</summary>
public sealed class TheInbox(TestProgram program)
{
    [Fact]
    public async Task What_is_due_first_stands_first_and_pages_leave_nothing_out()
    {
        var town = await program.NewTown("onojo");
        var first = await town.File("dog-registration", dueIn: -3);
        for (var i = 0; i < 70; i++) await town.File("dog-registration", dueIn: i % 7);
        var clerk = await town.Staff("jimu");
        var page = await clerk.Open("desk/procedures");
        Assert.Equal(Inbox.PageSize, page.All("tbody th").Count());
        Assert.Equal(new ReceiptText(first.Number).ToString(), page.All("tbody th").First().TextContent);
        Assert.Contains("遅れ", page.All("tbody tr").First().TextContent);
        var numbers = page.All("tbody th").Select(h => h.TextContent).ToList();
        page = await clerk.Open(page.One("a[rel=next]").GetAttribute("href")!);
        numbers.AddRange(page.All("tbody th").Select(h => h.TextContent));
        Assert.Equal(71, numbers.Distinct().Count());
        Assert.Empty(page.All("a[rel=next]"));
        Assert.Single((await clerk.Open("desk/procedures?only=late")).All("tbody th"));
    }

    [Fact]
    public async Task It_is_narrowed_and_searched()
    {
        var town = await program.NewTown("onojo");
        var (dog, water) = (await town.File("dog-registration"), await town.File("water-start-stop"));
        var clerk = await town.Staff("jimu");
        Assert.Single((await clerk.Open("desk/procedures?procedure=dog-registration")).All("tbody th"));
        Assert.Equal(2, (await clerk.Open("desk/procedures?way=online&who=nobody")).All("tbody th").Count());
        Assert.Empty((await clerk.Open("desk/procedures?way=post")).All("tbody th"));
        // By its number as people type it, and by the name, in no address.
        foreach (var typed in new[] { water.Number, new ReceiptText(water.Number).ToString(), water.Title })
        {
            var found = await clerk.Find("desk/procedures", ("q", typed));
            Assert.Contains(found.All("tbody th"), h => h.TextContent == new ReceiptText(water.Number).ToString());
            Assert.DoesNotContain(Uri.EscapeDataString(water.Title), found.Url);
        }
        Assert.Equal(HttpStatusCode.OK, (await clerk.Open("desk/procedures?state=%00&department=x&who=1&only=2&way=99&step=&after=zzz&find=abc")).Status);
        Assert.Contains(new ReceiptText(dog.Number).ToString(), (await clerk.Submit(await clerk.Open("desk"), new() { ["q"] = dog.Number }, form: "form.desk-find")).Text);
    }

    [Fact]
    public async Task A_department_sees_what_it_has()
    {
        var town = await program.NewTown("onojo");
        var (mine, other) = (await town.File("dog-registration", code: "0301"), await town.File("dog-registration", code: "0103"));
        var page = await (await town.Staff("tanto")).Open("desk/procedures");
        Assert.Equal([new ReceiptText(mine.Number).ToString()], page.All("tbody th").Select(h => h.TextContent));
        Assert.Equal(2, (await (await town.Staff("jimu")).Open("desk/procedures")).All("tbody th").Count());
        Assert.Equal(HttpStatusCode.NotFound, (await (await town.Staff("tanto")).Open(PageOf(other))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await (await town.Staff("koho")).Open("desk/procedures")).Status);
    }

    [Fact]
    public async Task Who_is_protected_is_neither_shown_nor_found()
    {
        var town = await program.NewTown("onojo");
        Guid person;
        await using (var db = town.Open())
        {
            person = await db.Set<Account>().Where(a => a.SignInName == "hanako").Select(a => a.PersonId!.Value).SingleAsync();
            db.Add(Protection.Of(person, "見本の相談窓口", db.Today, db.Today.AddYears(1), await town.IdOf("shien"), TimeProvider.System.GetUtcNow()));
            await db.Save();
        }
        var of = await town.File("dog-registration", person: person, but: a => a["ownerName"] = new System.Text.Json.Nodes.JsonObject { ["family"] = "隠野", ["given"] = "かくれ" });
        var clerk = await town.Staff("jimu");
        var list = await clerk.Open("desk/procedures");
        Assert.Contains(new ReceiptText(of.Number).ToString(), list.Text);
        Assert.DoesNotContain("隠野", list.Html);
        Assert.Empty((await clerk.Find("desk/procedures", ("q", "隠野"))).All("tbody th"));
        var page = await clerk.Open(PageOf(of));
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.DoesNotContain("隠野", page.Html);
        Assert.Empty(page.All("main form"));
        using var pdf = await clerk.Send(HttpMethod.Get, $"{PageOf(of)}/pdf");
        Assert.Equal(HttpStatusCode.NotFound, pdf.StatusCode);
    }

    [Fact]
    public async Task A_warning_of_the_same_filing_does_not_tell_of_who_is_protected()
    {
        var town = await program.NewTown("onojo");
        var person = await town.PersonOf("hanako");
        var (hidden, of) = (await town.File("dog-registration", person: person), await town.File("dog-registration"));
        var clerk = await town.Staff("jimu");
        bool Warns(Seen page) => page.All(".notice a").Any(a => a.GetAttribute("href")!.EndsWith(hidden.Id.ToString()));
        Assert.True(Warns(await clerk.Open(PageOf(of))));
        await town.Protect(person);
        var page = await clerk.Open(PageOf(of));
        Assert.False(Warns(page));
        Assert.DoesNotContain(new ReceiptText(hidden.Number).ToString(), page.Text);
        await town.Grant("jimu", "people.protected");
        Assert.True(Warns(await clerk.Open(PageOf(of))));
    }

    [Fact]
    public async Task The_first_page_of_the_desk_says_what_waits()
    {
        var town = await program.NewTown("onojo");
        var of = await town.File("dog-registration", dueIn: -1);
        var clerk = await town.Staff("jimu");
        await clerk.Submit(await clerk.Open(PageOf(of)), form: "form[action$='/take']");
        var start = (await clerk.Open("desk")).Text;
        Assert.Contains("自分が担当する申請", start);
        Assert.Contains("期限を過ぎた申請", start);
        await clerk.DoStep(of, "accept");
        Assert.Contains("決定を待っている申請", (await (await town.Staff("iin")).Open("desk")).Text);
    }

    [Fact]
    public async Task A_filing_that_is_there_for_two_reasons_is_counted_once()
    {
        var town = await program.NewTown("onojo");
        var of = await town.File("dog-registration", code: "0301", dueIn: -1);
        await using (var give = town.Source.CreateCommand($"UPDATE procedures.steps SET department_id = (SELECT department_id FROM procedures.cases WHERE id = '{of.Id}') WHERE case_id = '{of.Id}'")) await give.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        var clerk = await town.Staff("tanto");    // of 0301 alone
        Assert.Single((await clerk.Open("desk/procedures?only=late")).All("tbody th"));
        var waits = (await clerk.Open("desk")).All("main a").Single(a => a.GetAttribute("href")!.EndsWith("desk/procedures?only=late"));
        Assert.Contains("1", waits.ParentElement!.TextContent);
        Assert.DoesNotContain("2", waits.ParentElement!.TextContent);
    }

    [Fact]
    public async Task A_page_asks_the_same_number_of_questions_whatever_it_holds()
    {
        var town = await program.NewTown("onojo");
        var plan = new List<string>();
        await town.File("dog-registration");
        await using var explain = town.Source.CreateCommand("""
            EXPLAIN SELECT id FROM procedures.cases WHERE erased_at IS NULL AND closed_at IS NULL AND (due_on, id) > (DATE '2026-01-01', '00000000-0000-0000-0000-000000000000') ORDER BY due_on, id LIMIT 51
            """);
        // With a table of one row any plan is as good: the index is asked for.
        await using (var off = town.Source.CreateCommand("SET enable_seqscan = off")) await off.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        await using var connection = await town.Source.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using (var off = new Npgsql.NpgsqlCommand("SET enable_seqscan = off; SET enable_bitmapscan = off", connection)) await off.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        await using (var asked = new Npgsql.NpgsqlCommand(explain.CommandText, connection))
        await using (var lines = await asked.ExecuteReaderAsync(TestContext.Current.CancellationToken))
            while (await lines.ReadAsync(TestContext.Current.CancellationToken)) plan.Add(lines.GetString(0));
        Assert.Contains(plan, l => l.Contains("using cases_open"));
        Assert.DoesNotContain(plan, l => l.Contains("Sort"));
    }
}
