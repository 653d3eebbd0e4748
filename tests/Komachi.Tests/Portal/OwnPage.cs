using Komachi.Tests.Harness;
using Komachi.Tests.Offices;
using Komachi.Tests.Persons;

namespace Komachi.Tests.Portal;

/// <summary>What waits for a resident stands on their own page and on the town's first one; what they started, as a timeline.</summary>
public sealed class OwnPage(TestProgram program)
{
    static string[] Waiting(Seen page) => [.. page.All("main section").Where(s => s.QuerySelector("h2")!.TextContent == "あなたにしていただくこと").SelectMany(s => s.QuerySelectorAll("a.hit-title")).Select(a => a.TextContent)];

    [Fact]
    public async Task What_somebody_is_asked_waits_for_them_and_runs_for_who_asked_until_it_is_answered()
    {
        var town = await program.NewTown();
        var (hanako, taro) = (await town.Resident(), await town.Resident("taro"));
        var before = await taro.Open("my");
        Assert.Equal(["あなたにしていただくこと", "進んでいるもの", "わたしの情報と設定"], before.All("main h2").Select(h => h.TextContent));
        Assert.Contains("いま、していただくことはありません", before.Text);
        Assert.Empty(before.All(".timeline, ul.hits"));

        await hanako.Submit(await hanako.Open("my/acting"), new() { ["who"] = "me", ["email"] = "taro@example.jp" }, form: "form[action$=ask]");
        foreach (var path in new[] { "my", "" })
        {
            var asked = await taro.Open(path);
            Assert.Equal(["代理についてのお尋ねが届いています"], Waiting(asked));
            // Who asks is named where it is answered.
            Assert.DoesNotContain("見本 花子", asked.Text);
        }
        var running = await hanako.Open("my");
        Assert.Empty(Waiting(running));
        Assert.Contains("taro@example.jp", running.One(".timeline li[aria-current=step] a").TextContent);
        Assert.DoesNotContain("邉", running.One("main").TextContent);
        // Neither stands there for others.
        foreach (var other in new[] { town.Visitor(), await town.Staff() }) Assert.Empty(Waiting(await other.Open()));

        await taro.Submit(await taro.Open(running.One(".timeline a").GetAttribute("href")!), form: "form[action$=agree]");
        Assert.Empty(Waiting(await taro.Open("my")));
        Assert.Empty((await hanako.Open("my")).All(".timeline"));
    }

    [Fact]
    public async Task Who_would_be_locked_out_by_a_lost_phone_is_told_and_no_more_once_there_are_codes()
    {
        var town = await program.NewTown();
        var hanako = await town.Resident();
        Assert.Empty(Waiting(await hanako.Open("my")));
        await town.Do("UPDATE people.accounts SET totp_secret = 'x' WHERE sign_in_name = 'hanako'");
        var told = await hanako.Open("my");
        Assert.Equal(["回復用コードを作る"], Waiting(told));
        Assert.Equal($"/{town.Slug}/my/security", told.One("ul.hits a").GetAttribute("href"));
        await town.Do($"INSERT INTO people.recovery_codes (account_id, code_hash, made_at) VALUES ('{await town.AccountOf("hanako")}', '\\x01', now())");
        Assert.Empty(Waiting(await hanako.Open("my")));
    }
}
