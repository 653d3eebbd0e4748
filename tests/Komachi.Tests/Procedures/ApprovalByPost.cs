using System.Net;
using System.Text.Json.Nodes;
using Komachi.Platform.Offices;
using Komachi.Procedures;
using Komachi.Tests.Harness;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;
using static Komachi.Tests.Harness.FiledCases;

namespace Komachi.Tests.Procedures;

/// <summary>Where a flow asks for the approval of a post, its holder gives it, somebody above, or who stands in; and large sums go one step further up.</summary>
public sealed class ApprovalByPost(TestProgram program)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_head_of_the_section_approves_and_somebody_else_only_as_deputy()
    {
        var town = await program.NewTown("onojo");
        var of = await town.File("digital-subsidy");
        await Appoint(town, "tanto", "課長", of.DepartmentId);
        var (head, checks, other) = (await town.Staff("tanto"), await town.Staff("iin"), await town.Staff("jimu"));
        await Check(town, checks, of);

        var page = await other.Open(PageOf(of));
        Assert.Empty(page.All("form[action$='/approve/approve']"));
        Assert.Contains("この職かより上の職にある職員", page.Text);
        using (var forged = await other.Send(HttpMethod.Post, $"{PageOf(of)}/approve/approve", new FormUrlEncodedContent(new Dictionary<string, string> { ["_token"] = page.One("form[action$='/note'] input[name=_token]").GetAttribute("value")!, ["do"] = "done" })))
            Assert.Equal(HttpStatusCode.Forbidden, forged.StatusCode);
        Assert.NotEmpty((await head.Open(PageOf(of))).All("form[action$='/approve/approve']"));

        await using (var db = town.Open())
        {
            db.Add(new Deputy { AccountId = await town.IdOf("tanto"), DeputyId = await town.IdOf("jimu"), FromOn = db.Today, UntilOn = db.Today.AddDays(7), Reason = "出張", GivenById = await town.IdOf("joho"), GivenAt = db.Now });
            await db.Save(stop: Stop);
        }
        Assert.Equal(HttpStatusCode.OK, (await other.DoStep(of, "approve")).Status);
        Assert.Equal(StepState.Done, Assert.Single(await town.All<Step>(s => s.Where(x => x.CaseId == of.Id && x.Key == "approve"))).State);
    }

    [Fact]
    public async Task Where_nobody_has_the_post_the_permission_counts_and_the_page_says_so()
    {
        var town = await program.NewTown("onojo");
        var of = await town.File("digital-subsidy");
        var (checks, other) = (await town.Staff("iin"), await town.Staff("jimu"));
        // A head without the permission would leave the filing where it is for ever.
        await Appoint(town, "tanto", "課長", of.DepartmentId, role: null);
        await Check(town, checks, of);
        var page = await other.Open(PageOf(of));
        Assert.Contains("現在この職の職員がいない", page.Text);
        Assert.Equal(HttpStatusCode.OK, (await other.DoStep(of, "approve")).Status);
    }

    [Theory]
    [InlineData(700_000, false)]
    [InlineData(3_000_000, true)]
    public async Task A_large_sum_is_approved_further_up_as_well(int price, bool further)
    {
        var town = await program.NewTown("onojo");
        var of = await town.File("digital-subsidy", but: a => a["costs"] = new JsonObject { ["cloud"] = new JsonObject { ["price"] = price } });
        await Check(town, await town.Staff("iin"), of);
        await (await town.Staff("jimu")).DoStep(of, "approve");
        var steps = await town.All<Step>(s => s.Where(x => x.CaseId == of.Id));
        Assert.Equal(further ? StepState.Open : null, steps.SingleOrDefault(s => s.Key == "approveBig")?.State);
        Assert.Equal(further ? StepState.Waiting : StepState.Open, steps.Single(s => s.Key == "decide").State);
    }

    /// <summary>All that comes before the approval.</summary>
    static async Task Check(TestTown town, Person clerk, Case of)
    {
        await clerk.DoStep(of, "accept");
        foreach (var step in await town.All<Step>(s => s.Where(x => x.CaseId == of.Id && x.State == StepState.Open && x.Kind == "check"))) await clerk.DoStep(of, step.Key);
        Assert.Equal(StepState.Open, Assert.Single(await town.All<Step>(s => s.Where(x => x.CaseId == of.Id && x.Key == "approve"))).State);
    }

    static async Task Appoint(TestTown town, string who, string post, Guid department, string? role = "decider")
    {
        await using var db = town.Open();
        var posts = await db.Set<Post>().ToListAsync(Stop);
        var roleId = role is null ? null : (Guid?)await db.Set<Role>().Where(r => r.Key == role).Select(r => r.Id).SingleAsync(Stop);
        db.Add(Assignment.Begin(await town.IdOf(who), department, posts.Single(p => p.Name.In(Lang.Japanese) == post).Id, roleId, AssignmentKind.Concurrent, "", db.Today));
        await db.Save(stop: Stop);
    }
}
