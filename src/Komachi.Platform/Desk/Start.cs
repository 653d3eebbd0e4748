using Komachi.Platform.Data;
using Komachi.Platform.Portal;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Komachi.Platform.Desk;

/// <summary>The desk's first page: what waits for me, what waits for my department, what is new.</summary>
static class Start
{
    public static void Routes(IEndpointRouteBuilder to) => to.MapGet("", async (Visit visit, TownDb db, House house, TimeProvider time) => Page.Show<StartPage>(new
    {
        Waiting = await Waits.On(visit, db, house, time.GetUtcNow()),
        New = await Lately.On(visit, db, house, time.GetUtcNow()),
    }));
}
