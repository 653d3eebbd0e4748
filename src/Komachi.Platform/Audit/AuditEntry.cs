using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Komachi.Platform.Audit;

/// <summary>
/// Who did what, when, about whom, why and from where. The program's database role can add and read entries, and nothing else.
/// </summary>
public sealed class AuditEntry
{
    public Guid Id { get; init; } = Data.Id.New();
    public DateTimeOffset At { get; init; }

    /// <summary>The account that acted; none when the program did it by itself.</summary>
    public Guid? ActorId { get; init; }

    /// <summary>
    /// <c>module.verb</c>, past or present does not matter: it is what was done. Who saw personal data did <c>module.read</c>:
    /// what ends in <c>.read</c> is counted in "who read this person's data" and in "unusual reading", so it names the person
    /// (<see cref="AboutId"/>). A page that shows such data says so before it answers:
    /// <c>db.Audit(visit.Did("people.read", about: id)); await db.Save();</c>
    /// </summary>
    public required string Action { get; init; }

    /// <summary>What it was done to: <c>announcements/0192…</c></summary>
    public string? Subject { get; init; }

    /// <summary>Whose data it is.</summary>
    public Guid? AboutId { get; init; }

    /// <summary>What was typed. In an entry about a person it is saved sealed: pages read it through <see cref="Reasons"/>.</summary>
    public string? Reason { get; init; }
    public string? RequestId { get; init; }
    public string? FromAddress { get; init; }
    public string? Details { get; init; }

    /// <summary>Where the details name the other system that did it, with its id and its name.</summary>
    internal const string BySystem = "system";

    /// <summary>The name of the other system that did it; null where a person or the program did.</summary>
    internal static string? SystemOf(Guid? actorId, string? details) =>
        actorId is null && details?.Contains($"\"{BySystem}\"", StringComparison.Ordinal) == true && JsonNode.Parse(details) is JsonObject all && all[BySystem] is JsonObject system && system["name"] is JsonValue name && name.TryGetValue<string>(out var said) ? said : null;

    /// <summary>Done by the operator at the command line, who has no account in the town.</summary>
    public static AuditEntry ByOperator(string action, string subject, string command, DateTimeOffset now) =>
        new() { At = now, Action = action, Subject = subject, Reason = command };

    public static string DetailsOf(object details) => JsonSerializer.Serialize(details, Jobs.JobKind.Json);

    internal static void Map(ModelBuilder model) => model.Entity<AuditEntry>(e =>
    {
        e.ToTable("entries");
        e.Property(a => a.Details).HasColumnType("jsonb");
        // Written by the database alone, from its defaults: what sealing goes by is not ours to choose (Sealer).
        e.Property<int>("Era").Metadata.SetBeforeSaveBehavior(PropertySaveBehavior.Ignore);
        e.Property<ulong>("Xid").HasColumnType("xid8").Metadata.SetBeforeSaveBehavior(PropertySaveBehavior.Ignore);
        e.HasIndex(a => a.At).HasDatabaseName("entries_at");
        e.HasIndex(a => new { a.ActorId, a.At }).HasDatabaseName("entries_actor");
        e.HasIndex(a => new { a.AboutId, a.At }).HasDatabaseName("entries_about").HasFilter("about_id IS NOT NULL");
        e.HasIndex(a => new { a.Subject, a.At }).HasDatabaseName("entries_subject").HasFilter("subject IS NOT NULL");
        e.HasIndex(a => new { a.Action, a.At }).HasDatabaseName("entries_action");
        e.HasIndex(a => new { a.At, a.ActorId, a.AboutId }).HasDatabaseName("entries_read").HasFilter("action LIKE '%.read' AND about_id IS NOT NULL");
        e.HasIndex("Era", "Xid", "Id").HasDatabaseName("entries_sealing");
    });
}
