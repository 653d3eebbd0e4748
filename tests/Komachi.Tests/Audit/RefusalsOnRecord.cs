using System.Net;
using System.Text.Json;
using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.People;
using Komachi.Platform.Towns;
using Komachi.Platform.Web;
using Komachi.Tests.Harness;
using Komachi.Tests.Offices;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;

namespace Komachi.Tests.Audit;

/// <summary>What was refused stands in the audit, soon and with its number, and nobody can fill it with that.</summary>
[Trait("Category", "long")]
public sealed class RefusalsOnRecord(TestProgram program)
{
    [Fact]
    public async Task Who_asks_without_the_right_is_on_record_at_once_and_the_rest_of_the_quarter_is_one_more_entry()
    {
        var town = await program.NewTown();
        var koho = await town.Staff("koho");
        Assert.Equal(HttpStatusCode.Forbidden, (await koho.Open("desk/audit")).Status);
        await town.Until("count(*) >= 1 FROM audit.entries WHERE action = 'house.no_right' AND actor_id = (SELECT id FROM people.accounts WHERE sign_in_name = 'koho') AND details -> 'places' = '[\"GET /desk/audit\"]'");
        for (var i = 0; i < 4; i++) Assert.Equal(HttpStatusCode.Forbidden, (await koho.Open($"desk/accounts/{Guid.CreateVersion7()}")).Status);
        await town.Until(Noted(Refusals.NoRight, 5));
        await AfterTheQuarter(town);

        await using var db = town.Open();
        var entries = await db.Set<AuditEntry>().Where(e => e.Action == Refusals.NoRight).OrderBy(e => e.Id).ToListAsync();
        Assert.Equal(5, entries.Sum(e => Refusals.TimesOf(e.Action, e.Details)));
        Assert.InRange(entries.Count, 2, 4);    // where one quarter ends in the middle of this, the next begins
        Assert.Equal(["GET /desk/accounts/{id:guid}", "GET /desk/audit"], entries.SelectMany(e => JsonDocument.Parse(e.Details!).RootElement.GetProperty("places").EnumerateArray().Select(p => p.GetString())).Distinct().Order());
        var page = await (await town.Staff("joho")).Open("desk/audit/entries?action=house.no_right");
        Assert.Contains("権限のないページの要求", page.Text);
        Assert.Matches("[234]回", page.Text);
    }

    [Fact]
    public async Task Wrong_tokens_codes_and_too_many_attempts_are_on_record_without_what_was_typed()
    {
        var town = await program.NewTown();
        var stranger = town.Visitor();
        using (var forged = await stranger.Send(HttpMethod.Post, "sign-in", new FormUrlEncodedContent(new Dictionary<string, string> { ["name"] = "typed-by-a-stranger", ["_token"] = "typed-by-a-stranger" })))
            Assert.Equal(HttpStatusCode.BadRequest, forged.StatusCode);
        await stranger.Submit(await stranger.Open("desk/sign-in/invitation"), new() { ["email"] = "typed-by-a-stranger@example.jp", ["code"] = "TYPED-BY-A-STRANGER", ["password"] = "kumo to kaze no michi" });
        var asked = await stranger.Submit(await stranger.Open("sign-in/code"), new() { ["email"] = "typed-by-a-stranger@example.jp" });
        await stranger.Submit(asked, new() { ["code"] = "typed-by-a-stranger" });
        for (var i = 0; i < 12; i++) await stranger.Submit(await stranger.Open("sign-in"), new() { ["name"] = "hanako", ["password"] = "typed-by-a-stranger" });
        for (var i = 0; i < 11; i++) await stranger.Submit(await stranger.Open("sign-in"), new() { ["name"] = "typed-by-a-stranger", ["password"] = "x" });

        await town.Until("count(*) >= 1 FROM audit.entries WHERE action = 'house.wrong_token' AND actor_id IS NULL AND from_address IS NOT NULL AND details -> 'places' ->> 0 = 'POST /sign-in'");
        await town.Until(Noted(Refusals.WrongCode, 2));
        // Two counts: that of an account of ours, which is named, and that of a name that nobody has, which is not.
        await town.Until("count(*) FILTER (WHERE subject = 'accounts/' || (SELECT id FROM people.accounts WHERE sign_in_name = 'hanako')) >= 1 AND count(*) FILTER (WHERE subject IS NULL) >= 1 AND bool_and(details -> 'places' = '[\"sign-in\"]') FROM audit.entries WHERE action = 'house.too_often'");
        await AfterTheQuarter(town);
        Assert.Equal("Invitation SignIn", await town.Ask<string>("SELECT string_agg(DISTINCT p, ' ' ORDER BY p) FROM audit.entries, jsonb_array_elements_text(details -> 'places') p WHERE action = 'people.code_refused'"));
        await town.Until("NOT EXISTS (SELECT FROM audit.entries e WHERE e::text ILIKE '%typed-by%') AND NOT EXISTS (SELECT FROM house.refusals)");
        Assert.Contains("ログインしていない人", (await (await town.Staff("joho")).Open("desk/audit/entries?action=house.wrong_token")).One("tbody tr").TextContent);
    }

    [Fact]
    public async Task However_many_come_the_record_grows_by_a_hundred_and_one_of_a_kind_in_a_quarter()
    {
        var town = await program.NewTown();
        // Two programs that share nothing but the database, in one quarter of an hour.
        var clock = new SettableTime();
        clock.Stand(TimeProvider.System.GetUtcNow());
        var refusals = new[] { Another(), Another() };
        foreach (var one in refusals) await one.StartAsync(default);
        for (var times = 0; times < 3; times++)
            for (var network = 0; network < 150; network++) refusals[network % 2].Note(From($"198.51.{network / 100}.{network % 100 + 1}", town), Refusals.WrongToken, "POST /story");
        foreach (var one in refusals) await one.StopAsync(default);

        await town.Until("sum(count) = 450 AND count(*) BETWEEN 101 AND 102 AND bool_or(whose = '' AND from_address IS NULL AND count >= 144) FROM house.refusals WHERE places = ARRAY['POST /story']");
        await AfterTheQuarter(town);
        await using var db = town.Open();
        var entries = await db.Set<AuditEntry>().Where(e => e.Action == Refusals.WrongToken).ToListAsync();
        Assert.InRange(entries.Count, 101, 204);
        Assert.Equal(450, entries.Sum(e => Refusals.TimesOf(e.Action, e.Details)));

        Refusals Another() => new(program.Service<TownDatabases>(), program.Service<Registry>(), clock, NullLogger<Refusals>.Instance);
    }

    [Fact]
    public async Task A_network_that_goes_on_and_on_is_one_row_and_two_entries()
    {
        var town = await program.NewTown();
        var refusals = program.Service<Refusals>();
        for (var i = 0; i < 20_000; i++) refusals.Note(From("203.0.113.9", town), Refusals.TooOften, "sign-in");
        await town.Until("count(*) = 1 AND sum(count) = 20000 FROM house.refusals");
        await AfterTheQuarter(town);
        Assert.Equal(20_000L, await town.Ask<long>("SELECT sum((details ->> 'times')::int) FROM audit.entries WHERE action = 'house.too_often'"));
        Assert.InRange(await town.Ask<long>("SELECT count(*) FROM audit.entries WHERE action = 'house.too_often'"), 1, 2);
    }

    [Fact]
    public async Task A_town_that_cannot_be_written_to_makes_no_answer_slower_or_other()
    {
        var town = await program.NewTown();
        var koho = await town.Staff("koho");
        await town.Tamper("ALTER TABLE house.refusals RENAME TO refusals_elsewhere");
        Assert.Equal(HttpStatusCode.Forbidden, (await koho.Open("desk/audit")).Status);
        Assert.Equal(HttpStatusCode.OK, (await koho.Open("desk")).Status);
        await town.Tamper("ALTER TABLE house.refusals_elsewhere RENAME TO refusals");
        Assert.Equal(HttpStatusCode.Forbidden, (await koho.Open("desk/audit")).Status);
        await town.Until("count(*) >= 1 FROM audit.entries WHERE action = 'house.no_right'");
    }

    [Fact]
    public async Task An_account_that_is_refused_often_stands_among_what_is_unusual()
    {
        var town = await program.NewTown();
        Guid koho;
        await using (var db = town.Open())
        {
            koho = await db.Set<Account>().Where(a => a.SignInName == "koho").Select(a => a.Id).SingleAsync();
            var noon = JapanTime.At(JapanTime.DayOf(TimeProvider.System.GetUtcNow()).AddDays(-1), new(12, 0));
            db.Audit(new() { At = noon, ActorId = koho, Action = Refusals.NoRight, Details = Refusals.Told(1, null, ["GET /desk/audit"]) });
            db.Audit(new() { At = noon.AddMinutes(10), ActorId = koho, Action = Refusals.NoRight, Details = Refusals.Told(20, noon, ["GET /desk/audit"]) });
            for (var i = 0; i < 3; i++) db.Audit(new() { At = noon.AddMinutes(i), Action = "people.sign_in_refused", Subject = $"accounts/{koho}" });
            await db.Save();
        }
        var row = Assert.Single((await (await town.Staff("joho")).Open("desk/audit/unusual")).All("tbody tr"), r => r.TextContent.Contains("拒否されました"));
        Assert.Contains("見本 広報", row.TextContent);
        Assert.Contains("24回拒否されました", row.TextContent);
    }

    /// <summary>So many are told of already, or wait for the end of their quarter: it may end at any moment.</summary>
    static string Noted(string action, int times) =>
        $"{times} = (SELECT coalesce(sum((details ->> 'times')::int), 0) FROM audit.entries WHERE action = '{action}') + (SELECT coalesce(sum(count - told), 0) FROM house.refusals WHERE action = '{action}')";

    static Visit From(string address, TestTown town)
    {
        var visit = new Visit();
        visit.CameFrom(IPAddress.Parse(address));
        visit.Enter(town.Town, "/" + town.Slug, Lang.Japanese, "/");
        return visit;
    }

    /// <summary>The quarter of an hour is over, and its job runs.</summary>
    static async Task AfterTheQuarter(TestTown town)
    {
        await town.Tamper("UPDATE house.refusals SET window_at = window_at - interval '16 minutes'");
        await using (var db = town.Open())
        {
            db.Enqueue(new TellRefusals());
            await db.Save();
        }
        await town.Until("NOT EXISTS (SELECT FROM house.refusals)");
    }
}
