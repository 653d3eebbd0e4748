using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.Portal;
using Komachi.Platform.Web;

namespace Komachi.Platform.Files;

/// <summary>
/// Files that people send: taken in one transfer each that goes on where it was cut, looked at, sealed, and given to whom their kind lets.
/// Modules declare kinds with <c>m.Files(…)</c> and claim what was sent with <c>db.ClaimFiles(…)</c>.
/// </summary>
sealed class FilesModule : IModule
{
    public void Define(ModuleBuilder m)
    {
        m.Name("files", "Files").Platform("Files");
        m.Tables(StoredFile.Map, FilePart.Map);
        m.Seals("files", "stored", "sealed_key", "'files/' || id").Seals("files", "stored", "tail", "'files/' || id || '/tail/' || received");
        m.Permission("files.manage", "See how stored files are");
        m.Permission("files.original", "Open files as they were before cleaning");
        m.Pages(Side.Resident, Access.Anyone, "/files", SendFile.ResidentRoutes, ReadFile.ResidentRoutes);
        m.Desk(SendFile.DeskRoutes, ReadFile.DeskRoutes);
        m.Desk("files.original", ReadFile.OriginalRoutes);
        m.Desk("files.manage", WatchFiles.Routes);
        // A check takes seconds; what is not through by then waits for something that is away.
        m.Waits("Files that wait to be checked", "desk/files", "files.manage", (_, db, now) => WatchFiles.Waiting(db, now));
        m.Menu(MenuPlace.Desk, "Stored files", "desk/files", "files.manage", group: DeskGroup.Records, key: 'f');
        m.Job<CheckFile>().Job<RemoveFileBytes>();
        m.Every<TidyFiles>(TimeSpan.FromHours(1));

        m.Deed("files.send", "Sent a file");
        m.Deed("files.read", "Opened a file");
        m.Deed("files.original", "Opened a file as it was sent");
        m.Deed("files.refuse", "Refused a file");
        m.Deed("files.remove", "Took a file away");
    }
}
