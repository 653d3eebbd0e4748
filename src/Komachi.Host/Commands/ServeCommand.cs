using System.CommandLine;
using System.Globalization;
using System.Net;
using Komachi.Platform.Data;
using Komachi.Platform.Towns;
using Komachi.Platform.Web;
using Npgsql;

namespace Komachi.Host.Commands;

static class ServeCommand
{
    public static Command Make()
    {
        var url = new Option<string[]>("--url") { Description = "Address for both sides, like http://localhost:8080; may stand several times" };
        var resident = new Option<string[]>("--resident-url") { Description = "Address for the residents' pages alone" };
        var desk = new Option<string[]>("--desk-url") { Description = "Address for the desk alone: for an office network" };
        var command = new Command("serve", "Serve the towns' pages, and run their jobs, until told to stop (KOMACHI_TRUSTED_PROXIES, KOMACHI_SMTP, KOMACHI_MAIL_FROM, KOMACHI_REQUESTS_A_SECOND, KOMACHI_ANCHOR_FOLDER, KOMACHI_ANCHOR_MAIL, KOMACHI_CLAMAV, KOMACHI_SANITISER, KOMACHI_S3_URL, KOMACHI_CHROMIUM, KOMACHI_NEIGHBOURS, KOMACHI_WEBHOOK_NETWORKS)") { url, resident, desk };
        command.Validators.Add(result =>
        {
            foreach (var option in new[] { url, resident, desk })
                foreach (var given in result.GetValue(option) ?? [])
                    if (!given.StartsWith("http://", StringComparison.Ordinal) && !given.StartsWith("https://", StringComparison.Ordinal)) result.AddError($"{option.Name}: \"{given}\" is not an address like http://localhost:8080.");
            if (result.GetValue(url) is { Length: > 0 } && (result.GetValue(resident) is { Length: > 0 } || result.GetValue(desk) is { Length: > 0 }))
                result.AddError("--url is for both sides: give either it, or --resident-url and --desk-url.");
        });
        command.SetAction(async (given, stop) =>
        {
            var (both, residents, staff) = (given.GetValue(url) ?? [], given.GetValue(resident) ?? [], given.GetValue(desk) ?? []);
            var where = Installation.Open();
            var options = Options(residents, staff) with { Files = where.Files, AnchorFolder = where.Anchors, AnchorMail = Setting.Of("KOMACHI_ANCHOR_MAIL") };
            string[] urls = both.Length + residents.Length + staff.Length == 0 ? ["http://localhost:8080"] : [.. both, .. residents, .. staff];
            // Whoever started us sees to the database; here we only say when it is not there.
            await using (var control = NpgsqlDataSource.Create(where.Servers.ServingString(Servers.Main, where.Servers.Control)))
                try
                {
                    await new Registry(control).Refresh(stop);
                }
                catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InvalidCatalogName or PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidPassword)
                {
                    if (where.Found(SecretRotation.Next) is not null) throw Refused.CannotRunHere("The installation's secret was being exchanged and that was not finished: komachi keys rotate --installation goes on.");
                    throw Refused.CannotRunHere("There is no Komachi in this database yet: komachi migrate makes it.");
                }
            await using var app = await Serving.Start(Modules.House(), where.Servers, options, urls, stop);
            var rotated = await UntilAnotherSecret(where, stop);
            await app.StopAsync(CancellationToken.None);
            if (rotated) throw Refused.Failed("The installation has a new secret: this process ends, to be started anew with it.");
            return Exit.Done;
        });
        return command;
    }

    /// <summary>Whoever keeps us running starts us anew, as komachi up does; true when it was that, and not the end.</summary>
    static async Task<bool> UntilAnotherSecret(Installation where, CancellationToken stop)
    {
        var ours = where.Found(SecretRotation.Current);
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // Only another one counts: a folder that cannot be read at the moment is no reason to end.
            try { if (where.Found(SecretRotation.Current) is { } now && ours is not null && !now.AsSpan().SequenceEqual(ours)) return true; }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
        }
        return false;
    }

    static WebOptions Options(string[] residents, string[] staff)
    {
        var smtp = Setting.Of("KOMACHI_SMTP") ?? (Setting.Of("KOMACHI_SANDBOX_SMTP_PORT") is { } sandbox ? $"127.0.0.1:{sandbox}" : "127.0.0.1:0");    // 0: no mail leaves
        var colon = smtp.LastIndexOf(':');
        if (colon <= 0 || !int.TryParse(smtp.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var smtpPort))
            throw Refused.WrongUse($"KOMACHI_SMTP: \"{smtp}\" is not a mail server like mail.example.jp:25.");
        var options = new WebOptions();
        if (Setting.Of("KOMACHI_REQUESTS_A_SECOND") is { } most)
            options = options with { RequestsASecond = int.TryParse(most, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw Refused.WrongUse($"KOMACHI_REQUESTS_A_SECOND: \"{most}\" is not a number.") };
        return options with
        {
            Press = new() { Program = Setting.Of("KOMACHI_CHROMIUM") },
            TextsUrl = TextsUrl(), TextsToken = Setting.Of("KOMACHI_SMS_TOKEN") ?? "sandbox",
            SmtpUser = Setting.Of("KOMACHI_SMTP_USER"), SmtpPassword = Setting.Of("KOMACHI_SMTP_PASSWORD"), SmtpTls = Setting.Of("KOMACHI_SMTP_TLS") == "1" || Setting.Of("KOMACHI_SMTP_USER") is not null,
            SmtpHost = smtp[..colon].Trim('[', ']'), SmtpPort = smtpPort, MailFrom = Setting.Of("KOMACHI_MAIL_FROM") ?? options.MailFrom,
            Neighbours = [.. (Setting.Of("KOMACHI_NEIGHBOURS") ?? "").Split([',', ' ', ';'], StringSplitOptions.RemoveEmptyEntries).Select(Neighbour)],
            Address = Setting.Of("KOMACHI_ADDRESS") is { } address ? Address(address) : null,
            Sides = new(PortOf(residents, "--resident-url"), PortOf(staff, "--desk-url")),
            TrustedProxies = [.. Networks("KOMACHI_TRUSTED_PROXIES")],
            // With the outside world to try against, it is on this machine.
            WebhookNetworks = [.. Networks("KOMACHI_WEBHOOK_NETWORKS"), .. Setting.Of("KOMACHI_SANDBOX_URL") is null ? [] : new[] { IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("::1/128") }],
        };
    }

    static Uri? TextsUrl()
    {
        var text = Setting.Of("KOMACHI_SMS_URL") ?? (Setting.Of("KOMACHI_SANDBOX_URL") is { } sandbox ? sandbox + "/api/sms" : null);
        return text is null ? null
            : Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "https" or "http" && (url.Scheme == "https" || url.IsLoopback) ? url
            : throw Refused.WrongUse($"KOMACHI_SMS_URL: \"{text}\" is not an https address.");
    }

    static Uri Neighbour(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == "https" || url is { Scheme: "http", IsLoopback: true }) && url.Query.Length + url.Fragment.Length == 0 ? url
        : throw Refused.WrongUse($"KOMACHI_NEIGHBOURS: \"{text}\" is not a town's address like https://www.example.jp/onojo.");

    static Uri Address(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == "https" || url is { Scheme: "http", IsLoopback: true }) && url.Query.Length + url.Fragment.Length + url.UserInfo.Length == 0 ? url
        : throw Refused.WrongUse($"KOMACHI_ADDRESS: \"{text}\" is not an address like https://www.example.jp.");

    static IEnumerable<IPNetwork> Networks(string setting) => (Setting.Of(setting) ?? "").Split([',', ' ', ';'], StringSplitOptions.RemoveEmptyEntries).Select(text => Network(setting, text));

    static IPNetwork Network(string setting, string text) =>
        IPNetwork.TryParse(text, out var network) ? network
        : IPAddress.TryParse(text, out var one) ? new IPNetwork(one, one.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 32 : 128)
        : throw Refused.WrongUse($"{setting}: \"{text}\" is not a network like 10.0.0.0/8.");

    /// <summary>The two sides are told apart by the port that a request came in at.</summary>
    static int? PortOf(string[] urls, string option)
    {
        var ports = urls.Select(u => Uri.TryCreate(u.Replace("://*", "://0.0.0.0", StringComparison.Ordinal), UriKind.Absolute, out var uri) ? uri.Port : throw Refused.WrongUse($"{option}: \"{u}\" is not an address.")).Distinct().ToArray();
        return ports.Length switch { 0 => null, 1 => ports[0], _ => throw Refused.WrongUse($"{option}: its addresses must have one port.") };
    }
}
