using System.Net;
using Komachi.Platform.Data;
using Komachi.Procedures;
using Komachi.Tests.Harness;
using Komachi.Tests.Rights;
using Microsoft.EntityFrameworkCore;
using static Komachi.Tests.Harness.FiledCases;

namespace Komachi.Tests.Procedures;

/// <summary>A letter that is wrong is taken back, and another is made in its place; none is a letter before its seal is set.</summary>
public sealed class LettersTakenBack(TestProgram program)
{
    const string Revoking = "form[action$='/revoke']", Again = "form[action$='/again']";

    [Fact]
    public async Task A_wrong_letter_is_no_longer_valid_anywhere_and_another_takes_its_place()
    {
        var town = await program.NewTown("onojo");
        var to = $"torikeshi-{town.Slug}@example.jp";
        var of = await town.HasFiled("dog-registration", by: "hanako", email: to);
        var letter = await town.Grant(of.Id);
        var (decider, hanako) = (await town.Staff("iin"), await town.Resident());

        // A reason is asked for, and which of the two it is.
        var page = await decider.Open($"desk/procedures/letters/{letter.Id}");
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Empty(page.All(Again));
        var nothing = await decider.Submit(page, form: Revoking);
        Assert.Equal((HttpStatusCode.UnprocessableEntity, 2), (nothing.Status, nothing.All(".error-summary li").Count()));
        page = await decider.Submit(page, new() { ["cause"] = "wrong", ["why"] = "犬の名前を誤って記載していました。" }, form: Revoking);
        Assert.EndsWith("?done=revoked", page.Url);
        Assert.Empty(page.All(Revoking));
        await Told(to, "1通が無効になりました");

        // On the page, in the filing's story, on paper and for whoever is shown it.
        var theirs = await hanako.Open($"procedures/letters/{letter.Id}");
        Assert.Contains("犬の名前を誤って記載していました。", theirs.One(".notice").TextContent);
        Assert.Contains("犬の名前を誤って記載していました。", (await hanako.Open($"procedures/cases/{of.Id}")).One("ol.timeline").TextContent);
        Assert.DoesNotContain((await hanako.Open("my")).All("main a"), a => a.GetAttribute("href")!.EndsWith($"letters/{letter.Id}"));
        Assert.Contains("現在は無効です", (await Verify(town, "環第12号（見本）", "ABCD2345EFGH")).Text);
        Assert.Equal(0, await town.Ask<long>("SELECT count(*) FROM audit.entries WHERE action = 'procedures.revoke_letter' AND (details::text LIKE '%犬の名前%' OR reason NOT LIKE 'sealed:%')"));
        Assert.Equal(1, await town.Ask<long>("SELECT count(*) FROM audit.entries WHERE action = 'procedures.revoke_letter'"));

        var mended = letter.Body["ja"] + "\n犬の名前：コロ（見本）";
        page = await decider.Submit(page, new() { ["body-ja"] = mended }, form: Again);
        Assert.EndsWith("?done=made", page.Url);
        var made = Assert.Single(await town.All<Letter>(l => l.Where(x => x.InsteadOfId == letter.Id)));
        Assert.Equal((mended, true, true), (made.Body["ja"], made.Number != letter.Number, made.Code != letter.Code));
        Assert.Contains("コロ（見本）", (await hanako.Open($"procedures/letters/{made.Id}")).Text);
        Assert.EndsWith($"procedures/letters/{made.Id}", (await hanako.Open($"procedures/letters/{letter.Id}")).One(".notice a").GetAttribute("href"));
        Assert.Contains("市が出したものです", (await Verify(town, made.Number ?? "", made.Code)).Text);
        Assert.Empty((await decider.Open($"desk/procedures/letters/{letter.Id}")).All(Again));    // one, and no more
    }

    [Fact]
    public async Task Who_does_not_decide_there_takes_nothing_back_and_nobody_does_it_twice()
    {
        var town = await program.NewTown("onojo");
        var letter = await town.Grant((await town.HasFiled("dog-registration", by: "hanako")).Id);
        var (clerk, decider) = (await town.Staff("jimu"), await town.Staff("iin"));
        var page = await clerk.Open($"desk/procedures/letters/{letter.Id}");
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Contains("ABCD-2345-EFGH", page.Text);
        Assert.Empty(page.All(Revoking));
        foreach (var somebody in new[] { town.Visitor(), await town.Resident() }) Assert.DoesNotContain("ABCD-2345-EFGH", (await somebody.Open($"desk/procedures/letters/{letter.Id}")).Text);

        var (one, other) = (await decider.Open($"desk/procedures/letters/{letter.Id}"), await decider.Open($"desk/procedures/letters/{letter.Id}"));
        await decider.Submit(one, new() { ["cause"] = "setAside", ["why"] = "裁決によります。" }, form: Revoking);
        var late = await decider.Submit(other, new() { ["cause"] = "wrong", ["why"] = "別の理由" }, form: Revoking);
        Assert.Equal(HttpStatusCode.Conflict, late.Status);
        var now = Assert.Single(await town.All<Letter>(l => l));
        Assert.Equal((true, "裁決によります。"), (now.SetAside, now.RevokedWhy));
        Assert.Contains("決定そのものが取り消されています", (await (await town.Resident()).Open($"procedures/letters/{letter.Id}")).Text);
    }

    [Fact]
    public async Task Before_its_seal_is_set_no_letter_is_there_for_its_applicant_or_for_anybody()
    {
        var town = await program.NewTown("onojo");
        await town.Tell("UPDATE offices.roles SET permissions = array_remove(permissions, 'procedures.seal')");
        var of = await town.HasFiled("dog-registration", by: "hanako");
        var (clerk, decider, hanako) = (await town.Staff("jimu"), await town.Staff("iin"), await town.Resident());
        await clerk.DoStep(of, "accept");
        Assert.Equal(HttpStatusCode.OK, (await decider.Decide(of, "refused", new() { ["reasons"] = "見本の理由" })).Status);
        var letter = Assert.Single(await town.All<Letter>(l => l));
        Assert.True(letter.WaitsForSeal);

        foreach (var path in new[] { $"procedures/letters/{letter.Id}", $"procedures/letters/{letter.Id}/pdf" }) Assert.Equal(HttpStatusCode.NotFound, (await hanako.Open(path)).Status);
        var mine = await hanako.Open($"procedures/cases/{of.Id}");
        Assert.DoesNotContain(letter.Title["ja"], mine.Text);
        Assert.Contains("通知書を準備しています", mine.Text);
        Assert.Contains("該当する通知書はありません", (await Verify(town, letter.Number ?? "", letter.Code)).Text);
        Assert.Contains("公印を待っています", (await clerk.Open($"desk/procedures/letters/{letter.Id}")).Text);

        // Taken back before it went out: nobody ever hears of it.
        var page = await decider.Open($"desk/procedures/letters/{letter.Id}");
        await decider.Submit(page, new() { ["cause"] = "wrong", ["why"] = "宛名の誤り" }, form: Revoking);
        Assert.Equal(HttpStatusCode.NotFound, (await hanako.Open($"procedures/letters/{letter.Id}")).Status);
        Assert.DoesNotContain("宛名の誤り", (await hanako.Open($"procedures/cases/{of.Id}")).Text);
    }

    [Fact]
    public async Task A_grant_and_its_letter_are_one_mail_and_one_piece_of_news()
    {
        var town = await program.NewTown("onojo");
        var to = $"ittsuu-{town.Slug}@example.jp";
        var of = await town.HasFiled("dog-registration", by: "hanako", email: to);
        await town.Grant(of.Id);
        var mail = await program.World.CodeFor(to, new("(?s).+"));
        Assert.Contains("申請が認められました", mail);
        Assert.Contains("通知書が届いています", mail);

        // Of everything that one save tells the applicant there is one mail, and one word of how it stands.
        await using var db = town.Open();
        var other = await db.Set<Case>().SingleAsync(c => c.Id == of.Id, TestContext.Current.CancellationToken);
        other.Message("一つ目", fromApplicant: false, Filed.Clerk, db.Now);
        other.Happened(MoveKind.PaperMade, Filed.Clerk, db.Now, told: true);
        other.Note("内部の記録", Filed.Clerk, db.Now);
        db.AddNews(other);
        var payloads = db.ChangeTracker.Entries<Komachi.Platform.Jobs.QueuedJob>().Select(e => e.Entity.Payload).ToArray();
        Assert.Contains($"\"until\":{other.Moves - 1}", Assert.Single(payloads, p => p.Contains("until", StringComparison.OrdinalIgnoreCase)).Replace(" ", "").ToLowerInvariant());
        Assert.True(payloads.Count(p => p.Contains("dog-registration")) <= 1);
    }

    /// <summary>One of the mails says it, and none says why.</summary>
    async Task Told(string to, string what)
    {
        for (var most = 6; ; most--)
        {
            var text = await program.World.CodeFor(to, new("(?s).+"));
            Assert.DoesNotContain("犬の名前", text);
            if (text.Contains(what)) return;
            Assert.True(most > 0, $"No mail says {what}");
        }
    }

    static async Task<Seen> Verify(TestTown town, string number, string code)
    {
        var anybody = town.Visitor();
        return await anybody.Submit(await anybody.Open("procedures/verify"), new() { ["number"] = number, ["code"] = code });
    }
}
