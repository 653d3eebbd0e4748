using Komachi.Platform;
using Komachi.Platform.Data;
using Komachi.Platform.Jobs;
using Komachi.Platform.Portal;
using Komachi.Platform.Web;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Bench.Notes;

/// <summary>
/// A module like any other, there to be measured: a table, a list for residents and one for staff, a form whose post
/// writes the entity, its audit entry and a job, and a part of the first page. Its own, so that what is measured stays
/// the same while the services change.
/// </summary>
sealed class NotesModule : IModule
{
    public void Define(ModuleBuilder m)
    {
        m.Name("notes", "Notes").Platform("Notes");    // always on: the towns' files need not know of it
        m.Tables(Note.Map);
        m.Resident(ListNotes.ResidentRoutes, WriteNote.Routes);
        m.Desk(ListNotes.DeskRoutes);
        m.Pages(Side.Resident, Access.Anyone, "/steps", TakeStep.Routes);
        m.Job<NoteWritten>();
        m.Job<Nothing>();
        m.Portal(90, ListNotes.OnFirstPage);
        m.Urgent(ListNotes.Urgent);
    }
}

/// <summary>One more migration than a town has.</summary>
sealed class MoreModule : IModule
{
    public void Define(ModuleBuilder m) => m.Name("more", "More").Platform("More");
}

sealed class Note
{
    public Guid Id { get; private init; } = Komachi.Platform.Data.Id.New();
    public string Title { get; private init; } = "";
    public string Body { get; private init; } = "";
    public bool Urgent { get; private init; }
    public Guid WrittenBy { get; private init; }
    public DateTimeOffset WrittenAt { get; private init; }

    public static Note Write(string title, string body, Guid by, DateTimeOffset now) => new() { Title = title, Body = body, WrittenBy = by, WrittenAt = now };

    public static void Map(ModelBuilder model) => model.Entity<Note>(e =>
    {
        e.ToTable("notes");
        e.HasIndex(n => n.WrittenAt).HasDatabaseName("notes_written_at");
    });
}

sealed record NoteWritten(Guid Note) : IJob<NoteWritten>
{
    public static string Name => "notes.note_written";

    public static Task Run(NoteWritten job, JobRun run) => Task.CompletedTask;
}

/// <summary>A job that is all queue and no work.</summary>
sealed record Nothing : IJob<Nothing>
{
    public static string Name => "notes.nothing";

    public static Task Run(Nothing job, JobRun run) => Task.CompletedTask;
}
