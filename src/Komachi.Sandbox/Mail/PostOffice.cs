using Komachi.Sandbox.Faults;
using Komachi.Sandbox.Web;

namespace Komachi.Sandbox.Mail;

/// <summary>E-mail: takes what is sent by SMTP and shows everybody's mailbox.</summary>
static class PostOffice
{
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton(s => new MailBox(s.GetRequiredService<SandboxOptions>().MailKeep, s.GetRequiredService<SandboxOptions>().MailKeepBytes, s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<SmtpServer>();
        services.AddHostedService(s => s.GetRequiredService<SmtpServer>());
        services.AddSingleton(new FaultPlace("mail", "Mail: a whole message", 451, FaultKind.Delay, FaultKind.Refuse, FaultKind.Drop, FaultKind.Twice));
        services.AddSingleton(new FaultPlace("mail.recipient", "Mail: one recipient", 550, FaultKind.Delay, FaultKind.Refuse, FaultKind.Drop));
        services.AddSingleton(new FaultPlace("mail.connect", "Mail: the connection", 421, FaultKind.Delay, FaultKind.Refuse, FaultKind.Drop));
        services.AddSingleton(s => new OutsideService(
            "mail", "Mail", "Whatever is sent by SMTP arrives here, to whomever it is addressed.", "/mail",
            () => s.GetRequiredService<MailBox>().Total, () => Door(s)));
    }

    public static void Map(WebApplication app)
    {
        MailApi.Map(app);
        MailPages.Map(app);
    }

    /// <summary>Where a client finds it.</summary>
    public static string Door(IServiceProvider services)
    {
        var server = services.GetRequiredService<SmtpServer>();
        return new System.Net.IPEndPoint(server.Address, server.Port).ToString();
    }
}
