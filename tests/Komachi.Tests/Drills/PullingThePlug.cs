using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;
using AngleSharp.Html.Parser;
using Komachi.Tests.Harness;
using Npgsql;

namespace Komachi.Tests.Drills;

/// <summary>
/// kill -9, under load, of the real program twenty times and of PostgreSQL five times. Two web processes serve one data
/// folder: one that `komachi up` keeps, and one that is started here again and again. People press a button at both; each press
/// changes a row, writes an audit entry and starts a job that sends a mail. Who gets no answer sends the same form again.
/// In the end every press that was answered is there exactly once and every mail has been sent, and nobody has lent a hand.
/// </summary>
[Collection(Komachi.Tests.Harness.Alone.Name), Trait("Category", "drill")]
public sealed class PullingThePlug : RealProgram
{
    const int Presses = 4000, ProgramKills = 20, DatabaseKills = 5;
    // Between two presses, so that the buttons last as long as the kills, and what is queued stays as much as mail can carry.
    static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task Nothing_that_was_answered_is_lost_and_every_job_runs()
    {
        Up = Start("up", "--no-demo");
        await Until("komachi up", () => Ready(0));
        var password = JsonDocument.Parse(await Run("town", "add", Path.Combine(Folder, "towns/komaki"), "--demo", "--json")).RootElement.GetProperty("demoPassword").GetString()!;
        await Until("the second web process", Beside);

        var parked = await Park();
        var waiting = new ConcurrentQueue<Guid>(parked);
        var answered = new ConcurrentQueue<Guid>();
        var statuses = new ConcurrentDictionary<string, int>();
        using var enough = new CancellationTokenSource();
        var cookies = await SignIn(password);
        var signedIn = await Task.WhenAll(Enumerable.Range(0, 4).Select(n => At(n % 2, cookies)));
        var people = signedIn.Select(p => Press(p.Http, p.Page, waiting, answered, statuses, enough.Token)).ToArray();

        var (programs, databases) = (0, 0);
        while (programs < ProgramKills)
        {
            // Each time only after people got answers again: so every kill falls into work.
            var before = answered.Count;
            await Until("answers after a kill", async () =>
            {
                await Beside();
                return answered.Count >= before + 5 || people.Any(p => p.IsFaulted);
            });
            if (people.FirstOrDefault(p => p.IsFaulted) is { } failed) await failed;
            if (databases < DatabaseKills && programs % 4 == 3 && databases <= programs / 4)
            {
                Kill(Pid("postgres/postmaster.pid"));
                databases++;
                continue;
            }
            if (programs % 4 == 0)
            {
                // The supervisor's own; it waits longer each time that it ends young, so this one falls less often.
                await Until("the supervisor's web process", () => Task.FromResult(Pid("run/serve.pid") is > 1 and var pid && Directory.Exists($"/proc/{pid}")));
                Kill(Pid("run/serve.pid"));
            }
            else
            {
                await Until("the second web process", Beside);
                Kill(Second!.Id);
            }
            programs++;
        }
        Assert.Equal((ProgramKills, DatabaseKills), (programs, databases));
        await Until("both web processes", async () => await Beside() && await Ready(0));
        await enough.CancelAsync();
        await Task.WhenAll(people);

        var done = answered.ToArray();
        Assert.Equal(done.Length, done.Distinct().Count());
        Assert.InRange(done.Length, ProgramKills * 5, Presses);
        // While something was away the answer was "later", never "our mistake".
        Assert.All(statuses.Keys, s => Assert.Contains(s, new[] { "302", "503", "no answer" }));

        await using var owner = NpgsqlDataSource.Create(await OwnerString("komachi_komaki"));
        await Until("every job", async () => await Ask(owner, "SELECT NOT EXISTS (SELECT FROM jobs.queue WHERE id = ANY ($1))", done) is true);
        Assert.Equal((long)done.Length, await Ask(owner, "SELECT count(*) FROM audit.entries WHERE action = 'jobs.retry' AND subject = ANY (SELECT 'jobs/' || id FROM unnest($1) id)", done));
        Assert.Equal((long)done.Length, await Ask(owner, "SELECT count(DISTINCT subject) FROM audit.entries WHERE action = 'jobs.retry' AND subject = ANY (SELECT 'jobs/' || id FROM unnest($1) id)", done));
        Assert.Equal(0L, await Ask(owner, "SELECT count(*) FROM audit.entries WHERE action = 'jobs.retry' AND NOT subject = ANY (SELECT 'jobs/' || id FROM unnest($1) id)", done));

        var mails = await Mails();
        Assert.Equal(done.Length, done.Count(id => mails.Contains($"<{id:N}@komaki.komachi>")));

        Signal(Up.Id, 15);
        await Up.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(0, Up.ExitCode);
        TestContext.Current.TestOutputHelper?.WriteLine($"{done.Length} presses answered, {mails.Count} mails; {string.Join(", ", statuses.Select(s => $"{s.Key}: {s.Value}"))}");
    }

    /// <summary>Jobs that were given up: what people press to start again.</summary>
    async Task<Guid[]> Park()
    {
        await using var owner = NpgsqlDataSource.Create(await OwnerString("komachi_komaki"));
        await using var park = owner.CreateCommand($$"""
            INSERT INTO jobs.queue (id, kind, lane, payload, run_at, attempt, last_error, dead_at, created_at)
            SELECT gen_random_uuid(), 'mail.send', 'mail.send', jsonb_build_object('to', 'drill@example.jp', 'subject', 'drill ' || n, 'text', '訓練'), now(), 12, 'parked', now(), now()
            FROM generate_series(1, {{Presses}}) n RETURNING id
            """);
        var ids = new List<Guid>();
        await using var rows = await park.ExecuteReaderAsync();
        while (await rows.ReadAsync()) ids.Add(rows.GetGuid(0));
        return [.. ids];
    }

    /// <summary>One of joho's windows, at one of the two processes.</summary>
    async Task<(HttpClient Http, string Page)> At(int process, CookieContainer cookies)
    {
        var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = cookies }) { BaseAddress = new($"http://127.0.0.1:{Ports[process]}"), Timeout = TimeSpan.FromSeconds(10) };
        return (http, await http.GetStringAsync("/komaki/desk/jobs"));
    }

    async Task<CookieContainer> SignIn(string password)
    {
        using var joho = new Person($"http://127.0.0.1:{Ports[0]}", "komaki");
        await joho.SignIn("joho", desk: true, password);
        return joho.Cookies;
    }

    /// <summary>Presses and presses; what got no answer is sent again as it was.</summary>
    static async Task Press(HttpClient http, string page, ConcurrentQueue<Guid> waiting, ConcurrentQueue<Guid> answered, ConcurrentDictionary<string, int> statuses, CancellationToken enough)
    {
        using var leaving = http;
        while (!enough.IsCancellationRequested && waiting.TryDequeue(out var id))
        {
            var once = Guid.CreateVersion7().ToString();
            while (true)
            {
                try
                {
                    using var answer = await http.PostAsync("/komaki/desk/jobs/retry", Form(page, ("job", id.ToString()), ("_once", once)));
                    statuses.AddOrUpdate(((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture), 1, (_, n) => n + 1);
                    if (answer.StatusCode == HttpStatusCode.Found && answer.Headers.Location!.OriginalString.EndsWith("/desk/jobs", StringComparison.Ordinal)) break;
                }
                catch (Exception e) when (e is HttpRequestException or TaskCanceledException or IOException)
                {
                    statuses.AddOrUpdate("no answer", 1, (_, n) => n + 1);
                }
                await Task.Delay(50);
            }
            answered.Enqueue(id);
            await Task.Delay(Breath);
        }
    }

    static FormUrlEncodedContent Form(string page, params (string Name, string Value)[] fields)
    {
        var token = new HtmlParser().ParseDocument(page).QuerySelector("input[name=_token]")!.GetAttribute("value")!;
        return new(fields.Select(f => KeyValuePair.Create(f.Name, f.Value)).Append(new("_token", token)));
    }

    async Task<HashSet<string>> Mails()
    {
        var ids = new HashSet<string>();
        for (var before = long.MaxValue; ;)
        {
            using var page = JsonDocument.Parse(await Http.GetStringAsync(new Uri(World.Url, $"/api/mail?limit=2000&before={before}")));
            var mails = page.RootElement.GetProperty("mails").EnumerateArray().ToArray();
            if (mails.Length == 0) return ids;
            foreach (var mail in mails) ids.Add(mail.GetProperty("messageId").GetString()!);
            before = mails.Min(m => m.GetProperty("id").GetInt64());
        }
    }

    static async Task<object?> Ask(NpgsqlDataSource owner, string sql, Guid[] ids)
    {
        await using var ask = owner.CreateCommand(sql);
        ask.Parameters.Add(new() { Value = ids });
        return await ask.ExecuteScalarAsync();
    }
}
