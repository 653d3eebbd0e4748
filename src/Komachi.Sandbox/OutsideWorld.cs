using Komachi.Sandbox.Mail;

namespace Komachi.Sandbox;

/// <summary>
/// The Sandbox inside another program, on ports of its own: <c>await using var world = await OutsideWorld.Open();</c>
/// for tests and benches that want one to themselves.
/// </summary>
public sealed class OutsideWorld : IAsyncDisposable
{
    readonly WebApplication _app;

    OutsideWorld(WebApplication app)
    {
        _app = app;
        Url = new Uri(app.Urls.First());
        SmtpPort = app.Services.GetRequiredService<SmtpServer>().Port;
    }

    public Uri Url { get; }
    public int SmtpPort { get; }

    /// <summary>With the same arguments as the program; ports are any free ones unless they are named.</summary>
    public static async Task<OutsideWorld> Open(params string[] args)
    {
        var app = Program.Build(SandboxOptions.Read(["--urls", "http://127.0.0.1:0", "--smtp-port", "0", .. args], new Dictionary<string, string>()));
        try
        {
            await app.StartAsync();
            return new OutsideWorld(app);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
