using Komachi.Platform.Files;
using Komachi.Tests.Harness;

namespace Komachi.Tests.Jobs;

public sealed class NamesOfWork(TestProgram program)
{
    [Fact]
    public async Task Who_looks_after_background_work_reads_what_it_is_in_their_own_language()
    {
        var town = await program.NewTown();
        var clerk = await town.Staff("joho");
        await using (var db = town.Open())
        {
            db.Enqueue(new TidyFiles(), TimeProvider.System.GetUtcNow().AddHours(1));
            await db.Save(stop: TestContext.Current.CancellationToken);
        }
        var page = await clerk.Open("desk/jobs");
        Assert.Contains("保存されなかったファイルを片づける", page.Text);
        Assert.DoesNotContain("files.tidy", page.Text);
        Assert.Contains("Clear away files that nobody saved", (await clerk.Open("en/desk/jobs")).Text);
        Assert.Contains("いらない ファイルを かたづける", (await clerk.Open("plain/desk/jobs")).Text);
    }
}
