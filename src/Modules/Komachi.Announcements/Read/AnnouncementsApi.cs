using System.ComponentModel;
using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Announcements;

/// <summary>The same announcements as data.</summary>
public static class AnnouncementsApi
{
    const int UsualPage = 20, LargestPage = 100;

    /// <param name="Next">What to give as <c>after</c> for the page behind this one; null at the end of the list.</param>
    public sealed record AnnouncementList(AnnouncementItem[] Items, string? Next);

    public sealed record AnnouncementItem(
        Guid Id, string Category, string Department, string Urgency, DateTimeOffset PublishedAt, DateTimeOffset? Until,
        InLanguages Title, InLanguages Body, string Url);

    /// <summary>Bodies are Markdown.</summary>
    public sealed record InLanguages(string Ja, string? En, string? Plain);

    internal static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("", List).WithName("announcements").WithSummary("What the town has announced and residents can read now, newest first");
        to.MapGet("{id:guid}", One).WithName("announcement").WithSummary("One announcement");
    }

    static async Task<Results<Ok<AnnouncementList>, ValidationProblem>> List(
        [Description("life, childcare, health, disaster, tax, work, events or government")] string? category,
        [Description("Words that stand in it, in any language")] string? q,
        [Description("The next of the page before")] string? after,
        [Description("1 to 100; 20 if not given")] string? limit,
        Visit visit, TownDb db, TimeProvider time, HttpContext http)
    {
        var wrong = new Dictionary<string, string[]>();
        var about = Naming.Find<Category>(category);
        if (category is not null && about is null) wrong["category"] = [$"One of {string.Join(", ", Enum.GetValues<Category>().Select(c => c.Slug()))}."];
        if (q?.Length > FindAnnouncements.LongestSearch) wrong["q"] = [$"At most {FindAnnouncements.LongestSearch} characters."];
        var from = Cursor.Read(after);
        if (after is not null && from is null) wrong["after"] = ["The \"next\" of another answer, as it was."];
        var size = UsualPage;
        if (limit is not null && (!int.TryParse(limit, out size) || size is < 1 or > LargestPage)) wrong["limit"] = [$"A number from 1 to {LargestPage}."];
        if (wrong.Count > 0) return TypedResults.ValidationProblem(wrong);

        var rows = await db.Set<Announcement>().AsNoTracking().VisibleAt(time.GetUtcNow()).About(about).Saying(q)
            .NewestFirst(from).Take(size + 1).ToListAsync(http.RequestAborted);
        var next = rows.EndOfPage(size, a => new(a.PublishAt!.Value, a.Id));
        return TypedResults.Ok(new AnnouncementList([.. rows.Select(a => Item(a, visit, http))], next?.ToString()));
    }

    static async Task<Results<Ok<AnnouncementItem>, NotFound>> One(Guid id, Visit visit, TownDb db, TimeProvider time, HttpContext http) =>
        await db.Set<Announcement>().AsNoTracking().VisibleAt(time.GetUtcNow()).FirstOrDefaultAsync(a => a.Id == id, http.RequestAborted) is { } announcement
            ? TypedResults.Ok(Item(announcement, visit, http))
            : TypedResults.NotFound();

    static AnnouncementItem Item(Announcement a, Visit visit, HttpContext http) => new(
        a.Id, a.Category.Slug(), a.Department, a.Urgency.Slug(), a.PublishAt!.Value, a.UntilAt,
        InAll(a.Title), InAll(a.Body), http.Whole(visit.LinkIn(Lang.Japanese, $"announcements/{a.Id}")));

    static InLanguages InAll(Said said) => new(said.In(Lang.Japanese), said.GetValueOrDefault("en"), said.GetValueOrDefault("plain"));
}
