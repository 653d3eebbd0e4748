using System.Net;
using Komachi.Tests.Harness;

namespace Komachi.Tests.Web;

/// <summary>Through the town's door: towns, languages, signing in, and what another town's things are worth.</summary>
public sealed class ComingIn(TestProgram program)
{
    [Fact]
    public async Task The_first_page_is_there_in_three_languages()
    {
        var visitor = (await program.NewTown()).Visitor();
        foreach (var (path, lang, says) in new[] { ("", "ja", "小牧市"), ("en", "en", "Komaki City"), ("plain", "ja", "サービス") })
        {
            var page = await visitor.Open(path);
            Assert.Equal(HttpStatusCode.OK, page.Status);
            Assert.Equal(lang, page.One("html").GetAttribute("lang"));
            Assert.Contains(says, page.Text);
        }
    }

    [Fact]
    public async Task An_unknown_town_and_an_unknown_page_are_404_with_a_way_back()
    {
        var town = await program.NewTown();
        var visitor = town.Visitor();
        var nowhere = await visitor.Open("/nowhere-at-all");
        Assert.Equal(HttpStatusCode.NotFound, nowhere.Status);
        var page = await visitor.Open("no/such/page");
        Assert.Equal(HttpStatusCode.NotFound, page.Status);
        Assert.Contains("ページが見つかりません", page.Text);
        Assert.Equal($"/{town.Slug}", page.One("main .actions a").GetAttribute("href"));
    }

    [Fact]
    public async Task Staff_sign_in_reach_the_desk_and_sign_out_again()
    {
        var town = await program.NewTown();
        var koho = town.Visitor();
        var asked = await koho.Open("desk");
        Assert.Contains("/desk/sign-in", asked.Url);
        await koho.SignIn("koho", desk: true);
        var desk = await koho.Open("desk");
        Assert.Equal(HttpStatusCode.OK, desk.Status);
        Assert.Contains("見本 広報", desk.Text);
        await koho.Submit(desk, form: "form[action$=sign-out]");
        Assert.Contains("/desk/sign-in", (await koho.Open("desk")).Url);
    }

    [Fact]
    public async Task A_wrong_password_is_said_on_the_same_page_and_keeps_the_name()
    {
        var visitor = (await program.NewTown()).Visitor();
        var refused = await visitor.Submit(await visitor.Open("sign-in"), new() { ["name"] = "hanako", ["password"] = "chigau" });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Equal("hanako", refused.One("input[name=name]").GetAttribute("value"));
        Assert.Null(refused.One("input[name=password]").GetAttribute("value"));
        Assert.Contains("正しくありません", refused.Text);
    }

    [Fact, Trait("Category", "long")]
    public async Task After_ten_wrong_passwords_the_answer_is_later_whether_or_not_the_name_exists()
    {
        var visitor = (await program.NewTown()).Visitor();
        foreach (var name in new[] { "taro", "nobody" })
        {
            Seen answer = null!;
            for (var i = 0; i < 11; i++) answer = await visitor.Submit(await visitor.Open("sign-in"), new() { ["name"] = name, ["password"] = "chigau" });
            Assert.Equal(HttpStatusCode.TooManyRequests, answer.Status);
            Assert.True(answer.Headers.ContainsKey("Retry-After"));
        }
    }

    [Fact]
    public async Task A_session_of_one_town_is_worth_nothing_in_another()
    {
        var (komaki, onojo) = (await program.NewTown("komaki"), await program.NewTown("onojo"));
        var staff = await komaki.Staff("joho");
        var cookie = staff.Cookies.GetAllCookies().Single(c => c.Name == $"komachi-{komaki.Slug}");
        var thief = onojo.Visitor();
        thief.Cookies.Add(new Uri(program.Url), new Cookie($"komachi-{onojo.Slug}", cookie.Value, "/"));
        Assert.Contains("/desk/sign-in", (await thief.Open("desk")).Url);
    }

    [Fact]
    public async Task A_forms_token_of_one_town_is_no_proof_in_another()
    {
        var (komaki, onojo) = (await program.NewTown("komaki"), await program.NewTown("onojo"));
        using var visitor = new Person(program.Url, komaki.Slug);
        var page = await visitor.Open("sign-in");
        var token = page.One("input[name=_token]").GetAttribute("value")!;
        var answer = await visitor.Send(HttpMethod.Post, $"/{onojo.Slug}/sign-in", new FormUrlEncodedContent(new Dictionary<string, string> { ["_token"] = token, ["name"] = "hanako", ["password"] = TestProgram.Password }));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task A_form_without_a_token_changes_nothing()
    {
        var town = await program.NewTown();
        var staff = await town.Staff();
        var answer = await staff.Send(HttpMethod.Post, "sign-out", new FormUrlEncodedContent([]));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await staff.Open("desk")).Status);
        Assert.DoesNotContain("sign-in", (await staff.Open("desk")).Url);
    }

    [Fact]
    public async Task A_resident_does_not_reach_the_desk_and_staff_without_the_permission_not_the_jobs()
    {
        var town = await program.NewTown();
        Assert.Equal(HttpStatusCode.Forbidden, (await (await town.Resident()).Open("desk")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await (await town.Staff("koho")).Open("desk/jobs")).Status);
        Assert.Equal(HttpStatusCode.OK, (await (await town.Staff("joho")).Open("desk/jobs")).Status);
    }

    [Fact]
    public async Task Names_arrive_as_they_were_written()
    {
        var town = await program.NewTown("oyabe");    // 𠮷, 﨑, 髙
        var person = await town.Resident("yoshiko");
        var page = await person.Open("my");
        Assert.Contains(page.All("main bdi"), e => e.TextContent.Contains("𠮷"));
        Assert.Contains("𠮷", page.Html);    // and not as an entity
    }

    [Fact]
    public async Task The_head_of_a_page_is_there_without_its_body()
    {
        var visitor = (await program.NewTown()).Visitor();
        using var head = await visitor.Send(HttpMethod.Head, "");
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Nothing_leads_anywhere_but_here()
    {
        var visitor = (await program.NewTown()).Visitor();
        var page = await visitor.Open();
        Assert.All(page.All("[src], link[href]").Select(e => e.GetAttribute("src") ?? e.GetAttribute("href")), to => Assert.True(to!.StartsWith('/') || to.StartsWith("data:"), to));
        Assert.DoesNotContain("unsafe-inline", page.Headers["Content-Security-Policy"]);
        Assert.DoesNotContain("style=", page.Html);
        Assert.DoesNotContain("<script>", page.Html);
    }
}
