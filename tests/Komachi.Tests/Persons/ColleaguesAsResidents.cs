using System.Net;
using Komachi.Tests.Harness;

namespace Komachi.Tests.Persons;

/// <summary>Which resident a member of staff is, said by a colleague: it raises alerts, opens nothing, and both can read why.</summary>
public sealed class ColleaguesAsResidents(TestProgram program)
{
    static async Task<Seen> Say(Person staff, Guid account, Guid person, string reason = "運転免許証を見た") =>
        await staff.Submit(await staff.Open($"desk/accounts/{account}/person?person={person}"), new() { ["reason"] = reason });

    [Fact]
    public async Task A_colleague_says_it_with_a_reason_and_looking_at_ones_own_record_leaves_an_alert()
    {
        var town = await program.NewTown();
        var (koho, hanako) = (await town.AccountOf("koho"), await town.PersonOf("hanako"));
        await town.Grant("koho", "people.persons");
        var (joho, her) = (await town.Staff("joho"), await town.Staff("koho"));
        Assert.Contains("まだ登録されていません", (await joho.Open($"desk/accounts/{koho}")).Text);
        var picker = await joho.Find($"desk/accounts/{koho}/person", ("q", "見本 花子"));
        var chosen = await joho.Open(picker.One("main tbody th a").GetAttribute("href")!);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await joho.Submit(chosen)).Status);    // not without a reason
        Assert.Contains("どなたかは、登録されています", (await joho.Submit(chosen, new() { ["reason"] = "運転免許証を見た" })).Text);
        Assert.Contains("運転免許証を見た", (await joho.Open($"desk/accounts/{koho}")).Text);

        // She reads who said it, and why; her own record is there, with a second look.
        var me = (await her.Open("desk/me")).Text;
        foreach (var told in new[] { "見本 花子", "見本 情報", "運転免許証を見た" }) Assert.Contains(told, me);
        Assert.Contains("見本 花子", (await her.Open($"desk/persons/{hanako}")).Text);
        Assert.Contains("職員本人の情報を見た", (await (await town.Staff("shien")).Open("desk/alerts")).Text);
        Assert.True(await town.Is($"count(*) = 1 FROM audit.entries WHERE action = 'people.say_who_for' AND about_id = '{hanako}' AND subject = 'accounts/{koho}'"));

        // It was somebody else: taken back, with a reason as well.
        var page = await joho.Open($"desk/accounts/{koho}/person");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await joho.Submit(page)).Status);
        Assert.Contains("取り消しました", (await joho.Submit(page, new() { ["reason"] = "同姓同名だった" })).Text);
        Assert.DoesNotContain("見本 花子", (await her.Open("desk/me")).Text);
    }

    [Fact]
    public async Task It_opens_no_protected_record_and_no_hidden_person_can_be_named()
    {
        var town = await program.NewTown();
        var (koho, hanako, taro) = (await town.AccountOf("koho"), await town.PersonOf("hanako"), await town.PersonOf("taro"));
        await town.Grant("koho", "people.persons");
        var (joho, her) = (await town.Staff("joho"), await town.Staff("koho"));
        await Say(joho, koho, hanako);
        await town.Protect(hanako);
        Assert.Equal(HttpStatusCode.NotFound, (await her.Open($"desk/persons/{hanako}")).Status);
        Assert.DoesNotContain("見本 花子", (await her.Open("desk/me")).Text);
        Assert.DoesNotContain("見本 花子", (await her.Find("desk/persons", ("q", "見本 花子"))).One("main").TextContent);

        await town.Protect(taro);
        Assert.Equal(HttpStatusCode.NotFound, (await joho.Open($"desk/accounts/{await town.AccountOf("shien")}/person?person={taro}")).Status);
        var blank = await joho.Open($"desk/accounts/{await town.AccountOf("shien")}/person?person={await town.Knows("見本 別人")}");
        Assert.Equal(HttpStatusCode.NotFound, (await joho.Submit(blank, new() { ["person"] = taro.ToString(), ["reason"] = "x" })).Status);
        // Who proved it themselves sees their own, protected or not.
        await using (var db = town.Open())
        {
            var own = db.Set<Platform.People.Account>().Single(a => a.SignInName == "koho");
            own.Proved("hanako@example.jp");
            await db.Save();
        }
        Assert.Contains("登録されています", (await her.Submit(await her.Open("desk/me"))).Text);
        Assert.Equal(HttpStatusCode.OK, (await her.Open($"desk/persons/{hanako}")).Status);
    }

    [Fact]
    public async Task Nobody_says_it_of_themselves_here_nor_twice_nor_without_the_right_to_look_persons_up()
    {
        var town = await program.NewTown();
        var (joho, hanako, taro) = (await town.Staff("joho"), await town.PersonOf("hanako"), await town.PersonOf("taro"));
        Assert.Contains("ご自身のアカウント", (await Say(joho, await town.AccountOf("joho"), hanako)).Text);
        var koho = await town.AccountOf("koho");
        var late = await joho.Open($"desk/accounts/{koho}/person?person={taro}");
        await Say(joho, koho, hanako);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await joho.Submit(late, new() { ["reason"] = "x" })).Status);
        await town.Grant("joho", "people.manage");
        Assert.Equal(HttpStatusCode.NotFound, (await joho.Open($"desk/accounts/{koho}/person")).Status);
        Assert.DoesNotContain("住民として", (await joho.Open($"desk/accounts/{koho}")).All("main h2").Select(h => h.TextContent.Trim()));
        // A resident's account is nobody's colleague.
        Assert.Equal(HttpStatusCode.NotFound, (await joho.Open($"desk/accounts/{await town.AccountOf("hanako")}/person")).Status);
    }
}
