using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;
using Komachi.Platform.Data;
using Npgsql;

namespace Komachi.Bench;

/// <summary>The desk's inbox with a thousand filings and with a million: how much more a page takes. Three in twenty are open, the others were closed over the years.</summary>
static partial class InboxBench
{
    static readonly int[] Counts = [1_000, 1_000_000];

    public static async IAsyncEnumerable<Figure> Run(Stage stage, Child ours)
    {
        foreach (var count in Counts) await Fill(stage, count);
        using var few = Clerk(stage, ours, Counts[0]);
        using var many = Clerk(stage, ours, Counts[1]);
        foreach (var (name, path) in new[] { ("first page", ""), ("filter", "?state=accepted&procedure=dog-registration"), ("a filter that finds nothing", "?state=correcting"), ("what is closed", "?state=closed") })
            yield return await Times(name, () => Took(few, $"/{Slug(Counts[0])}/desk/procedures{path}"), () => Took(many, $"/{Slug(Counts[1])}/desk/procedures{path}"));
        var (nextOfFew, nextOfMany) = (await Next(few, Counts[0]), await Next(many, Counts[1]));
        yield return await Times("next page", () => Took(few, nextOfFew), () => Took(many, nextOfMany));
        // Names stand in no address: what is looked for is sent, and the list found under a seal.
        var (inFew, inMany) = (await Look(few, Counts[0]), await Look(many, Counts[1]));
        yield return await Times("search", () => Took(few, inFew), () => Took(many, inMany));
    }

    static async Task<Figure> Times(string name, Func<Task<double>> few, Func<Task<double>> many)
    {
        var (ratios, slow) = (new List<double>(), new List<double>());
        for (var round = -40; round < 101; round++)
        {
            var (a, b) = (await few(), await many());
            if (round < 0) continue;
            ratios.Add(b / a);
            slow.Add(b);
        }
        Measure.Tell($"inbox {name}: {Measure.Median(slow):0.0} ms with a million");
        return new("inbox", $"{name}, 1,000,000 to 1,000", Measure.Median(ratios), null, null, 1.5, "times");
    }

    static string Slug(int count) => $"inbox-{count}";

    static HttpClient Clerk(Stage stage, Child ours, int count) =>
        new(new SocketsHttpHandler { UseCookies = true, CookieContainer = WithSession(stage, ours, count) }) { BaseAddress = ours.Url, DefaultRequestHeaders = { { "Accept", "text/html" } } };

    static CookieContainer WithSession(Stage stage, Child ours, int count)
    {
        var cookies = new CookieContainer();
        cookies.Add(ours.Url, new Cookie($"komachi-{Slug(count)}", stage.StaffSecret, "/" + Slug(count)));
        return cookies;
    }

    static async Task<double> Took(HttpClient http, string path)
    {
        var from = Stopwatch.GetTimestamp();
        (await http.GetAsync(path)).EnsureSuccessStatusCode();
        return Stopwatch.GetElapsedTime(from).TotalMilliseconds;
    }

    static async Task<string> Next(HttpClient http, int count) =>
        WebUtility.HtmlDecode(After().Match(await http.GetStringAsync($"/{Slug(count)}/desk/procedures")) is { Success: true } next ? next.Groups[1].Value : throw new InvalidOperationException("The inbox has no second page."));

    static async Task<string> Look(HttpClient http, int count)
    {
        var token = WebUtility.HtmlDecode(Token().Match(await http.GetStringAsync($"/{Slug(count)}/desk/procedures")).Groups[1].Value);
        using var answer = await http.PostAsync($"/{Slug(count)}/desk/find", new FormUrlEncodedContent(new Dictionary<string, string> { ["_token"] = token, ["_once"] = Guid.CreateVersion7().ToString(), ["to"] = "desk/procedures", ["q"] = "測太" }));
        var page = await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
        return page.Contains("見本 測太", StringComparison.Ordinal) ? answer.RequestMessage!.RequestUri!.PathAndQuery : throw new InvalidOperationException("The search found nobody.");
    }

    static async Task Fill(Stage stage, int count)
    {
        await stage.Add(Slug(count), Path.Combine(Stage.TownsFolder, Stage.Town));
        await using var owner = await stage.Owner(Slug(count));
        await using var fill = new NpgsqlCommand("""
            INSERT INTO people.accounts (id, sign_in_name, name, email, kind, password_hash, permissions, person_id, created_at) VALUES (@staff, 'bench-staff', '大野 測子', NULL, 'Staff', '', '{procedures.review,procedures.decide}', NULL, now());
            INSERT INTO people.sessions (id, account_id, secret_hash, began_at, ends_at) VALUES (gen_random_uuid(), @staff, @hash, now(), now() + interval '1 day');
            INSERT INTO procedures.cases (id, number, definition_id, procedure, stage, state, way, arrived_at, answers, decided, title, search_key, assurance, lang, electronic, department_id, due_on, moved_at, unread, accepted_at, decided_at, closed_at, sample, moves, version)
            SELECT gen_random_uuid(), lpad(n::text, 10, '0'), d.id, d.key, '', CASE WHEN n % 20 > 2 THEN 'Granted' ELSE 'Accepted' END, CASE n % 3 WHEN 0 THEN 'Online' WHEN 1 THEN 'Counter' ELSE 'Post' END, now() - n * interval '5 minutes', '{}', '{}',
                CASE WHEN n % (@count / 10) = 0 THEN '見本 測太' ELSE '見本 花子' END, CASE WHEN n % (@count / 10) = 0 THEN @rare ELSE @usual END || lpad(n::text, 10, '0'), 'None', 'ja', false, (SELECT id FROM offices.departments ORDER BY code OFFSET n % 20 LIMIT 1), current_date + (n % 400 - 300), now() - n * interval '4 minutes',
                n % 40 = 0, now() - n * interval '4 minutes', CASE WHEN n % 20 > 2 THEN now() - n * interval '4 minutes' END, CASE WHEN n % 20 > 2 THEN now() - n * interval '4 minutes' END, true, 1, 1
            FROM generate_series(1, @count) n JOIN (SELECT id, key, row_number() OVER (ORDER BY key) - 1 AS at FROM procedures.definitions) d ON d.at = n / 20 % 10;
            INSERT INTO procedures.steps (case_id, key, "order", kind, state, ticked, fields, opened_at, version) SELECT id, 'decide', 9, 'decide', 'Open', '{}', '{}', now(), 1 FROM procedures.cases WHERE closed_at IS NULL;
            INSERT INTO procedures.steps (case_id, key, "order", kind, state, ticked, fields, opened_at, done_at, version) SELECT id, 'decide', 9, 'decide', 'Done', '{}', '{}', closed_at, closed_at, 1 FROM procedures.cases WHERE closed_at IS NOT NULL;
            """, owner)
        {
            CommandTimeout = 900,
            Parameters = { new("staff", Stage.Staff), new("hash", stage.StaffHash), new("count", count), new("rare", Folding.KeyOf(["見本 測太"])), new("usual", Folding.KeyOf(["見本 花子"])) },
        };
        await fill.ExecuteNonQueryAsync();
        await stage.Run(Slug(count), "VACUUM ANALYZE");
    }

    [GeneratedRegex("href=\"([^\"]*/desk/procedures\\?[^\"]*after=[^\"]*)\"")]
    private static partial Regex After();

    [GeneratedRegex("name=\"_token\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}
