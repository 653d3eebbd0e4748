using Komachi.Platform.Data;
using Komachi.Platform.People;
using Komachi.Platform.Portal;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Komachi.Platform.Desk;

/// <summary>
/// One search over all that this visitor may see: each module answers for its own, by its own permission. What is looked for may be
/// somebody's name, so it is posted and stands in no address (<see cref="Sought"/>).
/// </summary>
static class Search
{
    const int OfEach = 5;

    public static void Routes(IEndpointRouteBuilder to) => to.MapGet("search", async (Sought sought, Visit visit, TownDb db, House house, Persons persons, TimeProvider time, HttpContext http) =>
    {
        var asked = Asked.Of(sought["q"], time.GetUtcNow(), http.RequestAborted) with { Persons = persons };
        return Page.Show<SearchPage>(new { Sought = sought, Asked = asked, Pages = Pages(visit, house, asked), Kinds = await Finds.On(MenuPlace.Desk, visit, db, house, asked, OfEach) });
    });

    /// <summary>Pages of the menu, by what it calls them in any language.</summary>
    static IReadOnlyList<MenuEntry> Pages(Visit visit, House house, Asked asked) => asked.IsEmpty ? []
        : [.. MenuEntry.For(visit, house, MenuPlace.Desk).Where(e => Lang.Shipped.Any(l => asked.In(Folding.Fold(new Words(l, house.Words)[e.Title])))).Take(OfEach)];
}
