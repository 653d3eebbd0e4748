using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace Komachi.Host;

/// <summary>
/// One program that the supervisor keeps running. It gets TERM from the kernel when the supervisor is killed, and what
/// even so is left over ends at the next start.
/// </summary>
sealed class Child(string name, string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, Installation where, Action<string> say)
{
    static readonly TimeSpan ShortestLife = TimeSpan.FromSeconds(30), LongestWait = TimeSpan.FromSeconds(10);

    readonly LogFile _log = new(Path.Combine(where.Logs, name + ".log"));
    readonly string _note = Path.Combine(where.Folder, "run", name + ".pid");
    ProcessMark? _mark;

    public string Name => name;

    /// <summary>How often it ended by itself.</summary>
    public int Deaths { get; private set; }

    /// <summary>What it last said on standard error: the reason when it does not start.</summary>
    public string? LastWord { get; private set; }

    /// <summary>The one that a killed supervisor left behind, if it did not hear the kernel's TERM.</summary>
    public async Task EndLeftOver()
    {
        if (ProcessMark.Noted(_note) is not { } left) return;
        say($"Ending the {name} of an earlier start.");
        await End(left, TimeSpan.FromSeconds(8));
    }

    /// <summary>Starts it, and starts it again, until told to stop. Then it is still running: see <see cref="End()"/>.</summary>
    public async Task Keep(CancellationToken stop)
    {
        var wait = TimeSpan.FromMilliseconds(200);
        while (!stop.IsCancellationRequested)
        {
            var began = Stopwatch.GetTimestamp();
            var process = await Starter.Start(Start());
            // The stop may have come while it was being started; then the supervisor waits for this mark.
            _mark = ProcessMark.Of(process.Id);
            _mark?.Note(_note);
            process.ErrorDataReceived += (_, e) => { if (e.Data is { Length: > 0 }) { LastWord = e.Data; Hear(e.Data, error: true); } };
            process.OutputDataReceived += (_, e) => { if (e.Data is not null) Hear(e.Data, error: false); };
            process.BeginErrorReadLine();
            process.BeginOutputReadLine();
            try
            {
                await process.WaitForExitAsync(stop);
            }
            catch (OperationCanceledException)
            {
                return;    // still heard, so that it can say its last words
            }
            var exitCode = process.ExitCode;
            process.Dispose();
            if (stop.IsCancellationRequested) return;
            Deaths++;
            if (Stopwatch.GetElapsedTime(began) > ShortestLife) wait = TimeSpan.FromMilliseconds(200);
            say($"{name} ended ({Reason(exitCode)}); starting it again in {wait.TotalSeconds:0.#} s.");
            await Task.Delay(wait, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
        }
    }

    public async Task End(TimeSpan within)
    {
        if (_mark is { } mark) await End(mark, within);
        File.Delete(_note);
        _log.Dispose();
    }

    static async Task End(ProcessMark process, TimeSpan within)
    {
        if (!process.IsAlive) return;
        Unix.Signal(process.Pid, Unix.Terminate);
        if (await process.Gone(within)) return;
        Unix.Signal(process.Pid, Unix.Kill);
        await process.Gone(TimeSpan.FromSeconds(2));
    }

    ProcessStartInfo Start()
    {
        // A session of its own, so that Ctrl-C in the terminal reaches the supervisor alone.
        var start = new ProcessStartInfo("setsid", ["setpriv", "--pdeathsig", "TERM", "--", program, .. arguments])
        {
            WorkingDirectory = where.Folder, RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true,
        };
        foreach (var (key, value) in environment) start.Environment[key] = value;
        return start;
    }

    void Hear(string line, bool error)
    {
        _log.Write(line);
        if (Worrying(line) is { } worry) say($"{name}: {worry}");
        else if (error) say($"{name}: {line}");
    }

    /// <summary>A line of a log of ours that a person should see now, as short as it can be said.</summary>
    static string? Worrying(string line)
    {
        if (!line.StartsWith('{')) return IsWarning(line) ? line : null;
        try
        {
            using var entry = JsonDocument.Parse(line);
            return entry.RootElement.TryGetProperty("LogLevel", out var level) && level.GetString() is ("Warning" or "Error" or "Critical") && entry.RootElement.TryGetProperty("Message", out var message)
                ? message.GetString()?.Split('\n')[0] : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    static bool IsWarning(string line) =>
        line.StartsWith("warn", StringComparison.Ordinal) || line.StartsWith("fail", StringComparison.Ordinal) || line.StartsWith("crit", StringComparison.Ordinal) ||
        line is ['<', >= '0' and <= '4', '>', ..];

    static string Reason(int exitCode) => exitCode > 128 ? $"signal {exitCode - 128}" : $"exit code {exitCode}";

    /// <summary>
    /// Starts every child from one thread that never ends: the kernel's "your parent died" means the thread that started it,
    /// and a thread of the pool may well end while the supervisor lives.
    /// </summary>
    static class Starter
    {
        static readonly BlockingCollection<(ProcessStartInfo What, TaskCompletionSource<Process> Done)> Wanted = [];

        static Starter() => new Thread(() =>
        {
            foreach (var (what, done) in Wanted.GetConsumingEnumerable())
            {
                try
                {
                    var process = Process.Start(what)!;
                    process.StandardInput.Close();
                    done.SetResult(process);
                }
                catch (Exception e)
                {
                    done.SetException(e);
                }
            }
        }) { IsBackground = true, Name = "starts children" }.Start();

        public static Task<Process> Start(ProcessStartInfo what)
        {
            var done = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
            Wanted.Add((what, done));
            return done.Task;
        }
    }
}

/// <summary>What a child says, kept: ten megabytes, and three older files of as much.</summary>
sealed class LogFile(string path) : IDisposable
{
    const long Largest = 10 * 1024 * 1024;
    const int Older = 3;

    readonly Lock _one = new();
    StreamWriter? _file;
    bool _closed;

    public void Write(string line)
    {
        lock (_one)
        {
            if (_closed) return;
            try
            {
                if (_file is { BaseStream.Length: > Largest }) Rotate();
                _file ??= new(new FileStream(path, new FileStreamOptions
                {
                    Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                })) { AutoFlush = true };
                _file.WriteLine(line);
            }
            catch (IOException)
            {
                // A full disk must not end what serves the pages: the line is lost, the next one may find room.
                _file = null;
            }
        }
    }

    void Rotate()
    {
        _file?.Dispose();
        _file = null;
        for (var i = Older; i >= 1; i--)
        {
            var from = i == 1 ? path : $"{path}.{i - 1}";
            if (File.Exists(from)) File.Move(from, $"{path}.{i}", overwrite: true);
        }
    }

    public void Dispose()
    {
        lock (_one)
        {
            _closed = true;
            try { _file?.Dispose(); }
            catch (IOException) { }
        }
    }
}
