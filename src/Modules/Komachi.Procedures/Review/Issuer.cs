using Komachi.Platform.Data;
using Komachi.Platform.Files;
using Komachi.Platform.Looks;
using Komachi.Platform.Pdf;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

/// <summary>In whose name letters go out, and with which seal: one row.</summary>
sealed class Issuer
{
    public int Id { get; init; } = 1;
    public string Mayor { get; set; } = "";

    /// <summary>The seal in use; none: a frame that says it is a sample.</summary>
    public Guid? SealId { get; set; }
    public DateTimeOffset SetAt { get; set; }
    public int Version { get; set; } = 1;

    public static async Task<string> MayorOf(TownDb db, CancellationToken stop = default) => await db.Set<Issuer>().AsNoTracking().Select(i => i.Mayor).FirstOrDefaultAsync(stop) ?? "";

    public static Task<Guid?> SealOf(TownDb db, CancellationToken stop = default) => db.Set<Issuer>().AsNoTracking().Select(i => i.SealId).FirstOrDefaultAsync(stop);

    internal static void Map(ModelBuilder model)
    {
        model.Entity<Issuer>(e =>
        {
            e.ToTable("issuers");
            e.Property(i => i.Id).ValueGeneratedNever();
            e.Property(i => i.Version).IsConcurrencyToken();
            e.HasOne<OfficialSeal>().WithMany().HasForeignKey(i => i.SealId).HasConstraintName("issuers_seal_id_fkey");
            e.HasIndex(i => i.SealId).HasDatabaseName("issuers_seal").HasFilter("seal_id IS NOT NULL");
        });
        model.Entity<OfficialSeal>(e => e.ToTable("seals"));
    }
}

/// <summary>
/// A picture of the official seal (公印). It never changes and never goes: what was sealed with it shows it for good, whatever seal came after. Kept here and not in the store of
/// files, since it is small and stands on letters that are printed by hundreds.
/// </summary>
public sealed class OfficialSeal
{
    OfficialSeal() { }

    public Guid Id { get; private init; } = Komachi.Platform.Data.Id.New();

    /// <summary>Of <see cref="FileType"/>.</summary>
    public string Type { get; private init; } = "";
    public int Width { get; private init; }
    public int Height { get; private init; }
    public byte[] Bytes { get; private init; } = [];
    public Guid SetById { get; private init; }
    public DateTimeOffset SetAt { get; private init; }

    internal static OfficialSeal Of(FileType type, PictureShape shape, byte[] bytes, Guid by, DateTimeOffset now) =>
        new() { Type = type.Key, Width = shape.Width, Height = shape.Height, Bytes = bytes, SetById = by, SetAt = now };

    /// <summary>Within a page: whoever may see the letter sees its seal, and it has no address that could be copied from.</summary>
    public string InPage => $"data:{FileType.Find(Type)!.Mime};base64,{Convert.ToBase64String(Bytes)}";

    /// <summary>On a paper of many letters it is taken once.</summary>
    public string OnPaper => $"seal-{Id:N}";

    internal SheetPart Part => new(FileType.Find(Type)!.Mime, Bytes);

    internal static IReadOnlyDictionary<string, SheetPart> Parts(IEnumerable<OfficialSeal> seals) => seals.ToDictionary(s => s.OnPaper, s => s.Part);

    /// <summary>Those of some letters, by their ids.</summary>
    internal static async Task<IReadOnlyDictionary<Guid, OfficialSeal>> Of(IEnumerable<Letter> letters, TownDb db, CancellationToken stop = default)
    {
        Guid[] ids = [.. letters.Select(l => l.SealId).OfType<Guid>().Distinct()];
        return ids.Length == 0 ? new Dictionary<Guid, OfficialSeal>() : await db.Set<OfficialSeal>().AsNoTracking().Where(s => ids.Contains(s.Id)).ToDictionaryAsync(s => s.Id, stop);
    }
}
