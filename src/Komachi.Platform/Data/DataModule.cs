using Komachi.Platform.Audit;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Data;

/// <summary>What every town's database holds for the house itself: used form keys, shared counters, receipt numbers, the town's keys.</summary>
sealed class DataModule : IModule
{
    public void Define(ModuleBuilder m)
    {
        m.Name("house", "The house").Platform("Data");
        m.Tables(OnceKey.Map, SharedCounter.Map, TownKey.Map);
        m.Daily<Tidy>(new(3, 30));

        m.Deed("house.rotate_key", "Made a newer key");
        m.Deed("house.rotate_installation_secret", "Exchanged the secret of the installation");
    }
}
