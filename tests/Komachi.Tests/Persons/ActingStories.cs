using System.Net;
using Komachi.Platform.Days;
using Komachi.Platform.People;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Persons;

/// <summary>Acting for another: asked, agreed, shown on every page, ended.</summary>
public sealed class ActingStories(TestProgram program)
{
    static async Task<TestTown> HanakoMayActForTaro(TestProgram program)
    {
        var town = await program.NewTown();
        await town.MayActFor("hanako", "taro");
        return town;
    }

    [Fact]
    public async Task Who_was_asked_agrees_and_the_other_acts_under_a_band_that_is_on_every_page()
    {
        var town = await HanakoMayActForTaro(program);
        var hanako = await town.Resident();
        var page = await hanako.Open("my/acting");
        Assert.Contains("見本 邉󠄂太郎", page.One("main").TextContent);
        var acting = await hanako.Submit(page, form: "form[action$=start]");
        foreach (var path in new[] { "", "my", "announcements", "en/figures" })
            Assert.Contains("見本 邉󠄂太郎", (await hanako.Open(path)).One(".acting-band").TextContent);
        // Another device of hers does not.
        Assert.Empty((await (await town.Resident()).Open("my")).All(".acting-band"));

        var taro = await town.PersonOf("taro");
        Assert.True(await town.Is($"count(*) = 1 FROM audit.entries WHERE action = 'people.act_for' AND about_id = '{taro}'"));
        // What is done now is about him, and says by which mandate.
        await hanako.Submit(await hanako.Open("my/security"), new() { ["session"] = "others" }, form: "form[action$='security/sessions']");
        var stopped = await hanako.Submit(acting, form: ".acting-band form");
        Assert.Empty(stopped.All(".acting-band"));
    }

    [Fact]
    public async Task What_was_filled_in_for_one_is_never_sent_as_another()
    {
        var town = await HanakoMayActForTaro(program);
        var (hanako, taro) = (await town.Resident(), await town.Resident("taro"));
        await hanako.Submit(await hanako.Open("my/acting"), form: "form[action$=start]");
        var form = await hanako.Open("my/profile");
        Assert.NotEmpty(form.All(".acting-band"));

        // He ends it while her page is open.
        await taro.Submit(await taro.Open("my/acting"), form: "form[action$=end]");
        Assert.Equal(HttpStatusCode.BadRequest, (await hanako.Submit(form, new() { ["name"] = "見本 太郎" }, form: "main form[action$=profile]")).Status);
        Assert.Empty((await hanako.Open("my")).All(".acting-band"));
        Assert.Contains("見本 花子", (await hanako.Open("my")).Text);
    }

    [Fact]
    public async Task Whoever_ends_it_and_why_the_other_side_reads_the_same_the_next_morning()
    {
        var town = await HanakoMayActForTaro(program);
        var (hanako, taro) = (await town.Resident(), await town.Resident("taro"));
        await taro.Submit(await taro.Open("my/acting"), form: "form[action$=end]");
        var page = await hanako.Open("my/acting");
        Assert.DoesNotContain("太郎", page.One("main").TextContent);
        Assert.Contains("あなたが代理していたもの", page.Text);
        Assert.Empty(page.All("form[action$=start]"));
        Assert.True(await town.Is("count(*) = 0 FROM jobs.queue WHERE payload::text LIKE '%代理のひとつが終わりました%'"));
        await town.Run<MindMandates>();
        Assert.True(await town.Is("count(*) = 0 FROM people.mandates WHERE state = 'Ended' AND told_at IS NULL"));
    }

    [Fact]
    public async Task An_address_nobody_has_is_asked_in_the_same_way()
    {
        var town = await program.NewTown();
        var hanako = await town.Resident();
        string? first = null;
        foreach (var address in new[] { "taro@example.jp", "nobody@example.jp" })
        {
            var page = await hanako.Submit(await hanako.Open("my/acting"), new() { ["who"] = "me", ["email"] = address }, form: "form[action$=ask]");
            Assert.Contains("done=asked", page.Url);
            var said = page.All("li").First(li => li.TextContent.Contains(address)).TextContent.Replace(address, "");
            Assert.Equal(first ??= said, said);
        }
        // Only who proved to read the address can answer.
        var id = (await hanako.Open("my/acting")).One("form[action$=end]").GetAttribute("action")!.Split('/')[^2];
        Assert.Equal(HttpStatusCode.NotFound, (await hanako.Submit(await hanako.Open("my/acting"), form: "form[action$=ask]") is var again ? (await Try(hanako, again, $"my/acting/{id}/agree")) : default));
    }

    static async Task<HttpStatusCode> Try(Harness.Person who, Seen page, string path)
    {
        using var answer = await who.Send(HttpMethod.Post, path, new FormUrlEncodedContent(new Dictionary<string, string> { ["_token"] = page.One("input[name=_token]").GetAttribute("value")! }));
        return answer.StatusCode;
    }

    [Fact]
    public async Task Staff_confirm_a_parent_and_it_ends_when_the_child_comes_of_age()
    {
        var town = await program.NewTown();
        var born = Komachi.Platform.Days.JapanTime.DayOf(TimeProvider.System.GetUtcNow()).AddYears(-10);
        var child = await town.Knows("見本 子介", born: born);
        var (joho, hanako) = (await town.Staff("joho"), await town.PersonOf("hanako"));
        var confirmed = await joho.Submit(await joho.Open($"desk/mandates?principal={child}&agent={hanako}"), new() { ["ground"] = "Parent", ["evidence"] = "戸籍全部事項証明書" });
        Assert.Contains("done=mandate", confirmed.Url);
        Assert.True(await town.Is($"until_on = '{LegalAge.LastDayBefore(born, 18):yyyy-MM-dd}' FROM people.mandates"));

        var mother = await town.Resident();
        Assert.Contains("見本 子介", (await mother.Submit(await mother.Open("my/acting"), form: "form[action$=start]")).One(".acting-band").TextContent);

        // The birthday was wrong: he is of age since today, and the band is gone with the next page.
        var grown = Komachi.Platform.Days.JapanTime.DayOf(TimeProvider.System.GetUtcNow()).AddYears(-18);
        await joho.Submit(await joho.Open($"desk/persons/{child}/correct"), new() { ["bornOn-year"] = grown.Year.ToString(), ["bornOn-month"] = grown.Month.ToString(), ["bornOn-day"] = grown.Day.ToString() });
        Assert.Empty((await mother.Open("my")).All(".acting-band"));

        var refused = await joho.Submit(await joho.Open($"desk/mandates?principal={child}&agent={hanako}"), new() { ["ground"] = "Parent", ["evidence"] = "戸籍" });
        Assert.Contains("この方は成年です", refused.Text);
    }

    [Fact]
    public async Task A_company_has_clerks_and_a_human_being_has_none()
    {
        var town = await program.NewTown();
        var joho = await town.Staff("joho");
        var added = await joho.Submit(await joho.Open("desk/persons/new"), new() { ["kind"] = "Organisation", ["name"] = "見本工業株式会社", ["corporateNumber"] = "7000012050002" });
        var company = added.Url.Split('/').Last().Split('?')[0];
        var hanako = await town.PersonOf("hanako");
        var page = await joho.Open($"desk/mandates?principal={company}&agent={hanako}");
        Assert.Equal(["Clerk"], page.All("input[name=ground]").Select(i => i.GetAttribute("value")!));
        Assert.Contains("done=mandate", (await joho.Submit(page, new() { ["ground"] = "Clerk", ["evidence"] = "委任状" })).Url);
        var clerk = await town.Resident();
        Assert.Contains("見本工業株式会社", (await clerk.Open("my/acting")).Text);
    }

    [Fact]
    public void A_mandate_reaches_the_services_that_it_names()
    {
        var (me, other) = (Komachi.Platform.Data.Id.New(), Komachi.Platform.Data.Id.New());
        var visitor = new Komachi.Platform.Web.Visitor(Komachi.Platform.Data.Id.New(), Komachi.Platform.Data.Id.New(), "", null, false, []) { PersonId = me };
        Assert.Equal(me, visitor.PersonFor("procedures"));
        var acting = visitor with { For = new(Komachi.Platform.Data.Id.New(), other, "", MandateGround.Carer, ["procedures"]) };
        Assert.Equal(other, acting.PersonFor("procedures"));
        Assert.Null(acting.PersonFor("payments"));
    }
}
