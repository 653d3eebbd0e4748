using System.Net;
using Komachi.Procedures;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Procedures;

/// <summary>One draft in two windows: neither takes anything from the other.</summary>
public sealed class TwoTabs(TestProgram program)
{
    [Fact]
    public async Task A_page_saves_its_own_answers_and_no_others()
    {
        var town = await program.NewTown("onojo");
        var applicant = new Applicant(town, town.Visitor(), "dog-registration");
        var first = await applicant.Begin();
        var second = await applicant.Who.Submit(first, applicant.For(first));
        while (Applicant.PageOf(second) != "dog") second = await applicant.Who.Submit(second, applicant.For(second));

        // The dog's page was opened long ago; meanwhile the first page is sent once more, and then the old page.
        await applicant.Who.Submit(first, applicant.For(first));
        var last = await applicant.Who.Submit(second, applicant.For(second));
        Assert.NotEqual("dog", Applicant.PageOf(last));
        await using var db = town.Open();
        var draft = await db.Set<Draft>().SingleAsync(TestContext.Current.CancellationToken);
        Assert.Equal(applicant.Answers["wish"]!.ToString(), draft.Answers["wish"]!.ToString());
        Assert.Equal(applicant.Answers["dogName"]!.ToString(), draft.Answers["dogName"]!.ToString());
    }

    [Fact]
    public async Task A_page_that_is_sent_several_times_at_once_is_saved()
    {
        var town = await program.NewTown("onojo");
        var applicant = new Applicant(town, town.Visitor(), "dog-registration");
        var first = await applicant.Begin();
        var wish = applicant.Who.Ready(first, applicant.For(first));
        await wish();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => wish()));
        await using var db = town.Open();
        Assert.Equal(applicant.Answers["wish"]!.ToString(), (await db.Set<Draft>().SingleAsync(TestContext.Current.CancellationToken)).Answers["wish"]!.ToString());
    }

    [Fact]
    public async Task Of_two_windows_with_the_same_page_what_was_sent_last_counts_and_is_looked_at_before_it_is_sent()
    {
        var town = await program.NewTown("onojo");
        var applicant = new Applicant(town, await town.Resident(), "dog-registration");
        var page = await applicant.Begin();
        while (Applicant.PageOf(page) != "dog") page = await applicant.Who.Submit(page, applicant.For(page));
        var (one, other) = (page, await applicant.Who.Open(new Uri(page.Url).AbsolutePath));
        await applicant.Who.Submit(one, new(applicant.For(one)) { ["dogName"] = "見本ハチ" });
        await applicant.Who.Submit(other, new(applicant.For(other)) { ["dogName"] = "見本シロ" });
        await using var db = town.Open();
        Assert.Equal("見本シロ", (await db.Set<Draft>().SingleAsync(TestContext.Current.CancellationToken)).Answers["dogName"]!.ToString());
        Assert.Contains("見本シロ", (await applicant.Who.Open(new Uri(page.Url).AbsolutePath)).Html);
    }

    [Fact]
    public async Task What_was_changed_elsewhere_is_looked_at_before_it_is_sent()
    {
        var town = await program.NewTown("onojo");
        var applicant = new Applicant(town, await town.Resident(), "water-start-stop");
        var first = await applicant.Begin();
        var check = await applicant.ToTheCheck(first);
        await applicant.Who.Submit(first, applicant.For(first));
        var again = await applicant.Send(check);
        Assert.Equal(HttpStatusCode.Conflict, again.Status);
        Assert.Contains("別の画面で内容が変わりました", again.Text);
        Assert.EndsWith("/done", (await applicant.Send(again)).Url);
    }
}
