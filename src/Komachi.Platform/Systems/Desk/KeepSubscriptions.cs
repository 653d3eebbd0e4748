using System.Globalization;
using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Systems;

/// <summary>What a system hears of and where; what was sent there, and how that went.</summary>
public static class KeepSubscriptions
{
    const int MostShown = 100;

    public sealed record Seen(Guid Id, Guid SystemId, string System, bool SystemOpen, string Url, bool On, DateTimeOffset? FailingSince, DateTimeOffset? SwitchedOffAt, DateTimeOffset? FormerUntil, int Version);
    public sealed record Sent(Guid Id, string Event, DeliveryState State, int Attempts, int? Status, string? Why, DateTimeOffset CreatedAt, DateTimeOffset? TriedAt);

    internal static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("{id:guid}/subscribe", async (Guid id, TownDb db) => await WriteSystem.Find(db, id) is { IsOpen: true } system ? ShowNew(Form.Empty, system) : Page.NotFound);
        to.MapPost("{id:guid}/subscribe", Subscribe);
        to.MapGet("subscriptions/{id:guid}", async (Guid id, string? done, TownDb db, TimeProvider time) => await Find(db, id) is { } subscription ? await Show(Filled(subscription), subscription, db, time, done) : Page.NotFound);
        to.MapPost("subscriptions/{id:guid}", Change);
        to.MapPost("subscriptions/{id:guid}/switch", (Guid id, Form form, Visit visit, TownDb db) => Do(id, form, visit, db, subscription =>
        {
            var on = form.Typed("to") == "on";
            subscription.Switch(on);
            db.Audit(visit.Did("systems.switch", OtherSystem.SubjectOf(subscription.SystemId), new { subscription = id, on }));
            return on ? "on" : "off";
        }));
        to.MapPost("subscriptions/{id:guid}/secret", NewSecret);
        to.MapPost("subscriptions/{id:guid}/test", (Guid id, Form form, Visit visit, TownDb db, TimeProvider time) => Do(id, form, visit, db, subscription =>
        {
            var delivery = Delivery.Of(id, Delivery.Test, new { subscription = id }, time.GetUtcNow());
            delivery.Start(db);
            db.Audit(visit.Did("systems.send_test", OtherSystem.SubjectOf(subscription.SystemId), new { subscription = id }));
            return "test";
        }));
        to.MapPost("subscriptions/{id:guid}/end", async (Guid id, Form form, Visit visit, TownDb db) =>
        {
            if (await Find(db, id) is not { } subscription) return Page.NotFound;
            db.Remove(subscription);
            db.Audit(visit.Did("systems.unsubscribe", OtherSystem.SubjectOf(subscription.SystemId), new { subscription = id }));
            var path = $"desk/systems/{subscription.SystemId}?done=unsubscribed";
            await db.Save(form.Once, visit.Link(path));
            return Page.Go(visit, path);
        });
        to.MapPost("deliveries/{id:guid}/again", async (Guid id, Form form, Visit visit, TownDb db) =>
        {
            if (await db.Set<Delivery>().FirstOrDefaultAsync(d => d.Id == id) is not { } delivery || await Find(db, delivery.SubscriptionId) is not { } subscription) return Page.NotFound;
            if (delivery.State != DeliveryState.Waiting)
            {
                delivery.Again(db);
                db.Audit(visit.Did("systems.send_again", OtherSystem.SubjectOf(subscription.SystemId), new { delivery = id, delivery.Event }));
            }
            var path = $"desk/systems/subscriptions/{subscription.Id}?done=again";
            await db.Save(form.Once, visit.Link(path));
            return Page.Go(visit, path);
        });
    }

    static Task<Subscription?> Find(TownDb db, Guid id) => db.Set<Subscription>().FirstOrDefaultAsync(s => s.Id == id);

    static async Task<IResult> Do(Guid id, Form form, Visit visit, TownDb db, Func<Subscription, string> act)
    {
        if (await Find(db, id) is not { } subscription) return Page.NotFound;
        var path = $"desk/systems/subscriptions/{id}?done={act(subscription)}";
        await db.Save(form.Once, visit.Link(path));
        return Page.Go(visit, path);
    }

    static async Task<IResult> Subscribe(Guid id, Form form, Visit visit, TownDb db, TownKeys keys, House house, WebhookLine line, TimeProvider time, HttpContext http)
    {
        if (await WriteSystem.Find(db, id) is not { IsOpen: true } system) return Page.NotFound;
        var (url, events) = Read(form, visit, house, line);
        if (await db.Set<Subscription>().CountAsync(s => s.SystemId == id) >= OtherSystem.MostSubscriptions) form.Wrongly("url", "This system has {0} subscriptions already. End one first.", OtherSystem.MostSubscriptions);
        if (url is null || form.Wrong) return ShowNew(form, system);
        var (subscription, secret) = await Subscription.To(url, events, system, db, keys, time.GetUtcNow(), http.RequestAborted);
        db.Add(subscription);
        db.Audit(visit.Did("systems.subscribe_to", system.Subject, new { subscription = subscription.Id, url.Host, subscription.Events }));
        await db.Save(form.Once, visit.Link($"desk/systems/{id}?done=shown-already"));
        return Page.Show<SecretPage>(new { System = system.Name, Back = $"desk/systems/subscriptions/{subscription.Id}", Secret = secret });
    }

    static async Task<IResult> Change(Guid id, Form form, Visit visit, TownDb db, House house, WebhookLine line, TimeProvider time)
    {
        if (await Find(db, id) is not { } subscription) return Page.NotFound;
        var (url, events) = Read(form, visit, house, line);
        if (url is null || form.Wrong) return await Show(form, subscription, db, time);
        if (form.Typed("version") != subscription.Version.ToString(CultureInfo.InvariantCulture)) return await Show(form, subscription, db, time, overtaken: true);
        subscription.Change(url, events);
        db.Audit(visit.Did("systems.change_subscription", OtherSystem.SubjectOf(subscription.SystemId), new { subscription = id, url.Host, subscription.Events }));
        var path = $"desk/systems/subscriptions/{id}?done=changed";
        try
        {
            await db.Save(form.Once, visit.Link(path));
        }
        catch (Exception e) when (e.IsOvertaken())
        {
            db.ChangeTracker.Clear();
            return await Find(db, id) is { } now ? await Show(form, now, db, time, overtaken: true) : Page.NotFound;
        }
        return Page.Go(visit, path);
    }

    static async Task<IResult> NewSecret(Guid id, Form form, Visit visit, TownDb db, TownKeys keys, TimeProvider time, HttpContext http)
    {
        if (await Find(db, id) is not { } subscription) return Page.NotFound;
        var secret = await subscription.ChangeSecret(db, keys, time.GetUtcNow(), http.RequestAborted);
        db.Audit(visit.Did("systems.new_secret", OtherSystem.SubjectOf(subscription.SystemId), new { subscription = id }));
        await db.Save(form.Once, visit.Link($"desk/systems/subscriptions/{id}?done=shown-already"));
        var system = await db.Set<OtherSystem>().AsNoTracking().SingleAsync(s => s.Id == subscription.SystemId);
        return Page.Show<SecretPage>(new { System = system.Name, Back = $"desk/systems/subscriptions/{id}", Secret = secret });
    }

    static (Uri? Url, string[] Events) Read(Form form, Visit visit, House house, WebhookLine line)
    {
        var known = house.All<Announced>().Where(a => house.Has(visit.Town, a.Module)).Select(a => a.Key).ToHashSet();
        var events = form.Many("event").Where(known.Contains).Distinct().Order(StringComparer.Ordinal).ToArray();
        var typed = form.Text("url", 500, required: true);
        var url = typed.Length == 0 ? null : line.Read(typed);
        if (typed.Length > 0 && url is null) form.Wrongly("url", "Please write an address that begins with https:// and can be reached from here.");
        if (known.Count > 0 && events.Length == 0) form.Wrongly("event", "Please choose at least one.");
        return (url, events);
    }

    static Form Filled(Subscription s) => Form.With([("version", s.Version.ToString(CultureInfo.InvariantCulture)), ("url", s.Url), .. s.Events.Select(one => ("event", (string?)one))]);

    static IResult ShowNew(Form form, OtherSystem system) => Page.Show<SubscribePage>(new { Form = form, system.Id, system.Name }, form.Wrong ? 422 : 200);

    static async Task<IResult> Show(Form form, Subscription s, TownDb db, TimeProvider time, string? done = null, bool overtaken = false)
    {
        var system = await db.Set<OtherSystem>().AsNoTracking().SingleAsync(one => one.Id == s.SystemId);
        return Page.Show<SubscriptionPage>(new
        {
            Form = form,
            Subscription = new Seen(s.Id, s.SystemId, system.Name, system.IsOpen, s.Url, s.IsOn, s.FailingSince, s.SwitchedOffAt, s.FormerUntil > time.GetUtcNow() ? s.FormerUntil : null, s.Version),
            Deliveries = (IReadOnlyList<Sent>)await db.Set<Delivery>().AsNoTracking().Where(d => d.SubscriptionId == s.Id).OrderByDescending(d => d.CreatedAt).ThenByDescending(d => d.Id).Take(MostShown)
                .Select(d => new Sent(d.Id, d.Event, d.State, d.Attempts, d.Status, d.Why, d.CreatedAt, d.TriedAt)).ToListAsync(),
            Done = done, Overtaken = overtaken,
        }, overtaken ? 409 : form.Wrong ? 422 : 200);
    }
}
