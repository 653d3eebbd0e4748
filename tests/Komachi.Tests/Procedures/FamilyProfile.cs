using System.Net;
using Komachi.Platform.People;
using Komachi.Procedures;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Procedures;

/// <summary>A household is written down once, offered by the next form, and gone with one press.</summary>
public sealed class FamilyProfile(TestProgram program)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static readonly Dictionary<string, string?> Sakura = new()
    {
        ["name-family"] = "見本", ["name-given"] = "さくら", ["name-family-kana"] = "みほん", ["name-given-kana"] = "さくら", ["birthday-era"] = "R", ["birthday-year"] = "7", ["birthday-month"] = "6", ["birthday-day"] = "15", ["relation"] = "child", ["place"] = "見本第一保育園",
    };

    [Fact]
    public async Task What_is_kept_can_be_changed_and_taken_away()
    {
        var town = await program.NewTown("oyabe");
        var hanako = await town.Resident();
        var page = await hanako.Open("procedures/family");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await hanako.Submit(page, form: "form[action$='/family']")).Status);
        page = await hanako.Submit(page, Sakura, form: "form[action$='/family']");
        Assert.Contains("見本 さくら", page.Text);
        var change = await hanako.Open(page.One("main .summary-change a").GetAttribute("href")!);
        Assert.Equal("さくら", change.One("#name-given").GetAttribute("value"));
        page = await hanako.Submit(change, new() { ["name-given"] = "櫻" });
        Assert.Contains("見本 櫻", page.Text);

        // Nobody else's page has it, and nobody else's key opens it.
        var taro = await town.Resident("yoshiko");
        Assert.DoesNotContain("見本 櫻", (await taro.Open("procedures/family")).Text);
        Assert.Equal(HttpStatusCode.NotFound, (await taro.Open(new Uri(change.Url).AbsolutePath)).Status);

        page = await hanako.Submit(page, form: "form[action$='/family/remove']");
        Assert.DoesNotContain("見本 櫻", page.Text);
        await using var db = town.Open();
        Assert.Equal(0, await db.Set<Family>().CountAsync(Stop));
    }

    [Fact]
    public async Task The_next_form_offers_them_and_takes_over_who_is_ticked()
    {
        var town = await program.NewTown("onojo");
        var applicant = new Applicant(town, await town.Resident(), "childcare-place");
        await applicant.Who.Submit(await applicant.Who.Open("procedures/family"), Sakura, form: "form[action$='/family']");
        var first = await applicant.Begin();
        var page = await applicant.Who.Open($"procedures/filling/{Applicant.DraftOf(first)}/household");
        var offered = page.All("input[name=_family-members]").Single();
        var taken = await applicant.Who.Submit(page, new() { ["_family-members"] = offered.GetAttribute("value"), ["_family"] = "members" });
        Assert.Contains("見本 さくら", taken.Text);
        await using var db = town.Open();
        var row = (System.Text.Json.Nodes.JsonObject)(await db.Set<Draft>().SingleAsync(Stop)).Answers["members"]![0]!;
        Assert.Equal(("さくら", "2025-06-15"), (row["memberName"]!["given"]!.ToString(), row["memberBirthday"]!.ToString()));
        Assert.Empty(taken.All("input[name=_family-members]"));    // nobody is offered twice
    }

    [Fact]
    public async Task Whoever_is_forgotten_leaves_no_family_and_no_drafts()
    {
        var town = await program.NewTown("onojo");
        var applicant = new Applicant(town, await town.Resident(), "dog-registration");
        await applicant.Who.Submit(await applicant.Who.Open("procedures/family"), Sakura, form: "form[action$='/family']");
        await applicant.Begin();
        await using var db = town.Open();
        var person = await db.Set<Account>().Where(a => a.SignInName == "hanako").Select(a => a.PersonId!.Value).SingleAsync(Stop);
        var about = new Komachi.Platform.Rights.AboutPerson(person, db, new(Komachi.Ui.Words.Lang.Japanese, program.House.Words), TimeProvider.System.GetUtcNow(), Stop);
        var told = await KeepFamily.Tell(about);
        Assert.Contains(told, t => t.Facts.Any(f => f.Value == "見本 さくら"));
        Assert.Equal(2, told.Count);
        Assert.Equal([1, 1], (await KeepFamily.Look(about)).Select(f => f.Count));
        await KeepFamily.Forget(about);
        await db.Save(stop: Stop);
        Assert.Equal((0, 0), (await db.Set<Family>().CountAsync(Stop), await db.Set<Draft>().CountAsync(Stop)));
    }

    [Fact]
    public async Task Drafts_whose_time_is_over_go_and_one_number_stays()
    {
        var town = await program.NewTown("onojo");
        var applicant = new Applicant(town, town.Visitor(), "dog-registration");
        var page = await applicant.Begin();
        await applicant.Who.Submit(page, applicant.For(page));
        await using (var age = town.Source.CreateCommand("UPDATE procedures.drafts SET ends_at = now() - interval '1 day'")) await age.ExecuteNonQueryAsync(Stop);
        await using var db = town.Open();
        await TidyDrafts.Run(new(), new(Guid.CreateVersion7(), 1, town.Town, db, program.App.Services, Stop));
        await db.Save(stop: Stop);
        Assert.Equal(0, await db.Set<Draft>().CountAsync(Stop));
        var left = await db.Set<GivenUp>().SingleAsync(Stop);
        Assert.Equal(("dog-registration", 1), (left.Procedure, left.Count));
        Assert.NotEqual("", left.Page);
    }
}
