using System.Net;
using Komachi.Tests.Harness;

namespace Komachi.Tests.Offices;

/// <summary>Posts (職) at the desk: what people are called where they work.</summary>
public sealed class KeepingPosts(TestProgram program)
{
    [Fact]
    public async Task A_post_is_added_put_in_its_place_called_otherwise_and_given_to_somebody()
    {
        var town = await program.NewTown();
        await town.NewStaff("shinjin");
        var joho = await town.Staff("joho");
        var list = await joho.Open("desk/offices/posts");
        Assert.Equal(["部長", "課長", "課長補佐", "係長", "主査", "主事"], list.All("tbody th a").Select(a => a.TextContent));
        Assert.Equal("1", list.All("tbody tr").Single(tr => tr.TextContent.Contains("係長")).QuerySelectorAll("td")[1].TextContent);

        var blank = await joho.Open("desk/offices/posts/new");
        Assert.Equal("70", blank.One("input[name=rank]").GetAttribute("value"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await joho.Submit(blank, new() { ["name-ja"] = "", ["rank"] = "多い" })).Status);
        Assert.Contains("同じ名称の職がすでにあります", (await joho.Submit(blank, new() { ["name-ja"] = "課長" })).Text);
        var added = await joho.Submit(blank, new() { ["name-ja"] = "次長", ["name-en"] = "Deputy director", ["rank"] = "15" });
        Assert.Contains("職を保存しました", added.Text);
        Assert.Equal(["部長", "次長", "課長"], added.All("tbody th a").Take(3).Select(a => a.TextContent));
        Assert.Equal(7, (await joho.Submit(blank, new() { ["name-ja"] = "次長", ["rank"] = "15" })).All("tbody tr").Count());    // the same page sent again

        var post = await town.Ask<Guid>("SELECT id FROM offices.posts WHERE name ->> 'ja' = '次長'");
        Assert.Contains("配置を保存しました", (await joho.AssignAtDesk(town, "shinjin", "0101", null, ("post", post.ToString()))).Text);
        Assert.Contains("副部長", (await joho.Submit(await joho.Open($"desk/offices/posts/{post}"), new() { ["name-ja"] = "副部長" })).Text);
        Assert.Contains("副部長", (await joho.Open("desk/colleagues")).Text);
        // Promoted: a new main post from a day on, and the one before ends by itself.
        var higher = await town.Ask<Guid>("SELECT id FROM offices.posts WHERE name ->> 'ja' = '部長'");
        var tomorrow = AtHand.Today.AddDays(1);
        Assert.Contains("配置を保存しました", (await joho.AssignAtDesk(town, "shinjin", "0101", null, ("post", higher.ToString()), ("from", AtHand.Day(tomorrow)))).Text);
        Assert.Equal(AtHand.Today, await town.Ask<DateOnly>($"SELECT until_on FROM offices.assignments WHERE post_id = '{post}'"));
        Assert.Equal(2, await town.Ask<long>("SELECT count(*) FROM audit.entries WHERE action = 'offices.write_post'"));
    }

    [Fact]
    public async Task One_that_ended_is_given_to_nobody_any_more_and_kept_by_who_has_it()
    {
        var town = await program.NewTown();
        await town.NewStaff("shinjin");
        var joho = await town.Staff("joho");
        var post = await town.Ask<Guid>("SELECT id FROM offices.posts WHERE name ->> 'ja' = '係長'");    // joho's own
        var yesterday = AtHand.Today.AddDays(-1);
        var page = await joho.Submit(await joho.Open($"desk/offices/posts/{post}"), new() { ["lastDay"] = AtHand.Day(yesterday) });
        Assert.Contains("終了", page.All("tbody tr").Last().TextContent);

        Assert.DoesNotContain("係長", (await joho.Open($"desk/offices/assign?department={await town.Department("0101")}&person={await town.Account("shinjin")}")).One("select[name=post]").TextContent);
        var forged = await joho.AssignAtDesk(town, "shinjin", "0101", null, ("post", post.ToString()));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, forged.Status);
        Assert.Contains("で終了します", forged.Text);
        Assert.Contains("係長", (await joho.Open("desk/colleagues")).Text);

        // Nor by the tables of a reorganisation; and the town's file names it as long as somebody has it.
        var draft = await joho.Submit(await joho.Open("desk/offices/changes/new"), new() { ["title"] = "人事異動", ["moves"] = "区分,ログイン名,部署コード,職名\n異動,shinjin,0101,係長" });
        Assert.Contains("職「係長」は", draft.Text);
        var file = (await joho.Open("desk/offices/export.yaml")).Html;
        Assert.Contains("係長", file[..file.IndexOf("roles:", StringComparison.Ordinal)]);
        await town.Do("UPDATE offices.assignments SET post_id = NULL");
        file = (await joho.Open("desk/offices/export.yaml")).Html;
        Assert.DoesNotContain("係長", file[..file.IndexOf("roles:", StringComparison.Ordinal)]);
    }

    [Fact]
    public async Task Of_two_who_write_one_the_second_looks_again_and_who_looks_after_a_part_writes_none()
    {
        var town = await program.NewTown();
        await town.NewStaff("bucho");
        await town.Assign("bucho", "01", "organiser", AtHand.Today);
        var (joho, bucho) = (await town.Staff("joho"), await town.Staff("bucho"));
        var post = await town.Ask<Guid>("SELECT id FROM offices.posts WHERE name ->> 'ja' = '主事'");
        var (first, second) = (await joho.Open($"desk/offices/posts/{post}"), await joho.Open($"desk/offices/posts/{post}"));
        await joho.Submit(first, new() { ["rank"] = "65" });
        var overtaken = await joho.Submit(second, new() { ["rank"] = "66" });
        Assert.Equal(HttpStatusCode.Conflict, overtaken.Status);
        Assert.Contains("職を保存しました", (await joho.Submit(overtaken)).Text);
        Assert.Equal(66, await town.Ask<int>($"SELECT rank FROM offices.posts WHERE id = '{post}'"));
        foreach (var path in new[] { "posts", "posts/new", $"posts/{post}" }) Assert.Equal(HttpStatusCode.Forbidden, (await bucho.Open($"desk/offices/{path}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await joho.Open($"desk/offices/posts/{Guid.Empty}")).Status);
    }
}
