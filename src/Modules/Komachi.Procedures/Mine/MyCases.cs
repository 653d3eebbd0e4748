using System.Security.Cryptography;
using System.Text;
using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>Cases of whoever is there: their own, of the person for whom they act, or by a one-time link that this browser used.</summary>
static class MyCases
{
    /// <summary>The case, if it is theirs; to everybody else it is not there.</summary>
    public static async Task<Case?> Find(Visit visit, Guid id, TownDb db, CancellationToken stop = default) =>
        await db.Set<Case>().SingleOrDefaultAsync(c => c.Id == id, stop) is { } of && await CaseReaders.IsTheirs(visit, of, db, stop) ? of : null;

    /// <summary>Everything of somebody who is signed in.</summary>
    public static IQueryable<Case> Of(Visit visit, TownDb db) => Theirs.Of(visit.Visitor!).Among(db.Set<Case>().AsNoTracking());

    /// <summary>What a link or a code opens, and what a browser holds afterwards: the hash alone is kept.</summary>
    internal static byte[] HashOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
