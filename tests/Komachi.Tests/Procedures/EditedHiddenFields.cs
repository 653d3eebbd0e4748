using System.Net;
using Komachi.Procedures;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Procedures;

/// <summary>What a page hides is nothing that anybody may rely on.</summary>
public sealed class EditedHiddenFields(TestProgram program)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Answers_that_the_page_does_not_ask_are_not_taken()
    {
        var town = await program.NewTown("onojo");
        var applicant = new Applicant(town, town.Visitor(), "dog-registration");
        var page = await applicant.Begin();
        var fields = applicant.For(page);
        foreach (var (name, value) in new[] { ("_agent", "私が市長です"), ("_came", "2020-01-01"), ("totalFee", "0"), ("dogName", "ポチ"), ("from", "../../desk"), ("version", "99") }) fields[name] = value;
        var next = await applicant.Who.Submit(page, fields);
        Assert.Equal(HttpStatusCode.OK, next.Status);
        Assert.Contains("/procedures/filling/", next.Url);
        await using var db = town.Open();
        var draft = await db.Set<Draft>().SingleAsync(Stop);
        Assert.All(new[] { "_agent", "_came", "totalFee", "dogName" }, key => Assert.False(draft.Answers.ContainsKey(key), key));
    }

    [Fact]
    public async Task A_choice_that_was_never_offered_is_refused_and_the_old_answer_stays()
    {
        var town = await program.NewTown("onojo");
        var applicant = new Applicant(town, town.Visitor(), "dog-registration");
        var page = await applicant.Begin();
        var fields = applicant.For(page);
        fields["wish"] = "free-of-charge";
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await applicant.Who.Submit(page, fields)).Status);
    }

    [Fact]
    public async Task Nothing_is_sent_that_is_not_complete_not_proved_or_somebody_elses()
    {
        var town = await program.NewTown("onojo");
        var (mine, other) = (new Applicant(town, town.Visitor(), "water-start-stop"), town.Visitor());
        var first = await mine.Begin();
        var check = await mine.Reachable(await mine.ToTheCheck(first), $"suzuki-{town.Slug}@example.jp");

        // The form of a page that may be sent, with the address of a draft that has nothing in it.
        var empty = await mine.Begin();
        var action = check.One(Applicant.Sending);
        action.SetAttribute("action", new Uri(empty.Url).AbsolutePath.Replace(Applicant.PageOf(empty), "check"));
        Assert.NotEqual(HttpStatusCode.OK, (await mine.Who.Submit(check, new() { ["electronic"] = "page", ["version"] = "1", ["gaps"] = "true" }, form: Applicant.Sending)).Status);

        // Somebody else's browser, with all that the page holds.
        var page = await other.Open("procedures/water-start-stop/start");
        var form = page.One("main form[method=post]");
        foreach (var place in new[] { Applicant.PageOf(first), "check", "over", "signers", "later", "end", "code", "done/rating" })
        {
            form.SetAttribute("action", new Uri(first.Url).AbsolutePath.Replace("/" + Applicant.PageOf(first), "/" + place));
            Assert.Equal(HttpStatusCode.NotFound, (await other.Submit(page, new() { ["version"] = "2" })).Status);
        }
        await using var db = town.Open();
        Assert.Equal(0, await db.Set<Case>().CountAsync(Stop));
        Assert.Equal(2, await db.Set<Draft>().CountAsync(Stop));
    }

    [Fact]
    public async Task A_row_is_found_by_its_own_key_and_by_no_other()
    {
        var town = await program.NewTown("onojo");
        var applicant = new Applicant(town, town.Visitor(), "bulky-waste");
        var page = await applicant.To(await applicant.Begin(), "[name=_add]");
        var (path, add) = (new Uri(page.Url).AbsolutePath, page.One("[name=_add]"));
        var group = add.GetAttribute("value")!;
        var row = await applicant.Who.Submit(page, press: add.TextContent.Trim());
        Assert.EndsWith($"/{group}/0", row.Url);

        // A key that no row has is a new row; one that is none at all neither breaks anything nor becomes the key.
        foreach (var odd in new[] { Guid.CreateVersion7().ToString("N"), "../../0", "'; --", new string('9', 400) })
            Assert.NotEqual(HttpStatusCode.InternalServerError, (await applicant.Who.Submit(row, new() { ["rowKey"] = odd })).Status);
        await using var db = town.Open();
        var rows = (await db.Set<Draft>().SingleAsync(Stop)).Answers[group]!.AsArray();
        Assert.All(rows, r => Assert.Matches("^[0-9a-f]{32}$", r!["_row"]!.ToString()));
        Assert.Equal(rows.Count, rows.Select(r => r!["_row"]!.ToString()).Distinct().Count());

        // Whoever writes beside the answers what only the program writes there is not heard.
        await applicant.Who.Submit(row, new() { ["_typed"] = "x", ["_row"] = "x", ["_asked"] = "_typed" });
        Assert.Equal(HttpStatusCode.OK, (await applicant.Who.Open(path)).Status);
    }

    [Fact]
    public async Task Pages_and_rows_that_are_not_there_lead_to_where_one_was()
    {
        var town = await program.NewTown("onojo");
        var applicant = new Applicant(town, town.Visitor(), "dog-registration");
        var first = await applicant.Begin();
        var path = $"procedures/filling/{Applicant.DraftOf(first)}";
        foreach (var odd in new[] { "nowhere", "chip", "wish/dogs/0", "wish/wish/999999", "wish/wish/x", "%00", "wish'--" })
            Assert.True((await applicant.Who.Open($"{path}/{odd}")) is { Status: HttpStatusCode.OK } or { Status: HttpStatusCode.NotFound } or { Status: HttpStatusCode.BadRequest }, odd);
        Assert.Equal(first.Url, (await applicant.Who.Open($"{path}/chip")).Url);
    }
}
