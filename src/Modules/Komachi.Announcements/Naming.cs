using Komachi.Ui;
using Komachi.Ui.Words;

namespace Komachi.Announcements;

/// <summary>How categories and the like are called: on screens (a key of the words), and in addresses, files and data.</summary>
internal static class Naming
{
    public static string Title(this Category category) => category switch
    {
        Category.Life => "Daily life|category",
        Category.Childcare => "Children and school|category",
        Category.Health => "Health and welfare|category",
        Category.Disaster => "Disasters and safety|category",
        Category.Tax => "Taxes|category",
        Category.Work => "Work and business|category",
        Category.Events => "Events|category",
        _ => "The town itself|category",
    };

    public static string Title(this Urgency urgency) => urgency switch
    {
        Urgency.Emergency => "Emergency",
        Urgency.Important => "Important",
        _ => "Normal|urgency",
    };

    public static string Title(this Standing standing) => standing switch
    {
        Standing.Draft => "Draft|standing",
        Standing.Scheduled => "Scheduled|standing",
        Standing.Visible => "Published|standing",
        Standing.Ended => "Ended|standing",
        _ => "Withdrawn|standing",
    };

    public static Option[] Categories(Words words) => [.. Enum.GetValues<Category>().Select(c => new Option(c.Slug(), words[c.Title()]))];

    /// <summary><c>Category.Tax</c> → <c>tax</c>.</summary>
    public static string Slug<T>(this T value) where T : struct, Enum => value.ToString().ToLowerInvariant();

    public static T? Find<T>(string? slug) where T : struct, Enum
    {
        foreach (var value in Enum.GetValues<T>())
            if (value.Slug() == slug) return value;
        return null;
    }
}
