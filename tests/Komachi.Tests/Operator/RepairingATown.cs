using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Jobs;
using Komachi.Platform.Offices;
using Komachi.Platform.Operator;
using Komachi.Platform.People;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;
using Person = Komachi.Tests.Harness.Person;

namespace Komachi.Tests.Operator;

/// <summary>An operator in a town: with reason, end and consent, or not at all.</summary>
public sealed class RepairingATown(TestProgram program)
{
    static async Task<Seen> Ask(Running running, TestTown town, string reason = "添付ファイルの破損を調べます", string hours = "2", string? permission = "jobs.manage") =>
        await running.Person.Submit(await running.Person.Open("/operator/towns/" + town.Slug), new() { ["reason"] = reason, ["hours"] = hours, ["permission"] = permission }, form: "#ask");

    static async Task<string> WayIn(Running running, TestTown town) =>
        (await running.Person.Submit(await running.Person.Open("/operator/towns/" + town.Slug), form: "form[action$='/enter']")).One(".desk-main a.button").GetAttribute("href")!;

    static async Task Consent(TestTown town)
    {
        using var staff = await town.Staff("joho");
        await staff.Submit(await staff.Open("desk/repair"), form: "form[action$='/consent']");
    }

    static async Task<(Person, Seen)> Enter(TestTown town, string wayIn)
    {
        var inside = town.Visitor();
        return (inside, await inside.Submit(await inside.Open(wayIn)));
    }

    [Fact]
    public async Task An_operator_asks_the_town_consents_the_operator_enters_and_the_town_ends_it()
    {
        var town = await program.NewTown();
        using var running = await Running.SignedIn(program);
        var asked = await Ask(running, town);
        Assert.Contains("まちの回答待ち", asked.Text);
        Assert.Empty(asked.All("form[action$='/enter']"));
        foreach (var personal in new[] { "見本 花子", "hanako", "見本 情報" }) Assert.DoesNotContain(personal, asked.Html);

        using var staff = await town.Staff("joho");
        var desk = await staff.Open("desk/repair");
        Assert.Contains("添付ファイルの破損を調べます", desk.Text);
        Assert.Contains("自動処理の確認と再実行", desk.Text);
        Assert.Contains("立ち入り中", (await staff.Submit(desk, form: "form[action$='/consent']")).Text);

        var (inside, page) = await Enter(town, await WayIn(running, town));
        using (inside)
        {
            Assert.EndsWith("/desk", page.Url);
            Assert.Contains("運用者（見本 運用）", page.One("header").TextContent);
            Assert.Equal(HttpStatusCode.OK, (await inside.Open("desk/jobs")).Status);
            // What was not asked for is not there: not even what would let it last longer.
            foreach (var path in new[] { "desk/announcements", "desk/repair" }) Assert.Equal(HttpStatusCode.Forbidden, (await inside.Open(path)).Status);
            await town.Until("(SELECT count(*) = 1 FROM people.accounts a JOIN people.sessions s ON s.account_id = a.id JOIN repair.requests r ON r.account_id = a.id WHERE a.kind = 'Staff' AND s.ends_at = r.ends_at)");

            Assert.Contains("終了", (await staff.Submit(await staff.Open("desk/repair"), form: "form[action$='/end']")).Text);
            Assert.Contains("sign-in", (await inside.Open("desk/jobs")).Url);
        }
        await town.Until("(SELECT array_agg(action ORDER BY at, id) @> ARRAY['operator.asked', 'operator.consented', 'operator.entered', 'operator.ended'] FROM audit.entries)");
        await town.Until("(SELECT count(*) = 4 FROM audit.entries WHERE subject = (SELECT 'repair/' || id FROM repair.requests) AND action LIKE 'operator.%')");
        var record = (await running.Person.Open("/operator/audit")).Text;
        foreach (var action in new[] { "修理のための立ち入りの求め", "まちへの立ち入りの開始" }) Assert.Contains(action, record);
        Assert.Equal(HttpStatusCode.Conflict, (await Forged(running, town, "enter")).Status);
    }

    [Fact]
    public async Task Who_may_consent_gets_a_mail_that_leads_to_the_desk_and_says_nothing_of_anybody()
    {
        var town = await program.NewTown();
        var (his, hers) = ($"joho-{town.Slug}@example.jp", $"shien-{town.Slug}@example.jp");
        await using (var set = town.Source.CreateCommand($"UPDATE people.accounts SET email = CASE sign_in_name WHEN 'joho' THEN '{his}' ELSE '{hers}' END WHERE sign_in_name IN ('joho', 'shien')")) await set.ExecuteNonQueryAsync();
        using var running = await Running.SignedIn(program);
        await Ask(running, town, "見本 花子さんの添付ファイル");
        using var world = new HttpClient { BaseAddress = program.World.Url };
        var mail = await world.GetFromJsonAsync<JsonElement>($"api/mail/wait?to={his}&seconds=60");
        var (subject, text) = (mail.GetProperty("subject").GetString()!, mail.GetProperty("text").GetString()!);
        Assert.Contains("修理のための立ち入りの申し込みがありました", subject);
        foreach (var personal in new[] { "花子", "添付", running.Name, "見本" }) Assert.DoesNotContain(personal, text);
        using var staff = await town.Staff("joho");
        Assert.Contains("見本 花子さんの添付ファイル", (await staff.Open(text[text.IndexOf("http", StringComparison.Ordinal)..].Trim())).Text);
        // To nobody who could not answer it.
        await town.Until("NOT EXISTS (SELECT FROM jobs.queue WHERE kind = 'mail.send')");
        Assert.Equal(0, (await world.GetFromJsonAsync<JsonElement>($"api/mail?to={hers}")).GetProperty("mails").GetArrayLength());
    }

    [Fact]
    public async Task A_deputy_of_who_may_consent_is_told_as_well()
    {
        var town = await program.NewTown();
        await using var db = town.Open();
        var (joho, koho) = (await db.Set<Account>().SingleAsync(a => a.SignInName == "joho"), await db.Set<Account>().SingleAsync(a => a.SignInName == "koho"));
        joho.Grant([]);
        await db.Save();
        var today = JapanTime.DayOf(TimeProvider.System.GetUtcNow());
        Task<string[]> Holders() => db.HoldersOf(RepairModule.Permission, today).Select(a => a.SignInName).ToArrayAsync();
        Assert.Empty(await Holders());
        await using (var role = town.Source.CreateCommand("UPDATE offices.roles SET permissions = permissions || ARRAY['people.repair'] WHERE key = 'administrator'")) await role.ExecuteNonQueryAsync();
        Assert.Equal(["joho"], await Holders());
        db.Add(new Deputy { AccountId = joho.Id, DeputyId = koho.Id, FromOn = today, UntilOn = today.AddDays(3), Reason = "出張", GivenById = joho.Id, GivenAt = TimeProvider.System.GetUtcNow() });
        await db.Save();
        Assert.Equal(["joho", "koho"], (await Holders()).Order());
        today = today.AddDays(4);
        Assert.Equal(["joho"], await Holders());
    }

    [Fact]
    public async Task Nobody_enters_before_the_town_consented_or_after_it_refused()
    {
        var town = await program.NewTown();
        using var running = await Running.SignedIn(program);
        await Ask(running, town);
        Assert.Equal(HttpStatusCode.Conflict, (await Forged(running, town, "enter")).Status);

        using var staff = await town.Staff("joho");
        var without = await staff.Submit(await staff.Open("desk/repair"), new() { ["answer"] = "" }, form: "form[action$='/refuse']");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, without.Status);
        var desk = await staff.Open("desk/repair");
        await staff.Submit(desk, new() { ["answer"] = "選挙の準備中のため" }, form: "form[action$='/refuse']");
        Assert.Equal(HttpStatusCode.Conflict, (await staff.Submit(desk, form: "form[action$='/consent']")).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await Forged(running, town, "enter")).Status);
        Assert.Contains("選挙の準備中のため", (await running.Person.Open("/operator/towns/" + town.Slug)).Text);
        await town.Until("NOT EXISTS (SELECT FROM people.accounts WHERE sign_in_name LIKE 'repair-%')");

        // Staff without the permission neither see it nor say yes.
        using var koho = await town.Staff("koho");
        Assert.Equal(HttpStatusCode.Forbidden, (await koho.Open("desk/repair")).Status);
    }

    /// <summary>The button that the page does not show, pressed all the same.</summary>
    static async Task<Seen> Forged(Running running, TestTown town, string verb)
    {
        await using var db = town.Open();
        var id = (await db.Set<RepairRequest>().SingleAsync()).Id;
        var page = await running.Person.Open("/operator/towns/" + town.Slug);
        page.One("#ask").SetAttribute("action", $"/operator/towns/{town.Slug}/repair/{id}/{verb}");
        return await running.Person.Submit(page, form: "#ask");
    }

    [Fact]
    public async Task Reason_end_and_purpose_are_needed_and_rights_over_accounts_are_not_to_be_had()
    {
        var town = await program.NewTown();
        using var running = await Running.SignedIn(program);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await Ask(running, town, reason: " ")).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await Ask(running, town, hours: "9")).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await Ask(running, town, permission: null)).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await Ask(running, town, permission: "people.repair")).Status);
        foreach (var never in new[] { "people.manage", "people.protected", "offices.manage", "my_numbers.read" }) Assert.False(RepairRequest.MayBeAsked(never));
        await town.Until("NOT EXISTS (SELECT FROM repair.requests)");
        Assert.DoesNotContain("people.", (await running.Person.Open("/operator/towns/" + town.Slug)).One("#ask").InnerHtml);
    }

    [Fact]
    public async Task A_way_in_is_for_one_minute_one_use_one_town_and_one_operator()
    {
        var (town, other) = (await program.NewTown(), await program.NewTown());
        using var running = await Running.SignedIn(program);
        await Ask(running, town);
        await Consent(town);

        var used = await WayIn(running, town);
        using (var looks = town.Visitor()) await looks.Open(used);    // looking uses nothing up
        var elsewhere = await Enter(other, used.Replace($"/{town.Slug}/", $"/{other.Slug}/"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, elsewhere.Item2.Status);
        Assert.EndsWith("/desk", (await Enter(town, used)).Item2.Url);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await Enter(town, used)).Item2.Status);

        var old = await WayIn(running, town);
        var fresh = await WayIn(running, town);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await Enter(town, old)).Item2.Status);
        await using (var late = town.Source.CreateCommand("UPDATE repair.requests SET entry_until = now() - interval '1 second'")) await late.ExecuteNonQueryAsync();
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await Enter(town, fresh)).Item2.Status);

        using var colleague = await Running.SignedIn(program);
        Assert.Equal(HttpStatusCode.NotFound, (await Forged(colleague, town, "enter")).Status);
        await town.Until("(SELECT count(*) = 1 FROM people.accounts WHERE sign_in_name LIKE 'repair-%')");
    }

    [Fact]
    public async Task When_its_time_is_over_access_ends_by_itself()
    {
        var town = await program.NewTown();
        using var running = await Running.SignedIn(program);
        await Ask(running, town);
        await Consent(town);
        var (inside, _) = await Enter(town, await WayIn(running, town));
        Assert.Equal(HttpStatusCode.OK, (await inside.Open("desk/jobs")).Status);
        await town.Until("EXISTS (SELECT FROM jobs.queue q, repair.requests r WHERE q.kind = 'repair.end' AND q.run_at = r.ends_at)");
        await using (var now = town.Source.CreateCommand("UPDATE jobs.queue SET run_at = now() WHERE kind = 'repair.end'")) await now.ExecuteNonQueryAsync();
        program.Service<Komachi.Platform.Towns.Doorbell>().Ring(town.Slug, DateTimeOffset.MinValue);
        await town.Until("EXISTS (SELECT FROM repair.requests WHERE ended_by = 'time') AND EXISTS (SELECT FROM audit.entries WHERE action = 'operator.ended')");
        Assert.Contains("sign-in", (await inside.Open("desk/jobs")).Url);
    }
}
