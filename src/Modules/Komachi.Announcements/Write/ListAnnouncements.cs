using Komachi.Platform.Data;
using Komachi.Platform.Portal;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Announcements;

/// <summary>The shelves on which staff find announcements, and in which order: last touched, next to go out, newest, last ended.</summary>
public enum Shelf { Drafts, Scheduled, Published, Closed }

/// <param name="At">What its shelf is ordered by.</param>
/// <param name="SaidIn">The languages in which it says everything.</param>
public sealed record DeskLine(Guid Id, DateTimeOffset At, Said Title, string[] SaidIn, Category Category, Urgency Urgency, string Department, bool Withdrawn, DateTimeOffset? PublishAt);

/// <summary>All announcements at the desk, with what is missing in them; the chosen one stands beside the list.</summary>
internal static class ListAnnouncements
{
    const int PageSize = 30;

    /// <summary>Counting to the end would make the page slower with every year: beyond this it says "more than".</summary>
    public const int MostCounted = 1000;

    public static void Routes(IEndpointRouteBuilder to) => to.MapGet("", Show);

    static async Task<IResult> Show(string? shelf, string? q, string? after, Guid? show, TownDb db, TimeProvider time, HttpContext http)
    {
        var now = time.GetUtcNow();
        var on = Naming.Find<Shelf>(shelf) ?? Shelf.Drafts;
        var counts = new Dictionary<Shelf, int>();
        foreach (var one in Enum.GetValues<Shelf>())
            counts[one] = await On(one, db, now).Take(MostCounted + 1).CountAsync(http.RequestAborted);
        var from = Cursor.Read(after);
        var lines = await InOrder(on, On(on, db, now).Saying(q), from).Take(PageSize + 1).ToListAsync(http.RequestAborted);
        var next = lines.EndOfPage(PageSize, l => new(l.At, l.Id));
        var chosen = show is { } id ? await WriteAnnouncement.Find(db, id) : null;
        return Page.Show<ListAnnouncementsPage>(new
        {
            Shelf = on, Counts = counts, Search = q, Lines = lines, Next = next, After = from, Chosen = chosen is null ? null : WriteAnnouncement.StoredOf(chosen, now),
        });
    }

    /// <summary>For the desk's search: those in which the words stand, whatever their state, newest first.</summary>
    public static async Task<IReadOnlyList<Found>> Find(Visit visit, TownDb db, Asked asked, int n) =>
        [.. (await db.Set<Announcement>().AsNoTracking().Saying(asked.Text).OrderByDescending(a => a.ChangedAt).ThenByDescending(a => a.Id).Take(n).Select(a => new { a.Id, a.Title, a.Department, a.ChangedAt }).ToListAsync(asked.Stop))
            .Select(a => new Found(a.Title.In(Lang.Japanese), a.Department, $"desk/announcements/{a.Id}", a.ChangedAt, Lang.Japanese))];

    /// <summary>For the desk's first page: what went out, also what others wrote.</summary>
    public static async Task<IReadOnlyList<Happened>> Lately(Visit visit, TownDb db, DateTimeOffset now, int n) =>
        [.. (await db.Set<Announcement>().AsNoTracking().VisibleAt(now).NewestFirst().Take(n).Lines().ToListAsync()).Select(l => new Happened(l.PublishAt, l.Title.In(visit.Lang), $"announcements/{l.Id}"))];

    static IQueryable<Announcement> On(Shelf shelf, TownDb db, DateTimeOffset now)
    {
        var all = db.Set<Announcement>().AsNoTracking();
        return shelf switch
        {
            Shelf.Drafts => all.Where(a => a.State == AnnouncementState.Draft),
            Shelf.Scheduled => all.Where(a => a.State == AnnouncementState.Published && a.PublishAt > now),
            Shelf.Published => all.VisibleAt(now),
            _ => all.Where(a => a.ClosedAt <= now),
        };
    }

    static IQueryable<DeskLine> InOrder(Shelf shelf, IQueryable<Announcement> some, Cursor? after)
    {
        DateTimeOffset? at = after?.At;
        var id = after?.Id ?? Guid.Empty;
        return shelf switch
        {
            Shelf.Drafts => (at is null ? some : some.Where(a => EF.Functions.LessThan(ValueTuple.Create(a.ChangedAt, a.Id), ValueTuple.Create(at.Value, id))))
                .OrderByDescending(a => a.ChangedAt).ThenByDescending(a => a.Id)
                .Select(a => new DeskLine(a.Id, a.ChangedAt, a.Title, a.SaidIn, a.Category, a.Urgency, a.Department, false, a.PublishAt)),
            Shelf.Scheduled => (at is null ? some : some.Where(a => EF.Functions.GreaterThan(ValueTuple.Create(a.PublishAt, a.Id), ValueTuple.Create(at, id))))
                .OrderBy(a => a.PublishAt).ThenBy(a => a.Id)
                .Select(a => new DeskLine(a.Id, a.PublishAt!.Value, a.Title, a.SaidIn, a.Category, a.Urgency, a.Department, false, a.PublishAt)),
            Shelf.Published => some.NewestFirst(after)
                .Select(a => new DeskLine(a.Id, a.PublishAt!.Value, a.Title, a.SaidIn, a.Category, a.Urgency, a.Department, false, a.PublishAt)),
            _ => (at is null ? some : some.Where(a => EF.Functions.LessThan(ValueTuple.Create(a.ClosedAt, a.Id), ValueTuple.Create(at, id))))
                .OrderByDescending(a => a.ClosedAt).ThenByDescending(a => a.Id)
                .Select(a => new DeskLine(a.Id, a.ClosedAt!.Value, a.Title, a.SaidIn, a.Category, a.Urgency, a.Department, a.State == AnnouncementState.Withdrawn, a.PublishAt)),
        };
    }
}
