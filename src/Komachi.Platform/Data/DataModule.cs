using Komachi.Platform.Audit;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Data;

/// <summary>What every town's database holds for the house itself: used form keys, shared counters, receipt numbers, the town's keys, what was refused a moment ago.</summary>
sealed class DataModule : IModule
{
    public void Define(ModuleBuilder m)
    {
        m.Name("house", "The house").Platform("Data");
        m.Tables(OnceKey.Map, SharedCounter.Map, TownKey.Map, RefusalCount.Map, TownEdition.Map);
        m.Daily<Tidy>(new(3, 30));

        m.Deed("house.rotate_key", "Made a newer key|audit");
        m.Deed("house.reseal", "Sealed anew what older keys had sealed|audit");
        m.Deed("house.rotate_installation_secret", "Exchanged the installation's secret|audit");
    }
}
