using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.People;

/// <summary>Why somebody may act for somebody else: 親権者, 未成年後見人, 介護者, 成年後見人, 委任, 法人の担当者.</summary>
public enum MandateGround { Parent, Guardian, Carer, Curator, Agreement, Clerk }

public enum MandateState { Asked, Agreed, Confirmed, Refused, Ended }

/// <summary>
/// Who may act for whom. Either side names the other by address, and it begins when that one agrees; where one has no account,
/// staff confirm it with what they saw. Each can end it at once, and neither is told why or when.
/// </summary>
sealed class Mandate
{
    Mandate() { }

    public Guid Id { get; private init; } = Data.Id.New();

    /// <summary>Who acts. Open until the one who was asked says yes.</summary>
    public Guid? AgentId { get; private set; }

    /// <summary>For whom.</summary>
    public Guid? PrincipalId { get; private set; }
    public MandateGround Ground { get; private init; }

    /// <summary>Modules' slugs; none: everything.</summary>
    public string[] Scope { get; private init; } = [];
    public DateOnly FromOn { get; private init; }

    /// <summary>The last day.</summary>
    public DateOnly? UntilOn { get; private set; }
    public MandateState State { get; private set; }

    /// <summary>Who was asked, by address: the row is the same whether or not anybody has it.</summary>
    public string? AskedEmailKey { get; private init; }

    /// <summary>What staff saw: a family register, a court's paper, a letter of authority.</summary>
    public string? Evidence { get; private init; }
    public Guid? ById { get; private init; }
    public DateTimeOffset AskedAt { get; private init; }
    public DateTimeOffset? BeganAt { get; private set; }
    public DateTimeOffset? SafeAt { get; private set; }
    public DateTimeOffset? EndedAt { get; private set; }
    public Guid? EndedById { get; private set; }
    public string? EndReason { get; private set; }
    public DateTimeOffset? ToldAt { get; set; }
    public int Version { get; private set; } = 1;

    public static Mandate Ask(Guid asker, bool askerIsAgent, string emailKey, MandateGround ground, string[] scope, DateOnly from, DateOnly? until, Guid by, DateTimeOffset now) => new()
    {
        AgentId = askerIsAgent ? asker : null, PrincipalId = askerIsAgent ? null : asker, AskedEmailKey = emailKey, Ground = ground, Scope = scope,
        FromOn = from, UntilOn = until, State = MandateState.Asked, ById = by, AskedAt = now,
    };

    public static Mandate Confirm(Person agent, Person principal, MandateGround ground, string[] scope, DateOnly from, DateOnly? until, string evidence, bool safe, Guid by, DateTimeOffset now)
    {
        var mandate = new Mandate
        {
            AgentId = agent.Id, PrincipalId = principal.Id, Ground = ground, Scope = scope, FromOn = from, UntilOn = until, State = MandateState.Confirmed,
            Evidence = evidence, ById = by, AskedAt = now, BeganAt = now, SafeAt = safe ? now : null,
        };
        mandate.EndAtFullAge(principal.BornOn);
        return mandate;
    }

    /// <summary>Parents act for their children until these are of age.</summary>
    public void EndAtFullAge(DateOnly? bornOn)
    {
        if (Ground is MandateGround.Parent or MandateGround.Guardian && bornOn is { } born && LegalAge.LastDayBefore(born, LegalAge.Adult) is var last && (UntilOn is null || UntilOn > last))
            UntilOn = last;
    }

    public void Agree(Guid other, DateTimeOffset now)
    {
        if (State != MandateState.Asked) throw new InvalidOperationException("Only what was asked can be agreed to.");
        (AgentId, PrincipalId) = (AgentId ?? other, PrincipalId ?? other);
        (State, BeganAt, Version) = (MandateState.Agreed, now, Version + 1);
    }

    public void Refuse(DateTimeOffset now) => (State, EndedAt, Version) = (MandateState.Refused, now, Version + 1);

    public void End(Guid? by, string? reason, DateTimeOffset now) => (State, EndedAt, EndedById, EndReason, Version) = (MandateState.Ended, now, by, reason, Version + 1);

    /// <summary>By somebody who looks after protected people: it holds again although one of the two is protected.</summary>
    public void ConfirmAnew(DateTimeOffset now) => (State, SafeAt, EndedAt, EndedById, EndReason, ToldAt, Version) = (MandateState.Confirmed, now, null, null, null, null, Version + 1);

    /// <summary>As the door sees it: state, days, and nobody protected without a confirmation.</summary>
    public static IQueryable<Mandate> InForce(TownDb db) => db.Set<Mandate>().FromSql($"SELECT * FROM people.mandates_in_force");

    public static string Title(MandateGround ground) => ground switch
    {
        MandateGround.Parent => "As a parent",
        MandateGround.Guardian => "As a minor's guardian",
        MandateGround.Carer => "As a carer",
        MandateGround.Curator => "As an adult's guardian",
        MandateGround.Agreement => "By agreement",
        _ => "For a company or an association",
    };

    public static void Map(ModelBuilder model) => model.Entity<Mandate>(e =>
    {
        e.ToTable("mandates");
        e.Property(m => m.Version).IsConcurrencyToken();
        e.HasIndex(m => m.AgentId).HasDatabaseName("mandates_agent");
        e.HasIndex(m => m.PrincipalId).HasDatabaseName("mandates_principal");
        e.HasIndex(m => m.AskedEmailKey).HasDatabaseName("mandates_asked").HasFilter("state = 'Asked'");
        e.HasIndex(m => m.UntilOn).HasDatabaseName("mandates_until").HasFilter("state IN ('Agreed', 'Confirmed')");
        e.HasIndex(m => m.EndedAt).HasDatabaseName("mandates_to_tell").HasFilter("state = 'Ended' AND told_at IS NULL");
        e.HasOne<Person>().WithMany().HasForeignKey(m => m.AgentId).HasConstraintName("mandates_agent_id_fkey").OnDelete(DeleteBehavior.Cascade);
        e.HasOne<Person>().WithMany().HasForeignKey(m => m.PrincipalId).HasConstraintName("mandates_principal_id_fkey").OnDelete(DeleteBehavior.Cascade);
    });
}
