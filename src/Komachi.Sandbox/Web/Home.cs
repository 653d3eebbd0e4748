using Komachi.Sandbox.Mail;
using Komachi.Ui;

namespace Komachi.Sandbox.Web;

/// <summary>The front page: which outsides there are, and what happened lately.</summary>
static class Home
{
    public static void Map(WebApplication app)
    {
        app.MapAssets();
        app.MapGet("/", () => Page.Show<HomePage>());
        app.MapGet("/api/about", About);
        app.MapGet("/api/log", Log);
    }

    static IResult About(Microsoft.AspNetCore.Hosting.Server.IServer server, SmtpServer smtp, IEnumerable<OutsideService> services) => Answers.Json(new
    {
        name = "komachi-sandbox",
        urls = server.Features.Get<Microsoft.AspNetCore.Hosting.Server.Features.IServerAddressesFeature>()?.Addresses,
        smtpAddress = smtp.Address.ToString(),
        smtpPort = smtp.Port,
        services = services.Select(s => new { name = s.Name, href = s.Href, door = s.Door(), count = s.Count() }),
    });

    static IResult Log(Happenings happenings, string? service, int limit = 100) =>
        limit is < 1 or > 1_000
            ? Answers.Wrong("limit is a number from 1 to 1000.")
            : Answers.Json(new { events = happenings.Newest(limit, service).Select(h => new { id = h.Id, at = h.At, service = h.Service, text = h.What.ToString() }) });
}
