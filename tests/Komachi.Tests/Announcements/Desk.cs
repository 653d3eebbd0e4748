using System.Net;
using Komachi.Announcements;
using Komachi.Platform.Days;
using Komachi.Tests.Harness;

namespace Komachi.Tests.Announcements;

/// <summary>What the tests of announcements do at the desk.</summary>
static class Desk
{
    public static Dictionary<string, string?> Filled(string title = "水道工事のお知らせ", string body = "工事をします。", params (string Name, string? Value)[] more)
    {
        var fill = new Dictionary<string, string?> { ["title-ja"] = title, ["body-ja"] = body, ["category"] = "life", ["department"] = "広報課" };
        foreach (var (name, value) in more) fill[name] = value;
        return fill;
    }

    public static (string, string?) At(DateTimeOffset at) => ("publishAt", JapanTime.ForInput(at));
    public static (string, string?) Until(DateTimeOffset at) => ("until", JapanTime.ForInput(at));

    public static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    public const string Publish = "公開する", Draft = "下書きとして保存する", Preview = "表示を確かめる", Save = "変更を保存する", Again = "もう一度公開する";

    /// <summary>Writes one and presses the button; answers its id and the page that came.</summary>
    public static async Task<(Guid Id, Seen Page)> Write(this Person staff, Dictionary<string, string?> fill, string press = Publish)
    {
        var page = await staff.Submit(await staff.Open("desk/announcements/new"), fill, press);
        Assert.True(page.Status == HttpStatusCode.OK, page.Text);
        return (Guid.Parse(new Uri(page.Url).Segments[^1]), page);
    }

    public static Task<Seen> Edit(this Person staff, Guid id) => staff.Open($"desk/announcements/{id}");

    public static async Task<Seen> Withdraw(this Person staff, Guid id, string reason = "誤りがあったため") =>
        await staff.Submit(await staff.Edit(id), new() { ["reason"] = reason }, form: "form[action$=withdraw]");

    /// <summary>A page that was kept for a second is asked for again under an address of its own.</summary>
    public static Task<Seen> OpenAnew(this Person visitor, string path) =>
        visitor.Open(path + (path.Contains('?') ? "&" : "?") + "anew=" + Guid.CreateVersion7().ToString("N"));

    public static async Task<long> Count(this TestTown town, string from)
    {
        await using var ask = town.Source.CreateCommand($"SELECT count(*) FROM {from}");
        return (long)(await ask.ExecuteScalarAsync())!;
    }

    /// <summary>As its hour comes: its times, and those of the work that waits for them, move back.</summary>
    public static async Task LetPass(this TestTown town, TimeSpan time)
    {
        await using var move = town.Source.CreateCommand("UPDATE announcements.announcements SET publish_at = publish_at - $1, until_at = until_at - $1");
        move.Parameters.Add(new() { Value = time });
        await move.ExecuteNonQueryAsync();
        await using var due = town.Source.CreateCommand("UPDATE jobs.queue SET run_at = run_at - $1 WHERE kind LIKE 'announcements.%'");
        due.Parameters.Add(new() { Value = time });
        await due.ExecuteNonQueryAsync();
        town.Program.Service<Komachi.Platform.Towns.Doorbell>().Ring(town.Slug, DateTimeOffset.MinValue);
    }
}
