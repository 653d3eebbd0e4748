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
        IReadOnlyDictionary<string, string>? environment, CancellationToken stop)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder, RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true,
        };
        start.Environment["LC_ALL"] = "C.UTF-8";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        using var process = Process.Start(start) ?? throw Refused.CannotRunHere($"{program} did not start.");
        process.StandardInput.Close();
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(stop), process.StandardError.ReadToEndAsync(stop));
        try
        {
            await process.WaitForExitAsync(stop);
            return new(process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
