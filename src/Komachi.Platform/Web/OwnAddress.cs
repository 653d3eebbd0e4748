using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Komachi.Platform.Web;

/// <summary>
/// Where this program reaches its own residents' side, to read a town's public API as any other program does. It is what the server listens
/// on; what a request says of its host could be made up.
/// </summary>
public sealed class OwnAddress(IServer server, WebOptions options)
{
    public Uri? Of()
    {
        foreach (var address in server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [])
        {
            var listens = Microsoft.AspNetCore.Http.BindingAddress.Parse(address);
            if (listens.IsUnixPipe || listens.IsNamedPipe || (options.Sides.ResidentPort is { } residents && listens.Port != residents)) continue;
            var host = listens.Host is "+" or "*" or "0.0.0.0" or "[::]" or "localhost" ? "127.0.0.1" : listens.Host;
            return new UriBuilder(listens.Scheme, host.Trim('[', ']'), listens.Port, "/").Uri;
        }
        return null;
    }
}
