using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Komachi.Ui.States;

public static class GalleryRoutes
{
    /// <summary>/_ui: every component in all its states, for anyone who builds with them. Nothing in it is of a town.</summary>
    public static IEndpointConventionBuilder MapGallery(this IEndpointRouteBuilder routes)
    {
        var to = routes.MapGroup("/_ui");
        to.MapGet("", () => Show<GalleryPage>());
        to.MapGet("{component}", (string component) => Gallery.Find(component) is { } part ? Show<GalleryPartPage>(new { View = new GalleryView(part) }) : NotFound);
        to.MapGet("{component}/{state}", (string component, string state) =>
            Gallery.Find(component) is { } part && part.States.Any(s => s.Name == state) ? Show<GalleryStatePage>(new { View = new GalleryView(part, state) }) : NotFound);
        return to.ExcludeFromDescription();
    }

    static IResult Show<T>(object? parameters = null) where T : Microsoft.AspNetCore.Components.IComponent => new HtmlPage(typeof(T), parameters, StatusCodes.Status200OK);

    static IResult NotFound => Results.StatusCode(StatusCodes.Status404NotFound);
}
