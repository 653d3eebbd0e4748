using System.Net;
using System.Text.Json.Nodes;
using Komachi.Platform.Data;
using Komachi.Procedures;
using Komachi.Tests.Harness;
using Komachi.Tests.Persons;
using Komachi.Tests.Rights;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Procedures;

/// <summary>Who is forgotten: what has served its time goes at once, what the law keeps stays and is named with its ground, what was begun goes.</summary>
public sealed class ForgettingApplicants(TestProgram program)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_has_served_its_time_goes_and_what_stays_is_named_with_its_ground()
    {
        var town = await program.NewTown("onojo");
        var (old, lately) = (await town.HasFiled("dog-registration", by: "hanako"), await town.HasFiled("dog-registration", by: "hanako"));
        var nobodys = await town.HasFiled("dog-registration", by: "hanako");
        foreach (var of in new[] { old, lately, nobodys }) await Close(town, of);
        // Filed by her account, before the town knew about whom; and long ago.
        await town.Tell($"UPDATE procedures.cases SET person_id = NULL WHERE id = '{nobodys.Id}'");
        await town.Tell($"UPDATE procedures.cases SET closed_at = now() - interval '9 years', decided_at = now() - interval '9 years' WHERE id IN ('{old.Id}', '{nobodys.Id}')");
        await using (var db = town.Open())
        {
            var published = await db.Set<Published>().SingleAsync(d => d.Key == "water-start-stop", Stop);
            var procedure = Procedure.Of(published.Document);
            var draft = Draft.Begin(published.Id, procedure, procedure.First, Way.Online, "ja", db.Now, await town.AccountOf("hanako"), null);
            draft.Keep(new() { ["name"] = new JsonObject { ["family"] = "書きかけ", ["given"] = "見本" } }, "ja", db.Now);
            db.Add(draft);
            db.Add(new CaseLink { CaseId = lately.Id, TokenHash = [1, 2, 3], MadeAt = db.Now, EndsAt = db.Now.AddMinutes(30) });
            await db.Save(stop: Stop);
        }
        var hanako = await town.Resident();

        // What she may ask for holds all of it, and the copy does too.
        var about = await hanako.Open("my/about-me");
        foreach (var of in new[] { old, lately, nobodys }) Assert.Contains(of.Shown(), about.Text);
        Assert.Contains("書きかけ", about.Text);

        var page = await hanako.Open("my/erase");
        Assert.Contains("保存期間が終わった申請", page.Text);
        Assert.Contains("文書管理規則（見本）", page.Text);
        var after = await hanako.Submit(page, new() { ["sure"] = "true" }, form: "form[action$=erase]");
        Assert.Equal(HttpStatusCode.OK, after.Status);
        Assert.Contains("文書管理規則（見本）", after.Text);

        foreach (var gone in new[] { old, nobodys })
        {
            var now = await town.Look(gone.Id);
            Assert.NotNull(now.ErasedAt);
            Assert.Equal((0, ""), (now.Answers.Count, now.Title));
        }
        var kept = await town.Look(lately.Id);
        Assert.Null(kept.ErasedAt);
        Assert.NotEmpty(kept.Answers);
        Assert.Equal((0L, 0L), (await town.Ask<long>("SELECT count(*) FROM procedures.drafts WHERE case_id IS NULL"), await town.Ask<long>("SELECT count(*) FROM procedures.links")));
        Assert.DoesNotContain(await town.Everything(), row => row.Contains("書きかけ"));
    }

    [Fact]
    public async Task While_the_town_may_erase_no_filings_none_goes_and_that_is_said()
    {
        var town = await program.NewTown("onojo");
        var of = await town.HasFiled("dog-registration", by: "hanako");
        await Close(town, of);
        await town.Tell($"UPDATE procedures.cases SET closed_at = now() - interval '9 years' WHERE id = '{of.Id}'");
        await town.Tell("INSERT INTO rights.holds (id, kind, reason, from_at) VALUES (gen_random_uuid(), 'procedures.cases', '監査', now())");
        var hanako = await town.Resident();
        var page = await hanako.Open("my/erase");
        Assert.Contains("現在は申請の消去が止められています", page.Text);
        await hanako.Submit(page, new() { ["sure"] = "true" }, form: "form[action$=erase]");
        Assert.Null((await town.Look(of.Id)).ErasedAt);
    }

    [Fact]
    public async Task What_somebody_filed_for_another_is_the_others()
    {
        var town = await program.NewTown("onojo");
        var of = await town.HasFiled("dog-registration", by: "hanako");
        var other = await town.PersonOf("alexandra");
        await town.Tell($"UPDATE procedures.cases SET person_id = '{other}' WHERE id = '{of.Id}'");
        Assert.DoesNotContain(of.Shown(), (await (await town.Resident()).Open("my/about-me")).Text);
        Assert.Contains(of.Shown(), (await (await town.Resident("alexandra")).Open("my/about-me")).Text);
    }

    static async Task Close(TestTown town, Case of)
    {
        await using var db = town.Open();
        var now = await db.Set<Case>().SingleAsync(c => c.Id == of.Id, Stop);
        now.Accept(Filed.Clerk, db.Now);
        now.Decide(granted: true, "", Filed.Clerk, db.Now);
        db.AddRange(now.TakeNews());
        await db.Save(stop: Stop);
    }
}
