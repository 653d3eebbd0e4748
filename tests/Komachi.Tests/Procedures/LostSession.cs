using System.Net;
using Komachi.Procedures;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Procedures;

/// <summary>A session that runs out while somebody writes loses nothing.</summary>
public sealed class LostSession(TestProgram program)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_typed_comes_back_after_signing_in_again_and_is_saved_then()
    {
        var town = await program.NewTown("onojo");
        var applicant = new Applicant(town, await town.Resident(), "dog-registration");
        var page = await applicant.Begin();
        await using (var end = town.Source.CreateCommand("UPDATE people.sessions SET ends_at = now() - interval '1 minute'")) await end.ExecuteNonQueryAsync(Stop);

        var lost = await applicant.Who.Submit(page, applicant.For(page));
        Assert.Equal(HttpStatusCode.BadRequest, lost.Status);
        Assert.Contains("ログアウトされています", lost.Text);
        Assert.Contains(lost.All("input[type=hidden]"), i => i.GetAttribute("name") == "wish" && i.GetAttribute("value") == applicant.Answers["wish"]!.ToString());

        // Signed in, in another window: the button shows the page with all that was written, and that is saved as ever.
        applicant.Who.Cookies.Add(new Uri(program.Url), await town.SessionOf("hanako"));
        var back = await applicant.Who.Submit(lost);
        Assert.Equal(HttpStatusCode.BadRequest, back.Status);
        Assert.Equal(applicant.Answers["wish"]!.ToString(), back.One("input[name=wish][checked]").GetAttribute("value"));
        await using var db = town.Open();
        Assert.False((await db.Set<Draft>().SingleAsync(Stop)).Answers.ContainsKey("wish"));
        var next = await applicant.Who.Submit(back);
        Assert.Equal(HttpStatusCode.OK, next.Status);
        Assert.Equal(applicant.Answers["wish"]!.ToString(), (await db.Set<Draft>().AsNoTracking().SingleAsync(Stop)).Answers["wish"]!.ToString());
    }

    [Fact]
    public async Task A_correction_that_was_typed_stays_too()
    {
        var town = await program.NewTown("onojo");
        var of = await town.HasFiled("dog-registration", by: "hanako");
        await town.AskToCorrect(of.Id, "名前は合っていますか。", "dogName");
        var hanako = await town.Resident();
        var page = await hanako.Open($"procedures/cases/{of.Id}/correct");
        await using (var end = town.Source.CreateCommand("UPDATE people.sessions SET ends_at = now() - interval '1 minute'")) await end.ExecuteNonQueryAsync(Stop);
        var lost = await hanako.Submit(page, new() { ["dogName"] = "見本ハチ" });
        Assert.Equal(HttpStatusCode.BadRequest, lost.Status);
        Assert.Contains(lost.All("input[type=hidden]"), i => i.GetAttribute("name") == "dogName" && i.GetAttribute("value") == "見本ハチ");

        hanako.Cookies.Add(new Uri(program.Url), await town.SessionOf("hanako"));
        var back = await hanako.Submit(lost);
        Assert.Equal(HttpStatusCode.BadRequest, back.Status);
        Assert.Equal("見本ハチ", back.One("input[name=dogName]").GetAttribute("value"));
        Assert.EndsWith("/correct/check", (await hanako.Submit(back)).Url);
    }

    [Fact]
    public async Task Whose_code_ran_out_meanwhile_comes_back_with_a_new_one()
    {
        var town = await program.NewTown("onojo");
        var of = await town.HasFiled("dog-registration", email: $"code-{town.Slug}@example.jp");
        await town.AskToCorrect(of.Id, "名前は合っていますか。", "dogName");
        var somebody = town.Visitor();
        var token = (await somebody.Open("procedures/find")).One("input[name=_token]").GetAttribute("value")!;
        using var answer = await somebody.Send(HttpMethod.Post, $"procedures/cases/{of.Id}/correct", new FormUrlEncodedContent(new Dictionary<string, string> { ["_token"] = token, ["dogName"] = "見本ハチ" }));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("見本ハチ", System.Net.WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Stop)));
        Assert.Equal("見本ポチ", (await town.Look(of.Id)).Answers["dogName"]!.ToString());
    }

    [Fact]
    public async Task The_key_in_a_browser_lasts_as_long_as_what_was_saved_with_it()
    {
        var town = await program.NewTown("onojo");
        var applicant = new Applicant(town, town.Visitor(), "dog-registration");
        var page = await applicant.Begin();
        var key = applicant.Who.Cookies.GetAllCookies().Single(c => c.Name.Contains("-key-"));
        key.Expires = TimeProvider.System.GetLocalNow().DateTime.AddDays(1);
        await applicant.Who.Submit(page, applicant.For(page));
        var renewed = applicant.Who.Cookies.GetAllCookies().Single(c => c.Name.Contains("-key-"));
        Assert.Equal(key.Value, renewed.Value);
        Assert.InRange(renewed.Expires, TimeProvider.System.GetLocalNow().DateTime.AddDays(29), TimeProvider.System.GetLocalNow().DateTime.AddDays(31));
    }

    [Fact]
    public async Task Another_site_shows_nothing_as_if_somebody_had_typed_it_here()
    {
        var town = await program.NewTown("onojo");
        var applicant = new Applicant(town, town.Visitor(), "dog-registration");
        var page = await applicant.Begin();
        foreach (var (header, value) in new[] { ("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site") })
        {
            var sent = new HttpRequestMessage(HttpMethod.Post, page.Url) { Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["dogName"] = "よその言葉" }) };
            sent.Headers.Add(header, value);
            using var answer = await applicant.Who.Http.SendAsync(sent, Stop);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.DoesNotContain("よその言葉", await answer.Content.ReadAsStringAsync(Stop));
        }
    }

    [Fact]
    public async Task Who_signs_in_on_the_way_takes_it_along()
    {
        var town = await program.NewTown("onojo");
        var applicant = new Applicant(town, town.Visitor(), "water-start-stop");
        var check = await applicant.ToTheCheck(await applicant.Begin());
        Assert.Contains("sign-in?then=procedures%2Ffilling", check.Html);
        applicant.Who.Cookies.Add(new Uri(program.Url), await town.SessionOf("hanako"));
        check = await applicant.Who.Open(new Uri(check.Url).AbsolutePath);
        Assert.EndsWith("/done", (await applicant.Send(check)).Url);
        await using var db = town.Open();
        var filed = await db.Set<Case>().SingleAsync(Stop);
        Assert.Equal((Assurance.SignedIn, true), (filed.Assurance, filed.AccountId is not null && filed.PersonId is not null));
    }
}
