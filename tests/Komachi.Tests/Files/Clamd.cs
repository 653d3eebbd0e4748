using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Komachi.Tests.Files;

/// <summary>
/// Debian's ClamAV daemon with a database of one signature: the text that the makers of virus checkers agreed on for tests. It is put
/// together here, so that no file of ours holds it.
/// </summary>
public sealed class Clamd : IAsyncDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("komachi-clamd").FullName;
    Process? _running;

    public string Door => Path.Combine(_folder, "clamd.sock");

    public static byte[] Eicar => Encoding.ASCII.GetBytes(string.Concat("X5O!P%@AP[4\\PZX54(P^)7CC)7}$", "EICAR-STANDARD-", "ANTIVIRUS-", "TEST-FILE!", "$H+H*"));

    public async Task Start()
    {
        if (_running is { HasExited: false }) return;
        var database = Directory.CreateDirectory(Path.Combine(_folder, "database")).FullName;
        // Name, any kind of file, anywhere, these bytes.
        await File.WriteAllTextAsync(Path.Combine(database, "test.ndb"), $"Komachi.Test.Eicar:0:*:{Convert.ToHexStringLower(Eicar)}\n");
        var settings = Path.Combine(_folder, "clamd.conf");
        await File.WriteAllLinesAsync(settings,
            [$"LocalSocket {Door}", $"DatabaseDirectory {database}", $"TemporaryDirectory {_folder}", "Foreground yes", "FixStaleSocket yes", "StreamMaxLength 50M", "MaxThreads 2", "User " + Environment.UserName]);
        _running = Process.Start(new ProcessStartInfo("/usr/sbin/clamd", ["--config-file", settings]) { RedirectStandardOutput = true, RedirectStandardError = true })
            ?? throw new InvalidOperationException("clamd does not start: is clamav-daemon installed? ./test installs it.");
        _running.OutputDataReceived += (_, _) => { };
        _running.ErrorDataReceived += (_, _) => { };
        _running.BeginOutputReadLine();
        _running.BeginErrorReadLine();
        for (var tries = 0; !await Answers(); tries++)
        {
            if (_running.HasExited || tries > 300) throw new InvalidOperationException("clamd ended before it answered.");
            await Task.Delay(100);
        }
    }

    async Task<bool> Answers()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Door));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public async Task Stop()
    {
        if (_running is not { HasExited: false } running) return;
        running.Kill();
        await running.WaitForExitAsync();
        File.Delete(Door);
    }

    public async ValueTask DisposeAsync()
    {
        await Stop();
        _running?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
