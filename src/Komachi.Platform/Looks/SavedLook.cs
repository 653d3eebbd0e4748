using System.Text.Json;
using Komachi.Platform.Data;
using Komachi.Platform.Jobs;
using Komachi.Platform.Offices;
using Komachi.Platform.Towns;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Komachi.Platform.Looks;

/// <summary>What the desk has decided about how the town presents itself: one row. What it has not decided is as <c>town.yaml</c> says.</summary>
sealed class SavedLook
{
    public int Id { get; private init; }
    public int Version { get; private set; }

    /// <summary>#rrggbb; null: the file's.</summary>
    public string? Colour { get; private set; }
    public Guid? EmblemId { get; private set; }
    public Said EmblemSays { get; private set; } = [];
    public Guid? PhotoId { get; private set; }
    public Said PhotoSays { get; private set; } = [];

    /// <summary>Empty: the whole office is the file's.</summary>
    public Said OfficeName { get; private set; } = [];
    public Said OfficeAddress { get; private set; } = [];
    public string OfficeTelephone { get; private set; } = "";
    public Said OfficeHours { get; private set; } = [];
    public Said FooterText { get; private set; } = [];
    public IReadOnlyList<FooterLink> FooterLinks { get; private set; } = [];

    public static async Task<SavedLook> ToChange(TownDb db, CancellationToken stop = default) => await db.Set<SavedLook>().SingleAsync(stop);

    public void Paint(Colour colour)
    {
        if (colour.ContrastOnWhite() < Towns.Colour.Enough) throw new InvalidOperationException("Nobody could read it.");
        (Colour, Version) = (colour.ToString(), Version + 1);
    }

    public (Guid? Id, Said Says) Of(PictureOf what) => what == PictureOf.Emblem ? (EmblemId, EmblemSays) : (PhotoId, PhotoSays);

    /// <summary>Another picture, the same one in other words, or none.</summary>
    public void Show(PictureOf what, Guid? picture, Said says)
    {
        if (picture is null) says = [];
        if (what == PictureOf.Emblem) (EmblemId, EmblemSays) = (picture, says);
        else (PhotoId, PhotoSays) = (picture, says);
        Version++;
    }

    public void Sign(TownOffice office, Said text, IReadOnlyList<FooterLink> links)
    {
        (OfficeName, OfficeAddress, OfficeTelephone, OfficeHours) = (office.Name, office.Address, office.Telephone, office.Hours);
        (FooterText, FooterLinks) = (text, links);
        Version++;
    }

    public static void Map(ModelBuilder model) => model.Entity<SavedLook>(e =>
    {
        e.ToTable("saved");
        e.Property(l => l.Id).ValueGeneratedNever();
        e.Property(l => l.Version).IsConcurrencyToken();
        e.Property(l => l.EmblemSays).InJson();
        e.Property(l => l.PhotoSays).InJson();
        e.Property(l => l.OfficeName).InJson();
        e.Property(l => l.OfficeAddress).InJson();
        e.Property(l => l.OfficeHours).InJson();
        e.Property(l => l.FooterText).InJson();
        e.Property(l => l.FooterLinks).HasColumnType("jsonb").HasConversion(new Converter(), new Comparer());
        e.HasIndex(l => l.EmblemId).HasDatabaseName("saved_emblem");
        e.HasIndex(l => l.PhotoId).HasDatabaseName("saved_photo");
        e.HasOne<LookPicture>().WithMany().HasForeignKey(l => l.EmblemId).HasConstraintName("saved_emblem_id_fkey");
        e.HasOne<LookPicture>().WithMany().HasForeignKey(l => l.PhotoId).HasConstraintName("saved_photo_id_fkey");
    });

    sealed class Converter() : ValueConverter<IReadOnlyList<FooterLink>, string>(links => JsonSerializer.Serialize(links, JobKind.Json), json => JsonSerializer.Deserialize<FooterLink[]>(json, JobKind.Json)!);

    // Links are written whole: another list is another value.
    sealed class Comparer() : ValueComparer<IReadOnlyList<FooterLink>>((a, b) => ReferenceEquals(a, b), links => links.Count, links => links);
}

public enum PictureOf { Emblem, Photo }

/// <summary>Below every page of the town, beside the house's own.</summary>
public sealed record FooterLink(Said Text, string Href);

/// <summary>A picture that everybody sees. Kept here and not in the store of files: it is small, stands on every page, and moves with the database.</summary>
sealed class LookPicture
{
    public Guid Id { get; private init; }

    /// <summary>Of <see cref="Files.FileType"/>.</summary>
    public string Type { get; private init; } = "";
    public int Width { get; private init; }
    public int Height { get; private init; }
    public byte[] Bytes { get; private init; } = [];
    public DateTimeOffset? EndedAt { get; private set; }

    public static LookPicture Of(Files.FileType type, PictureShape shape, byte[] bytes) => new() { Id = Data.Id.New(), Type = type.Key, Width = shape.Width, Height = shape.Height, Bytes = bytes };

    public void End(DateTimeOffset now) => EndedAt ??= now;

    public static void Map(ModelBuilder model) => model.Entity<LookPicture>(e =>
    {
        e.ToTable("pictures");
        e.HasIndex(p => p.EndedAt).HasDatabaseName("pictures_ended").HasFilter("ended_at IS NOT NULL");
    });
}
