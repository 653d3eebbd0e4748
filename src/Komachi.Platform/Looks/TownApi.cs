using Komachi.Platform.Offices;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Komachi.Platform.Looks;

/// <summary>Who the town is and how it presents itself, as data.</summary>
public static class TownApi
{
    /// <param name="Code">全国地方公共団体コード</param>
    /// <param name="Colour">At least 4.5:1 on white, and white on it.</param>
    /// <param name="ColourOnDark">The same hue, to be read on a dark ground.</param>
    public sealed record TownItem(string Code, OfficesApi.Texts Name, OfficesApi.Texts Prefecture, string Colour, string ColourOnDark, PictureItem? Emblem, PictureItem? Photo, OfficeToAsk Office, string[] Languages);

    /// <param name="Address">From the root of this host.</param>
    public sealed record PictureItem(string Address, string Type, int Width, int Height, OfficesApi.Texts Shows);

    public sealed record OfficeToAsk(OfficesApi.Texts Name, OfficesApi.Texts Address, string Telephone, OfficesApi.Texts Hours);

    internal static void Routes(IEndpointRouteBuilder to) => to.MapGet("", async (Visit visit, TownLooks looks) =>
    {
        var (town, look) = (visit.Town, await looks.Of(visit.Town));
        return new TownItem(town.Code, Of(town.Name), Of(town.Profile.Prefecture), look.Colour.ToString(), look.Colour.OnDark().ToString(), Of(look.Emblem, visit), Of(look.Photo, visit),
            new(Of(look.Office.Name), Of(look.Office.Address), look.Office.Telephone, Of(look.Office.Hours)), [.. Lang.Shipped.Select(l => l.Code)]);
    }).WithName("town").WithSummary("The town: its name, colour, emblem, office and languages");

    static PictureItem? Of(ShownPicture? picture, Visit visit) => picture is null ? null : new($"{visit.Base}/{picture.Path}", picture.Type.Mime, picture.Width, picture.Height, Of(picture.Says));

    static OfficesApi.Texts Of(Said said) => new(said.In(Lang.Japanese), said.GetValueOrDefault("en"), said.GetValueOrDefault("plain"));
}
