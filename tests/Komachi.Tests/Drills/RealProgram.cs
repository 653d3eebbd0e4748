using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using Komachi.Tests.Harness;
using Npgsql;

namespace Komachi.Tests.Drills;

/// <summary>The program's own processes on a data folder of their own: one that `komachi up` keeps, and where it is wanted one beside it. They may be killed.</summary>
public abstract class RealProgram : IAsyncLifetime
{
    const string User = "komachi";
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    readonly string _data = Directory.CreateTempSubdirectory("komachi-drill").FullName;
    readonly StringBuilder _said = new();

    protected int[] Ports { get; } = FreePorts(4);
    protected HttpClient Http { get; } = new() { Timeout = TimeSpan.FromSeconds(5) };
    protected OutsideWorldAtHand World { get; } = new();
    protected Process? Up { get; set; }
    protected Process? Second { get; private set; }

    protected async Task<string> OwnerString(string database) => new NpgsqlConnectionStringBuilder
    {
        // The socket's folder is the fifth line of what the postmaster writes of itself.
        Host = File.ReadLines(Path.Combine(_data, "postgres/postmaster.pid")).ElementAt(4), Username = "komachi", Database = database,
        Password = (await File.ReadAllTextAsync(Path.Combine(_data, "secrets/owner"))).Trim(),
    }.ConnectionString;

    protected static string Folder => Environment.GetEnvironmentVariable("KOMACHI_TEST_PROGRAM") ?? AppContext.BaseDirectory;

    protected Process Start(params string[] arguments)
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

    protected async Task<string> Run(params string[] arguments)
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
        start.Environment["KOMACHI_PORT"] = Number(Ports[0]);
        start.Environment["KOMACHI_SMTP"] = $"127.0.0.1:{World.SmtpPort}";
        start.Environment["KOMACHI_REQUESTS_A_SECOND"] = "0";
        return start;
    }

    /// <summary>The second web process, started again whenever it ended, as a service manager would.</summary>
    protected async Task<bool> Beside()
    {
        if (Second is { HasExited: false }) return await Ready(1);
        Second?.Dispose();
        Second = Start("serve", "--url", $"http://127.0.0.1:{Ports[1]}");
        return false;
    }

    protected async Task<bool> Ready(int at)
    {
        try
        {
            using var answer = await Http.GetAsync($"http://127.0.0.1:{Ports[at]}/health/ready");
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    protected async Task Until(string what, Func<Task<bool>> holds)
    {
        var began = Stopwatch.GetTimestamp();
        while (!await holds())
        {
            if (Stopwatch.GetElapsedTime(began) > Patience || Up!.HasExited)
                lock (_said) Assert.Fail($"{what} did not come; the last that was said:\n{_said.ToString()[Math.Max(0, _said.Length - 3000)..]}");
            await Task.Delay(30);
        }
    }

    protected int Pid(string file)
    {
        try { return int.Parse(File.ReadLines(Path.Combine(_data, file)).First().Split(' ')[0], CultureInfo.InvariantCulture); }
        catch (Exception e) when (e is IOException or InvalidOperationException) { return 0; }
    }

    protected static void Kill(int pid) => Signal(pid, 9);

    protected static void Signal(int pid, int signal)
    {
        if (pid > 1) _ = kill(pid, signal);
    }

    protected static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

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
        await World.Open("--mail-keep", Number(20_000));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in new[] { Second, Up })
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
        await World.DisposeAsync();
        Http.Dispose();
        Directory.Delete(_data, recursive: true);
    }

    [DllImport("libc")] static extern int kill(int pid, int signal);
}
