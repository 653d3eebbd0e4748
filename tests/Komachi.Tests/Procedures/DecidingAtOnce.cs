using System.Net;
using System.Text.Json.Nodes;
using Komachi.Platform.Offices;
using Komachi.Procedures;
using Komachi.Tests.Harness;
using static Komachi.Tests.Harness.FiledCases;

namespace Komachi.Tests.Procedures;

/// <summary>What must hold when several people decide in the same moment.</summary>
public sealed class DecidingAtOnce(TestProgram program)
{
    [Fact]
    public async Task Twenty_letters_at_once_have_the_numbers_from_one_to_twenty()
    {
        var town = await program.NewTown("onojo");
        var department = Guid.CreateVersion7();
        var numbers = await Task.WhenAll(Enumerable.Range(0, 20).Select(async n =>
        {
            await using var db = town.Open();
            await using var transaction = await db.Database.BeginTransactionAsync();
            var number = await WriteLetters.NextNumber(department, new(2026, 11, 27), db);
            // One in four is not saved: its number is the next one's.
            if (n % 4 == 3) await transaction.RollbackAsync();
            else await transaction.CommitAsync();
            return n % 4 == 3 ? 0 : number;
        }));
        Assert.Equal(Enumerable.Range(1, 15), numbers.Where(n => n > 0).Order());
        await using var next = town.Open();
        Assert.Equal(1, await WriteLetters.NextNumber(department, new(2027, 4, 1), next));    // a new fiscal year
    }

    [Fact]
    public async Task Two_who_grant_at_once_cannot_spend_more_than_the_budget()
    {
        var town = await program.NewTown("onojo");
        // Of 5,000,000 yen 4,000,000 are granted already.
        var before = await town.File("digital-subsidy");
        await using (var grant = town.Source.CreateCommand("UPDATE procedures.cases SET state = 'Granted', decided = '{\"grantedAmount\": 4000000}', accepted_at = arrived_at, decided_at = arrived_at, closed_at = arrived_at WHERE id = $1"))
        {
            grant.Parameters.Add(new() { Value = before.Id });
            await grant.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }
        var filed = new List<Case>();
        for (var i = 0; i < 3; i++) filed.Add(await ReadyToDecide(town));
        var decider = await town.Staff("iin");
        var pages = new List<Seen>();
        foreach (var of in filed) pages.Add(await decider.Open(PageOf(of)));
        var presses = pages.Select(p => decider.Ready(p, new() { ["outcome"] = "granted", ["decide-grantedAmount"] = "500000", ["do"] = "decide" }, form: "form[action$='/decide']")).ToArray();
        var seen = await Task.WhenAll(presses.Select(p => p()));

        // Three times 500,000 are asked for: two are granted, and the third is told that nothing is left.
        Assert.Equal(2, seen.Count(s => s.Status == HttpStatusCode.OK));
        var late = Assert.Single(seen, s => s.Status == HttpStatusCode.UnprocessableEntity);
        Assert.Contains("予算の残り（0円）", late.Text);
        Assert.Equal(2, (await town.All<Case>(c => c)).Count(c => c.State == CaseState.Granted && c.Id != before.Id));
        Assert.Equal(2, (await town.All<Letter>(l => l)).Count);
        Assert.Equal(["商第1号（見本）", "商第2号（見本）"], (await town.All<Letter>(l => l)).Select(l => l.Number).Order());
    }

    /// <summary>A subsidy with all its checks done by somebody else.</summary>
    static async Task<Case> ReadyToDecide(TestTown town)
    {
        var of = await town.File("digital-subsidy", but: a =>
        {
            a["firmName"] = $"見本商店{Guid.CreateVersion7():N}";
            a["costs"] = new JsonObject { ["cloud"] = new JsonObject { ["price"] = 4_800_000 } };
        });
        await using var db = town.Open();
        var tree = await DepartmentTrees.Today(db);
        var file = (await CaseFile.Open(db, of.Id, tree, db.Today))!;
        var (now, clerk) = (TimeProvider.System.GetUtcNow(), await town.IdOf("jimu"));
        while (file.Open().FirstOrDefault(s => s.Kind != "decide") is { } step) WorkOnSteps.Finish(file, step, null, clerk, db, now);
        db.AddNews(file.Of);
        await db.Save();
        return of;
    }
}
