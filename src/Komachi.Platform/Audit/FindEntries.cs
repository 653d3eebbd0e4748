using System.Globalization;
using System.Text;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.People;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Audit;

/// <summary>Entries by account, person, action and day; one of them with all that it says; the same list as a file.</summary>
public static class FindEntries
{
    const int PageSize = 50;

    /// <summary>Of a file that is larger nobody reads the end: it says so, and wants fewer days.</summary>
    public const int MostExported = 100_000;

    /// <summary>An entry in a list.</summary>
    public sealed record Line(Guid Id, DateTimeOffset At, Guid? ActorId, string Action, string? Subject, Guid? AboutId, string? Reason, string? Details = null)
    {
        /// <summary>For how many refusals the entry stands.</summary>
        public int Times => Refusals.TimesOf(Action, Details);

        /// <summary>Who is not known stood there, and not the program.</summary>
        public bool ByStranger => ActorId is null && Refusals.Kinds.Contains(Action);

        /// <summary>The other system that did it.</summary>
        public string? System => AuditEntry.SystemOf(ActorId, Details);
    }

    /// <summary>Who stands behind an id, as far as there is an account.</summary>
    public sealed record Who(Guid Id, string Name, string SignInName);

    /// <summary>What a list is narrowed to, as it was asked for.</summary>
    public sealed record Filter(string? Account, string? About, string? Action, DateOnly? From, DateOnly? Until)
    {
        /// <summary>Found behind what was typed; an id that belongs to no account (any more) is searched all the same.</summary>
        public Guid? AccountId { get; init; }
        public Guid? AboutId { get; init; }

        /// <summary>An account or a person was named that nobody is.</summary>
        public bool Nobody { get; init; }

        public bool Any => !string.IsNullOrEmpty(Account) || !string.IsNullOrEmpty(About) || !string.IsNullOrEmpty(Action) || From is not null || Until is not null;

        /// <summary>The same as it was typed, sealed.</summary>
        public string? Find { get; init; }

        /// <summary>In an address accounts and persons stand by their numbers, or sealed as they were typed; never by a name.</summary>
        public string Query(Cursor? after = null) => QueryString.Create(new Dictionary<string, string?>
        {
            ["find"] = Find, ["account"] = Find is null ? Number(AccountId, Account) : null, ["about"] = Find is null ? Number(AboutId, About) : null, ["action"] = Find is null ? Action : null,
            ["from"] = Find is null ? Day(From) : null, ["until"] = Find is null ? Day(Until) : null, ["after"] = after?.ToString(),
        }.Where(p => !string.IsNullOrEmpty(p.Value))).Value ?? "";

        static string? Number(Guid? found, string? typed) => found?.ToString() ?? (Guid.TryParse(typed, out var id) ? id.ToString() : null);

        public static string? Day(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
    }

    /// <summary>One entry with its place in the chain.</summary>
    public sealed record Whole(AuditEntry Entry, string? Reason, long? Block, Who? Actor, Who? About);

    internal static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("entries", async (Sought sought, string? account, string? about, string? action, string? from, string? until, string? after, Visit visit, TownDb db, Words words, HttpContext http) =>
        {
            var stop = http.RequestAborted;
            var filter = await Read(sought, visit, db, account, about, action, from, until, stop);
            // First, so that who looks sees that it stands there.
            await Saw(db, visit, "entries", filter);
            var start = Cursor.Read(after);
            var lines = filter.Nobody ? [] : await InOrder(filter, visit, db, start).Take(PageSize + 1).ToListAsync(stop);
            Cursor? next = lines.Count > PageSize ? new(lines[PageSize - 1].At, lines[PageSize - 1].Id) : null;
            if (next is not null) lines.RemoveAt(PageSize);
            var reasons = await Reasons.About(db, lines.Select(l => l.AboutId), stop);
            lines = [.. lines.Select(l => l with { Reason = reasons.Of(l.Id, l.AboutId, l.Reason, words) })];
            return Page.Show<EntriesPage>(new
            {
                Filter = filter, Sought = sought, Lines = lines, Next = next, Begins = start is null, Actions = await ActionsOf(db, stop),
                People = await PeopleOf(visit, db, lines.SelectMany(l => new[] { l.ActorId, l.AboutId }), stop),
            });
        });
        to.MapGet("entries.csv", Export);
        to.MapGet("entries/{id:guid}", async (Guid id, Visit visit, TownDb db, Words words, HttpContext http) =>
        {
            var stop = http.RequestAborted;
            var found = await Seen(visit, db).Where(e => e.Id == id)
                .Select(e => new { Entry = e, Era = EF.Property<int>(e, "Era"), Xid = EF.Property<ulong>(e, "Xid") }).SingleOrDefaultAsync(stop);
            if (found is null) return Page.NotFound;
            var (era, xid) = (found.Era, found.Xid);
            var block = await db.Set<AuditBlock>().AsNoTracking()
                .Where(b => EF.Functions.GreaterThanOrEqual(ValueTuple.Create(b.Era, b.ToXid, b.ToId), ValueTuple.Create(era, xid, id)))
                .OrderBy(b => b.Era).ThenBy(b => b.ToXid).ThenBy(b => b.ToId).Select(b => (long?)b.Number).FirstOrDefaultAsync(stop);
            var people = await PeopleOf(visit, db, [found.Entry.ActorId, found.Entry.AboutId], stop);
            var reason = (await Reasons.About(db, [found.Entry.AboutId], stop)).Of(id, found.Entry.AboutId, found.Entry.Reason, words);
            db.Audit(visit.Did("audit.read", $"audit/{id}", about: found.Entry.AboutId));
            await db.Save(stop: stop);
            return Page.Show<EntryPage>(new { Shown = new Whole(found.Entry, reason, block, Find(found.Entry.ActorId), Find(found.Entry.AboutId)) });

            Who? Find(Guid? who) => who is { } one ? people.GetValueOrDefault(one) : null;
        });
    }

    /// <summary>What was looked for, or what a link of ours names: accounts and persons by their numbers alone.</summary>
    internal static async Task<Filter> Read(Sought sought, Visit visit, TownDb db, string? account, string? about, string? action, string? from, string? until, CancellationToken stop)
    {
        if (sought.Token is not null) (account, about, action, from, until) = (sought["account"], sought["about"], sought["action"], sought["from"], sought["until"]);
        else (account, about) = (Guid.TryParse(account, out _) ? account : null, Guid.TryParse(about, out _) ? about : null);
        var (actor, person) = (await IdOf(visit, db, account, stop), await IdOf(visit, db, about, stop));
        // Records are about persons; an account is the way in of one.
        if (person is { } typed && await db.Set<Account>().Where(a => a.Id == typed).Select(a => a.PersonId).FirstOrDefaultAsync(stop) is { } behind) person = behind;
        return new(account?.Trim(), about?.Trim(), action?.Trim(), Day(from), Day(until))
        {
            Find = sought.Token, AccountId = actor, AboutId = person, Nobody = (actor is null && !string.IsNullOrWhiteSpace(account)) || (person is null && !string.IsNullOrWhiteSpace(about)),
        };

        static DateOnly? Day(string? text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year is >= 1900 and <= 2199 ? day : null;
    }

    /// <summary>By sign-in name, or by the id itself.</summary>
    static async Task<Guid?> IdOf(Visit visit, TownDb db, string? typed, CancellationToken stop)
    {
        if (string.IsNullOrWhiteSpace(typed)) return null;
        if (Guid.TryParse(typed, out var id)) return id;
        var name = Account.FoldSignInName(Clean(typed));
        return await Shown(visit, db).Where(a => a.SignInName == name).Select(a => (Guid?)a.Id).FirstOrDefaultAsync(stop);
    }

    /// <summary>Accounts, but those of protected persons for who does not look after these.</summary>
    static IQueryable<Account> Shown(Visit visit, TownDb db) => visit.Visitor?.May(Protection.Permission) == true ? db.Set<Account>()
        : db.Set<Account>().Where(a => a.PersonId == null || !db.Set<Protection>().Any(p => p.PersonId == a.PersonId && p.EndedAt == null));

    /// <summary>An address can hold what PostgreSQL takes for no text.</summary>
    static string Clean(string text) => string.Concat(text.EnumerateRunes().Where(r => !Rune.IsControl(r)));

    /// <summary>What was done about a protected person tells of them: it is not there for who does not look after them.</summary>
    static IQueryable<AuditEntry> Seen(Visit visit, TownDb db)
    {
        var entries = db.Set<AuditEntry>().AsNoTracking();
        return visit.Visitor?.May(Protection.Permission) == true ? entries
            : entries.Where(e => e.AboutId == null || !db.Set<Protection>().Any(p => p.PersonId == e.AboutId && p.EndedAt == null));
    }

    internal static IQueryable<AuditEntry> Of(Filter filter, Visit visit, TownDb db)
    {
        var entries = Seen(visit, db);
        if (filter.AccountId is { } actor) entries = entries.Where(e => e.ActorId == actor);
        if (filter.AboutId is { } about) entries = entries.Where(e => e.AboutId == about);
        if (!string.IsNullOrEmpty(filter.Action))
        {
            var action = Clean(filter.Action);
            entries = entries.Where(e => e.Action == action);
        }
        if (filter.From is { } from)
        {
            var begin = JapanTime.At(from);
            entries = entries.Where(e => e.At >= begin);
        }
        if (filter.Until is { } until)
        {
            var end = JapanTime.At(until.AddDays(1));
            entries = entries.Where(e => e.At < end);
        }
        return entries;
    }

    static IQueryable<Line> InOrder(Filter filter, Visit visit, TownDb db, Cursor? after)
    {
        var entries = Of(filter, visit, db);
        if (after is { } end) entries = entries.Where(e => EF.Functions.LessThan(ValueTuple.Create(e.At, e.Id), ValueTuple.Create(end.At, end.Id)));
        return entries.OrderByDescending(e => e.At).ThenByDescending(e => e.Id).Select(e => new Line(e.Id, e.At, e.ActorId, e.Action, e.Subject, e.AboutId, e.Reason, e.Details));
    }

    internal static async Task<IReadOnlyDictionary<Guid, Who>> PeopleOf(Visit visit, TownDb db, IEnumerable<Guid?> ids, CancellationToken stop)
    {
        var wanted = ids.OfType<Guid>().Distinct().ToArray();
        if (wanted.Length == 0) return new Dictionary<Guid, Who>();
        // Of accounts, and of the persons whose way in they are; children have none.
        var accounts = await Shown(visit, db).AsNoTracking().Where(a => wanted.Contains(a.Id) || a.PersonId != null && wanted.Contains(a.PersonId.Value)).Select(a => new { a.Id, a.PersonId, a.Name, a.SignInName }).ToListAsync(stop);
        var people = await Rights.MayBeShown.Persons(visit, db).AsNoTracking().Where(p => wanted.Contains(p.Id)).Select(p => new Who(p.Id, p.Name, "")).ToDictionaryAsync(w => w.Id, stop);
        foreach (var account in accounts)
        {
            if (account.PersonId is { } person && people.ContainsKey(person)) people[person] = new(person, account.Name, account.SignInName);
            if (wanted.Contains(account.Id)) people[account.Id] = new(account.Id, account.Name, account.SignInName);
        }
        return people;
    }

    /// <summary>Every action there is, by jumping from one to the next in the index: counting through a million entries would not do.</summary>
    static async Task<IReadOnlyList<string>> ActionsOf(TownDb db, CancellationToken stop) =>
        await db.Database.SqlQuery<string>($"""
            WITH RECURSIVE one AS (
                (SELECT action FROM audit.entries ORDER BY action LIMIT 1)
                UNION ALL
                SELECT (SELECT e.action FROM audit.entries e WHERE e.action > one.action ORDER BY e.action LIMIT 1) FROM one WHERE one.action IS NOT NULL)
            SELECT action AS "Value" FROM one WHERE action IS NOT NULL
            """).ToListAsync(stop);

    /// <summary>That somebody looked is an entry itself. What was typed stays out of it: it may be anything.</summary>
    internal static async Task Saw(TownDb db, Visit visit, string page, Filter filter)
    {
        db.Audit(visit.Did("audit.read", "audit/" + page, new { account = filter.AccountId }, about: filter.AboutId));
        await db.Save();
    }

    static async Task<IResult> Export(Sought sought, string? account, string? about, string? action, string? from, string? until, Visit visit, TownDb db, House house, HttpContext http)
    {
        var stop = http.RequestAborted;
        var filter = await Read(sought, visit, db, account, about, action, from, until, stop);
        if (filter.Nobody) return Page.NotFound;
        // Before the first line leaves: who got it stands there even when the line breaks.
        await Saw(db, visit, "entries.csv", filter);
        var words = visit.WordsOf(house).Bare;
        var titles = house.All<Deed>().ToDictionary(d => d.Action, d => words[d.Title]);
        return Results.Stream(async stream =>
        {
            await using var file = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true), 1 << 16, leaveOpen: true);
            await WriteCsv(file, [words["When|audit"], words["Account|audit"], words["Sign-in name|audit"], words["Action|audit"], words["Key of the action"], words["Done to"], words["About person"], words["Reason"], words["From where|audit"], words["Number of the request|audit"], words["Details|audit"], words["Number of the entry"]]);
            var (people, rows) = (new Dictionary<Guid, Who>(), 0);
            await foreach (var batch in InBatches(Of(filter, visit, db), stop))
            {
                foreach (var (id, who) in await PeopleOf(visit, db, batch.SelectMany(e => new[] { e.ActorId, e.AboutId }).Where(i => i is { } one && !people.ContainsKey(one)), stop)) people[id] = who;
                var reasons = await Reasons.About(db, batch.Select(e => e.AboutId), stop);
                foreach (var entry in batch)
                    await WriteCsv(file, [JapanTime.Of(entry.At).ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture), entry.ActorId is null ? AuditEntry.SystemOf(null, entry.Details) ?? "" : Name(entry.ActorId), SignIn(entry.ActorId), titles.GetValueOrDefault(entry.Action) ?? "", entry.Action,
                        entry.Subject, entry.AboutId is { } person ? people.GetValueOrDefault(person)?.Name ?? person.ToString() : "", reasons.Of(entry.Id, entry.AboutId, entry.Reason, words), entry.FromAddress, entry.RequestId, entry.Details, entry.Id.ToString()]);
                if ((rows += batch.Count) < MostExported) continue;
                await WriteCsv(file, [words["The list goes on: this file ends after {0} entries. Choose fewer days.", MostExported]]);
                break;
            }

            string Name(Guid? who) => who is { } one ? people.GetValueOrDefault(one)?.Name ?? one.ToString() : "";
            string SignIn(Guid? who) => who is { } one ? people.GetValueOrDefault(one)?.SignInName ?? "" : "";
        }, "text/csv; charset=utf-8", $"audit-{visit.Town.Slug}.csv");
    }

    static async IAsyncEnumerable<List<AuditEntry>> InBatches(IQueryable<AuditEntry> entries, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken stop)
    {
        const int size = 2000;
        Cursor? after = null;
        while (true)
        {
            var some = entries;
            if (after is { } end) some = some.Where(e => EF.Functions.LessThan(ValueTuple.Create(e.At, e.Id), ValueTuple.Create(end.At, end.Id)));
            var batch = await some.OrderByDescending(e => e.At).ThenByDescending(e => e.Id).Take(size).ToListAsync(stop);
            if (batch.Count > 0) yield return batch;
            if (batch.Count < size) yield break;
            after = new(batch[^1].At, batch[^1].Id);
        }
    }

    /// <summary>Each cell in quotes; what a spreadsheet would take for a formula gets an apostrophe before it.</summary>
    internal static string Cell(string? value)
    {
        value ??= "";
        if (value.Length > 0 && value.TrimStart() is [('=' or '+' or '-' or '@'), ..] || value is [('\t' or '\r' or '\n'), ..]) value = "'" + value;
        return "\"" + value.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
    }

    static Task WriteCsv(StreamWriter file, IEnumerable<string?> cells) => file.WriteAsync(string.Join(',', cells.Select(Cell)) + "\r\n");
}
