using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Portal;
using Komachi.Platform.Web;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.People;

/// <summary>What the Platform brings on persons: who they are, who is protected, who acts for whom.</summary>
static class PersonPages
{
    // Who is hidden from this visitor is not there; that they looked is noted.
    static async Task<IReadOnlyList<Found>> FindAtDesk(Visit visit, TownDb db, Asked asked, int n) => asked.Persons is not { } persons ? []
        : [.. (await persons.Find(asked.Text, most: n)).Persons.Select(p => new Found(p.Name, p.BornOn is { } born ? JapanTime.Show(born, visit.Lang) : p.Kana, $"desk/persons/{p.Id}"))];

    public static void Define(ModuleBuilder m)
    {
        m.Tables(Relation.Map, Protection.Map, Alert.Map, Mandate.Map);

        m.Permission("people.persons", "Look up and record persons");
        m.Pages(Side.Desk, Access.Permission("people.persons"), "/desk/persons", PersonsAtDesk.Routes);
        m.Finds(MenuPlace.Desk, 10, "Persons", FindAtDesk, "people.persons");
        m.Menu(MenuPlace.Desk, "Persons", "desk/persons", "people.persons", group: DeskGroup.Residents, key: 'p');

        m.Permission("people.mandates", "Confirm who acts for whom");
        m.Pages(Side.Desk, Access.Permission("people.mandates"), "/desk/mandates", MandatesAtDesk.Routes);
        m.Menu(MenuPlace.Desk, "Acting for another", "desk/mandates", "people.mandates", group: DeskGroup.Residents, key: 'e');

        m.Permission(Protection.Permission, "Look after protected people");
        m.Pages(Side.Desk, Access.Permission(Protection.Permission), "/desk/protected", Protections.Routes);
        m.Pages(Side.Desk, Access.Permission(Protection.Permission), "/desk/alerts", Alerts.Routes);
        m.Menu(MenuPlace.Desk, "Protected people", "desk/protected", Protection.Permission, group: DeskGroup.Residents, key: 'd');
        m.Menu(MenuPlace.Desk, "Alerts", "desk/alerts", Protection.Permission, group: DeskGroup.Residents, key: 'l');
        m.Daily<RemindOfProtections>(new(8, 0));
        // Nobody acknowledges what they did themselves.
        m.Waits("Alerts that nobody has looked at", "desk/alerts", Protection.Permission, (visit, db, _) => db.Set<Alert>().CountAsync(a => a.SeenAt == null && a.AccountId != visit.Visitor!.AccountId));
        m.Waits("Protections to renew or end", "desk/protected", Protection.Permission, (_, db, now) => Protections.Due(db, now));

        StaffAsResident.Define(m);
        m.Pages(Side.Resident, Access.Resident, "/my/profile", Profile.Routes);
        m.Pages(Side.Resident, Access.Resident, "/my/acting", Acting.Routes);
        m.Daily<MindMandates>(new(7, 0));

        m.Canary("Facts, account, session, relations, mandates and alerts", PersonCanary.Plant);

        m.Deed("people.read", "Saw a person's data|audit");
        m.Deed("people.not_shown", "Asked for somebody who was not shown");
        m.Deed("people.add_person", "Entered a person");
        m.Deed("people.correct_person", "Changed a person's data");
        m.Deed("people.correct_own", "Changed their own data");
        m.Deed("people.relate", "Noted a relation");
        m.Deed("people.unrelate", "Took a relation away");
        m.Deed("people.act_for", "Began to act for somebody");
        m.Deed("people.ask_mandate", "Asked to act for somebody, or to be acted for");
        m.Deed("people.agree_mandate", "Agreed to acting");
        m.Deed("people.refuse_mandate", "Refused acting");
        m.Deed("people.confirm_mandate", "Confirmed that somebody acts for another");
        m.Deed("people.end_mandate", "Ended acting for another");
        m.Deed("people.protected_begin", "Began to protect a person");
        m.Deed("people.protected_renew", "Went on protecting a person");
        m.Deed("people.protected_end", "Ended protecting a person");
        m.Deed("people.protected_open", "Opened the record of a protected person");
        m.Deed("people.protected_acknowledge", "Looked at an alert");
        m.Deed("people.protected_confirm_mandate", "Let somebody act for a protected person");
    }
}
