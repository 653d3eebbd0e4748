using System.Security.Cryptography;
using System.Text;
using Komachi.Platform.Data;
using Komachi.Platform.Towns;
using Komachi.Platform.Web;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.MyNumbers;

/// <summary>
/// Keeps Individual Numbers until they are handed over. A number goes in sealed with the town's key for nothing else, comes out for
/// one reader with one reason, and leaves no copy that could be searched, mailed or filled in again.
/// </summary>
public sealed class MyNumberSafe(TownKeys keys, House house, TimeProvider time)
{
    /// <summary>The ring whose end is the end of all numbers of the town.</summary>
    public const string Purpose = "my numbers";

    /// <summary>On what law the town asks for it; null where the use is off, and then the field is not shown at all.</summary>
    public async Task<string?> BasisOf(TownDb db, string use, CancellationToken stop = default) =>
        Find(db.Town, use) is null ? null : await db.Set<TownsUse>().Where(u => u.Use == use && u.OnAt != null).Select(u => u.Basis).FirstOrDefaultAsync(stop);

    MyNumberUse? Find(Town town, string use) => house.All<MyNumberUse>().FirstOrDefault(u => u.Key == use && house.Has(town, u.Module));

    /// <summary>Takes a number in, in the place of one that this record had; the caller saves. Throws where the use is off.</summary>
    public async Task<Guid> Keep(Visit visit, TownDb db, string use, Guid person, string subject, MyNumber number, CancellationToken stop = default)
    {
        if (Find(db.Town, use) is null) throw new InvalidOperationException($"No module of this town declares the use \"{use}\": m.UsesMyNumber is missing.");
        var on = await db.Set<TownsUse>().SingleOrDefaultAsync(u => u.Use == use && u.OnAt != null, stop)
            ?? throw new InvalidOperationException($"The use \"{use}\" of the Individual Number is off in this town: no number may be taken in.");
        var row = await db.Set<KeptNumber>().SingleOrDefaultAsync(n => n.Use == use && n.Subject == subject && n.PersonId == person && n.PurgedAt == null, stop);
        if (row is null) db.Add(row = KeptNumber.For(use, person, subject));
        row.Keep(await keys.Seal(db.Town, Purpose, Encoding.ASCII.GetBytes(number.Digits), row.Bound, stop), time.GetUtcNow(), on.Days);
        db.Audit(visit.Did("my_numbers.keep", subject, new { use }, person));
        return row.Id;
    }

    /// <summary>
    /// The number, for somebody who may read it and says why. That they read it is saved before anybody sees it; null where it is gone.
    /// Show it once, on a page that nothing keeps.
    /// </summary>
    public async Task<MyNumber?> Read(Visit visit, TownDb db, Guid id, string reason, Guid? once = null, string location = "", CancellationToken stop = default)
    {
        if (visit.Visitor?.May(MyNumbersModule.Reading) != true) throw new UnauthorizedAccessException("Who reads an Individual Number holds the permission to.");
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        if (await db.Set<KeptNumber>().AsNoTracking().SingleOrDefaultAsync(n => n.Id == id, stop) is not { Sealed: { } locked } row) return null;
        if (!await Rights.MayBeShown.To(visit, db, row.PersonId, stop)) return null;
        if (await BasisOf(db, row.Use, stop) is null) return null;
        MyNumber number;
        try
        {
            if (!MyNumber.TryRead(Encoding.ASCII.GetString(await keys.Open(db.Town, Purpose, locked, row.Bound, stop)), out number)) return null;
        }
        catch (CryptographicException)
        {
            return null;    // its key was thrown away, and the number with it
        }
        db.Audit(visit.Did("my_numbers.read", row.Subject, new { row.Use }, row.PersonId, reason));
        await db.Save(once, location, stop);
        return number;
    }

    /// <summary>It is where it was asked for, so it goes here at once: only that it was there stays. The caller saves.</summary>
    public async Task<bool> HandedOver(Visit visit, TownDb db, Guid id, string to, CancellationToken stop = default)
    {
        if (await db.Set<KeptNumber>().SingleOrDefaultAsync(n => n.Id == id && n.PurgedAt == null, stop) is not { } row) return false;
        row.Purge(PurgedBecause.HandedOver, time.GetUtcNow(), to);
        db.Audit(visit.Did("my_numbers.handed_over", row.Subject, new { row.Use, to }, row.PersonId));
        return true;
    }
}
