using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Komachi.Platform.Portal;

/// <summary>A town's first page: search, what is urgent, and what the modules bring to it.</summary>
sealed class PortalModule : IModule
{
    public void Define(ModuleBuilder m)
    {
        m.Name("portal", "First page").Platform("Portal");
        m.Pages(Side.Resident, Access.Anyone, "/", Home.Routes, Search.Routes, LifeEvents.Routes);
        m.Menu(MenuPlace.Portal, "Search|title", "search");    // on every page: who reads one may look for another
        m.Pages(Side.Both, Access.Anyone, "/", TownColours.Routes);
    }
}

/// <summary>A part of the first page: loaded one after the other, since they share the request's connection.</summary>
public sealed record PortalBlock(int Order, Func<Visit, TownDb, DateTimeOffset, Task<RenderFragment>> Load, ModuleBuilder Module);

public static class PortalRegistration
{
    public static ModuleBuilder Portal(this ModuleBuilder m, int order, Func<Visit, TownDb, DateTimeOffset, Task<RenderFragment>> load) =>
        m.Offer(new PortalBlock(order, load, m));

    /// <summary>The component with its parameters, as a part of a page.</summary>
    public static RenderFragment Fragment<T>(params (string Name, object? Value)[] parameters) where T : IComponent => tree =>
    {
        tree.OpenComponent<T>(0);
        foreach (var (name, value) in parameters) tree.AddComponentParameter(1, name, value);
        tree.CloseComponent();
    };
}

static class Home
{
    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("", async (Visit visit, House house, TownDb db, Words words, TimeProvider time, HttpContext http) =>
        {
            IReadOnlyList<MyTask> tasks = visit.Visitor is { IsResident: true } ? await MyMatters.Tasks(new(visit, db, words, time.GetUtcNow(), http.RequestAborted), house) : [];
            var blocks = new List<RenderFragment>();
            foreach (var block in house.All<PortalBlock>().Where(b => house.Has(visit.Town, b.Module)).OrderBy(b => b.Order)) blocks.Add(await block.Load(visit, db, time.GetUtcNow()));
            return Page.Show<HomePage>(new { Blocks = blocks, Tasks = tasks });
        }).WithMetadata(KeptPage.Mark);
    }
}
