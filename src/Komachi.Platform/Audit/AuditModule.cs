using Komachi.Platform.Web;

namespace Komachi.Platform.Audit;

/// <summary>
/// The record of who did what and who saw whose data. Every change at the desk writes an entry, in the change's own transaction;
/// entries are sealed into a chain of blocks, whose heads are kept elsewhere. Whoever is responsible for it looks at it here, and
/// that is recorded, too.
/// </summary>
sealed class AuditModule : IModule
{
    public void Define(ModuleBuilder m)
    {
        m.Name("audit", "Audit").Platform("Audit");
        m.Tables(AuditEntry.Map, AuditBlock.Map, AuditEra.Map, CheckStep.Map);
        m.Permission("audit.read", "Read the record of who did what");
        m.Desk("audit.read", ShowAudit.Routes, FindEntries.Routes, AuditReports.Routes);
        m.Menu(MenuPlace.Desk, "Audit", "desk/audit", "audit.read", group: DeskGroup.Records, key: 'u');
        m.Job<VerifyAudit>();
        m.Daily<VerifyAudit>(new(2, 40));
        m.Daily<MailHead>(new(6, 10));
        m.Job<TellRefusals>();

        WhoLooked.Define(m);
        m.Deed("audit.read", "Looked at the audit").Deed("audit.verify", "Asked for a verification of the audit");
        m.Deed(Refusals.NoRight, "Asked for a page without the right to it|audit").Deed(Refusals.WrongToken, "Sent a form that was not ours or no longer good|audit")
            .Deed(Refusals.TooOften, "Was asked to wait: too often|audit").Deed(Refusals.WrongCode, "Typed a code that was not right|audit");
        m.Deed("jobs.retry", "Started parked work again");
    }
}
