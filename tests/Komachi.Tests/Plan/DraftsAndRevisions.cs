using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using AngleSharp.Html.Parser;
using Komachi.Plan;
using Komachi.Platform.Sheets;
using Komachi.Tests.Announcements;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Plan;

/// <summary>The secretariat begins a draft, changes it by page or by sheet, publishes it with a note, and everybody reads what moved.</summary>
public sealed class DraftsAndRevisions(TestProgram program)
{
    const string Home = "desk/plan", Begin = "form[action$='draft/begin']", Publish = "form[action$='draft/publish']", Discard = "form[action$='draft/discard']", Part = "main form[novalidate]";

    static async Task<Seen> Send(Person who, Seen page, string input, byte[] file, string name)
    {
        var form = new MultipartFormDataContent();
        foreach (var hidden in page.One(input).Closest("form")!.QuerySelectorAll("input[type=hidden]")) form.Add(new StringContent(hidden.GetAttribute("value") ?? ""), hidden.GetAttribute("name")!);
        form.Add(new ByteArrayContent(file) { Headers = { ContentDisposition = new("form-data") { Name = "\"file\"", FileName = $"\"{Uri.EscapeDataString(name)}\"", FileNameStar = name.Length > 0 ? name : null } } });
        using var answer = await who.Send(HttpMethod.Post, $"{Home}/draft/file", form);
        if (answer.Headers.Location is { } there) return await who.Open(there.ToString());
        var html = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return page with { Status = answer.StatusCode, Html = html, Document = new HtmlParser().ParseDocument(html) };
    }

    static async Task<PlanDocument> Draft(TestTown town, string plan = "dx")
    {
        await using var db = town.Open();
        return (await KeepPlan.Draft(plan, db, TestContext.Current.CancellationToken))!.Read();
    }

    static string Json(PlanDocument plan) => JsonSerializer.Serialize(plan);

    [Fact]
    public async Task A_measure_is_changed_in_a_draft_and_residents_read_it_once_it_is_published()
    {
        var town = await program.NewTown("oyabe", livedIn: true);
        var (jimu, reader) = (await town.Staff("jimu"), town.Visitor());
        Assert.Equal(HttpStatusCode.Forbidden, (await (await town.Staff("tanto")).Open(Home)).Status);
        var code = SheetsRoundTrip.Plan("oyabe").Measures[0].Code;

        var draft = await jimu.Submit(await jimu.Open(Home), form: Begin);
        Assert.Contains("原案を作りました", draft.Text);
        var saved = await jimu.Submit(await jimu.Open($"{Home}/draft/measure?plan=dx&code={code}"), new() { ["goal"] = "窓口の待ち時間を半分にする", ["actions-0-title"] = "調査と設計", ["actions-0-bars"] = "令和4年度～令和5年度：準備" }, form: Part);
        Assert.Contains("原案に保存しました", saved.Text);
        Assert.DoesNotContain("待ち時間を半分", (await reader.Open($"plan/measures/{code}")).Text);
        Assert.Contains("待ち時間を半分", (await jimu.Open($"{Home}/compare?plan=dx")).One("ins").TextContent + (await jimu.Open($"{Home}/compare?plan=dx")).Text);

        // A note is asked for, since residents read it.
        var asked = await jimu.Submit(saved, new() { ["note"] = "" }, form: Publish);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, asked.Status);
        var out_ = await jimu.Submit(asked, new() { ["note"] = "目標を決めました" }, form: Publish);
        Assert.Contains("公表しました", out_.Text);
        Assert.Contains("待ち時間を半分", (await reader.OpenAnew($"plan/measures/{code}")).Text);

        var changes = await reader.Open("plan/changes");
        Assert.Contains("目標を決めました", changes.Text);
        Assert.Contains("半分", string.Concat(changes.All("ins").Select(i => i.TextContent)));
        Assert.Contains("［追加：", changes.Text);    // said, not only drawn
        var list = await reader.Http.GetFromJsonAsync<JsonElement>($"/{town.Slug}/api/v1/plan/revisions", TestContext.Current.CancellationToken);
        Assert.Equal([2, 1], list.EnumerateArray().Select(r => r.GetProperty("number").GetInt32()));
        var first = await reader.Http.GetFromJsonAsync<JsonElement>($"/{town.Slug}/api/v1/plan/revisions/1", TestContext.Current.CancellationToken);
        Assert.Equal(24, first.GetProperty("measures").GetArrayLength());
        Assert.Equal(HttpStatusCode.NotFound, (await reader.Send(HttpMethod.Get, "api/v1/plan/revisions/3")).StatusCode);

        await using var acts = town.Source.CreateCommand("SELECT string_agg(action, ' ' ORDER BY at) FROM audit.entries WHERE subject = 'plan/dx'");
        Assert.Equal("plan.begin plan.change plan.publish", await acts.ExecuteScalarAsync(TestContext.Current.CancellationToken));
        await using var away = town.Source.CreateCommand("DELETE FROM plan.revisions");
        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => away.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("onojo")]
    [InlineData("omitama")]
    [InlineData("katano")]
    public async Task A_page_that_is_sent_as_it_stands_changes_nothing(string slug)
    {
        var town = await program.NewTown(slug, livedIn: true);
        var jimu = await town.Staff("jimu");
        await jimu.Submit(await jimu.Open(Home), form: Begin);
        var plan = SheetsRoundTrip.Plan(slug);
        foreach (var address in new[] { "head?plan=dx", $"policy?plan=dx&code={plan.Policies[0].Code}", $"measure?plan=dx&code={plan.Measures[0].Code}", $"measure?plan=dx&code={plan.Measures[^1].Code}" })
        {
            var page = await jimu.Open($"{Home}/draft/{address}");
            Assert.Equal(HttpStatusCode.OK, page.Status);
            Assert.Contains("原案に保存しました", (await jimu.Submit(page, form: Part)).Text);
        }
        Assert.Equal(Json(plan), Json(await Draft(town)));
    }

    [Fact]
    public async Task Measures_come_and_go_and_what_does_not_fit_is_kept_and_said_beside_its_field()
    {
        var town = await program.NewTown("onojo", livedIn: true);
        var jimu = await town.Staff("jimu");
        await jimu.Submit(await jimu.Open(Home), form: Begin);

        var wrong = await jimu.Submit(await jimu.Open($"{Home}/draft/measure?plan=dx"), new() { ["code"] = "IV-9 9", ["policy"] = "I", ["title-ja"] = "新しい窓口", ["costs-R4"] = "たくさん", ["urgency"] = "高い", ["indicators-0-title"] = "利用者数" }, form: Part);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.Status);
        Assert.Equal(["code-error", "costs-R4-error", "indicators-0-direction-error", "indicators-0-of-error", "summary-ja-error", "urgency-error"], wrong.All(".field-error").Select(e => e.Id!).Order(StringComparer.Ordinal));
        Assert.Equal(("新しい窓口", "たくさん", "利用者数"), (wrong.One("[name=title-ja]").GetAttribute("value"), wrong.One("[name=costs-R4]").GetAttribute("value"), wrong.One("[name=indicators-0-title]").GetAttribute("value")));
        var added = await jimu.Submit(wrong, new() { ["code"] = "I-9-9", ["summary-ja"] = "要約", ["costs-R4"] = "1,000", ["urgency"] = "３", ["indicators-0-direction"] = "増やす", ["indicators-0-of"] = "累計", ["indicators-0-R4"] = "なし", ["indicators-0-R5"] = "1（試行）" }, form: Part);
        Assert.Contains("原案に保存しました", added.Text);
        var measure = (await Draft(town)).Find("I-9-9")!;
        Assert.Equal((1000m, 3, AmountIs.None, "1（試行）"), (measure.Costs["R4"].Number, measure.Urgency, measure.Indicators.Single().Targets["R4"].Is, measure.Indicators.Single().Targets["R5"].Text));

        // Now the sum that the plan states is another; until it is mended the draft stays a draft.
        Assert.Contains("施策の経費の合計は20100", added.Text);
        var no = await jimu.Submit(added, new() { ["note"] = "追加" }, form: Publish);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, no.Status);
        await jimu.Submit(await jimu.Open($"{Home}/draft/policy?plan=dx&code=I"), new() { ["costs-R4"] = "20100" }, form: Part);
        Assert.Contains("公表しました", (await jimu.Submit(await jimu.Open($"{Home}/draft?plan=dx"), new() { ["note"] = "窓口を追加" }, form: Publish)).Text);
        Assert.Equal(HttpStatusCode.OK, (await town.Visitor().Open("plan/measures/I-9-9")).Status);

        // Taken out again, and with it what points to it.
        await jimu.Submit(await jimu.Open(Home), form: Begin);
        await jimu.Submit(await jimu.Open($"{Home}/draft/policy?plan=dx&code=I"), new() { ["costs-R4"] = "19100" }, form: Part);
        Assert.Contains("原案から外しました", (await jimu.Submit(await jimu.Open($"{Home}/draft/measure?plan=dx&code=I-9-9"), new() { ["remove"] = "true" }, form: Part)).Text);
        Assert.Null((await Draft(town)).Find("I-9-9"));
        // A policy that still has measures stays.
        var policy = await jimu.Submit(await jimu.Open($"{Home}/draft/policy?plan=dx&code=I"), new() { ["remove"] = "true" }, form: Part);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, policy.Status);
        var gone = await jimu.Submit(await jimu.Open($"{Home}/draft?plan=dx"), form: Discard);
        Assert.Contains("破棄しました", gone.Text);
        Assert.Equal(HttpStatusCode.NotFound, (await jimu.Open($"{Home}/draft?plan=dx")).Status);
    }

    [Fact]
    public async Task Of_two_who_write_at_once_the_second_is_told_and_loses_nothing()
    {
        var town = await program.NewTown("oyabe", livedIn: true);
        var (one, other) = (await town.Staff("jimu"), await town.Staff("jimu"));
        await one.Submit(await one.Open(Home), form: Begin);
        var code = SheetsRoundTrip.Plan("oyabe").Measures[0].Code;
        var (mine, theirs) = (await one.Open($"{Home}/draft/measure?plan=dx&code={code}"), await other.Open($"{Home}/draft/measure?plan=dx&code={code}"));
        await other.Submit(theirs, new() { ["goal"] = "あちらの目標" }, form: Part);
        var told = await one.Submit(mine, new() { ["goal"] = "こちらの目標" }, form: Part);
        Assert.Equal(HttpStatusCode.Conflict, told.Status);
        Assert.Contains("ほかの職員が原案を変更しました", told.Text);
        Assert.Equal("あちらの目標", (await Draft(town)).Find(code)!.Goal);
        await one.Submit(told, form: Part);
        Assert.Equal("こちらの目標", (await Draft(town)).Find(code)!.Goal);
        // Pressed twice it counts once.
        var ready = one.Ready(await one.Open($"{Home}/draft?plan=dx"), new() { ["note"] = "目標" }, form: Publish);
        Assert.All(await Task.WhenAll(ready(), ready()), p => Assert.Equal(HttpStatusCode.OK, p.Status));
        await using var count = town.Source.CreateCommand("SELECT count(*) FROM audit.entries WHERE action = 'plan.publish'");
        Assert.Equal(1L, await count.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_file_becomes_the_draft_or_says_every_mistake_and_changes_nothing()
    {
        var town = await program.NewTown("onojo", livedIn: true);
        var jimu = await town.Staff("jimu");
        var book = PlanSheets.Write(SheetsRoundTrip.Plan("onojo"));

        var spoilt = SheetFile.Read(SheetFile.ToXlsx(book), "a.xlsx");
        spoilt.Find("経費")!.Rows[5].Cells[3] = "約百万円";
        spoilt.Find("施策")!.Rows[3].Cells[1] = "IX";
        var wrong = await Send(jimu, await jimu.Open(Home), "#file-dx", SheetFile.ToXlsx(spoilt), "plan.xlsx");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.Status);
        var rows = wrong.All("#problems-caption ~ tbody tr").Select(r => string.Join(' ', r.Children.Select(c => c.TextContent.Trim()))).ToArray();
        Assert.Contains("経費 D6 令和5年度 R5：「約百万円」は数字ではありません。数字か「なし」「資料になし」を書いてください。", rows);
        Assert.Contains("施策 B4 基本方針 基本方針「IX」がありません。", rows);
        Assert.DoesNotContain("編集する", (await jimu.Open(Home)).Text);

        // One sheet takes the place of that sheet alone, as Excel in Japan writes it.
        var csv = Encoding.UTF8.GetString(SheetFile.ToCsv(book.Find("指針")!)).TrimStart('\ufeff') + "X-1,新しい指針,まず紙をなくす,\r\n";
        var brought = await Send(jimu, await jimu.Open(Home), "#file-dx", CodePagesEncodingProvider.Instance.GetEncoding(932)!.GetBytes(csv), "指針.csv");
        Assert.Contains("ファイルの内容を原案にしました", brought.Text);
        var plan = await Draft(town);
        Assert.Equal("まず紙をなくす", plan.Plan.Guidelines[^1].Text);
        Assert.Equal(30, plan.Measures.Count);

        // Who does not know of the draft writes over nothing.
        var stranger = await Send(jimu, await jimu.Open(Home), "#file", SheetFile.ToXlsx(book), "plan.xlsx");
        Assert.Equal(HttpStatusCode.Conflict, stranger.Status);
        var again = await Send(jimu, await jimu.Open($"{Home}/draft?plan=dx"), "#file", Encoding.UTF8.GetBytes(PlanYaml.Write(SheetsRoundTrip.Plan("onojo"))), "dx.yaml");
        Assert.Contains("ファイルの内容を原案にしました", again.Text);
        Assert.Equal(Json(SheetsRoundTrip.Plan("onojo")), Json(await Draft(town)));

        foreach (var (bytes, name, said) in new (byte[], string, string)[]
        {
            ([0xd0, 0xcf, 0x11, 0xe0], "plan.xls", "パスワード付き"), ("polices: []"u8.ToArray(), "dx.yaml", "1行目の1文字目"), ("a: &a [1]\nb: *a"u8.ToArray(), "dx.yaml", "参照は使えません"),
            ("measures: [ ~ ]"u8.ToArray(), "dx.yaml", "何も書かれていません"), ("plan: { key: \"a\\0b\" }"u8.ToArray(), "dx.yaml", "使えない文字"), ("plan: { key: \"\\ud800\" }"u8.ToArray(), "dx.yaml", ""),
            (Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("[", 5000))), "dx.yaml", "入れ子が深すぎます"), (new byte[SheetFile.MostBytes + 10], "plan.xlsx", "20 MBを超えています"), ([], "", "ファイルを選んでください"),
        })
        {
            var no = await Send(jimu, await jimu.Open(Home), "#file", bytes, name);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, no.Status);
            Assert.Contains(said, no.Text);
        }
    }

    [Fact]
    public async Task A_plan_has_a_successor_and_the_earlier_one_stays_readable()
    {
        var town = await program.NewTown("onojo", livedIn: true);
        var (jimu, reader) = (await town.Staff("jimu"), town.Visitor());
        Assert.Contains("次の計画", (await reader.Open("plan")).Text);
        Assert.Contains("まだ載っていません", (await reader.Open("plan")).Text);

        var next = SheetsRoundTrip.Plan("omitama");
        (next.Plan.Key, next.Plan.After, next.Plan.From, next.Plan.Until) = ("dx-2", "dx", "R8", "R12");
        next.Plan.Title["ja"] = "第2期DX推進計画";
        foreach (var measure in next.Measures)
            foreach (var action in measure.Actions) action.Bars.Clear();
        var brought = await Send(jimu, await jimu.Open(Home), "#file", SheetFile.ToZip(PlanSheets.Write(next)), "plan.zip");
        Assert.Contains("ファイルの内容を原案にしました", brought.Text);
        Assert.Contains("公表しました", (await jimu.Submit(brought, new() { ["note"] = "次の計画" }, form: Publish)).Text);

        var now = await reader.OpenAnew("plan");
        Assert.Contains("第2期DX推進計画", now.One("h1").TextContent);
        var former = await reader.Open(now.All("a").First(a => a.TextContent == "大野城市DX推進計画" || a.GetAttribute("href")!.EndsWith("plan=dx")).GetAttribute("href")!);
        Assert.Contains("計画期間は", former.Text);
        Assert.Contains("第2期DX推進計画", former.Text);    // it leads on
        // Links keep to the plan that is read.
        Assert.All(former.All(".hits a, .tabs a"), a => Assert.EndsWith("?plan=dx", a.GetAttribute("href")));
        Assert.Equal(HttpStatusCode.OK, (await reader.Open("plan/measures/I-1-1?plan=dx")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await reader.Open("plan/measures/I-1-1")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await reader.Open("plan?plan=none-such")).Status);
        foreach (var page in new[] { "plan/roadmap", "plan/costs", "plan/changes" }) Assert.Equal(HttpStatusCode.OK, (await reader.Open(page + "?plan=dx")).Status);
    }

    [Theory]
    [InlineData(2021, "one")]
    [InlineData(2022, "one")]
    [InlineData(2025, "one")]
    [InlineData(2026, "one")]
    [InlineData(2027, "two")]
    [InlineData(2040, "two")]
    public void Of_several_plans_the_one_that_runs_is_shown_else_the_last_that_ended_else_the_first_to_come(int year, string expected) =>
        Assert.Equal(expected, Revision.Pick([new(Guid.Empty, "two", 2027, 2030), new(Guid.Empty, "one", 2022, 2025)], new DateOnly(year, 6, 1))!.Plan);

    [Fact]
    public void Two_texts_are_told_apart_word_by_word()
    {
        string Said(string before, string after) => string.Concat(new FieldDifference(default, before, after).Pieces.Select(p => p.Is switch { Piece.Out => $"[-{p.Text}-]", Piece.In => $"[+{p.Text}+]", _ => p.Text }));
        Assert.Equal("オンライン申請を[-拡充-][+推進+]する", Said("オンライン申請を拡充する", "オンライン申請を推進する"));
        Assert.Equal("[+新しい文+]", Said("", "新しい文"));
        Assert.Equal("R4に[-100-][+112+]件", Said("R4に100件", "R4に112件"));
        Assert.Equal("同じ", Said("同じ", "同じ"));
    }
}
