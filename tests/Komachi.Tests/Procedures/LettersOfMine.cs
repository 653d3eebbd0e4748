using System.Net;
using Komachi.Procedures;
using Komachi.Tests.Announcements;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Procedures;

/// <summary>Letters that came electronically are opened here, and that is written down; whoever is shown one asks the town.</summary>
public sealed class LettersOfMine(TestProgram program)
{
    [Fact]
    public async Task Opening_it_is_written_down_once()
    {
        var town = await program.NewTown("onojo");
        var of = await town.HasFiled("dog-registration", by: "hanako");
        var letter = await town.Grant(of.Id);
        var hanako = await town.Resident();
        Assert.Contains((await hanako.Open("my")).All("main a"), a => a.GetAttribute("href")!.EndsWith($"procedures/letters/{letter.Id}"));
        Assert.Null(await OpenedAt(town, letter.Id));
        var page = await hanako.Open($"procedures/letters/{letter.Id}");
        Assert.Contains("認めました。", page.Text);
        Assert.Contains("環第12号", page.Text);
        Assert.Contains("ABCD-2345-EFGH", page.Text);
        Assert.NotEmpty(page.All("svg[aria-label='公印（見本）']"));
        var first = await OpenedAt(town, letter.Id);
        Assert.NotNull(first);
        await hanako.Open($"procedures/letters/{letter.Id}");
        Assert.Equal(first, await OpenedAt(town, letter.Id));
        Assert.Equal(1, await town.Count($"procedures.moves WHERE case_id = '{of.Id}' AND kind = 'PaperOpened'"));

        using var pdf = await hanako.Send(HttpMethod.Get, $"procedures/letters/{letter.Id}/pdf");
        Assert.Equal((HttpStatusCode.OK, "application/pdf"), (pdf.StatusCode, pdf.Content.Headers.ContentType!.MediaType));
        foreach (var somebody in new[] { town.Visitor(), await town.Resident("alexandra"), await town.Staff("jimu") })
            Assert.Equal(HttpStatusCode.NotFound, (await somebody.Open($"procedures/letters/{letter.Id}")).Status);
    }

    [Fact]
    public async Task What_goes_by_post_is_not_read_here()
    {
        var town = await program.NewTown("onojo");
        var of = await town.HasFiled("dog-registration", by: "hanako", electronic: false);
        var letter = await town.Grant(of.Id);
        var page = await (await town.Resident()).Open($"procedures/letters/{letter.Id}");
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.DoesNotContain("認めました。", page.Text);
        Assert.Null(await OpenedAt(town, letter.Id));
    }

    static async Task<DateTimeOffset?> OpenedAt(TestTown town, Guid id)
    {
        await using var db = town.Open();
        return await db.Set<Letter>().Where(l => l.Id == id).Select(l => l.OpenedAt).SingleAsync();
    }
}

public sealed class VerifyLetters(TestProgram program)
{
    [Fact]
    public async Task Number_and_code_together_tell_whether_it_is_ours_and_nothing_of_what_it_says()
    {
        var town = await program.NewTown("onojo");
        var letter = await town.Grant((await town.HasFiled("dog-registration", by: "hanako")).Id);
        var anybody = town.Visitor();
        var genuine = await Ask(anybody, "環第１２号（見本）", "abcd-2345 efgh");
        Assert.Contains("市が出したものです", genuine.Text);
        Assert.DoesNotContain("花子", genuine.Text);
        Assert.DoesNotContain("犬", genuine.One("main").TextContent);
        Assert.Contains("該当する通知書はありません", (await Ask(anybody, "環第13号（見本）", "ABCD2345EFGH")).Text);
        Assert.Contains("該当する通知書はありません", (await Ask(anybody, "環第12号（見本）", "ABCD2345EFGJ")).Text);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await Ask(anybody, "環第12号（見本）", "")).Status);

        await using (var db = town.Open())
        {
            (await db.Set<Letter>().SingleAsync(l => l.Id == letter.Id, TestContext.Current.CancellationToken)).Revoke("誤り", setAside: false, Filed.Clerk, db.Now);
            await db.Save(stop: TestContext.Current.CancellationToken);
        }
        Assert.Contains("現在は無効です", (await Ask(anybody, "環第12号（見本）", "ABCD2345EFGH")).Text);
    }

    [Fact]
    public async Task The_square_fills_in_the_form_and_asks_nothing_by_itself()
    {
        var town = await program.NewTown("onojo");
        await town.Grant((await town.HasFiled("dog-registration")).Id);
        var page = await town.Visitor().Open("procedures/verify?number=" + Uri.EscapeDataString("環第12号（見本）") + "&code=ABCD2345EFGH");
        Assert.Equal("ABCD2345EFGH", page.One("input[name=code]").GetAttribute("value"));
        Assert.DoesNotContain("市が出したものです", page.Text);
    }

    static async Task<Seen> Ask(Person person, string number, string code) => await person.Submit(await person.Open("procedures/verify"), new() { ["number"] = number, ["code"] = code });
}
