using Komachi.Platform.Days;
using Komachi.Platform.Web;
using Komachi.Ui.Words;

namespace Komachi.Announcements;

/// <summary>The form in which an announcement is written: how its fields are filled, and how they are read.</summary>
internal static class AnnouncementForm
{
    const int LongestTitle = 150, LongestBody = 20_000, LongestDepartment = 60;

    public static string TitleIn(Lang lang) => "title-" + lang.Code;
    public static string BodyIn(Lang lang) => "body-" + lang.Code;

    public static Form Of(Announcement announcement) => Form.With(
    [
        ("version", Invariant(announcement.Version)),
        ("category", announcement.Category.Slug()), ("urgency", announcement.Urgency.Slug()), ("department", announcement.Department),
        ("publishAt", ForInput(announcement.PublishAt)), ("until", ForInput(announcement.UntilAt)),
        .. Lang.Shipped.Concat(Lang.Further).SelectMany(l => new (string, string?)[]
        {
            (TitleIn(l), announcement.Title.GetValueOrDefault(l.Code)),
            (BodyIn(l), announcement.Body.GetValueOrDefault(l.Code)),
        }),
    ]);

    public static Form Empty => Form.With(("urgency", Urgency.Normal.Slug()));

    /// <summary>What was typed; what is wrong with it stands in the form. The time of publishing may be left to the button.</summary>
    public static (AnnouncementText Text, DateTimeOffset? PublishAt) Read(Form form, DateTimeOffset now)
    {
        Said title = [], body = [];
        foreach (var lang in Lang.Shipped.Concat(Lang.Further))
        {
            // Japanese always; another language whole or not at all.
            var needed = lang == Lang.Japanese || form.Typed(TitleIn(lang)).Trim().Length + form.Typed(BodyIn(lang)).Trim().Length > 0;
            title[lang.Code] = form.Text(TitleIn(lang), LongestTitle, needed);
            body[lang.Code] = form.Text(BodyIn(lang), LongestBody, needed);
        }
        var category = Naming.Find<Category>(form.Choice("category", [.. Enum.GetValues<Category>().Select(c => c.Slug())])) ?? default;
        var urgency = Naming.Find<Urgency>(form.Choice("urgency", [.. Enum.GetValues<Urgency>().Select(u => u.Slug())])) ?? default;
        var department = form.Text("department", LongestDepartment, required: true);
        var publishAt = form.Moment("publishAt");
        var until = form.Moment("until");
        if (until <= (publishAt ?? now)) form.Wrongly("until", "The end must lie behind the beginning.");
        return (new(title, body, category, urgency, department, until), publishAt);
    }

    static string? ForInput(DateTimeOffset? at) => at is { } moment ? JapanTime.ForInput(moment) : null;

    static string Invariant(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
