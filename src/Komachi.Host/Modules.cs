using Komachi.Announcements;
using Komachi.Plan;
using Komachi.Platform;
using Komachi.Procedures;

namespace Komachi.Host;

/// <summary>The modules of this program, in order: a module may use those before it. Nothing is discovered by scanning.</summary>
public static class Modules
{
    /// <param name="more">What a test brings besides.</param>
    public static House House(params IModule[] more) => new(
    [
        .. PlatformModules.All,
        new AnnouncementsModule(),
        new ProceduresModule(),
        new PlanModule(),
        .. more,
    ]);
}
