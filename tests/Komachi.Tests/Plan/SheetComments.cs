using System.Net;
using Komachi.Tests.Files;
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
    }
}
