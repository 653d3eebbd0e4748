using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Komachi.Platform.Mail;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.Systems;

/// <summary>Where a system hears of events, and of which. Each message is signed with a secret that only it and the town know.</summary>
sealed class Subscription
{
    public const string Purpose = "webhooks";

    /// <summary>So long the former secret signs beside the new one.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromHours(24);

    /// <summary>Failing without a break for so long, it is switched off.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromDays(5);

    Subscription() { }

    public Guid Id { get; private init; } = Data.Id.New();
    public Guid SystemId { get; private init; }
    public string Url { get; private set; } = "";
    public string[] Events { get; private set; } = [];
    public byte[] SealedSecret { get; private set; } = [];
    public byte[]? SealedFormer { get; private set; }
    public DateTimeOffset? FormerUntil { get; private set; }
    public bool IsOn { get; private set; }

    /// <summary>Written beside the entity, by deliveries that run at once.</summary>
    public DateTimeOffset? FailingSince { get; private set; }
    public DateTimeOffset? SwitchedOffAt { get; private set; }
    public int Version { get; private set; }
    public DateTimeOffset CreatedAt { get; private init; }

    public static async Task<(Subscription Subscription, string Secret)> To(Uri url, string[] events, OtherSystem system, TownDb db, TownKeys keys, DateTimeOffset now, CancellationToken stop)
    {
        var subscription = new Subscription { SystemId = system.Id, Url = url.AbsoluteUri, Events = events, IsOn = true, Version = 1, CreatedAt = now };
        var secret = WebhookSignature.NewSecret();
        subscription.SealedSecret = await keys.Seal(db.Town, Purpose, secret, $"systems/{subscription.Id}/secret", stop);
        return (subscription, secret);
    }

    public void Change(Uri url, string[] events) => (Url, Events, Version) = (url.AbsoluteUri, events, Version + 1);

    public void Switch(bool on) => (IsOn, SwitchedOffAt, FailingSince, Version) = (on, null, null, Version + 1);

    /// <summary>A new secret, shown once. For a day both sign, so that the other side changes over when it likes.</summary>
    public async Task<string> ChangeSecret(TownDb db, TownKeys keys, DateTimeOffset now, CancellationToken stop)
    {
        var former = await keys.Open(db.Town, Purpose, SealedSecret, $"systems/{Id}/secret", stop);
        SealedFormer = await keys.Seal(db.Town, Purpose, former, $"systems/{Id}/former", stop);
        var secret = WebhookSignature.NewSecret();
        SealedSecret = await keys.Seal(db.Town, Purpose, secret, $"systems/{Id}/secret", stop);
        (FormerUntil, Version) = (now + Overlap, Version + 1);
        return secret;
    }

    /// <summary>Those that sign now, the newest first.</summary>
    public async Task<IReadOnlyList<string>> Secrets(TownDb db, TownKeys keys, DateTimeOffset now, CancellationToken stop)
    {
        var secret = await keys.OpenText(db.Town, Purpose, SealedSecret, $"systems/{Id}/secret", stop);
        return SealedFormer is { } former && FormerUntil > now ? [secret, await keys.OpenText(db.Town, Purpose, former, $"systems/{Id}/former", stop)] : [secret];
    }

    /// <summary>It failed for days, or its address says that it is gone: no more is sent, and who looks after it is told. The caller saves.</summary>
    public async Task GiveUp(TownDb db, WordBook book, DateTimeOffset now, CancellationToken stop)
    {
        if (!IsOn) return;
        (IsOn, SwitchedOffAt, Version) = (false, now, Version + 1);
        var system = await db.Set<OtherSystem>().AsNoTracking().SingleAsync(s => s.Id == SystemId, stop);
        db.Audit(new AuditEntry { At = now, Action = "systems.switch_off", Subject = system.Subject, Details = AuditEntry.DetailsOf(new { subscription = Id, FailingSince }) });
        var words = new Words(Lang.Japanese, book);
        db.Enqueue(new SendMail(system.Email, words["Messages to {0} were switched off", system.Name],
            words["Since {0} no message of the town could be delivered to \"{1}\", so none is sent any more. When its address answers again, ask the town hall to switch them on. What was not delivered can be sent again there.",
                JapanTime.Show(FailingSince ?? now, Lang.Japanese), system.Name]));
    }

    public static void Map(ModelBuilder model) => model.Entity<Subscription>(e =>
    {
        e.ToTable("subscriptions");
        e.Property(s => s.Version).IsConcurrencyToken();
        e.HasIndex(s => new { s.SystemId, s.CreatedAt }).HasDatabaseName("subscriptions_system");
        e.HasOne<OtherSystem>().WithMany().HasForeignKey(s => s.SystemId).HasConstraintName("subscriptions_system_id_fkey").OnDelete(DeleteBehavior.Cascade);
    });
}
