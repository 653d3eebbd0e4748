using Komachi.Platform.Web;

namespace Komachi.Platform.People;

/// <summary>Who is there: accounts with a password, sessions as rows, signing in and out for residents and staff.</summary>
sealed class PeopleModule : IModule
{
    public void Define(ModuleBuilder m)
    {
        m.Name("people", "People").Platform("People");
        m.Tables(Account.Map, Session.Map);
        m.Pages(Side.Resident, Access.Anyone, "/", SignIn.ResidentRoutes);
        m.Pages(Side.Both, Access.Anyone, "/", SignOut.Routes);
        m.Pages(Side.Resident, Access.Resident, "/my", MyPlace.Routes);
        m.Pages(Side.Desk, Access.Anyone, "/desk/", SignIn.StaffRoutes);
        m.Pages(Side.Desk, Access.Staff, "/desk", MyDesk.Routes);
        m.Town(DemoPeople.Load);
    }
}
