using System.Net;
using System.Text.RegularExpressions;
using Komachi.Procedures;
using Komachi.Tests.Announcements;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Procedures;

/// <summary>The other guardian reads and signs by a link, before anything is sent to the town.</summary>
public sealed partial class SecondSigner(TestProgram program)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Both_guardians_sign_and_what_is_changed_afterwards_is_signed_again()
    {
        var town = await program.NewTown("onojo");
        var applicant = new Applicant(town, await town.Resident(), "childcare-place");
        var check = await Prepared(town, applicant);
        var refused = await applicant.Who.Submit(check, new() { ["electronic"] = "paper", ["version"] = "9" }, form: "form[action$='/signers']");
        Assert.EndsWith("/check", refused.Url);
        Assert.Empty(refused.All(Applicant.Sending));    // not before the other has signed
        Assert.Contains("依頼済み・未署名", refused.Text);
        var token = await Token(town);

        // The other guardian has no account; nothing that only the office may see is on their page.
        var other = town.Visitor();
        var page = await other.Open($"procedures/sign/{token}");
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.DoesNotContain("役所だけが読む話", page.Text);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await other.Submit(page)).Status);    // their own promises are asked for
        var signed = await other.Submit(page, new() { ["secondTruth"] = "true", ["secondTaxConsent"] = "true" });
        Assert.Contains("署名しました", signed.Text);

        // One thing is changed: what was signed is another text now.
        var ready = await applicant.Who.Open($"procedures/filling/{Applicant.DraftOf(check)}/check");
        Assert.Single(ready.All(Applicant.Sending));
        await Change(town, "moreToSay", "あとから書きました。");
        var outdated = await applicant.Who.Open($"procedures/filling/{Applicant.DraftOf(check)}/check");
        Assert.Empty(outdated.All(Applicant.Sending));
        Assert.Contains("もう一度依頼してください", outdated.Text);
        Assert.Contains("もう一度お読みになり", (await other.Open($"procedures/sign/{token}")).Text);

        await applicant.Who.Submit(outdated, form: "form[action$='/signers']");
        Assert.Equal(HttpStatusCode.Gone, (await other.Open($"procedures/sign/{token}")).Status);    // a newer link has been sent
        token = await Token(town);
        await other.Submit(await other.Open($"procedures/sign/{token}"), new() { ["secondTruth"] = "true", ["secondTaxConsent"] = "true" });
        var done = await applicant.Send(await applicant.Who.Open($"procedures/filling/{Applicant.DraftOf(check)}/check"));
        Assert.EndsWith("/done", done.Url);
        await using var db = town.Open();
        Assert.NotNull((await db.Set<Signer>().SingleAsync(Stop)).CaseId);
        Assert.Contains(MoveKind.Signed, await db.Set<Move>().Select(m => m.Kind).ToListAsync(Stop));
        Assert.Equal(HttpStatusCode.Gone, (await other.Open($"procedures/sign/{token}")).Status);

        // A correction changes what they signed: whoever decides sees it.
        var t = new Komachi.Ui.Words.Words(Komachi.Ui.Words.Lang.Japanese, program.House.Words);
        Assert.DoesNotContain(await Noticed(), n => n.Text.Contains("署名"));
        await using (var correct = town.Open())
        {
            var of = await correct.Set<Case>().SingleAsync(Stop);
            var answers = (System.Text.Json.Nodes.JsonObject)of.Answers.DeepClone();
            answers["moreToSay"] = "補正で変えました。";
            var asked = of.AskToCorrect(["moreToSay"], "確かめてください。", null, Filed.Clerk, correct.Now, correct.Today);
            correct.Add(asked);
            of.Correct(asked, answers, of.Title, null, of.AccountId, correct.Now, correct.Today);
            correct.AddNews(of);
            await correct.Save(stop: Stop);
        }
        Assert.Contains(await Noticed(), n => n.Text.Contains("署名は補正前の内容"));

        async Task<IReadOnlyList<Noticed>> Noticed()
        {
            await using var look = town.Open();
            var id = await look.Set<Case>().Select(c => c.Id).SingleAsync(Stop);
            return await AutomaticChecks.Of((await CaseFile.Open(look, id, await Komachi.Platform.Offices.DepartmentTrees.Today(look, Stop), look.Today, Stop))!, look, t, ids => Komachi.Platform.People.Persons.ProtectedAmong(look, ids), Stop);
        }
    }

    [Fact]
    public async Task Strangers_are_written_to_a_few_times_and_no_more()
    {
        var town = await program.NewTown("onojo");
        var applicant = new Applicant(town, await town.Resident(), "childcare-place");
        var check = await Prepared(town, applicant);
        for (var n = 0; n < 5; n++) Assert.Equal(HttpStatusCode.OK, (check = await applicant.Who.Submit(check, form: "form[action$='/signers']")).Status);
        var enough = await applicant.Who.Submit(check, form: "form[action$='/signers']");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, enough.Status);
        Assert.Contains("メールが多すぎます", enough.Text);
    }

    [Fact]
    public async Task Who_is_not_asked_any_more_is_not_waited_for()
    {
        var town = await program.NewTown("onojo");
        var applicant = new Applicant(town, await town.Resident(), "childcare-place");
        var check = await Prepared(town, applicant);
        await applicant.Who.Submit(check, form: "form[action$='/signers']");
        await using var db = town.Open();
        var draft = await db.Set<Draft>().SingleAsync(Stop);
        var answers = (System.Text.Json.Nodes.JsonObject)draft.Answers.DeepClone();
        answers["otherGuardian"] = "none";
        draft.Keep(answers, "ja", db.Now);
        var visit = new Komachi.Platform.Web.Visit();
        visit.Enter(town.Town, "/" + town.Slug, Komachi.Ui.Words.Lang.Japanese, "/");
        Assert.NotNull((await Filing.Send((await Filling.Of(draft, db, db.Today, Stop)).OnPaper(db), false, visit, db, program.Service<Komachi.Platform.Data.Receipts>(), TimeProvider.System, Stop, incomplete: true)).Case);
        await db.Save(stop: Stop);
        Assert.Equal(0, await town.Count("procedures.signers"));
    }

    [Fact]
    public async Task Who_says_no_says_why_and_the_applicant_reads_it()
    {
        var town = await program.NewTown("onojo");
        var applicant = new Applicant(town, await town.Resident(), "childcare-place");
        var check = await Prepared(town, applicant);
        await applicant.Who.Submit(check, form: "form[action$='/signers']");
        var other = town.Visitor();
        var page = await other.Open($"procedures/sign/{await Token(town)}");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await other.Submit(page, form: "details form")).Status);
        await other.Submit(page, new() { ["reason"] = "勤務時間が違います。" }, form: "details form");
        var seen = await applicant.Who.Open($"procedures/filling/{Applicant.DraftOf(check)}/check");
        Assert.Contains("勤務時間が違います。", seen.Text);
        Assert.Empty(seen.All(Applicant.Sending));
    }

    /// <summary>A draft that is complete, of a family of two guardians: as the definition's first sample has it.</summary>
    static async Task<Seen> Prepared(TestTown town, Applicant applicant)
    {
        var first = await applicant.Begin();
        await using (var db = town.Open())
        {
            var draft = await db.Set<Draft>().SingleAsync(Stop);
            var answers = applicant.Answers;
            answers["secondEmail"] = AddressIn(town);
            answers["moreToSay"] = "役所だけが読む話";
            draft.Keep(answers, "ja", TimeProvider.System.GetUtcNow());
            await db.Save(stop: Stop);
        }
        return await applicant.Who.Open($"procedures/filling/{Applicant.DraftOf(first)}/check");
    }

    static async Task Change(TestTown town, string key, string value)
    {
        await using var db = town.Open();
        var draft = await db.Set<Draft>().SingleAsync(Stop);
        var answers = (System.Text.Json.Nodes.JsonObject)draft.Answers.DeepClone();
        answers[key] = value;
        draft.Keep(answers, "ja", TimeProvider.System.GetUtcNow());
        await db.Save(stop: Stop);
    }

    static async Task<string> Token(TestTown town) => (await town.Program.World.CodeFor(AddressIn(town), Link())).Split('/')[^1];

    /// <summary>Mailboxes are shared by all towns of a run.</summary>
    static string AddressIn(TestTown town) => $"mou-hitori-{town.Slug}@example.jp";

    [GeneratedRegex("procedures/sign/[0-9a-f]{32}")]
    private static partial Regex Link();
}
