using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.Files;
using Komachi.Platform.Jobs;
using Komachi.Platform.OpenId;
using Komachi.Platform.Operator;
using Komachi.Platform.Pdf;
using Komachi.Platform.Portal;
using Komachi.Platform.Systems;
using Komachi.Platform.Towns;
using Komachi.Ui;
using Komachi.Ui.States;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Komachi.Platform.Web;

/// <summary>Puts the house on the web: what is registered, and the doors in the order in which a request passes them.</summary>
public static class KomachiWeb
{
    public static void AddKomachi(this IServiceCollection services, House house, Servers servers, WebOptions options)
    {
        services.AddSingleton(house).AddSingleton(servers).AddSingleton(options).AddSingleton(options.Sides).AddSingleton(options.Time);
        services.AddSingleton(new Control(new NpgsqlDataSourceBuilder(servers.ServingString(Servers.Main, servers.Control)).Build()));
        services.AddSingleton(s => s.GetRequiredService<Control>().Source);
        services.AddSingleton<OwnAddress>().AddSingleton<Registry>().AddSingleton<TownDatabases>().AddSingleton<SharedCounters>().AddSingleton<Receipts>().AddSingleton<TownKeys>().AddSingleton<MyNumbers.MyNumberSafe>().AddSingleton<Offices.OfficesToAsk>();
        services.AddSingleton<People.Attempts>().AddScoped<People.Passkeys>().AddScoped<People.Persons>();
        services.AddSingleton(s => new People.ContactCodes(s.GetRequiredService<People.Attempts>(), servers, s.GetRequiredService<Audit.Refusals>(), options, s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<Doorbell>().AddHostedService(s => s.GetRequiredService<Doorbell>());
        services.AddSingleton<Operators>().AddSingleton<TownHealth>().AddHostedService<LookAfterTowns>();
        services.AddSingleton(options.Files).AddSingleton(options.Files.OpenStore()).AddSingleton<Receiving>().AddSingleton<Sanitiser>().AddScoped<SendFile.Steps>();
        services.AddSingleton<JobQueue>().AddHostedService<JobRunner>();
        services.AddSingleton<Anchors>().AddSingleton<Sealer>().AddSingleton<ChainCheck>().AddHostedService<SealingRunner>();
        services.AddSingleton<Refusals>().AddHostedService(s => s.GetRequiredService<Refusals>());

        services.AddSingleton<Providers>().AddSingleton<RelyingParty>().AddSingleton<JourneyCookie>();

        services.AddSingleton<SystemDoor>().AddSingleton<WebhookLine>();

        services.AddHttpContextAccessor();
        services.AddScoped(s => s.GetRequiredService<IHttpContextAccessor>().HttpContext!.Visit());
        services.AddScoped(s => s.GetRequiredService<TownDatabases>().Open(s.GetRequiredService<Visit>()));
        services.AddScoped(s => s.GetRequiredService<Visit>().WordsOf(house));

        services.AddSingleton(options.Press).AddSingleton<Press>().AddHostedService(s => s.GetRequiredService<Press>());

        services.AddSingleton<HtmlEncoder>(JapaneseHtmlEncoder.Instance);
        services.AddSingleton<Assets>().AddSingleton<TownColours>().AddSingleton<TownNotices>().AddSingleton<Looks.TownLooks>().AddSingleton(s => new Languages.TownLanguages(s.GetRequiredService<TownDatabases>(), house, s.GetRequiredService<Doorbell>(), options.Time));
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.Encoder = JavaScriptEncoder.Create(UnicodeRanges.All);
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        });
        services.AddSingleton<IAntiforgeryAdditionalDataProvider, TownBinding>().AddSingleton<FormTokens>();
        services.AddAntiforgery(form =>
        {
            form.FormFieldName = "_token";
            form.SuppressXFrameOptionsHeader = true;    // frame-ancestors says it
        });
        services.AddOptions<AntiforgeryOptions>().Configure<IHttpContextAccessor>(HouseCookie.OfForms);
        services.AddDataProtection().SetApplicationName("komachi");
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(s => new ConfigureOptions<KeyManagementOptions>(keys =>
            keys.XmlRepository = new ProtectionKeys(s.GetRequiredService<NpgsqlDataSource>(), servers)));
        services.AddOpenApi("v1", OpenApi.Describe);
        services.Configure<RouteHandlerOptions>(route => route.ThrowOnBadRequest = true);
    }

    public static void UseKomachi(this IApplicationBuilder app)
    {
        var house = app.ApplicationServices.GetRequiredService<House>();
        app.UseMiddleware<Guard>();
        app.UseMiddleware<VolumeGate>();
        app.UseMiddleware<TownDoor>();
        app.MapWhen(http => !http.Visit().HasTown, front =>
        {
            front.UseRouting();
            front.UseMiddleware<OperatorDoor>();
            front.UseMiddleware<FormDoor>();
            front.UseEndpoints(to => FrontDoor(to, house));
        });
        app.UseMiddleware<KeptPages>();
        app.UseRouting();
        app.UseMiddleware<SessionDoor>();
        app.UseMiddleware<AccessDoor>();
        app.UseMiddleware<FormDoor>();
        app.UseEndpoints(to => MapTown(to, house));
    }

    static void MapTown(IEndpointRouteBuilder to, House house)
    {
        foreach (var module in house.Modules)
            foreach (var set in module.RouteSets)
            {
                var group = to.MapGroup(set.Prefix).WithMetadata(new EndpointPlace(module, set.Side), set.Access);
                if (set.Side == Side.Api) group.WithTags(module.Slug);
                else
                {
                    group.ExcludeFromDescription();
                    group.GoesWhereTheFirstWent();
                }
                set.Map(group);
            }
        var api = house.Modules.First(m => m.Slug == "portal");
        to.MapOpenApi("/api/v1/openapi.json").WithMetadata(new EndpointPlace(api, Side.Api), Access.Anyone);
    }

    /// <summary>What an address answers where no town was named.</summary>
    static void FrontDoor(IEndpointRouteBuilder to, House house)
    {
        to.MapGet("/", () => Page.Show<FrontDoorPage>()).WithMetadata(Access.Anyone);
        var modules = to.MapGroup("").WithMetadata(Access.Anyone);
        foreach (var routes in house.Modules.SelectMany(m => m.FrontRoutes)) routes(modules);
        OperatorPages.Map(to);
        to.MapAssets().WithMetadata(Access.Anyone);
        to.MapGallery().WithMetadata(Access.Anyone);
        to.MapGet("/health/live", () => Results.Text("live")).WithMetadata(Access.Anyone);
        to.MapGet("/health/ready", async (NpgsqlDataSource control, HttpContext http) =>
        {
            try
            {
                await using var ask = control.CreateCommand("SELECT 1 FROM registry.towns LIMIT 1");
                await ask.ExecuteNonQueryAsync(http.RequestAborted);
                return Results.Text("ready");
            }
            catch (NpgsqlException)
            {
                return Results.Text("not ready: the database does not answer", statusCode: 503);
            }
        }).WithMetadata(Access.Anyone);
    }

    /// <summary>The control database, closed with the program.</summary>
    sealed record Control(NpgsqlDataSource Source) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Source.DisposeAsync();
    }
}
