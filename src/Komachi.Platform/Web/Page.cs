using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Komachi.Platform.Web;

/// <summary>A Razor component as an endpoint's answer: <c>Page.Show&lt;BookSlotPage&gt;(new { Slot = slot })</c>.</summary>
public static class Page
{
    public static RazorComponentResult Show<T>(object? parameters = null, int status = StatusCodes.Status200OK) where T : IComponent
    {
        var page = parameters is null ? new RazorComponentResult(typeof(T)) : new RazorComponentResult(typeof(T), parameters);
        page.StatusCode = status;
        // A page is complete when it leaves: no part follows that a script would have to put in its place.
        page.PreventStreamingRendering = true;
        return page;
    }

    /// <summary>After a post: look at it there.</summary>
    public static IResult Go(Visit visit, string path) => Results.Redirect(visit.Link(path));

    public static IResult NotFound => Results.StatusCode(StatusCodes.Status404NotFound);
    public static IResult Conflict => Results.StatusCode(StatusCodes.Status409Conflict);
}
