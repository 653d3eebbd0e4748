using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.Portal;
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
        m.Pages(Side.Resident, Access.AtTheDoor, "/", to => SecondFactor.Routes(to, AccountKind.Resident), to => FirstPassword.Routes(to, AccountKind.Resident));
        m.Pages(Side.Desk, Access.Anyone, "/desk/", to => SignIn.Routes(to, AccountKind.Staff), to => ForgottenPassword.Routes(to, AccountKind.Staff), Invitation.Routes);
        m.Pages(Side.Desk, Access.AtTheDoor, "/desk/", to => SecondFactor.Routes(to, AccountKind.Staff), SetUp.Routes, to => FirstPassword.Routes(to, AccountKind.Staff));
        m.Pages(Side.Both, Access.Anyone, "/", SignOut.Routes);
        m.Pages(Side.Resident, Access.Resident, "/my", MyPlace, Security.ResidentRoutes);
        m.Pages(Side.Desk, Access.Staff, "/desk", Security.StaffRoutes, Sought.Routes);
        m.Permission("people.manage", "Look after accounts");
        m.Pages(Side.Desk, Access.Permission("people.manage"), "/desk/accounts", Accounts.Routes);
        m.Menu(MenuPlace.Desk, "Accounts", "desk/accounts", "people.manage", group: DeskGroup.Office, key: 'a');
        m.Menu(MenuPlace.Desk, "Signing in and devices", "desk/security", group: DeskGroup.Mine, key: 's');
        PersonPages.Define(m);
        m.Seals("people", "accounts", "totp_secret", "'accounts/' || id || '/totp'");
        m.Seals("people", "protections", "note", "'protections/' || id || '/note'").Seals("people", "protections", "end_reason", "'protections/' || id || '/end'");
        m.Town(DemoPeople.Load);
        PeoplesRights.Define(m);

        m.Deed("people.sign_in", "Signed in|audit");
        m.Deed("people.sign_in_begun", "Gave the first proof at the door");
        m.Deed("people.sign_in_refused", "Was not let in|audit");
        m.Deed("people.second_factor_refused", "Gave a wrong second proof");
        m.Deed("people.sign_out", "Signed out|audit");
        m.Deed("people.add_account", "Opened an account|audit");
        m.Deed("people.open_account", "Came for the first time");
        m.Deed("people.invite", "Invited a colleague");
        m.Deed("people.accept_invitation", "Took up an invitation");
        m.Deed("people.grant", "Changed permissions of an account");
        m.Deed("people.close_account", "Closed an account|audit");
        m.Deed("people.reopen_account", "Opened a closed account again");
        m.Deed("people.reset_password", "Gave a new password|audit");
        m.Deed("people.reset_second_factor", "Let the second proof begin anew");
        m.Deed("people.ask_new_password", "Asked for a new password");
        m.Deed("people.new_password", "Chose a new password|audit");
        m.Deed("people.new_address", "Changed the address for codes");
        m.Deed("people.set_up_second_factor", "Set up the second proof");
        m.Deed("people.remove_second_factor", "Took the second proof away");
        m.Deed("people.new_recovery_codes", "Made new codes on paper");
        m.Deed("people.add_passkey", "Made a passkey");
        m.Deed("people.remove_passkey", "Took a passkey away");
        m.Deed("people.end_session", "Signed a device out");
    }

    static void MyPlace(IEndpointRouteBuilder to) => to.MapGet("", () => Page.Show<MyPage>());
}
