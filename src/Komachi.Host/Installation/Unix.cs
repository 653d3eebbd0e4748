using System.Globalization;
using System.Runtime.InteropServices;

namespace Komachi.Host;

/// <summary>The few things of the system that .NET does not have: signals, and who a process is.</summary>
static class Unix
{
    public const int Interrupt = 2, Quit = 3, Kill = 9, Terminate = 15;

    public static bool IsRoot => geteuid() == 0;
    public static uint User => geteuid();

    public static void Signal(int pid, int signal) => _ = kill(pid, signal);

    /// <summary>A file that is there whole or not at all, also after a power cut. One that is there already stays.</summary>
    public static void WriteWhole(string path, ReadOnlySpan<byte> content, bool secret)
    {
        var mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        if (!secret) mode |= UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        var written = $"{path}.{Environment.ProcessId}.new";
        using (var file = new FileStream(written, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = mode }))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        try { File.Move(written, path, overwrite: false); }
        catch (IOException) when (File.Exists(path)) { File.Delete(written); }    // another command began the same folder
    }

    [DllImport("libc")] static extern int kill(int pid, int signal);
    [DllImport("libc")] static extern uint geteuid();
}

/// <summary>A process and when it began: a number alone may be another process's by now.</summary>
readonly record struct ProcessMark(int Pid, long Began)
{
    public static ProcessMark? Of(int pid)
    {
        try
        {
            // The name in parentheses may hold anything; what follows the last one is plain.
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : new(pid, long.Parse(fields[19], CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public bool IsAlive => Of(Pid) == this;

    public async Task<bool> Gone(TimeSpan within, CancellationToken stop = default)
    {
        var until = Environment.TickCount64 + (long)within.TotalMilliseconds;
        while (IsAlive)
        {
            if (Environment.TickCount64 >= until) return false;
            await Task.Delay(50, stop);
        }
        return true;
    }

    /// <summary>Written down so that the next start finds what a killed one left behind.</summary>
    public void Note(string path) => File.WriteAllText(path, string.Create(CultureInfo.InvariantCulture, $"{Pid} {Began}\n"));

    public static ProcessMark? Noted(string path)
    {
        try
        {
            return File.ReadAllText(path).Split(' ') is [var pid, var began]
                && int.TryParse(pid, CultureInfo.InvariantCulture, out var p) && long.TryParse(began, CultureInfo.InvariantCulture, out var b)
                && new ProcessMark(p, b) is { IsAlive: true } mark ? mark : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
