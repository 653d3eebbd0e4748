using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Komachi.Platform.People;

/// <summary>Who is there: persons, accounts, the ways in and what keeps them, sessions as rows.</summary>
sealed class PeopleModule : IModule
{
    public void Define(ModuleBuilder m)
    {
        m.Name("people", "People").Platform("People");
        m.Tables(Person.Map, Account.Map, Session.Map, KnownDevice.Map, SentCode.Map, RecoveryCode.Map, Passkey.Map);
        m.Pages(Side.Resident, Access.Anyone, "/", to => SignIn.Routes(to, AccountKind.Resident), to => ForgottenPassword.Routes(to, AccountKind.Resident), SendCode.Routes);
        m.Pages(Side.Resident, Access.AtTheDoor, "/", to => SecondFactor.Routes(to, AccountKind.Resident));
        m.Pages(Side.Desk, Access.Anyone, "/desk/", to => SignIn.Routes(to, AccountKind.Staff), to => ForgottenPassword.Routes(to, AccountKind.Staff), Invitation.Routes);
        m.Pages(Side.Desk, Access.AtTheDoor, "/desk/", to => SecondFactor.Routes(to, AccountKind.Staff), SetUp.Routes);
        m.Pages(Side.Both, Access.Anyone, "/", SignOut.Routes);
        m.Pages(Side.Resident, Access.Resident, "/my", MyPlace, Security.ResidentRoutes);
        m.Pages(Side.Desk, Access.Staff, "/desk", MyDesk, Security.StaffRoutes, Sought.Routes);
        m.Permission("people.manage", "Look after accounts");
        m.Pages(Side.Desk, Access.Permission("people.manage"), "/desk/accounts", Accounts.Routes);
        m.Menu(MenuPlace.Desk, "Accounts", "desk/accounts", "people.manage");
        m.Menu(MenuPlace.Desk, "Signing in and devices", "desk/security");
        PersonPages.Define(m);
        m.Seals("people", "accounts", "totp_secret", "'accounts/' || id || '/totp'");
        m.Seals("people", "protections", "note", "'protections/' || id || '/note'").Seals("people", "protections", "end_reason", "'protections/' || id || '/end'");
        m.Town(DemoPeople.Load);
        PeoplesRights.Define(m);
    }

    static void MyPlace(IEndpointRouteBuilder to) => to.MapGet("", () => Page.Show<MyPage>());

    static void MyDesk(IEndpointRouteBuilder to) => to.MapGet("", () => Page.Show<MyDeskPage>());
}
