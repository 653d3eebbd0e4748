using System.Net;
using Komachi.Procedures;
using Komachi.Tests.Harness;
using static Komachi.Tests.Harness.FiledCases;

namespace Komachi.Tests.Procedures;

/// <summary>Several people on one filing: side by side, one after the other, and never the same one twice where four eyes are asked for.</summary>
public sealed class Approvals(TestProgram program)
{
    [Fact]
    public async Task Reviewers_side_by_side_are_in_nobodys_way_and_the_next_step_waits_for_both()
    {
        var town = await program.NewTown("onojo");
        var of = await town.File("digital-subsidy", but: a => { a["costs"] = new System.Text.Json.Nodes.JsonObject { ["cloud"] = new System.Text.Json.Nodes.JsonObject { ["price"] = 900000 } }; });
        var (one, other) = (await town.Staff("jimu"), await town.Staff("iin"));
        await one.DoStep(of, "accept");
        var steps = await town.All<Step>(s => s.Where(x => x.CaseId == of.Id && x.State == StepState.Open).OrderBy(x => x.Key));
        Assert.Equal(["expert", "taxLook"], steps.Select(s => s.Key));

        // Both opened the page before either was done.
        var (mine, theirs) = (await one.Open(PageOf(of)), await other.Open(PageOf(of)));
        foreach (var page in new[] { mine, theirs })
            foreach (var box in page.All("input[name=expert-tick], input[name=taxLook-tick]")) box.SetAttribute("checked", "");
        Assert.Equal(HttpStatusCode.OK, (await one.Submit(mine, new() { ["do"] = "done" }, form: "form[action$='/steps/taxLook']")).Status);
        Assert.Equal(StepState.Waiting, Assert.Single(await town.All<Step>(s => s.Where(x => x.CaseId == of.Id && x.Key == "approve"))).State);
        Assert.Equal(HttpStatusCode.OK, (await other.Submit(theirs, new() { ["do"] = "done" }, form: "form[action$='/steps/expert']")).Status);
        Assert.Equal(StepState.Open, Assert.Single(await town.All<Step>(s => s.Where(x => x.CaseId == of.Id && x.Key == "approve"))).State);
    }

    [Fact]
    public async Task Who_checked_it_neither_approves_nor_decides()
    {
        var town = await program.NewTown("onojo");
        var of = await town.File("digital-subsidy");
        var (checks, other) = (await town.Staff("iin"), await town.Staff("jimu"));
        await checks.DoStep(of, "accept");
        foreach (var step in await town.All<Step>(s => s.Where(x => x.CaseId == of.Id && x.State == StepState.Open))) await checks.DoStep(of, step.Key);

        var page = await checks.Open(PageOf(of));
        Assert.Empty(page.All("form[action$='/approve/approve']"));
        Assert.Contains("ご自身が審査した", page.Text);
        // Nor by a form of one's own making.
        var token = page.One("form[action$='/note'] input[name=_token]").GetAttribute("value")!;
        var version = (await town.All<Step>(s => s.Where(x => x.CaseId == of.Id && x.Key == "approve")))[0].Version;
        using var forged = await checks.Send(HttpMethod.Post, $"{PageOf(of)}/approve/approve", new FormUrlEncodedContent(new Dictionary<string, string> { ["_token"] = token, ["version"] = $"{version}", ["do"] = "done" }));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, forged.StatusCode);
        Assert.Equal(StepState.Open, (await town.All<Step>(s => s.Where(x => x.CaseId == of.Id && x.Key == "approve")))[0].State);

        Assert.Contains("課長", (await other.Open(PageOf(of))).Text);
        Assert.Equal(HttpStatusCode.OK, (await other.DoStep(of, "approve")).Status);
        Assert.Equal(StepState.Done, (await town.All<Step>(s => s.Where(x => x.CaseId == of.Id && x.Key == "approve")))[0].State);
    }

    [Fact]
    public async Task A_clerk_of_another_section_learns_nothing_and_one_who_is_asked_for_a_step_sees_it()
    {
        var town = await program.NewTown("onojo");
        var elsewhere = await town.File("dog-registration", code: "0103");
        var clerk = await town.Staff("tanto");    // of 0301
        Assert.Equal(HttpStatusCode.NotFound, (await clerk.Open(PageOf(elsewhere))).Status);
        Assert.DoesNotContain(new ReceiptText(elsewhere.Number).ToString(), (await clerk.Open("desk/procedures")).Text);

        // Asked for a step: there it is, without what is secret, and without what moves the case as a whole.
        await using (var db = town.Open())
        {
            var tree = await Komachi.Platform.Offices.DepartmentTrees.Today(db);
            var asked = tree.ByCode("0301")!.Id;
            await using var give = town.Source.CreateCommand("UPDATE procedures.steps SET department_id = $1 WHERE case_id = $2 AND key = 'accept'");
            give.Parameters.Add(new() { Value = asked });
            give.Parameters.Add(new() { Value = elsewhere.Id });
            await give.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }
        Assert.Contains(new ReceiptText(elsewhere.Number).ToString(), (await clerk.Open("desk/procedures")).Text);
        var page = await clerk.Open(PageOf(elsewhere));
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Empty(page.All("form[action$='/transfer'], form[action$='/correct'], form[action$='/message']"));
        Assert.Equal(HttpStatusCode.OK, (await clerk.DoStep(elsewhere, "accept")).Status);
    }

    [Fact]
    public async Task A_filing_goes_to_another_department_with_a_reason()
    {
        var town = await program.NewTown("onojo");
        var of = await town.File("dog-registration", code: "0301");
        var clerk = await town.Staff("tanto");
        var page = await clerk.Open(PageOf(of));
        var to = page.All("form[action$='/transfer'] option").First(o => o.TextContent.Contains('課')).GetAttribute("value")!;
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await clerk.Submit(page, new() { ["department"] = to }, form: "form[action$='/transfer']")).Status);
        page = await clerk.Submit(page, new() { ["department"] = to, ["transferWhy"] = "窓口が違います。" }, form: "form[action$='/transfer']");
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.EndsWith("desk/procedures?done=transfer", page.Url);
        Assert.Equal(to, (await town.Now(of)).DepartmentId.ToString());
        Assert.Equal(HttpStatusCode.NotFound, (await clerk.Open(PageOf(of))).Status);
    }
}
