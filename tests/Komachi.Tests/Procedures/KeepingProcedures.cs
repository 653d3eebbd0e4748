using System.Net;
using System.Text;
using AngleSharp.Html.Parser;
using Komachi.Platform.Data;
using Komachi.Platform.Forms;
using Komachi.Platform.Jobs;
using Komachi.Procedures;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Procedures;

/// <summary>Whoever keeps the procedures brings a new version, sees what moved, publishes it with a note, and ends the offer; what runs stays as it was.</summary>
public sealed class KeepingProcedures(TestProgram program)
{
    const string Home = "desk/procedures/kept", Publish = "form[action$='/publish']", Discard = "form[action$='/discard']", End = "form[action$='/end']", Resume = "form[action$='/resume']", Looked = "form[action$='/looked']";

    static async Task<Seen> Bring(Person who, Seen page, byte[] file, string name = "dog.yaml")
    {
        var form = new MultipartFormDataContent();
        foreach (var hidden in page.One("input[type=file]").Closest("form")!.QuerySelectorAll("input[type=hidden]")) form.Add(new StringContent(hidden.GetAttribute("value") ?? ""), hidden.GetAttribute("name")!);
        form.Add(new ByteArrayContent(file) { Headers = { ContentDisposition = new("form-data") { Name = "\"file\"", FileName = $"\"{name}\"" } } });
        using var answer = await who.Send(HttpMethod.Post, $"{Home}/file", form);
        if (answer.Headers.Location is { } there) return await who.Open(there.ToString());
        var html = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return page with { Status = answer.StatusCode, Html = html, Document = new HtmlParser().ParseDocument(html) };
    }

    static Task<Seen> Bring(Person who, Seen page, string text) => Bring(who, page, Encoding.UTF8.GetBytes(text));

    static async Task<string> TextOf(Person who, string key, int number) => await (await who.Send(HttpMethod.Get, $"{Home}/{key}/{number}.yaml")).Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

    static async Task<Offered?> OfferedIn(TestTown town, string key, DateOnly? on = null)
    {
        await using var db = town.Open();
        return await Catalog.Find(db, key, on ?? db.Today);
    }

    [Fact]
    public async Task A_text_that_the_program_cannot_read_keeps_nobody_from_filing_the_others()
    {
        var town = await program.NewTown("onojo");
        Assert.NotNull(await OfferedIn(town, "water-start-stop"));
        await using (var broken = town.Source.CreateCommand("INSERT INTO procedures.definitions (id, key, number, document, origin, changed_at, published_at, note, version) VALUES (gen_random_uuid(), 'broken', 1, 'key: broken', 'Desk', now(), now(), '', 1)"))
            await broken.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        Assert.Null(await OfferedIn(town, "broken"));
        Assert.Equal(HttpStatusCode.OK, (await town.Visitor().Open("procedures/water-start-stop/start")).Status);
        Assert.Equal(HttpStatusCode.OK, (await town.Visitor().Open("procedures")).Status);
    }

    [Fact]
    public async Task A_new_version_is_brought_looked_at_and_published_and_what_was_filed_keeps_the_old_one()
    {
        var town = await program.NewTown("onojo", livedIn: true);
        Assert.Equal(HttpStatusCode.Forbidden, (await (await town.Staff("tanto")).Open(Home)).Status);
        var jimu = await town.Staff("jimu");
        Assert.Contains("犬の登録", (await jimu.Open(Home)).Text);
        await using (var db = town.Open())
        {
            await TheWayOfACase.Filled(db, "dog-registration");
            await db.Save(stop: TestContext.Current.CancellationToken);
        }

        var text = await TextOf(jimu, "dog-registration", 1);
        var brought = await Bring(jimu, await jimu.Open($"{Home}/dog-registration"), text.Replace("days: 5\n", "days: 3\n"));
        Assert.Contains("ファイルの内容を原案にしました", brought.Text);
        Assert.Equal(5, (await OfferedIn(town, "dog-registration"))!.Procedure.Definition.Days);    // residents do not see it yet
        Assert.Equal(["［削除：days: 5］", "［追加：days: 3］"], brought.All("del, ins").Select(e => e.TextContent));    // said, not only drawn

        var asked = await jimu.Submit(brought, new() { ["note"] = "" }, form: Publish);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, asked.Status);
        var twice = jimu.Ready(asked, new() { ["note"] = "処理期間を短くした" }, form: Publish);
        Assert.Contains("公開しました", (await twice()).Text);
        Assert.Contains("公開しました", (await twice()).Text);
        Assert.Equal(3, (await OfferedIn(town, "dog-registration"))!.Procedure.Definition.Days);

        await using var look = town.Open();
        var draft = await look.Set<Draft>().SingleAsync(TestContext.Current.CancellationToken);
        Assert.Equal(5, (await Catalog.Version(look, draft.DefinitionId, TestContext.Current.CancellationToken)).Definition.Days);
        Assert.Equal(2, await look.Set<Published>().CountAsync(d => d.Key == "dog-registration", TestContext.Current.CancellationToken));
        var one = await jimu.Open($"{Home}/dog-registration");
        Assert.Contains("処理期間を短くした", one.Text);
        Assert.Contains("days: 5", (await jimu.Open($"{Home}/dog-registration/1")).Text);
        Assert.Contains("days: 3", (await jimu.Open($"{Home}/dog-registration/compare?from=1&to=2")).One("ins").TextContent);
        await using var acts = town.Source.CreateCommand("SELECT string_agg(action, ' ' ORDER BY at) FROM audit.entries WHERE subject = 'procedures/dog-registration'");
        Assert.Equal("procedures.bring procedures.publish", await acts.ExecuteScalarAsync(TestContext.Current.CancellationToken));

        // Loading the town's files again writes over nothing that a clerk has published.
        await program.Loader.Add(Path.Combine(TestProgram.TownsFolder, "onojo"), town.Slug);
        Assert.Equal(2, (await OfferedIn(town, "dog-registration"))!.Number);
    }

    [Fact]
    public async Task What_is_wrong_is_said_with_its_place_and_nothing_of_it_is_taken()
    {
        var town = await program.NewTown("onojo", livedIn: true);
        var jimu = await town.Staff("jimu");
        var text = await TextOf(jimu, "dog-registration", 1);
        var page = await jimu.Open($"{Home}/dog-registration");
        async Task Refused(string file, params string[] says)
        {
            var seen = await Bring(jimu, page, file);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, seen.Status);
            Assert.All(says, s => Assert.Contains(s, seen.Text));
        }

        await Refused(text.Replace("days: 5\n", "dayz: 5\n"), $"line {text[..text.IndexOf("days: 5\n", StringComparison.Ordinal)].Count(c => c == '\n') + 1}");    // the word stands there
        await Refused(text[..text.IndexOf("basis:", StringComparison.Ordinal)] + "basis: []" + text[text.IndexOf("\nfrom: ", StringComparison.Ordinal)..], "根拠となる法律か条例");
        await Refused(text.Replace("review: 03-01", "review: 3月"), "月と日を");
        await Refused(text.Replace("url: \"https://laws", "url: \"javascript://laws"), "https://");
        await Refused("a: " + new string('[', 20_000), "入れ子が深すぎます");
        await Refused("a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n", "内容が多すぎます");
        await Refused("", "何も書かれていません");
        await Refused(text.Replace("key: dog-registration", "key: cat-registration"), "別の手続き（cat-registration）");
        Assert.Contains("512 kB", (await Bring(jimu, page, new byte[600 * 1024])).Text);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await Bring(jimu, page, [0xff, 0xfe, 0, 0])).Status);
        await using var db = town.Open();
        Assert.False(await db.Set<Published>().AnyAsync(d => d.PublishedAt == null, TestContext.Current.CancellationToken));

        // What the program brings itself can be taken along and brought back, anchors and all.
        foreach (var key in await db.Set<Published>().Select(d => d.Key).Distinct().ToListAsync(TestContext.Current.CancellationToken))
            Assert.Contains("原案にしました", (await Bring(jimu, await jimu.Open($"{Home}/{key}"), await TextOf(jimu, key, 1))).Text);
    }

    [Fact]
    public async Task A_procedure_of_ones_own_comes_as_a_draft_and_a_draft_can_be_thrown_away()
    {
        var town = await program.NewTown("onojo", livedIn: true);
        var jimu = await town.Staff("jimu");
        var own = (await TextOf(jimu, "dog-registration", 1)).Replace("key: dog-registration", "key: cat-registration");
        var brought = await Bring(jimu, await jimu.Open(Home), own);
        Assert.Contains("原案（未公開）", brought.Text);
        Assert.Null(await OfferedIn(town, "cat-registration"));
        // A second file with the same key writes over nobody's draft.
        Assert.Equal(HttpStatusCode.Conflict, (await Bring(jimu, await jimu.Open(Home), own)).Status);
        Assert.Contains("原案を破棄しました", (await jimu.Submit(await jimu.Open($"{Home}/cat-registration"), form: Discard)).Text);
        Assert.Equal(HttpStatusCode.NotFound, (await jimu.Open($"{Home}/cat-registration")).Status);

        await jimu.Submit(await Bring(jimu, await jimu.Open(Home), own), new() { ["note"] = "始めます" }, form: Publish);
        Assert.NotNull(await OfferedIn(town, "cat-registration"));
    }

    [Fact]
    public async Task Of_two_who_bring_and_publish_at_once_the_second_is_told()
    {
        var town = await program.NewTown("onojo", livedIn: true);
        var (one, other) = (await town.Staff("jimu"), await town.Staff("jimu"));
        var text = await TextOf(one, "dog-registration", 1);
        var (mine, theirs) = (await one.Open($"{Home}/dog-registration"), await other.Open($"{Home}/dog-registration"));
        var draft = await Bring(one, mine, text.Replace("days: 5\n", "days: 4\n"));
        Assert.Equal(HttpStatusCode.Conflict, (await Bring(other, theirs, text.Replace("days: 5\n", "days: 6\n"))).Status);
        var late = other.Ready(await other.Open($"{Home}/dog-registration"), new() { ["note"] = "短くした" }, form: Publish);
        await Bring(one, draft, text.Replace("days: 5\n", "days: 2\n"));
        Assert.Equal(HttpStatusCode.Conflict, (await late()).Status);    // not what they had read
        Assert.Equal(5, (await OfferedIn(town, "dog-registration"))!.Procedure.Definition.Days);
    }

    [Fact]
    public async Task Next_years_version_is_published_early_and_offered_from_its_day()
    {
        var town = await program.NewTown("onojo", livedIn: true);
        var jimu = await town.Staff("jimu");
        var (text, day) = (await TextOf(jimu, "dog-registration", 1), TimeProvider.System.GetUtcNow().AddYears(1));
        var brought = await Bring(jimu, await jimu.Open($"{Home}/dog-registration"), System.Text.RegularExpressions.Regex.Replace(text, "\nfrom: [0-9-]+", $"\nfrom: {day:yyyy}-04-01"));
        Assert.Contains("第1版を受付中（第2版は予定）", (await jimu.Submit(brought, new() { ["note"] = "来年度から" }, form: Publish)).Text);
        Assert.Equal(1, (await OfferedIn(town, "dog-registration"))!.Number);
        Assert.Equal(2, (await OfferedIn(town, "dog-registration", new DateOnly(day.Year, 4, 1)))!.Number);
    }

    [Fact]
    public async Task What_is_ended_cannot_be_begun_until_it_is_offered_again()
    {
        var town = await program.NewTown("onojo", livedIn: true);
        var jimu = await town.Staff("jimu");
        var page = await jimu.Open($"{Home}/dog-registration");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await jimu.Submit(page, form: End)).Status);
        Assert.Contains("受付を終了しました", (await jimu.Submit(page, new() { ["reason"] = "国のサイトに移った" }, form: End)).Text);
        Assert.Null(await OfferedIn(town, "dog-registration"));
        Assert.Contains("受付を終了", (await jimu.Open(Home)).Text);
        await program.Loader.Add(Path.Combine(TestProgram.TownsFolder, "onojo"), town.Slug);
        Assert.Null(await OfferedIn(town, "dog-registration"));
        await jimu.Submit(await jimu.Open($"{Home}/dog-registration"), form: Resume);
        Assert.NotNull(await OfferedIn(town, "dog-registration"));
    }

    [Fact]
    public async Task Whoever_keeps_them_is_told_once_that_the_yearly_day_is_past()
    {
        var town = await program.NewTown("onojo", livedIn: true);
        var jimu = await town.Staff("jimu");
        await using (var mail = town.Source.CreateCommand($"UPDATE people.accounts SET email = sign_in_name || '@{town.Slug}.example.jp'")) await mail.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        await using (var owner = await program.Servers.OpenOwner(Servers.Main, town.Town.Database, TestContext.Current.CancellationToken))
        await using (var old = new Npgsql.NpgsqlCommand("ALTER TABLE procedures.definitions DISABLE TRIGGER published_stays; UPDATE procedures.definitions SET published_at = now() - interval '2 years' WHERE key = 'dog-registration'; ALTER TABLE procedures.definitions ENABLE TRIGGER published_stays", owner))
            await old.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        Assert.Contains("期限を過ぎました", (await jimu.Open(Home)).Text);
        Assert.Contains("今年の見直しが済んでいない手続き", (await jimu.Open("desk")).Text);

        for (var morning = 0; morning < 2; morning++) await Remind();
        Assert.Equal("犬の登録", await program.World.CodeFor($"jimu@{town.Slug}.example.jp", new("犬の登録")));
        await using var told = town.Source.CreateCommand("SELECT count(*) FROM procedures.reviews WHERE reminded_on IS NOT NULL AND version = 1");
        Assert.Equal(1L, await told.ExecuteScalarAsync(TestContext.Current.CancellationToken));

        Assert.Contains("今日見直したことを記録しました", (await jimu.Submit(await jimu.Open($"{Home}/dog-registration"), form: Looked)).Text);
        Assert.DoesNotContain("期限を過ぎました", (await jimu.Open(Home)).Text);

        async Task Remind()
        {
            await using var db = town.Open();
            await RemindOfReviews.Run(new(), new JobRun(Guid.CreateVersion7(), 1, town.Town, db, program.App.Services, TestContext.Current.CancellationToken));
            await db.Save(stop: TestContext.Current.CancellationToken);
        }
    }

    [Theory]
    [InlineData("04-01", "2026-05-01", "2026-11-27", "2027-04-01", false)]
    [InlineData("04-01", "2026-03-31", "2026-11-27", "2026-04-01", true)]
    [InlineData("12-01", "2025-12-01", "2026-11-27", "2026-12-01", false)]
    [InlineData("02-29", "2025-01-01", "2026-11-27", "2026-02-28", true)]
    public void The_day_by_which_it_is_looked_at(string review, string lookedAt, string today, string by, bool late) =>
        Assert.Equal((DateOnly.Parse(by), late), YearlyReview.Due(review, DateOnly.Parse(lookedAt), DateOnly.Parse(today)));

    [Fact]
    public void Lines_that_moved_come_with_a_few_around_them()
    {
        var before = string.Join('\n', Enumerable.Range(1, 40).Select(n => $"line {n}"));
        var pieces = LineDifference.Between(before, before.Replace("line 10\n", "").Replace("line 30\n", "line 30\nnew\n"));
        Assert.Equal(2, pieces.Count);
        Assert.Equal(("line 10", LineIs.Out, 7), (pieces[0].Single(l => l.Is != LineIs.Kept).Text, pieces[0].Single(l => l.Is != LineIs.Kept).Is, pieces[0].Count));
        Assert.Equal((30, "new"), (pieces[1].Single(l => l.Is == LineIs.In).Number, pieces[1].Single(l => l.Is == LineIs.In).Text));
        Assert.Empty(LineDifference.Between(before, before));
    }
}
