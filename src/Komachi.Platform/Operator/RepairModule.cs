using Komachi.Platform.Audit;
using Komachi.Platform.Portal;
using Komachi.Platform.Web;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Operator;

/// <summary>
/// Repair access: an operator asks with reason and end, the town consents or refuses, and only then is there an account for
/// the operator in the town, in everybody's sight, with those permissions and until that end.
/// </summary>
sealed class RepairModule : IModule
{
    public const string Permission = "people.repair";

    public void Define(ModuleBuilder m)
    {
        m.Name("repair", "Repair access").Platform("Operator");
        m.Tables(RepairRequest.Map);
        m.Permission(Permission, "Consent to repair access of the operator");
        m.Desk(Permission, RepairDesk.Routes);
        m.Pages(Side.Desk, Access.Anyone, "/desk/repair-entry", RepairEntry.Routes);
        m.Menu(MenuPlace.Desk, "Repair access", "desk/repair", Permission, group: DeskGroup.Records, key: 'x');
        m.Waits("Requests for repair access", "desk/repair", Permission, (_, db, now) => db.Set<RepairRequest>().CountAsync(r => r.DecidedAt == null && r.EndsAt > now));
        m.Job<EndRepair>();

        m.Deed("operator.asked", "Asked to look inside for a repair");
        m.Deed("operator.consented", "Agreed to a repair");
        m.Deed("operator.refused", "Refused a repair");
        m.Deed("operator.entered", "Entered for a repair");
        m.Deed("operator.ended", "Ended the entry for a repair");
        m.Deed("operator.sign_in", "Signed in|audit");
        m.Deed("operator.sign_out", "Signed out|audit");
        m.Deed("operator.sign_in_refused", "Was not let in|audit");
        m.Deed("operator.enter", "Took the link into a town");
        m.Deed("operator.add", "Made an account for an operator");
        m.Deed("operator.reset", "Gave an operator new ways in");
        m.Deed("operator.close", "Closed an operator's account");
    }
}
