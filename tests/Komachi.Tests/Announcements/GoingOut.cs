using System.Net.Http.Json;
using System.Text.Json;
using Komachi.Announcements;
using Komachi.Platform.Jobs;
using Komachi.Tests.Harness;

namespace Komachi.Tests.Announcements;

/// <summary>A scheduled announcement goes out at its hour, once, and its author hears of it.</summary>
public sealed class GoingOut(TestProgram program)
{
    [Fact]
    public async Task At_its_hour_residents_see_it_and_its_author_gets_one_mail()
    {
        var town = await program.NewTown();
        var staff = await town.Staff();
        var title = "予約" + Guid.CreateVersion7().ToString("N");
        var (id, _) = await staff.Write(Desk.Filled(title, "本文", Desk.At(Desk.Now.AddHours(1))));
        Assert.Equal(1, await town.Count("jobs.queue WHERE kind = 'announcements.publish_announcement'"));
        await town.LetPass(TimeSpan.FromHours(2));
        Assert.Contains(title, (await town.Visitor().OpenAnew($"announcements/{id}")).One("h1").TextContent);
        await town.Until("EXISTS (SELECT FROM announcements.announcements WHERE announced_at IS NOT NULL AND author_told_at IS NOT NULL)");
        var mails = await MailsWith(title);
        Assert.Contains("koho@example.jp", mails.Single().GetProperty("to").ToString());
    }

    [Fact]
    public async Task Who_publishes_by_hand_needs_no_mail_and_a_colleagues_author_gets_one()
    {
        var town = await program.NewTown();
        var (koho, joho) = (await town.Staff("koho"), await town.Staff("joho"));
        await koho.Write(Desk.Filled());
        await Quiet(town);
        Assert.Equal(0, await town.Count("announcements.announcements WHERE author_told_at IS NOT NULL"));

        var title = "同僚" + Guid.CreateVersion7().ToString("N");
        var (id, _) = await koho.Write(Desk.Filled(title), Desk.Draft);
        await joho.Submit(await joho.Edit(id), press: Desk.Publish);
        Assert.Single(await MailsWith(title));
    }

    [Fact]
    public async Task Put_off_withdrawn_or_taken_back_it_does_not_go_out()
    {
        var town = await program.NewTown();
        var staff = await town.Staff();
        var soon = Desk.Now.AddHours(1);
        var (later, _) = await staff.Write(Desk.Filled("延期", "本文", Desk.At(soon)));
        await staff.Submit(await staff.Edit(later), new() { ["publishAt"] = Desk.At(soon.AddDays(9)).Item2 }, Desk.Save);
        var (back, _) = await staff.Write(Desk.Filled("戻し", "本文", Desk.At(soon)));
        await staff.Submit(await staff.Edit(back), press: Desk.Draft);
        var (never, _) = await staff.Write(Desk.Filled("取消", "本文", Desk.At(soon)));
        await staff.Withdraw(never);
        await town.LetPass(TimeSpan.FromHours(2));
        await town.Until("NOT EXISTS (SELECT FROM jobs.queue WHERE kind LIKE 'announcements.%' AND (run_at <= now() OR lease IS NOT NULL))");
        Assert.Equal(0, await town.Count("announcements.announcements WHERE announced_at IS NOT NULL"));
        Assert.Equal(1, await town.Count("jobs.queue WHERE kind = 'announcements.publish_announcement'"));    // the one put off
    }

    [Fact]
    public async Task A_change_before_its_hour_still_makes_one_event()
    {
        var town = await program.NewTown();
        var staff = await town.Staff();
        var title = "直した" + Guid.CreateVersion7().ToString("N");
        var (id, _) = await staff.Write(Desk.Filled("直す前", "本文", Desk.At(Desk.Now.AddHours(1))));
        await staff.Submit(await staff.Edit(id), new() { ["title-ja"] = title }, Desk.Save);
        await town.LetPass(TimeSpan.FromHours(2));
        Assert.Single(await MailsWith(title));
        await Quiet(town);
        Assert.DoesNotContain(await Mails(), m => m.GetProperty("subject").GetString()!.Contains("直す前"));
    }

    [Fact]
    public async Task Run_twice_the_work_is_done_once()
    {
        var town = await program.NewTown();
        var staff = await town.Staff();
        var (id, _) = await staff.Write(Desk.Filled("二度", "本文", Desk.At(Desk.Now.AddHours(1))));
        for (var i = 0; i < 2; i++)
        {
            await using var db = town.Open();
            await PublishAnnouncement.Run(new(id, 2), Run(town, db));
            Assert.Equal(i == 0 ? 1 : 0, db.ChangeTracker.Entries<QueuedJob>().Count());
            await db.Save();
        }
        await Quiet(town);
        for (var i = 0; i < 2; i++)
        {
            await using var db = town.Open();
            await TellAuthor.OnPublished(new(id, new("二度"), Category.Life, Urgency.Normal, null), Run(town, db));
            Assert.Empty(db.ChangeTracker.Entries<QueuedJob>());
        }
    }

    static JobRun Run(TestTown town, Komachi.Platform.Data.TownDb db) =>
        new(Guid.CreateVersion7(), 1, town.Town, db, town.Program.App.Services, CancellationToken.None);

    static Task Quiet(TestTown town) => town.Until("NOT EXISTS (SELECT FROM jobs.queue WHERE run_at <= now() OR lease IS NOT NULL OR kind = 'mail.send')");

    async Task<JsonElement[]> Mails()
    {
        using var http = new HttpClient { BaseAddress = program.World.Url };
        return [.. (await http.GetFromJsonAsync<JsonElement>("/api/mail?limit=2000")).GetProperty("mails").EnumerateArray()];
    }

    /// <summary>Waits for the first, then looks for all.</summary>
    async Task<JsonElement[]> MailsWith(string title)
    {
        using var http = new HttpClient { BaseAddress = program.World.Url };
        using var first = await http.GetAsync($"/api/mail/wait?seconds=60&subject={Uri.EscapeDataString(title)}");
        Assert.True(first.IsSuccessStatusCode, await first.Content.ReadAsStringAsync());
        return [.. (await Mails()).Where(m => m.GetProperty("subject").GetString()!.Contains(title))];
    }
}
