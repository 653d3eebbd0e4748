using System.Text.Json;
using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Systems;

/// <summary>What every system may ask about itself, and, with the scope for it, how it subscribes to events.</summary>
static class SystemsApi
{
    public sealed record Self(Guid Id, string Name, IReadOnlyList<string> Scopes, int RequestsAMinute, int RequestsADay);

    public sealed record Subscribed(Guid Id, string Url, IReadOnlyList<string> Events, bool On, DateTimeOffset? FailingSince);

    public sealed record Subscribe(string? Url, string[]? Events);

    /// <param name="Secret">With which messages are signed: shown this once.</param>
    public sealed record SubscribedNow(Guid Id, string Url, IReadOnlyList<string> Events, string Secret);

    public static void Own(IEndpointRouteBuilder to) => to.MapGet("self", async (Visit visit, TownDb db) =>
    {
        var system = await db.Set<OtherSystem>().AsNoTracking().SingleAsync(s => s.Id == visit.System!.Id);
        return new Self(system.Id, system.Name, system.Scopes, system.PerMinute, system.PerDay);
    }).WithSummary("Who this key is: its name, what it may do, how often it may ask");

    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("events", (Visit visit, House house) => house.All<Announced>().Where(a => house.Has(visit.Town, a.Module)).Select(a => new { type = a.Key, title = visit.WordsOf(house).Bare[a.Title] }).ToArray())
            .WithSummary("Events that can be subscribed to");
        to.MapGet("subscriptions", async (Visit visit, TownDb db) => await db.Set<Subscription>().AsNoTracking().Where(s => s.SystemId == visit.System!.Id).OrderBy(s => s.CreatedAt)
                .Select(s => new Subscribed(s.Id, s.Url, s.Events, s.IsOn, s.FailingSince)).ToListAsync())
            .WithSummary("Your subscriptions");
        to.MapPost("subscriptions", Post).Accepts<Subscribe>("application/json").Produces<SubscribedNow>(201).ProducesProblem(400).ProducesProblem(422).WithSummary("Subscribe to events: the answer holds the secret with which messages are signed, this once");
        to.MapDelete("subscriptions/{id:guid}", async (Guid id, OnceOnly once, Visit visit, TownDb db) =>
        {
            if (await db.Set<Subscription>().FirstOrDefaultAsync(s => s.Id == id && s.SystemId == visit.System!.Id) is not { } subscription) return Page.NotFound;
            db.Remove(subscription);
            db.Audit(visit.Did("systems.unsubscribe", OtherSystem.SubjectOf(subscription.SystemId), new { subscription = id }));
            return await once.Save(db, StatusCodes.Status204NoContent);
        }).WithSummary("End a subscription");
    }

    static async Task<IResult> Post(OnceOnly once, Visit visit, TownDb db, TownKeys keys, House house, WebhookLine line, TimeProvider time, HttpContext http)
    {
        Subscribe? asked;
        try
        {
            asked = http.Request.HasJsonContentType() ? await http.Request.ReadFromJsonAsync<Subscribe>(http.RequestAborted) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            asked = null;
        }
        if (asked is null) return Results.Problem(statusCode: 400, title: "Send JSON like {\"url\": \"https://…\", \"events\": [\"…\"]}.", extensions: Reason("body_unreadable"));
        if (asked.Url is null || line.Read(asked.Url) is not { } url) return Results.Problem(statusCode: 422, title: "url is an https address that can be reached from the internet.", extensions: Reason("url_wrong"));
        var known = house.All<Announced>().Where(a => house.Has(visit.Town, a.Module)).Select(a => a.Key).ToHashSet();
        if (asked.Events is not { Length: > 0 } events || !events.All(e => e is not null && known.Contains(e))) return Results.Problem(statusCode: 422, title: "events names at least one event of GET events.", extensions: Reason("events_wrong"));
        var system = await db.Set<OtherSystem>().SingleAsync(s => s.Id == visit.System!.Id);
        if (await db.Set<Subscription>().CountAsync(s => s.SystemId == system.Id) >= OtherSystem.MostSubscriptions) return Results.Problem(statusCode: 422, title: "There are twenty subscriptions already. End one first.", extensions: Reason("too_many_subscriptions"));
        var (subscription, secret) = await Subscription.To(url, [.. events.Distinct().Order(StringComparer.Ordinal)], system, db, keys, time.GetUtcNow(), http.RequestAborted);
        db.Add(subscription);
        db.Audit(visit.Did("systems.subscribe_to", system.Subject, new { subscription = subscription.Id, url.Host, subscription.Events }));
        return await once.Save(db, StatusCodes.Status201Created, visit.Link("api/v1/systems/subscriptions"), new SubscribedNow(subscription.Id, subscription.Url, subscription.Events, secret));
    }

    static Dictionary<string, object?> Reason(string reason) => new() { ["reason"] = reason };
}
