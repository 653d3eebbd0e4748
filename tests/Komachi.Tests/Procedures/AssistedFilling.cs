using System.Net;
using Komachi.Platform.Audit;
using Komachi.Platform.People;
using Komachi.Procedures;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Procedures;

/// <summary>Staff write down what somebody says at the counter, or what stands on a paper; the record says so.</summary>
public sealed class AssistedFilling(TestProgram program)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_paper_is_filed_with_its_gaps_and_the_record_names_who_wrote_it_and_for_whom()
    {
        var town = await program.NewTown("onojo");
        var clerk = await town.Staff("tanto");
        Guid hanako, tanto;
        await using (var people = town.Open())
        {
            hanako = await people.Set<Account>().Where(a => a.SignInName == "hanako").Select(a => a.PersonId!.Value).SingleAsync(Stop);
            tanto = await people.Set<Account>().Where(a => a.SignInName == "tanto").Select(a => a.Id).SingleAsync(Stop);
        }
        Assert.Contains("water-start-stop", (await clerk.Open("desk/procedures/assist")).Html);
        var chosen = await clerk.Open($"desk/procedures/assist?procedure=water-start-stop&person={hanako}");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await clerk.Submit(chosen)).Status);    // how it came is asked
        var page = await clerk.Submit(chosen, new() { ["way"] = "Post", ["came"] = "2026-11-20" });
        Assert.Contains("/desk/procedures/filling/", page.Url);
        Assert.Contains("代行入力", page.Text);

        // Nothing of it stands on the paper: page after page, to the check.
        for (var pages = 0; !page.Url.EndsWith("/check"); pages++)
        {
            Assert.True(pages < 20, page.Url);
            page = await clerk.Submit(page, new() { ["_look"] = "gaps" });
        }
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await clerk.Submit(page, form: Applicant.Sending)).Status);
        var done = await clerk.Submit(page, new() { ["gaps"] = "true" }, form: Applicant.Sending);
        Assert.EndsWith("/done", done.Url);

        await using var db = town.Open();
        var filed = await db.Set<Case>().SingleAsync(Stop);
        Assert.Equal((Way.Post, (Guid?)hanako, (Guid?)null, (Guid?)tanto), (filed.Way, filed.PersonId, filed.AccountId, filed.AssistedById));
        Assert.Equal("2026-11-20", filed.Answers[AssistFiling.Came]!.ToString());
        Assert.Equal(Komachi.Platform.Days.JapanTime.Today(TimeProvider.System), filed.ArrivedOn);
        Assert.NotEqual("tanto@example.jp", filed.Email);
        var entries = await db.Set<AuditEntry>().Where(e => e.ActorId == tanto && e.AboutId == hanako && e.Action.StartsWith("procedures.")).Select(e => e.Action).ToListAsync(Stop);
        Assert.Equal(["procedures.assist", "procedures.file"], entries.Order());
    }

    [Fact]
    public async Task A_later_filing_is_begun_from_the_case_for_who_has_no_account()
    {
        var town = await program.NewTown("onojo");
        var of = await town.HasFiled("digital-subsidy", email: "shinsei@example.jp", way: Way.Counter);
        var clerk = await town.Staff("jimu");
        var begin = $"desk/procedures/assist/{of.Id}/report";
        Assert.DoesNotContain(begin, (await clerk.Open(FiledCases.PageOf(of))).Html);
        Assert.EndsWith(FiledCases.PageOf(of), (await clerk.Open(begin)).Url);    // not open before the grant
        await town.Grant(of.Id, new() { ["grantedAmount"] = 200000 });
        Assert.Contains(begin, (await clerk.Open(FiledCases.PageOf(of))).Html);
        var ask = await clerk.Open(begin);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await clerk.Submit(ask)).Status);
        var page = await clerk.Submit(ask, new() { ["way"] = "Counter", ["came"] = "2026-11-20" });
        Assert.Contains("/desk/procedures/filling/", page.Url);
        for (var pages = 0; !page.Url.EndsWith("/check"); pages++)
        {
            Assert.True(pages < 20, page.Url);
            page = await clerk.Submit(page, new() { ["_look"] = "gaps" });
        }
        var done = await clerk.Submit(page, new() { ["gaps"] = "true" }, form: Applicant.Sending);
        Assert.EndsWith("/done", done.Url);
        await using var db = town.Open();
        var filed = await db.Set<Case>().SingleAsync(c => c.ParentId == of.Id, Stop);
        Assert.Equal(("report", Way.Counter, (Guid?)await town.IdOf("jimu"), "shinsei@example.jp"), (filed.Stage, filed.Way, filed.AssistedById, filed.Email));
        Assert.EndsWith(FiledCases.PageOf(of), (await clerk.Open(begin)).Url);    // it is there now
        Assert.Equal(HttpStatusCode.Forbidden, (await (await town.Staff("koho")).Open(begin)).Status);
    }

    [Fact]
    public async Task The_pages_of_staff_and_of_residents_do_not_open_each_others_drafts()
    {
        var town = await program.NewTown("onojo");
        var clerk = await town.Staff("tanto");
        var page = await clerk.Submit(await clerk.Open("desk/procedures/assist?procedure=dog-registration&nobody=yes"), new() { ["way"] = "Counter", ["came"] = "2026-11-20" });
        var draft = Applicant.DraftOf(page);
        Assert.Equal(HttpStatusCode.NotFound, (await clerk.Open($"procedures/filling/{draft}/check")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await (await town.Staff("jimu")).Open($"desk/procedures/filling/{draft}/check")).Status);
        var applicant = new Applicant(town, await town.Resident(), "dog-registration");
        Assert.Equal(HttpStatusCode.NotFound, (await clerk.Open($"desk/procedures/filling/{Applicant.DraftOf(await applicant.Begin())}")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await (await town.Staff("koho")).Open("desk/procedures/assist")).Status);
        Assert.Contains(draft.ToString(), (await clerk.Open("desk/procedures/assist")).Html);    // and it is found again
    }
}
