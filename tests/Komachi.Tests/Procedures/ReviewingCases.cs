using System.Net;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Offices;
using Komachi.Procedures;
using Komachi.Tests.Announcements;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;
using static Komachi.Tests.Harness.FiledCases;

namespace Komachi.Tests.Procedures;

/// <summary>A filing on its way over the desk: taken, asked about, checked, decided.</summary>
public sealed class ReviewingCases(TestProgram program)
{
    [Fact]
    public async Task A_filing_is_taken_checked_and_granted_and_its_letter_lies_with_the_applicant()
    {
        var town = await program.NewTown("onojo");
        var of = await town.File("dog-registration", electronic: true);
        var (clerk, decider) = (await town.Staff("jimu"), await town.Staff("iin"));

        Assert.Contains(new ReceiptText(of.Number).ToString(), (await clerk.Open("desk/procedures")).Text);
        var page = await clerk.Submit(await clerk.Open(PageOf(of)), form: "form[action$='/take']");
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Equal(await town.IdOf("jimu"), (await town.Now(of)).AssigneeId);
        Assert.Contains(new ReceiptText(of.Number).ToString(), (await clerk.Open("desk/procedures?who=me")).Text);

        // Not every line is ticked yet.
        page = await clerk.Open(PageOf(of));
        page = await clerk.Submit(page, new() { ["do"] = "done" }, form: "form[action$='/steps/accept']");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, page.Status);
        Assert.Equal(HttpStatusCode.OK, (await clerk.DoStep(of, "accept")).Status);
        Assert.Equal(CaseState.Accepted, (await town.Now(of)).State);    // by its first step

        // The letter as it will be, and nothing is decided by looking.
        page = await decider.Decide(of, "granted", press: "preview");
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.DoesNotContain("{", page.One("#preview").TextContent);
        Assert.Equal(CaseState.Accepted, (await town.Now(of)).State);

        page = await decider.Decide(of, "granted");
        Assert.Equal(HttpStatusCode.OK, page.Status);
        var decided = await town.Now(of);
        Assert.Equal(CaseState.Granted, decided.State);
        var letter = Assert.Single(await town.All<Letter>(l => l.Where(x => x.CaseId == of.Id)));
        Assert.Equal("環第1号", letter.Number);
        Assert.Equal(Delivery.Electronic, letter.Delivery);
        Assert.NotNull(letter.DeliveredAt);
        Assert.DoesNotContain("{", letter.Body["ja"]);
        Assert.Empty((await clerk.Open("desk/procedures")).All("tbody th"));
        Assert.Single((await clerk.Open("desk/procedures?state=granted")).All("tbody th"));
    }

    [Fact]
    public async Task Whoever_refuses_says_why_and_the_letter_says_how_to_object()
    {
        var town = await program.NewTown("onojo");
        var of = await town.File("dog-registration");
        var decider = await town.Staff("iin");
        await (await town.Staff("jimu")).DoStep(of, "accept");

        var page = await decider.Decide(of, "refused");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, page.Status);
        Assert.Equal(CaseState.Accepted, (await town.Now(of)).State);

        page = await decider.Decide(of, "refused", new() { ["reasons"] = "原簿に同じ犬がいます。" });
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Equal(CaseState.Refused, (await town.Now(of)).State);
        var letter = Assert.Single(await town.All<Letter>(l => l));
        Assert.Contains("原簿に同じ犬がいます。", letter.Body["ja"]);
        Assert.Contains("審査請求", letter.Body["ja"]);
        Assert.Equal(Delivery.Paper, letter.Delivery);

        // Decided once, and once only.
        Assert.Empty((await decider.Open(PageOf(of))).All("form[action$='/decide']"));
    }

    [Fact]
    public async Task Single_fields_are_asked_for_the_clock_stands_and_the_answer_comes_back_as_a_difference()
    {
        var town = await program.NewTown("onojo");
        var of = await town.File("dog-registration");
        var clerk = await town.Staff("jimu");
        var page = await clerk.Open(PageOf(of));
        Assert.Contains(page.All("form[action$='/correct'] input[name=field]"), i => i.GetAttribute("value") == "dogName");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await clerk.Submit(page, new() { ["text"] = "名前を教えてください。" }, form: "form[action$='/correct']")).Status);
        page = await clerk.Submit(page, new() { ["field"] = "dogName", ["text"] = "名前を教えてください。" }, form: "form[action$='/correct']");
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Equal(CaseState.Correcting, (await town.Now(of)).State);
        Assert.Equal(["dogName"], Assert.Single(await town.All<Correction>(c => c)).Fields);
        Assert.Contains("停止中", (await clerk.Open("desk/procedures?only=waiting")).Text);
        Assert.Empty((await clerk.Open(PageOf(of))).All("form[action$='/steps/accept']"));

        // The applicant answers.
        await using (var db = town.Open())
        {
            var (asked, correction, now) = (await db.Set<Case>().SingleAsync(c => c.Id == of.Id), await db.Set<Correction>().SingleAsync(), TimeProvider.System.GetUtcNow());
            var answers = (System.Text.Json.Nodes.JsonObject)asked.Answers.DeepClone();
            answers["dogName"] = "ポチ二世";
            asked.Correct(correction, answers, asked.Title, null, null, now, db.Today);
            db.AddNews(asked);
            await db.Save();
        }
        Assert.Single((await clerk.Open("desk/procedures?only=unread")).All("tbody th"));
        page = await clerk.Open(PageOf(of));
        Assert.Contains("ポチ二世", page.Text);
        Assert.NotEmpty(page.All(".answer-was del"));
        await clerk.Submit(page, form: "form[action$='/read']");
        Assert.False((await town.Now(of)).Unread);
    }

    [Fact]
    public async Task A_correction_that_does_not_come_is_not_waited_for()
    {
        var town = await program.NewTown("onojo");
        var of = await town.File("water-start-stop");
        var clerk = await town.Staff("jimu");
        var page = await clerk.Open(PageOf(of));
        var field = page.All("form[action$='/correct'] input[name=field]").First().GetAttribute("value");
        await clerk.Submit(page, new() { ["field"] = field, ["text"] = "お知らせください。" }, form: "form[action$='/correct']");
        page = await clerk.Submit(await clerk.Open(PageOf(of)), new() { ["goOnWhy"] = "電話で確かめました。" }, form: "form[action$='/go-on']");
        Assert.Equal(HttpStatusCode.OK, page.Status);
        var now = await town.Now(of);
        Assert.Equal(CaseState.Arrived, now.State);
        Assert.Null(now.StoppedOn);
        Assert.NotNull(Assert.Single(await town.All<Correction>(c => c)).LeftAt);
    }

    [Fact]
    public async Task Who_answers_by_telephone_is_written_down_by_who_has_it_in_charge_and_the_record_says_so()
    {
        var town = await program.NewTown("onojo");
        var of = await town.File("dog-registration");
        var clerk = await town.Staff("jimu");
        Assert.EndsWith(PageOf(of), (await clerk.Open(PageOf(of) + "/answer")).Url);    // nothing was asked yet
        await clerk.Submit(await clerk.Open(PageOf(of)), new() { ["field"] = "dogName", ["text"] = "名前を教えてください。" }, form: "form[action$='/correct']");
        Assert.Contains(PageOf(of) + "/answer", (await clerk.Open(PageOf(of))).Html);
        var page = await clerk.Open(PageOf(of) + "/answer");
        Assert.Contains("名前を教えてください。", page.Text);
        Assert.Empty(page.All("[name=breed]"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await clerk.Submit(page, new() { ["dogName"] = "" })).Status);
        var check = await clerk.Submit(page, new() { ["dogName"] = "ポチ二世" });
        Assert.EndsWith("/answer/check", check.Url);
        Assert.NotEmpty(check.All("del"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await clerk.Submit(check)).Status);    // how it came is asked
        var done = await clerk.Submit(check, new() { ["way"] = "Telephone" });
        Assert.EndsWith(PageOf(of) + "?done=correct", done.Url);
        Assert.Contains("電話", done.One("ol.timeline").TextContent);

        var (now, me) = (await town.Now(of), await town.IdOf("jimu"));
        Assert.Equal((CaseState.Arrived, "ポチ二世", false), (now.State, now.Answers["dogName"]!.ToString(), now.Unread));
        Assert.NotNull(Assert.Single(await town.All<Correction>(c => c)).AnsweredAt);
        Assert.Equal(me, Assert.Single(await town.All<Move>(m => m.Where(x => x.Kind == MoveKind.Corrected))).ById);
        Assert.Equal(1, await town.Count($"audit.entries WHERE action = 'procedures.correct_for' AND actor_id = '{me}' AND details::text LIKE '%Telephone%'"));
        Assert.Equal(0, await town.Count("audit.entries WHERE action = 'procedures.correct'"));
    }

    [Fact]
    public async Task The_request_to_correct_is_printed_for_the_post()
    {
        var town = await program.NewTown("onojo");
        var of = await town.HasFiled("dog-registration", way: Way.Post);
        var clerk = await town.Staff("jimu");
        await town.AskToCorrect(of.Id, "名前を教えてください。", "dogName");
        Assert.Contains(PageOf(of) + "/correction/pdf", (await clerk.Open(PageOf(of))).Html);
        using var pdf = await clerk.Send(HttpMethod.Get, PageOf(of) + "/correction/pdf");
        Assert.Equal((HttpStatusCode.OK, "application/pdf"), (pdf.StatusCode, pdf.Content.Headers.ContentType!.MediaType));
        Assert.Equal(1, await town.Count("audit.entries WHERE action = 'procedures.print_request'"));
    }

    [Fact]
    public async Task Messages_are_read_by_the_applicant_and_notes_are_not()
    {
        var town = await program.NewTown("onojo");
        var of = await town.File("dog-registration");
        var clerk = await town.Staff("jimu");
        await clerk.Submit(await clerk.Open(PageOf(of)), new() { ["message"] = "鑑札は郵送します。" }, form: "form[action$='/message']");
        await clerk.Submit(await clerk.Open(PageOf(of)), new() { ["note"] = "前にも電話があった。" }, form: "form[action$='/note']");
        var moves = await town.All<Move>(m => m.Where(x => x.CaseId == of.Id && x.Text != null).OrderBy(x => x.Number));
        Assert.Equal([(MoveKind.Message, true), (MoveKind.Note, false)], moves.Select(m => (m.Kind, m.Told)));
        var page = await clerk.Open(PageOf(of));
        Assert.Contains("鑑札は郵送します。", page.Text);
        Assert.Contains("前にも電話があった。", page.Text);
    }

    [Fact]
    public async Task A_filing_is_withdrawn_for_its_applicant_and_stays_so()
    {
        var town = await program.NewTown("onojo");
        var of = await town.File("dog-registration");
        var clerk = await town.Staff("jimu");
        var page = await clerk.Submit(await clerk.Open(PageOf(of)), new() { ["withdrawWhy"] = "電話で申出があった。" }, form: "form[action$='/withdraw']");
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Equal(CaseState.Withdrawn, (await town.Now(of)).State);
        page = await clerk.Open(PageOf(of));
        Assert.Empty(page.All("form[action$='/withdraw'], form[action$='/steps/accept'], form[action$='/transfer']"));
    }

    [Fact]
    public async Task Who_was_slower_loses_nothing_of_what_they_wrote()
    {
        var town = await program.NewTown("onojo");
        var of = await town.File("dog-registration");
        var (first, second) = (await town.Staff("jimu"), await town.Staff("iin"));
        var old = await second.Open(PageOf(of));
        await first.Submit(await first.Open(PageOf(of)), form: "form[action$='/take']");
        var page = await second.Submit(old, new() { ["message"] = "書きかけの文" }, form: "form[action$='/message']");
        Assert.Equal(HttpStatusCode.Conflict, page.Status);
        Assert.Contains("書きかけの文", page.Text);
        Assert.Equal(HttpStatusCode.OK, (await second.Submit(page, form: "form[action$='/message']")).Status);
        Assert.Contains(await town.All<Move>(m => m), m => m.Text == "書きかけの文");
    }

    [Fact]
    public async Task A_button_pressed_twice_does_it_once()
    {
        var town = await program.NewTown("onojo");
        var of = await town.File("dog-registration");
        await (await town.Staff("jimu")).DoStep(of, "accept");
        var decider = await town.Staff("iin");
        var page = await decider.Open(PageOf(of));
        var press = decider.Ready(page, new() { ["outcome"] = "granted", ["do"] = "decide" }, form: "form[action$='/decide']");
        var seen = await Task.WhenAll(press(), press());
        Assert.All(seen, s => Assert.Equal(HttpStatusCode.OK, s.Status));
        Assert.Single(await town.All<Letter>(l => l));
        Assert.Single(await town.All<Move>(m => m.Where(x => x.Kind == MoveKind.Granted)));
    }

    [Fact]
    public async Task A_step_is_given_back_with_a_reason_and_what_came_after_it_waits()
    {
        var town = await program.NewTown("onojo");
        var of = await town.File("dog-registration");
        var (clerk, decider) = (await town.Staff("jimu"), await town.Staff("iin"));
        await clerk.DoStep(of, "accept");
        var page = await decider.Submit(await decider.Open(PageOf(of)), new() { ["step"] = "accept", ["returnWhy"] = "注射済証を見てください。" }, form: "form[action$='/return']");
        Assert.Equal(HttpStatusCode.OK, page.Status);
        var steps = await town.All<Step>(s => s.Where(x => x.CaseId == of.Id).OrderBy(x => x.Order));
        Assert.Equal([StepState.Open, StepState.Waiting], steps.Select(s => s.State));
        Assert.Contains("注射済証を見てください。", (await clerk.Open(PageOf(of))).Text);
    }

    [Fact]
    public async Task A_step_is_saved_with_what_there_is_and_what_is_cleared_later_is_gone()
    {
        var town = await program.NewTown("onojo");
        await using (var db = town.Open())
        {
            var newest = await db.Set<Published>().SingleAsync(d => d.Key == "dog-registration", TestContext.Current.CancellationToken);
            var next = Published.Draft(newest.Key, 2, newest.Document.Replace("    kind: check\n    who: department\n", """
                    kind: check
                    who: department
                    fields:
                      - { key: tagNumber, kind: text, label: { ja: 鑑札の番号, en: "Tag", plain: ばんごう }, required: true }
                      - { key: remark, kind: text, label: { ja: 備考, en: "Remark", plain: メモ } }

                """), Origin.Desk, TimeProvider.System.GetUtcNow());
            next.Publish("見本の改正", null, TimeProvider.System.GetUtcNow());
            db.Add(next);
            await db.Save(stop: TestContext.Current.CancellationToken);
        }
        var of = await town.File("dog-registration");
        var (clerk, decider) = (await town.Staff("jimu"), await town.Staff("iin"));
        // Half of it is known yet: it is kept, and asked for when the step is done.
        var page = await clerk.Submit(await clerk.Open(PageOf(of)), new() { ["accept-remark"] = "電話で確認", ["do"] = "save" }, form: "form[action$='/steps/accept']");
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Equal("電話で確認", page.One("input[name=accept-remark]").GetAttribute("value"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await clerk.DoStep(of, "accept")).Status);
        Assert.Equal(HttpStatusCode.OK, (await clerk.DoStep(of, "accept", new() { ["accept-tagNumber"] = "第12号" })).Status);
        Assert.Equal(["remark", "tagNumber"], (await town.Now(of)).Decided.Select(d => d.Key).Order());

        await decider.Submit(await decider.Open(PageOf(of)), new() { ["step"] = "accept", ["returnWhy"] = "備考は要りません。" }, form: "form[action$='/return']");
        Assert.Equal(HttpStatusCode.OK, (await clerk.DoStep(of, "accept", new() { ["accept-remark"] = "" })).Status);
        Assert.Equal(["tagNumber"], (await town.Now(of)).Decided.Select(d => d.Key));
    }

    [Fact]
    public async Task The_same_filed_twice_is_noticed()
    {
        var town = await program.NewTown("onojo");
        var (first, second) = (await town.File("dog-registration"), await town.File("dog-registration"));
        var page = await (await town.Staff("jimu")).Open(PageOf(second));
        Assert.Contains(page.All(".notice a"), a => a.GetAttribute("href")!.EndsWith(first.Id.ToString()));

        var other = await town.File("dog-registration", but: a => a["dogName"] = "ほかの犬");
        Assert.DoesNotContain((await (await town.Staff("jimu")).Open(PageOf(other))).All(".notice a"), a => a.GetAttribute("href")!.Contains("/cases/"));
    }

    [Fact]
    public async Task Reading_a_filing_is_written_down()
    {
        var town = await program.NewTown("onojo");
        var of = await town.File("dog-registration");
        await (await town.Staff("jimu")).Open(PageOf(of));
        var me = await town.IdOf("jimu");
        Assert.Single(await town.All<Komachi.Platform.Audit.AuditEntry>(e => e.Where(x => x.Action == "procedures.read" && x.Subject == of.Subject && x.ActorId == me)));
    }

    [Fact]
    public async Task The_clock_is_counted_in_working_days()
    {
        var town = await program.NewTown("onojo");
        await using var db = town.Open();
        var tree = await DepartmentTrees.Today(db);
        var calendar = await OpeningCalendar.OfDepartment(tree.Root!.Id, tree, db, new(2026, 4, 27));
        var t = new Komachi.Ui.Words.Words(Komachi.Ui.Words.Lang.Japanese, program.House.Words);
        // Golden Week 2026: 29 April and 3 to 6 May are holidays.
        Assert.Equal("あと3開庁日", CaseWords.Clock(CaseState.Accepted, new(2026, 5, 7), null, false, new(2026, 4, 28), calendar, t).Text);
        Assert.Equal("1開庁日の遅れ", CaseWords.Clock(CaseState.Accepted, new(2026, 5, 1), null, false, new(2026, 5, 7), calendar, t).Text);
        Assert.Equal("停止中", CaseWords.Clock(CaseState.Correcting, new(2026, 5, 1), new(2026, 4, 30), false, new(2026, 5, 7), calendar, t).Text);
    }
}
