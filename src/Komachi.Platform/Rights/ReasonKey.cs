using Komachi.Platform.People;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Rights;

/// <summary>
/// What opens the reasons about one person in the audit (<see cref="Audit.Reasons"/>). The audit itself can only be added to; this can be
/// thrown away. It is no better kept than the rows beside it, since it is there to be lost and not to keep anybody out.
/// </summary>
sealed class ReasonKey
{
    /// <summary>Whom they are about, as the entries say it: a person, or the account that sent a file.</summary>
    public Guid AboutId { get; init; }
    public required byte[] Key { get; init; }

    /// <summary>Those of a person and of the accounts that are theirs.</summary>
    public static IQueryable<ReasonKey> Of(AboutPerson about) => about.Db.Set<ReasonKey>().Where(k => k.AboutId == about.PersonId
        || about.Db.Set<Account>().Any(a => a.Id == k.AboutId && a.PersonId == about.PersonId && a.Kind == AccountKind.Resident));

    internal static void Map(ModelBuilder model) => model.Entity<ReasonKey>(e =>
    {
        e.ToTable("reason_keys");
        e.HasKey(k => k.AboutId);
    });
}
