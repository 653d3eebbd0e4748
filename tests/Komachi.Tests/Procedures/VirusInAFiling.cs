using System.Net;
using System.Text;
using Komachi.Platform.Files;
using Komachi.Procedures;
using Komachi.Tests.Files;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Procedures;

/// <summary>Somebody's device is ill, and they do not know it.</summary>
[Collection(GuardedFilesProgram.Guarded), Trait("Category", "long")]
public sealed class VirusInAFiling(GuardedFilesProgram program)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_said_nothing_is_sent_with_it_and_another_file_takes_its_place()
    {
        var (town, applicant, path) = await Begun();
        var who = applicant.Who;
        await who.SendFile(await who.Open(path + "/vaccine?file=vaccineProof"), "済証.pdf", Samples.Pdf(inside: Encoding.ASCII.GetString(Clamd.Eicar)));
        await town.Until("(SELECT count(*) = 1 FROM files.stored WHERE state = 'Refused')");

        var page = await who.Open(path + "/vaccine");
        Assert.Contains("別のファイルを送ってください", page.One(".file-row-wrong .file-why").TextContent);
        var refused = await who.Submit(page);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Equal("#vaccineProof", refused.One(".error-summary a").GetAttribute("href"));
        Assert.Contains("注射済証", (await who.Open(path + "/check")).One("main .notice").TextContent);
        Assert.Empty((await who.Open(path + "/check")).All(Applicant.Sending));

        await who.SendFile(await who.Submit(refused, press: "ファイルを選ぶ: 注射済証（動物病院の証明書）の写真"), "撮り直し.png", Samples.Png());
        await town.Until("(SELECT count(*) = 1 FROM files.stored WHERE state = 'Ready')");
        Assert.EndsWith("/done", (await applicant.Send(await who.Open(path + "/check"))).Url);
        await using (var db = town.Open())
        {
            var of = await db.Set<Case>().SingleAsync(Stop);
            var files = await db.Set<StoredFile>().ToListAsync(Stop);
            Assert.Equal((of.Subject, null), (files.Single(f => f.State == FileState.Ready).BelongsTo, files.Single(f => f.State == FileState.Refused).BelongsTo));
            Assert.Equal(files.Single(f => f.State == FileState.Ready).Id.ToString(), of.Answers["vaccineProof"]!.AsArray().Single()!.ToString());
        }
    }

    [Fact]
    public async Task What_was_filed_before_the_check_could_be_made_says_of_the_file_what_came_of_it()
    {
        var (town, applicant, path) = await Begun();
        await program.Clamd.Stop();
        try
        {
            await applicant.Who.SendFile(await applicant.Who.Open(path + "/vaccine?file=vaccineProof"), "済証.pdf", Samples.Pdf(inside: Encoding.ASCII.GetString(Clamd.Eicar)));
            // Whoever is in time is in time, whatever stands still at the town hall.
            Assert.EndsWith("/done", (await applicant.Send(await applicant.Who.Open(path + "/check"))).Url);
            Assert.Contains("確認中", await FileOf(town, applicant));
            await town.Until("(SELECT count(*) = 1 FROM jobs.queue WHERE kind = 'files.check' AND last_error LIKE 'The virus checker%')");
        }
        finally
        {
            await program.Clamd.Start();
        }
        await using (var hurry = town.Source.CreateCommand("UPDATE jobs.queue SET run_at = now() WHERE kind = 'files.check' AND lease IS NULL")) await hurry.ExecuteNonQueryAsync(Stop);
        program.Service<Komachi.Platform.Towns.Doorbell>().Ring(town.Slug, DateTimeOffset.MinValue);
        await town.Until("(SELECT count(*) = 1 FROM files.stored WHERE state = 'Refused')");
        Assert.Contains("受け付けできません", await FileOf(town, applicant));
    }

    /// <summary>As the applicant sees it among what was filed, and nothing that could be opened.</summary>
    static async Task<string> FileOf(TestTown town, Applicant applicant)
    {
        await using var db = town.Open();
        var filed = await applicant.Who.Open($"procedures/cases/{(await db.Set<Case>().SingleAsync(Stop)).Id}/filed");
        Assert.Empty(filed.All(".answer-files a"));
        return filed.One(".answer-files").TextContent;
    }

    /// <summary>All of a form but its one file.</summary>
    async Task<(TestTown Town, Applicant Applicant, string Path)> Begun()
    {
        var town = await program.NewTown("onojo");
        var applicant = new Applicant(town, await town.Resident(), "dog-registration");
        var id = Applicant.DraftOf(await applicant.Begin());
        applicant.Answers.Remove("vaccineProof");
        await using (var db = town.Open())
        {
            (await db.Set<Draft>().SingleAsync(Stop)).Keep(applicant.Answers, "ja", TimeProvider.System.GetUtcNow());
            await db.Save(stop: Stop);
        }
        return (town, applicant, $"procedures/filling/{id}");
    }
}
