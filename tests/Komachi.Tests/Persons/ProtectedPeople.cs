using System.Net;
using Komachi.Platform.Mail;
using Komachi.Platform.People;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Persons;

/// <summary>Who is protected is not there, and who opens the record is seen.</summary>
public sealed class ProtectedPeople(TestProgram program)
{
    [Fact]
    public async Task From_the_moment_of_saving_the_person_is_not_there_and_no_page_tells()
    {
        var town = await program.NewTown();
        var (joho, person, account) = (await town.Staff("joho"), await town.PersonOf("taro"), await town.AccountOf("taro"));
        Assert.Contains("太郎", (await joho.Open($"desk/persons/{person}")).Text);
        var stale = await joho.Open($"desk/persons/{person}/correct");
        await town.Protect(person);

        // As for somebody who was never there, to the letter.
        var nobody = "0190a000-0000-7000-8000-000000000000";
        foreach (var (hidden, other) in new[] { ($"desk/persons/{person}", $"desk/persons/{nobody}"), ($"desk/persons/{person}/correct", $"desk/persons/{nobody}/correct"),
            ($"desk/accounts/{account}", $"desk/accounts/{nobody}"), ($"desk/mandates?principal={person}", $"desk/mandates?principal={nobody}") })
            Same(await joho.Open(hidden), await joho.Open(other));
        Same(await joho.Find("desk/persons", ("q", "見本邉")), await joho.Find("desk/persons", ("q", "見本誰")));
        Same(await joho.Find("desk/accounts?kind=resident", ("q", "taro")), await joho.Find("desk/accounts?kind=resident", ("q", "tar0")));
        Assert.Equal(HttpStatusCode.NotFound, (await joho.Submit(stale, new() { ["address"] = "探り" })).Status);
        var again = await joho.Submit(await joho.Open("desk/persons/new"), new() { ["name"] = "見本 邉󠄂太郎" });
        Assert.Contains("done=added", again.Url);    // no "is here already"
        Assert.True(await town.Is($"count(*) = 0 FROM audit.entries e WHERE action = 'people.read' AND about_id = '{person}' AND at > (SELECT recorded_at FROM people.protections)"
            + " AND actor_id <> (SELECT id FROM people.accounts WHERE sign_in_name = 'shien')"));

        static void Same(Seen hidden, Seen nobody)
        {
            Assert.Equal(nobody.Status, hidden.Status);
            Assert.Equal(Bare(nobody), Bare(hidden));
            Assert.DoesNotContain("太郎", hidden.Html);
        }
    }

    static string Bare(Seen page) => System.Text.RegularExpressions.Regex.Replace(page.Document.Body!.TextContent + page.All("a").Select(a => a.GetAttribute("href")).Aggregate("", (x, y) => x + y),
        "[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{24}|find=[^&]+", "…");

    [Fact]
    public async Task Who_looks_after_protected_people_opens_the_record_with_a_reason_and_a_colleague_looks_again()
    {
        var town = await program.NewTown();
        var person = await town.Knows("見本 守子", "みほん もりこ", new(1988, 8, 8), "小牧市ひみつ町1");
        await town.Protect(person);
        await town.Grant("koho", "people.protected", "people.persons");
        var (shien, koho) = (await town.Staff("shien"), await town.Staff("koho"));

        var found = await shien.Find("desk/persons", ("q", "見本守子"));
        Assert.Contains("支援措置", found.One("tbody").TextContent);
        Assert.DoesNotContain("1988", found.Text);
        var door = await shien.Open($"desk/persons/{person}");
        Assert.Contains("/open?then=", door.Url);
        Assert.DoesNotContain("ひみつ町", door.Html);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await shien.Submit(door)).Status);
        var open = await shien.Submit(door, new() { ["reason"] = "本人が来庁" });
        Assert.Contains("ひみつ町1", open.Text);
        // For this account alone.
        Assert.Contains("/open?then=", (await koho.Open($"desk/persons/{person}")).Url);

        Assert.Contains("ご自身の閲覧は確認できません", (await Acknowledge(shien, await koho.Open("desk/alerts"))).Text);
        var alerts = await koho.Open("desk/alerts");
        Assert.Contains("本人が来庁", alerts.Text);
        Assert.Contains("見本 広報 · ", (await koho.Submit(alerts)).Text);
        // A quarter of an hour later it is closed again.
        await using (var later = town.Source.CreateCommand("UPDATE people.alerts SET open_until = now() - interval '1 second'")) await later.ExecuteNonQueryAsync();
        Assert.DoesNotContain("ひみつ町", (await shien.Open($"desk/persons/{person}")).Html);
    }

    static async Task<Seen> Acknowledge(Harness.Person who, Seen seenByColleague)
    {
        var id = seenByColleague.One("input[name=alert]").GetAttribute("value");
        var own = await who.Open("desk/alerts");
        using var answer = await who.Send(HttpMethod.Post, "desk/alerts", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["_token"] = own.One("input[name=_token]").GetAttribute("value")!, ["alert"] = id!,
        }));
        var html = await answer.Content.ReadAsStringAsync();
        return new(answer.StatusCode, "", html, new AngleSharp.Html.Parser.HtmlParser().ParseDocument(html), new Dictionary<string, string>());
    }

    [Fact]
    public async Task A_case_shows_words_instead_and_lists_leave_the_person_out()
    {
        var town = await program.NewTown();
        var (person, other) = (await town.Knows("見本 守子"), await town.Knows("見本 隣子"));
        await town.Protect(person);
        var shien = await town.Staff("shien");
        await shien.Submit(await shien.Find($"desk/persons/{other}", ("q", "見本守子")), new() { ["other"] = person.ToString(), ["relation"] = "Sibling" }, form: "form[action$=relations]");
        Assert.Contains("見本 守子", (await shien.Open($"desk/persons/{other}")).Text);
        Assert.DoesNotContain("守子", (await (await town.Staff("joho")).Open($"desk/persons/{other}")).Html);

        
        await using var db = town.Open();
        var seen = await Through(town, db, "koho").See([person, other]);
        Assert.Equal(("保護されている方", true, false), (seen[person].Name, seen[person].Hidden, seen[person].MayOpen));
        Assert.Null(seen[person].Address);
        Assert.Equal("見本 隣子", seen[other].Name);
        Assert.Equal([person], await Through(town, db, "koho").HiddenAmong([person, other]));
        Assert.Empty(await Through(town, db, "shien").HiddenAmong([person, other]));
        // Residents see themselves alone.
        Assert.Empty(await Through(town, db, "hanako").See([person, other]));
    }

    static Komachi.Platform.People.Persons Through(TestTown town, Komachi.Platform.Data.TownDb db, string signIn)
    {
        var account = db.Set<Account>().Single(a => a.SignInName == signIn);
        var visit = new Komachi.Platform.Web.Visit();
        visit.Enter(town.Town, "", Komachi.Ui.Words.Lang.Japanese, "/");
        visit.Visitor = new(account.Id, Komachi.Platform.Data.Id.New(), account.Name, account.Email, account.Kind == AccountKind.Staff, account.Permissions) { PersonId = account.PersonId };
        var program = town.Program;
        return new(visit, db, program.Service<Komachi.Platform.Data.TownDatabases>(), program.House, new(visit.Lang, program.House.Words), TimeProvider.System);
    }

    [Fact]
    public async Task Mandates_end_at_once_and_hold_again_only_when_they_were_looked_at()
    {
        var town = await program.NewTown();
        var (hanako, taro) = (await town.Resident(), await town.Resident("taro"));
        await hanako.Submit(await hanako.Open("my/acting"), new() { ["who"] = "me", ["email"] = "taro@example.jp" }, form: "form[action$=ask]");
        await taro.Submit(await taro.Open("my/acting"), form: "form[action$=agree]");
        await hanako.Submit(await hanako.Open("my/acting"), form: "form[action$=start]");
        Assert.NotEmpty((await hanako.Open("my")).All(".acting-band"));

        var person = await town.PersonOf("taro");
        await town.Protect(person);
        var after = await hanako.Open("my/acting");
        Assert.Empty(after.All(".acting-band"));
        Assert.DoesNotContain("太郎", after.Html);
        Assert.DoesNotContain("保護", after.Html);
        Assert.DoesNotContain("支援措置", after.Html);

        // Asked anew, and agreed to under whatever pressure: nothing begins, and the one who asked sees what they always see.
        await hanako.Submit(after, new() { ["who"] = "me", ["email"] = "taro@example.jp" }, form: "form[action$=ask]");
        Assert.Contains("同意しました", (await taro.Submit(await taro.Open("my/acting"), form: "form[action$=agree]")).Text);
        Assert.Empty((await hanako.Open("my/acting")).All("form[action$=start]"));

        var shien = await town.Staff("shien");
        var confirmed = await shien.Submit(await shien.Open($"desk/protected/{person}"), form: "form[action$=mandates]");
        Assert.Contains("再び有効になりました", confirmed.Text);
        Assert.NotEmpty((await hanako.Open("my/acting")).All("form[action$=start]"));
    }

    [Fact]
    public async Task Nothing_about_them_is_sent_to_anybody_else()
    {
        var town = await program.NewTown();
        var person = await town.PersonOf("taro");
        await town.Protect(person);
        await using var db = town.Open();
        Assert.True(await Komachi.Platform.People.Persons.MaySend(db, person, "TARO@example.jp"));
        Assert.False(await Komachi.Platform.People.Persons.MaySend(db, person, "hanako@example.jp"));
        Assert.True(await Komachi.Platform.People.Persons.MaySend(db, await town.PersonOf("hanako"), "anybody@example.jp"));

        var (stays, goes) = ($"stays-{town.Slug}@example.jp", $"goes-{town.Slug}@example.jp");
        db.Enqueue(new SendMail(stays, "太郎さんのこと", "111111", About: person));
        db.Enqueue(new SendMail(goes, "別のこと", "222222"));
        await db.Save();
        Assert.Equal("222222", await program.World.CodeFor(goes));
        await town.Until("count(*) = 0 FROM jobs.queue WHERE kind = 'mail.send'");
        using var http = new HttpClient { BaseAddress = program.World.Url };
        Assert.DoesNotContain("太郎さんのこと", await http.GetStringAsync($"api/mail?to={stays}"));
    }

    [Fact]
    public async Task Protection_goes_on_behind_its_day_until_somebody_decides()
    {
        var town = await program.NewTown();
        var person = await town.Knows("見本 守子");
        await town.Protect(person);
        await using (var back = town.Source.CreateCommand("UPDATE people.protections SET from_on = current_date - 400, until_on = current_date - 35")) await back.ExecuteNonQueryAsync();
        var (shien, joho) = (await town.Staff("shien"), await town.Staff("joho"));
        Assert.Contains("期限切れ", (await shien.Open("desk/protected")).Text);
        Assert.Equal(HttpStatusCode.NotFound, (await joho.Open($"desk/persons/{person}")).Status);
        await town.Run<RemindOfProtections>();
        Assert.True(await town.Is("bool_and(reminded_on IS NOT NULL) FROM people.protections"));

        var page = await shien.Open($"desk/protected/{person}");
        Assert.Contains("加害者は元配偶者", page.Text);
        Assert.True(await town.Is("position('加害者'::bytea in note) = 0 FROM people.protections"));
        Assert.Contains("更新しました", (await shien.Submit(page, new() { ["untilOn"] = TimeProvider.System.GetUtcNow().AddDays(300).ToString("yyyy-MM-dd") }, form: "form[action$=renew]")).Text);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await shien.Submit(page, new() { ["reason"] = "転出" }, press: "支援措置を終了する", form: "form[action$=end]")).Status);
        await shien.Submit(await shien.Open($"desk/protected/{person}"), new() { ["reason"] = "転出", ["sure"] = "true" }, form: "form[action$=end]");
        var seen = await joho.Open($"desk/persons/{person}");
        Assert.Contains("見本 守子", seen.Text);
        Assert.DoesNotContain("protected", seen.Text);    // and it never was, for them
    }
}
