using System.Net;
using Komachi.Platform.Data;
using Komachi.Platform.People;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Web;

/// <summary>Whom staff look for stands in no address, and their pages, links and buttons work as ever, without scripts.</summary>
[Trait("Category", "long")]
public sealed class SearchingForPeople(TestProgram program)
{
    public static TheoryData<string, string, string> Searches => new()
    {
        { "desk/persons", "q", "見本花子" }, { "desk/accounts?kind=resident", "q", "hanako" }, { "desk/accounts", "q", "koho" }, { "desk/rights", "q", "見本花" }, { "desk/mandates", "q", "見本花子" },
        { "desk/audit/entries", "account", "koho" }, { "desk/audit/person", "about", "hanako" }, { "desk/audit/account", "account", "koho" },
        { "desk/colleagues", "q", "koho" }, { "desk/offices/assign", "q", "koho" }, { "desk/deputy", "q", "koho" },
    };

    [Theory, MemberData(nameof(Searches))]
    public async Task What_was_looked_for_is_found_reloaded_and_stands_in_no_address(string path, string field, string typed)
    {
        var town = await program.NewTown();
        var joho = await town.Staff("joho");
        var found = await joho.Find(path, (field, typed));
        Assert.Equal(HttpStatusCode.OK, found.Status);
        Assert.Contains("find=", found.Url);
        Assert.Equal(typed, found.One($"form.filter-bar [name={field}]").GetAttribute("value"));
        if (!path.StartsWith("desk/audit")) Assert.Contains("見本", Text(found));
        foreach (var address in found.All("a[href], form[action]").Select(e => e.GetAttribute("href") ?? e.GetAttribute("action")!).Append(found.Url))
            Assert.DoesNotContain(typed, Uri.UnescapeDataString(address));

        // Again by its address alone: reloaded, gone back to, in another language.
        var again = await joho.Open(found.Url);
        Assert.Equal(typed, again.One($"form.filter-bar [name={field}]").GetAttribute("value"));
        if (!path.StartsWith("desk/audit")) Assert.Equal(Text(found), Text(again));    // there the looking itself is a new line
        // And who writes it into the address by hand finds nothing with it.
        var byHand = await joho.Open(path + (path.Contains('?') ? "&" : "?") + field + "=" + Uri.EscapeDataString(typed));
        Assert.Equal("", byHand.One($"form.filter-bar [name={field}]").GetAttribute("value") ?? "");
    }

    static string Text(Seen page) => page.One("main").TextContent;

    [Fact]
    public async Task To_others_in_other_towns_and_changed_the_address_says_nothing()
    {
        var (town, next) = (await program.NewTown(), await program.NewTown("onojo"));
        var found = await (await town.Staff("joho")).Find("desk/persons", ("q", "見本花子"));
        var token = found.Url[(found.Url.IndexOf("find=", StringComparison.Ordinal) + 5)..];
        var (joho, shien, neighbour) = (await town.Staff("joho"), await town.Staff("shien"), await next.Staff("joho"));
        Assert.Contains("見本 花子", (await joho.Open($"desk/persons?find={token}")).Text);    // another session of the same account
        foreach (var (who, given) in new[] { (shien, token), (neighbour, token), (joho, token[..^3] + "AAA"), (joho, "x"), (joho, new string('A', 3000)) })
        {
            var page = await who.Open($"desk/persons?find={given}");
            Assert.Equal(HttpStatusCode.OK, page.Status);
            Assert.Contains("もう一度入力してください", page.Text);
            Assert.DoesNotContain("花子", page.Html);
        }
    }

    [Fact]
    public async Task Who_was_signed_out_meanwhile_comes_back_to_what_they_had_looked_for()
    {
        var town = await program.NewTown();
        var joho = town.Visitor();
        await joho.SignIn("joho", desk: true);
        var found = await joho.Find("desk/persons", ("q", "見本花子"));
        await using (var db = town.Open()) await db.Set<Session>().ExecuteDeleteAsync();
        var door = await joho.Open(found.Url);
        Assert.Contains("desk/sign-in?then=", door.Url);
        var second = await joho.Submit(door, new() { ["name"] = "joho", ["password"] = TestProgram.Password });
        var back = await joho.Submit(second, new() { ["code"] = joho.Phone!.Code() });
        Assert.Equal(found.Url, back.Url);
        Assert.Contains("見本 花子", back.Text);
    }

    [Fact]
    public async Task A_search_leads_to_a_page_of_the_desk_and_nowhere_else_however_long_it_is()
    {
        var town = await program.NewTown();
        var joho = await town.Staff("joho");
        var page = await joho.Open("desk/persons");
        foreach (var to in new[] { "//example.com", "https://example.com", "my", "", "\\\\example.com", "desk/../..//example.com" })
            Assert.StartsWith(program.Url + "/" + town.Slug + "/", (await joho.Submit(page, new() { ["to"] = to, ["q"] = "見本" }, form: "form.filter-bar")).Url);
        var long_ = await joho.Submit(page, new() { ["q"] = new string('吉', 5000), ["bornOn"] = string.Concat(Enumerable.Repeat("𠮷", 3000)), [new string('n', 30)] = "x" }, form: "form.filter-bar");
        Assert.Equal(HttpStatusCode.OK, long_.Status);
        Assert.InRange(long_.Url.Length, 100, 4000);
    }

    [Fact]
    public async Task Lists_of_accounts_and_colleagues_go_on_behind_a_number_and_not_a_name()
    {
        var town = await program.NewTown();
        await using (var db = town.Open())
        {
            for (var i = 0; i < 65; i++) db.Add(Account.Open(AccountKind.Staff, $"tsukue-{i:00}", $"試験 職員{i:00}", null, [], null, TimeProvider.System.GetUtcNow()));
            await db.Save();
        }
        var joho = await town.Staff("joho");
        var names = new List<string>();
        for (var page = await joho.Find("desk/accounts", ("q", "tsukue")); ;)
        {
            names.AddRange(page.All("tbody th a").Select(a => a.TextContent));
            if (page.All("a[rel=next]").FirstOrDefault()?.GetAttribute("href") is not { } next) break;
            Assert.DoesNotContain("tsukue", next);
            page = await joho.Open(next);
        }
        Assert.Equal(Enumerable.Range(0, 65).Select(i => $"試験 職員{i:00}"), names);
    }
}
