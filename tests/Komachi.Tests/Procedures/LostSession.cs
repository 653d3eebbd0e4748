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
