using System.Net;
using System.Text.RegularExpressions;
using Komachi.Platform.Audit;
using Komachi.Platform.People;
using Komachi.Tests.Harness;
using Authenticator = Komachi.Tests.Harness.Authenticator;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.People;

/// <summary>Each way in, as somebody without scripts goes it; passkeys need a browser (Komachi.Browser).</summary>
public sealed partial class WaysIn(TestProgram program)
{
    [Fact]
    public async Task A_new_resident_gets_a_code_by_mail_says_a_name_and_is_in()
    {
        var town = await program.NewTown();
        var somebody = town.Visitor();
        var address = $"new-{town.Slug}@example.jp";
        var asked = await somebody.Submit(await somebody.Open("sign-in/code"), new() { ["email"] = address });
        Assert.Contains("/sign-in/code/", asked.Url);
        var welcome = await somebody.Submit(asked, new() { ["code"] = await program.World.CodeFor(address) });
        Assert.Contains("ようこそ", welcome.Text);
        var unnamed = await somebody.Submit(welcome, new() { ["name"] = " " });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, unnamed.Status);
        var my = await somebody.Submit(unnamed, new() { ["name"] = "見本 𠮷󠄀子", ["kana"] = "みほん よしこ" });
        Assert.EndsWith("/my", my.Url);
        Assert.Contains("見本 𠮷󠄀子", my.Text);

        await using var db = town.Open();
        var account = await db.Set<Account>().SingleAsync(a => a.EmailKey == address);
        var person = await db.Set<Komachi.Platform.People.Person>().SingleAsync(p => p.Id == account.PersonId);
        Assert.Equal(("見本 𠮷󠄀子", "見本𠮷子 ミホンヨシコ"), (person.Name, person.NameKey));

        // The second time the code is enough.
        var again = town.Visitor();
        var typed = await again.Submit(await again.Open("sign-in/code"), new() { ["email"] = address.ToUpperInvariant() });
        Assert.EndsWith("/my", (await again.Submit(typed, new() { ["code"] = await program.World.CodeFor(address.ToUpperInvariant()) })).Url);
    }

    [Fact]
    public async Task A_mobile_telephone_is_enough_however_its_number_is_typed()
    {
        var town = await program.NewTown();
        var mobile = "090" + Random.Shared.Next(100_000_000).ToString("00000000");
        var somebody = town.Visitor();
        var typed = await somebody.Submit(await somebody.Open("sign-in/code"), new() { ["email"] = $"０９０-{mobile[3..7]}-{mobile[7..]}" });
        var welcome = await somebody.Submit(typed, new() { ["code"] = await program.World.CodeForTelephone(mobile) });
        Assert.EndsWith("/my", (await somebody.Submit(welcome, new() { ["name"] = "見本 電話" })).Url);

        var again = town.Visitor();
        var second = await again.Submit(await again.Open("sign-in/code"), new() { ["email"] = "+81 " + mobile[1..] });
        Assert.Contains("見本 電話", (await again.Submit(second, new() { ["code"] = await program.World.CodeForTelephone(mobile) })).Text);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await again.Submit(await again.Open("sign-in/code"), new() { ["email"] = "0568-72-2101" })).Status);
    }

    [Fact]
    public async Task Where_somebody_is_reached_is_proved_before_it_counts()
    {
        var town = await program.NewTown();
        var mobile = "080" + Random.Shared.Next(100_000_000).ToString("00000000");
        var hanako = await town.Resident();
        var typed = await hanako.Submit(await hanako.Open("my/security/address"), new() { ["email"] = mobile });
        await using (var db = town.Open()) Assert.Null((await db.Set<Account>().SingleAsync(a => a.SignInName == "hanako")).Phone);
        Assert.Contains("連絡先を設定しました", (await hanako.Submit(typed, new() { ["code"] = await program.World.CodeForTelephone(mobile) })).Text);
        await using (var db = town.Open()) Assert.Equal(mobile, (await db.Set<Account>().SingleAsync(a => a.SignInName == "hanako")).Phone);

        var taro = await town.Resident("taro");
        typed = await taro.Submit(await taro.Open("my/security/address"), new() { ["email"] = mobile });
        Assert.Contains("別のアカウント", (await taro.Submit(typed, new() { ["code"] = await program.World.CodeForTelephone(mobile) })).Text);
    }

    [Fact]
    public async Task A_code_is_good_once_for_five_tries_and_in_its_own_town()
    {
        var (town, other) = (await program.NewTown(), await program.NewTown("onojo"));
        var address = $"once-{town.Slug}@example.jp";
        var somebody = town.Visitor();
        var page = await somebody.Submit(await somebody.Open("sign-in/code"), new() { ["email"] = address });
        var code = await program.World.CodeFor(address);

        var elsewhere = other.Visitor();
        var form = await elsewhere.Open("sign-in/code");
        using (var answer = await elsewhere.Send(HttpMethod.Post, $"sign-in/code/{page.Url.Split('/').Last()}",
            new FormUrlEncodedContent(new Dictionary<string, string> { ["_token"] = form.One("input[name=_token]").GetAttribute("value")!, ["code"] = code })))
            Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);

        var wrong = code == "000000" ? "111111" : "000000";
        for (var i = 0; i < 4; i++) Assert.Contains("コードが違います", (await somebody.Submit(page, new() { ["code"] = wrong })).Text);
        Assert.Contains("ようこそ", (await somebody.Submit(page, new() { ["code"] = code })).Text);
        Assert.Contains("このコードは使えません", (await somebody.Submit(page, new() { ["code"] = code })).Text);

        var guessed = await somebody.Submit(await somebody.Open("sign-in/code"), new() { ["email"] = "guess-" + address });
        for (var i = 0; i < 5; i++) await somebody.Submit(guessed, new() { ["code"] = "wrong" });
        Assert.Contains("このコードは使えません", (await somebody.Submit(guessed, new() { ["code"] = await program.World.CodeFor("guess-" + address) })).Text);
    }

    [Fact]
    public async Task A_code_fits_the_page_of_its_own_request_and_no_other()
    {
        var town = await program.NewTown();
        var (hers, his) = ($"hers-{town.Slug}@example.jp", $"his-{town.Slug}@example.jp");
        using var somebody = town.Visitor();
        var first = await Ask(hers);
        var old = await program.World.CodeFor(hers);
        var second = await Ask(hers);
        var newest = await program.World.CodeFor(hers);
        var other = await Ask(his);
        var foreign = await program.World.CodeFor(his);
        foreach (var (page, code) in new[] { (second, old), (first, newest), (first, foreign), (other, newest) }.Where(p => old != newest && old != foreign && newest != foreign))    // one in a million is the same by chance
        {
            var refused = await somebody.Submit(page, new() { ["code"] = code });
            Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
            Assert.Contains("コードが違います", refused.Text);
        }
        // Asked for something else it is none either: one for signing in sets no new password.
        var forgot = await somebody.Submit(await somebody.Open("sign-in/forgot"), new() { ["email"] = "hanako@example.jp" });
        var crossed = await somebody.Send(HttpMethod.Post, forgot.Url.Replace(forgot.Url.Split('/')[^1], first.Url.Split('/')[^1]).Replace(program.Url, ""), new FormUrlEncodedContent(
            [new("_token", forgot.One("input[name=_token]").GetAttribute("value")!), new("code", old), new("password", "umi yama kawa sora")]));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, crossed.StatusCode);
        // Each on its own page.
        foreach (var (page, code) in new[] { (first, old), (second, newest), (other, foreign) })
            Assert.Contains("ようこそ", (await somebody.Submit(page, new() { ["code"] = code })).Text);

        async Task<Seen> Ask(string email) => await somebody.Submit(await somebody.Open("sign-in/code"), new() { ["email"] = email });
    }

    [Theory, Trait("Category", "long")]
    [InlineData(9, false), InlineData(10, true), InlineData(64, true), InlineData(200, true), InlineData(201, false)]
    public async Task A_password_has_ten_characters_to_two_hundred(int length, bool taken)
    {
        var town = await program.NewTown();
        using var hanako = await town.Resident();
        var password = string.Concat(Enumerable.Range(0, length).Select(i => "海山kq7 zX森v"[(i * 7 + i / 9) % 9]));
        Assert.Equal(length, password.Length);
        var page = await hanako.Submit(await hanako.Open("my/security/password"), new() { ["password"] = password });
        Assert.Equal(taken ? HttpStatusCode.OK : HttpStatusCode.UnprocessableEntity, page.Status);
        Assert.Contains(taken ? "新しいパスワードを設定しました" : length < 10 ? "10文字以上" : "200文字以内", page.Text);

        // It is the whole of it that counts: all but the last character is another password.
        Assert.Equal(taken, await ComesInWith(password));
        Assert.False(await ComesInWith(password[..^1]));
        Assert.Equal(!taken, await ComesInWith(TestProgram.Password));

        async Task<bool> ComesInWith(string typed)
        {
            using var elsewhere = town.Visitor();
            return (await elsewhere.Submit(await elsewhere.Open("sign-in"), new() { ["name"] = "hanako", ["password"] = typed })).Url.EndsWith("/my", StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Who_is_signed_in_finds_the_way_out_on_every_page()
    {
        var town = await program.NewTown(livedIn: true);
        foreach (var path in new[] { "", "announcements", "figures", "my", "my/security", "sign-in" })
        {
            using var hanako = await town.Resident();
            var page = await hanako.Open(path);
            Assert.Contains("ログアウト", page.One("header form[action$=sign-out]").TextContent);
            Assert.EndsWith($"/{town.Slug}", (await hanako.Submit(page, form: "header form[action$=sign-out]")).Url);
            Assert.Contains("sign-in", (await hanako.Open("my")).Url);
            // And where nobody is signed in there is neither the button nor a token.
            Assert.Empty((await hanako.Open(path)).All("form[action$=sign-out]"));
        }
    }

    [Fact]
    public async Task Staff_come_in_with_a_password_and_the_code_of_their_app_which_is_good_once()
    {
        var town = await program.NewTown();
        var koho = town.Visitor();
        await koho.SignIn("koho", desk: true);
        Assert.Equal(HttpStatusCode.OK, (await koho.Open("desk")).Status);

        var elsewhere = town.Visitor();
        var second = await elsewhere.Submit(await elsewhere.Open("desk/sign-in?then=desk/announcements"), new() { ["name"] = "koho", ["password"] = TestProgram.Password });
        Assert.Contains("desk/sign-in/second", second.Url);
        Assert.Contains("desk/sign-in", (await elsewhere.Open("desk")).Url);    // not in yet
        var refused = await elsewhere.Submit(second, new() { ["code"] = "000000" });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        var code = koho.Phone!.Code();
        var inside = await elsewhere.Submit(refused, new() { ["code"] = code });
        Assert.EndsWith("/desk/announcements", inside.Url);

        var third = town.Visitor();
        var replayed = await third.Submit(await third.Submit(await third.Open("desk/sign-in"), new() { ["name"] = "koho", ["password"] = TestProgram.Password }), new() { ["code"] = code });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, replayed.Status);
    }

    [Fact]
    public async Task The_first_proof_alone_opens_nothing_and_its_cookie_is_worth_nothing_after_the_second()
    {
        var town = await program.NewTown();
        var koho = town.Visitor();
        var setUp = await koho.Submit(await koho.Open("desk/sign-in"), new() { ["name"] = "koho", ["password"] = TestProgram.Password });
        Assert.Contains("set-up", setUp.Url);
        var before = koho.Cookies.GetAllCookies().Single(c => c.Name == $"komachi-{town.Slug}").Value;
        foreach (var path in new[] { "desk", "desk/announcements", "desk/security", "my" }) Assert.Contains("sign-in", (await koho.Open(path)).Url);
        await koho.SetUp(setUp);
        Assert.Equal(HttpStatusCode.OK, (await koho.Open("desk")).Status);

        var thief = town.Visitor();
        thief.Cookies.Add(new Uri(program.Url), new Cookie($"komachi-{town.Slug}", before, "/"));
        Assert.Contains("sign-in", (await thief.Open("desk")).Url);
    }

    [Fact]
    public async Task A_lost_phone_is_answered_by_the_paper_and_each_code_of_it_is_good_once()
    {
        var town = await program.NewTown();
        var koho = town.Visitor();
        var codes = await koho.SetUp(await koho.Submit(await koho.Open("desk/sign-in"), new() { ["name"] = "koho", ["password"] = TestProgram.Password }));
        var paper = codes.All("ol.codes code").First().TextContent;

        var second = await Second(town, "koho");
        Assert.EndsWith("/desk", (await second.Who.Submit(second.Page, new() { ["code"] = paper.ToLowerInvariant().Replace("-", " ") })).Url);
        second = await Second(town, "koho");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await second.Who.Submit(second.Page, new() { ["code"] = paper })).Status);
    }

    [Fact]
    public async Task A_new_phone_takes_the_place_of_the_old_one()
    {
        var town = await program.NewTown();
        var koho = town.Visitor();
        await koho.SignIn("koho", desk: true);
        var old = koho.Phone!;
        var page = await koho.Open("desk/security/authenticator");
        var phone = Authenticator.Reading(page);
        Assert.Equal(HttpStatusCode.OK, (await koho.Submit(page, new() { ["code"] = phone.Code() })).Status);

        var second = await Second(town, "koho");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await second.Who.Submit(second.Page, new() { ["code"] = old.Code() })).Status);
        Assert.EndsWith("/desk", (await second.Who.Submit(second.Page, new() { ["code"] = phone.Code() })).Url);
    }

    [Fact]
    public async Task A_forgotten_password_ends_all_sessions_and_keeps_the_second_step()
    {
        var town = await program.NewTown();
        var address = $"koho-{town.Slug}@example.jp";
        await using (var db = town.Open())
        {
            (await db.Set<Account>().SingleAsync(a => a.SignInName == "koho")).Proved(address);
            await db.Save();
        }
        var koho = town.Visitor();
        await koho.SignIn("koho", desk: true);

        var forgetful = town.Visitor();
        var typed = await forgetful.Submit(await forgetful.Open("desk/sign-in/forgot"), new() { ["email"] = address });
        var code = await program.World.CodeFor(address);
        var weak = await forgetful.Submit(typed, new() { ["code"] = code, ["password"] = "password123" });
        Assert.Contains("推測されやすい", weak.Text);
        var door = await forgetful.Submit(weak, new() { ["code"] = code, ["password"] = "kawa ni nagareru momo" });
        Assert.Contains("/desk/sign-in", door.Url);
        Assert.Contains("/desk/sign-in", (await koho.Open("desk")).Url);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await forgetful.Submit(door, new() { ["name"] = "koho", ["password"] = TestProgram.Password })).Status);
        var second = await forgetful.Submit(door, new() { ["name"] = "koho", ["password"] = "kawa ni nagareru momo" });
        Assert.Contains("sign-in/second", second.Url);
        Assert.EndsWith("/desk", (await forgetful.Submit(second, new() { ["code"] = koho.Phone!.Code() })).Url);
    }

    [Fact]
    public async Task Whether_an_address_has_an_account_is_not_to_be_learnt_at_the_door()
    {
        var town = await program.NewTown();
        var somebody = town.Visitor();
        var (known, unknown) = (await Ask("hanako@example.jp"), await Ask("nobody@example.jp"));
        Assert.Equal(Same(known), Same(unknown));

        async Task<Seen> Ask(string email) => await somebody.Submit(await somebody.Open("sign-in/forgot"), new() { ["email"] = email });
        static string Same(Seen page) => Ids().Replace(page.One("main").InnerHtml, "");
    }

    [Fact]
    public async Task A_colleague_is_invited_sets_all_up_and_is_at_the_desk()
    {
        var town = await program.NewTown();
        var joho = await town.Staff("joho");
        var address = $"shinjin-{town.Slug}@example.jp";
        var account = await joho.Submit(await joho.Open("desk/accounts/new"), new() { ["name"] = "見本 新人", ["email"] = address, ["signIn"] = "Shinjin", ["permission"] = "announcements.write" });
        Assert.Contains("招待を送りました", account.Text);
        var code = await program.World.CodeFor(address, Paper());

        var shinjin = town.Visitor();
        var page = await shinjin.Open("desk/sign-in/invitation");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await shinjin.Submit(page, new() { ["email"] = address, ["code"] = "AAAA-BBBB-CCCC-DDDD", ["password"] = "umi yama kawa sora" })).Status);
        var setUp = await shinjin.Submit(page, new() { ["email"] = address, ["code"] = code.ToLowerInvariant(), ["password"] = "umi yama kawa sora" });
        await shinjin.SetUp(setUp);
        Assert.Equal(HttpStatusCode.OK, (await shinjin.Open("desk/announcements")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await shinjin.Open("desk/jobs")).Status);

        var replayed = town.Visitor();
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await replayed.Submit(await replayed.Open("desk/sign-in/invitation"), new() { ["email"] = address, ["code"] = code, ["password"] = "umi yama kawa sora" })).Status);
    }

    [Fact, Trait("Category", "long")]
    public async Task Nobody_locks_somebody_else_out()
    {
        var town = await program.NewTown();
        var hanako = town.Visitor();
        await hanako.SignIn("hanako", desk: false);
        await hanako.Submit(await hanako.Open("my"), form: "form[action$=sign-out]");

        var stranger = town.Visitor();
        Seen answer = null!;
        for (var i = 0; i < 11; i++) answer = await stranger.Submit(await stranger.Open("sign-in"), new() { ["name"] = "hanako", ["password"] = "chigau" });
        Assert.Equal(HttpStatusCode.TooManyRequests, answer.Status);

        // The same network, and her own device: it was here before.
        await hanako.SignIn("hanako", desk: false);
        Assert.Equal(HttpStatusCode.OK, (await hanako.Open("my")).Status);
    }

    [Fact]
    public async Task Devices_are_listed_named_and_ended_at_once()
    {
        var town = await program.NewTown();
        var (here, there) = (await town.Resident(), await town.Resident());
        Assert.EndsWith("/my", (await there.Open("my")).Url);
        var page = await here.Open("my/security");
        var session = page.All("table:has(#sessions-caption) tbody tr").First(r => r.QuerySelector("form[action$=sessions]") is not null).QuerySelector("form[action$=sessions] input[name=session]")!.GetAttribute("value")!;
        page = await here.Submit(page, new() { ["session"] = session, ["name"] = "居間のタブレット" }, form: "form[action$=name]");
        Assert.Contains("居間のタブレット", page.Text);
        page = await here.Submit(page, new() { ["session"] = session }, form: "table:has(#sessions-caption) form[action$=sessions]");
        Assert.DoesNotContain("居間のタブレット", page.Text);
        Assert.Contains("sign-in", (await there.Open("my")).Url);
    }

    [Fact]
    public async Task Somebody_elses_session_and_passkey_cannot_be_ended()
    {
        var town = await program.NewTown();
        var (hanako, taro) = (await town.Resident(), await town.Resident("taro"));
        await using var db = town.Open();
        var session = await db.Set<Session>().SingleAsync(s => db.Set<Account>().Any(a => a.Id == s.AccountId && a.SignInName == "taro"));
        await hanako.Submit(await hanako.Open("my/security"), new() { ["session"] = session.Id.ToString() }, form: "form[action$=name]");
        await hanako.Submit(await hanako.Open("my/security"), new() { ["session"] = session.Id.ToString() }, form: "form[action$=name]");
        using var answer = await hanako.Send(HttpMethod.Post, "my/security/sessions", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["_token"] = (await hanako.Open("my/security")).One("input[name=_token]").GetAttribute("value")!, ["session"] = session.Id.ToString(),
        }));
        Assert.EndsWith("/my", (await taro.Open("my")).Url);
    }

    [Fact]
    public async Task What_changes_the_ways_in_asks_for_a_fresh_proof()
    {
        var town = await program.NewTown();
        var hanako = await town.Resident();
        await using (var db = town.Open()) await db.Set<Session>().ExecuteUpdateAsync(set => set.SetProperty(s => s.ProvedAt, TimeProvider.System.GetUtcNow().AddHours(-1)));
        foreach (var path in new[] { "my/security/password", "my/security/authenticator", "my/security/address" })
            Assert.Contains("again=true", (await hanako.Open(path)).Url);
        var page = await hanako.Open("my/security");
        Assert.Contains("again=true", (await hanako.Submit(page, form: "form[action$=recovery]")).Url);

        var door = await hanako.Open("my/security/password");
        var changed = await hanako.Submit(door, new() { ["name"] = "hanako", ["password"] = TestProgram.Password });
        Assert.EndsWith("/my/security/password", changed.Url);
        Assert.Contains("新しいパスワードを設定しました", (await hanako.Submit(changed, new() { ["password"] = "umi yama kawa sora" })).Text);
    }

    [Fact]
    public async Task Who_is_locked_out_is_helped_with_a_reason_and_nobody_helps_themselves()
    {
        var town = await program.NewTown();
        var koho = town.Visitor();
        await koho.SignIn("koho", desk: true);
        var joho = await town.Staff("joho");
        Guid kohoId, johoId;
        await using (var db = town.Open())
            (kohoId, johoId) = ((await db.Set<Account>().SingleAsync(a => a.SignInName == "koho")).Id, (await db.Set<Account>().SingleAsync(a => a.SignInName == "joho")).Id);
        var page = await joho.Open($"desk/accounts/{kohoId}");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await joho.Submit(page, form: "form[action$=reset]")).Status);
        Assert.Contains("二段階目の確認を設定し直します", (await joho.Submit(page, new() { ["reason"] = "職員証を見た" }, form: "form[action$=reset]")).Text);
        Assert.Contains("sign-in", (await koho.Open("desk")).Url);
        var door = town.Visitor();
        Assert.Contains("set-up", (await door.Submit(await door.Open("desk/sign-in"), new() { ["name"] = "koho", ["password"] = TestProgram.Password })).Url);

        var own = await joho.Open($"desk/accounts/{johoId}");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await joho.Submit(own, new() { ["permission"] = "announcements.write" }, form: "form[action$=permissions]")).Status);
        Assert.Contains("停止しました", (await joho.Submit(await joho.Open($"desk/accounts/{kohoId}"), new() { ["reason"] = "退職" }, form: "form[action$=close]")).Text);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await door.Submit(await door.Open("desk/sign-in"), new() { ["name"] = "koho", ["password"] = TestProgram.Password })).Status);
    }

    [Fact]
    public async Task Looking_for_a_resident_is_noted_about_that_person()
    {
        var town = await program.NewTown();
        var joho = await town.Staff("joho");
        Assert.DoesNotContain("見本 花子", (await joho.Open("desk/accounts?kind=resident")).Text);
        Assert.Contains("見本 花子", (await joho.Find("desk/accounts?kind=resident", ("q", "見本花"))).Text);
        await using var db = town.Open();
        var person = await db.Set<Account>().Where(a => a.SignInName == "hanako").Select(a => a.PersonId).SingleAsync();
        Assert.NotNull(await db.Set<AuditEntry>().SingleAsync(e => e.Action == "people.read" && e.AboutId == person));
    }

    [Theory]
    [InlineData("1234567890"), InlineData("password123"), InlineData("aaaaaaaaaa"), InlineData("Sakura2024"), InlineData("komaki-1komaki-1"), InlineData("abcdefghijkl"), InlineData("hanako1234")]
    public void What_everybody_guesses_is_no_password(string password) => Assert.True(GoodPassword.IsGuessed(password, "komaki-1", "hanako"));

    [Theory]
    [InlineData("umi yama kawa sora"), InlineData("kaki-no-ki 7 hon"), InlineData("うみやまかわそらもり")]
    public void What_is_long_and_odd_is_one(string password) => Assert.False(GoodPassword.IsGuessed(password, "komaki-1", "hanako"));

    static async Task<(Harness.Person Who, Seen Page)> Second(TestTown town, string name)
    {
        var who = town.Visitor();
        return (who, await who.Submit(await who.Open("desk/sign-in"), new() { ["name"] = name, ["password"] = TestProgram.Password }));
    }

    [GeneratedRegex("""[0-9a-f]{8}-[0-9a-f-]{27}|value="[^"]*"|[a-z]+@example.jp""")]
    private static partial Regex Ids();

    [GeneratedRegex("[A-Z2-9]{4}(-[A-Z2-9]{4}){6}")]
    private static partial Regex Paper();
}
