namespace Komachi.Platform.Audit;

/// <summary>
/// The record of who did what and who saw whose data. Every change at the desk writes an entry, in the change's own transaction;
/// entries are sealed into a chain of blocks, whose heads are kept elsewhere.
/// </summary>
sealed class AuditModule : IModule
{
    public void Define(ModuleBuilder m)
    {
        m.Name("audit", "Audit").Platform("Audit");
        m.Tables(AuditEntry.Map, AuditBlock.Map, AuditEra.Map);
    }
}
