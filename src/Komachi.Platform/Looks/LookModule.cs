using Komachi.Platform.Audit;
using Komachi.Platform.Files;
using Komachi.Platform.Portal;
using Komachi.Platform.Web;

namespace Komachi.Platform.Looks;

/// <summary>
/// The town's own: its colour, emblem and photo, what stands below every page, and the office to ask. Decided at the desk, seen before it is
/// saved, and carried by the town's database; <c>town.yaml</c> says how a town begins.
/// </summary>
sealed class LookModule : IModule
{
    public const string Permission = "look.manage";

    public void Define(ModuleBuilder m)
    {
        m.Name("look", "The town's look").Platform("Looks");
        m.Tables(LookPicture.Map, SavedLook.Map);
        m.Permission(Permission, "Decide how the town's pages look");
        m.Pages(Side.Both, Access.Anyone, "/look", ShowPicture.Routes);
        m.Desk(Permission, EditColour.Routes, EditPicture.Routes, EditFooter.Routes, LookFile.Routes);
        m.Menu(MenuPlace.Desk, "The town's look", "desk/look", Permission, group: DeskGroup.Office, key: 'z');
        m.Files(EditPicture.Emblem).Files(EditPicture.Photo);
        m.Portal(5, HomePhoto.Load);
        m.Pages(Side.Api, Access.Anyone, "/api/v1/town", TownApi.Routes);
        m.Town(LookFile.Load);
        m.Deed("look.colour", "Changed the town's colour").Deed("look.emblem", "Changed the town's emblem").Deed("look.photo", "Changed the photo of the first page").Deed("look.footer", "Changed the office or what stands below every page");
    }
}
