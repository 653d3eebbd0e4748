using Komachi.Platform.Data;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Procedures;

public enum Delivery { Electronic, Paper }

/// <summary>
/// A letter or certificate that came of a decision: its words as they were sent, its document number, the seal. Electronically it counts as arrived
/// when it lies where the applicant finds it (情報通信技術活用行政推進法7条), and only who asked for that in this filing gets it so.
/// </summary>
public sealed class Letter
{
    Letter() { }

    public Guid Id { get; private init; } = Komachi.Platform.Data.Id.New();
    public Guid CaseId { get; private init; }
    public string Result { get; private init; } = "";
    public string Kind { get; private init; } = "";
    public Said Title { get; private init; } = [];
    public Said Body { get; private init; } = [];

    /// <summary>文書番号; none where the town gives none.</summary>
    public string? Number { get; private init; }

    /// <summary>It goes out with the official seal (公印): without it nobody gets it.</summary>
    public bool WantsSeal { get; private init; }
    public bool Sealed { get; private set; }
    public Guid? SealedById { get; private set; }

    /// <summary>The picture of the seal as it was on that day; none: the frame that says it is a sample.</summary>
    public Guid? SealId { get; private set; }
    public bool WaitsForSeal => WantsSeal && !Sealed && RevokedAt is null;

    /// <summary>With it anybody who holds the letter can ask whether it is ours.</summary>
    public string Code { get; private init; } = "";
    public Delivery Delivery { get; private init; }
    public DateTimeOffset MadeAt { get; private init; }

    /// <summary>Electronically: it lies where the applicant finds it. On paper: it was handed to the post.</summary>
    public DateTimeOffset? DeliveredAt { get; private set; }
    public DateTimeOffset? OpenedAt { get; private set; }

    /// <summary>No longer true: replaced or taken back.</summary>
    public DateTimeOffset? RevokedAt { get; private set; }
    public Guid? RevokedById { get; private set; }

    /// <summary>The applicant reads it.</summary>
    public string? RevokedWhy { get; private set; }

    /// <summary>Not the letter was wrong: the decision itself does not hold any more.</summary>
    public bool SetAside { get; private set; }

    /// <summary>The letter in whose place it was made.</summary>
    public Guid? InsteadOfId { get; private init; }
    public int Version { get; private set; } = 1;

    internal static Letter Of(Case of, ResultPaper paper, Said title, Said body, string? number, Guid? sealedBy, string code, Delivery delivery, DateTimeOffset now, bool wantsSeal = false, Guid? seal = null, Guid? insteadOf = null) => new()
    {
        InsteadOfId = insteadOf, SealId = sealedBy is null ? null : seal, CaseId = of.Id, Result = paper.Key, Kind = paper.Kind, Title = title, Body = body, Number = number, WantsSeal = wantsSeal, Sealed = sealedBy is not null, SealedById = sealedBy, Code = code, Delivery = delivery, MadeAt = now,
        DeliveredAt = delivery == Delivery.Electronic && (!wantsSeal || sealedBy is not null) ? now : null,
    };

    /// <summary>What is wanted electronically lies there from that moment on; paper is posted.</summary>
    internal void Seal(Guid by, Guid? seal, DateTimeOffset now)
    {
        (Sealed, SealedById, SealId, Version) = (true, by, seal, Version + 1);
        if (Delivery == Delivery.Electronic) DeliveredAt ??= now;
    }

    internal void Deliver(DateTimeOffset now) => (DeliveredAt, Version) = (DeliveredAt ?? now, Version + 1);

    internal void Open(DateTimeOffset now) => (OpenedAt, Version) = (OpenedAt ?? now, Version + 1);

    internal void Revoke(string why, bool setAside, Guid by, DateTimeOffset now)
    {
        if (RevokedAt is not null) throw new InvalidOperationException("It was taken back already.");
        (RevokedAt, RevokedWhy, SetAside, RevokedById, Version) = (now, why, setAside, by, Version + 1);
    }

    internal static void Map(ModelBuilder model)
    {
        model.Entity<Letter>(e =>
        {
            e.ToTable("letters");
            e.Ignore(l => l.WaitsForSeal);
            e.Property(l => l.Title).AsJson();
            e.Property(l => l.Body).AsJson();
            e.Property(l => l.Version).IsConcurrencyToken();
            e.HasOne<Case>().WithMany().HasForeignKey(l => l.CaseId).HasConstraintName("letters_case_id_fkey").OnDelete(DeleteBehavior.Cascade);
            e.HasIndex(l => l.CaseId).HasDatabaseName("letters_case");
            e.HasIndex(l => l.Code).IsUnique().HasDatabaseName("letters_code");
            e.HasOne<OfficialSeal>().WithMany().HasForeignKey(l => l.SealId).HasConstraintName("letters_seal_id_fkey");
            e.HasOne<Letter>().WithMany().HasForeignKey(l => l.InsteadOfId).HasConstraintName("letters_instead_of_id_fkey").OnDelete(DeleteBehavior.SetNull);
            e.HasIndex(l => l.SealId).HasDatabaseName("letters_seal").HasFilter("seal_id IS NOT NULL");
            e.HasIndex(l => l.InsteadOfId).IsUnique().HasDatabaseName("letters_instead_of").HasFilter("instead_of_id IS NOT NULL");
            e.HasIndex(l => l.MadeAt, "letters_to_seal").HasFilter("wants_seal AND NOT sealed AND revoked_at IS NULL");
            e.HasIndex(l => l.MadeAt, "letters_to_send").HasFilter("delivery = 'Paper' AND delivered_at IS NULL");
        });
        model.Entity<DocumentNumber>(e =>
        {
            e.ToTable("document_numbers");
            e.HasKey(n => new { n.DepartmentId, n.Year });
        });
    }
}

/// <summary>How far the document numbers of a department have come in a fiscal year (年度).</summary>
public sealed class DocumentNumber
{
    public Guid DepartmentId { get; init; }
    public int Year { get; init; }
    public int Last { get; set; }
}
