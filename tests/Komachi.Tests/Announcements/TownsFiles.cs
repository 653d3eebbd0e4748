using System.Net;
using Komachi.Announcements;
using Komachi.Platform.Towns;
using Komachi.Tests.Harness;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Announcements;

/// <summary>Announcements as files: loaded, loaded again, taken out and brought elsewhere.</summary>
[Trait("Category", "long")]
public sealed class TownsFiles(TestProgram program)
{
    [Theory]
    [InlineData("komaki")]
    [InlineData("omitama")]
    [InlineData("onojo")]
    [InlineData("oyabe")]
    [InlineData("katano")]
    public async Task A_town_comes_with_its_year_of_announcements_and_without_noise(string like)
    {
        var town = await program.NewTown(like, livedIn: true);
        Assert.True(await town.Count("announcements.announcements") >= 33);
        Assert.True(await town.Count("announcements.announcements WHERE state = 'Draft'") > 0);
        Assert.Equal(0, await town.Count("jobs.queue WHERE kind IN ('mail.send', 'announcements.hears_announcement_published')"));
        Assert.Equal(await town.Count("announcements.announcements WHERE state = 'Published' AND publish_at > now()"), await town.Count("jobs.queue WHERE kind = 'announcements.publish_announcement'"));
        Assert.Equal(0, await town.Count("announcements.announcements WHERE author_id IS NOT NULL"));
    }

    [Fact]
    public async Task Loaded_again_nothing_changes_not_even_what_was_edited_here()
    {
        var town = await program.NewTown("komaki", livedIn: true);
        var staff = await town.Staff();
        var first = (await staff.Open("desk/announcements?shelf=published")).All(".pane-rows a").First().GetAttribute("href")!;
        var change = (await staff.Open(first)).One("#detail a.button").GetAttribute("href")!;
        await staff.Submit(await staff.Open(change), new() { ["title-ja"] = "ここで変えた" }, Desk.Save);
        var before = await town.Count("announcements.announcements");
        await Load(town, Path.Combine(TestProgram.TownsFolder, "komaki"));
        Assert.Equal(before, await town.Count("announcements.announcements"));
        Assert.Equal(1, await town.Count("announcements.announcements WHERE title ->> 'ja' = 'ここで変えた'"));
    }

    [Theory]
    [InlineData("- key: a\n  category: nonsense", "a: category \"nonsense\"")]
    [InlineData("- key: a\n  category: life\n  department: x\n  when: later\n  title: { ja: t }\n  body: { ja: b }", "a: \"later\" is no time")]
    [InlineData("- key: a\n  category: life\n  department: x\n  title: { ja: t }\n  body: { ja: b }", "a: when is missing")]
    [InlineData("- key: a\n  category: life\n  department: x\n  when: \"-1 09:00\"\n  title: { en: t }\n  body: { ja: b }", "a: title has no Japanese")]
    [InlineData("- key: a\n  category: life\n  department: x\n  when: \"-1 09:00\"\n  until: \"-2 09:00\"\n  title: { ja: t }\n  body: { ja: b }", "a: until")]
    [InlineData("- key: a\n  category: life\n  department: x\n  when: \"-1 09:00\"\n  title: { ja: \"a\\0\" }\n  body: { ja: b }", "a: title holds a control")]
    [InlineData("- key: a\n  colour: red", "line 2")]
    [InlineData("- category: life", "has no key")]
    [InlineData("- key:\n-", "has no key")]
    [InlineData("- key: a\n  category: life\n  department: x\n  when: \"-1 09:00\"\n  title:\n  body: { ja: b }", "a: title has no Japanese")]
    [InlineData("- key: a\n  category: life\n  department: x\n  when: \"-1 09:00\"\n  title: { ja: t, en: }\n  body: { ja: b }", "or nothing in a language")]
    public async Task A_mistake_in_a_file_is_named_by_file_and_key(string yaml, string says)
    {
        var town = await program.NewTown();
        var folder = Write(yaml);
        var bad = await Assert.ThrowsAsync<BadTown>(() => Load(town, folder));
        Assert.Contains(Path.Combine(folder, "announcements", "all.yaml"), bad.Message);
        Assert.Contains(says, bad.Message);
    }

    [Fact]
    public async Task What_is_taken_out_can_be_brought_elsewhere_without_losing_a_letter()
    {
        var town = await program.NewTown("katano", livedIn: true);
        var staff = await town.Staff();
        var odd = "# 𠮷 葛\U000e0100 🏠\n\n  字下げ: \"引用\" 'x' \\ # \t\n\n- a: b\n- [x](y)\n\n> 100% & <b>\n\n行末の空白  \n---\n...\n終";
        foreach (var title in new[] { "true", "123", "null", "~", "a: b", "- a", "# a", "\"q\"", "'q'", "𠮷🏠", "*a", "&a", "!a", "%a", "@a", "2026-01-01", "yes", "{a}", "a\u2028b\u0085c" })
            await staff.Write(Desk.Filled(title, odd + title, ("title-en", title), ("body-en", " " + title)), title.Length % 2 == 0 ? Desk.Draft : Desk.Publish);

        using var answer = await staff.Send(HttpMethod.Get, "desk/announcements/export.yaml");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var yaml = await answer.Content.ReadAsStringAsync();
        var elsewhere = await program.NewTown();
        await Load(elsewhere, Write(yaml));
        Assert.Equal(await Texts(town), await Texts(elsewhere));

        // And into the town it came from: nothing doubles.
        var before = await town.Count("announcements.announcements");
        await Load(town, Write(yaml));
        Assert.Equal(before, await town.Count("announcements.announcements"));
        Assert.Equal("[]\n", await (await (await (await program.NewTown()).Staff()).Send(HttpMethod.Get, "desk/announcements/export.yaml")).Content.ReadAsStringAsync());
    }

    static async Task<string[]> Texts(TestTown town)
    {
        await using var db = town.Open();
        return [.. (await db.Set<Announcement>().AsNoTracking().ToListAsync())
            .Select(a => string.Join('|', a.Key ?? a.Id.ToString(), a.State, a.Category, a.Urgency, a.Department, a.PublishAt?.ToString("u"), a.UntilAt?.ToString("u"),
                string.Join('|', a.Title.OrderBy(t => t.Key)), string.Join('|', a.Body.OrderBy(t => t.Key)))).Order(StringComparer.Ordinal)];
    }

    static string Write(string yaml)
    {
        var folder = Directory.CreateTempSubdirectory("komachi-announcements").FullName;
        Directory.CreateDirectory(Path.Combine(folder, "announcements"));
        File.WriteAllText(Path.Combine(folder, "announcements", "all.yaml"), yaml);
        return folder;
    }

    static async Task Load(TestTown town, string folder)
    {
        await using var db = town.Open();
        await AnnouncementsTown.Load(new(town.Town, db, folder, TimeProvider.System, null));
        await db.Save();
    }
}
