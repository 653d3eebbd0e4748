using Komachi.Platform.Data;
using Komachi.Platform.Towns;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Announcements;

/// <summary>The questions that pages, feeds and the API ask alike.</summary>
internal static class AnnouncementQueries
{
    /// <summary>What residents can see at that moment. It stands here and nowhere else.</summary>
    public static IQueryable<Announcement> VisibleAt(this IQueryable<Announcement> all, DateTimeOffset now) =>
        all.Where(a => a.State == AnnouncementState.Published && a.PublishAt <= now && (a.UntilAt == null || a.UntilAt > now));

    public static IQueryable<Announcement> About(this IQueryable<Announcement> some, Category? category) =>
        category is { } one ? some.Where(a => a.Category == one) : some;

    /// <summary>Those in which every word stands, in any language.</summary>
    public static IQueryable<Announcement> Saying(this IQueryable<Announcement> some, string? search)
    {
        foreach (var word in Folding.WordsOf(search)) some = some.Where(a => a.SearchKey.Contains(word));
        return some;
    }

    /// <summary>By the time at which they went out, from behind the cursor.</summary>
    public static IQueryable<Announcement> NewestFirst(this IQueryable<Announcement> some, Cursor? after = null)
    {
        if (after is { } end) some = some.Where(a => EF.Functions.LessThan(ValueTuple.Create(a.PublishAt, a.Id), ValueTuple.Create((DateTimeOffset?)end.At, end.Id)));
        return some.OrderByDescending(a => a.PublishAt).ThenByDescending(a => a.Id);
    }

    /// <summary>One more than fits says whether there is a next page, and that page begins behind the last that fits.</summary>
    public static Cursor? EndOfPage<T>(this List<T> rows, int size, Func<T, Cursor> placeOf)
    {
        if (rows.Count <= size) return null;
        rows.RemoveRange(size, rows.Count - size);
        return placeOf(rows[^1]);
    }
}
