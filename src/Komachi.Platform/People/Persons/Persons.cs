using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.People;

/// <summary>
/// The one way to see a person. What comes out is fit for this visitor's eyes; that somebody looked is written down, and where that
/// needs a second look, an alert is raised. Parameters of endpoints can be of this type.
/// </summary>
public sealed class Persons(Visit visit, TownDb db, TownDatabases databases, House house, Words words, TimeProvider time)
{
    const int PageSize = 30;
    static readonly TimeSpan AlertAgain = TimeSpan.FromHours(1);

    readonly HashSet<Guid> _noted = [];

    bool SeesProtected => visit.Visitor?.May(Protection.Permission) == true;

    /// <summary>
    /// One person, or null where this visitor has no business with them. A hidden one comes as words: a page about a case shows
    /// these, a page about the person itself answers <see cref="NotThere"/> (unless <see cref="PersonSeen.MayOpen"/>).
    /// </summary>
    /// <param name="why">What the visitor is doing, for the record: <c>procedures/0192…</c>.</param>
    public async Task<PersonSeen?> See(Guid id, string? why = null) => (await See([id], why)).GetValueOrDefault(id);

    /// <summary>Several at once, for a list; who is not in the answer is not to be shown at all.</summary>
    public async Task<IReadOnlyDictionary<Guid, PersonSeen>> See(IReadOnlyCollection<Guid> ids, string? why = null)
    {
        if (visit.Visitor is not { } me) return new Dictionary<Guid, PersonSeen>();
        // Residents see themselves, and for whom they act: nobody else, whoever asks.
        var wanted = me.IsStaff ? ids.Distinct().ToArray() : ids.Distinct().Where(id => id == me.PersonId || id == me.For?.PersonId).ToArray();
        var now = time.GetUtcNow();
        var rows = await db.Set<Person>().AsNoTracking().Where(p => wanted.Contains(p.Id)).Select(p => new
        {
            Person = p,
            Protected = Protection.InForce(db).Any(g => g.PersonId == p.Id),
            Related = me.IsStaff && db.Set<Relation>().Any(r => r.PersonId == me.PersonId && r.OtherId == p.Id || r.OtherId == me.PersonId && r.PersonId == p.Id),
            // Their own is theirs to see, protected or not: where they proved that it is, and not where a colleague said so.
            Own = p.Id == me.PersonId && (!me.IsStaff || db.Set<Account>().Any(a => a.Id == me.AccountId && a.PersonSaidById == null)),
            Open = SeesProtected && db.Set<Alert>().Any(a => a.AccountId == me.AccountId && a.PersonId == p.Id && a.OpenUntil > now),
        }).ToListAsync();

        var seen = new Dictionary<Guid, PersonSeen>();
        var read = new List<(Guid Id, AlertKind? Alert)>();
        foreach (var row in rows)
        {
            var (person, own) = (row.Person, row.Person.Id == me.PersonId);
            if (row.Protected && me.IsStaff && !row.Own && !row.Open)
            {
                seen[person.Id] = Veiled(person.Id);
                continue;
            }
            seen[person.Id] = new(person.Id, person.Kind, person.Name)
            {
                Protected = row.Protected && SeesProtected, Kana = person.Kana, BornOn = person.BornOn, Postcode = person.Postcode, Address = person.Address, Phone = person.Phone,
                Email = person.Email, CorporateNumber = person.CorporateNumber, ToldBy = person.ToldBy, Version = person.Version,
            };
            if (me.IsStaff) read.Add((person.Id, own ? AlertKind.OwnRecord : row.Related ? AlertKind.RelativesRecord : null));
        }
        await Note(read, why, now);
        return seen;
    }

    PersonSeen Veiled(Guid id) => new(id, PersonKind.Human, words["A person under protection"]) { Hidden = true, MayOpen = SeesProtected };

    /// <summary>Those of them whom this visitor must not learn of: for lists of anything about persons, such as a record of what was done.</summary>
    public async Task<IReadOnlySet<Guid>> HiddenAmong(IReadOnlyCollection<Guid> ids) => SeesProtected || ids.Count == 0 ? new HashSet<Guid>()
        : await Hidden.Where(id => ids.Contains(id)).ToHashSetAsync();

    /// <summary>All of them, as a part of a query: for lists that are read page by page, in which who is hidden must take no place.</summary>
    public IQueryable<Guid> Hidden
    {
        get
        {
            var (all, me) = (SeesProtected, visit.Visitor!.AccountId);
            return Protection.InForce(db).Where(p => !all && !db.Set<Account>().Any(a => a.Id == me && a.PersonId == p.PersonId && a.PersonSaidById == null)).Select(p => p.PersonId);
        }
    }

    /// <summary>The same for work at which nobody sits who could be asked what they may see: then it is for nobody's eyes.</summary>
    public static async Task<IReadOnlySet<Guid>> ProtectedAmong(TownDb db, IReadOnlyCollection<Guid> ids) =>
        ids.Count == 0 ? new HashSet<Guid>() : await Protection.InForce(db).Where(p => ids.Contains(p.PersonId)).Select(p => p.PersonId).ToHashSetAsync();

    /// <summary>
    /// Whom the person at the counter may mean: by the beginning of the name or of its reading, by the birthday, or by both.
    /// Who is hidden from this visitor is not there, and no count or next page tells of them.
    /// </summary>
    public async Task<PersonsFound> Find(string? name, DateOnly? bornOn = null, Guid? after = null, int most = PageSize)
    {
        if (visit.Visitor is not { IsStaff: true } me) return PersonsFound.Nobody;
        var key = NameKey.Of(name?.Trim() ?? "");
        if (bornOn is null && key.EnumerateRunes().Count() < 2) return PersonsFound.Nobody with { TooLittle = key.Length > 0 };

        // The row behind which the page begins is looked for among those that this visitor sees: where a hidden one stands in the
        // alphabet tells their name.
        var last = after is null ? null : await Seeable(db, SeesProtected).Where(p => p.Id == after).Select(p => new LastRow(p.NameKey, p.KanaKey, p.Id)).SingleOrDefaultAsync();
        var rows = await Matching(db, key, bornOn, last, SeesProtected).Take(most + 1)
            .Select(p => new PersonFound(p.Id, p.Kind, p.Name, p.Kana, p.BornOn, false)).ToListAsync();
        var more = rows.Count > most;
        if (more) rows.RemoveAt(most);
        if (SeesProtected && rows.Count > 0)
        {
            var ids = rows.Select(r => r.Id).ToArray();
            var hidden = await Protection.InForce(db).Where(p => ids.Contains(p.PersonId)).Select(p => p.PersonId).ToHashSetAsync();
            // Found, so the name was known; the rest waits behind the page that asks why.
            rows = [.. rows.Select(r => hidden.Contains(r.Id) ? r with { Protected = true, Kana = null, BornOn = null } : r)];
        }
        await Note([.. rows.Select(r => (r.Id, (AlertKind?)null))], "people/search", time.GetUtcNow());
        return new(rows, more ? rows[^1].Id : null);
    }

    internal sealed record LastRow(string NameKey, string KanaKey, Guid Id);

    static IQueryable<Person> Seeable(TownDb db, bool withProtected)
    {
        var all = db.Set<Person>().AsNoTracking();
        return withProtected ? all : all.Where(p => !db.Set<Protection>().Any(g => g.PersonId == p.Id && g.EndedAt == null));
    }

    /// <summary>
    /// A range, not LIKE, so that the index serves a prepared statement, too; the list ends where the index says, however many match.
    /// The cursor is an id: an address in somebody's browser shall hold no name.
    /// </summary>
    internal static IQueryable<Person> Matching(TownDb db, string key, DateOnly? bornOn, LastRow? last, bool withProtected)
    {
        var (all, end) = (Seeable(db, withProtected), key + "\U0010FFFF");
        if (bornOn is not null) all = all.Where(p => p.BornOn == bornOn);
        if (key.Length == 0)
            return (last is null ? all : all.Where(p => p.Id > last.Id)).OrderBy(p => p.Id);
        if (NameKey.IsKana(key))
        {
            all = all.Where(p => string.Compare(p.KanaKey, key) >= 0 && string.Compare(p.KanaKey, end) < 0);
            if (last is not null) all = all.Where(p => EF.Functions.GreaterThan(ValueTuple.Create(p.KanaKey, p.Id), ValueTuple.Create(last.KanaKey, last.Id)));
            return all.OrderBy(p => p.KanaKey).ThenBy(p => p.Id);
        }
        all = all.Where(p => string.Compare(p.NameKey, key) >= 0 && string.Compare(p.NameKey, end) < 0);
        if (last is not null) all = all.Where(p => EF.Functions.GreaterThan(ValueTuple.Create(p.NameKey, p.Id), ValueTuple.Create(last.NameKey, last.Id)));
        return all.OrderBy(p => p.NameKey).ThenBy(p => p.Id);
    }

    /// <summary>
    /// The answer for a person who is hidden, and for one who is not there: the same, with the same work done, and each leaves an entry.
    /// </summary>
    public async Task<Microsoft.AspNetCore.Http.IResult> NotThere(Guid id)
    {
        await using var own = databases.Open(visit.Town);
        own.Audit(visit.Did("people.not_shown", subject: $"persons/{id}"));
        await own.Save();
        return Page.NotFound;
    }

    /// <summary>Where somebody who looks after protected people opens this one, with a reason; afterwards they are back at that path of the desk.</summary>
    public static string OpeningOf(Guid id, string then) => $"desk/protected/{id}/open?then={Uri.EscapeDataString(then)}";

    /// <summary>
    /// Whether something about this person may be sent to that address. What is about a protected person goes to their own
    /// address and to no other. Asked again when a <see cref="Mail.SendMail"/> that names its person leaves the house.
    /// </summary>
    public Task<bool> MaySend(Guid about, string to) => MaySend(db, about, to);

    public static async Task<bool> MaySend(TownDb db, Guid about, string to)
    {
        if (!await Protection.InForce(db).AnyAsync(p => p.PersonId == about)) return true;
        var key = Account.FoldEmail(to);
        return await db.Set<Account>().AnyAsync(a => a.PersonId == about && a.Kind == AccountKind.Resident && a.ClosedAt == null && a.EmailKey == key);
    }

    /// <summary>The address that they proved themselves, at which they may be written to of what is theirs: of their own account, and nobody else's.</summary>
    public static Task<string?> AddressOf(TownDb db, Guid person, CancellationToken stop = default) =>
        db.Set<Account>().Where(a => a.PersonId == person && a.Kind == AccountKind.Resident && a.ClosedAt == null && a.EmailKey != null).OrderBy(a => a.Id).Select(a => a.Email).FirstOrDefaultAsync(stop);

    /// <summary>Those of them whom this town knows.</summary>
    internal static Task<List<Guid>> KnownAmong(TownDb db, IReadOnlyCollection<Guid> ids, CancellationToken stop) => db.Set<Person>().Where(p => ids.Contains(p.Id)).Select(p => p.Id).ToListAsync(stop);

    /// <summary>For pages of the Platform's own that show something of these persons.</summary>
    internal Task Noted(IEnumerable<Guid> ids, string why) => Note([.. ids.Select(id => (id, (AlertKind?)null))], why, time.GetUtcNow());

    /// <summary>Saved by itself and before the page goes out: whatever becomes of the request, who looked is known.</summary>
    async Task Note(IReadOnlyList<(Guid Id, AlertKind? Alert)> read, string? why, DateTimeOffset now)
    {
        var fresh = read.Where(r => _noted.Add(r.Id)).ToArray();
        if (fresh.Length == 0) return;
        await using var own = databases.Open(visit.Town);
        foreach (var (id, alert) in fresh)
        {
            own.Audit(visit.Did("people.read", subject: why ?? $"persons/{id}", about: id));
            if (alert is not { } kind) continue;
            var me = visit.Visitor!.AccountId;
            var lately = now - AlertAgain;
            if (!await own.Set<Alert>().AnyAsync(a => a.AccountId == me && a.PersonId == id && a.Kind == kind && a.RaisedAt > lately))
                await Alert.Raise(kind, id, me, null, own, house, now);
        }
        await own.Save();
    }
}
