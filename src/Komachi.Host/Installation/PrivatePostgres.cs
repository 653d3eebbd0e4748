using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Komachi.Host;

/// <summary>
/// A PostgreSQL of the data folder's own, for those who have none: no network, a socket that only this user reaches, a
/// password besides. Nobody starts a second one on the same folder; one that already runs is taken over.
/// </summary>
public sealed class PrivatePostgres
{
    const int Oldest = 15;
    const string Installed = "/usr/lib/postgresql";

    readonly string _data;
    readonly string _password;

    internal PrivatePostgres(string data, string password)
    {
        (_data, _password) = (data, password);
        // A socket's path ends at 107 bytes, and a data folder's may be longer: so a short place, one per folder and user.
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{data}\n{Unix.User}"));
        SocketFolder = "/tmp/komachi-" + Convert.ToHexStringLower(hash.AsSpan(0, 6));
    }

    public string Cluster => Path.Combine(_data, "postgres");
    public string SocketFolder { get; }

    public string OwnerString => new NpgsqlConnectionStringBuilder
    {
        Host = SocketFolder, Username = "komachi", Password = _password, Database = "komachi",
    }.ConnectionString;

    /// <summary>The postmaster of this folder, whoever started it.</summary>
    internal ProcessMark? Running()
    {
        try
        {
            var first = File.ReadLines(Path.Combine(Cluster, "postmaster.pid")).FirstOrDefault();
            return int.TryParse(first, CultureInfo.InvariantCulture, out var pid) && WorksIn(pid) ? ProcessMark.Of(pid) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Running, and not just ending: waits for one that is.</summary>
    internal async Task<bool> Serves(CancellationToken stop)
    {
        while (Running() is not null)
        {
            // The eighth line says what the postmaster is about.
            var status = "";
            try { status = File.ReadLines(Path.Combine(Cluster, "postmaster.pid")).Skip(7).FirstOrDefault() ?? ""; }
            catch (IOException) { }
            if (!status.StartsWith("stopping", StringComparison.Ordinal)) return true;
            await Task.Delay(50, stop);
        }
        return false;
    }

    /// <summary>Starts it, or takes over the one that runs; returns when it answers.</summary>
    internal async Task<ProcessMark> Start(IReadOnlyCollection<string> settings, Action<string> say, CancellationToken stop)
    {
        if (Unix.IsRoot) throw Refused.CannotRunHere("PostgreSQL does not run as root: start Komachi as another user, or with ./run, which sees to it.");
        if (!File.Exists(Path.Combine(Cluster, "PG_VERSION"))) await Initialize(stop);
        var program = Path.Combine(BinariesFor(File.ReadAllText(Path.Combine(Cluster, "PG_VERSION")).Trim()), "postgres");
        MakeSocketFolder();

        while (true)
        {
            if (Running() is { } there)
            {
                if (await Answers(there, null, say, stop)) return there;
                continue;    // it was just ending
            }
            await EndOrphans(say, stop);
            var errors = new List<string>();
            var started = Launch(program, settings, errors);
            if (await Answers(started, errors, say, stop)) return started;
            string why;
            lock (errors) why = errors.LastOrDefault(e => e.Contains("FATAL", StringComparison.Ordinal)) ?? errors.FirstOrDefault() ?? $"see {Path.Combine(_data, "logs")}";
            throw Refused.CannotRunHere($"The private PostgreSQL did not start ({why.Trim().TrimEnd('.')}).");
        }
    }

    /// <summary>Fast: sessions are ended, everything is written.</summary>
    internal async Task Stop(ProcessMark postmaster, TimeSpan within)
    {
        if (postmaster.IsAlive)
        {
            Unix.Signal(postmaster.Pid, Unix.Interrupt);
            if (!await postmaster.Gone(within))
            {
                Unix.Signal(postmaster.Pid, Unix.Quit);    // it will recover at the next start
                await postmaster.Gone(TimeSpan.FromSeconds(0.8));
            }
        }
        try { Directory.Delete(SocketFolder); }
        catch (IOException) { }    // not empty: something else is there
    }

    async Task Initialize(CancellationToken stop)
    {
        var bin = NewestBinaries();
        // Made beside and renamed when it is whole: an interrupted first start leaves nothing half.
        var made = Cluster + ".new";
        if (Directory.Exists(made)) Directory.Delete(made, recursive: true);
        var passwordFile = Path.Combine(_data, "scratch", $"owner-{Environment.ProcessId}");
        File.Delete(passwordFile);
        Unix.WriteWhole(passwordFile, Encoding.ASCII.GetBytes(_password + "\n"), secret: true);
        try
        {
            var run = await Tool.Run(Path.Combine(bin, "initdb"),
            [
                "--pgdata", made, "--username", "komachi", "--pwfile", passwordFile, "--encoding", "UTF8", "--locale", "C.UTF-8",
                "--data-checksums", "--auth", "scram-sha-256",
            ], _data, null, stop);
            if (run.ExitCode != 0) throw Refused.CannotRunHere($"PostgreSQL's folder could not be made ({run.LastError}).");
        }
        finally
        {
            File.Delete(passwordFile);
        }
        await File.AppendAllTextAsync(Path.Combine(made, "postgresql.conf"), """

            # Komachi's, and yours to change: they are written once. Where PostgreSQL listens and logs is said at each start.
            max_connections = 400
            shared_buffers = 256MB
            jit = off
            wal_level = logical
            password_encryption = 'scram-sha-256'
            timezone = 'UTC'
            log_timezone = 'UTC'

            """, stop);
        Directory.Move(made, Cluster);
    }

    ProcessMark Launch(string program, IEnumerable<string> settings, List<string> errors)
    {
        var logs = Path.Combine(_data, "logs");
        string[] always =
        [
            "listen_addresses=", $"unix_socket_directories={SocketFolder}", "unix_socket_permissions=0700",
            // A file for each day of the week, cut when it grows. What a resident wrote never stands in it.
            "logging_collector=on", $"log_directory={logs}", "log_filename=postgres-%a.log", "log_truncate_on_rotation=on", "log_rotation_size=10MB",
            "log_file_mode=0600", "log_error_verbosity=terse", "log_min_error_statement=panic", "log_line_prefix=%m [%p] %d ",
            // After a crash everything is flushed once, not each of some thousand files a town by itself.
            "recovery_init_sync_method=syncfs",
        ];
        // A session of its own: Ctrl-C in the terminal is for the supervisor, which ends things in order.
        var start = new ProcessStartInfo("setsid")
        {
            WorkingDirectory = _data, RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true,
        };
        start.ArgumentList.Add(program);
        start.ArgumentList.Add("-D");
        start.ArgumentList.Add(Cluster);
        foreach (var setting in always.Concat(settings))
        {
            start.ArgumentList.Add("-c");
            start.ArgumentList.Add(setting);
        }
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment.Remove("PGDATA");
        var process = Process.Start(start) ?? throw Refused.CannotRunHere("setsid did not start.");
        process.StandardInput.Close();
        DataReceivedEventHandler keep = (_, e) => { if (e.Data is { Length: > 0 } line) lock (errors) { if (errors.Count < 50) errors.Add(line); } };
        process.ErrorDataReceived += keep;
        process.OutputDataReceived += keep;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        return ProcessMark.Of(process.Id) ?? new(process.Id, 0);
    }

    /// <summary>Waits until it takes connections; false when it ends first. Recovery after a crash may take its time.</summary>
    async Task<bool> Answers(ProcessMark postmaster, List<string>? errors, Action<string> say, CancellationToken stop)
    {
        var test = new NpgsqlConnectionStringBuilder(OwnerString) { Database = "postgres", Pooling = false, Timeout = 5 }.ConnectionString;
        var nextWord = Environment.TickCount64 + 10_000;
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            try
            {
                await using var connection = new NpgsqlConnection(test);
                await connection.OpenAsync(stop);
                return true;
            }
            catch (PostgresException e) when (e.SqlState is "28P01" or "28000")
            {
                throw Refused.CannotRunHere($"The private PostgreSQL does not take the password in {Path.Combine(_data, "secrets")}: bring that folder back from a copy.");
            }
            catch (Exception e) when (e is NpgsqlException or SocketException or IOException or TimeoutException)
            {
                if (!postmaster.IsAlive) return false;
                if (Environment.TickCount64 > nextWord)
                {
                    say("PostgreSQL is still getting ready.");
                    nextWord += 10_000;
                }
            }
            await Task.Delay(40, stop);
        }
    }

    /// <summary>
    /// What a killed postmaster leaves behind ends by itself when it notices; PostgreSQL refuses to start before that, and
    /// rightly. Its postmaster.pid is never removed by us: it is how the new one finds out.
    /// </summary>
    async Task EndOrphans(Action<string> say, CancellationToken stop)
    {
        foreach (var (wait, signal) in new[] { (3.0, Unix.Quit), (2.0, Unix.Kill), (5.0, 0) })
        {
            var until = Environment.TickCount64 + (long)(wait * 1000);
            int[] left;
            while ((left = Orphans()).Length > 0 && Environment.TickCount64 < until) await Task.Delay(50, stop);
            if (left.Length == 0) return;
            if (signal == 0) throw Refused.CannotRunHere($"Processes of an earlier PostgreSQL do not end ({string.Join(", ", left)}).");
            say($"Ending {left.Length} processes that a killed PostgreSQL left behind.");
            foreach (var pid in left) Unix.Signal(pid, signal);
        }
    }

    int[] Orphans()
    {
        var found = new List<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var pid) && WorksIn(pid) && ProcessMark.Of(pid) is not null)
                found.Add(pid);
        return [.. found];
    }

    /// <summary>Every process of a PostgreSQL stands in its data folder, and is called so.</summary>
    bool WorksIn(int pid)
    {
        try
        {
            return new FileInfo($"/proc/{pid}/cwd").LinkTarget == Real(Cluster) && File.ReadAllText($"/proc/{pid}/comm").Trim() == "postgres";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    static string Real(string path)
    {
        var parent = Path.GetDirectoryName(path);
        if (parent is null) return path;
        var here = Path.Combine(Real(parent), Path.GetFileName(path));
        return new DirectoryInfo(here).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? here;
    }

    void MakeSocketFolder()
    {
        const UnixFileMode ours = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Directory.CreateDirectory(SocketFolder, ours);
        try
        {
            // /tmp is everybody's: a folder that someone else put here must not be taken for ours. Only its owner may change its mode.
            if (new DirectoryInfo(SocketFolder).LinkTarget is not null) throw new UnauthorizedAccessException();
            File.SetUnixFileMode(SocketFolder, ours);
        }
        catch (UnauthorizedAccessException)
        {
            throw Refused.CannotRunHere($"{SocketFolder} belongs to someone else: remove it, or choose another data folder.");
        }
    }

    static string BinariesFor(string major)
    {
        var bin = Path.Combine(Installed, major, "bin");
        if (File.Exists(Path.Combine(bin, "postgres"))) return bin;
        var here = string.Join(", ", Majors());
        throw Refused.CannotRunHere($"The data folder's PostgreSQL is of version {major}, and this machine has {(here.Length == 0 ? "none" : "only " + here)}: install postgresql-{major}, or move the towns with backup and restore.");
    }

    internal static string NewestBinaries() =>
        Majors().Where(m => m >= Oldest).Select(m => Path.Combine(Installed, m.ToString(CultureInfo.InvariantCulture), "bin")).FirstOrDefault()
        ?? throw Refused.CannotRunHere($"PostgreSQL {Oldest} or newer is not installed: apt-get install postgresql, or name a server with KOMACHI_POSTGRES.");

    static IEnumerable<int> Majors() => !Directory.Exists(Installed) ? [] : Directory.EnumerateDirectories(Installed)
        .Select(d => int.TryParse(Path.GetFileName(d), NumberStyles.None, CultureInfo.InvariantCulture, out var m) && File.Exists(Path.Combine(d, "bin/postgres")) ? m : 0)
        .Where(m => m > 0).OrderDescending().ToArray();
}
