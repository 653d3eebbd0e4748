using System.Diagnostics;

namespace Komachi.Host;

/// <summary>Runs one of PostgreSQL's own programs to its end.</summary>
static class Tool
{
    public sealed record Outcome(int ExitCode, string Output, string Errors)
    {
        /// <summary>The tool's own reason, without its name before it.</summary>
        public string LastError => (Errors.Split('\n').LastOrDefault(l => l.Contains("error:", StringComparison.Ordinal))
            ?? Errors.Split('\n').LastOrDefault(l => l.Trim().Length > 0) ?? $"exit code {ExitCode}").Trim().TrimEnd('.');
    }

    public static async Task<Outcome> Run(string program, IEnumerable<string> arguments, string folder,
        IReadOnlyDictionary<string, string>? environment, CancellationToken stop, Stream? from = null, Stream? to = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder, RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true,
        };
        start.Environment["LC_ALL"] = "C.UTF-8";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        using var process = Process.Start(start) ?? throw Refused.CannotRunHere($"{program} did not start.");
        var errors = process.StandardError.ReadToEndAsync(stop);
        var output = to is null ? process.StandardOutput.ReadToEndAsync(stop) : Fill(process.StandardOutput.BaseStream, to, stop);
        try
        {
            await Feed(process.StandardInput.BaseStream, from, stop);
            var text = await output;
            await process.WaitForExitAsync(stop);
            return new(process.ExitCode, text, await errors);
        }
        // What we could not read or write ends it as well: it must not go on with half of it.
        catch
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            throw;
        }
    }

    static async Task<string> Fill(Stream output, Stream to, CancellationToken stop)
    {
        await output.CopyToAsync(to, 1 << 16, stop);
        return "";
    }

    static async Task Feed(Stream input, Stream? from, CancellationToken stop)
    {
        var buffer = new byte[1 << 16];
        await using (input)
            for (int read; from is not null && (read = await from.ReadAsync(buffer, stop)) > 0;)
            {
                try { await input.WriteAsync(buffer.AsMemory(0, read), stop); }
                catch (IOException) { return; }    // it ended before it had read all: its exit code says why
            }
    }
}
