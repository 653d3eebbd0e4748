// A stand-in of the outside world: what Komachi sends out arrives here, where a person can open and use it, and where
// the demo and the tests see it. Each kind of outside has its folder and one line in each of the two lists below.
using System.Collections;
using Komachi.Sandbox.Directory;
using Komachi.Sandbox.Faults;
using Komachi.Sandbox.Mail;
using Komachi.Sandbox.Objects;
using Komachi.Sandbox.Sanitising;
using Komachi.Sandbox.Web;
using Microsoft.AspNetCore.HostFiltering;

namespace Komachi.Sandbox;

static class Program
{
    static async Task<int> Main(string[] args)
    {
        if (args is ["--help" or "-h"])
        {
            Console.WriteLine(SandboxOptions.Help);
            return 0;
        }
        try
        {
            var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(e => (string)e.Key, e => e.Value as string ?? "");
            await using var app = Build(SandboxOptions.Read(args, environment));
            await app.StartAsync();
            Console.WriteLine($"The outside world is open at {string.Join(", ", app.Urls)} and takes mail on {PostOffice.Door(app.Services)}");
            await app.WaitForShutdownAsync();
            return 0;
        }
        catch (SandboxRefused e)
        {
            Console.Error.WriteLine(e.Message);
            return 2;
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // Kestrel says which address is taken, or why it cannot be had.
            Console.Error.WriteLine(e.Message);
            return 2;
        }
    }

    internal static WebApplication Build(SandboxOptions options)
    {
        // Nothing is read but the options: no appsettings.json of the folder we happen to be started in.
        var builder = WebApplication.CreateEmptyBuilder(new() { ApplicationName = "komachi-sandbox", ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseUrls(options.Urls);
        builder.WebHost.UseKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // What needs more says so at its endpoint.
            kestrel.Limits.MaxRequestBodySize = 1024 * 1024;
        });
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(LogLevel.Warning)
            // Why it does not start is said once, by Main.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
        builder.Services.Configure<RouteHandlerOptions>(route => route.ThrowOnBadRequest = true);
        builder.Services.Configure<HostFilteringOptions>(hosts => hosts.AllowedHosts = options.Hosts.Split(';', StringSplitOptions.RemoveEmptyEntries));

        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<Happenings>();
        builder.Services.AddSingleton<FaultPanel>();
        builder.Services.AddRouting();
        builder.Services.AddPages();
        PostOffice.Add(builder.Services);
        Phone.Phone.Add(builder.Services);
        ShortMessages.ShortMessagePages.Add(builder.Services);
        StaffDirectory.Add(builder.Services);
        ObjectStore.Add(builder.Services);
        CleaningRoom.Add(builder.Services);
        OtherSystem.WebhookPages.Add(builder.Services);

        var app = builder.Build();
        app.UseHostFiltering();
        app.UseDoor();
        app.UseRouting();
        app.UseProof();
        Home.Map(app);
        FaultsApi.Map(app);
        FaultsPages.Map(app);
        PostOffice.Map(app);
        Phone.Phone.Map(app);
        ShortMessages.ShortMessagePages.Map(app);
        StaffDirectory.Map(app);
        ObjectStore.Map(app);
        CleaningRoom.Map(app);
        OtherSystem.WebhookPages.Map(app);
        return app;
    }
}
