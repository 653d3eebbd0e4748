using System.Net;
using Komachi.Tests.Harness;

namespace Komachi.Tests.Announcements;

/// <summary>At the desk: writing, looking, publishing, changing, withdrawing.</summary>
public sealed class Writing(TestProgram program)
{
    [Fact]
    public async Task A_draft_becomes_a_page_is_changed_withdrawn_and_published_again_and_its_history_says_so()
    {
        var town = await program.NewTown();
        var (koho, joho, visitor) = (await town.Staff("koho"), await town.Staff("joho"), town.Visitor());
        var (id, saved) = await koho.Write(Desk.Filled("はじめの題"), Desk.Draft);
        Assert.Contains("下書きを保存しました", saved.One(".notice").TextContent);
        Assert.Equal(HttpStatusCode.NotFound, (await visitor.Open($"announcements/{id}")).Status);

        var published = await joho.Submit(await joho.Edit(id), new() { ["title-ja"] = "つぎの題" }, Desk.Publish);
        Assert.Contains("公開しました", published.One(".notice").TextContent);
        Assert.Equal("つぎの題", (await visitor.OpenAnew($"announcements/{id}")).One("h1").TextContent);

        Assert.DoesNotContain(Desk.Draft, published.All("button").Select(b => b.TextContent));
        await koho.Submit(await koho.Edit(id), new() { ["title-ja"] = "三つめの題" }, Desk.Save);
        Assert.Equal("三つめの題", (await visitor.OpenAnew($"announcements/{id}")).One("h1").TextContent);

        Assert.Contains("取り下げました", (await koho.Withdraw(id, "日付の誤り")).One(".notice").TextContent);
        Assert.Equal(HttpStatusCode.NotFound, (await visitor.OpenAnew($"announcements/{id}")).Status);
        await koho.Submit(await koho.Edit(id), press: Desk.Again);
        Assert.Equal(HttpStatusCode.OK, (await visitor.OpenAnew($"announcements/{id}")).Status);

        var history = (await koho.Edit(id)).All("#history-caption").Single().ParentElement!.QuerySelectorAll("tbody tr").Select(tr => tr.TextContent).ToArray();
        Assert.Equal(5, history.Length);
        foreach (var (line, who, what) in history.Zip(["見本 広報", "見本 広報", "見本 広報", "見本 情報", "見本 広報"], ["公開", "取り下げ", "変更", "公開", "下書き保存"]))
        {
            Assert.Contains(who, line);
            Assert.Contains(what, line);
        }
        Assert.Contains("日付の誤り", history[1]);
    }

    [Fact]
    public async Task Wrong_answers_come_back_with_everything_that_was_typed()
    {
        var town = await program.NewTown();
        var staff = await town.Staff();
        var wrong = await staff.Submit(await staff.Open("desk/announcements/new"), new()
        {
            ["title-ja"] = "", ["body-ja"] = "\n残る本文\n", ["title-en"] = "Only a title", ["category"] = "", ["department"] = "<課>",
            ["publishAt"] = "2026-05-01T09:00", ["until"] = "2026-04-01T09:00", ["urgency"] = "important",
        }, Desk.Publish);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.Status);
        Assert.Equal(["#title-ja", "#body-en", "#category", "#until"], wrong.All(".error-summary a").Select(a => a.GetAttribute("href")!));
        Assert.Contains("残る本文", wrong.One("textarea[name=body-ja]").TextContent);
        Assert.Equal("Only a title", wrong.One("input[name=title-en]").GetAttribute("value"));
        Assert.Equal("<課>", wrong.One("input[name=department]").GetAttribute("value"));
        Assert.Equal("2026-04-01T09:00", wrong.One("input[name=until]").GetAttribute("value"));
        Assert.NotNull(wrong.One("input[name=urgency][value=important]").GetAttribute("checked"));
        Assert.Equal("true", wrong.One("#body-en").GetAttribute("aria-invalid"));
        Assert.Equal(0, await town.Count("announcements.announcements"));

        var right = await staff.Submit(wrong, new() { ["title-ja"] = "題", ["body-en"] = "Text", ["category"] = "life", ["until"] = "" }, Desk.Publish);
        Assert.Equal(HttpStatusCode.OK, right.Status);
        Assert.Equal(1, await town.Count("announcements.announcements"));
    }

    [Fact]
    public async Task A_preview_and_the_enter_key_save_nothing_and_lose_nothing()
    {
        var town = await program.NewTown();
        var staff = await town.Staff();
        var page = await staff.Open("desk/announcements/new");
        var preview = await staff.Submit(page, Desk.Filled("題", "# 大きく\n\n[x](javascript:a)", ("title-en", "T"), ("body-en", "B")), Desk.Preview);
        Assert.Equal(HttpStatusCode.OK, preview.Status);
        Assert.Equal("大きく", preview.One("#preview .prose h4").TextContent);
        Assert.Equal(2, preview.All("#preview article").Count());
        Assert.Contains("# 大きく", preview.One("textarea[name=body-ja]").TextContent);
        Assert.Equal("preview", page.All("main form button").First().GetAttribute("value"));
        Assert.Equal(HttpStatusCode.OK, (await staff.Submit(page, Desk.Filled(more: ("do", "preview")))).Status);
        Assert.Equal(0, await town.Count("announcements.announcements"));
        Assert.Equal(HttpStatusCode.OK, (await staff.Submit(preview, press: Desk.Publish)).Status);
        Assert.Equal(1, await town.Count("announcements.announcements"));
    }

    [Fact]
    public async Task One_form_sent_often_and_at_once_counts_once()
    {
        var town = await program.NewTown();
        var staff = await town.Staff();
        var send = staff.Ready(await staff.Open("desk/announcements/new"), Desk.Filled(), Desk.Publish);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => send()));
        Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a.Status));
        Assert.Single(answers.Select(a => a.Url).Distinct());
        Assert.Equal(1, await town.Count("announcements.announcements"));

        var id = Guid.Parse(new Uri(answers[0].Url).Segments[^1]);
        var change = staff.Ready(await staff.Edit(id), new() { ["title-ja"] = "変えた" }, Desk.Save);
        answers = [.. await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => change())), await change()];
        Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a.Status));
        Assert.Equal(1, await town.Count("audit.entries WHERE action = 'announcements.change'"));
        Assert.Equal(1, await town.Count("announcements.announcements WHERE version = 3"));
    }

    [Fact]
    public async Task Someone_elses_change_in_between_is_shown_and_nothing_is_lost_on_either_side()
    {
        var town = await program.NewTown();
        var (koho, joho) = (await town.Staff("koho"), await town.Staff("joho"));
        var (id, _) = await koho.Write(Desk.Filled("元の題"));
        var open = await koho.Edit(id);
        await joho.Submit(await joho.Edit(id), new() { ["title-ja"] = "情報の題" }, Desk.Save);

        var late = await koho.Submit(open, new() { ["title-ja"] = "広報の題", ["body-ja"] = "長い本文" }, Desk.Save);
        Assert.Equal(HttpStatusCode.Conflict, late.Status);
        Assert.Contains("見本 情報", late.One(".notice").TextContent);
        Assert.Contains("情報の題", late.One("details").TextContent);
        Assert.Equal("広報の題", late.One("input[name=title-ja]").GetAttribute("value"));
        Assert.Equal("長い本文", late.One("textarea[name=body-ja]").TextContent);
        Assert.Equal("情報の題", (await town.Visitor().OpenAnew($"announcements/{id}")).One("h1").TextContent);

        Assert.Equal(HttpStatusCode.OK, (await koho.Submit(late, press: Desk.Save)).Status);
        Assert.Equal("広報の題", (await town.Visitor().OpenAnew($"announcements/{id}")).One("h1").TextContent);
    }

    [Fact]
    public async Task Of_two_who_save_at_the_same_moment_one_is_told()
    {
        var town = await program.NewTown();
        var people = new[] { await town.Staff("koho"), await town.Staff("joho"), await town.Staff("koho"), await town.Staff("joho") };
        var (id, _) = await people[0].Write(Desk.Filled());
        var sends = new List<Func<Task<Seen>>>();
        foreach (var person in people) sends.Add(person.Ready(await person.Edit(id), new() { ["title-ja"] = "同時" }, Desk.Save));
        var answers = await Task.WhenAll(sends.Select(send => send()));
        Assert.Single(answers, a => a.Status == HttpStatusCode.OK);
        Assert.Equal(3, answers.Count(a => a.Status == HttpStatusCode.Conflict));
        Assert.Equal(1, await town.Count("audit.entries WHERE action = 'announcements.change'"));
    }

    [Fact]
    public async Task Withdrawing_needs_a_reason_and_the_announcement_as_it_was_seen()
    {
        var town = await program.NewTown();
        var staff = await town.Staff();
        var (id, page) = await staff.Write(Desk.Filled());
        var without = await staff.Submit(page, new() { ["reason"] = " " }, form: "form[action$=withdraw]");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, without.Status);
        Assert.Equal("#reason", without.One(".error-summary a").GetAttribute("href"));
        await staff.Submit(await staff.Edit(id), new() { ["title-ja"] = "変えた" }, Desk.Save);
        var late = await staff.Submit(without, new() { ["reason"] = "理由" }, form: "form[action$=withdraw]");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, late.Status);
        Assert.Contains("先にほかの人が", late.One(".error-summary").TextContent);
        Assert.Equal(HttpStatusCode.OK, (await town.Visitor().OpenAnew($"announcements/{id}")).Status);
    }

    [Fact]
    public async Task The_shelves_count_and_hold_what_stands_so_and_say_which_languages_are_missing()
    {
        var town = await program.NewTown();
        var staff = await town.Staff();
        var now = Desk.Now;
        await staff.Write(Desk.Filled("下の書き"), Desk.Draft);
        await staff.Write(Desk.Filled("遠い予定", "本文", Desk.At(now.AddDays(3))));
        await staff.Write(Desk.Filled("近い予定", "本文", Desk.At(now.AddDays(1))));
        await staff.Write(Desk.Filled("公開の中", "本文", ("title-en", "T"), ("body-en", "B")));
        await staff.Write(Desk.Filled("終わり", "本文", Desk.At(now.AddDays(-2)), Desk.Until(now.AddDays(-1))));
        var (withdrawn, _) = await staff.Write(Desk.Filled("取り下げた"));
        await staff.Withdraw(withdrawn);

        async Task<string[]> On(string shelf) => [.. (await staff.Open($"desk/announcements?shelf={shelf}")).All(".pane-rows a").Select(a => a.TextContent)];
        Assert.Equal(["下の書き"], await On("drafts"));
        Assert.Equal(["近い予定", "遠い予定"], await On("scheduled"));
        Assert.Equal(["公開の中"], await On("published"));
        Assert.Equal(["取り下げた", "終わり"], await On("closed"));

        var page = await staff.Open("desk/announcements?shelf=published");
        Assert.Equal(["1", "2", "1", "2"], page.All(".tabs .count").Select(c => c.TextContent));
        Assert.Equal(["やさしい日本語なし"], page.All(".pane-rows .badge").Select(b => b.TextContent.Trim()));
        Assert.Equal(["遠い予定"], (await staff.Open("desk/announcements?shelf=scheduled&q=" + Uri.EscapeDataString("遠い"))).All(".pane-rows a").Select(a => a.TextContent));
    }

    [Theory]
    [InlineData("drafts")]
    [InlineData("scheduled")]
    [InlineData("published")]
    [InlineData("closed")]
    public async Task A_long_shelf_pages_through_everything_once(string shelf)
    {
        var town = await program.NewTown();
        await using (var fill = town.Source.CreateCommand($"""
            INSERT INTO announcements.announcements (id, state, category, urgency, department, title, body, said_in, search_key, publish_at, until_at, created_at, changed_at, version)
            SELECT gen_random_uuid(), '{(shelf == "drafts" ? "Draft" : "Published")}', 'Life', 'Normal', '課', jsonb_build_object('ja', 'n' || n), '{"{\"ja\":\"b\"}"}', '{"{ja}"}', '',
                CASE '{shelf}' WHEN 'scheduled' THEN now() + interval '1 day' ELSE now() - interval '1 day' END + (n / 10) * interval '1 minute',
                CASE '{shelf}' WHEN 'closed' THEN now() - interval '1 hour' + (n / 10) * interval '1 minute' END,
                now(), now() - (n / 10) * interval '1 minute', 1 FROM generate_series(1, 105) n
            """)) await fill.ExecuteNonQueryAsync();
        var staff = await town.Staff();
        var page = await staff.Open($"desk/announcements?shelf={shelf}");
        var seen = new List<string>();
        while (true)
        {
            seen.AddRange(page.All(".pane-rows a").Select(a => a.TextContent));
            if (page.Document.QuerySelector("a[rel=next]") is not { } next) break;
            page = await staff.Open(next.GetAttribute("href")!);
        }
        Assert.Equal(105, seen.Count);
        Assert.Equal(105, seen.Distinct().Count());
    }
}
