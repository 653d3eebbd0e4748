using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Komachi.Tests.Harness;
using Komachi.Tests.Pdf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Komachi.Tests.Host;

/// <summary>
/// The supervisor as it really runs: the program's own processes on a data folder of their own. PostgreSQL never runs as
/// root, so as root it is started as the user that ./run makes.
/// </summary>
[Collection(Komachi.Tests.Harness.Alone.Name), Trait("Category", "drill")]
public sealed class KeepingItUp : IAsyncDisposable
{
    const string User = "komachi";
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly string _data = Directory.CreateTempSubdirectory("komachi-up").FullName;
    readonly int[] _ports = FreePorts(3);
    readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(20) };
    readonly List<string> _said = [];
    Process? _up;

    static string Program => Path.Combine(Environment.GetEnvironmentVariable("KOMACHI_TEST_PROGRAM") ?? AppContext.BaseDirectory, "komachi");

    [Fact]
    public async Task What_is_killed_comes_back_and_what_is_told_to_end_leaves_nothing()
    {
        await Start();
        await Until("the first page", () => Answers("/health/ready"));
        Assert.True(await Answers("/onojo"));

        Kill(Pid("run/serve.pid"));
        await Until("serve again", () => Answers("/onojo"));

        for (var i = 0; i < 2; i++)
        {
            var postmaster = Pid("postgres/postmaster.pid");
            Kill(postmaster);
            await Until("PostgreSQL again", async () => Pid("postgres/postmaster.pid") != postmaster && await Answers("/health/ready") && await Answers("/onojo"));
            // Nobody who comes now meets a connection of the time before.
            for (var k = 0; k < 100; k++) Assert.Equal(200, await StatusOf(_ports[0], "/onojo"));
        }

        // A second one on the same folder says so and leaves the first alone.
        using (var second = Launch())
        {
            Assert.Contains("already running", await second.StandardError.ReadToEndAsync());
            await second.WaitForExitAsync();
            Assert.Equal(3, second.ExitCode);
        }
        Assert.Equal(200, await StatusOf(_ports[0], "/onojo"));

        Signal(Real(), 15);
        await _up!.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(0, _up.ExitCode);
        Assert.Empty(Processes());
    }

    [Fact]
    public async Task The_two_sides_can_be_processes_of_their_own_and_tell_how_they_do_over_OTLP()
    {
        var signals = new ConcurrentDictionary<string, string>();
        await using var collector = await Collector(signals);
        await Start(collector.Urls.Single());
        await Until("ready", () => Answers("/health/ready"));

        var ports = FreePorts(2);
        using var residents = Process.Start(Command("serve", "--resident-url", $"http://127.0.0.1:{ports[0]}"))!;
        using var desk = Process.Start(Command("serve", "--desk-url", $"http://127.0.0.1:{ports[1]}"))!;
        try
        {
            await Until("both sides", async () => await StatusOf(ports[0], "/health/ready") == 200 && await StatusOf(ports[1], "/health/ready") == 200);
            Assert.Equal((200, 404), (await StatusOf(ports[0], "/onojo/announcements"), await StatusOf(ports[1], "/onojo/announcements")));
            Assert.Equal((404, 200), (await StatusOf(ports[0], "/onojo/desk/sign-in"), await StatusOf(ports[1], "/onojo/desk/sign-in")));
            Assert.Equal((200, 404), (await StatusOf(ports[0], "/onojo/api/v1/announcements"), await StatusOf(ports[1], "/onojo/api/v1/announcements")));
        }
        finally
        {
            foreach (var side in new[] { residents, desk })
            {
                Signal(side.Id, 15);
                await side.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
            }
        }

        // Whoever serves knows where the databases are and not how their owner comes in.
        var given = await File.ReadAllTextAsync($"/proc/{Pid("run/serve.pid")}/environ");
        Assert.Contains("KOMACHI_POSTGRES=Host=", given);
        Assert.DoesNotContain("Password", given, StringComparison.OrdinalIgnoreCase);

        // What was measured last is sent on the way out.
        Assert.True(await Answers("/onojo?nobody=asked-this-before"));
        Signal(Real(), 15);
        await _up!.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Contains("komachi", signals["/v1/traces"]);
        Assert.Contains("http.server.request.duration", signals["/v1/metrics"]);
        Assert.All(signals.Values, s => Assert.DoesNotContain("asked-this-before", s));
    }

    [Fact]
    public async Task The_secret_is_exchanged_while_it_runs()
    {
        await Start();
        await Until("ready", () => Answers("/onojo"));
        var serve = Pid("run/serve.pid");

        using (var rotate = Process.Start(Command("keys", "rotate", "--installation"))!)
        {
            await rotate.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
            Assert.Equal(0, rotate.ExitCode);
        }

        await Until("another web process", async () => Pid("run/serve.pid") != serve && await Answers("/health/ready") && await Answers("/onojo") && await Answers("/komaki"));
        Assert.Equal(["backup", "demo", "owner", "serving"], Directory.EnumerateFiles(Path.Combine(_data, "secrets")).Select(Path.GetFileName).Append("backup").Distinct().Order());
        Signal(Real(), 15);
        await _up!.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(0, _up.ExitCode);
    }

    /// <summary>Takes what OpenTelemetry sends, as any collector does.</summary>
    static async Task<WebApplication> Collector(ConcurrentDictionary<string, string> signals)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrel().UseUrls("http://127.0.0.1:0");
        var collector = builder.Build();
        collector.Run(async http =>
        {
            using var reader = new StreamReader(http.Request.Body, Encoding.Latin1);
            var sent = await reader.ReadToEndAsync();
            signals.AddOrUpdate(http.Request.Path, sent, (_, before) => before + sent);
        });
        await collector.StartAsync();
        return collector;
    }

    [Fact]
    public async Task A_killed_supervisor_is_followed_by_one_that_takes_over_the_database()
    {
        await Start();
        await Until("ready", () => Answers("/health/ready"));
        var postmaster = Pid("postgres/postmaster.pid");

        Kill(Real());
        await _up!.WaitForExitAsync();
        await Until("the web process gone", async () => !await Answers("/health/live"));
        await Start();
        await Until("ready again", () => Answers("/health/ready"));

        Assert.Equal(postmaster, Pid("postgres/postmaster.pid"));
        Signal(Real(), 2);
        await _up!.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(0, _up.ExitCode);
        await Until("nothing left", () => Task.FromResult(!Processes().Any()));    // a database that writes much when the time is up is told to go at once, and goes when the disk lets it
    }

    [Fact]
    public async Task A_killed_web_process_takes_its_chromium_with_it()
    {
        await Start();
        await Until("ready", () => Answers("/komaki"));
        using var hanako = new Person($"http://localhost:{_ports[0]}", "komaki");
        await hanako.SignIn("hanako", desk: false, Said().Split('\n').Single(l => l.StartsWith("Demo accounts, password ", StringComparison.Ordinal)).Split(' ')[^1]);
        await Until("a PDF", Pdf);
        var serve = Pid("run/serve.pid");
        var chromium = PressRoom.ChromiumsOf(serve).SelectMany(PressRoom.Session).Distinct().ToArray();
        Assert.True(chromium.Length > 1);

        Kill(serve);
        await Until("no Chromium", () => Task.FromResult(!chromium.Any(c => Directory.Exists($"/proc/{c}"))));
        await Until("a PDF again", Pdf);
        Assert.Empty(Directory.EnumerateDirectories(Path.GetTempPath(), $"komachi-press-{serve}-*"));

        var next = Pid("run/serve.pid");
        Assert.NotEmpty(PressRoom.ChromiumsOf(next));
        Signal(Real(), 15);
        await _up!.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Empty(PressRoom.ChromiumsOf(next));
        Assert.Empty(Directory.EnumerateDirectories(Path.GetTempPath(), $"komachi-press-{next}-*"));

        async Task<bool> Pdf()
        {
            try
            {
                using var answer = await hanako.Send(HttpMethod.Get, "my/about-me/pdf");
                return answer.Content.Headers.ContentType?.MediaType == "application/pdf";
            }
            catch (HttpRequestException)
            {
                return false;    // it is being started
            }
        }
    }

    [Fact]
    public async Task A_port_in_use_is_said_before_anything_is_started()
    {
        using var other = new TcpListener(IPAddress.Loopback, _ports[0]);
        other.Start();

        using var up = Launch();
        var said = await up.StandardError.ReadToEndAsync();
        await up.WaitForExitAsync();

        Assert.Equal(3, up.ExitCode);
        Assert.Equal($"Port {_ports[0]} is in use: end what uses it, or choose another with KOMACHI_PORT.", said.Trim());
        Assert.False(Directory.Exists(Path.Combine(_data, "postgres")));
    }

    async Task Start(string? collector = null)
    {
        _up = Launch(collector);
        var ready = new TaskCompletionSource();
        _up.OutputDataReceived += (_, e) => Hear(e.Data);
        _up.ErrorDataReceived += (_, e) => Hear(e.Data);
        _up.BeginOutputReadLine();
        _up.BeginErrorReadLine();
        _up.Exited += (_, _) => ready.TrySetException(new InvalidOperationException("up ended: " + Said()));
        _up.EnableRaisingEvents = true;
        await ready.Task.WaitAsync(Patience);

        void Hear(string? line)
        {
            if (line is null) return;
            lock (_said) _said.Add(line);
            if (line.StartsWith("ready http://localhost:", StringComparison.Ordinal)) ready.TrySetResult();
        }
    }

    Process Launch(string? collector = null)
    {
        var start = Command("up");
        if (collector is not null) (start.Environment["OTEL_EXPORTER_OTLP_ENDPOINT"], start.Environment["OTEL_EXPORTER_OTLP_PROTOCOL"]) = (collector, "http/protobuf");
        return Process.Start(start)!;
    }

    ProcessStartInfo Command(params string[] arguments)
    {
        List<string> command = [Program, .. arguments];
        if (Environment.IsPrivilegedProcess)
        {
            if (!File.ReadLines("/etc/passwd").Any(l => l.StartsWith(User + ":", StringComparison.Ordinal))) Assert.Skip($"PostgreSQL does not run as root, and there is no user {User}: ./test makes one.");
            if (arguments is ["up"])
            {
                using var own = Process.Start("chown", [User + ":", _data]);
                own.WaitForExit();
            }
            command = ["setpriv", "--reuid", User, "--regid", User, "--clear-groups", .. command];
        }
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _data };
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("KOMACHI_", StringComparison.Ordinal)).ToArray()) start.Environment.Remove(name);
        start.Environment["KOMACHI_DATA"] = _data;
        start.Environment["HOME"] = _data;
        start.Environment["KOMACHI_PORT"] = _ports[0].ToString(CultureInfo.InvariantCulture);
        start.Environment["KOMACHI_SANDBOX_PORT"] = _ports[1].ToString(CultureInfo.InvariantCulture);
        start.Environment["KOMACHI_SANDBOX_SMTP_PORT"] = _ports[2].ToString(CultureInfo.InvariantCulture);
        return start;
    }

    async Task<bool> Answers(string path) => await StatusOf(_ports[0], path) is >= 200 and < 300;

    /// <summary>0 when nobody answers.</summary>
    async Task<int> StatusOf(int port, string path)
    {
        try
        {
            using var answer = await _http.GetAsync($"http://localhost:{port}{path}");
            return (int)answer.StatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return 0;
        }
    }

    async Task Until(string what, Func<Task<bool>> holds)
    {
        var until = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        while (!await holds())
        {
            Assert.True(Environment.TickCount64 < until, $"{what} did not come; it said: {Said()}");
            await Task.Delay(50);
        }
    }

    string Said()
    {
        lock (_said) return string.Join('\n', _said);
    }

    int Pid(string file)
    {
        try { return int.Parse(File.ReadLines(Path.Combine(_data, file)).First().Split(' ')[0], CultureInfo.InvariantCulture); }
        catch (Exception e) when (e is IOException or InvalidOperationException) { return 0; }
    }

    /// <summary>setpriv becomes the program, so its number is the program's.</summary>
    int Real() => _up!.Id;

    /// <summary>Everything that runs on this data folder.</summary>
    List<string> Processes() =>
        Directory.EnumerateDirectories("/proc").Where(p => int.TryParse(Path.GetFileName(p), out _)).Where(p =>
        {
            try { return (File.ReadAllText(p + "/environ") + File.ReadAllText(p + "/cmdline")).Contains(_data, StringComparison.Ordinal); }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return false; }
        }).Select(p => File.Exists(p + "/cmdline") ? File.ReadAllText(p + "/cmdline").Replace('\0', ' ') : p).ToList();

    static void Kill(int pid) => Signal(pid, 9);

    static void Signal(int pid, int signal)
    {
        Assert.True(pid > 1);
        _ = kill(pid, signal);
    }

    static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        foreach (var listener in listeners) listener.Start();
        var ports = listeners.Select(l => ((IPEndPoint)l.LocalEndpoint).Port).ToArray();
        foreach (var listener in listeners) listener.Stop();
        return ports;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_up is { HasExited: false })
        {
            Signal(Real(), 15);
            await _up.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        _up?.Dispose();
        if (Pid("postgres/postmaster.pid") is > 1 and var left) Signal(left, 3);
        for (var i = 0; i < 100 && Processes().Count > 0; i++) await Task.Delay(50);
        Directory.Delete(_data, recursive: true);
    }

    [DllImport("libc")] static extern int kill(int pid, int signal);
}
