using System.Net;
using Komachi.Tests.Harness;
using Komachi.Tests.Offices;
using Komachi.Tests.Persons;

namespace Komachi.Tests.AtTheDesk;

/// <summary>One search above every page of the desk finds what this colleague may see, and nothing else.</summary>
public sealed class SearchingTheDesk(TestProgram program)
{
    static async Task<Seen> Search(Person who, string words) => await who.Submit(await who.Open("desk"), new() { ["q"] = words }, form: "form.desk-find");

    static string[] Kinds(Seen page) => [.. page.All("main h2").Select(h => h.TextContent)];

    [Fact]
    public async Task It_finds_pages_colleagues_departments_announcements_and_persons_by_permission()
    {
        var town = await program.NewTown("oyabe", livedIn: true);
        var (joho, koho) = (await town.Staff("joho"), await town.Staff("koho"));

        var page = await Search(joho, "見本");
        Assert.Equal(["住民等の情報", "職員"], Kinds(page).Where(k => k is "住民等の情報" or "職員"));
        Assert.Contains("見本 広報", page.Text);
        Assert.DoesNotContain("住民等の情報", Kinds(await Search(koho, "見本")));    // she may not look persons up

        var accounts = await Search(joho, "アカウント");
        Assert.Equal("職員用のページ", Kinds(accounts)[0]);
        Assert.Contains(accounts.All("main a"), a => a.GetAttribute("href")!.EndsWith("/desk/accounts"));
        Assert.DoesNotContain(Kinds(await Search(koho, "アカウント")), k => k == "職員用のページ");

        var department = await town.Ask<string>("SELECT s.name ->> 'ja' FROM offices.department_states s JOIN offices.departments d ON d.id = s.department_id WHERE d.code = '0101'");
        var found = await Search(joho, department);
        Assert.Contains(found.All("main a"), a => a.TextContent == department);
        foreach (var link in found.All("main a").Select(a => a.GetAttribute("href")!)) Assert.Equal(HttpStatusCode.OK, (await joho.Open(link)).Status);

        await koho.Submit(await koho.Open("desk/announcements/new"), Announcements.Desk.Filled("まだ誰も知らない下書き"), Announcements.Desk.Draft);
        Assert.Contains("まだ誰も知らない下書き", (await Search(koho, "誰も知らない")).Text);
        Assert.DoesNotContain("まだ誰も知らない下書き", (await Search(await town.Staff("shien"), "誰も知らない")).Text);
    }

    [Fact]
    public async Task Who_is_protected_is_not_there_looking_is_noted_and_no_name_stands_in_an_address()
    {
        var town = await program.NewTown();
        var hanako = await town.PersonOf("hanako");
        var (joho, shien) = (await town.Staff("joho"), await town.Staff("shien"));
        var page = await Search(joho, "見本花子");
        Assert.Contains("見本 花子", page.One("main").TextContent);
        Assert.DoesNotContain("花子", Uri.UnescapeDataString(page.Url));
        Assert.Equal(1, await town.Ask<long>($"SELECT count(*) FROM audit.entries WHERE action = 'people.read' AND about_id = '{hanako}' AND subject = 'people/search'"));

        await town.Protect(hanako);
        Assert.DoesNotContain("見本 花子", (await Search(joho, "見本花子")).One("main").TextContent);
        Assert.Contains("見本 花子", (await Search(shien, "見本花子")).One("main").TextContent);
    }

    [Theory]
    [InlineData("")]
    [InlineData("　 ")]
    [InlineData("%_\\'\"<script>")]
    [InlineData("𠮷󠄀\u202e")]
    public async Task Whatever_is_typed_the_page_answers(string typed)
    {
        var joho = await (await program.NewTown()).Staff("joho");
        Assert.Equal(HttpStatusCode.OK, (await Search(joho, typed)).Status);
        Assert.Equal(HttpStatusCode.OK, (await Search(joho, new string('あ', 5000))).Status);
    }
}
