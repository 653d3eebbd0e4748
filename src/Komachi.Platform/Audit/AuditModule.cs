namespace Komachi.Platform.Audit;

/// <summary>The record of who did what. Every change at the desk writes one, in the change's own transaction.</summary>
sealed class AuditModule : IModule
{
    public void Define(ModuleBuilder m)
    {
        m.Name("audit", "Audit").Platform("Audit");
        m.Tables(AuditEntry.Map);
        WhoLooked.Define(m);
    }
}
