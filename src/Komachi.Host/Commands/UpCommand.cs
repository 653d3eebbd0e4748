using System.CommandLine;
using System.Globalization;

namespace Komachi.Host.Commands;

static class UpCommand
{
    public static Command Make()
    {
        var noDemo = new Option<bool>("--no-demo") { Description = "Without the five towns, their made-up people and the outside world to try against" };
        var command = new Command("up", "Start everything and keep it running: PostgreSQL, the web process, the Sandbox (ports: KOMACHI_PORT, KOMACHI_SANDBOX_PORT, KOMACHI_SANDBOX_SMTP_PORT; address: KOMACHI_LISTEN)") { noDemo };
        command.SetAction((given, stop) =>
        {
            var options = new UpOptions();
            options = options with
            {
                Port = Port("KOMACHI_PORT", options.Port), SandboxPort = Port("KOMACHI_SANDBOX_PORT", options.SandboxPort),
                SmtpPort = Port("KOMACHI_SANDBOX_SMTP_PORT", options.SmtpPort), Demo = !given.GetValue(noDemo),
                Listen = Environment.GetEnvironmentVariable("KOMACHI_LISTEN") is { Length: > 0 } listen ? listen : options.Listen,
            };
            return new Supervisor(Installation.Open(), options, Modules.House(), Console.Out).Run(stop);
        });
        return command;
    }

    static int Port(string variable, int otherwise) => Environment.GetEnvironmentVariable(variable) switch
    {
        null or "" => otherwise,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65_536 => port,
        var text => throw Refused.WrongUse($"{variable}: \"{text}\" is not a port number from 1 to 65535."),
    };
}
