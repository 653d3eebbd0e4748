using System.Net;
using Komachi.Plan;
using Komachi.Tests.Harness;
using Komachi.Tests.Offices;

namespace Komachi.Tests.Plan;

/// <summary>A sheet on its whole way, as each plan has it: written, checked, asked back, decided on, bought, introduced, and looked at again.</summary>
public sealed class GoingRound(TestProgram program)
{
    [Fact]
    public async Task In_katano_it_goes_through_eight_stages_and_each_asks_for_its_own()
    {
        var town = await program.NewTown("katano", livedIn: true);
        var (tanto, jimu, iin) = (await town.Staff("tanto"), await town.Staff("jimu"), await town.Staff("iin"));
        var number = await tanto.Begin(measure: "1-2-2");
        Assert.StartsWith(AtTheRound.Label() + "-", number);
        Assert.Contains(number, (await tanto.Open("desk/plan/inbox")).Text);

        // What is asked and missing is named, all of it, and nothing that was typed is lost.
        var wrong = await tanto.Submit(await tanto.Sheet(number), new() { ["need"] = "窓口が混む" }, "次へ進める：事務局の精査");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.Status);
        Assert.Equal(["#option", "#" + AtTheRound.Amount("requested"), "#effect", "#rfiTo", "#rfiOn", "#rfiAnswers"], wrong.All(".error-summary a").Select(a => a.GetAttribute("href")!));
        Assert.Contains("対応策", wrong.One(".error-summary").TextContent);
        Assert.Equal("窓口が混む", wrong.One("textarea[name=need]").TextContent.Trim());
        Assert.Equal("Open draft Department", await town.StateOf(number));

        Assert.Contains("保存しました", (await tanto.Press(number, "途中で保存する", AtTheRound.Drafted(rfi: true))).One(".notice").TextContent);
        await tanto.Press(number, "次へ進める：事務局の精査");
        Assert.Equal("Open check Secretariat", await town.StateOf(number));
        Assert.DoesNotContain(number, (await tanto.Open("desk/plan/inbox")).Text);
        Assert.Contains(number, (await jimu.Open("desk/plan/inbox")).Text);

        await jimu.Say(number, "ask", "question", "補助の割合を教えてください。");
        Assert.Equal("Open check Department", await town.StateOf(number));
        var asked = await tanto.Sheet(number);
        Assert.Contains("補助の割合を教えてください。", asked.Text);
        var silent = await tanto.Submit(asked, press: "回答して戻す：事務局の精査");
        Assert.Equal(["#note"], silent.All(".error-summary a").Select(a => a.GetAttribute("href")!));
        await tanto.Press(number, "回答して戻す：事務局の精査", new() { ["note"] = "2分の1です。", [AtTheRound.Amount("requested", "subsidy")] = "1200" });
        Assert.Equal("Open check Secretariat", await town.StateOf(number));

        await jimu.Press(number, "次へ進める：委員会の決定", new() { ["remark"] = "費用は妥当。" });
        var agenda = await iin.Open("desk/plan/agenda");
        Assert.Contains("費用は妥当。", agenda.Text);
        Assert.Contains(number, agenda.Text);
        // What was asked for is offered as what is granted, and less can be granted.
        var deciding = await iin.Sheet(number);
        Assert.Equal("1,200", deciding.One($"input[name={AtTheRound.Amount("adopted")}]").GetAttribute("value"));
        Assert.Contains("採択しました", (await iin.Press(number, "このシートを採択する", new() { [AtTheRound.Amount("adopted")] = "1,000", ["note"] = "早く始めること。" })).One(".notice").TextContent);
        Assert.Equal("Open budget Secretariat", await town.StateOf(number));

        await jimu.Press(number, "次へ進める：調達");
        var contract = await tanto.Submit(await tanto.Sheet(number), new() { ["contractFrom"] = "2027-06-01", ["contractUntil"] = "2027-05-31" }, "次へ進める：導入");
        Assert.Equal(["#contractUntil"], contract.All(".error-summary a").Select(a => a.GetAttribute("href")!));
        await tanto.Press(number, "次へ進める：導入", new() { ["rfpTo"] = "見本システム", ["rfpOn"] = "2027-04-10", ["rfpAnswers"] = "1社", ["contractWith"] = "見本システム", ["contractFrom"] = "2027-06-01", ["contractUntil"] = "2032-05-31" });
        await tanto.Press(number, "次へ進める：効果検証");
        await tanto.Press(number, "次へ進める：見直し", new() { [AtTheRound.Amount("settled")] = "990", [AtTheRound.Amount("settled", "subsidy")] = "0", ["result"] = "待ち時間が半分になった" });
        var done = await jimu.Press(number, "このシートを完了する");
        Assert.Equal("Done revise Secretariat", await town.StateOf(number));
        Assert.Equal("1200 1000 990", await town.Ask<string>($"SELECT m.requested || ' ' || m.adopted || ' ' || m.settled FROM plan.sheet_money m JOIN plan.sheets s ON s.id = m.sheet_id WHERE s.number = '{number}' AND m.source = 'general'"));

        // The history has it all, newest first, with who and what was before.
        var history = done.All(".timeline li").Select(l => l.TextContent).ToArray();
        Assert.Contains("見本 事務", history[0]);
        Assert.Contains(history, l => l.Contains("800 → 1,200") && l.Contains("見本 担当"));
        Assert.Contains(history, l => l.Contains("必要な理由（ニーズ）：窓口が混む"));
        // And the desk's search finds it by its number and by its words.
        foreach (var words in new[] { number, "証明書の窓口" }) Assert.Contains(number, (await tanto.Submit(await tanto.Open("desk"), new() { ["q"] = words }, form: "form.desk-find")).One("main").TextContent);
        Assert.Contains(history, l => l.Contains("早く始めること。") && l.Contains("見本 委員"));
        Assert.Equal(8, await town.Ask<long>($"SELECT count(*) FROM audit.entries WHERE subject = 'plan/sheets/{number}' AND action IN ('plan.pass_sheet', 'plan.adopt_sheet')"));
    }

    [Fact]
    public async Task In_onojo_it_is_presented_to_the_mayor_and_asks_for_three_years()
    {
        var town = await program.NewTown("onojo", livedIn: true);
        var (tanto, jimu, iin) = (await town.Staff("tanto"), await town.Staff("jimu"), await town.Staff("iin"));
        var number = await tanto.Begin(measure: "I-6-1");
        var fields = AtTheRound.Drafted();
        fields[AtTheRound.Amount("requested", ahead: 3)] = "300";
        await tanto.Press(number, "次へ進める：事務局の精査", fields);
        await jimu.Press(number, "次へ進める：市長へのプレゼンテーション");
        var early = await iin.Submit(await iin.Sheet(number), press: "このシートを採択する");
        Assert.Equal(["#mayorOn", "#mayorSaid"], early.All(".error-summary a").Select(a => a.GetAttribute("href")!));
        await iin.Press(number, "このシートを採択する", new() { ["mayorOn"] = "2026-11-10", ["mayorSaid"] = "進めてよい" });
        await jimu.Press(number, "次へ進める：導入");
        await tanto.Press(number, "次へ進める：効果検証", new() { ["contractWith"] = "見本システム", ["contractFrom"] = "2027-06-01", ["contractUntil"] = "2032-05-31" });
        await tanto.Press(number, "このシートを完了する", new() { [AtTheRound.Amount("settled")] = "0", ["result"] = "速くなった" });
        Assert.Equal("Done effect Department", await town.StateOf(number));
        Assert.Equal(300, await town.Ask<long>($"SELECT m.adopted FROM plan.sheet_money m JOIN plan.sheets s ON s.id = m.sheet_id WHERE s.number = '{number}' AND m.year = {Komachi.Platform.Days.FiscalYear.Of(AtHand.Today).Year + 3}"));
    }

    [Fact]
    public async Task What_was_declined_or_withdrawn_is_opened_again_from_the_beginning()
    {
        var town = await program.NewTown("oyabe", livedIn: true);
        var (tanto, jimu, iin) = (await town.Staff("tanto"), await town.Staff("jimu"), await town.Staff("iin"));
        var number = await tanto.Begin();
        await tanto.Press(number, "次へ進める：事務局の精査", AtTheRound.Drafted());
        // What became a measure of the plan is said by the secretariat.
        await jimu.Press(number, "次へ進める：推進本部の決定", new() { ["measure"] = "II-3-6" });
        Assert.Equal("II-3-6", await town.Ask<string>($"SELECT measure FROM plan.sheets WHERE number = '{number}'"));
        Assert.Equal(["#reasons"], (await iin.Say(number, "decline", "reasons", " ")).All(".error-summary a").Select(a => a.GetAttribute("href")!));
        Assert.Contains("不採択としました", (await iin.Say(number, "decline", "reasons", "費用が高い")).One(".notice").TextContent);
        Assert.Equal("Declined decide Committee", await town.StateOf(number));
        var declined = await tanto.Sheet(number);
        Assert.Contains("費用が高い", declined.Text);
        Assert.Empty(declined.All("button[value=pass]"));

        await jimu.Say(number, "reopen", "reopening", "安い案がある");
        Assert.Equal("Open draft Department", await town.StateOf(number));
        Assert.Contains("取り下げました", (await tanto.Say(number, "withdraw", "withdrawal", "来年にする")).One(".notice").TextContent);
        Assert.Equal("Withdrawn draft Department", await town.StateOf(number));
    }

    [Fact]
    public async Task Of_two_people_at_once_the_second_loses_nothing_and_is_told()
    {
        var town = await program.NewTown("komaki", livedIn: true);
        var (tanto, jimu) = (await town.Staff("tanto"), await town.Staff("jimu"));
        var number = await tanto.Begin();
        var (mine, theirs) = (await tanto.Sheet(number), await jimu.Sheet(number));
        await jimu.Submit(theirs, new() { ["need"] = "事務局が書いた理由" }, "途中で保存する");
        var late = await tanto.Submit(mine, new() { ["need"] = "担当が書いた理由" }, "途中で保存する");
        Assert.Equal(HttpStatusCode.Conflict, late.Status);
        Assert.Contains("担当が書いた理由", late.One("textarea[name=need]").TextContent);
        Assert.Contains("事務局が書いた理由", late.Text);
        var again = await tanto.Submit(late, press: "途中で保存する");
        Assert.Equal(HttpStatusCode.OK, again.Status);
        Assert.Equal("担当が書いた理由", await town.Ask<string>($"SELECT answers ->> 'need' FROM plan.sheets WHERE number = '{number}'"));

        // A comment in between is in nobody's way.
        var open = await tanto.Sheet(number);
        await jimu.Say(number, "comments", "comment", "よい案です");
        Assert.Equal(HttpStatusCode.OK, (await tanto.Submit(open, AtTheRound.Drafted(), "次へ進める：事務局の精査")).Status);
    }

    [Fact]
    public async Task A_form_that_is_sent_twice_counts_once()
    {
        var town = await program.NewTown("komaki", livedIn: true);
        var tanto = await town.Staff("tanto");
        var before = await town.Ask<long>("SELECT count(*) FROM plan.sheets");
        var begin = tanto.Ready(await tanto.Open("desk/plan/sheets/new"), new() { ["title"] = "二度押し" });
        var both = await Task.WhenAll(begin(), begin());
        Assert.All(both, seen => Assert.Equal(HttpStatusCode.OK, seen.Status));
        Assert.Equal(before + 1, await town.Ask<long>("SELECT count(*) FROM plan.sheets"));
        var number = both[0].One(".page-heading-above").TextContent.Trim();
        var pass = tanto.Ready(await tanto.Sheet(number), AtTheRound.Drafted(), "次へ進める：事務局の精査");
        Assert.All(await Task.WhenAll(pass(), pass()), seen => Assert.Equal(HttpStatusCode.OK, seen.Status));
        Assert.Equal("Open check Secretariat", await town.StateOf(number));
        Assert.Equal(1, await town.Ask<long>($"SELECT count(*) FROM plan.sheet_events e JOIN plan.sheets s ON s.id = e.sheet_id WHERE s.number = '{number}' AND e.kind = 'Passed'"));
    }

    [Fact]
    public async Task The_secretariat_opens_a_round_with_the_days_of_the_plan_and_what_is_closed_stays()
    {
        var town = await program.NewTown("katano", livedIn: true);
        var (tanto, jimu) = (await town.Staff("tanto"), await town.Staff("jimu"));
        var year = Komachi.Platform.Days.FiscalYear.Of(AtHand.Today).Year;
        var form = await jimu.Open($"desk/plan/rounds/new?year={AtTheRound.Label(0)}");
        Assert.Equal($"{year - 1}-08-31", form.One("input[name=by-draft]").GetAttribute("value"));
        Assert.Equal($"{year}-03-31", form.One("input[name=by-budget]").GetAttribute("value"));
        Assert.Equal("", form.One("input[name=by-buy]").GetAttribute("value") ?? "");
        var backwards = await jimu.Submit(form, new() { ["by-check"] = $"{year - 1}-08-01" });
        Assert.Equal(["#by-check"], backwards.All(".error-summary a").Select(a => a.GetAttribute("href")!));
        Assert.Contains("取りまとめを開きました", (await jimu.Submit(backwards, new() { ["by-check"] = $"{year - 1}-09-15" })).One(".notice").TextContent);

        // Two rounds are open now: the sheet says for which.
        var begun = await tanto.Submit(await tanto.Open("desk/plan/sheets/new"), new() { ["title"] = "今年度のうちに", ["round"] = AtTheRound.Label(0) });
        var number = begun.One(".page-heading-above").TextContent.Trim();
        Assert.Equal($"{AtTheRound.Label(0)}-001", number);
        Assert.Contains("過ぎています", begun.Text);

        // Days that are moved move the sheets' days.
        await jimu.Submit(await jimu.Open($"desk/plan/rounds/{AtTheRound.Label(0)}"), new() { ["by-draft"] = "2199-01-01", ["by-check"] = "", ["by-decide"] = "", ["by-budget"] = "" }, form: "form[action$='/days']");
        Assert.DoesNotContain("過ぎています", (await tanto.Sheet(number)).One("main").TextContent);

        var open = await tanto.Sheet(number);
        var unsure = await jimu.Submit(await jimu.Open($"desk/plan/rounds/{AtTheRound.Label(0)}"), form: "form[action$='/close']");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, unsure.Status);
        Assert.Contains("締め切りました", (await jimu.Submit(unsure, new() { ["sure"] = "true" }, form: "form[action$='/close']")).One(".notice").TextContent);
        var late = await tanto.Submit(open, new() { ["need"] = "まだ書く" }, "途中で保存する");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, late.Status);
        Assert.Contains("締め切りました", late.One(".error-summary").TextContent);
        Assert.Empty((await tanto.Sheet(number)).All("button[value=pass]"));
        Assert.DoesNotContain(number, (await tanto.Open("desk/plan/inbox")).Text);
    }

    [Fact]
    public async Task A_plan_that_takes_sheets_in_its_days_alone_takes_none_afterwards()
    {
        var town = await program.NewTown("omitama", livedIn: true);
        await town.Do("UPDATE plan.rounds SET any_time = false, days = jsonb_set(days, '{draft}', '\"2020-08-31\"')");
        var tanto = await town.Staff("tanto");
        var none = await tanto.Open("desk/plan/sheets/new");
        Assert.Contains("受け付けている取りまとめはありません", none.Text);
        Assert.Empty(none.All("input[name=title]"));
    }

    [Fact]
    public async Task What_happened_is_never_changed()
    {
        var town = await program.NewTown("komaki", livedIn: true);
        foreach (var sql in new[] { "UPDATE plan.sheet_events SET text = 'anders'", "DELETE FROM plan.sheet_events" })
            Assert.Contains("never changed", (await Assert.ThrowsAsync<Npgsql.PostgresException>(() => town.Do(sql))).MessageText);
        Assert.Equal("23514", (await Assert.ThrowsAsync<Npgsql.PostgresException>(() => town.Do("UPDATE plan.sheets SET state = 'Lost'"))).SqlState);
        // With its round, when that has served its time, it goes.
        await town.Do("DELETE FROM plan.rounds");
        Assert.Equal(0, await town.Ask<long>("SELECT count(*) FROM plan.sheet_events"));
    }

    [Fact]
    public async Task Every_town_has_samples_in_different_stages()
    {
        foreach (var slug in new[] { "komaki", "omitama", "onojo", "oyabe", "katano" })
        {
            var town = await program.NewTown(slug, livedIn: true);
            Assert.Equal(6, await town.Ask<long>("SELECT count(*) FROM plan.sheets WHERE title LIKE '%見本%'"));
            Assert.Equal(4, await town.Ask<long>("SELECT count(DISTINCT stage) FROM plan.sheets"));
            foreach (var (name, turn) in new[] { ("tanto", "担当課として書くシート"), ("jimu", "事務局で精査するシート"), ("iin", "委員会で決定するシート") })
                Assert.Contains(turn, (await (await town.Staff(name)).Open("desk/plan/inbox")).Text);
            // The desk's first page says so, too.
            Assert.Contains("委員会で決定するシート", (await (await town.Staff("iin")).Open("desk")).Text);
        }
    }

    [Fact]
    public async Task The_agenda_says_what_is_to_be_decided_and_is_handed_out_as_a_pdf()
    {
        var town = await program.NewTown("katano", livedIn: true);
        var iin = await town.Staff("iin");
        var agenda = await iin.Open("desk/plan/agenda");
        Assert.Equal(2, agenda.All("#items-caption ~ tbody tr").Count());
        Assert.Equal("11,500", agenda.One("#items-caption ~ tfoot td").TextContent);
        Assert.Contains("電子決裁を全課で使う", agenda.Text);
        Assert.Contains("技術の面で問題はない", agenda.Text);
        using var pdf = await iin.Send(HttpMethod.Get, $"desk/plan/agenda/pdf?round={AtTheRound.Label()}");
        Assert.Equal((HttpStatusCode.OK, "application/pdf"), (pdf.StatusCode, pdf.Content.Headers.ContentType!.MediaType));
    }
}
