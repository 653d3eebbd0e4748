using System.Net;
using Komachi.Platform.People;
using Komachi.Platform.Rights;
using Komachi.Tests.Files;
using Komachi.Tests.Offices;
using Komachi.Tests.Harness;

namespace Komachi.Tests.Plan;

/// <summary>What is said to a sheet, and the files that come with it.</summary>
public sealed class SheetComments(FilesProgram program)
{
    [Fact]
    public async Task Comments_are_read_by_all_and_files_come_with_them()
    {
        var town = await program.NewTown("komaki", livedIn: true);
        var (tanto, jimu, koho) = (await town.Staff("tanto"), await town.Staff("jimu"), await town.Staff("koho"));
        var number = await tanto.Begin();
        var page = await jimu.Sheet(number);
        var file = new MultipartFormDataContent();
        foreach (var hidden in page.All("form[action$='files/one'] input[type=hidden]")) file.Add(new StringContent(hidden.GetAttribute("value") ?? ""), hidden.GetAttribute("name")!);
        file.Add(new ByteArrayContent("見積り,1200"u8.ToArray()), "file", "見積り.csv");
        using (var sent = await jimu.Send(HttpMethod.Post, "desk/files/one", file)) Assert.Equal(HttpStatusCode.Found, sent.StatusCode);
        Assert.DoesNotContain("見積り.csv", (await tanto.Sheet(number)).Text);    // not before it is part of the sheet
        await jimu.Say(number, "comments", "comment", "見積りを添えます");
        await town.Until("(SELECT count(*) = 1 FROM files.stored WHERE state = 'Ready' AND belongs_to LIKE 'plan/sheets/%')");
        var seen = await koho.Sheet(number);
        Assert.Contains("見積りを添えます", seen.One(".comments").TextContent);
        var link = seen.All("main a").Single(a => a.TextContent == "見積り.csv").GetAttribute("href")!;
        using var read = await koho.Send(HttpMethod.Get, link);
        Assert.Equal(HttpStatusCode.OK, read.StatusCode);
        Assert.Empty(seen.All("form[action$=comments]"));

        // A round that was closed is kept ten fiscal years, and then goes with its sheets, what happened to them, and their files.
        async Task<int> Erased(int yearsAgo)
        {
            await town.Do($"UPDATE plan.rounds SET closed_at = now() - interval '{yearsAgo} years'");
            await using var db = town.Open();
            var now = TimeProvider.System.GetUtcNow();
            return await Komachi.Plan.Rounds.Erase(new(db, Keep.FiscalYears(10).Before(now), now, db.Set<Account>().Select(a => a.Id).Where(id => false), TestContext.Current.CancellationToken), 500);
        }
        Assert.Equal(0, await Erased(9));
        Assert.Equal(1, await Erased(12));
        Assert.Equal(0, await town.Ask<long>("SELECT (SELECT count(*) FROM plan.sheets) + (SELECT count(*) FROM plan.sheet_events) + (SELECT count(*) FROM plan.sheet_money) + (SELECT count(*) FROM files.stored)"));
    }
}
