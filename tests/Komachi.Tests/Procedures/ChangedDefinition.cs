using System.Net;
using Komachi.Procedures;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Procedures;

/// <summary>The procedure changes while somebody fills it in.</summary>
public sealed class ChangedDefinition(TestProgram program)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static async Task Publish(TestTown town, string key, Func<string, string> change)
    {
        await using var db = town.Open();
        var newest = await Catalog.Newest(db).SingleAsync(d => d.Key == key, Stop);
        var document = change(newest.Document);
        Assert.NotEqual(newest.Document, document);
        var next = Published.Draft(key, newest.Number + 1, document, Origin.Desk, TimeProvider.System.GetUtcNow());
        next.Publish("見本の改正", null, TimeProvider.System.GetUtcNow());
        db.Add(next);
        await db.Save(stop: Stop);
    }

    [Fact]
    public async Task Other_words_change_nothing_for_who_is_in_the_middle_of_it()
    {
        var town = await program.NewTown("onojo");
        var applicant = new Applicant(town, await town.Resident(), "water-start-stop");
        var page = await applicant.Begin();
        await Publish(town, "water-start-stop", d => d + "\n# 見本\n");
        var done = await applicant.Send(await applicant.ToTheCheck(page));
        Assert.EndsWith("/done", done.Url);
        await using var db = town.Open();
        Assert.Equal(1, await db.Set<Case>().Join(db.Set<Published>(), c => c.DefinitionId, d => d.Id, (c, d) => d.Number).SingleAsync(Stop));
    }

    [Fact]
    public async Task A_new_law_is_gone_over_to_with_all_answers_that_fit()
    {
        var town = await program.NewTown("onojo");
        var applicant = new Applicant(town, await town.Resident(), "water-start-stop");
        var check = await applicant.ToTheCheck(await applicant.Begin());
        await Publish(town, "water-start-stop", d => System.Text.RegularExpressions.Regex.Replace(d, "(?m)^from: .*$", "from: 2026-11-01"));

        var refused = await applicant.Send(check);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Contains("きまりが変わりました", refused.Text);
        Assert.Empty(refused.All(Applicant.Sending));
        var over = await applicant.Who.Submit(refused, form: "form[action$='/over']");
        Assert.EndsWith("/check", over.Url);    // nothing new is asked, and all of it fits
        Assert.EndsWith("/done", (await applicant.Send(over)).Url);
        await using var db = town.Open();
        Assert.Equal(2, await db.Set<Case>().Join(db.Set<Published>(), c => c.DefinitionId, d => d.Id, (c, d) => d.Number).SingleAsync(Stop));
    }

    [Fact]
    public async Task What_has_ended_is_not_sent_and_its_page_says_what_to_do()
    {
        var town = await program.NewTown("onojo");
        var applicant = new Applicant(town, await town.Resident(), "water-start-stop");
        var check = await applicant.ToTheCheck(await applicant.Begin());
        await using (var db = town.Open())
        {
            (await db.Set<Published>().SingleAsync(d => d.Key == "water-start-stop", Stop)).End(TimeProvider.System.GetUtcNow());
            await db.Save(stop: Stop);
        }
        var refused = await applicant.Send(check);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Contains("今は受け付けていません", refused.Text);
        Assert.Contains("今は受け付けていません", (await town.Visitor().Open("procedures/water-start-stop/start")).Text);
        Assert.Equal(HttpStatusCode.NotFound, (await town.Visitor().Open("procedures/no-such-thing/start")).Status);
    }
}
