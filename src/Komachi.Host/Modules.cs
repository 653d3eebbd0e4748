using Komachi.Announcements;
using Komachi.Platform;

namespace Komachi.Host;

/// <summary>The modules of this program, in order: a module may use those before it. Nothing is discovered by scanning.</summary>
public static class Modules
{
    public static House House() => new(
    [
        .. PlatformModules.All,
        new AnnouncementsModule(),
    ]);
}
