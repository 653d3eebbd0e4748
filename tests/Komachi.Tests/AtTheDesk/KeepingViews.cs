using System.Net;
using Komachi.Tests.Harness;
using Komachi.Tests.Offices;

namespace Komachi.Tests.AtTheDesk;

/// <summary>A list that somebody narrowed is kept under a name, stands above the list as a tab, and may be the department's.</summary>
public sealed class KeepingViews(TestProgram program)
{
    const string List = "desk/announcements?shelf=published&q=%E6%B0%B4%E9%81%93", Form = "form[action$='desk/views']";

    static string[] Tabs(Seen page) => [.. page.All("nav.tabs[aria-label='保存した見方'] a").Select(a => a.TextContent)];

    [Fact]
    public async Task It_is_saved_opened_shared_with_the_department_and_thrown_away()
    {
        var town = await program.NewTown();
        await town.NewStaff("tonari");
        await town.Assign("tonari", "0101", "organiser", AtHand.Today);
        await town.Do("UPDATE people.accounts SET permissions = '{announcements.write}' WHERE sign_in_name = 'tonari'");
        var koho = await town.Staff("koho");
        // Where koho mainly works, the other one works too.
        await town.Do($"UPDATE offices.assignments SET department_id = (SELECT department_id FROM offices.assignments WHERE account_id = '{await town.Account("koho")}' LIMIT 1) WHERE account_id = '{await town.Account("tonari")}'");
        var tonari = await town.Staff("tonari");

        var saved = await koho.Submit(await koho.Open(List), new() { ["name"] = "水道のもの" }, form: Form);
        Assert.Equal(HttpStatusCode.OK, saved.Status);
        Assert.EndsWith("desk/announcements?q=水道&shelf=published", Uri.UnescapeDataString(saved.Url));
        Assert.Equal(["水道のもの"], Tabs(saved));
        Assert.Equal("page", saved.One("nav.tabs[aria-label='保存した見方'] a").GetAttribute("aria-current"));
        Assert.Empty(saved.All(Form));    // this one is kept already
        Assert.Empty(Tabs(await tonari.Open("desk/announcements")));

        await koho.Submit(await koho.Open("desk/views"), form: "form[action$=share]");
        Assert.Equal(["水道のもの"], Tabs(await tonari.Open("desk/announcements")));
        Assert.Empty((await tonari.Open("desk/views")).All("form[action$=drop]"));    // hers alone to throw away
        Assert.Empty(Tabs(await (await town.Staff("joho")).Open("desk/announcements")));

        await koho.Submit(await koho.Open("desk/views"), form: "form[action$=drop]");
        Assert.Empty(Tabs(await tonari.Open("desk/announcements")));
        Assert.Equal(3, await town.Ask<long>("SELECT count(*) FROM audit.entries WHERE action LIKE 'desk.%\\_view'"));
    }

    [Fact]
    public async Task A_view_holds_no_search_for_a_person_and_leads_nowhere_else()
    {
        var town = await program.NewTown();
        var joho = await town.Staff("joho");
        var found = await joho.Find("desk/accounts", ("q", "koho"), ("state", "InUse"));
        Assert.Contains("find=", found.Url);
        Assert.EndsWith("desk/accounts?state=InUse", (await joho.Submit(found, new() { ["name"] = "使用中" }, form: Form)).Url);

        var page = await joho.Open(List);
        foreach (var list in new[] { "https://example.com/", "//example.com", "my", "desk/../my", "" })
            Assert.Equal(HttpStatusCode.NotFound, (await joho.Submit(page, new() { ["name"] = "外", ["list"] = list }, form: Form)).Status);
        Assert.Equal(1, await town.Ask<long>("SELECT count(*) FROM desk.views"));
        Assert.Equal("state=InUse", await town.Ask<string>("SELECT query FROM desk.views"));
    }

    [Fact]
    public async Task Without_a_name_the_page_says_so_and_loses_nothing_and_a_name_stands_once()
    {
        var town = await program.NewTown();
        var koho = await town.Staff("koho");
        var wrong = await koho.Submit(await koho.Open(List), new() { ["name"] = "" }, form: Form);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.Status);
        Assert.Equal(["水道"], Tabs(await koho.Submit(wrong, new() { ["name"] = "水道" }, form: "main form.form")));
        Assert.Equal(["水道"], Tabs(await koho.Submit(await koho.Open("desk/announcements?shelf=closed&q=a"), new() { ["name"] = "水道" }, form: Form)));
        Assert.Equal("q=a&shelf=closed", await town.Ask<string>("SELECT query FROM desk.views"));

        await town.Do($"INSERT INTO desk.views (id, account_id, list, name, query, kept_at) SELECT gen_random_uuid(), '{await town.Account("koho")}', 'desk/announcements', 'n' || n, 'q=' || n, now() FROM generate_series(1, 11) n");
        Assert.Contains("先に1つ削除してください", (await koho.Submit(await koho.Open(List), new() { ["name"] = "多すぎる" }, form: Form)).Text);
    }
}
