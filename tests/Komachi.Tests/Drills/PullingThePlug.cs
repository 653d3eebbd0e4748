using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using AngleSharp.Html.Parser;
using Komachi.Tests.Harness;
using Komachi.Sandbox;
using Npgsql;

namespace Komachi.Tests.Drills;

/// <summary>
/// kill -9, under load, of the real program twenty times and of PostgreSQL five times. Two web processes serve one data
/// folder: one that `komachi up` keeps, and one that is started here again and again. People press a button at both; each press
/// changes a row, writes an audit entry and starts a job that sends a mail. Who gets no answer sends the same form again.
/// In the end every press that was answered is there exactly once and every mail has been sent, and nobody has lent a hand.
/// </summary>
[Collection(Komachi.Tests.Harness.Alone.Name), Trait("Category", "drill")]
public sealed class PullingThePlug : IAsyncLifetime
{
    const string User = "komachi";
    const int Presses = 4000, ProgramKills = 20, DatabaseKills = 5;
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    // Between two presses, so that the buttons last as long as the kills, and what is queued stays as much as mail can carry.
    static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(100);

    readonly string _data = Directory.CreateTempSubdirectory("komachi-drill").FullName;
    readonly int[] _ports = FreePorts(4);
    readonly StringBuilder _said = new();
    readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };
    OutsideWorld _world = null!;
    Process? _up, _beside;

    [Fact]
    public async Task Nothing_that_was_answered_is_lost_and_every_job_runs()
    {
        _up = Start("up", "--no-demo");
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
                Kill(_beside!.Id);
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

        Signal(_up.Id, 15);
        await _up.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(0, _up.ExitCode);
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
        var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = cookies }) { BaseAddress = new($"http://127.0.0.1:{_ports[process]}"), Timeout = TimeSpan.FromSeconds(10) };
        return (http, await http.GetStringAsync("/komaki/desk/jobs"));
    }

    async Task<CookieContainer> SignIn(string password)
    {
        using var joho = new Person($"http://127.0.0.1:{_ports[0]}", "komaki");
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
            using var page = JsonDocument.Parse(await _http.GetStringAsync(new Uri(_world.Url, $"/api/mail?limit=2000&before={before}")));
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

    async Task<string> OwnerString(string database) => new NpgsqlConnectionStringBuilder
    {
        // The socket's folder is the fifth line of what the postmaster writes of itself.
        Host = File.ReadLines(Path.Combine(_data, "postgres/postmaster.pid")).ElementAt(4), Username = "komachi", Database = database,
        Password = (await File.ReadAllTextAsync(Path.Combine(_data, "secrets/owner"))).Trim(),
    }.ConnectionString;

    static string Folder => Environment.GetEnvironmentVariable("KOMACHI_TEST_PROGRAM") ?? AppContext.BaseDirectory;

    Process Start(params string[] arguments)
    {
        var process = Process.Start(Command(arguments))!;
        process.OutputDataReceived += (_, e) => Hear(e.Data);
        process.ErrorDataReceived += (_, e) => Hear(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;

        void Hear(string? line)
        {
            if (line is not null) lock (_said) _said.AppendLine(line);
        }
    }

    async Task<string> Run(params string[] arguments)
    {
        using var process = Process.Start(Command(arguments))!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await errors);
        return await output;
    }

    ProcessStartInfo Command(string[] arguments)
    {
        List<string> command = [Path.Combine(Folder, "komachi"), .. arguments];
        // PostgreSQL never runs as root; setpriv becomes the program, so its number is the program's.
        if (Environment.IsPrivilegedProcess) command.InsertRange(0, ["setpriv", "--reuid", User, "--regid", User, "--clear-groups"]);
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _data };
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("KOMACHI_", StringComparison.Ordinal)).ToArray()) start.Environment.Remove(name);
        start.Environment["KOMACHI_DATA"] = _data;
        start.Environment["HOME"] = _data;
        start.Environment["KOMACHI_LISTEN"] = "127.0.0.1";
        start.Environment["KOMACHI_PORT"] = Number(_ports[0]);
        start.Environment["KOMACHI_SMTP"] = $"127.0.0.1:{_world.SmtpPort}";
        start.Environment["KOMACHI_REQUESTS_A_SECOND"] = "0";
        return start;
    }

    /// <summary>The second web process, started again whenever it ended, as a service manager would.</summary>
    async Task<bool> Beside()
    {
        if (_beside is { HasExited: false }) return await Ready(1);
        _beside?.Dispose();
        _beside = Start("serve", "--url", $"http://127.0.0.1:{_ports[1]}");
        return false;
    }

    async Task<bool> Ready(int at)
    {
        try
        {
            using var answer = await _http.GetAsync($"http://127.0.0.1:{_ports[at]}/health/ready");
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    async Task Until(string what, Func<Task<bool>> holds)
    {
        var began = Stopwatch.GetTimestamp();
        while (!await holds())
        {
            if (Stopwatch.GetElapsedTime(began) > Patience || _up!.HasExited)
                lock (_said) Assert.Fail($"{what} did not come; the last that was said:\n{_said.ToString()[Math.Max(0, _said.Length - 3000)..]}");
            await Task.Delay(30);
        }
    }

    int Pid(string file)
    {
        try { return int.Parse(File.ReadLines(Path.Combine(_data, file)).First().Split(' ')[0], CultureInfo.InvariantCulture); }
        catch (Exception e) when (e is IOException or InvalidOperationException) { return 0; }
    }

    static void Kill(int pid) => Signal(pid, 9);

    static void Signal(int pid, int signal)
    {
        if (pid > 1) _ = kill(pid, signal);
    }

    static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        foreach (var listener in listeners) listener.Start();
        var ports = listeners.Select(l => ((IPEndPoint)l.LocalEndpoint).Port).ToArray();
        foreach (var listener in listeners) listener.Stop();
        return ports;
    }

    public async ValueTask InitializeAsync()
    {
        if (Environment.IsPrivilegedProcess)
        {
            if (!File.ReadLines("/etc/passwd").Any(l => l.StartsWith(User + ":", StringComparison.Ordinal))) Assert.Skip($"PostgreSQL does not run as root, and there is no user {User}: ./test makes one.");
            using var own = Process.Start("chown", ["-R", User + ":", _data]);
            await own.WaitForExitAsync();
        }
        _world = await OutsideWorld.Open("--mail-keep", Number(20_000));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in new[] { _beside, _up })
            if (process is { HasExited: false })
            {
                Signal(process.Id, 15);
                await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        if (Pid("postgres/postmaster.pid") is > 1 and var left)
        {
            Signal(left, 3);
            for (var i = 0; i < 100 && Directory.Exists($"/proc/{left}"); i++) await Task.Delay(50);
        }
        if (_world is not null) await _world.DisposeAsync();
        _http.Dispose();
        Directory.Delete(_data, recursive: true);
    }

    [DllImport("libc")] static extern int kill(int pid, int signal);
}
