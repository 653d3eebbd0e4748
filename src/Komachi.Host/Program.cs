// The one program: `komachi serve` is the web process, `komachi up` keeps everything running, and the rest are an
// operator's commands. Each command stands in Commands/ with its options and what it does.
using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Komachi.Host.Commands;

static class Program
{
    static async Task<int> Main(string[] args)
    {
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        var root = new RootCommand("komachi: a town's digital services. The data folder is KOMACHI_DATA, or /var/lib/komachi for root and ~/.local/share/komachi for others; KOMACHI_POSTGRES (a connection string) names a server to use instead of the private PostgreSQL.")
        {
            UpCommand.Make(), ServeCommand.Make(), MigrateCommand.Make(), TownCommands.Make(), AccountCommands.Make(), JobsCommands.Make(), AuditCommands.Make(), OfficesCommands.Make(), KeysCommands.Make(), OperatorCommands.Make(), PostgresCommand.Make(),
        };
        foreach (var help in root.Options.OfType<HelpOption>()) help.Action = new HelpWithExitCodes((HelpAction)help.Action!);

        using var stop = new CancellationTokenSource();
        void End(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, End);
        try
        {
            var given = root.Parse(args);
            if (given.Errors.Count > 0)
            {
                foreach (var error in given.Errors) Say.Error(error.Message);
                Say.Error($"See: {string.Join(' ', Names(given.CommandResult))} --help");
                return Exit.WrongUse;
            }
            return await given.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Say.Error("Interrupted.");
            return Exit.Failed;
        }
        catch (Exception e)
        {
            Say.Error(Sentences.Of(e));
            if (Environment.GetEnvironmentVariable("KOMACHI_TRACE") == "1") Say.Error(e.ToString());
            return Sentences.ExitCodeOf(e);
        }
    }

    static IEnumerable<string> Names(System.CommandLine.Parsing.CommandResult command)
    {
        if (command.Parent is System.CommandLine.Parsing.CommandResult above)
            foreach (var name in Names(above)) yield return name;
        yield return command.Command.Name;
    }

    sealed class HelpWithExitCodes(HelpAction help) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult given)
        {
            help.Invoke(given);
            Say.Line("Exit codes:\n  0 done, 1 failed, 2 wrong usage, 3 cannot run here\n");
            return Exit.Done;
        }
    }
}
