using Komachi.Platform.Data;
using Komachi.Tests.Harness;
using Komachi.Tests.Offices;
using Komachi.Tests.Persons;

namespace Komachi.Tests.People;

/// <summary>The desk's first page says what waits for this colleague, and nothing of what waits for others.</summary>
public sealed class WhatWaits(TestProgram program)
{
    static Dictionary<string, string> On(Seen desk) => desk.All("section li.card").ToDictionary(li => li.QuerySelector("a")!.TextContent, li => li.QuerySelector("strong")!.TextContent);

    [Fact]
    public async Task It_is_counted_by_permission_leads_to_its_page_and_goes_when_it_was_seen_to()
    {
        var town = await program.NewTown();
        var (joho, koho, shien) = (await town.Staff("joho"), await town.Staff("koho"), await town.Staff("shien"));
        foreach (var nobody in new[] { joho, koho, shien }) Assert.DoesNotContain("課の仕事", (await nobody.Open("desk")).Text);

        var (hanako, account) = (await town.PersonOf("hanako"), await town.AccountOf("joho"));
        await town.Protect(hanako);
        await town.Do($"""
            UPDATE people.protections SET until_on = current_date + 10;
            INSERT INTO people.alerts (id, kind, person_id, account_id, raised_at) VALUES
                (gen_random_uuid(), 'OwnRecord', '{hanako}', '{account}', now()), (gen_random_uuid(), 'OwnRecord', '{hanako}', '{await town.AccountOf("shien")}', now());
            INSERT INTO jobs.queue (id, kind, payload, run_at, attempt, created_at, dead_at) SELECT gen_random_uuid(), 'mail.send', jsonb_build_object('to', 'a@example.jp', 'subject', '', 'text', ''), now(), 12, now(), now() FROM generate_series(1, 2);
            INSERT INTO repair.requests (id, operator_id, operator_name, reason, permissions, asked_at, ends_at) VALUES
                (gen_random_uuid(), gen_random_uuid(), '見本 運用', '添付ファイル', ARRAY['jobs.manage'], now(), now() + interval '1 hour'),
                (gen_random_uuid(), gen_random_uuid(), '見本 運用', '先月のこと', ARRAY['jobs.manage'], now() - interval '30 days', now() - interval '29 days 20 hours');
            INSERT INTO files.stored (id, kind, place, name, type, received, state, sealed_key, created_at, ends_at) VALUES
                (gen_random_uuid(), 'x', 'x', 'x', 'pdf', 0, 'Checking', '', now() - interval '1 hour', now() + interval '1 day'), (gen_random_uuid(), 'x', 'x', 'x', 'pdf', 0, 'Checking', '', now(), now() + interval '1 day');
            """);
        await joho.Submit(await joho.Open("desk/offices/changes/new"), new() { ["title"] = "改編", ["departments"] = "区分\t部署コード\t名称\n変更\t0101\t改めた課\n" });

        var desk = await joho.Open("desk");
        Assert.Equal(new Dictionary<string, string>
        {
            ["中止した自動処理"] = "2", ["確定していない組織改正"] = "1", ["修理のための立ち入りの申し込み"] = "1", ["検査を待っているファイル"] = "1",
        }.OrderBy(p => p.Key, StringComparer.Ordinal), On(desk).OrderBy(p => p.Key, StringComparer.Ordinal));
        Assert.Empty(On(await koho.Open("desk")));
        // Not those of her own doing: she cannot acknowledge them.
        Assert.Equal(("1", "1"), (On(await shien.Open("desk"))["確認されていない閲覧の警告"], On(await shien.Open("desk"))["期限の確認が必要な支援措置"]));
        Assert.Equal(2, On(await shien.Open("desk")).Count);
        foreach (var link in desk.All("section li.card a").Select(a => a.GetAttribute("href")!)) Assert.Equal(System.Net.HttpStatusCode.OK, (await joho.Open(link)).Status);

        await joho.Submit(await joho.Open("desk/repair"), form: "form[action$='/consent']");
        await town.Do("DELETE FROM jobs.queue WHERE dead_at IS NOT NULL; DELETE FROM files.stored");
        Assert.Equal(["確定していない組織改正"], On(await joho.Open("desk")).Keys);
    }
}
