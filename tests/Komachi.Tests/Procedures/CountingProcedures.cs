using System.Net;
using Komachi.Platform.Data;
using Komachi.Procedures;
using Komachi.Tests.Announcements;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Procedures;

/// <summary>How much comes in, how long it takes and where people give up: on the desk's page, as a file, and as the figures that plans go by.</summary>
public sealed class CountingProcedures(TestProgram program)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_town_without_filings_has_no_share_and_no_median()
    {
        var town = await program.NewTown("onojo");
        await using var db = town.Open();
        Assert.Equal(10m, await CountProcedures.Online(db, TimeProvider.System, Stop));
        Assert.Null(await CountProcedures.OnlineShare(db, TimeProvider.System, Stop));
        Assert.Null(await CountProcedures.DaysMedian(db, TimeProvider.System, Stop));
        var page = await (await town.Staff("jimu")).Open("desk/procedures/counts");
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Contains("申請はまだありません", page.Text);
    }

    [Fact]
    public async Task Figures_follow_what_was_filed_and_decided()
    {
        var town = await program.NewTown("onojo");
        var (a, b) = (await town.HasFiled("dog-registration"), await town.HasFiled("dog-registration", way: Way.Counter));
        await town.HasFiled("water-start-stop");
        await town.Grant(a.Id);
        await using (var db = town.Open())
        {
            Assert.Equal(66.7m, await CountProcedures.OnlineShare(db, TimeProvider.System, Stop));
            Assert.Equal(0m, await CountProcedures.DaysMedian(db, TimeProvider.System, Stop));
        }
        // Two weeks have at most ten working days, and of two the median lies between them.
        await using (var earlier = town.Source.CreateCommand($"UPDATE procedures.cases SET arrived_at = arrived_at - interval '14 days' WHERE id = '{a.Id}'")) await earlier.ExecuteNonQueryAsync(Stop);
        decimal one;
        await using (var db = town.Open()) one = (await CountProcedures.DaysMedian(db, TimeProvider.System, Stop))!.Value;
        Assert.InRange(one, 5, 10);
        await using (var db = town.Open())
        {
            var of = await db.Set<Case>().SingleAsync(c => c.Id == b.Id, Stop);
            of.Accept(Filed.Clerk, db.Now);
            of.Decide(false, "見本", Filed.Clerk, db.Now);
            db.AddNews(of);
            await db.Save(stop: Stop);
            Assert.Equal(one / 2, await CountProcedures.DaysMedian(db, TimeProvider.System, Stop));
        }
    }

    [Fact]
    public async Task What_another_system_files_came_online_wherever_it_is_counted()
    {
        var town = await program.NewTown("onojo");
        await town.HasFiled("dog-registration", way: Way.System);
        await town.HasFiled("dog-registration", way: Way.Counter);
        await using var db = town.Open();
        Assert.Equal(50m, await CountProcedures.OnlineShare(db, TimeProvider.System, Stop));
        Assert.Equal(50, Assert.Single(await KeepProcedures.All(db, Stop, "dog-registration")).OnlineShare);
    }

    [Fact]
    public async Task The_page_counts_ways_waiting_ratings_and_where_people_stopped()
    {
        var town = await program.NewTown("onojo");
        var a = await town.HasFiled("dog-registration");
        await town.HasFiled("dog-registration", way: Way.Post);
        await town.AskToCorrect((await town.HasFiled("dog-registration")).Id, "確かめてください。", "dogName");
        await using (var db = town.Open())
        {
            db.Add(new Rating { CaseId = a.Id, Procedure = a.Procedure, Easy = 4, Reached = true, Words = "=HYPERLINK(見本)", At = db.Now });
            db.Add(new GivenUp { Procedure = "dog-registration", Month = new(db.Today.Year, db.Today.Month, 1), Page = "chip", Count = 7 });
            await db.Save(stop: Stop);
        }
        var page = await (await town.Staff("jimu")).Open("desk/procedures/counts?procedure=dog-registration");
        Assert.Contains("3件（うちオンライン67%）", page.Text);
        Assert.Contains("補正待ち1件", page.Text);
        Assert.Contains("5点満点で4", page.Text);
        Assert.Contains("マイクロチップ", page.Text);
        Assert.Contains("=HYPERLINK(見本)", page.Text);
        Assert.Equal(HttpStatusCode.OK, (await (await town.Staff("jimu")).Open("desk/procedures/counts?procedure=nonsense")).Status);

        using var csv = await (await town.Staff("jimu")).Send(HttpMethod.Get, "desk/procedures/counts.csv");
        Assert.Equal("text/csv", csv.Content.Headers.ContentType!.MediaType);
        Assert.Contains("郵送,1", await csv.Content.ReadAsStringAsync(Stop));
        Assert.Equal(HttpStatusCode.Forbidden, (await (await town.Staff("koho")).Open("desk/procedures/counts")).Status);
    }

    [Fact]
    public async Task Who_works_for_one_department_counts_its_filings_alone()
    {
        var town = await program.NewTown("onojo");
        await town.HasFiled("dog-registration");
        await town.HasFiled("digital-subsidy");
        var all = await (await town.Staff("jimu")).Open("desk/procedures/counts");
        var own = await (await town.Staff("tanto")).Open("desk/procedures/counts");
        Assert.Equal(HttpStatusCode.OK, own.Status);
        Assert.True(own.All("#by-procedure tbody tr, table tbody tr").Count() < all.All("#by-procedure tbody tr, table tbody tr").Count());
    }
}
