using System.Net;
using Komachi.Host;
using Komachi.Platform.Mail;
using Komachi.Platform.Towns;
using Komachi.Tests.Harness;
using Komachi.Tests.Host;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Tests.Towns;

/// <summary>A town to learn on, beside the real one.</summary>
[Trait("Category", "long")]
public sealed class LearningInATown(TestProgram program)
{
    async Task<TestTown> Training(string slug)
    {
        var town = await program.Loader.AddTraining(Path.Combine(TestProgram.TownsFolder, "komaki"), slug, "main", TestProgram.Password);
        return new(program, town);
    }

    [Fact]
    public async Task Every_page_of_it_says_what_it_is_and_no_page_of_another_town_does()
    {
        var (town, other) = (await Training("learn-pages"), await program.NewTown());
        using var staff = await town.Staff("joho");
        foreach (var path in new[] { "", "announcements", "sign-in", "desk", "desk/jobs", "desk/mail", "no-such-page" })
        {
            Assert.Contains("研修用", (await staff.Open(path)).One(".training").TextContent);
            Assert.Contains("Training", (await staff.Open("en/" + path)).One(".training").TextContent);
        }
        Assert.Contains("研修用のまち", (await town.Visitor().Open("/")).One($"a[href='/{town.Slug}']").ParentElement!.ParentElement!.TextContent);
        Assert.Empty((await other.Visitor().Open()).All(".training"));
        Assert.Equal(HttpStatusCode.NotFound, (await (await other.Staff()).Open("desk/mail")).Status);
    }

    [Fact]
    public async Task No_mail_leaves_it_and_who_learns_reads_what_would_have_been_sent()
    {
        var town = await Training("learn-mail");
        await using (var db = town.Open())
        {
            db.Enqueue(new SendMail("real-person@example.jp", "見本のお知らせ", "本文\n<b>二行目</b>"));
            await db.Save();
        }
        await town.Until("EXISTS (SELECT FROM mail.kept) AND NOT EXISTS (SELECT FROM jobs.queue WHERE kind = 'mail.send')");
        using var staff = await town.Staff();
        var page = await staff.Open("desk/mail");
        Assert.Contains("見本のお知らせ", page.Text);
        Assert.Contains("<b>二行目</b>", page.Text);
        using var sandbox = new HttpClient { BaseAddress = program.World.Url };
        Assert.DoesNotContain("real-person@example.jp", await sandbox.GetStringAsync("mail"));
        Assert.Contains("sign-in", (await town.Visitor().Open("desk/mail")).Url);
    }

    [Fact]
    public async Task It_is_made_anew_in_one_go_and_a_real_town_is_never_touched()
    {
        await using var place = await Place.Make();
        var real = await place.Add("komaki");
        await place.Do(real, "UPDATE people.accounts SET name = '本物 太郎' WHERE sign_in_name = 'taro'");
        var folder = Path.Combine(TestProgram.TownsFolder, "komaki");

        var first = await TrainingTown.Make(place.Operation, folder, TrainingTown.SlugFor("komaki"), fresh: false, default);
        Assert.True(first.IsTraining);
        Assert.Empty(first.Hosts);
        Assert.Equal(0L, await place.Ask<long>(first, "SELECT count(*) FROM people.accounts WHERE name NOT LIKE '見本%'"));
        await place.Do(first, "DELETE FROM people.accounts");

        var refused = await Assert.ThrowsAsync<Refused>(() => TrainingTown.Make(place.Operation, folder, first.Slug, fresh: false, default));
        Assert.Contains("--fresh", refused.Message);
        var again = await TrainingTown.Make(place.Operation, folder, first.Slug, fresh: true, default);
        Assert.NotEqual(first.Database, again.Database);
        Assert.True(await place.Ask<long>(again, "SELECT count(*) FROM people.accounts") > 0);
        Assert.DoesNotContain(first.Database + " ", await place.Picture() + " ");

        Assert.Contains("not one to learn on", (await Assert.ThrowsAsync<Refused>(() => TrainingTown.Make(place.Operation, folder, "komaki", fresh: true, default))).Message);
        Assert.Equal("本物 太郎", await place.Ask<string>(real, "SELECT name FROM people.accounts WHERE sign_in_name = 'taro'"));
        Assert.False(real.IsTraining);
    }
}
