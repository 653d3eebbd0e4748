using Komachi.Ui.Words;

namespace Komachi.Announcements;

/// <summary>An announcement as a list shows it.</summary>
public sealed record AnnouncementLine(Guid Id, DateTimeOffset PublishAt, Said Title, Category Category, Urgency Urgency);

/// <summary>An announcement as it is read, in one language.</summary>
/// <param name="Lang">The language of the text: the reader's, or Japanese where it is not said in that.</param>
/// <param name="Html">The body, harmless.</param>
public sealed record AnnouncementView(
    Lang Lang, string Title, string Html, Category Category, Urgency Urgency, string Department,
    DateTimeOffset? PublishAt, DateTimeOffset? UntilAt, DateTimeOffset ChangedAt);

internal static class Viewing
{
    public static IQueryable<AnnouncementLine> Lines(this IQueryable<Announcement> some) =>
        some.Select(a => new AnnouncementLine(a.Id, a.PublishAt!.Value, a.Title, a.Category, a.Urgency));

    /// <param name="under">The level of the heading that the body stands under.</param>
    public static AnnouncementView In(this Announcement announcement, Lang reader, int under = 1)
    {
        var lang = announcement.LangFor(reader);
        return new(lang, announcement.Title.In(lang), Prose.Html(announcement.Body.In(lang), under),
            announcement.Category, announcement.Urgency, announcement.Department, announcement.PublishAt, announcement.UntilAt, announcement.ChangedAt);
    }
}
