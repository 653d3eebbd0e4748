using Komachi.Platform.Data;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>A page of a form: how large it is, in mm.</summary>
public sealed record FormSheet(decimal Width, decimal Height);

/// <summary>
/// The town's own form for a procedure (様式第n号): a PDF as background, and what stands where on it. It is drawn up as a draft and published;
/// then it never changes, so that a filing is printed on the form of its day for as long as it is kept.
/// </summary>
public sealed class OwnForm
{
    OwnForm() { }

    public Guid Id { get; private init; } = Komachi.Platform.Data.Id.New();
    public string Procedure { get; private init; } = "";

    /// <summary>Empty for the first filing.</summary>
    public string Stage { get; private init; } = "";
    public int Number { get; private init; }
    public string Name { get; private set; } = "";
    public Guid BackgroundId { get; private set; }
    public IReadOnlyList<FormSheet> Pages { get; private set; } = [];
    public IReadOnlyList<PlacedField> Fields { get; private set; } = [];
    public DateTimeOffset ChangedAt { get; private set; }
    public DateTimeOffset? PublishedAt { get; private set; }
    public Guid? PublishedById { get; private set; }

    /// <summary>No longer used for new filings; those that came while it was go on with it.</summary>
    public DateTimeOffset? EndedAt { get; private set; }
    public int Version { get; private set; } = 1;

    public bool IsDraft => PublishedAt is null;

    /// <summary>How the audit names it.</summary>
    public string Subject => $"procedures/own-forms/{Id}";

    internal static OwnForm Draft(string procedure, string stage, int number, string name, Background background, IReadOnlyList<FormSheet> pages, IReadOnlyList<PlacedField> fields, DateTimeOffset now) =>
        new() { Procedure = procedure, Stage = stage, Number = number, Name = name, BackgroundId = background.Id, Pages = pages, Fields = fields, ChangedAt = now };

    /// <summary>The next version begins as a copy of the last.</summary>
    internal static OwnForm After(OwnForm last, DateTimeOffset now) =>
        new() { Procedure = last.Procedure, Stage = last.Stage, Number = last.Number + 1, Name = last.Name, BackgroundId = last.BackgroundId, Pages = last.Pages, Fields = last.Fields, ChangedAt = now };

    internal void Place(IReadOnlyList<PlacedField> fields, DateTimeOffset now)
    {
        Must(IsDraft);
        (Fields, ChangedAt, Version) = (fields, now, Version + 1);
    }

    /// <summary>Another paper under the same fields: a form that was printed anew. What stood on a page that it does not have is left out.</summary>
    internal void Bring(string name, Background background, IReadOnlyList<FormSheet> pages, IReadOnlyList<PlacedField>? fields, DateTimeOffset now)
    {
        Must(IsDraft);
        (Name, BackgroundId, Pages) = (name, background.Id, pages);
        Place([.. (fields ?? Fields).Where(f => f.Page <= pages.Count).Select(f => f.Within(pages[f.Page - 1]))], now);
    }

    internal void Publish(Guid by, DateTimeOffset now)
    {
        Must(IsDraft);
        (PublishedAt, PublishedById, ChangedAt, Version) = (now, by, now, Version + 1);
    }

    internal void End(DateTimeOffset now)
    {
        Must(!IsDraft);
        (EndedAt, Version) = (EndedAt ?? now, Version + 1);
    }

    static void Must(bool so)
    {
        if (!so) throw new InvalidOperationException("A published form stays as it is, and a draft is not used yet.");
    }

    internal static void Map(ModelBuilder model)
    {
        model.Entity<OwnForm>(e =>
        {
            e.ToTable("own_forms");
            e.Ignore(f => f.IsDraft).Ignore(f => f.Subject);
            e.Property(f => f.Pages).AsJson();
            e.Property(f => f.Fields).AsJson();
            e.Property(f => f.Version).IsConcurrencyToken();
            e.HasOne<Background>().WithMany().HasForeignKey(f => f.BackgroundId).HasConstraintName("own_forms_background_id_fkey").OnDelete(DeleteBehavior.Restrict);
            e.HasIndex(f => new { f.Procedure, f.Stage, f.Number }).IsUnique().HasDatabaseName("own_forms_number");
            e.HasIndex(f => new { f.Procedure, f.Stage }).IsUnique().HasDatabaseName("own_forms_draft").HasFilter("published_at IS NULL");
            e.HasIndex(f => f.BackgroundId).HasDatabaseName("own_forms_background");
        });
        model.Entity<Background>(e => e.ToTable("own_form_backgrounds"));
    }
}

/// <summary>The form as it was brought, made plain by <see cref="PlainPdf"/>. Versions that differ in their fields alone share it.</summary>
public sealed class Background
{
    public Guid Id { get; init; } = Komachi.Platform.Data.Id.New();
    public byte[] Bytes { get; init; } = [];
}

static class OwnForms
{
    /// <summary>What is printed for a filing that begins now.</summary>
    public static Task<OwnForm?> Current(TownDb db, string procedure, string stage, CancellationToken stop) =>
        db.Set<OwnForm>().AsNoTracking().Where(f => f.Procedure == procedure && f.Stage == stage && f.PublishedAt != null && f.EndedAt == null).OrderByDescending(f => f.Number).FirstOrDefaultAsync(stop);

    /// <summary>The form of the day on which it was filed. What came before there was one is printed on the first that came.</summary>
    public static async Task<OwnForm?> Of(TownDb db, Case of, CancellationToken stop)
    {
        var all = await db.Set<OwnForm>().AsNoTracking().Where(f => f.Procedure == of.Procedure && f.Stage == of.Stage && f.PublishedAt != null).OrderBy(f => f.Number).ToListAsync(stop);
        return all.LastOrDefault(f => f.PublishedAt <= of.ArrivedAt && (f.EndedAt is not { } ended || of.ArrivedAt < ended)) ?? all.FirstOrDefault(f => f.PublishedAt > of.ArrivedAt);
    }

    public static async Task<byte[]> BackgroundOf(TownDb db, OwnForm form, CancellationToken stop) =>
        await db.Set<Background>().AsNoTracking().Where(b => b.Id == form.BackgroundId).Select(b => b.Bytes).SingleAsync(stop);
}
