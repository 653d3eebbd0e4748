using System.Text.Json;
using Microsoft.EntityFrameworkCore;

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

    /// <summary><c>module.verb</c>, past or present does not matter: it is what was done.</summary>
    public required string Action { get; init; }

    /// <summary>What it was done to: <c>announcements/0192…</c></summary>
    public string? Subject { get; init; }

    /// <summary>Whose data it is.</summary>
    public Guid? AboutId { get; init; }
    public string? Reason { get; init; }
    public string? RequestId { get; init; }
    public string? FromAddress { get; init; }
    public string? Details { get; init; }

    /// <summary>Done by the operator at the command line, who has no account in the town.</summary>
    public static AuditEntry ByOperator(string action, string subject, string command, DateTimeOffset now) =>
        new() { At = now, Action = action, Subject = subject, Reason = command };

    public static string DetailsOf(object details) => JsonSerializer.Serialize(details, Jobs.JobKind.Json);

    internal static void Map(ModelBuilder model) => model.Entity<AuditEntry>(e =>
    {
        e.ToTable("entries");
        e.Property(a => a.Details).HasColumnType("jsonb");
        e.HasIndex(a => a.At).HasDatabaseName("entries_at");
        e.HasIndex(a => new { a.ActorId, a.At }).HasDatabaseName("entries_actor");
        e.HasIndex(a => new { a.AboutId, a.At }).HasDatabaseName("entries_about").HasFilter("about_id IS NOT NULL");
        e.HasIndex(a => new { a.Subject, a.At }).HasDatabaseName("entries_subject").HasFilter("subject IS NOT NULL");
    });
}
