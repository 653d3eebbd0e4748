using System.Net;
using System.Text.RegularExpressions;
using Komachi.Platform.Files;
using Komachi.Procedures;
using Komachi.Tests.Announcements;
using Komachi.Tests.Files;
using Komachi.Tests.Harness;
using Komachi.Tests.Persons;
using Komachi.Tests.Rights;
using Microsoft.EntityFrameworkCore;
using Person = Komachi.Tests.Harness.Person;

namespace Komachi.Tests.Procedures;

/// <summary>What somebody files for another is the other's: the agent comes to it while they may act and do, and not a day longer.</summary>
public sealed class UnderAMandate(FilesProgram program)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory, InlineData(false), InlineData(true)]
    public async Task When_it_is_over_the_agent_is_out_everywhere_and_the_principal_is_in(bool byProtection)
    {
        var town = await program.NewTown("onojo");
        var mandate = await town.MayActFor("hanako", "alexandra");
        var (hanako, alexandra, principal) = (await town.Resident(), await town.Resident("alexandra"), await town.PersonOf("alexandra"));
        await hanako.Submit(await hanako.Open("my/acting"), form: "form[action$=start]");

        // She sends one with a file, leaves one at its check, and has one from before that was granted.
        var applicant = new Applicant(town, hanako, "dog-registration");
        var draft = Applicant.DraftOf(await applicant.Begin());
        applicant.Answers.Remove("vaccineProof");
        await using (var db = town.Open())
        {
            (await db.Set<Draft>().SingleAsync(Stop)).Keep(applicant.Answers, "ja", TimeProvider.System.GetUtcNow());
            await db.Save(stop: Stop);
        }
        await hanako.SendFile(await hanako.Open($"procedures/filling/{draft}/vaccine?file=vaccineProof"), "済証.png", Samples.Png());
        await town.Until("(SELECT count(*) = 1 FROM files.stored WHERE state = 'Ready')");
        Assert.EndsWith("/done", (await hanako.Submit(await hanako.Open($"procedures/filling/{draft}/check"), new() { ["electronic"] = "page" }, form: Applicant.Sending)).Url);
        var of = Assert.Single(await town.All<Case>(c => c));
        Assert.Equal(((Guid?)principal, (Guid?)mandate), (of.PersonId, of.MandateId));
        var file = Assert.Single(await town.All<StoredFile>(f => f));
        await town.AskToCorrect(of.Id, "名前を確かめてください。", "dogName");
        var other = new Applicant(town, hanako, "water-start-stop");
        var check = await other.ToTheCheck(await other.Begin());
        var begun = Applicant.DraftOf(check);
        var granted = await town.HasFiled("digital-subsidy", by: "hanako", under: (mandate, principal));
        var letter = await town.Grant(granted.Id, new() { ["grantedAmount"] = 200000 });

        string[] filed = [Own(of), Own(of) + "/filed", Own(of) + "/withdraw", Own(of) + "/correct", Own(of) + "/correct/check", Own(granted), $"procedures/letters/{letter.Id}", $"files/{file.Id}/{file.Name}"];
        string[] filling = [$"procedures/filling/{begun}", $"procedures/filling/{begun}/check", $"procedures/filling/{draft}/done"];
        foreach (var path in filed.Concat(filling)) Assert.Equal((path, HttpStatusCode.OK), (path, (await hanako.Open(path)).Status));
        var mine = (await hanako.Open("my")).Html;
        foreach (var thing in new[] { of.Id, granted.Id, begun }) Assert.Contains($"{thing}", mine);
        Assert.DoesNotContain($"{draft}", mine);
        var stage = hanako.Ready(await hanako.Open(Own(granted)), form: "form[action$='/stages/report']");

        // A device on which she does not act is about herself.
        await IsOut(await town.Resident(), filed, filling, of, granted, begun);

        if (byProtection) await town.Protect(principal);
        else await alexandra.Submit(await alexandra.Open("my/acting"), form: "form[action$=end]");
        await IsOut(hanako, filed, filling, of, granted, begun);
        Assert.Equal(HttpStatusCode.BadRequest, (await stage()).Status);    // a page that stood open
        Assert.Equal(CaseState.Correcting, (await town.Look(of.Id)).State);
        Assert.Equal(2, await town.Count("procedures.cases"));
        Assert.Equal(2, await town.Count("procedures.drafts"));

        foreach (var path in filed) Assert.Equal((path, HttpStatusCode.OK), (path, (await alexandra.Open(path)).Status));
        var hers = (await alexandra.Open("my")).Html;
        foreach (var thing in new[] { of.Id, granted.Id }) Assert.Contains($"{thing}", hers);
        Assert.DoesNotContain($"{begun}", hers);    // it was not sent: it is nobody's filing
    }

    [Fact]
    public async Task A_later_stage_is_begun_while_acting_and_says_so()
    {
        var town = await program.NewTown("onojo");
        var mandate = await town.MayActFor("hanako", "alexandra");
        var granted = await town.HasFiled("digital-subsidy", by: "hanako", under: (mandate, await town.PersonOf("alexandra")));
        await town.Grant(granted.Id, new() { ["grantedAmount"] = 200000 });
        var hanako = await town.Resident();
        Assert.Equal(HttpStatusCode.NotFound, await Post(hanako, Own(granted) + "/stages/report"));
        await hanako.Submit(await hanako.Open("my/acting"), form: "form[action$=start]");
        await hanako.Submit(await hanako.Open(Own(granted)), form: "form[action$='/stages/report']");
        var draft = Assert.Single(await town.All<Draft>(d => d));
        Assert.Equal((granted.PersonId, (Guid?)mandate), (draft.PersonId, draft.MandateId));
    }

    [Fact]
    public async Task Word_of_it_goes_to_the_agent_and_afterwards_to_the_principal_and_no_code_opens_it()
    {
        var town = await program.NewTown("onojo");
        var mandate = await town.MayActFor("hanako", "alexandra");
        var (agents, principals) = ($"agent-{town.Slug}@example.jp", $"principal-{town.Slug}@example.jp");
        await town.Tell($"UPDATE people.accounts SET email = '{principals}', email_key = '{principals}' WHERE sign_in_name = 'alexandra'");
        var of = await town.HasFiled("dog-registration", by: "hanako", email: agents, under: (mandate, await town.PersonOf("alexandra")));
        var number = new Regex(of.Shown());
        await Write("見ました。");
        await program.World.CodeFor(agents, number);

        await town.Tell("UPDATE people.mandates SET state = 'Ended', ended_at = now()");
        await Write("もうすぐ決まります。");
        await program.World.CodeFor(principals, number);

        var anybody = town.Visitor();
        await anybody.Submit(await anybody.Submit(await anybody.Open("procedures/find"), new() { ["number"] = of.Number }), form: "form[action$='find/link']");
        await town.Until("NOT EXISTS (SELECT FROM jobs.queue WHERE kind = 'procedures.send_code')");
        Assert.Equal(0, await town.Count("procedures.links"));

        async Task Write(string text)
        {
            await using var db = town.Open();
            var at = await db.Set<Case>().SingleAsync(c => c.Id == of.Id, Stop);
            at.Message(text, fromApplicant: false, Filed.Clerk, db.Now);
            db.AddNews(at);
            await db.Save(stop: Stop);
        }
    }

    static string Own(Case of) => $"procedures/cases/{of.Id}";

    /// <summary>Nothing is shown, nothing can be done, and nothing of it stands on her page.</summary>
    static async Task IsOut(Person agent, string[] filed, string[] filling, Case of, Case granted, Guid begun)
    {
        foreach (var path in filed) Assert.Equal((path, HttpStatusCode.NotFound), (path, (await agent.Open(path)).Status));
        // Of what she began herself she is told where she sees for whom she may act.
        foreach (var path in filling) Assert.EndsWith("/my/acting", (await agent.Open(path)).Url);
        foreach (var path in new[] { Own(of) + "/message", Own(of) + "/withdraw", Own(granted) + "/stages/report" }) Assert.Equal((path, HttpStatusCode.NotFound), (path, await Post(agent, path)));
        foreach (var path in new[] { Own(of) + "/correct", Own(of) + "/correct/check", $"procedures/filling/{begun}/check", $"procedures/filling/{begun}/end" }) Assert.Equal((path, HttpStatusCode.Found), (path, await Post(agent, path)));
        var mine = (await agent.Open("my")).Html;
        foreach (var thing in new[] { of.Id, granted.Id, begun }) Assert.DoesNotContain($"{thing}", mine);
    }

    /// <summary>With a token that holds, whatever her pages show.</summary>
    static async Task<HttpStatusCode> Post(Person who, string path)
    {
        var token = (await who.Open("my/acting")).One("input[name=_token]").GetAttribute("value")!;
        using var answer = await who.Send(HttpMethod.Post, path, new FormUrlEncodedContent(new Dictionary<string, string> { ["_token"] = token, ["message"] = "見本", ["electronic"] = "page", ["version"] = "1" }));
        return answer.StatusCode;
    }
}
