using Komachi.Platform.Data;
using Komachi.Platform.Jobs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Komachi.Platform.Systems;

/// <summary>
/// Sends one message. It is tried for three days and then parked at the desk's page of its subscription, where it can be sent again. Messages
/// pass each other on the way: nobody waits for one that does not arrive.
/// </summary>
sealed record DeliverWebhook(Guid Delivery) : IJob<DeliverWebhook>
{
    public static string Name => "systems.deliver";
    public static string Title => "Send a message to another system";

    // 5 s, 15 s, … and from the eighth on once an hour: three days.
    public static JobRules Rules { get; } = new(Attempts: 80, AtOnce: 4);

    public static async Task Run(DeliverWebhook job, JobRun run)
    {
        if (await run.Db.Set<Delivery>().FirstOrDefaultAsync(d => d.Id == job.Delivery, run.Stop) is not { State: DeliveryState.Waiting } delivery) return;
        var subscription = await run.Db.Set<Subscription>().SingleAsync(s => s.Id == delivery.SubscriptionId, run.Stop);
        if (run.Town.IsTraining)
        {
            delivery.Keep();
            return;
        }
        if (!subscription.IsOn)
        {
            delivery.Park();
            return;
        }
        var keys = run.Services.GetRequiredService<TownKeys>();
        var secrets = await subscription.Secrets(run.Db, keys, run.Time.GetUtcNow(), run.Stop);
        var (status, why) = await run.Services.GetRequiredService<WebhookLine>().Send(subscription.Url, delivery.MessageId, delivery.Body, secrets, run.Stop);
        var now = run.Time.GetUtcNow();
        delivery.Tried(status, why, now);
        var failing = run.Db.Set<Subscription>().Where(s => s.Id == subscription.Id);
        if (delivery.State == DeliveryState.Delivered)
        {
            await failing.Where(s => s.FailingSince != null).ExecuteUpdateAsync(set => set.SetProperty(s => s.FailingSince, (DateTimeOffset?)null), run.Stop);
            return;
        }
        await failing.Where(s => s.FailingSince == null).ExecuteUpdateAsync(set => set.SetProperty(s => s.FailingSince, now), run.Stop);
        if (status == 410 || subscription.FailingSince < now - Subscription.Patience) await subscription.GiveUp(run.Db, run.Services.GetRequiredService<House>().Words, now, run.Stop);
        if (!subscription.IsOn || run.Attempt >= Rules.Attempts)
        {
            delivery.Park();
            return;
        }
        await run.Db.Save(stop: run.Stop);
        throw new JobFailed(status is { } said ? $"The other system answered {said}." : why!);
    }
}

/// <summary>Each night: answers that nobody asks for any more, old deliveries, and subscriptions that failed for days without anything new to send.</summary>
sealed record TidySystems : IJob<TidySystems>
{
    public static string Name => "systems.tidy";
    public static string Title => "Clear away old messages to other systems";

    public static async Task Run(TidySystems job, JobRun run)
    {
        var now = run.Time.GetUtcNow();
        await run.Db.Set<OnceAnswer>().Where(a => a.BegunAt < now.AddDays(-7)).ExecuteDeleteAsync(run.Stop);
        await run.Db.Set<Delivery>().Where(d => d.CreatedAt < now.AddDays(-30)).ExecuteDeleteAsync(run.Stop);
        var tooLong = now - Subscription.Patience;
        foreach (var subscription in await run.Db.Set<Subscription>().Where(s => s.IsOn && s.FailingSince < tooLong).ToListAsync(run.Stop))
            await subscription.GiveUp(run.Db, run.Services.GetRequiredService<House>().Words, now, run.Stop);
    }
}
