using Komachi.Platform.Audit;
using Komachi.Platform.Web;

namespace Komachi.Platform.Desk;

/// <summary>The place where staff begin: what waits for them, what is new, a search over all that they may see, keys, and views that they keep.</summary>
sealed class DeskModule : IModule
{
    public void Define(ModuleBuilder m)
    {
        m.Name("desk", "Desk").Platform("Desk");
        m.Tables(View.Map);
        m.Pages(Side.Desk, Access.Staff, "/desk", Start.Routes, Search.Routes, Keys.Routes);
        m.Pages(Side.Desk, Access.Staff, "/desk/views", KeepViews.Routes);
        m.Menu(MenuPlace.Desk, "Saved views", "desk/views", group: DeskGroup.Mine, key: 'w');

        m.Deed("desk.keep_view", "Saved a view of a list").Deed("desk.share_view", "Shared a view of a list").Deed("desk.drop_view", "Threw a view of a list away");
    }
}
