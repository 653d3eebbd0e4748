using Komachi.Platform.Data;
using Komachi.Platform.Web;

namespace Komachi.Platform.Files;

/// <summary>
/// Whether who is there may send files to this place, and see and take away what they sent there. Where nobody has to sign in, the place
/// itself must be a secret of theirs (a draft's key), since everybody without an account is the same nobody.
/// </summary>
public delegate Task<bool> MaySendFiles(Visit visit, string place, TownDb db);

/// <summary>Whether who is there may open this file. Asked each time.</summary>
public delegate Task<bool> MayReadFile(Visit visit, StoredFile file, TownDb db);

/// <summary>Whom this file tells of, where it is a person; null where it is about nobody.</summary>
public delegate Task<Guid?> PersonOfFile(StoredFile file, TownDb db);

/// <summary>
/// A kind of file that a module takes in: what it may be, how large, how many, and who may. It is offered with
/// <c>m.Files(new FileKind("cases.attachment") { … })</c>.
/// </summary>
/// <param name="Key"><c>module.what</c>. It stands in rows, so it never changes.</param>
public sealed record FileKind(string Key)
{
    public required IReadOnlyList<FileType> Types { get; init; }

    /// <summary>Of one file.</summary>
    public required long MostBytes { get; init; }

    /// <summary>How many at one place.</summary>
    public int Most { get; init; } = 10;

    /// <summary>How long it waits for somebody to save it: as long as what it is sent for may be filled in.</summary>
    public TimeSpan Waits { get; init; } = StoredFile.Unclaimed;

    public required MaySendFiles MayWrite { get; init; }
    public required MayReadFile MayRead { get; init; }

    /// <summary>At the desk it is opened as that person's record is: of somebody under protection by whom gave a reason, and by nobody else.</summary>
    public PersonOfFile? About { get; init; }

    /// <summary>Pictures of this kind may stand in pages; everything else is always a download.</summary>
    public bool Shown { get; init; }

    /// <summary>For everybody to read, like a picture of an announcement: who reads it is not recorded.</summary>
    public bool Open { get; init; }
}

/// <summary>A kind with the module that brought it: where the module is switched off, so are its files.</summary>
public sealed record OfferedFileKind(FileKind Kind, ModuleBuilder Module)
{
    internal static OfferedFileKind? Find(House house, Towns.Town town, string? key) =>
        house.All<OfferedFileKind>().FirstOrDefault(o => o.Kind.Key == key) is { } offered && house.Has(town, offered.Module) ? offered : null;
}

public static class FileRegistration
{
    public static ModuleBuilder Files(this ModuleBuilder m, FileKind kind) => m.Offer(new OfferedFileKind(kind, m));
}
