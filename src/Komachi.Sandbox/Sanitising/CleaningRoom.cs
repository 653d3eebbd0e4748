using Komachi.Sandbox.Faults;
using Komachi.Sandbox.Web;
using Microsoft.AspNetCore.Mvc;

namespace Komachi.Sandbox.Sanitising;

/// <summary>無害化: takes a file by POST, gives it back cleaned, or answers 422 where it cannot.</summary>
static class CleaningRoom
{
    const int MostBytes = 128 * 1024 * 1024;

    public static void Add(IServiceCollection services)
    {
        services.AddSingleton(new FaultPlace("sanitiser", "Sanitiser", 503, FaultKind.Delay, FaultKind.Refuse, FaultKind.Drop));
        services.AddSingleton(s => new OutsideService("sanitiser", "Sanitiser", "Takes a file and gives it back without what runs by itself.", "/sanitiser",
            () => s.GetRequiredService<Happenings>().Count("sanitiser"), () => "/sanitise"));
    }

    public static void Map(WebApplication app)
    {
        app.MapGet("/sanitiser", (Happenings happenings) => Page.Show<CleaningRoomPage>(new { Newest = happenings.Newest(100, "sanitiser") }));
        app.MapPost("/sanitise", Clean).WithMetadata(new RequestSizeLimitAttribute(MostBytes)).WithFaults("sanitiser").DisableAntiforgery();
    }

    static async Task<IResult> Clean(HttpContext http, Happenings happenings)
    {
        var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        var type = http.Request.ContentType ?? "";
        var (bytes, what) = Cleaner.Clean(body.ToArray(), type);
        happenings.Say("sanitiser", "/sanitiser", what);
        return bytes is null ? Results.Json(new { error = what.ToString() }, statusCode: 422) : Results.Bytes(bytes, type);
    }
}
