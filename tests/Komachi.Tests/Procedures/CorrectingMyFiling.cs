using System.Net;
using Komachi.Procedures;
using Komachi.Tests.Announcements;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Procedures;

/// <summary>補正: only what was asked can be changed; it is shown as a difference before it is sent, and then the clock goes on.</summary>
public sealed class CorrectingMyFiling(TestProgram program)
{
    [Fact]
    public async Task Only_what_was_asked_stands_there_and_only_that_changes()
    {
        var town = await program.NewTown("onojo");
        var of = await town.HasFiled("dog-registration", by: "hanako");
        await town.AskToCorrect(of.Id, "犬の名前と毛の色をお知らせください。", "dogName", "coat");
        var hanako = await town.Resident();
        var page = await hanako.Open(Path(of));
        Assert.Contains("犬の名前と毛の色をお知らせください。", page.Text);
        Assert.Equal("見本ポチ", page.One("input[name=dogName]").GetAttribute("value"));
        Assert.Empty(page.All("[name=breed], [name=dogSex], [name=ownerKana]"));

        // Whoever writes into the form what was not asked changes nothing with it.
        var check = await hanako.Submit(page, new() { ["dogName"] = "見本ハチ", ["coat"] = "黒", ["breed"] = "ライオン" });
        Assert.EndsWith("/correct/check", check.Url);
        Assert.Contains("見本ポチ", check.All("del").Select(d => d.TextContent));
        Assert.Contains("見本ハチ", check.Text);
        Assert.DoesNotContain("ライオン", check.Text);
        Assert.Equal(CaseState.Correcting, (await town.Look(of.Id)).State);

        var sent = await hanako.Submit(check, new() { ["note"] = "まちがえました。" });
        Assert.EndsWith("?done=correct", sent.Url);
        var now = await town.Look(of.Id);
        Assert.Equal((CaseState.Arrived, "見本ハチ", "黒", true), (now.State, now.Answers["dogName"]!.ToString(), now.Answers["coat"]!.ToString(), now.Unread));
        Assert.Equal(of.Answers["breed"]!.ToString(), now.Answers["breed"]!.ToString());
        Assert.Equal(of.Answers.Count, now.Answers.Count);
        Assert.True(now.DueOn >= of.DueOn);
        Assert.Equal(1, await town.Count("procedures.corrections WHERE answered_at IS NOT NULL"));
        Assert.Equal(1, await town.Count("audit.entries WHERE action = 'procedures.correct'"));
        // It is over: the page leads back to the filing.
        Assert.EndsWith($"/procedures/cases/{of.Id}", (await hanako.Open(Path(of))).Url);
    }

    [Fact]
    public async Task What_is_wrong_is_said_beside_it_and_what_fits_is_kept()
    {
        var town = await program.NewTown("onojo");
        var of = await town.HasFiled("dog-registration", by: "hanako");
        await town.AskToCorrect(of.Id, "確かめてください。", "dogName", "coat");
        var hanako = await town.Resident();
        var wrong = await hanako.Submit(await hanako.Open(Path(of)), new() { ["dogName"] = "", ["coat"] = "白" });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.Status);
        Assert.Equal("", wrong.One("input[name=dogName]").GetAttribute("value") ?? "");
        Assert.NotEmpty(wrong.All("#dogName-error"));
        Assert.Equal("白", (await hanako.Open(Path(of))).One("input[name=coat]").GetAttribute("value"));    // on another day, on another device
        Assert.Equal("茶と白", (await town.Look(of.Id)).Answers["coat"]!.ToString());
    }

    [Fact]
    public async Task An_answer_that_asks_something_new_asks_it_here()
    {
        var town = await program.NewTown("onojo");
        var of = await town.HasFiled("dog-registration", by: "hanako");
        await town.AskToCorrect(of.Id, "マイクロチップを確かめてください。", "chip");
        var hanako = await town.Resident();
        var more = await hanako.Submit(await hanako.Open(Path(of)), new() { ["chip"] = "national" });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, more.Status);
        Assert.NotEmpty(more.All("[name=chipCase]"));
        var check = await hanako.Submit(more, new() { ["chip"] = "national", ["chipCase"] = "late" });
        Assert.EndsWith("/correct/check", check.Url);
        await hanako.Submit(check);
        Assert.Equal("late", (await town.Look(of.Id)).Answers["chipCase"]!.ToString());
    }

    [Fact]
    public async Task A_field_of_one_row_leaves_the_other_rows_alone()
    {
        var town = await program.NewTown("onojo");
        var of = await town.HasFiled("tax-certificate", by: "hanako");
        await town.AskToCorrect(of.Id, "2枚目の通数を確かめてください。", "certificates/1/copies");
        var hanako = await town.Resident();
        var page = await hanako.Open(Path(of));
        Assert.Single(page.All("input[name$='-copies']"));
        var check = await hanako.Submit(page, new() { ["certificates-1-copies"] = "3" });
        Assert.EndsWith("/correct/check", check.Url);
        await hanako.Submit(check);
        var rows = (await town.Look(of.Id)).Answers["certificates"]!.AsArray();
        Assert.Equal(["1", "3"], rows.Select(r => r!["copies"]!.ToString()));
        Assert.Null(rows[0]!["_row"]);
    }

    [Fact]
    public async Task Who_changes_nothing_says_why_and_two_presses_send_one_answer()
    {
        var town = await program.NewTown("onojo");
        var of = await town.HasFiled("dog-registration", by: "hanako");
        await town.AskToCorrect(of.Id, "名前は合っていますか。", "dogName");
        var hanako = await town.Resident();
        var check = await hanako.Submit(await hanako.Open(Path(of)));
        var asked = await hanako.Submit(check);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, asked.Status);
        Assert.NotEmpty(asked.All("#note-error"));
        var send = hanako.Ready(asked, new() { ["note"] = "合っています。" });
        await Task.WhenAll(send(), send(), send());
        Assert.Equal(1, await town.Count($"procedures.moves WHERE case_id = '{of.Id}' AND kind = 'Corrected'"));
    }

    [Fact]
    public async Task What_the_desk_withdrew_meanwhile_waits_for_nothing_and_says_so()
    {
        var town = await program.NewTown("onojo");
        var of = await town.HasFiled("dog-registration", by: "hanako");
        await town.AskToCorrect(of.Id, "名前は合っていますか。", "dogName");
        var hanako = await town.Resident();
        var page = await hanako.Open(Path(of));
        var clerk = await town.Staff("jimu");
        await clerk.Submit(await clerk.Open(FiledCases.PageOf(of)), new() { ["withdrawWhy"] = "電話で申出があった。" }, form: "form[action$='/withdraw']");
        Assert.Equal(CaseState.Withdrawn, (await town.Look(of.Id)).State);
        Assert.Equal(0, await town.Count($"procedures.corrections WHERE case_id = '{of.Id}' AND left_at IS NULL"));

        var over = await hanako.Submit(page, new() { ["dogName"] = "見本ハチ" });
        Assert.Equal(HttpStatusCode.OK, over.Status);
        Assert.EndsWith($"/procedures/cases/{of.Id}?done=over", over.Url);
        Assert.Contains("もう必要なくなりました", over.Text);
        Assert.Empty(over.All($"a[href$='{of.Id}/correct']"));
    }

    [Fact]
    public async Task What_the_town_lists_on_the_day_is_chosen_anew()
    {
        var town = await program.NewTown("onojo");
        var of = await town.HasFiled("bulky-waste", by: "hanako");
        await town.AskToCorrect(of.Id, "別の日を選んでください。", "collectionDay");
        var hanako = await town.Resident();
        var page = await hanako.Open(Path(of));
        var days = page.All("select[name=collectionDay] option").Select(o => o.GetAttribute("value")!).Where(v => v.Length > 0).ToArray();
        Assert.NotEmpty(days);
        Assert.DoesNotContain(of.Answers["collectionDay"]!.ToString(), days);    // long ago
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await hanako.Submit(page, new() { ["collectionDay"] = of.Answers["collectionDay"]!.ToString() })).Status);
        var check = await hanako.Submit(page, new() { ["collectionDay"] = days[1] });
        Assert.EndsWith("/correct/check", check.Url);
        await hanako.Submit(check);
        Assert.Equal(days[1], (await town.Look(of.Id)).Answers["collectionDay"]!.ToString());
    }

    [Fact]
    public async Task A_day_that_is_over_is_not_held_against_who_corrects_something_else()
    {
        var town = await program.NewTown("onojo");
        var of = await town.HasFiled("bulky-waste", by: "hanako");
        await town.AskToCorrect(of.Id, "確かめてください。", "email");
        var hanako = await town.Resident();
        var check = await hanako.Submit(await hanako.Open(Path(of)));
        Assert.EndsWith("/correct/check", check.Url);
        await hanako.Submit(check, new() { ["note"] = "合っています。" });
        Assert.Equal(CaseState.Arrived, (await town.Look(of.Id)).State);
    }

    [Fact]
    public async Task What_happened_since_it_came_may_be_said_and_is_not_noticed_as_wrong()
    {
        var (town, stop) = (await program.NewTown("onojo"), TestContext.Current.CancellationToken);
        var of = await town.HasFiled("dog-registration", by: "hanako");
        await using (var earlier = town.Source.CreateCommand($"UPDATE procedures.cases SET arrived_at = arrived_at - interval '10 days' WHERE id = '{of.Id}'")) await earlier.ExecuteNonQueryAsync(stop);
        await town.AskToCorrect(of.Id, "飼い始めた日を確かめてください。", "acquiredOn");
        var hanako = await town.Resident();
        var day = (await town.Look(of.Id)).ArrivedOn.AddDays(5);
        var check = await hanako.Submit(await hanako.Open(Path(of)), new() { ["acquiredOn-era"] = "", ["acquiredOn-year"] = $"{day.Year}", ["acquiredOn-month"] = $"{day.Month}", ["acquiredOn-day"] = $"{day.Day}" });
        Assert.EndsWith("/correct/check", check.Url);
        await hanako.Submit(check);
        await using var db = town.Open();
        var file = (await CaseFile.Open(db, of.Id, await Komachi.Platform.Offices.DepartmentTrees.Today(db, stop), db.Today, stop))!;
        Assert.Equal(day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture), file.Of.Answers["acquiredOn"]!.ToString());
        var noticed = await AutomaticChecks.Of(file, db, new(Komachi.Ui.Words.Lang.Japanese, program.House.Words), ids => Komachi.Platform.People.Persons.ProtectedAmong(db, ids), stop);
        Assert.DoesNotContain(noticed, n => n.Text.Contains("今日までの日付"));
    }

    [Fact]
    public async Task What_was_reckoned_stays_as_it_was_on_the_day_on_which_it_came()
    {
        var town = await program.NewTown("onojo");
        var of = await town.HasFiled("tax-certificate", by: "hanako");
        await using (var earlier = town.Source.CreateCommand($"UPDATE procedures.cases SET arrived_at = arrived_at - interval '2 years' WHERE id = '{of.Id}'")) await earlier.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        of = await town.Look(of.Id);
        await using var db = town.Open();
        var procedure = await Catalog.Version(db, of.DefinitionId, TestContext.Current.CancellationToken);
        var year = (decimal)Komachi.Platform.Days.FiscalYear.Of(of.ArrivedOn).First.Year;
        Assert.All([Flow.StateOf(procedure, of, []).Answers, Flow.StateOf(procedure, of, [], correctedOn: db.Today).Answers, Flow.AnswersOf(procedure, of, [], db.Today)], answers => Assert.Equal(year, answers["thisYear"].Number));
    }

    [Fact]
    public async Task Nobody_else_corrects_it()
    {
        var town = await program.NewTown("onojo");
        var of = await town.HasFiled("dog-registration", by: "hanako");
        await town.AskToCorrect(of.Id, "名前は合っていますか。", "dogName");
        foreach (var somebody in new[] { town.Visitor(), await town.Resident("alexandra"), await town.Staff("jimu") })
            Assert.Equal(HttpStatusCode.NotFound, (await somebody.Open(Path(of))).Status);
    }

    static string Path(Case of) => $"procedures/cases/{of.Id}/correct";
}
