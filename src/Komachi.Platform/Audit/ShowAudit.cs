using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Audit;

/// <summary>How the audit stands: how much is sealed, what waits, how the last verification went; and a button for one now.</summary>
public static class ShowAudit
{
    /// <param name="Waiting">Entries that no block holds yet; counted to a thousand.</param>
    public sealed record Standing(long Blocks, long Sealed, DateTimeOffset? SealedAt, int Waiting, DateTimeOffset? WaitingSince, Verified? Last, Verified? Now, bool Anchored);

    /// <summary>A verification: how it ended, or how far it is.</summary>
    public sealed record Verified(DateTimeOffset At, long Blocks, long OfBlocks, long Entries, IReadOnlyList<Finding> Findings, bool Ended)
    {
        public bool Whole => Findings.Count == 0;
    }

    public const int MostCounted = 1000;

    internal static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("", async (TownDb db, WebOptions options, TimeProvider time, HttpContext http) =>
            Page.Show<AuditPage>(new { Standing = await Ask(db, options, time.GetUtcNow(), http.RequestAborted) }));
        to.MapPost("verify", async (Form form, Visit visit, TownDb db, TimeProvider time) =>
        {
            var run = Id.New();
            db.Add(new CheckStep { Run = run, At = time.GetUtcNow(), Stage = CheckStep.Asked });
            db.Enqueue(new VerifyAudit(run));
            db.Audit(visit.Did("audit.verify"));
            await db.Save(form.Once, visit.Link("desk/audit"));
            return Page.Go(visit, "desk/audit");
        });
    }

    static async Task<Standing> Ask(TownDb db, WebOptions options, DateTimeOffset now, CancellationToken stop)
    {
        var last = await db.Set<AuditBlock>().AsNoTracking().OrderByDescending(b => b.Number)
            .Select(b => new { b.Number, b.Total, b.SealedAt, b.Era, b.ToXid, b.ToId }).FirstOrDefaultAsync(stop);
        var (era, xid, id) = (last?.Era ?? 0, last?.ToXid ?? 0, last?.ToId ?? Guid.Empty);
        // As one row of three: that is what the index is ordered by.
        var behind = await db.Set<AuditEntry>().AsNoTracking()
            .Where(e => EF.Functions.GreaterThan(ValueTuple.Create(EF.Property<int>(e, "Era"), EF.Property<ulong>(e, "Xid"), e.Id), ValueTuple.Create(era, xid, id)))
            .OrderBy(e => EF.Property<int>(e, "Era")).ThenBy(e => EF.Property<ulong>(e, "Xid")).ThenBy(e => e.Id).Take(MostCounted + 1).Select(e => e.At).ToListAsync(stop);
        var steps = db.Set<CheckStep>().AsNoTracking().OrderByDescending(c => c.Id);
        var ended = await steps.Where(c => c.Stage == CheckStep.Ended).FirstOrDefaultAsync(stop);
        var newest = await steps.FirstOrDefaultAsync(stop);
        // Who asked an hour ago and never got an answer may ask again.
        if (newest is { Stage: CheckStep.Ended } || newest?.At < now.AddHours(-1)) newest = null;
        return new(last?.Number ?? 0, last?.Total ?? 0, last?.SealedAt, behind.Count, behind.Count == 0 ? null : behind.Min(), Of(ended), Of(newest), options.AnchorFolder is not null || options.AnchorMail is not null);

        static Verified? Of(CheckStep? step) => step is null ? null : new(step.At, step.Blocks, step.OfBlocks, step.Entries, step.Found, step.Stage == CheckStep.Ended);
    }
}
