using System.Net;
using Komachi.Platform.People;
using Komachi.Platform.Web;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.People;

/// <summary>Whose count an attempt goes on, when a session ends, and what stays in a browser.</summary>
[Trait("Category", "long")]
public sealed class CountsAndEnds(TestProgram program)
{
    [Fact]
    public async Task However_a_telephone_number_is_typed_it_is_one_accounts_count()
    {
        var town = await program.NewTown();
        await using (var db = town.Open())
        {
            (await db.Set<Account>().SingleAsync(a => a.SignInName == "hanako")).ProvedPhone("09012345678");
            await db.Save();
        }
        var stranger = town.Visitor();
        Seen answer = null!;
        for (var i = 0; i < 11; i++) answer = await stranger.Submit(await stranger.Open("sign-in"), new() { ["name"] = $"{new string('a', i)}090-1234-5678", ["password"] = "chigau" });
        Assert.Equal(HttpStatusCode.TooManyRequests, answer.Status);
    }

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7", "192.0.2.7"), InlineData("::ffff:192.0.2.7", "192.0.2.7", "192.0.2.7")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), InlineData("2001:db8:1:2:ffff::1", "2001:db8:1:2:ffff::1", "2001:db8:1:2::/64")]
    public void Of_addresses_without_number_a_network_has_one_count(string address, string from, string network)
    {
        var visit = new Visit();
        visit.CameFrom(IPAddress.Parse(address));
        Assert.Equal((from, network), (visit.From, visit.Network));
    }

    [Fact]
    public async Task To_one_mailbox_go_twenty_codes_a_day_and_a_known_device_has_its_own()
    {
        var town = await program.NewTown();
        await using (var db = town.Open())
        {
            (await db.Set<Account>().SingleAsync(a => a.SignInName == "hanako")).Proved($"hanako-{town.Slug}@example.jp");
            await db.Save();
        }
        var hanako = town.Visitor();
        await hanako.SignIn("hanako", desk: false);
        await hanako.Submit(await hanako.Open("my"), form: "form[action$=sign-out]");

        var stranger = town.Visitor();
        Seen answer = null!;
        for (var i = 0; i < 11; i++) answer = await stranger.Submit(await stranger.Open("sign-in/code"), new() { ["email"] = $"hanako-{town.Slug}@example.jp" });
        Assert.Equal(HttpStatusCode.TooManyRequests, answer.Status);
        Assert.Contains("sign-in/code/", (await hanako.Submit(await hanako.Open("sign-in/code"), new() { ["email"] = $"hanako-{town.Slug}@example.jp" })).Url);
    }

    [Fact]
    public async Task A_session_ends_when_nobody_uses_it_and_at_its_longest_whatever_happens()
    {
        var town = await program.NewTown();
        var hanako = await town.Resident();
        var now = TimeProvider.System.GetUtcNow();
        await Set(seen: now.AddMinutes(-10), ends: now.AddMinutes(5), latest: now.AddHours(8));
        Assert.EndsWith("/my", (await hanako.Open("my")).Url);
        await using (var db = town.Open()) Assert.InRange((await db.Set<Session>().SingleAsync()).EndsAt, now.AddHours(3.9), now.AddHours(4.1));

        await Set(seen: now.AddMinutes(-10), ends: now.AddMinutes(5), latest: now.AddMinutes(20));
        await hanako.Open("my");
        await using (var db = town.Open()) Assert.InRange((await db.Set<Session>().SingleAsync()).EndsAt, now.AddMinutes(19), now.AddMinutes(21));

        await Set(seen: now.AddHours(-5), ends: now.AddMinutes(-1), latest: now.AddHours(8));
        Assert.Contains("sign-in", (await hanako.Open("my")).Url);

        async Task Set(DateTimeOffset seen, DateTimeOffset ends, DateTimeOffset latest)
        {
            await using var db = town.Open();
            await db.Database.ExecuteSqlAsync($"UPDATE people.sessions SET seen_at = {seen}, ends_at = {ends}, latest_at = {latest}");
        }
    }

    [Fact]
    public async Task What_is_shown_to_somebody_stays_in_no_cache_and_goes_at_signing_out()
    {
        var town = await program.NewTown(livedIn: true);
        var hanako = await town.Resident();
        foreach (var path in new[] { "my", "announcements", "figures", "" }) Assert.Contains("no-store", (await hanako.Open(path)).Headers["Cache-Control"]);
        var page = await hanako.Open("my");
        using var answer = await hanako.Send(HttpMethod.Post, "sign-out", new FormUrlEncodedContent(new Dictionary<string, string> { ["_token"] = page.One("input[name=_token]").GetAttribute("value")! }));
        Assert.Equal("\"cache\", \"storage\"", Assert.Single(answer.Headers.GetValues("Clear-Site-Data")));
    }
}
