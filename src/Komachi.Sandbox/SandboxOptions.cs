using System.Globalization;
using System.Net;

namespace Komachi.Sandbox;

/// <summary>Why the Sandbox does not start: a sentence for whoever started it.</summary>
public sealed class SandboxRefused(string why) : Exception(why);

/// <summary>
/// How the Sandbox is started: <c>--urls http://127.0.0.1:8090 --smtp-port 8025</c>, or the same in the environment as
/// <c>KOMACHI_SANDBOX_URLS</c>, <c>KOMACHI_SANDBOX_SMTP_PORT</c> and so on. It listens on this machine only unless told otherwise.
/// </summary>
public sealed record SandboxOptions
{
    public const string Help = """
        komachi-sandbox: a stand-in of the outside world
          --urls URL[;URL]        where its pages are         (http://127.0.0.1:8090; port 0: any free one)
          --smtp-port PORT        where it takes mail         (8025; 0: any free one, see /api/about)
          --smtp-address ADDRESS  on which network address    (127.0.0.1)
          --smtp-idle SECONDS     how long a silent client may stay (300)
          --mail-keep NUMBER      how many mails are kept     (2000, and at most 512 MB)
          --mail-bytes NUMBER     how large one may be        (27262976)
          --hosts NAME[;NAME]     by which host names it may be opened (those of this machine; * for all)
        In the environment: KOMACHI_SANDBOX_URLS, KOMACHI_SANDBOX_SMTP_PORT, …
        """;

    static readonly string[] Known = ["urls", "smtp-port", "smtp-address", "smtp-idle", "mail-keep", "mail-bytes", "hosts"];

    public string[] Urls { get; init; } = ["http://127.0.0.1:8090"];
    public IPAddress SmtpAddress { get; init; } = IPAddress.Loopback;
    public int SmtpPort { get; init; } = 8025;
    public TimeSpan SmtpIdle { get; init; } = TimeSpan.FromMinutes(5);
    public int MailKeep { get; init; } = 2_000;
    public long MailKeepBytes { get; init; } = 512L * 1024 * 1024;
    public int MailBytes { get; init; } = 26 * 1024 * 1024;

    /// <summary>
    /// The host names that requests may carry. On a loopback address only this machine's: otherwise any web page could read
    /// the mail by pointing its own name here.
    /// </summary>
    public string Hosts { get; init; } = "localhost;*.localhost;127.0.0.1;[::1]";

    public static SandboxOptions Read(string[] args, IReadOnlyDictionary<string, string> environment)
    {
        var given = new Dictionary<string, string>();
        foreach (var name in Known)
            if (environment.TryGetValue("KOMACHI_SANDBOX_" + name.Replace('-', '_').ToUpperInvariant(), out var value) && value.Length > 0) given[name] = value;
        for (var i = 0; i < args.Length; i++)
        {
            var equals = args[i].IndexOf('=');
            var name = (equals < 0 ? args[i] : args[i][..equals]).TrimStart('-');
            if (!args[i].StartsWith("--", StringComparison.Ordinal) || !Known.Contains(name))
                throw new SandboxRefused($"\"{args[i]}\" is not known here.\n\n{Help}");
            if (equals < 0 && i + 1 >= args.Length) throw new SandboxRefused($"--{name} needs a value.\n\n{Help}");
            given[name] = equals < 0 ? args[++i] : args[i][(equals + 1)..];
        }

        var options = new SandboxOptions();
        if (given.TryGetValue("urls", out var urls))
        {
            var list = urls.Split([';', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (list.Length == 0 || list.Any(u => !Uri.TryCreate(u, UriKind.Absolute, out var uri) || uri.Scheme != "http"))
                throw new SandboxRefused($"--urls: \"{urls}\" is not a web address like http://127.0.0.1:8090.");
            options = options with { Urls = list };
            if (list.Any(u => !new Uri(u).IsLoopback)) options = options with { Hosts = "*" };
        }
        if (given.TryGetValue("smtp-address", out var address))
            options = options with { SmtpAddress = IPAddress.TryParse(address, out var ip) ? ip : throw new SandboxRefused($"--smtp-address: \"{address}\" is not a network address.") };
        return options with
        {
            Hosts = given.GetValueOrDefault("hosts", options.Hosts),
            SmtpPort = Number("smtp-port", options.SmtpPort, 0, 65_535),
            SmtpIdle = TimeSpan.FromSeconds(Number("smtp-idle", (int)options.SmtpIdle.TotalSeconds, 1, 86_400)),
            MailKeep = Number("mail-keep", options.MailKeep, 1, 1_000_000),
            MailBytes = Number("mail-bytes", options.MailBytes, 1_024, 256 * 1024 * 1024),
        };

        int Number(string name, int otherwise, int least, int most) =>
            !given.TryGetValue(name, out var text) ? otherwise
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
            : throw new SandboxRefused($"--{name}: \"{text}\" is not a number from {least} to {most}.");
    }
}
