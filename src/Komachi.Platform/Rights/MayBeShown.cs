using Komachi.Platform.Data;
using Komachi.Platform.People;
using Komachi.Platform.Web;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Rights;

/// <summary>
/// May this visitor see that person's data at the desk? Every page and list of this folder and of MyNumbers asks here, and nowhere else.
/// Who is protected is not there for colleagues; and for who looks after them only while the record is open with a reason.
/// </summary>
static class MayBeShown
{
    /// <summary>All persons whom this visitor may see; lists and searches begin here.</summary>
    public static IQueryable<Person> Persons(Visit visit, TownDb db)
    {
        var (me, sees) = (visit.Visitor?.AccountId, visit.Visitor?.May(Protection.Permission) == true);
        var now = TimeProvider.System.GetUtcNow();
        return db.Set<Person>().Where(p => !db.Set<Protection>().Any(g => g.PersonId == p.Id && g.EndedAt == null)
            || sees && db.Set<Alert>().Any(a => a.AccountId == me && a.PersonId == p.Id && a.OpenUntil > now));
    }

    public static Task<bool> To(Visit visit, TownDb db, Guid person, CancellationToken stop = default) =>
        visit.Visitor is null ? Task.FromResult(false) : Persons(visit, db).AnyAsync(p => p.Id == person, stop);
}
