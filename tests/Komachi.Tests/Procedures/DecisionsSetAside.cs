using System.Net;
using Komachi.Procedures;
using Komachi.Tests.Harness;
using Komachi.Tests.Rights;
using static Komachi.Tests.Harness.FiledCases;

namespace Komachi.Tests.Procedures;

/// <summary>A decision that is set aside (取消し) holds nowhere any more, and another one is made.</summary>
public sealed class DecisionsSetAside(TestProgram program)
{
    const string Revoking = "form[action$='/revoke']";

    [Fact]
    public async Task The_filing_is_accepted_again_all_its_letters_are_void_and_it_is_decided_anew()
    {
        var town = await program.NewTown("onojo");
        var to = $"saiketsu-{town.Slug}@example.jp";
        var of = await town.HasFiled("dog-registration", by: "hanako", email: to);
        var (clerk, decider, hanako) = (await town.Staff("jimu"), await town.Staff("iin"), await town.Resident());
        await clerk.DoStep(of, "accept");
        await decider.Decide(of, "refused", new() { ["reasons"] = "原簿に同じ犬がいます。" });
        var refused = Assert.Single(await town.All<Letter>(l => l));
        // It was decided a week ago, and for a week nobody had to decide.
        await town.Tell($"UPDATE procedures.cases SET decided_at = decided_at - interval '7 days', closed_at = closed_at - interval '7 days'");

        var page = await decider.Submit(await decider.Open($"desk/procedures/letters/{refused.Id}"), new() { ["cause"] = "setAside", ["why"] = "審査請求を認める裁決がありました。" }, form: Revoking);
        Assert.EndsWith("?done=revoked", page.Url);
        Assert.Contains("改めて決定を待っています", page.Text);
        Assert.Empty(page.All("form[action$='/again']"));    // its letters come with the next decision
        var now = await town.Now(of);
        Assert.Equal((CaseState.Accepted, null, null), (now.State, now.DecidedAt, now.ClosedAt));
        Assert.InRange(now.DueOn.DayNumber - of.DueOn.DayNumber, 4, 12);
        Assert.True((await town.All<Letter>(l => l)).Single() is { SetAside: true, RevokedAt: not null });
        Assert.Equal(1, await town.Ask<long>("SELECT count(*) FROM audit.entries WHERE action = 'procedures.set_aside' AND reason LIKE 'sealed:%'"));

        var mine = await hanako.Open($"procedures/cases/{of.Id}");
        Assert.Contains("審査請求を認める裁決がありました。", mine.One("ol.timeline").TextContent);
        Assert.Contains("担当課が審査しています", mine.One("ol.timeline").TextContent);
        Assert.Contains("審査中", mine.Text);

        Assert.Equal(HttpStatusCode.OK, (await decider.Decide(of, "granted")).Status);
        Assert.Equal(CaseState.Granted, (await town.Now(of)).State);
        var letters = await town.All<Letter>(l => l.OrderBy(x => x.MadeAt));
        Assert.Equal(2, letters.Select(l => l.Number).Distinct().Count());
        Assert.Equal([true, false], letters.Select(l => l.RevokedAt is not null));
        var late = await decider.Open($"desk/procedures/letters/{refused.Id}");
        Assert.Empty(late.All(Revoking));
    }

    [Fact]
    public async Task Money_that_was_granted_is_there_again_and_no_claim_is_opened_any_more()
    {
        var town = await program.NewTown("onojo");
        var of = await town.HasFiled("digital-subsidy", by: "hanako");
        var letter = await town.Grant(of.Id, new() { ["grantedAmount"] = 5_000_000 });
        var hanako = await town.Resident();
        Assert.NotEmpty((await hanako.Open($"procedures/cases/{of.Id}")).All("form[action$='/stages/report']"));
        async Task<long> Used()
        {
            await using var db = town.Open();
            return (await BudgetUse.Of((await Catalog.Find(db, "digital-subsidy", db.Today, TestContext.Current.CancellationToken))!.Procedure, db, db.Today, TestContext.Current.CancellationToken))!.Used;
        }

        Assert.Equal(5_000_000, await Used());
        var decider = await town.Staff("iin");
        await decider.Submit(await decider.Open($"desk/procedures/letters/{letter.Id}"), new() { ["cause"] = "setAside", ["why"] = "申請に偽りがありました。" }, form: Revoking);
        Assert.Equal(0, await Used());
        Assert.False((await town.Now(of)).Decided.ContainsKey("grantedAmount"));
        Assert.Empty((await hanako.Open($"procedures/cases/{of.Id}")).All("form[action$='/stages/report']"));
    }

    [Fact]
    public async Task What_was_filed_once_more_after_a_refusal_is_not_brought_back_beside_it()
    {
        var town = await program.NewTown("onojo");
        var first = await town.HasFiled("digital-subsidy", by: "hanako");
        await town.Grant(first.Id, new() { ["grantedAmount"] = 100_000 });
        foreach (var (id, number, state) in new[] { ("00000000-0000-7000-8000-000000000001", "0000000019", "Refused"), ("00000000-0000-7000-8000-000000000002", "0000000027", "Granted") })
            await town.Tell($"INSERT INTO procedures.cases SELECT (jsonb_populate_record(c, jsonb_build_object('id', '{id}', 'number', '{number}', 'stage', 'report', 'parent_id', c.id, 'state', '{state}'))).* FROM procedures.cases c WHERE id = '{first.Id}'");
        await town.Tell($"INSERT INTO procedures.letters SELECT (jsonb_populate_record(l, '{{\"id\": \"00000000-0000-7000-8000-000000000003\", \"case_id\": \"00000000-0000-7000-8000-000000000001\", \"code\": \"ABCD2345EFGX\"}}')).* FROM procedures.letters l");
        var decider = await town.Staff("iin");
        var page = await decider.Submit(await decider.Open("desk/procedures/letters/00000000-0000-7000-8000-000000000003"), new() { ["cause"] = "setAside", ["why"] = "裁決によります。" }, form: Revoking);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, page.Status);
        Assert.Contains("同じ申請がもう一度提出されています", page.Text);
        Assert.Single(await town.All<Case>(c => c.Where(x => x.State == CaseState.Refused)));
    }
}
