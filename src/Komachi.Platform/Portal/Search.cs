using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Web;
using Komachi.Ui;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Komachi.Platform.Portal;

/// <summary>One box that finds events in life, services, pages, places and announcements. What is public stands in the address, so that a search can be passed on.</summary>
static class Search
{
    const int Shown = 5;

    public static void Routes(IEndpointRouteBuilder to) => to.MapGet("search", async (string? q, Visit visit, House house, TownDb db, TimeProvider time, HttpContext http) =>
    {
        var asked = Asked.Of(q, time.GetUtcNow(), http.RequestAborted);
        var kinds = new List<FoundKind>();
        Add("Events in life|found", 5, LifeEvents.Find(asked, visit.Lang, Shown + 1));
        Add("Pages|search", 20, Signpost.Find(house, visit.Town, asked, visit.Lang, Shown + 1));
        kinds.AddRange(await Finds.On(MenuPlace.Portal, visit, db, house, asked, Shown));
        return Page.Show<SearchPage>(new { Asked = asked, Kinds = (IReadOnlyList<FoundKind>)[.. kinds.OrderBy(k => k.Order)] });

        void Add(string title, int order, IReadOnlyList<Found> found)
        {
            if (!asked.IsEmpty && found.Count > 0) kinds.Add(new(title, order, null, [.. found.Take(Shown)], found.Count > Shown));
        }
    }).WithMetadata(KeptPage.Mark);
}

static class FoundHit
{
    public static Hit Of(Found found, Visit visit)
    {
        var on = found.At is { } at ? JapanTime.DayOf(at) : (DateOnly?)null;
        return new(found.Title, visit.Link(found.Href), found.Line, on is { } day ? JapanTime.Show(day, found.Lang ?? visit.Lang) : null, on, found.Lang is { } lang && lang.Html != visit.Lang.Html ? lang.Html : null);
    }
}
