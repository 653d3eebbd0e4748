using Komachi.Platform.Data;
using Komachi.Procedures;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Procedures;

/// <summary>One receipt for one filing, always.</summary>
public sealed class DoubleClick(TestProgram program)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Twenty_presses_at_once_are_one_filing_and_all_see_its_number()
    {
        var town = await program.NewTown("onojo");
        var applicant = new Applicant(town, await town.Resident(), "water-start-stop");
        var check = await applicant.ToTheCheck(await applicant.Begin());
        var press = applicant.Who.Ready(check, new() { ["electronic"] = "paper" }, form: Applicant.Sending);
        var seen = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => press()));
        Assert.All(seen, s => Assert.EndsWith("/done", s.Url));
        Assert.Single(seen.Select(s => s.One(".receipt-number").TextContent).Distinct());
        await using var db = town.Open();
        Assert.Equal(1, await db.Set<Case>().CountAsync(Stop));
        Assert.Equal(1, await db.Set<Move>().CountAsync(Stop));
    }

    [Fact]
    public async Task Two_windows_that_send_are_one_filing()
    {
        var town = await program.NewTown("onojo");
        var applicant = new Applicant(town, await town.Resident(), "water-start-stop");
        var check = await applicant.ToTheCheck(await applicant.Begin());
        var other = await applicant.Who.Open(new Uri(check.Url).AbsolutePath);
        var (one, two) = (applicant.Who.Ready(check, new() { ["electronic"] = "paper" }, form: Applicant.Sending), applicant.Who.Ready(other, new() { ["electronic"] = "page" }, form: Applicant.Sending));
        var seen = await Task.WhenAll(one(), two());
        await using var db = town.Open();
        Assert.Equal(1, await db.Set<Case>().CountAsync(Stop));
        // Whoever was second is led to the first one's receipt, or told to look again: and then finds it.
        Assert.All(seen, s => Assert.EndsWith("/done", s.Url));
    }

    [Fact]
    public async Task Going_back_after_the_receipt_and_sending_again_leads_to_the_receipt()
    {
        var town = await program.NewTown("onojo");
        var applicant = new Applicant(town, await town.Resident(), "water-start-stop");
        var first = await applicant.Begin();
        var check = await applicant.ToTheCheck(first);
        var done = await applicant.Send(check);
        Assert.Equal(done.Url, (await applicant.Send(check)).Url);
        Assert.Equal(done.Url, (await applicant.Who.Submit(first, applicant.For(first))).Url);
        await using var db = town.Open();
        Assert.Equal(1, await db.Set<Case>().CountAsync(Stop));
    }
}
