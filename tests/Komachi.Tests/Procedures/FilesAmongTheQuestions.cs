using System.Net;
using System.Text.Json.Nodes;
using Komachi.Platform.Files;
using Komachi.Procedures;
using Komachi.Tests.Announcements;
using Komachi.Tests.Files;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Procedures;

/// <summary>
/// Without scripts a file goes from a page of its own. Whatever was typed beside it is there when one comes back: what fits, what does not fit, and
/// what is not written to its end.
/// </summary>
public sealed class FilesAmongTheQuestions(FilesProgram program)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task On_a_page_of_a_form()
    {
        var town = await program.NewTown("onojo");
        var (applicant, path) = await Begun(town, "dog-registration", answers => answers.Remove("vaccineProof"));
        var who = applicant.Who;
        var page = await who.Open(path + "/vaccine?from=check");

        // Half of it is typed, with an era in which no such year was.
        var typed = new Dictionary<string, string?> { ["vaccineDone"] = "done", ["vaccinatedOn-era"] = "H", ["vaccinatedOn-year"] = "４０", ["vaccinatedOn-month"] = "", ["vaccinatedOn-day"] = "3" };
        var sending = await who.Submit(page, typed, press: "ファイルを選ぶ: 注射済証（動物病院の証明書）の写真");
        Assert.EndsWith("/vaccine?file=vaccineProof&from=check", sending.Url);
        var sent = await who.SendFile(sending, "済証.pdf", Samples.Pdf());
        sent = await who.SendFile(sent, "裏.png", Samples.Png());
        Assert.Equal(["済証.pdf", "裏.png"], sent.All(".file-row bdi").Select(f => f.TextContent));
        Assert.Empty(sent.All("input[type=file]"));    // two is all that it takes

        var back = await who.Open(sent.One("main .actions a").GetAttribute("href")!);
        Assert.EndsWith("/vaccine?from=check#vaccineProof-box", back.Url);    // and from there to where they had been
        AsTyped(back);
        Assert.Equal(2, back.All("#vaccineProof-box .file-row").Count());
        Assert.DoesNotContain("error-summary", back.Html);    // nobody is told of what they are in the middle of

        // The button beside a file takes that one away, whatever else stands on the page.
        var fewer = await who.Submit(back, new() { ["vaccinatedOn-month"] = "6月" }, press: "取り消す: 裏.png");
        Assert.EndsWith("/vaccine?from=check#vaccineProof-box", fewer.Url);
        AsTyped(fewer, month: "6月");
        Assert.Equal(["済証.pdf"], fewer.All("#vaccineProof-box .file-row bdi").Select(f => f.TextContent));
        Assert.Equal(1, await town.Count("files.stored"));

        // It cannot be sent around the page either.
        var check = await who.Open(path + "/check");
        Assert.Contains("注射した日", check.One(".notice").TextContent);

        var wrong = await who.Submit(fewer);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.Status);
        Assert.StartsWith("注射した日：", wrong.One(".error-summary a").TextContent);
        var right = await who.Submit(wrong, new() { ["vaccinatedOn-era"] = "R", ["vaccinatedOn-year"] = "8", ["vaccinatedOn-month"] = "6" });
        Assert.EndsWith("/check", right.Url);
        Assert.Contains("2026年度", right.Text);    // a year is written as one
        await using var db = town.Open();
        var draft = await db.Set<Draft>().SingleAsync(Stop);
        Assert.Equal("2026-06-03", draft.Answers["vaccinatedOn"]!.ToString());
        Assert.False(draft.Answers.ContainsKey("_typed"));

        static void AsTyped(Seen page, string month = "")
        {
            Assert.Equal(("４０", month, "3"), (page.One("#vaccinatedOn-year").GetAttribute("value"), page.One("#vaccinatedOn-month").GetAttribute("value") ?? "", page.One("#vaccinatedOn-day").GetAttribute("value")));
            Assert.Equal("H", page.One("select[name=vaccinatedOn-era] option[selected]").GetAttribute("value"));
        }
    }

    [Fact]
    public async Task In_a_row_of_something_that_repeats()
    {
        var town = await program.NewTown("onojo");
        var (applicant, path) = await Begun(town, "digital-subsidy", answers => answers["estimates"] = null, resident: true);
        var who = applicant.Who;
        var row = await who.Submit(await who.Open(path + "/estimatePage"), press: "見積書を追加する");
        var typed = new Dictionary<string, string?> { ["supplier"] = "見本システム株式会社🏢", ["estimateYen"] = "三十まんえんくらい", ["chosen"] = "yes" };
        var sending = await who.Submit(row, typed, press: "ファイルを選ぶ: 見積書");
        Assert.EndsWith("/estimatePage/estimates/0?file=estimateFile", sending.Url);
        var sent = await who.SendFile(sending, "見積書.pdf", Samples.Pdf());
        var back = await who.Open(sent.One("main .actions a").GetAttribute("href")!);
        Assert.Equal(("見本システム株式会社🏢", "三十まんえんくらい"), (back.One("[name=supplier]").GetAttribute("value"), back.One("[name=estimateYen]").GetAttribute("value")));
        Assert.NotEmpty(back.All("[name=chosen][value=yes][checked]"));
        Assert.Contains("見積書.pdf", back.One("#estimateFile-box").TextContent);

        // The file belongs to this row, also when one above it goes.
        var list = await who.Submit(back, new() { ["estimateYen"] = "30万円", ["estimateFor"] = "cloud" });
        Assert.EndsWith("/estimatePage#estimates", list.Url);
        Assert.DoesNotContain("未入力あり", list.One("#estimates").TextContent);
        var gone = await who.Submit(await who.Open(path + "/estimatePage/estimates/0"), press: "取り消す: 見積書.pdf");
        Assert.EndsWith("/estimates/0#estimateFile-box", gone.Url);
        Assert.Equal("300000", gone.One("[name=estimateYen]").GetAttribute("value"));
        Assert.Equal(0, await town.Count("files.stored"));
    }

    [Fact]
    public async Task When_a_filing_is_corrected()
    {
        var town = await program.NewTown("onojo");
        var of = await town.HasFiled("dog-registration", by: "hanako");
        var filed = of.Answers["vaccineProof"]?.ToJsonString();
        await town.AskToCorrect(of.Id, "済証の写真と、犬の名前・飼い始めた日を確かめてください。", "dogName", "acquiredOn", "vaccineProof");
        var hanako = await town.Resident();
        var path = $"procedures/cases/{of.Id}/correct";
        var sending = await hanako.Submit(await hanako.Open(path), new() { ["dogName"] = "見本ハチ", ["acquiredOn-year"] = "令和の八年" }, press: "ファイルを選ぶ: 注射済証（動物病院の証明書）の写真");
        Assert.EndsWith("/correct?file=vaccineProof", sending.Url);
        var back = await hanako.Open((await hanako.SendFile(sending, "撮り直し.png", Samples.Png())).One("main .actions a").GetAttribute("href")!);
        AsTyped(back);
        Assert.Contains("撮り直し.png", back.One("#vaccineProof-box").TextContent);

        // Taken away again the earlier one is what counts.
        var gone = await hanako.Submit(back, press: "取り消す: 撮り直し.png");
        AsTyped(gone);
        Assert.Empty(gone.All(".file-row"));
        var check = await hanako.Submit(gone, new() { ["acquiredOn-era"] = "", ["acquiredOn-year"] = "2026", ["acquiredOn-month"] = "7", ["acquiredOn-day"] = "1" });
        Assert.EndsWith("/correct/check", check.Url);
        await hanako.Submit(check);
        var now = await town.Look(of.Id);
        Assert.Equal(("見本ハチ", "2026-07-01", filed), (now.Answers["dogName"]!.ToString(), now.Answers["acquiredOn"]!.ToString(), now.Answers["vaccineProof"]?.ToJsonString()));
        Assert.False(now.Answers.ContainsKey("_typed"));

        // What was not asked has no page for its files, and a name that nobody asked for leads to nothing.
        foreach (var odd in new[] { "tagPhoto", "dogName", "x/../y" }) Assert.Equal(HttpStatusCode.OK, (await hanako.Open($"{path}?file={Uri.EscapeDataString(odd)}")).Status);

        static void AsTyped(Seen page) =>
            Assert.Equal(("見本ハチ", "令和の八年"), (page.One("[name=dogName]").GetAttribute("value"), page.One("#acquiredOn-year").GetAttribute("value")));
    }

    [Fact]
    public async Task Nobody_takes_away_what_lies_elsewhere_and_a_page_of_a_file_opens_to_nobody_else()
    {
        var town = await program.NewTown("onojo");
        var (mine, path) = await Begun(town, "dog-registration", answers => answers.Remove("vaccineProof"));
        var sending = await mine.Who.Open(path + "/vaccine?file=vaccineProof");
        await mine.Who.SendFile(sending, "済証.pdf", Samples.Pdf());
        var (other, theirs) = await Begun(town, "dog-registration", answers => answers.Remove("vaccineProof"));
        await using var db = town.Open();
        var file = await db.Set<StoredFile>().SingleAsync(Stop);

        var page = await other.Who.Open(theirs + "/vaccine");
        page.One(".form").AppendChild(Button(page, $"vaccineProof/{file.Id}"));
        await other.Who.Submit(page, press: "x");
        // From another question of the same draft it is as little to be had.
        var own = await mine.Who.Open(path + "/fee");
        own.One(".form").AppendChild(Button(own, $"assistanceProof/{file.Id}"));
        await mine.Who.Submit(own, press: "x");
        Assert.Equal(1, await town.Count("files.stored"));
        Assert.Equal(HttpStatusCode.NotFound, (await other.Who.Open(path + "/vaccine?file=vaccineProof")).Status);
        foreach (var odd in new[] { "dogName", "tagPhoto", "%00", "a/b" }) Assert.NotEqual(HttpStatusCode.InternalServerError, (await mine.Who.Open($"{path}/vaccine?file={odd}")).Status);

        static AngleSharp.Dom.IElement Button(Seen page, string says)
        {
            var button = page.Document.CreateElement("button");
            button.TextContent = "x";
            button.SetAttribute("name", "_file");
            button.SetAttribute("value", says);
            return button;
        }
    }

    [Fact]
    public async Task What_is_too_much_to_be_kept_stays_on_the_page()
    {
        var town = await program.NewTown("onojo");
        var (applicant, path) = await Begun(town, "dog-registration", answers => answers.Remove("vaccineProof"));
        var page = await applicant.Who.Open(path + "/vaccine");
        var long_ = new string('あ', 60_000);
        var stays = await applicant.Who.Submit(page, new() { ["vaccinatedOn-year"] = long_ }, press: "ファイルを選ぶ: 注射済証（動物病院の証明書）の写真");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, stays.Status);
        Assert.Equal(long_, stays.One("#vaccinatedOn-year").GetAttribute("value"));
    }

    /// <summary>A draft with all of the sample but what the test is about.</summary>
    static async Task<(Applicant Applicant, string Path)> Begun(TestTown town, string key, Action<JsonObject> but, bool resident = false)
    {
        var applicant = new Applicant(town, resident ? await town.Resident() : town.Visitor(), key);
        var id = Applicant.DraftOf(await applicant.Begin());
        but(applicant.Answers);
        await using var db = town.Open();
        (await db.Set<Draft>().SingleAsync(d => d.Id == id, Stop)).Keep((JsonObject)applicant.Answers.DeepClone(), "ja", TimeProvider.System.GetUtcNow());
        await db.Save(stop: Stop);
        return (applicant, $"procedures/filling/{id}");
    }
}
