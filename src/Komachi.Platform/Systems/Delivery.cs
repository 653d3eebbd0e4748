using System.Text.Json;
using Komachi.Platform.Data;
using Komachi.Platform.Jobs;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Systems;

public enum DeliveryState
{
    Waiting,
    Delivered,
    /// <summary>Given up: a person may send it again.</summary>
    Parked,
    /// <summary>A training town sends nothing.</summary>
    Kept,
}

/// <summary>One message to one subscription. Its id is the same at every attempt: by it the other side knows what it has already.</summary>
sealed class Delivery
{
    /// <summary>What "send a test" sends, to whoever is subscribed to anything.</summary>
    public const string Test = "test";

    Delivery() { }

    public Guid Id { get; private init; } = Data.Id.New();
    public Guid SubscriptionId { get; private init; }
    public string Event { get; private init; } = "";
    public string Body { get; private init; } = "";
    public DeliveryState State { get; private set; }
    public int Attempts { get; private set; }
    public int? Status { get; private set; }

    /// <summary>Why it did not arrive, where there was no answer; a key of the words.</summary>
    public string? Why { get; private set; }
    public DateTimeOffset CreatedAt { get; private init; }
    public DateTimeOffset? TriedAt { get; private set; }

    public string MessageId => $"msg_{Id:N}";

    public static Delivery Of(Guid subscription, string @event, object said, DateTimeOffset now) => new()
    {
        SubscriptionId = subscription, Event = @event, CreatedAt = now,
        Body = JsonSerializer.Serialize(new { type = @event, timestamp = now.UtcDateTime, data = said }, JobKind.Json),
    };

    /// <summary>One for everybody who wants to hear of it, with the job that sends it.</summary>
    public static async Task ToAll(JobRun run, string @event, object said)
    {
        foreach (var subscription in await run.Db.Set<Subscription>().Where(s => s.IsOn && s.Events.Contains(@event)).Select(s => s.Id).ToListAsync(run.Stop))
            Of(subscription, @event, said, run.Time.GetUtcNow()).Start(run.Db);
    }

    public void Start(TownDb db)
    {
        db.Add(this);
        db.Enqueue(new DeliverWebhook(Id));
    }

    public void Again(TownDb db)
    {
        State = DeliveryState.Waiting;
        db.Enqueue(new DeliverWebhook(Id));
    }

    public void Tried(int? status, string? why, DateTimeOffset now)
    {
        (Status, Why, TriedAt, Attempts) = (status, why, now, Attempts + 1);
        if (status is >= 200 and < 300) State = DeliveryState.Delivered;
    }

    public void Park() => State = DeliveryState.Parked;

    public void Keep() => State = DeliveryState.Kept;

    public static void Map(ModelBuilder model) => model.Entity<Delivery>(e =>
    {
        e.ToTable("deliveries");
        e.Ignore(d => d.MessageId);
        e.HasIndex(d => new { d.SubscriptionId, d.CreatedAt, d.Id }).IsDescending(false, true, true).HasDatabaseName("deliveries_newest");
        e.HasIndex(d => d.CreatedAt, "deliveries_parked").HasDatabaseName("deliveries_parked").HasFilter("state = 'Parked'");
        e.HasIndex(d => d.CreatedAt, "deliveries_created").HasDatabaseName("deliveries_created");
        e.HasOne<Subscription>().WithMany().HasForeignKey(d => d.SubscriptionId).HasConstraintName("deliveries_subscription_id_fkey").OnDelete(DeleteBehavior.Cascade);
    });
}
