using Komachi.Platform.Data;
using Komachi.Platform.Portal;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Bench.Notes;

/// <summary>The newest twenty, by one compiled query.</summary>
public static class ListNotes
{
    public const int Most = 20;

    public sealed record Row(Guid Id, string Title, DateTimeOffset WrittenAt);

    static readonly Func<TownDb, IAsyncEnumerable<Row>> Newest = EF.CompileAsyncQuery((TownDb db) =>
        db.Set<Note>().OrderByDescending(n => n.WrittenAt).Take(Most).Select(n => new Row(n.Id, n.Title, n.WrittenAt)));

    public static void ResidentRoutes(IEndpointRouteBuilder to) =>
        to.MapGet("", async (TownDb db) => Page.Show<NotesPage>(new { Rows = await Newest(db).ToListAsync() }));

    public static void DeskRoutes(IEndpointRouteBuilder to) =>
        to.MapGet("", async (TownDb db) => Page.Show<DeskNotesPage>(new { Rows = await Newest(db).ToListAsync() }));

    public static async Task<RenderFragment> OnFirstPage(Visit visit, TownDb db, DateTimeOffset now)
    {
        var rows = await Newest(db).ToListAsync();
        return PortalRegistration.Fragment<NoteList>((nameof(NoteList.Rows), rows.Take(3).ToList()));
    }

    public static async Task<IReadOnlyList<TownNotice>> Urgent(TownDb db, DateTimeOffset now)
    {
        var urgent = await db.Set<Note>().Where(n => n.Urgent).OrderByDescending(n => n.WrittenAt).Select(n => n.Title).FirstOrDefaultAsync();
        return urgent is null ? [] : [new(new Said { ["ja"] = urgent }, "notes")];
    }
}
