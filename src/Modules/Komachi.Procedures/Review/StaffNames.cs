using Komachi.Platform.Data;
using Komachi.Platform.People;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>What colleagues are called. Of residents' accounts nothing is read here: who filed something is called by what they filed.</summary>
static class StaffNames
{
    public static Task<Dictionary<Guid, string>> Of(TownDb db, IReadOnlyCollection<Guid> accounts, CancellationToken stop = default)
    {
        var ids = accounts.Distinct().ToArray();
        return db.Set<Account>().AsNoTracking().Where(a => ids.Contains(a.Id) && a.Kind == AccountKind.Staff).Select(a => new { a.Id, a.Name }).ToDictionaryAsync(a => a.Id, a => a.Name, stop);
    }
}
