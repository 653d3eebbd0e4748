using System.Net;
using Komachi.Platform.Data;
using Komachi.Procedures;
using Komachi.Tests.Announcements;
using Komachi.Tests.Harness;
using Komachi.Tests.Rights;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Procedures;

/// <summary>Whoever filed something sees how it stands and what comes next, writes, and may take it back.</summary>
public sealed class OwnCase(TestProgram program)
{
    [Fact]
    public async Task It_is_there_for_who_filed_it_and_for_nobody_else()
    {
        var town = await program.NewTown("onojo");
        var of = await town.HasFiled("dog-registration", by: "hanako");
        var page = await (await town.Resident()).Open(Own(of));
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Contains(of.Shown(), page.Text);
        Assert.Contains("申請を受け付けました。", page.One("ol.timeline").TextContent);
        Assert.Contains("決定をお知らせします。", page.All("li.timeline-coming").Single().TextContent);
        Assert.DoesNotContain("見本ポチ", page.Text);    // what stands in it is a page further

        foreach (var path in new[] { Own(of), Own(of) + "/filed", Own(of) + "/pdf", Own(of) + "/withdraw" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await town.Visitor().Open(path)).Status);
            Assert.Equal(HttpStatusCode.NotFound, (await (await town.Resident("alexandra")).Open(path)).Status);
            Assert.Equal(HttpStatusCode.NotFound, (await (await town.Staff("jimu")).Open(path)).Status);
        }
    }

    [Fact]
    public async Task My_page_says_what_is_under_way_and_what_waits_for_me()
    {
        var town = await program.NewTown("onojo");
        var of = await town.HasFiled("dog-registration", by: "hanako");
        var hanako = await town.Resident();
        Assert.Contains(Own(of), (await hanako.Open("my")).One("main ol.timeline").InnerHtml);

        await town.AskToCorrect(of.Id, "写真が読めません。", "dogName");
        var mine = await hanako.Open("my");
        Assert.Contains(mine.All("main a"), a => a.GetAttribute("href")!.EndsWith(Own(of) + "/correct"));
        var page = await hanako.Open(Own(of));
        Assert.Contains("写真が読めません。", page.One("div.notice").TextContent);
        Assert.Contains("timeline-now", page.One("ol.timeline").InnerHtml);
        Assert.DoesNotContain("決定をお知らせします。", page.Text);    // nobody knows when, as long as the clock stands
    }

    [Fact]
    public async Task Messages_go_both_ways_and_a_double_press_writes_one()
    {
        var town = await program.NewTown("onojo");
        var of = await town.HasFiled("dog-registration", by: "hanako");
        var hanako = await town.Resident();
        var empty = await hanako.Submit(await hanako.Open(Own(of)), form: "form[action$='/message']");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, empty.Status);

        var write = hanako.Ready(await hanako.Open(Own(of)), new() { ["message"] = "いつ終わりますか。\n見本です。" }, form: "form[action$='/message']");
        var both = await Task.WhenAll(write(), write());
        Assert.All(both, p => Assert.EndsWith("?done=message", p.Url));
        Assert.Equal(1, await town.Count($"procedures.moves WHERE case_id = '{of.Id}' AND kind = 'Answer'"));
        Assert.True((await town.Look(of.Id)).Unread);
        await using (var db = town.Open())
        {
            var at = await db.Set<Case>().SingleAsync(c => c.Id == of.Id, TestContext.Current.CancellationToken);
            at.Message("今週中です。", fromApplicant: false, Filed.Clerk, db.Now);
            db.AddNews(at);
            await db.Save(stop: TestContext.Current.CancellationToken);
        }
        var page = await hanako.Open(Own(of));
        Assert.Equal(["あなた", "担当課"], page.All(".comment-author").Select(a => a.TextContent));
        Assert.Contains("今週中です。", page.Text);
        Assert.Contains((await hanako.Open("my")).All("main a"), a => a.TextContent.Contains("メッセージ"));
    }

    [Fact]
    public async Task What_is_withdrawn_is_over_for_the_office_too()
    {
        var town = await program.NewTown("onojo");
        var of = await town.HasFiled("dog-registration", by: "hanako");
        await town.AskToCorrect(of.Id, "名前を確かめてください。", "dogName");
        var hanako = await town.Resident();
        var sure = await hanako.Open(Own(of) + "/withdraw");
        Assert.Equal(CaseState.Correcting, (await town.Look(of.Id)).State);    // a look takes nothing back
        var over = await hanako.Submit(sure, new() { ["reasons"] = "もう飼っていません。" });
        Assert.Contains("取り下げ済み", over.Text);
        Assert.Equal(CaseState.Withdrawn, (await town.Look(of.Id)).State);
        Assert.Equal(0, await town.Count($"procedures.steps WHERE case_id = '{of.Id}' AND state IN ('Open', 'Waiting')"));
        Assert.Equal(0, await town.Count($"procedures.corrections WHERE case_id = '{of.Id}' AND left_at IS NULL"));
        Assert.Empty(over.All("form[action$='/message']"));
        Assert.Equal(1, await town.Count("audit.entries WHERE action = 'procedures.take_back'"));
    }

    [Fact]
    public async Task The_next_stage_opens_with_the_grant_and_begins_from_here()
    {
        var town = await program.NewTown("onojo");
        var of = await town.HasFiled("digital-subsidy", by: "hanako");
        var hanako = await town.Resident();
        Assert.Empty((await hanako.Open(Own(of))).All("form[action*='/stages/']"));
        await town.Grant(of.Id, new() { ["grantedAmount"] = 200000 });
        var page = await hanako.Open(Own(of));
        Assert.Contains(page.All("form[action*='/stages/']"), f => f.GetAttribute("action")!.EndsWith("/stages/report"));
        Assert.DoesNotContain(page.All("form[action*='/stages/']"), f => f.GetAttribute("action")!.EndsWith("/stages/claim"));    // after the report
        await hanako.Submit(page, form: "form[action$='/stages/report']");
        await using var db = town.Open();
        var draft = await db.Set<Draft>().SingleAsync(TestContext.Current.CancellationToken);
        Assert.Equal(("report", of.Id, of.AccountId), (draft.Stage, draft.ParentId, draft.AccountId));
        await hanako.Submit(await hanako.Open(Own(of)), form: "form[action$='/stages/report']");    // goes on with it
        Assert.Equal(1, await town.Count("procedures.drafts"));

        // What it follows from holds no more: nothing is sent, and the page says so.
        await town.Tell($"UPDATE procedures.cases SET state = 'Accepted', decided_at = NULL, closed_at = NULL WHERE id = '{of.Id}'");
        var check = await hanako.Open($"procedures/filling/{draft.Id}/check");
        Assert.Contains("前の段階がまだ認められていません", check.Text);
        Assert.Empty(check.All(Applicant.Sending));
    }

    [Fact]
    public async Task A_later_filing_is_sent_once_however_often_it_was_begun()
    {
        var (town, stop) = (await program.NewTown("onojo"), TestContext.Current.CancellationToken);
        var of = await town.HasFiled("digital-subsidy", by: "hanako");
        await town.Grant(of.Id, new() { ["grantedAmount"] = 200000 });
        var drafts = new[] { await town.BeginsStage(of, "report"), await town.BeginsStage(of, "report") };    // two devices, or who acts for her
        await using (TownDb one = town.Open(), other = town.Open())
        {
            // Both look, and then both save.
            await Sends(one, drafts[0]);
            await Sends(other, drafts[1]);
            await one.Save(stop: stop);
            Assert.True((await Assert.ThrowsAnyAsync<DbUpdateException>(() => other.Save(stop: stop))).IsOvertaken());
        }
        Assert.Equal(1, await town.Count($"procedures.cases WHERE parent_id = '{of.Id}'"));

        var hanako = await town.Resident();
        var late = await hanako.Open($"procedures/filling/{drafts[1]}/check");
        Assert.Equal(HttpStatusCode.OK, late.Status);
        Assert.Contains("すでに提出されています", late.Text);
        Assert.Contains("会計ソフトを入れました。", late.Text);    // nothing of it is lost
        Assert.Empty(late.All(Applicant.Sending));
        Assert.Empty((await hanako.Open(Own(of))).All("form[action$='/stages/report']"));

        // One that was refused may be sent anew.
        await using (var db = town.Open())
        {
            var filed = await db.Set<Case>().SingleAsync(c => c.ParentId == of.Id, stop);
            filed.Accept(Filed.Clerk, db.Now);
            filed.Decide(granted: false, "書類が違います。", Filed.Clerk, db.Now);
            db.AddNews(filed);
            await db.Save(stop: stop);
        }
        Assert.DoesNotContain("すでに提出されています", (await hanako.Open($"procedures/filling/{drafts[1]}/check")).Text);
        await using (var again = town.Open())
        {
            await Sends(again, drafts[1]);
            await again.Save(stop: stop);
        }
        Assert.Equal(2, await town.Count($"procedures.cases WHERE parent_id = '{of.Id}'"));

        async Task Sends(TownDb db, Guid id)
        {
            var visit = new Komachi.Platform.Web.Visit();
            visit.Enter(town.Town, "/" + town.Slug, Komachi.Ui.Words.Lang.Japanese, "/");
            var filling = await Filling.Of(await db.Set<Draft>().SingleAsync(d => d.Id == id, stop), db, db.Today, stop);
            Assert.NotNull((await Filing.Send(filling.OnPaper(db), false, visit, db, program.Service<Komachi.Platform.Data.Receipts>(), TimeProvider.System, stop, incomplete: true)).Case);
        }
    }

    static string Own(Case of) => $"procedures/cases/{of.Id}";
}
