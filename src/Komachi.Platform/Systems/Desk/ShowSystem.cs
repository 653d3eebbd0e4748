using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.People;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Systems;

/// <summary>One system: what it may do, its keys, what it hears of, what people changed; keys are made and ended here.</summary>
public static class ShowSystem
{
    public sealed record Seen(Guid Id, SystemSettings Settings, DateTimeOffset? ClosedAt);
    public sealed record Key(Guid Id, string Mark, DateTimeOffset MadeAt, DateTimeOffset? UsedAt, DateTimeOffset? EndedAt);
    public sealed record Subscribed(Guid Id, string Url, IReadOnlyList<string> Events, bool On, DateTimeOffset? FailingSince, int Parked);
    public sealed record Deed(DateTimeOffset At, string? By, string Action, Guid? ActorId, string? Details)
    {
        /// <summary>Somebody at the desk, or the system itself through the API.</summary>
        public string? Who => By ?? AuditEntry.SystemOf(ActorId, Details);
    }


    internal static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("{id:guid}", async (Guid id, string? done, TownDb db) => await WriteSystem.Find(db, id) is { } system ? await Show(system, db, done) : Page.NotFound);
        to.MapPost("{id:guid}/keys", MakeKey);
        to.MapPost("keys/{id:guid}/end", EndKey);
        to.MapPost("{id:guid}/close", Close);
    }

    static async Task<IResult> MakeKey(Guid id, Form form, Visit visit, TownDb db, TimeProvider time)
    {
        if (await WriteSystem.Find(db, id) is not { IsOpen: true } system) return Page.NotFound;
        if (await db.Set<SystemKey>().CountAsync(k => k.SystemId == id && k.EndedAt == null) >= OtherSystem.MostKeys) return Page.Go(visit, $"desk/systems/{id}?done=two-keys");
        var now = time.GetUtcNow();
        var (key, shown) = SystemKey.New(system, visit.Town.Slug, now);
        db.Add(key);
        db.Audit(visit.Did("systems.make_key", system.Subject, new { key = key.Mark }, at: now));
        // Who presses twice has the key on the page that came first; it is nowhere else.
        await db.Save(form.Once, visit.Link($"desk/systems/{id}?done=shown-already"));
        return Page.Show<SecretPage>(new { System = system.Name, Back = $"desk/systems/{id}", Key = shown });
    }

    static async Task<IResult> EndKey(Guid id, Form form, Visit visit, TownDb db, TimeProvider time)
    {
        if (await db.Set<SystemKey>().FirstOrDefaultAsync(k => k.Id == id) is not { } key) return Page.NotFound;
        var path = $"desk/systems/{key.SystemId}?done=key-ended";
        if (key.EndedAt is null)
        {
            key.End(time.GetUtcNow());
            db.Audit(visit.Did("systems.end_key", OtherSystem.SubjectOf(key.SystemId), new { key = key.Mark }));
        }
        await db.Save(form.Once, visit.Link(path));
        return Page.Go(visit, path);
    }

    static async Task<IResult> Close(Guid id, Form form, Visit visit, TownDb db, TimeProvider time)
    {
        if (await WriteSystem.Find(db, id) is not { } system) return Page.NotFound;
        var now = time.GetUtcNow();
        if (system.IsOpen)
        {
            system.Close(now);
            foreach (var key in await db.Set<SystemKey>().Where(k => k.SystemId == id && k.EndedAt == null).ToListAsync()) key.End(now);
            foreach (var subscription in await db.Set<Subscription>().Where(s => s.SystemId == id && s.IsOn).ToListAsync()) subscription.Switch(on: false);
            db.Audit(visit.Did("systems.close", system.Subject, new { system.Name }, at: now));
        }
        await db.Save(form.Once, visit.Link("desk/systems?done=closed"));
        return Page.Go(visit, "desk/systems?done=closed");
    }

    static async Task<IResult> Show(OtherSystem system, TownDb db, string? done)
    {
        var id = system.Id;
        return Page.Show<SystemPage>(new
        {
            System = new Seen(id, system.Settings, system.ClosedAt),
            Keys = (IReadOnlyList<Key>)await db.Set<SystemKey>().AsNoTracking().Where(k => k.SystemId == id).OrderBy(k => k.EndedAt != null).ThenByDescending(k => k.MadeAt).Take(20)
                .Select(k => new Key(k.Id, k.Mark, k.MadeAt, k.UsedAt, k.EndedAt)).ToListAsync(),
            Subscriptions = (IReadOnlyList<Subscribed>)await db.Set<Subscription>().AsNoTracking().Where(s => s.SystemId == id).OrderBy(s => s.CreatedAt)
                .Select(s => new Subscribed(s.Id, s.Url, s.Events, s.IsOn, s.FailingSince, db.Set<Delivery>().Count(d => d.SubscriptionId == s.Id && d.State == DeliveryState.Parked))).ToListAsync(),
            History = (IReadOnlyList<Deed>)await db.Set<AuditEntry>().AsNoTracking().Where(e => e.Subject == system.Subject).OrderByDescending(e => e.At).ThenByDescending(e => e.Id).Take(50)
                .LeftJoin(db.Set<Account>(), e => e.ActorId, a => (Guid?)a.Id, (e, a) => new { e, a }).OrderByDescending(h => h.e.At).ThenByDescending(h => h.e.Id)
                .Select(h => new Deed(h.e.At, h.a == null ? null : h.a.Name, h.e.Action, h.e.ActorId, h.e.Details)).ToListAsync(),
            Done = done,
        });
    }
}
