using Komachi.Platform.Data;
using Komachi.Platform.People;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Rights;

/// <summary>What one night's erasing is given.</summary>
/// <param name="Before">What ended before this has served its time in this town.</param>
/// <param name="Held">Persons of whom nothing may be erased now: records about them are left out.</param>
public sealed record Night(TownDb Db, DateTimeOffset Before, DateTimeOffset Now, IQueryable<Guid> Held, CancellationToken Stop)
{
    /// <summary>The accounts of those persons: for records that say by whom, and not about whom.</summary>
    public IQueryable<Guid> HeldAccounts => Db.Set<Account>().Where(a => a.PersonId != null && Held.Contains(a.PersonId.Value)).Select(a => a.Id);
}

/// <summary>A kind of record that has an end. Titles and bases are keys of the words.</summary>
/// <param name="Basis">By which law or rule it is kept, and no longer.</param>
/// <param name="Least">A law wants it kept at least so long: a town may keep it longer and not shorter.</param>
/// <param name="Erase">Erases at most so many and says how many; run again it does the rest.</param>
public sealed record RecordKind(string Key, string Title, string Basis, Keep Keep, Keep? Least,
    Func<Night, Task<int>> CountAll, Func<Night, Task<int>> CountDue, Func<Night, int, Task<int>> Erase, ModuleBuilder Module);

/// <summary>One fact that is held: the key stands in the file, the label on the page.</summary>
public sealed record Fact(string Key, string Label, string? Value);

/// <summary>A record that is held about somebody, as their copy shows it. Texts are said already, in the reader's language.</summary>
/// <param name="Kind">The <see cref="RecordKind"/> that says how long it stays, counted from <paramref name="Ended"/>.</param>
/// <param name="Because">Why it is kept, where no kind says it.</param>
public sealed record HeldRecord(string Title, DateTimeOffset? Since, IReadOnlyList<Fact> Facts, string? Kind = null, DateTimeOffset? Ended = null, DateTimeOffset? Until = null, string? Because = null);

/// <summary>What becomes of some records when somebody is to be forgotten.</summary>
/// <param name="StaysBecause">Null: it goes. Otherwise the law or the reason why it has to stay.</param>
/// <param name="SaysWho">What stays needs to say whom it is about: then their name and birth date stay with it.</param>
public sealed record Fate(string What, int Count, string? StaysBecause = null, DateTimeOffset? Until = null, bool SaysWho = false);

/// <summary>Somebody whose records are being told or forgotten.</summary>
public sealed record AboutPerson(Guid PersonId, TownDb Db, Words Words, DateTimeOffset Now, CancellationToken Stop)
{
    /// <summary>Their accounts: for records that say by whom, and not about whom.</summary>
    public IQueryable<Guid> Accounts => Db.Set<Account>().Where(a => a.PersonId == PersonId).Select(a => a.Id);

    /// <summary>Another record that has to stay says who it is about.</summary>
    public bool WhoStays { get; init; }
    public DateTimeOffset? WhoStaysUntil { get; init; }
}

sealed record Disclosed(string Title, Func<AboutPerson, Task<IReadOnlyList<HeldRecord>>> Tell, bool AsTable, ModuleBuilder Module);

sealed record Forgotten(Func<AboutPerson, Task<IReadOnlyList<Fate>>> Look, Func<AboutPerson, Task> Forget, ModuleBuilder Module);

/// <summary>How each module says what it holds, for how long, and how it ends.</summary>
public static class RightsRegistration
{
    /// <summary>
    /// Rows that are deleted when they have served their time: <paramref name="due"/> gives those that ended before
    /// <see cref="Night.Before"/>, without those about persons in <see cref="Night.Held"/>.
    /// </summary>
    public static ModuleBuilder Retains<T>(this ModuleBuilder m, string key, string title, string basis, Keep keep, Func<Night, IQueryable<T>> due, Keep? least = null) where T : class =>
        m.Retains(key, title, basis, keep,
            all: night => night.Db.Set<T>().Take(MostCounted + 1).CountAsync(night.Stop),
            due: night => due(night).Take(MostCounted + 1).CountAsync(night.Stop),
            erase: (night, most) => due(night).Take(most).ExecuteDeleteAsync(night.Stop), least);

    /// <summary>The same, where erasing is more than deleting rows of one table.</summary>
    public static ModuleBuilder Retains(this ModuleBuilder m, string key, string title, string basis, Keep keep,
        Func<Night, Task<int>> all, Func<Night, Task<int>> due, Func<Night, int, Task<int>> erase, Keep? least = null) =>
        m.Offer(new RecordKind(key, title, basis, keep, least, all, due, erase, m));

    /// <summary>What the module holds about a person, for the copy that they may ask for (開示請求). A fixed number of queries, however much it is.</summary>
    public static ModuleBuilder Discloses(this ModuleBuilder m, string title, Func<AboutPerson, Task<IReadOnlyList<HeldRecord>>> tell, bool asTable = false) =>
        m.Offer(new Disclosed(title, tell, asTable, m));

    /// <summary>
    /// How the module forgets a person. Looking says what would go and what has to stay; forgetting does it, in one transaction with
    /// all others, and may be done again. Modules forget before those that they stand on.
    /// </summary>
    public static ModuleBuilder Forgets(this ModuleBuilder m, Func<AboutPerson, Task<IReadOnlyList<Fate>>> look, Func<AboutPerson, Task> forget) =>
        m.Offer(new Forgotten(look, forget, m));

    /// <summary>How long the town keeps records of a kind; null while a hold stops their erasing. For who forgets a person: what has served its time goes at once.</summary>
    public static async Task<Keep?> KeepOf(this TownDb db, string kind, Keep otherwise, DateTimeOffset now, CancellationToken stop = default) =>
        await Hold.At(db, now).AnyAsync(h => h.Kind == kind, stop) ? null
        : await db.Set<Period>().AsNoTracking().SingleOrDefaultAsync(p => p.Kind == kind, stop) is { } own ? own.Keep : otherwise;

    /// <summary>Counting to the end would make a page slower with every year: beyond this it says "more than".</summary>
    internal const int MostCounted = 100_000;
}
