using System.Net;
using Komachi.Tests.Files;
using Komachi.Tests.Harness;
using Komachi.Tests.Procedures;
using Npgsql;

namespace Komachi.Tests.Drills;

/// <summary>
/// kill -9 of the real program while a resident files: after their photo was sent, in the moment in which they send all of it, and after they have read
/// their number. In the end there is one filing with one number, and the photo is with it.
/// </summary>
[Collection(Komachi.Tests.Harness.Alone.Name), Trait("Category", "drill")]
public sealed class KilledWhileFiling : RealProgram
{
    [Fact]
    public async Task One_filing_one_number_and_the_file_is_there()
    {
        Up = Start("up", "--no-demo");
        await Until("komachi up", () => Ready(0));
        await Run("town", "add", Path.Combine(Folder, "towns/onojo"), "--demo", "--json");
        using var who = new Person($"http://127.0.0.1:{Ports[0]}", "onojo");
        var applicant = new Applicant(null, who, "dog-registration", document: await File.ReadAllTextAsync(Path.Combine(Folder, "towns/common/procedures/dog-registration.yaml")));
        var page = await applicant.Begin();
        var path = $"procedures/filling/{Applicant.DraftOf(page)}";
        while (Applicant.PageOf(page) != "vaccine") page = await Next(page);

        page = await who.Submit(page, applicant.For(page));    // what an answer makes asked, the file among it, comes now
        var sending = await who.Submit(page, applicant.For(page), press: "ファイルを選ぶ: 注射済証（動物病院の証明書）の写真");
        Assert.Contains("済証.jpg", (await who.SendFile(sending, "済証.jpg", Samples.Jpeg(900_000))).Text);
        await KillIt();
        // It can be looked at as soon as it was checked: what was asked for before the kill is done after it.
        await Until("the file's check", async () => (page = await who.Open(path + "/vaccine")).All("#vaccineProof-box a").Any());
        using (var photo = await who.Send(HttpMethod.Get, page.One("#vaccineProof-box a").GetAttribute("href")!)) Assert.InRange((await photo.Content.ReadAsByteArrayAsync()).Length, 890_000, 910_000);

        while (!page.Url.EndsWith("/check", StringComparison.Ordinal)) page = await Next(page);
        var typing = await who.Submit(page, new() { ["contact"] = "drill@example.jp" }, form: "form[action$='/code']");
        var check = await who.Submit(typing, new() { ["code"] = await World.CodeFor("drill@example.jp") });
        var send = who.Ready(check, new() { ["electronic"] = "paper" }, form: Applicant.Sending);

        // Whoever gets no answer presses again, with the very same form.
        var cut = send();
        Kill(Pid("run/serve.pid"));
        await cut.ContinueWith(_ => { }, TaskScheduler.Default);
        Seen? done = null;
        await Until("a receipt", async () =>
        {
            try
            {
                done = await send();
                return done.Status == HttpStatusCode.OK;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException)
            {
                return false;
            }
        });
        Assert.EndsWith("/done", done!.Url);
        var number = done.One(".receipt-number").TextContent.Trim();

        await KillIt();
        Assert.Equal(number, (await who.Open(path + "/done")).One(".receipt-number").TextContent.Trim());
        Assert.Equal(number, (await send()).One(".receipt-number").TextContent.Trim());
        Assert.Contains("済証.jpg", (await who.Open(path + "/done/copy")).Text);

        await using var owner = NpgsqlDataSource.Create(await OwnerString("komachi_onojo"));
        Assert.Equal((1L, 1L), (await Ask("SELECT count(*) FROM procedures.cases WHERE NOT sample"), await Ask("SELECT count(*) FROM audit.entries WHERE action = 'procedures.file'")));
        Assert.Equal(string.Concat(number.Where(char.IsAsciiDigit)), await Ask("SELECT number FROM procedures.cases WHERE NOT sample"));
        Assert.Equal("Ready", await Ask("SELECT f.state::text FROM files.stored f JOIN procedures.cases c ON f.belongs_to = 'procedures/cases/' || c.id WHERE NOT c.sample"));
        Assert.Equal(true, await Ask("SELECT bytes = (SELECT sum(p.bytes) FROM files.parts p WHERE p.file_id = f.id AND NOT p.clean) FROM files.stored f WHERE belongs_to IS NOT NULL AND name = '済証.jpg'"));

        async Task<Seen> Next(Seen page)
        {
            var next = await who.Submit(page, applicant.For(page));
            return next.Status == HttpStatusCode.UnprocessableEntity ? await who.Submit(next, applicant.For(next)) : next;
        }

        async Task<object?> Ask(string sql)
        {
            await using var ask = owner.CreateCommand(sql);
            return await ask.ExecuteScalarAsync();
        }
    }

    async Task KillIt()
    {
        var killed = Pid("run/serve.pid");
        Kill(killed);
        await Until("the program again", async () => Pid("run/serve.pid") != killed && await Ready(0));
    }
}
