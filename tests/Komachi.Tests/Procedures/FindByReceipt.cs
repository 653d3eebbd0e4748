using System.Net;
using System.Text.RegularExpressions;
using Komachi.Procedures;
using Komachi.Tests.Announcements;
using Komachi.Tests.Harness;

namespace Komachi.Tests.Procedures;

/// <summary>Without an account: the number shows how it stands, and a code that was sent shows all of it, once.</summary>
public sealed partial class FindByReceipt(TestProgram program)
{
    [Fact]
    public async Task A_number_shows_how_it_stands_and_nothing_of_what_stands_in_it()
    {
        var town = await program.NewTown("onojo");
        var of = await town.HasFiled("dog-registration", email: "hanako-find@example.jp");
        foreach (var typed in new[] { of.Number, of.Shown(), $" {of.Shown().Replace('-', '－')} " })
        {
            var page = await Look(town.Visitor(), typed);
            Assert.Equal(HttpStatusCode.OK, page.Status);
            Assert.Contains("受付済み", page.Text);
            Assert.Contains("犬の登録", page.Text);
            foreach (var secret in new[] { "ポチ", "花子", "hanako", "見本町" }) Assert.DoesNotContain(secret, page.One("main").InnerHtml);
        }
    }

    [Fact]
    public async Task A_number_of_another_town_is_as_unknown_as_one_that_was_never_given()
    {
        var (here, there) = (await program.NewTown("onojo"), await program.NewTown("onojo"));
        var foreign = await there.HasFiled("dog-registration");
        var never = await program.Service<Komachi.Platform.Data.Receipts>().Next(here.Town, TestContext.Current.CancellationToken);
        var (a, b) = (await Look(here.Visitor(), foreign.Number), await Look(here.Visitor(), never.Digits));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, HttpStatusCode.UnprocessableEntity), (a.Status, b.Status));
        Assert.Equal(a.Bare().Replace(foreign.Number, "n"), b.Bare().Replace(never.Digits, "n"));

        var wrong = await Look(here.Visitor(), "123-456-7891");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.Status);
        Assert.Contains("受付番号ではありません", wrong.Text);
        Assert.Equal("123-456-7891", wrong.One("input[name=number]").GetAttribute("value"));
    }

    [Fact]
    public async Task A_code_to_its_address_opens_it_once_on_one_device()
    {
        var town = await program.NewTown("onojo");
        var of = await town.HasFiled("dog-registration", email: $"{town.Slug}@example.jp");
        var person = town.Visitor();
        Assert.Equal(HttpStatusCode.NotFound, (await person.Open(Own(of))).Status);
        var asked = await person.Submit(await Look(person, of.Number), form: "form[action$='find/link']");
        Assert.Contains("/find/code", asked.Url);
        Assert.DoesNotContain("example.jp", asked.Html);
        var code = await program.World.CodeFor($"{town.Slug}@example.jp", Code());

        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await person.Submit(asked, new() { ["code"] = "AAAA-BBBB-CCCC" })).Status);
        var opened = await person.Submit(asked, new() { ["code"] = code.ToLowerInvariant().Replace('-', ' ') });
        Assert.EndsWith($"{Own(of)}?done=code", opened.Url);
        Assert.Contains("受付番号", opened.Text);
        Assert.Contains("見本ポチ", (await person.Open(Own(of) + "/filed")).Text);

        // It was good once, and for this browser alone; the desk's door stays shut.
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await person.Submit(await person.Open("procedures/find/code"), new() { ["code"] = code })).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await town.Visitor().Open(Own(of))).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await (await town.Resident("alexandra")).Open(Own(of))).Status);
        Assert.Equal(1, await town.Count("audit.entries WHERE action = 'procedures.open_by_code'"));
        await using (var late = town.Source.CreateCommand("UPDATE procedures.links SET visit_ends_at = now() - interval '1 minute'")) await late.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, (await person.Open(Own(of))).Status);
    }

    [Fact]
    public async Task A_code_that_is_sent_twice_on_a_slow_line_opens_it()
    {
        var town = await program.NewTown("onojo");
        var of = await town.HasFiled("dog-registration", email: $"{town.Slug}@example.jp");
        var person = town.Visitor();
        var asked = await person.Submit(await Look(person, of.Number), form: "form[action$='find/link']");
        var code = await program.World.CodeFor($"{town.Slug}@example.jp", Code());
        var opened = await person.SubmitTwice(asked, new() { ["code"] = code });
        Assert.EndsWith($"{Own(of)}?done=code", opened.Url);
        Assert.Contains("見本ポチ", (await person.Open(Own(of) + "/filed")).Text);
        Assert.Equal(1, await town.Count("audit.entries WHERE action = 'procedures.open_by_code'"));
    }

    [Fact]
    public async Task Gone_back_to_with_another_code_the_same_page_opens_the_other_filing()
    {
        var town = await program.NewTown("onojo");
        var person = town.Visitor();
        var (addresses, filed) = (new[] { $"a-{town.Slug}@example.jp", $"b-{town.Slug}@example.jp" }, new List<Case>());
        foreach (var email in addresses) filed.Add(await town.HasFiled("dog-registration", email: email));
        foreach (var of in filed) await person.Submit(await Look(person, of.Number), form: "form[action$='find/link']");
        var page = await person.Open("procedures/find/code");
        for (var n = 0; n < filed.Count; n++)
            Assert.EndsWith($"{Own(filed[n])}?done=code", (await person.Submit(page, new() { ["code"] = await program.World.CodeFor(addresses[n], Code()) })).Url);
    }

    [Fact]
    public async Task Asking_says_the_same_whether_there_is_an_address_or_a_filing_at_all()
    {
        var town = await program.NewTown("onojo");
        var (with, without) = (await town.HasFiled("dog-registration", email: "a@example.jp"), await town.HasFiled("dog-registration"));
        var never = (await program.Service<Komachi.Platform.Data.Receipts>().Next(town.Town, TestContext.Current.CancellationToken)).Digits;
        var pages = new List<string>();
        foreach (var number in new[] { with.Number, without.Number, never })
        {
            var person = town.Visitor();
            pages.Add((await person.Submit(await Look(person, with.Number), new() { ["number"] = number }, form: "form[action$='find/link']")).Bare());
        }
        Assert.Single(pages.Distinct());
        // A job looks, so the page does the same work for each; one of three has somebody to write to.
        await town.Until("NOT EXISTS (SELECT FROM jobs.queue WHERE kind = 'procedures.send_code')");
        Assert.Equal(1, await town.Count("procedures.links"));
    }

    [Fact]
    public async Task Who_tries_too_many_is_asked_to_come_later()
    {
        var town = await program.NewTown("onojo");
        var person = town.Visitor();
        var page = await person.Open("procedures/find");
        var never = (await program.Service<Komachi.Platform.Data.Receipts>().Next(town.Town, TestContext.Current.CancellationToken)).Digits;
        for (var i = 0; i < 30; i++) Assert.Equal(HttpStatusCode.UnprocessableEntity, (await person.Submit(page, new() { ["number"] = never })).Status);
        var late = await person.Submit(page, new() { ["number"] = never });
        Assert.Equal(HttpStatusCode.TooManyRequests, late.Status);
        Assert.True(late.Headers.ContainsKey("Retry-After"));
    }

    static string Own(Case of) => $"procedures/cases/{of.Id}";

    static async Task<Seen> Look(Person person, string number) => await person.Submit(await person.Open("procedures/find"), new() { ["number"] = number });

    [GeneratedRegex("[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}")]
    private static partial Regex Code();
}
