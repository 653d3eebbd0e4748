using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.Portal;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
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
        m.MyTasks(Acting.AskedOfMe).MyTasks(Security.ToBeSafe).MyMatters(Acting.AskedByMe);
        m.Signpost("Sign in", "To see what waits for you, and to do things yourself", "sign-in", "ログイン サインイン マイページ アカウント login account");
        m.Signpost("A new password", "When you forgot yours", "sign-in/forgot", "パスワード 忘れた 再設定 forgot password reset");
        m.Signpost("My page", "What waits for you, and how your applications stand", "my", "申請状況 進み具合 予約 履歴 application status");
        m.Signpost("What the town knows of you", "Your name, address and how we reach you", "my/profile", "氏名 住所 連絡先 変更 プロフィール profile address");
        m.Signpost("Acting for another", "For parents, carers, guardians and who has a mandate", "my/acting", "代理 委任状 家族 親 後見 介護者 mandate proxy");
        m.Signpost("Signing in and devices", "Password, authenticator app, passkeys, and where you are signed in", "my/security", "二段階認証 認証アプリ パスキー 端末 機種変更 security passkey");

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

    static void MyPlace(IEndpointRouteBuilder to) => to.MapGet("", async (Visit visit, TownDb db, House house, Words words, TimeProvider time, HttpContext http) =>
    {
        var mine = new Mine(visit, db, words, time.GetUtcNow(), http.RequestAborted);
        return Page.Show<MyPage>(new { Tasks = await MyMatters.Tasks(mine, house), Matters = await MyMatters.Of(mine, house) });
    });
}
