using Komachi.Platform.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;

namespace Komachi.Platform.Files;

public enum FileState { Receiving, Checking, Ready, Refused }

/// <summary>Why a file was not taken. <see cref="FileWords"/> says it to people.</summary>
public enum FileRefusal { TooLarge, TooMany, WrongType, Empty, Virus, NotClean, Cut }

/// <summary>
/// One file that somebody sent: what is known of it. Its bytes are in the file store, sealed with a key of its own, which is here,
/// sealed with the town's. Until a saved form claims it, it belongs to nothing and goes after a day.
/// </summary>
public sealed class StoredFile : IMayHoldStill
{
    public static readonly TimeSpan Unclaimed = TimeSpan.FromDays(1);

    StoredFile() { }

    public Guid Id { get; private init; }
    public string Kind { get; private init; } = "";

    /// <summary>Where its sender put it: what lists of a page go by, like <c>drafts/0192…/photos</c>. The kind knows who may.</summary>
    public string Place { get; private init; } = "";

    /// <summary>As it was called where it came from.</summary>
    public string Name { get; private init; } = "";

    /// <summary>Of <see cref="FileType"/>, found by its content.</summary>
    public string? Type { get; private set; }

    /// <summary>As said before it was sent; null while nobody knows.</summary>
    public long? Bytes { get; private set; }
    public long Received { get; private set; }

    /// <summary>What came after the last whole chunk, sealed: less than a chunk.</summary>
    public byte[]? Tail { get; private set; }
    public byte[]? Sha256 { get; private set; }
    public FileState State { get; private set; }
    public FileRefusal? Refusal { get; private set; }

    /// <summary>The account that sent it; null for somebody who had none.</summary>
    public Guid? OwnerId { get; private init; }

    /// <summary>What it is part of for good, like <c>cases/0192…</c>.</summary>
    public string? BelongsTo { get; private set; }

    /// <summary>Empty when the bytes are gone: without it nobody reads what may be left of them.</summary>
    public byte[] SealedKey { get; private set; } = [];

    /// <summary>How large the cleaned version is, which is what people get; null where nothing cleans.</summary>
    public long? CleanBytes { get; private set; }
    public DateTimeOffset CreatedAt { get; private init; }

    /// <summary>When it goes; null when it belongs to something.</summary>
    public DateTimeOffset? EndsAt { get; private set; }

    /// <summary>What people get.</summary>
    public long Size => CleanBytes ?? Bytes ?? Received;

    internal static StoredFile Begin(Guid id, string kind, string place, string name, long? bytes, Guid? owner, byte[] sealedKey, DateTimeOffset now, TimeSpan? waits = null) => new()
    {
        Id = id, Kind = kind, Place = place, Name = name, Bytes = bytes, OwnerId = owner, SealedKey = sealedKey, State = FileState.Receiving, CreatedAt = now, EndsAt = now + (waits ?? Unclaimed),
    };

    /// <summary>Was never taken, and stands in the list of its page to say why.</summary>
    internal static StoredFile NotTaken(string kind, string place, string name, FileRefusal why, Guid? owner, DateTimeOffset now) => new()
    {
        Id = Data.Id.New(), Kind = kind, Place = place, Name = name, OwnerId = owner, State = FileState.Refused, Refusal = why, CreatedAt = now, EndsAt = now + Unclaimed,
    };

    /// <summary>What the database knows by now of what has just been taken.</summary>
    internal void TakenWhole(long bytes) => (Bytes, Received, Tail) = (bytes, bytes, null);

    internal bool IsWhole => State == FileState.Receiving && Bytes == Received && Tail is null;

    internal void Complete(FileType type)
    {
        if (State != FileState.Receiving) throw new InvalidOperationException("Only what is being received can be completed.");
        (State, Type) = (FileState.Checking, type.Key);
    }

    internal void Pass(byte[] sha256, long? cleanBytes)
    {
        if (State != FileState.Checking) throw new InvalidOperationException("Only what is being checked can pass.");
        (State, Sha256, CleanBytes) = (FileState.Ready, sha256, cleanBytes);
    }

    internal void Refuse(FileRefusal why) => (State, Refusal, SealedKey, Tail, CleanBytes) = (FileState.Refused, why, [], null, null);

    /// <summary>A saved form takes it for good; the caller saves.</summary>
    public void Claim(string belongsTo)
    {
        if (State is not (FileState.Checking or FileState.Ready)) throw new InvalidOperationException("Only what came whole can be claimed.");
        if (BelongsTo is not null && BelongsTo != belongsTo) throw new InvalidOperationException("It belongs to something else.");
        (BelongsTo, EndsAt) = (belongsTo, null);
    }

    /// <summary>Its check ended well while it was being claimed; or ended at all, while it was being taken away.</summary>
    async Task<bool> IMayHoldStill.HoldsStill(EntityEntry entry, CancellationToken stop)
    {
        if (entry.State == EntityState.Deleted)
        {
            if (await entry.GetDatabaseValuesAsync(stop) is not { } now) entry.State = EntityState.Detached;
            else if (now.GetValue<string?>(nameof(BelongsTo)) != BelongsTo) return false;
            else entry.OriginalValues.SetValues(now);
            return true;
        }
        if (BelongsTo is not { } claimedBy || entry.State != EntityState.Modified) return false;
        await entry.ReloadAsync(stop);
        if (entry.State == EntityState.Detached || BelongsTo is not null || State != FileState.Ready) return false;
        Claim(claimedBy);
        return true;
    }

    internal static void Map(ModelBuilder model) => model.Entity<StoredFile>(e =>
    {
        e.ToTable("stored");
        // Whoever takes it away, or ends its check, knows to whom it belongs.
        e.Property(f => f.State).IsConcurrencyToken();
        e.Property(f => f.BelongsTo).IsConcurrencyToken();
        e.Ignore(f => f.Size);
        e.Ignore(f => f.IsWhole);
        e.HasIndex(f => f.CreatedAt).HasDatabaseName("stored_checking").HasFilter("state = 'Checking'");
        e.HasIndex(f => new { f.Kind, f.Place }).HasDatabaseName("stored_place");
        e.HasIndex(f => f.BelongsTo).HasDatabaseName("stored_belongs_to").HasFilter("belongs_to IS NOT NULL");
        e.HasIndex(f => f.OwnerId).HasDatabaseName("stored_owner").HasFilter("owner_id IS NOT NULL");
        e.HasIndex(f => f.EndsAt).HasDatabaseName("stored_ends").HasFilter("ends_at IS NOT NULL");
    });
}

/// <summary>A piece of a file as it lies in the store: an object that was written once.</summary>
sealed class FilePart
{
    public Guid FileId { get; init; }

    /// <summary>Of the version that a sanitiser cleaned.</summary>
    public bool Clean { get; init; }
    public long StartAt { get; init; }
    public int Bytes { get; init; }
    public required string Object { get; init; }

    public static void Map(ModelBuilder model) => model.Entity<FilePart>(e =>
    {
        e.ToTable("parts");
        e.HasKey(p => new { p.FileId, p.Clean, p.StartAt });
        e.HasOne<StoredFile>().WithMany().HasForeignKey(p => p.FileId).HasConstraintName("parts_file_id_fkey").OnDelete(DeleteBehavior.Cascade);
    });
}

/// <summary>A file was looked at to its end: whoever claimed it hears how it went.</summary>
public sealed record FileChecked(Guid Id, string Kind, string? BelongsTo, bool Ready);

/// <summary>What modules do with files in their own changes; each is saved with them.</summary>
public static class FilesOfTown
{
    /// <summary>What stands at a place, in the order in which it came, for the list of a page.</summary>
    public static async Task<IReadOnlyList<StoredFile>> FilesAt(this TownDb db, FileKind kind, string place, CancellationToken stop = default) =>
        await db.Set<StoredFile>().AsNoTracking().Where(f => f.Kind == kind.Key && f.Place == place && f.BelongsTo == null).OrderBy(f => f.CreatedAt).ThenBy(f => f.Id).ToListAsync(stop);

    /// <summary>What stands at all the places of one thing that is being filled in: <c>drafts/0192…</c> and below.</summary>
    public static async Task<IReadOnlyList<StoredFile>> FilesBelow(this TownDb db, FileKind kind, string place, CancellationToken stop = default)
    {
        var files = new List<StoredFile>();
        await foreach (var file in Below(db, kind.Key, place + "/", place + "0").WithCancellation(stop)) files.Add(file);
        return files;
    }

    // Asked by every page of a form.
    static readonly Func<TownDb, string, string, string, IAsyncEnumerable<StoredFile>> Below = EF.CompileAsyncQuery((TownDb db, string kind, string from, string until) =>
        db.Set<StoredFile>().AsNoTracking().Where(f => f.Kind == kind && string.Compare(f.Place, from) > 0 && string.Compare(f.Place, until) < 0 && f.BelongsTo == null).OrderBy(f => f.CreatedAt).ThenBy(f => f.Id).AsQueryable());

    /// <summary>What is filled in goes on: its files wait as long.</summary>
    public static Task KeepFilesBelow(this TownDb db, FileKind kind, string place, DateTimeOffset until, CancellationToken stop = default) =>
        db.Set<StoredFile>().Where(f => f.Kind == kind.Key && string.Compare(f.Place, place + "/") > 0 && string.Compare(f.Place, place + "0") < 0 && f.BelongsTo == null && f.EndsAt < until)
            .ExecuteUpdateAsync(set => set.SetProperty(f => f.EndsAt, until), stop);

    public static async Task<IReadOnlyList<StoredFile>> FilesOf(this TownDb db, string belongsTo, CancellationToken stop = default) =>
        await db.Set<StoredFile>().AsNoTracking().Where(f => f.BelongsTo == belongsTo).OrderBy(f => f.CreatedAt).ThenBy(f => f.Id).ToListAsync(stop);

    /// <summary>Takes what came whole to a place for something that is being saved. What is refused or half sent stays behind and goes by itself.</summary>
    public static async Task<IReadOnlyList<StoredFile>> ClaimFiles(this TownDb db, FileKind kind, string place, string belongsTo, CancellationToken stop = default)
    {
        var files = await db.Set<StoredFile>().Where(f => f.Kind == kind.Key && f.Place == place && f.BelongsTo == null && (f.State == FileState.Checking || f.State == FileState.Ready))
            .OrderBy(f => f.CreatedAt).ThenBy(f => f.Id).ToListAsync(stop);
        foreach (var file in files) file.Claim(belongsTo);
        return files;
    }

    /// <summary>For good: the row now, the bytes by a job of the same transaction.</summary>
    public static void RemoveFile(this TownDb db, StoredFile file)
    {
        db.Remove(file);
        db.Enqueue(new RemoveFileBytes(file.Id));
    }
}
