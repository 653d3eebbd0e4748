using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.Jobs;
using Komachi.Platform.People;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Operator;

public enum RepairState { Waiting, Refused, Open, Ended, Lapsed }

/// <summary>What an operator asked of this town.</summary>
public sealed class RepairRequest
{
    RepairRequest() { }

    public static readonly TimeSpan Longest = TimeSpan.FromHours(8), EntryLasts = TimeSpan.FromSeconds(60);

    public Guid Id { get; private init; } = Data.Id.New();
    public Guid OperatorId { get; private init; }
    public string OperatorName { get; private init; } = "";
    public string Reason { get; private init; } = "";
    public string[] Permissions { get; private init; } = [];
    public DateTimeOffset AskedAt { get; private init; }
    public DateTimeOffset EndsAt { get; private init; }
    public DateTimeOffset? DecidedAt { get; private set; }
    public Guid? DecidedBy { get; private set; }
    public bool? Consented { get; private set; }

    /// <summary>Why not.</summary>
    public string? Answer { get; private set; }
    public byte[]? EntryHash { get; private set; }
    public DateTimeOffset? EntryUntil { get; private set; }
    public Guid? AccountId { get; private set; }
    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>town, operator or time.</summary>
    public string? EndedBy { get; private set; }

    /// <summary>
    /// What no repair needs: rights over accounts and over who may what, with which an operator could outlast the end; people's
    /// own rights and protection; 個人番号.
    /// </summary>
    static readonly string[] NotToBeHad = ["people.", "offices.", "rights.", "my_numbers."];

    public static bool MayBeAsked(string permission) => !NotToBeHad.Any(p => permission.StartsWith(p, StringComparison.Ordinal));

    public static RepairRequest Ask(OperatorAccount by, string reason, IEnumerable<string> permissions, TimeSpan lasts, DateTimeOffset now) => new()
    {
        OperatorId = by.Id, OperatorName = by.Name, Reason = reason, Permissions = [.. permissions.Where(MayBeAsked).Distinct().Order(StringComparer.Ordinal)],
        AskedAt = now, EndsAt = now + (lasts < Longest ? lasts : Longest),
    };

    public RepairState StateAt(DateTimeOffset now) => this switch
    {
        { EndedAt: not null } => RepairState.Ended,
        { Consented: false } => RepairState.Refused,
        { Consented: true } => EndsAt > now ? RepairState.Open : RepairState.Ended,
        _ => EndsAt > now ? RepairState.Waiting : RepairState.Lapsed,
    };

    /// <summary>False when there is nothing to decide any more.</summary>
    public bool Decide(bool consents, Guid by, string? answer, DateTimeOffset now)
    {
        if (StateAt(now) != RepairState.Waiting) return false;
        (Consented, DecidedBy, DecidedAt, Answer) = (consents, by, now, answer);
        return true;
    }

    /// <summary>A way in for a minute and for one use; an earlier one that was not used is worth nothing from now on.</summary>
    public bool Admit(byte[] hash, DateTimeOffset now)
    {
        if (StateAt(now) != RepairState.Open) return false;
        (EntryHash, EntryUntil) = (hash, now + EntryLasts);
        return true;
    }

    public bool Enter(DateTimeOffset now)
    {
        if (StateAt(now) != RepairState.Open || EntryHash is null || EntryUntil <= now) return false;
        (EntryHash, EntryUntil) = (null, null);
        return true;
    }

    public void Uses(Account account) => AccountId = account.Id;

    public bool End(string by, DateTimeOffset now)
    {
        if (Consented is not true || EndedAt is not null) return false;
        (EndedAt, EndedBy, EntryHash, EntryUntil) = (now, by, null, null);
        return true;
    }

    internal string Subject => $"repair/{Id}";

    internal static void Map(ModelBuilder model) => model.Entity<RepairRequest>(e =>
    {
        e.ToTable("requests");
        e.Ignore(r => r.Subject);
        // Of two who decide, or enter with one link, or end it, one was first.
        e.Property(r => r.DecidedAt).IsConcurrencyToken();
        e.Property(r => r.EndedAt).IsConcurrencyToken();
        e.Property(r => r.EntryHash).IsConcurrencyToken();
        e.HasIndex(r => r.AskedAt).HasDatabaseName("requests_asked_at");
        e.HasIndex(r => r.EntryHash).HasDatabaseName("requests_entry").HasFilter("entry_hash IS NOT NULL");
    });
}

/// <summary>What the desk, the operator's pages and the clock do alike.</summary>
static class RepairAccess
{
    public static Task<List<RepairRequest>> Newest(TownDb db, CancellationToken stop = default) =>
        db.Set<RepairRequest>().AsNoTracking().OrderByDescending(r => r.AskedAt).Take(50).ToListAsync(stop);

    /// <summary>Closes the operator's account and ends its sessions, with its line in the audit; the caller saves.</summary>
    public static async Task<bool> End(TownDb db, RepairRequest request, string by, AuditEntry entry, DateTimeOffset now)
    {
        if (!request.End(by, now)) return false;
        if (request.AccountId is { } id)
        {
            var account = await db.Set<Account>().SingleAsync(a => a.Id == id);
            db.Entry(account).Property(a => a.ClosedAt).CurrentValue = now;
            db.RemoveRange(await db.Set<Session>().Where(s => s.AccountId == id).ToListAsync());
        }
        db.Audit(entry);
        return true;
    }

    public static AuditEntry Entry(string action, RepairRequest request, DateTimeOffset now, string? requestId = null, string? from = null) => new()
    {
        At = now, Action = action, Subject = request.Subject, Reason = request.Reason, RequestId = requestId, FromAddress = from,
        Details = AuditEntry.DetailsOf(new { @operator = request.OperatorName, request.Permissions, request.EndsAt }),
    };
}

/// <summary>When its time is over, access ends by itself.</summary>
sealed record EndRepair(Guid Request) : IJob<EndRepair>
{
    public static string Name => "repair.end";
    public static string Title => "End an access for repair";

    public static async Task Run(EndRepair job, JobRun run)
    {
        var now = run.Time.GetUtcNow();
        if (await run.Db.Set<RepairRequest>().SingleOrDefaultAsync(r => r.Id == job.Request, run.Stop) is { } request)
            await RepairAccess.End(run.Db, request, "time", RepairAccess.Entry("operator.ended", request, now), now);
    }
}
