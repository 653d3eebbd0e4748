using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Npgsql;

namespace Komachi.Bench;

/// <summary>Pages under load: the first page as everyone sees it, a page of somebody signed in, and a form that is sent.</summary>
static partial class PageBenches
{
    const string Town = "/" + Stage.Town;

    public static async IAsyncEnumerable<Figure> Home(Stage stage, Child ours, Child floor)
    {
        yield return await Measure.Requests("home", "cached", 0.6, ours, Request.Get(Town), floor, Request.Get("/home"));
        // Nobody has asked for this address before, so the page is made; the floor sends the bytes of such a page from memory.
        yield return await Measure.Requests("home", "uncached", null, ours, Request.Get($"{Town}?{Request.Mark32}"), floor, Request.Get($"/home-plain?{Request.Mark32}"));

        await using var second = await stage.StartOurs();
        foreach (var urgent in new[] { false, true })
            yield return new("home", urgent ? "a banner shows on a second process" : "a change shows on a second process", await SlowestToShow(stage, second, urgent), null, null, 2, "s");
    }

    /// <summary>Changes something at a moment of no regard to the page's, while the page is being asked for; the slowest of six.</summary>
    static async Task<double> SlowestToShow(Stage stage, Child second, bool urgent)
    {
        using var http = new HttpClient { BaseAddress = second.Url };
        var slowest = TimeSpan.Zero;
        for (var i = 0; i < 6; i++)
        {
            var asking = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(asking).TotalMilliseconds < 700 + i * 170)
            {
                await http.GetStringAsync(Town);
                await Task.Delay(10);
            }
            var title = "変わりました" + Guid.CreateVersion7().ToString("N");
            await using (var owner = await stage.Owner(Stage.Town))
            await using (var change = new NpgsqlCommand("INSERT INTO notes.notes (id, title, body, urgent, written_by, written_at) VALUES (gen_random_uuid(), $1, '', $2, $3, now())", owner)
                { Parameters = { new() { Value = title }, new() { Value = urgent }, new() { Value = Stage.Staff } } })
                await change.ExecuteNonQueryAsync();
            var changed = Stopwatch.GetTimestamp();
            // The list shows it too: a banner is looked for above the header.
            while (true)
            {
                var page = await http.GetStringAsync(Town);
                var at = page.IndexOf(title, StringComparison.Ordinal);
                if (at >= 0 && (!urgent || at < page.IndexOf("<main", StringComparison.Ordinal))) break;
                if (Stopwatch.GetElapsedTime(changed).TotalSeconds > 30) throw new TimeoutException("A change did not show.");
                await Task.Delay(10);
            }
            if (Stopwatch.GetElapsedTime(changed) is var took && took > slowest) slowest = took;
        }
        await stage.Run(Stage.Town, "DELETE FROM notes.notes WHERE title LIKE '変わりました%'");
        return slowest.TotalSeconds;
    }

    public static async IAsyncEnumerable<Figure> Read(Stage stage, Child ours, Child floor)
    {
        // The aim is for a page with a session, one query and the form that signs out, with its token. The desk's has more: a menu by permission.
        foreach (var (name, path, secret, aim) in new[] { ("a resident's page", "/notes", stage.ResidentSecret, 0.4), ("a desk page, with a form's token", "/desk/notes", stage.StaffSecret, (double?)null) })
        {
            var cookie = await CookiesOf(ours, Town + path, secret);
            await SameBytes(ours, floor, path, cookie);
            yield return await Measure.Requests("read", name, aim, ours, Request.Get(Town + path, cookie), floor, Request.Get(path, cookie));
        }
    }

    public static async IAsyncEnumerable<Figure> Write(Stage stage, Child ours, Child floor)
    {
        var session = await CookiesOf(ours, Town + "/notes/write", stage.ResidentSecret);
        var page = await Fetch(ours, Town + "/notes/write", session);
        var token = WebUtility.HtmlDecode(Token().Match(page).Groups[1].Value);
        var form = $"_token={Uri.EscapeDataString(token)}&_once={Request.Mark36}&title={Uri.EscapeDataString("断水のお知らせ")}&body={Uri.EscapeDataString("工事のため、あす午前9時から正午まで水が止まります。")}";
        foreach (var (name, aim, more) in new[] { ("form post", 0.5, "&later=on"), ("form post, its job run meanwhile", (double?)null, "") })
        {
            foreach (var slug in new[] { Stage.Town, Stage.Floor }) await stage.Run(slug, "TRUNCATE jobs.queue");
            yield return await Measure.Requests("write", name, aim, ours, Request.Post(Town + "/notes/write", session, form + more), floor, Request.Post("/notes/write", session, form + more));
            await SameRows(stage);
        }
    }

    /// <summary>The session's cookie, and the form's that the page gave with it.</summary>
    static async Task<string> CookiesOf(Child ours, string path, string secret)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = ours.Url };
        var ask = new HttpRequestMessage(HttpMethod.Get, path);
        ask.Headers.Add("Cookie", $"komachi-{Stage.Town}={secret}");
        var got = (await http.SendAsync(ask)).EnsureSuccessStatusCode();
        var given = got.Headers.TryGetValues("Set-Cookie", out var cookies) ? cookies.Select(c => "; " + c[..c.IndexOf(';')]) : [];
        return $"komachi-{Stage.Town}={secret}{string.Concat(given)}";
    }

    static async Task<string> Fetch(Child from, string path, string cookie)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = from.Url };
        var ask = new HttpRequestMessage(HttpMethod.Get, path);
        ask.Headers.Add("Cookie", cookie);
        return await (await http.SendAsync(ask)).EnsureSuccessStatusCode().Content.ReadAsStringAsync();
    }

    /// <summary>A floor that gives something else is no floor.</summary>
    static async Task SameBytes(Child ours, Child floor, string path, string cookie)
    {
        var (a, b) = (await Fetch(ours, Town + path, cookie), await Fetch(floor, path, cookie));
        if (Keys().Replace(a, "") != Keys().Replace(b, "")) throw new InvalidOperationException($"The floor's {path} is another page than ours:\n{a}\n{b}");
    }

    static async Task SameRows(Stage stage)
    {
        var columns = new List<string>();
        foreach (var slug in new[] { Stage.Town, Stage.Floor })
        {
            await using var owner = await stage.Owner(slug);
            await using var look = new NpgsqlCommand("""
                SELECT string_agg(j, '|') FROM (
                    SELECT jsonb_strip_nulls(to_jsonb(r) - 'id' - 'request_id' - 'subject' - 'written_at' - 'at')::text AS j FROM (SELECT * FROM notes.notes ORDER BY written_at DESC LIMIT 1) r
                    UNION ALL SELECT (jsonb_strip_nulls(to_jsonb(r) - 'id' - 'request_id' - 'subject' - 'at' - 'xid'))::text FROM (SELECT * FROM audit.entries WHERE action = 'notes.write' ORDER BY at DESC LIMIT 1) r
                    UNION ALL SELECT (SELECT location FROM house.once_keys ORDER BY used_at DESC LIMIT 1)) t
                """, owner);
            columns.Add((string)(await look.ExecuteScalarAsync())!);
        }
        if (columns[0] != columns[1]) throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"The floor stores other rows than ours:\n{columns[0]}\n{columns[1]}"));
    }

    [GeneratedRegex("name=\"_token\" value=\"([^\"]+)\"")]
    private static partial Regex Token();

    [GeneratedRegex("name=\"(_token|_once)\" value=\"[^\"]+\"")]
    private static partial Regex Keys();
}
