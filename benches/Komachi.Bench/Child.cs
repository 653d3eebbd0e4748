using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Komachi.Host;
using Komachi.Platform.Data;
using Komachi.Platform.Web;

namespace Komachi.Bench;

/// <summary>
/// A server under load is a process of its own, beside this one that makes the load: so neither its memory, nor its
/// threads, nor the other side's weigh on what is measured.
/// </summary>
sealed class Child : IAsyncDisposable
{
    /// <summary>What a child must know; handed over in its environment, since it holds passwords.</summary>
    public sealed record Orders(string Role, string Owner, string Control, byte[] Secret, Uri? Ours = null, string? ResidentSecret = null, string? StaffSecret = null)
    {
        public Servers Servers => new(new Dictionary<string, string> { [Servers.Main] = Owner }, Control, Secret);
    }

    const string Variable = "KOMACHI_BENCH_ORDERS";

    readonly Process _process;

    Child(Process process, Uri url) => (_process, Url) = (process, url);

    public Uri Url { get; }

    public static async Task<Child> Start(Orders orders)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet") start.ArgumentList.Add(typeof(Child).Assembly.Location);
        start.Environment[Variable] = JsonSerializer.Serialize(orders);
        var process = Process.Start(start)!;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("ready ", StringComparison.Ordinal))
            {
                _ = process.StandardOutput.ReadToEndAsync();
                return new(process, new Uri(line[6..]));
            }
            await Console.Error.WriteLineAsync(line);
        }
        throw new InvalidOperationException($"The {orders.Role} process ended before it answered.");
    }

    /// <summary>In a process that was started as a child: serves until its parent closes the input, or dies.</summary>
    public static async Task<bool> Serve()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } given) return false;
        var orders = JsonSerializer.Deserialize<Orders>(given)!;
        var files = Directory.CreateTempSubdirectory("komachi-bench-files");
        await using var app = orders.Role == "ours"
            ? await Serving.Start(Stage.House(), orders.Servers, new WebOptions { RequestsASecond = 0, Files = new() { Folder = files.FullName, MegabytesADay = 1_000_000 } }, ["http://127.0.0.1:0"])
            : await Floor.Start(orders, files.FullName);
        await Console.Out.WriteLineAsync("ready " + app.Urls.Single());
        await Console.In.ReadToEndAsync();
        await app.StopAsync();
        files.Delete(recursive: true);
        return true;
    }

    /// <summary>Processor time used so far: what the other work on the machine does not change much.</summary>
    public TimeSpan Work
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Resident memory in MB.</summary>
    public double Memory() =>
        double.Parse(File.ReadLines($"/proc/{_process.Id}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal))[6..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture) / 1024;

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try { await _process.WaitForExitAsync(patience.Token); }
        catch (OperationCanceledException) { _process.Kill(); }
        _process.Dispose();
    }
}
