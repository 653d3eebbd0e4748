using Komachi.Platform.Data;
using Komachi.Platform.Towns;
using Microsoft.AspNetCore.Http;

namespace Komachi.Platform.Web;

/// <summary>
/// May they? Asked for every endpoint of a town before its form is read: is the module switched on, does this address serve
/// this side, may this visitor. An endpoint that names no access is closed to everybody.
/// </summary>
sealed class AccessDoor(RequestDelegate next, House house, TownDatabases databases, Sides sides, Systems.SystemDoor systems)
{
    public async Task Invoke(HttpContext http)
    {
        var visit = http.Visit();
        var endpoint = http.GetEndpoint();
        if (endpoint?.Metadata.GetMetadata<EndpointPlace>() is not { } place)
        {
            await next(http);
            return;
        }
        if (!house.Has(visit.Town, place.Module) || !sides.Serve(http, place.Side))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        if (visit.Town.State == TownState.Suspended || !await databases.Fits(visit.Town, http.RequestAborted))
        {
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            http.Response.Headers.RetryAfter = "120";
            return;
        }
        var access = endpoint.Metadata.GetMetadata<Access>();
        if (access?.Scope is { } scope)
        {
            await systems.Pass(http, visit, scope, next);
            return;
        }
        if (access is not null && access.Allows(visit))
        {
            await next(http);
            return;
        }
        var reading = HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method);
        var here = visit.AtTheDoor is { For: People.Waiting.NewPassword } door ? People.FirstPassword.PathOf(door.Who.IsStaff) : place.Side == Side.Desk ? "desk/sign-in" : "sign-in";
        if (visit.Visitor is null && access is not null && reading && place.Side != Side.Api)
            http.Response.Redirect(visit.Link(here) + "?then=" + Uri.EscapeDataString((visit.Path + http.Request.QueryString.Value).TrimStart('/')));
        else http.Response.StatusCode = visit.Visitor is null ? StatusCodes.Status401Unauthorized : StatusCodes.Status403Forbidden;
    }
}

/// <summary>Which side this process serves at which of its addresses: everything everywhere unless it was told otherwise.</summary>
/// <param name="ResidentPort">The port that serves residents and the API only; null: no such restriction.</param>
public sealed record Sides(int? ResidentPort = null, int? DeskPort = null)
{
    public bool Serve(HttpContext http, Side side)
    {
        if ((ResidentPort is null && DeskPort is null) || side == Side.Both) return true;
        return http.Connection.LocalPort == (side == Side.Desk ? DeskPort : ResidentPort);
    }
}
