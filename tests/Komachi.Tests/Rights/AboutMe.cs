using System.Net;
using System.Text.Json;
using Komachi.Platform.People;
using Komachi.Platform.Rights;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Rights;

/// <summary>A person sees all that is held about them, and can be forgotten.</summary>
public sealed class AboutMe(RightsProgram program)
{
    // Strings that stand nowhere else: found after an erasure, they were forgotten to be forgotten.
    const string Name = "見本 金糸雀󠄀子", Kana = "みほん かなりあこ", Address = "金糸雀町一丁目二番", Phone = "0900001234567", Email = "Kanaria-77@example.jp", Device = "金糸雀の端末";

    static async Task<(Guid Person, Guid Account)> Move(TestTown town)
    {
        await using var db = town.Open();
        var now = TimeProvider.System.GetUtcNow();
        var person = Platform.People.Person.Known(PersonKind.Human, new(Name, Kana, new DateOnly(1987, 6, 5), "4850000", Address, Phone, Email), now);
        var account = Account.Open(AccountKind.Resident, "kanaria77", Name, Email, [], Passwords.Hash(TestProgram.Password), now, person);
        account.Proved(Email);
        db.AddRange(person, account, new Passkey { CredentialId = [1, 2, 3], AccountId = account.Id, Name = Device, PublicKey = [4], AddedAt = now });
        await db.Save();
        return (person.Id, account.Id);
    }

    [Fact]
    public async Task The_copy_says_everything_and_who_looked_but_names_no_clerk()
    {
        var town = await program.Quiet();
        var (person, account) = await Move(town);
        using var me = await town.Resident("kanaria77");
        using (var staff = await town.Staff("joho")) await staff.Open($"desk/accounts/{account}");

        var page = await me.Open("my/about-me");
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.StartsWith("no-store", page.Headers["Cache-Control"]);
        foreach (var fact in new[] { Name, Kana, "1987-06-05", "4850000", Address, Phone, Email, "kanaria77", Device, "アカウントの閲覧", "役所" }) Assert.Contains(fact, page.Text);
        var clerk = await town.Ask<string>("SELECT name FROM people.accounts WHERE sign_in_name = 'joho'");
        Assert.DoesNotContain(clerk, page.Text);

        using var answer = await me.Send(HttpMethod.Get, "my/about-me/file");
        Assert.Contains("attachment", answer.Content.Headers.ContentDisposition!.ToString());
        var text = await answer.Content.ReadAsStringAsync();
        using var file = JsonDocument.Parse(text);
        Assert.Equal(("komachi.person-copy", 1), (file.RootElement.GetProperty("format").GetString(), file.RootElement.GetProperty("version").GetInt32()));
        var facts = file.RootElement.GetProperty("sections").EnumerateArray().SelectMany(s => s.GetProperty("records").EnumerateArray()).SelectMany(r => r.GetProperty("facts").EnumerateArray())
            .Select(f => (f.GetProperty("key").GetString(), f.GetProperty("value").GetString())).ToArray();
        Assert.Contains(("name", Name), facts);
        Assert.Contains(("by", "役所"), facts);
        Assert.DoesNotContain(clerk, text);
        Assert.DoesNotContain(await town.Ask<string>("SELECT password_hash FROM people.accounts WHERE sign_in_name = 'kanaria77'"), text);
        Assert.Equal(2, await town.Ask<long>($"SELECT count(*) FROM audit.entries WHERE about_id = '{person}' AND action = 'rights.copy'"));
    }

    [Fact]
    public async Task At_the_counter_a_copy_wants_a_reason_and_is_noted()
    {
        var town = await program.Quiet();
        var (person, _) = await Move(town);
        using var staff = await town.Staff("joho");
        Assert.DoesNotContain(Name, (await staff.Open("desk/rights")).Text);
        Assert.Contains(Name, (await staff.Find("desk/rights", ("q", "見本金糸雀"))).Text);
        var page = await staff.Open($"desk/rights/{person}");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await staff.Submit(page, press: "表示して印刷する", form: "form[action$=about]")).Status);
        var copy = await staff.Submit(page, new() { ["reason"] = "運転免許証" }, press: "表示して印刷する", form: "form[action$=about]");
        Assert.Contains(Address, copy.Text);
        Assert.StartsWith("no-store", copy.Headers["Cache-Control"]);
        Assert.Equal(1, await town.Ask<long>($"SELECT count(*) FROM audit.entries WHERE about_id = '{person}' AND action = 'rights.copy' AND reason LIKE 'sealed:%'"));
        Assert.Contains("運転免許証", (await staff.Open("desk/audit/entries?action=rights.copy")).Text);
    }

    [Fact]
    public async Task After_an_erasure_nothing_of_the_person_stands_anywhere()
    {
        var town = await program.Quiet();
        var (person, account) = await Move(town);
        using (var staff = await town.Staff("joho"))
        {
            // Journeys that might leave a trace: looked for, by name and by address, opened, held and let go.
            await staff.Find("desk/accounts?kind=resident", ("q", "見本 金糸雀"));
            await staff.Find("desk/accounts?kind=resident", ("q", Email));
            await staff.Open($"desk/accounts/{account}");
            await staff.Find("desk/rights", ("q", "見本金糸雀"));
            await staff.Submit(await staff.Open($"desk/rights/{person}"), new() { ["reason"] = "金糸雀町の件" }, form: "form[action$=hold]");
            await staff.Submit(await staff.Open("desk/retention"), new() { ["reason"] = "終了" }, form: "form[action$=end]");
        }
        using var me = town.Visitor();
        await me.SignIn("kanaria77", desk: false);
        await me.Submit(await me.Open("my/security/address"), new() { ["email"] = Email });
        await program.World.CodeFor(Email);
        await town.Until("NOT EXISTS (SELECT FROM jobs.queue WHERE kind = 'mail.send')");
        await town.Tell($$"""
            INSERT INTO jobs.queue (id, kind, lane, payload, run_at, attempt, created_at, dead_at)
            VALUES (gen_random_uuid(), 'mail.send', 'mail.send', '{"to": "{{Email}}", "subject": "{{Name}}", "text": ""}', now(), 3, now(), now())
            """);
        await me.Submit(await me.Open("my/security"), new() { ["name"] = Device }, form: "form[action$='sessions/name']");
        Assert.Contains(await town.Everything(), row => row.Contains(Device) && row.StartsWith("people.sessions"));

        var page = await me.Open("my/erase");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await me.Submit(page, form: "form[action$=erase]")).Status);    // not by one press
        var erased = await me.Submit(page, new() { ["sure"] = "true" }, form: "form[action$=erase]");
        Assert.Contains("消去できるものは消去しました", erased.Text);
        Assert.Contains("操作の記録", erased.Text);    // and says what stays
        Assert.Contains("sign-in", (await me.Open("my")).Url);

        var everything = await town.Everything();
        foreach (var trace in new[] { "金糸雀", "かなりあ", "カナリア", "1987-06-05", "0900001234567", "anaria-77", "kanaria77", Device })
            Assert.True(everything.FirstOrDefault(row => row.Contains(trace, StringComparison.OrdinalIgnoreCase)) is null,
                $"{trace} stands in {everything.FirstOrDefault(row => row.Contains(trace, StringComparison.OrdinalIgnoreCase))}");
        Assert.Equal(1, await town.Ask<long>($"SELECT count(*) FROM rights.erasures WHERE person_id = '{person}' AND done_at IS NOT NULL"));
        // Outside of the town a number and a day are kept, so that no restore brings the person back.
        await town.Until($"EXISTS (SELECT FROM rights.erasures WHERE person_id = '{person}' AND noted_at IS NOT NULL)");
        Assert.Contains(await program.Service<Komachi.Platform.Towns.Registry>().Erasures(), e => e.PersonId == person && !e.Held);
        using (var staff = await town.Staff("joho"))
        {
            var reopened = await staff.Submit(await staff.Open($"desk/accounts/{account}"), new() { ["reason"] = "x" }, form: "form[action$=open]");
            Assert.Equal(HttpStatusCode.UnprocessableEntity, reopened.Status);
            Assert.Contains("消去済みの方", (await staff.Open($"desk/rights/{person}")).Text);
        }
    }

    [Fact]
    public async Task An_erasure_that_a_hold_stops_is_finished_in_the_night_after_it_ended()
    {
        var town = await program.Quiet();
        var (person, account) = await Move(town);
        await using (var db = town.Open())
        {
            db.Add(new Hold { PersonId = person, Reason = "裁判", FromAt = TimeProvider.System.GetUtcNow().AddDays(-1) });
            await db.Save();
        }
        using var me = await town.Resident("kanaria77");
        var page = await me.Submit(await me.Open("my/erase"), new() { ["sure"] = "true" }, form: "form[action$=erase]");
        Assert.Contains("今は消去できません", page.Text);
        Assert.DoesNotContain("裁判", page.Text);    // why is not the resident's to know by this way
        Assert.Contains("sign-in", (await me.Open("my")).Url);
        await town.Night<FinishErasures>(TimeProvider.System.GetUtcNow());
        Assert.Equal(Name, await town.Ask<string>($"SELECT name FROM people.persons WHERE id = '{person}'"));
        await town.Tell("UPDATE rights.holds SET ended_at = now()");
        await town.Night<FinishErasures>(TimeProvider.System.GetUtcNow().AddDays(1));
        Assert.Equal("", await town.Ask<string>($"SELECT name FROM people.persons WHERE id = '{person}'"));
        Assert.Equal($"erased-{account:N}", await town.Ask<string>($"SELECT sign_in_name FROM people.accounts WHERE id = '{account}'"));
    }

    [Fact]
    public async Task What_stays_by_law_keeps_the_name_and_lets_the_rest_go()
    {
        var town = await program.Quiet();
        var (person, _) = await Move(town);
        Papers.Filed[person] = true;
        using var staff = await town.Staff("joho");
        var page = await staff.Submit(await staff.Open($"desk/rights/{person}"), new() { ["reason"] = "運転免許証", ["sure"] = "true" }, form: "form[action$=erase]");
        Assert.Contains("By the law on papers", page.Text);
        Assert.True(await town.Ask<bool>($"SELECT name = '{Name}' AND phone IS NULL AND email IS NULL FROM people.persons WHERE id = '{person}'"));
        Assert.Equal(0, await town.Ask<long>("SELECT count(*) FROM people.accounts WHERE sign_in_name = 'kanaria77'"));
        await town.Night<FinishErasures>(TimeProvider.System.GetUtcNow().AddDays(1));
        Assert.Equal(Name, await town.Ask<string>($"SELECT name FROM people.persons WHERE id = '{person}'"));
        Papers.Filed.TryRemove(person, out _);
        await town.Night<FinishErasures>(TimeProvider.System.GetUtcNow().AddDays(2));
        Assert.Equal("", await town.Ask<string>($"SELECT name FROM people.persons WHERE id = '{person}'"));
    }

    [Fact]
    public async Task An_old_proof_is_not_enough_to_see_or_erase_everything()
    {
        var town = await program.Quiet();
        using var me = await town.Resident();
        var page = await me.Open("my/erase");
        await town.Tell("UPDATE people.sessions SET proved_at = now() - interval '1 hour'");
        foreach (var path in new[] { "my/about-me", "my/about-me/file", "my/erase" }) Assert.Contains("sign-in", (await me.Open(path)).Url);
        await me.Submit(page, new() { ["sure"] = "true" }, form: "form[action$=erase]");
        Assert.Equal(0, await town.Ask<long>("SELECT count(*) FROM rights.erasures"));
    }
}
