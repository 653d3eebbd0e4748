using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Komachi.Platform;
using Komachi.Platform.Data;
using Komachi.Platform.Towns;
using Npgsql;

namespace Komachi.Host;

public sealed record UpOptions
{
    public int Port { get; init; } = 8080;
    public int SandboxPort { get; init; } = 8090;
    public int SmtpPort { get; init; } = 8025;

    /// <summary>The address that pages are served on; this machine alone unless told otherwise.</summary>
    public string Listen { get; init; } = "localhost";

    /// <summary>With the five towns, their demo accounts and the outside world to try against.</summary>
    public bool Demo { get; init; } = true;
}

/// <summary>
/// <c>komachi up</c>: keeps PostgreSQL, the web process and the Sandbox running until it is told to stop, and then ends them
/// in order. It does little and holds no state, so that little can end it; what it leaves behind when it is killed, the
/// next one takes over.
/// </summary>
sealed class Supervisor(Installation where, UpOptions options, House house, TextWriter to)
{
    // Together under ten seconds, also when each of them hangs. PostgreSQL gets what the others leave: the more it has
    // written, the less there is to recover at the next start.
    static readonly TimeSpan AllMayTake = TimeSpan.FromSeconds(9), ServeMayTake = TimeSpan.FromSeconds(4), SandboxMayTake = TimeSpan.FromSeconds(2);

    readonly Lock _line = new();
    ProcessMark? _postmaster;

    public async Task<int> Run(CancellationToken stop)
    {
        await using var alone = where.TryLock() ?? throw Refused.CannotRunHere($"Komachi is already running on {where.Folder}: use another folder with KOMACHI_DATA, or end that one first.");
        var serve = new Child("serve", Path.Combine(AppContext.BaseDirectory, "komachi"),
            ["serve", "--url", $"http://{options.Listen}:{options.Port}"],
            new Dictionary<string, string>(ServersPlaces())
            {
                ["KOMACHI_DATA"] = where.Folder,
                // In earnest there is no Sandbox, and whoever listens where it would be must not get codes and mails.
                ["KOMACHI_SANDBOX_SMTP_PORT"] = options.Demo ? Text(options.SmtpPort) : "",
                ["KOMACHI_SANDBOX_URL"] = options.Demo ? $"http://localhost:{options.SandboxPort}" : "",
            }, where, Say);
        var sandbox = new Child("sandbox", Path.Combine(AppContext.BaseDirectory, "komachi-sandbox"),
            ["--urls", $"http://{(options.Listen == "localhost" ? "127.0.0.1" : options.Listen)}:{options.SandboxPort}", "--smtp-port", Text(options.SmtpPort)],
            new Dictionary<string, string>(), where, Say);
        await serve.EndLeftOver();
        await sandbox.EndLeftOver();
        CheckPort(options.Port, "KOMACHI_PORT");
        if (options.Demo)
        {
            CheckPort(options.SandboxPort, "KOMACHI_SANDBOX_PORT");
            CheckPort(options.SmtpPort, "KOMACHI_SANDBOX_SMTP_PORT");
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var kept = new List<Task>();
        try
        {
            if (where.Postgres is { } postgres)
            {
                _postmaster = await postgres.Start([], Say, stop);
                kept.Add(KeepPostgres(postgres, ending.Token));
            }
            await using (var operation = await Operation.Begin(where, house, Operation.Needs.Server, stop))
                await Prepare(operation, stop);
            kept.Add(serve.Keep(ending.Token));
            if (options.Demo) kept.Add(sandbox.Keep(ending.Token));
            await Ready(serve, stop);
            await Welcome(stop);
            await Task.Delay(Timeout.Infinite, stop);
            return Exit.Done;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return Exit.Done;
        }
        finally
        {
            var began = Stopwatch.GetTimestamp();
            await ending.CancelAsync();
            await Task.WhenAll(kept).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await serve.End(ServeMayTake);
            await sandbox.End(SandboxMayTake);
            if (_postmaster is { } postmaster) await where.Postgres!.Stop(postmaster, AllMayTake - Stopwatch.GetElapsedTime(began));
        }
    }

    /// <summary>What serves pages learns where the servers are; the owner's name and password stay here.</summary>
    IEnumerable<KeyValuePair<string, string>> ServersPlaces() => where.Servers.Names.Select(name => KeyValuePair.Create(
        name == Servers.Main ? "KOMACHI_POSTGRES" : "KOMACHI_POSTGRES_" + name.ToUpperInvariant(),
        new NpgsqlConnectionStringBuilder(where.Servers.PlaceOf(name)) { Database = where.Servers.Control }.ConnectionString));

    async Task Prepare(Operation operation, CancellationToken stop)
    {
        foreach (var outcome in await operation.MigrateAll(stop))
            if (outcome.Error is { } error) Say(error);
        if (options.Demo)
        {
            await DemoTowns.MakeOnce(operation, Say, stop);
            await DemoTowns.PointAtSandbox(operation, options.SandboxPort, stop);
        }
    }

    async Task KeepPostgres(PrivatePostgres postgres, CancellationToken stop)
    {
        var wait = TimeSpan.FromMilliseconds(100);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                while (_postmaster is { IsAlive: true }) await Task.Delay(100, stop);
                Say("PostgreSQL ended; starting it again.");
                var began = Environment.TickCount64;
                _postmaster = null;
                _postmaster = await postgres.Start([], Say, stop);
                Say(string.Create(CultureInfo.InvariantCulture, $"PostgreSQL answers again after {(Environment.TickCount64 - began) / 1000.0:0.0} s."));
                wait = TimeSpan.FromMilliseconds(100);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // It may have been started and not answered yet: then it is still ours to end.
                _postmaster ??= postgres.Running();
            }
            catch (Exception e) when (e is Refused or IOException or System.ComponentModel.Win32Exception)
            {
                Say(e.Message);
                wait = wait * 2 < TimeSpan.FromSeconds(10) ? wait * 2 : TimeSpan.FromSeconds(10);
                await Task.Delay(wait, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Says it before anything is started, since everything later would only wait in vain.</summary>
    static void CheckPort(int port, string variable)
    {
        foreach (var address in new[] { IPAddress.Any, IPAddress.IPv6Loopback })
        {
            try
            {
                using var listener = new TcpListener(address, port);
                listener.Start();
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
            {
                throw Refused.CannotRunHere(e.SocketErrorCode == SocketError.AccessDenied
                    ? $"Port {port} needs rights that this user does not have: choose one above 1023 with {variable}."
                    : $"Port {port} is in use: end what uses it, or choose another with {variable}.");
            }
            catch (SocketException) { }    // no IPv6 here
        }
    }

    async Task Ready(Child serve, CancellationToken stop)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        var address = $"http://{(options.Listen is "0.0.0.0" or "*" or "[::]" ? "localhost" : options.Listen)}:{options.Port}/health/ready";
        while (true)
        {
            try
            {
                using var answer = await http.GetAsync(address, stop);
                if (answer.IsSuccessStatusCode) return;
            }
            catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !stop.IsCancellationRequested)) { }
            if (serve.Deaths >= 3) throw Refused.Failed($"The web process does not start ({serve.LastWord?.TrimEnd('.') ?? "see " + where.Logs}).");
            await Task.Delay(50, stop);
        }
    }

    async Task Welcome(CancellationToken stop)
    {
        await using var operation = await Operation.Begin(where, house, Operation.Needs.Registry, stop);
        var home = $"http://localhost:{options.Port}";
        var lines = new List<string> { $"ready {home}" };
        lines.AddRange(operation.Registry.Towns.Select(t =>
            $"  {home}/{t.Slug,-12} {t.Name.GetValueOrDefault("ja")}{(t.State == TownState.Suspended ? " (suspended)" : "")}"));
        if (options.Demo)
        {
            lines.Add($"The outside world to try against: http://localhost:{options.SandboxPort}");
            lines.AddRange(DemoTowns.Accounts(operation.Registry.Towns, where.DemoPassword));
        }
        lock (_line)
        {
            foreach (var line in lines) to.WriteLine(line);
            to.Flush();
        }
    }

    void Say(string line)
    {
        lock (_line)
        {
            to.WriteLine(line);
            to.Flush();
        }
    }

    static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
