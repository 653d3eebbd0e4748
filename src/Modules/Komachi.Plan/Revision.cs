using System.Collections.Concurrent;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using Komachi.Platform.Data;
using Komachi.Platform.Days;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Plan;

/// <summary>
/// A plan as it was or will be: a draft while nobody has published it, and never changed after that, so any two can be compared and no page waits for more than one small
/// statement (<see cref="Shown"/>). A new one is made instead.
/// </summary>
sealed class Revision
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, Encoder = JavaScriptEncoder.Create(UnicodeRanges.All),
    };

    // Of a published one the text never changes: read once, it is kept for all who come.
    static readonly ConcurrentDictionary<Guid, PlanDocument> Kept = new();

    public Guid Id { get; private init; } = Komachi.Platform.Data.Id.New();

    /// <summary>Which plan: a town has one after the other.</summary>
    public required string Plan { get; init; }
    public int Number { get; init; }
    public string Document { get; private set; } = "";
    public DateTimeOffset MadeAt { get; init; }
    public Guid? MadeBy { get; init; }
    public DateTimeOffset? PublishedAt { get; private set; }

    /// <summary>Why it was published, as residents read it.</summary>
    public string? Note { get; private set; }

    /// <summary>Of a draft: when it was changed last, and how often. Forms carry that, and so notice what came in between.</summary>
    public DateTimeOffset? ChangedAt { get; private set; }
    public int Version { get; private set; }

    /// <summary>Computed by the database from the document.</summary>
    public int? FirstYear { get; private init; }
    public int? LastYear { get; private init; }

    public static Revision Of(PlanDocument document, int number, DateTimeOffset now, Guid? by = null) => new()
    {
        Plan = document.Plan.Key, Number = number, Document = JsonSerializer.Serialize(document, Json), MadeAt = now, MadeBy = by,
    };

    /// <summary>What it says; of a draft a copy of one's own, to be changed.</summary>
    public PlanDocument Read() => PublishedAt is null ? Of(Document) : Kept.GetOrAdd(Id, _ => Of(Document));

    static PlanDocument Of(string document) => JsonSerializer.Deserialize<PlanDocument>(document, Json)!;

    /// <summary>A copy that may be changed.</summary>
    public static PlanDocument Copy(PlanDocument document) => Of(JsonSerializer.Serialize(document, Json));

    public void Write(PlanDocument document, DateTimeOffset now)
    {
        if (PublishedAt is not null || document.Plan.Key != Plan) throw new InvalidOperationException("Only a draft is changed, and it stays the draft of its plan.");
        (Document, ChangedAt, Version) = (JsonSerializer.Serialize(document, Json), now, Version + 1);
    }

    public void Publish(DateTimeOffset now, string? note = null)
    {
        if (PublishedAt is not null) return;
        (PublishedAt, Note, Version) = (now, note, Version + 1);
    }

    /// <summary>One of the town's plans, as it was published last.</summary>
    public sealed record Newest(Guid Id, string Plan, int? FirstYear, int? LastYear);

    public static async Task<IReadOnlyList<Newest>> OfTown(TownDb db, CancellationToken stop) =>
        await db.Set<Revision>().Where(r => r.PublishedAt != null && !db.Set<Revision>().Any(l => l.Plan == r.Plan && l.PublishedAt != null && l.Number > r.Number))
            .OrderByDescending(r => r.FirstYear).ThenBy(r => r.Plan).Select(r => new Newest(r.Id, r.Plan, r.FirstYear, r.LastYear)).ToListAsync(stop);

    /// <summary>Of several plans one after the other: the one whose period holds the day, else the one that ended last, else the one that begins first.</summary>
    public static Newest? Pick(IReadOnlyList<Newest> plans, DateOnly day)
    {
        var year = FiscalYear.Of(day).Year;
        return plans.Where(p => p.FirstYear <= year && year <= p.LastYear).MaxBy(p => p.FirstYear) ?? plans.Where(p => p.LastYear < year).MaxBy(p => p.LastYear) ?? plans.MinBy(p => p.FirstYear);
    }

    /// <summary>What everybody reads now: the plan that runs, as it was published last, or the one that was asked for by its key; null where the town has none here.</summary>
    public static async Task<PlanDocument?> Shown(TownDb db, CancellationToken stop, string? key = null)
    {
        var plans = await OfTown(db, stop);
        return (string.IsNullOrEmpty(key) ? Pick(plans, db.Today) : plans.FirstOrDefault(p => p.Plan == key)) is { } one ? await Read(one.Id, db, stop) : null;
    }

    /// <summary>The plan that a page is asked for: an earlier one by its key, <c>?plan=</c>.</summary>
    public static Task<PlanDocument?> Asked(TownDb db, HttpContext http) => Shown(db, http.RequestAborted, http.Request.Query[Key]);

    public const string Key = "plan";

    /// <summary>All plans of the town as they were published last: what came before, and what comes after.</summary>
    public static async Task<IReadOnlyList<PlanDocument>> AllOfTown(TownDb db, CancellationToken stop)
    {
        var all = new List<PlanDocument>();
        foreach (var plan in await OfTown(db, stop)) all.Add(await Read(plan.Id, db, stop));
        return all;
    }

    public static async Task<PlanDocument> Read(Guid published, TownDb db, CancellationToken stop)
    {
        if (Kept.TryGetValue(published, out var kept)) return kept;
        var text = await db.Set<Revision>().Where(r => r.Id == published).Select(r => r.Document).SingleAsync(stop);
        return Kept.GetOrAdd(published, _ => Of(text));
    }

    const string YearIn = "CASE WHEN document -> 'plan' ->> '{0}' ~ '^[RH][0-9]{{1,2}}$' THEN substr(document -> 'plan' ->> '{0}', 2)::int + CASE WHEN document -> 'plan' ->> '{0}' LIKE 'R%' THEN 2018 ELSE 1988 END END";

    internal static void Map(ModelBuilder model) => model.Entity<Revision>(e =>
    {
        e.ToTable("revisions");
        e.Property(r => r.Document).HasColumnType("json");
        e.Property(r => r.Version).IsConcurrencyToken();
        e.Property(r => r.FirstYear).HasComputedColumnSql(string.Format(null, YearIn, "from"), stored: true);
        e.Property(r => r.LastYear).HasComputedColumnSql(string.Format(null, YearIn, "until"), stored: true);
        e.HasIndex(r => new { r.Plan, r.Number }).IsUnique().HasDatabaseName("revisions_number");
        e.HasIndex(r => r.Plan).IsUnique().HasDatabaseName("revisions_draft").HasFilter("published_at IS NULL");
        e.HasIndex(r => r.PublishedAt).IsDescending().HasDatabaseName("revisions_published").HasFilter("published_at IS NOT NULL");
    });
}
