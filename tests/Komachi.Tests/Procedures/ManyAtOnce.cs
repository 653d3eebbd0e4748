using System.Net;
using System.Text;
using Komachi.Platform.Days;
using Komachi.Procedures;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;
using static Komachi.Tests.Harness.FiledCases;

namespace Komachi.Tests.Procedures;

/// <summary>Many filings in one go: given, granted, handed over; and their letters sealed and posted.</summary>
public sealed class ManyAtOnce(TestProgram program)
{
    const string Rows = "form[action$='/desk/procedures/many']";

    [Fact]
    public async Task Rows_are_taken_and_each_says_what_became_of_it()
    {
        var town = await program.NewTown("onojo");
        var lately = TimeProvider.System.Today().AddDays(-5).ForInput();
        var (first, second) = (await town.File("dog-registration", but: a => a["acquiredOn"] = lately), await town.File("dog-registration", but: a => (a["dogName"], a["acquiredOn"]) = ("二号", lately)));
        var clerk = await town.Staff("jimu");
        var page = await clerk.Submit(await clerk.Open("desk/procedures"), new() { ["do"] = "take" }, form: Rows);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, page.Status);    // none is ticked

        page = await Ticked(clerk, "take");
        Assert.Contains("/many/", page.Url);
        Assert.Equal(2, page.All("tbody tr").Count(r => r.TextContent.Contains("完了")));
        var me = await town.IdOf("jimu");
        Assert.All(await town.All<Case>(c => c), c => Assert.Equal(me, c.AssigneeId));
        Assert.Equal(HttpStatusCode.NotFound, (await (await town.Staff("iin")).Open(page.Url[page.Url.IndexOf("desk/", StringComparison.Ordinal)..])).Status);

        await clerk.DoStep(first, "accept");
        // It is asked about first: with how many, and what comes of it.
        var decider = await town.Staff("iin");
        page = await Ticked(decider, "grant");
        Assert.Contains("2件を承認・交付する", page.Text);
        Assert.Equal(CaseState.Accepted, (await town.Now(first)).State);
        page = await decider.Submit(page, form: Rows);
        Assert.True(page.All("tbody tr").Count(r => r.TextContent.Contains("完了")) == 1, page.Text);
        Assert.Contains("まだ決定できる段階ではありません", page.Text);
        Assert.Equal(CaseState.Granted, (await town.Now(first)).State);
        Assert.Equal(CaseState.Arrived, (await town.Now(second)).State);
    }

    [Fact]
    public async Task Of_a_filing_elsewhere_nothing_is_told_to_whoever_writes_its_id_into_the_form()
    {
        var town = await program.NewTown("onojo");
        var (mine, other) = (await town.File("dog-registration", code: "0301"), await town.File("dog-registration", code: "0103"));
        var clerk = await town.Staff("tanto");
        Assert.Contains(new ReceiptText(mine.Number).ToString(), (await Ticked(clerk, "step")).Text);
        var page = await clerk.Open("desk/procedures");
        var row = page.One($"{Rows} input[name=row]");
        row.SetAttribute("value", $"{other.Id}");
        row.SetAttribute("checked", "");
        page = await clerk.Submit(page, new() { ["do"] = "step" }, form: Rows);
        Assert.Contains("1件の手順を完了する", page.Text);
        Assert.DoesNotContain(new ReceiptText(other.Number).ToString(), page.Text);
    }

    [Fact]
    public async Task More_than_a_page_goes_on_by_itself()
    {
        var town = await program.NewTown("onojo");
        for (var i = 0; i < WorkOnMany.AtOnce + 5; i++) await town.File("dog-registration", but: a => a["dogName"] = $"犬{i}");
        var clerk = await town.Staff("jimu");
        var page = await clerk.Submit(await clerk.Open("desk/procedures"), new() { ["do"] = "accept", ["all"] = "true" }, form: Rows);
        Assert.Contains($"{WorkOnMany.AtOnce + 5}件の審査を始める", page.Text);
        Assert.Empty(await town.All<BulkRun>(r => r));
        page = await clerk.Submit(page, form: Rows);
        Assert.Equal(HttpStatusCode.OK, page.Status);
        await town.Until("EXISTS (SELECT 1 FROM procedures.bulk_runs WHERE ended_at IS NOT NULL)", 60);
        Assert.All(await town.All<Case>(c => c), c => Assert.Equal(CaseState.Accepted, c.State));
        Assert.Equal(WorkOnMany.AtOnce + 5, (await town.All<Move>(m => m.Where(x => x.Kind == MoveKind.Accepted))).Count);
    }

    [Fact]
    public async Task Who_may_not_set_the_seal_leaves_the_letter_waiting_and_paper_is_posted()
    {
        var town = await program.NewTown("onojo");
        // A decider without the seal.
        await using (var take = town.Source.CreateCommand("UPDATE offices.roles SET permissions = array_remove(permissions, 'procedures.seal')")) await take.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        var (paper, electronic) = (await town.File("dog-registration"), await town.File("dog-registration", electronic: true, but: a => a["dogName"] = "二号"));
        var (clerk, decider) = (await town.Staff("jimu"), await town.Staff("iin"));
        foreach (var of in new[] { paper, electronic })
        {
            await clerk.DoStep(of, "accept");
            Assert.Equal(HttpStatusCode.OK, (await decider.Decide(of, "refused", new() { ["reasons"] = "見本の理由" })).Status);
        }
        Assert.All(await town.All<Letter>(l => l), l => Assert.Equal((true, false, null), (l.WantsSeal, l.Sealed, l.DeliveredAt)));
        var page = await decider.Open("desk/procedures/letters");
        Assert.Empty(page.All("form[action$='/letters/seal'] button.button-main"));

        await using (var db = town.Open())
        {
            (await db.Set<Komachi.Platform.People.Account>().SingleAsync(a => a.SignInName == "jimu", TestContext.Current.CancellationToken)).Grant(["procedures.seal"]);
            await db.Save(stop: TestContext.Current.CancellationToken);
        }
        page = await clerk.Open("desk/procedures/letters");
        foreach (var box in page.All("form[action$='/letters/seal'] input[name=row]")) box.SetAttribute("checked", "");
        page = await clerk.Submit(page, form: "form[action$='/letters/seal']");
        Assert.Equal(HttpStatusCode.OK, page.Status);
        var letters = await town.All<Letter>(l => l);
        Assert.All(letters, l => Assert.True(l.Sealed));
        Assert.NotNull(letters.Single(l => l.CaseId == electronic.Id).DeliveredAt);
        Assert.Null(letters.Single(l => l.CaseId == paper.Id).DeliveredAt);

        var post = Assert.Single(page.All("form[action$='/desk/procedures/letters'] input[name=row]"));
        post.SetAttribute("checked", "");
        page = await clerk.Submit(page, new() { ["do"] = "posted" }, form: "form[action$='/desk/procedures/letters']");
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.NotNull((await town.All<Letter>(l => l.Where(x => x.CaseId == paper.Id)))[0].DeliveredAt);
        Assert.Contains(await town.All<Move>(m => m.Where(x => x.CaseId == paper.Id)), m => m is { Kind: MoveKind.PaperDelivered, Told: true });
    }

    [Fact]
    public async Task A_file_for_an_older_system_says_which_characters_do_not_fit()
    {
        var town = await program.NewTown("onojo");
        var of = await town.File("dog-registration", but: a => (a["dogName"], a["features"]) = ("𠮷ポチ", "=1+1"));
        var clerk = await town.Staff("jimu");
        var page = await clerk.Open("desk/procedures/export");
        page = await clerk.Submit(page, new() { ["procedure"] = "dog-registration", ["encoding"] = "cp932" }, form: "form[action$='/export']");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, page.Status);
        Assert.Contains("𠮷", page.Text);
        Assert.Contains("犬の名", page.Text);
        Assert.Contains(new ReceiptText(of.Number).ToString(), page.Text);
        Assert.DoesNotContain(await town.All<Move>(m => m), m => m.Kind == MoveKind.Exported);

        // With what stands instead of it: ■ where nobody says otherwise.
        var token = page.One("form[action$='/export'] input[name=_token]").GetAttribute("value")!;
        using var file = await clerk.Send(HttpMethod.Post, "desk/procedures/export", new FormUrlEncodedContent(new Dictionary<string, string> { ["_token"] = token, ["procedure"] = "dog-registration", ["encoding"] = "cp932", [Export.NameOf("𠮷")] = "吉" }));
        Assert.Equal(HttpStatusCode.OK, file.StatusCode);
        var bytes = await file.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        var text = CodePagesEncodingProvider.Instance.GetEncoding(932)!.GetString(bytes);
        Assert.Contains("吉ポチ", text);
        Assert.Contains("'=1+1", text);    // no formula
        Assert.StartsWith("届出日,区分,犬の名", text);
        Assert.Contains(await town.All<Move>(m => m), m => m.Kind == MoveKind.Exported && !m.Told);

        using var whole = await clerk.Send(HttpMethod.Post, "desk/procedures/export", new FormUrlEncodedContent(new Dictionary<string, string> { ["_token"] = token, ["procedure"] = "dog-registration", ["encoding"] = "utf-8" }));
        var utf8 = await whole.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.Equal([0xef, 0xbb, 0xbf], utf8[..3]);
        Assert.Contains("𠮷ポチ", Encoding.UTF8.GetString(utf8));
    }

    [Fact]
    public async Task What_comes_in_is_given_to_colleagues_in_turn()
    {
        var town = await program.NewTown("onojo");
        var clerk = await town.Staff("tanto");
        var page = await clerk.Open("desk/procedures/rules");
        var mine = page.All("select[name=department] option").Single(o => !string.IsNullOrEmpty(o.GetAttribute("value"))).GetAttribute("value");
        page = await clerk.Submit(page, new() { ["department"] = mine, ["procedure"] = "", ["rule"] = "InTurn" }, form: "form[action$='/rules']");
        Assert.Equal(HttpStatusCode.OK, page.Status);
        var of = await town.File("dog-registration", code: "0301");
        await town.Until($"(SELECT assignee_id IS NOT NULL FROM procedures.cases WHERE id = '{of.Id}')");
        Assert.Equal(await town.IdOf("tanto"), (await town.Now(of)).AssigneeId);
        // Elsewhere there is no rule.
        Assert.Empty(await town.All<AssignRule>(r => r.Where(x => x.DepartmentId != of.DepartmentId)));
    }

    [Fact]
    public async Task When_its_time_is_over_what_a_filing_said_is_erased_and_that_it_was_stays()
    {
        var town = await program.NewTown("onojo");
        var of = await town.File("dog-registration");
        await (await town.Staff("jimu")).DoStep(of, "accept");
        await (await town.Staff("iin")).Decide(of, "granted");
        await using (var old = town.Source.CreateCommand("UPDATE procedures.cases SET closed_at = closed_at - interval '20 years'")) await old.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        var kind = program.House.All<Komachi.Platform.Rights.RecordKind>().Single(k => k.Key == "procedures.cases");
        await using var db = town.Open();
        var now = TimeProvider.System.GetUtcNow();
        var night = new Komachi.Platform.Rights.Night(db, kind.Keep.Before(now), now, db.Set<Komachi.Platform.People.Person>().Where(p => false).Select(p => p.Id), TestContext.Current.CancellationToken);
        Assert.Equal(1, await kind.CountDue(night));
        Assert.Equal(1, await kind.Erase(night, 100));
        Assert.Equal(0, await kind.Erase(night, 100));
        var left = await town.Now(of);
        Assert.Equal((CaseState.Granted, "", null, 0), (left.State, left.Title, left.Email, left.Answers.Count));
        Assert.Empty(await town.All<Letter>(l => l));
        Assert.All(await town.All<Move>(m => m), m => Assert.Null(m.Text));
        Assert.Equal(HttpStatusCode.NotFound, (await (await town.Staff("jimu")).Open(PageOf(of))).Status);
    }

    static async Task<Seen> Ticked(Person clerk, string what)
    {
        var page = await clerk.Open("desk/procedures");
        foreach (var box in page.All($"{Rows} input[name=row]")) box.SetAttribute("checked", "");
        return await clerk.Submit(page, new() { ["do"] = what }, form: Rows);
    }
}
