using Komachi.Platform.Audit;
using Komachi.Platform.Portal;
using Komachi.Platform.Web;

namespace Komachi.Platform.Offices;

/// <summary>
/// The town as an organisation: departments, who works there in which post with which role, who stands in for whom, and the
/// offices with their opening calendars. Everything is dated, so what changes on 1 April is prepared, seen and confirmed before.
/// </summary>
sealed class OfficesModule : IModule
{
    public void Define(ModuleBuilder m)
    {
        m.Name("offices", "Departments and offices").Platform("Offices");
        m.Tables(Organisation.Map, Department.Map, Post.Map, Role.Map, Assignment.Map, Deputy.Map, Office.Map, ChangeSet.Map, Replacement.Map);
        m.Permission(Managing.Permission, "Look after departments, people's assignments and offices");

        m.Public(ShowOffices.Routes);
        m.Menu(MenuPlace.Portal, "Offices and opening hours", "offices");
        m.Signpost("Offices and opening hours", "Where to go, telephone numbers, and whether it is open now", "offices", "市役所 役所 役場 庁舎 窓口 場所 地図 電話番号 連絡先 問い合わせ 開庁時間 何時まで 土曜 日曜 祝日 休み counter town hall contact phone address open hours");
        m.Finds(MenuPlace.Portal, 30, "Places and offices", FindOffices.Find);
        m.Life(30, "Offices that help you", FindOffices.ForLife);

        m.Desk(Managing.Permission, ShowTree.Routes, ShowDepartment.Routes, AssignPeople.Routes, EditRoles.Routes, EditPosts.Routes, EditOffices.Routes, EditHolidays.Routes, PrepareChanges.Routes);
        m.Pages(Side.Desk, Access.Staff, "/desk/deputy", StandIn.Routes);
        m.Pages(Side.Desk, Access.Staff, "/desk/colleagues", StaffDirectory.Routes);
        m.Menu(MenuPlace.Desk, "Departments and offices", "desk/offices", Managing.Permission, group: DeskGroup.Office, key: 'o');
        m.Menu(MenuPlace.Desk, "Staff directory", "desk/colleagues", group: DeskGroup.Office, key: 'c');
        m.Menu(MenuPlace.Desk, "Standing in", "desk/deputy", group: DeskGroup.Mine, key: 'v');

        m.WaitsForMe("Colleagues for whom I stand in today", "desk/deputy", null, StandIn.MineToday);
        m.Lately("Standing in for", null, StandIn.GivenToMe);
        m.Finds(MenuPlace.Desk, 20, "Colleagues", StaffDirectory.Find, all: "desk/colleagues");
        m.Finds(MenuPlace.Desk, 30, "Departments", ShowTree.Find, Managing.Permission, all: "desk/offices");
        m.Waits("Reorganisations to be confirmed", "desk/offices/changes", Managing.Permission, PrepareChanges.Drafts);

        m.Api(OfficesApi.Offices);
        m.Pages(Side.Api, Access.Anyone, "/api/v1/departments", OfficesApi.Departments);

        m.Deed("offices.write_post", "Wrote a post|audit");
        m.Deed("offices.import_holidays", "Brought holidays|audit").Deed("offices.holidays_by_law", "Let holidays follow the law|audit");
        m.Daily<TellReplacements>(new(0, 0));
        m.Town(OfficesTown.Load);

        m.Deed("offices.add_department", "Added a department|audit");
        m.Deed("offices.change_department", "Changed a department|audit");
        m.Deed("offices.close_department", "Closed a department|audit");
        m.Deed("offices.replace", "Put one department in the place of another");
        m.Deed("offices.move", "Moved a member of staff");
        m.Deed("offices.assign", "Gave a post or role");
        m.Deed("offices.end_assignment", "Ended a post or role");
        m.Deed("offices.give_deputy", "Named a deputy");
        m.Deed("offices.end_deputy", "Ended a deputy");
        m.Deed("offices.draft_changes", "Prepared a reorganisation");
        m.Deed("offices.confirm_changes", "Confirmed a reorganisation");
        m.Deed("offices.take_back_changes", "Took a reorganisation back");
        m.Deed("offices.discard_changes", "Threw a draft of a reorganisation away");
        m.Deed("offices.write_office", "Changed an office|audit");
        m.Deed("offices.add_exception", "Set another opening day");
        m.Deed("offices.remove_exception", "Took another opening day away");
        m.Deed("offices.write_role", "Changed a role|audit");
    }
}
