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
        m.Daily<TellReplacements>(new(0, 0));
        m.Town(OfficesTown.Load);
    }
}
