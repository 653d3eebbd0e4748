using System.Collections.Frozen;
using System.Net;
using System.Text.RegularExpressions;
using Komachi.Platform.Towns;
using Komachi.Platform.Web;
using Komachi.Procedures;
using Komachi.Tests.Harness;
using Komachi.Tests.Rights;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;
using Person = Komachi.Tests.Harness.Person;

namespace Komachi.Tests.Procedures;

/// <summary>The two links that we mail (to sign, and to go on elsewhere) lead to the town and nowhere else, do one thing, end, and are written down nowhere.</summary>
public sealed partial class LinksInMails(RightsProgram program)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void Their_host_is_the_towns_own_or_the_operators_whatever_host_a_request_named()
    {
        static Town Named(params string[] hosts) => new("onojo", "402192", new(), hosts.ToFrozenSet(), FrozenSet<string>.Empty, "main", "town_onojo", TownState.Open);
        var address = new Uri("https://www.example.jp/towns/");
        Assert.Equal("https://www.example.jp/towns/onojo/procedures/x", Addresses.Sent(Named(), address, "evil.example", "http", 8080, Lang.Japanese, "procedures/x"));
        Assert.Equal("https://www.example.jp/towns/onojo/en/procedures/x", Addresses.Sent(Named(), address, null, "http", 8080, Lang.English, "procedures/x"));
        Assert.Equal("https://a.onojo.example.jp/procedures/x", Addresses.Sent(Named("b.onojo.example.jp", "a.onojo.example.jp"), address, "evil.example", "http", 8080, Lang.Japanese, "procedures/x"));
        Assert.Equal("https://b.onojo.example.jp/procedures/x", Addresses.Sent(Named("b.onojo.example.jp", "a.onojo.example.jp"), address, "B.onojo.example.jp", "http", 8080, Lang.Japanese, "procedures/x"));
        Assert.Equal("http://localhost:8080/onojo/procedures/x", Addresses.Sent(Named(), null, "evil.example", "http", 8080, Lang.Japanese, "procedures/x"));
    }

    [Fact]
    public async Task A_link_to_go_on_elsewhere_does_that_once_and_looking_at_it_does_nothing()
    {
        var town = await program.NewTown("onojo");
        using var listening = program.Listen();
        var applicant = new Applicant(town, town.Visitor(), "dog-registration");
        var first = await applicant.Begin();
        var draft = Applicant.DraftOf(first);
        var to = $"tsuzuki-{town.Slug}@example.jp";

        // Somebody else's host in the request, as a made-up form would have it.
        var page = await applicant.Who.Open($"procedures/filling/{draft}/later");
        using (var ask = new HttpRequestMessage(HttpMethod.Post, $"/{town.Slug}/procedures/filling/{draft}/later") { Headers = { Host = "evil.example" }, Content = new FormUrlEncodedContent(page.All("form[action$='/later'] input[type=hidden]").Select(i => KeyValuePair.Create(i.GetAttribute("name")!, i.GetAttribute("value") ?? "")).Append(new("email", to))) })
        using (var answer = await applicant.Who.Http.SendAsync(ask, Stop)) Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        var link = new Uri(await program.World.CodeFor(to, Link()));
        Assert.Equal("localhost", link.Host);
        var token = link.Segments[^1];
        await NothingOf(token, town);

        // A program that looks whether it is safe, and looks again.
        var scanner = town.Visitor();
        for (var i = 0; i < 3; i++)
        {
            var seen = await scanner.Open($"procedures/back/{token}");
            Assert.Equal((HttpStatusCode.OK, "same-origin"), (seen.Status, seen.Headers["Referrer-Policy"]));
            Assert.Contains("no-store", seen.Headers["Cache-Control"]);
        }
        Assert.NotEqual(HttpStatusCode.OK, (await scanner.Open($"procedures/filling/{draft}")).Status);
        var phone = town.Visitor();
        Assert.Contains($"procedures/filling/{draft}", (await phone.Submit(await phone.Open($"procedures/back/{token}"))).Url);
        foreach (var late in new[] { phone, town.Visitor() }) Assert.Equal(HttpStatusCode.Gone, (await late.Open($"procedures/back/{token}")).Status);
        Assert.Equal(HttpStatusCode.Gone, (await phone.Open($"procedures/sign/{token}")).Status);    // for nothing else
        await NothingOf(token, town);
        Assert.DoesNotContain(listening.Told, told => told.Contains(token));
    }

    [Fact]
    public async Task A_link_ends_with_its_time()
    {
        var town = await program.NewTown("onojo");
        var applicant = new Applicant(town, town.Visitor(), "dog-registration");
        await applicant.Begin();
        string token;
        await using (var db = town.Open())
        {
            var draft = await db.Set<Draft>().SingleAsync(Stop);
            token = draft.NewLink(db.Now.AddDays(-7).AddMinutes(-1));
            await db.Save(stop: Stop);
        }
        Assert.Equal(HttpStatusCode.Gone, (await town.Visitor().Open($"procedures/back/{token}")).Status);
    }

    [Fact]
    public async Task A_link_to_sign_is_looked_at_as_often_as_anybody_likes_and_its_secret_stands_nowhere()
    {
        var town = await program.NewTown("onojo");
        using var listening = program.Listen();
        var token = await Asked(town);
        var other = town.Visitor();
        for (var i = 0; i < 3; i++)
        {
            var seen = await town.Visitor().Open($"procedures/sign/{token}");
            Assert.Equal((HttpStatusCode.OK, "same-origin"), (seen.Status, seen.Headers["Referrer-Policy"]));
            Assert.Contains("no-store", seen.Headers["Cache-Control"]);
        }
        Assert.Equal(HttpStatusCode.Gone, (await town.Visitor().Open($"procedures/back/{token}")).Status);    // for nothing else
        var page = await other.Open($"procedures/sign/{token}");
        var sign = other.Ready(page, new() { ["secondTruth"] = "true", ["secondTaxConsent"] = "true" });
        Assert.Contains("署名しました", (await sign()).Text);
        Assert.EndsWith("procedures/sign/done", (await sign()).Url);    // sent twice: to a page that knows nothing
        await NothingOf(token, town);
        Assert.DoesNotContain(listening.Told, told => told.Contains(token));

        await town.Tell("UPDATE procedures.signers SET ends_at = now()");
        Assert.Equal(HttpStatusCode.Gone, (await other.Open($"procedures/sign/{token}")).Status);
    }

    /// <summary>In no row of the town's database, once the mail is out.</summary>
    static async Task NothingOf(string token, TestTown town)
    {
        await town.Until("NOT EXISTS (SELECT FROM jobs.queue WHERE kind = 'mail.send')");
        Assert.DoesNotContain(await town.Everything(), row => row.Contains(token, StringComparison.OrdinalIgnoreCase));
    }

    static async Task<string> Asked(TestTown town)
    {
        await using var db = town.Open();
        var published = await db.Set<Published>().SingleAsync(d => d.Key == "childcare-place", Stop);
        var answers = SampleAnswers.Of(published.Document);
        var procedure = Procedure.Of(published.Document);
        var draft = Draft.Begin(published.Id, procedure, procedure.First, Way.Online, "ja", db.Now);
        draft.NewKey();
        draft.Keep(answers, "ja", db.Now);
        var token = Draft.NewSecret();
        db.Add(draft);
        db.Add(Signer.Ask(draft.Id, "secondGuardian", answers["secondEmail"]!.ToString(), Draft.HashOf(token), db.Now));
        await db.Save(stop: Stop);
        return token;
    }

    [GeneratedRegex("https?://[^ \n]+procedures/back/[0-9a-f]{32}")]
    private static partial Regex Link();
}
