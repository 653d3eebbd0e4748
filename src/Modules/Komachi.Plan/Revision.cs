using System.Collections.Concurrent;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using Komachi.Platform.Data;
using Komachi.Platform.Towns;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Plan;

/// <summary>
/// A plan as it was or will be: never changed once it is published, so any two can be compared and no page waits for more than one small
/// statement (<see cref="Shown"/>). A new one is made instead.
/// </summary>
sealed class Revision
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, Encoder = JavaScriptEncoder.Create(UnicodeRanges.All),
    };

    // Of a published one the text never changes: read once, it is kept for all who come.
    static readonly ConcurrentDictionary<Guid, PlanDocument> Read = new();

    public Guid Id { get; private init; } = Komachi.Platform.Data.Id.New();

    /// <summary>Which plan: a town has one after the other.</summary>
    public required string Plan { get; init; }
    public int Number { get; init; }
    public string Document { get; private set; } = "";
    public DateTimeOffset MadeAt { get; init; }
    public DateTimeOffset? PublishedAt { get; private set; }

    public static Revision Of(PlanDocument document, int number, DateTimeOffset now) => new()
    {
        Plan = document.Plan.Key, Number = number, Document = JsonSerializer.Serialize(document, Json), MadeAt = now,
    };

    public void Publish(DateTimeOffset now) => PublishedAt ??= now;

    /// <summary>What everybody reads now: the last that was published; null where the town has no plan here.</summary>
    public static async Task<PlanDocument?> Shown(TownDb db, CancellationToken stop)
    {
        var published = db.Set<Revision>().AsNoTracking().Where(r => r.PublishedAt != null).OrderByDescending(r => r.PublishedAt).ThenByDescending(r => r.Number);
        if (await published.Select(r => (Guid?)r.Id).FirstOrDefaultAsync(stop) is not { } id) return null;
        if (Read.TryGetValue(id, out var kept)) return kept;
        var text = await db.Set<Revision>().Where(r => r.Id == id).Select(r => r.Document).SingleAsync(stop);
        return Read[id] = JsonSerializer.Deserialize<PlanDocument>(text, Json)!;
    }

    internal static void Map(ModelBuilder model) => model.Entity<Revision>(e =>
    {
        e.ToTable("revisions");
        e.Property(r => r.Document).HasColumnType("json");
        e.HasIndex(r => new { r.Plan, r.Number }).IsUnique().HasDatabaseName("revisions_number");
        e.HasIndex(r => r.PublishedAt).IsDescending().HasDatabaseName("revisions_published").HasFilter("published_at IS NOT NULL");
    });
}
