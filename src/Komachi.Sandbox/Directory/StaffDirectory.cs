using Komachi.Sandbox.Faults;
using Komachi.Sandbox.Web;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Komachi.Sandbox.Directory;

/// <summary>The city's own directory of staff: an OpenID Connect provider with made-up people, whom anybody may be.</summary>
static class StaffDirectory
{
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<Realms>();
        services.AddSingleton(new FaultPlace("directory", "Staff directory: its description and keys", 503, FaultKind.Delay, FaultKind.Refuse, FaultKind.Drop));
        services.AddSingleton(new FaultPlace("directory.token", "Staff directory: tokens", 503, FaultKind.Delay, FaultKind.Refuse, FaultKind.Drop));
        services.AddSingleton(new FaultPlace("directory.userinfo", "Staff directory: userinfo", 503, FaultKind.Delay, FaultKind.Refuse, FaultKind.Drop));
        services.AddSingleton(s => new OutsideService(
            "directory", "Staff directory", "Staff sign in here for everything that they use, the town's desk among it.", "/directory",
            () => s.GetRequiredService<Realms>().SignIns,
            () => $"{s.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault()}/directory/{Realms.Main}"));
    }

    public static void Map(WebApplication app)
    {
        OpenIdDoors.Map(app);
        DirectoryPages.Map(app);
        DirectoryApi.Map(app);
    }
}
