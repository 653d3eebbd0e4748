using Komachi.Platform;
using Komachi.Platform.Data;
using Komachi.Platform.Towns;
using Komachi.Platform.Web;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Komachi.Host;

/// <summary>The web process: builds the program out of the house and its servers, and serves until it is told to stop.</summary>
public static class Serving
{
    public static WebApplication Build(House house, Servers servers, WebOptions options, params string[] urls)
    {
        // Nothing is read but what we are given: no appsettings.json of the folder we happen to be started in.
        var builder = WebApplication.CreateEmptyBuilder(new() { ApplicationName = "komachi", ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseUrls(urls).UseKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 2 * 1024 * 1024;
            kestrel.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        });
        builder.Logging.AddJsonConsole(console => console.UseUtcTimestamp = true).SetMinimumLevel(LogLevel.Warning)
            .AddFilter("Komachi", LogLevel.Information)
            // These write what was asked for or typed; Guard logs what is needed of it.
            .AddFilter("Microsoft.AspNetCore", LogLevel.Error)
            .AddFilter("Microsoft.EntityFrameworkCore", LogLevel.None)
            .AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Critical)
            .AddFilter("Npgsql", LogLevel.None)
            .AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.None);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(8));
        builder.Services.AddRouting();
        builder.Services.AddKomachi(house, servers, options);
        AddTelemetry(builder.Services);

        var app = builder.Build();
        app.UseKomachi();
        return app;
    }

    /// <summary>Builds, reads the registry, and answers from the first request on.</summary>
    public static async Task<WebApplication> Start(House house, Servers servers, WebOptions options, string[] urls, CancellationToken stop = default)
    {
        var app = Build(house, servers, options, urls);
        await app.Services.GetRequiredService<Registry>().Refresh(stop);
        await app.StartAsync(stop);
        return app;
    }

    /// <summary>Traces and metrics over OTLP where OTEL_EXPORTER_OTLP_ENDPOINT says where to: ASP.NET Core's and Npgsql's own sources, which hold no form's content.</summary>
    static void AddTelemetry(IServiceCollection services)
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT"))) return;
        var komachi = ResourceBuilder.CreateDefault().AddService("komachi");
        var traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(komachi).AddSource("Microsoft.AspNetCore", "Npgsql").AddOtlpExporter().Build();
        var metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(komachi)
            .AddMeter("Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Npgsql", "System.Runtime").AddOtlpExporter().Build();
        services.AddSingleton(new Telemetry(traces, metrics)).AddHostedService<TelemetryEnd>();
    }

    sealed record Telemetry(TracerProvider Traces, MeterProvider Metrics);

    /// <summary>What was measured last is sent before the program ends.</summary>
    sealed class TelemetryEnd(Telemetry telemetry) : IHostedService
    {
        public Task StartAsync(CancellationToken stop) => Task.CompletedTask;

        public Task StopAsync(CancellationToken stop)
        {
            telemetry.Traces.Dispose();
            telemetry.Metrics.Dispose();
            return Task.CompletedTask;
        }
    }
}
