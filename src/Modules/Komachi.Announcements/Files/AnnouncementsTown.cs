using System.Text;
using Komachi.Platform.Towns;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Announcements;

/// <summary>
/// Reads <c>towns/&lt;town&gt;/announcements/*.yaml</c>. What stands in the town already, by its key, stays as it is. What
/// went out in the past raises nothing: it is no news; what is scheduled will, when it goes out.
/// </summary>
internal static class AnnouncementsTown
{
    public static async Task Load(TownLoad load)
    {
        // An exported entry without a key of its own carries its id.
        var there = await load.Db.Set<Announcement>().Select(a => a.Key ?? a.Id.ToString()).ToHashSetAsync();
        var seen = new HashSet<string>();
        var now = load.Time.GetUtcNow();
        foreach (var path in load.Files("announcements"))
            foreach (var entry in TownLoad.Read<List<AnnouncementYaml?>>(path))
            {
                var announcement = Read(entry, path, now);
                if (!seen.Add(announcement.Key!)) throw new BadTown($"{path}, {announcement.Key}: this key stands twice.");
                if (there.Contains(announcement.Key!)) continue;
                load.Db.Add(announcement);
                PublishAnnouncement.WhenDue(announcement, by: null, load.Db, now);
            }
    }

    internal static Announcement Read(AnnouncementYaml? entry, string path, DateTimeOffset now)
    {
        if (string.IsNullOrEmpty(entry?.Key)) throw new BadTown($"{path}: an entry has no key.");
        BadTown Bad(string why) => new($"{path}, {entry.Key}: {why}");
        T One<T>(string field, string slug) where T : struct, Enum =>
            Naming.Find<T>(slug) ?? throw Bad($"{field} \"{slug}\" is none of {string.Join(", ", Enum.GetValues<T>().Select(v => v.Slug()))}.");

        var state = One<AnnouncementState>("state", entry.State);
        var category = One<Category>("category", entry.Category);
        var urgency = One<Urgency>("urgency", entry.Urgency);
        if (string.IsNullOrWhiteSpace(entry.Department)) throw Bad("department is missing.");
        foreach (var (field, said) in new[] { ("title", entry.Title), ("body", entry.Body) })
        {
            if (string.IsNullOrWhiteSpace(said?.GetValueOrDefault("ja"))) throw Bad($"{field} has no Japanese.");
            if (said.Keys.FirstOrDefault(k => Lang.Find(k) is null && Lang.FindFurther(k) is null) is { } unknown) throw Bad($"{field} speaks \"{unknown}\", which is no language of the house.");
            if (said.Values.Any(text => text is null || text.EnumerateRunes().Any(NoText))) throw Bad($"{field} holds a control character, or nothing in a language.");
        }

        DateTimeOffset? at, until;
        try
        {
            at = entry.When is { } when ? WrittenMoment.When(when, now) : null;
            until = entry.Until is { } end ? WrittenMoment.Until(end, at ?? now, now) : null;
        }
        catch (FormatException e)
        {
            throw Bad(e.Message);
        }
        if (at is null && state != AnnouncementState.Draft) throw Bad("when is missing; only a draft may leave it open.");
        if (until <= at) throw Bad($"until {entry.Until} does not lie behind when {entry.When}.");

        // Written when it went out, so that a feed does not call a year of news changed today.
        var written = at < now ? at.Value : now;
        var announcement = Announcement.Draft(new(entry.Title, entry.Body, category, urgency, entry.Department, until), at, authorId: null, written, entry.Key);
        if (state == AnnouncementState.Draft) return announcement;
        announcement.Publish(at, written);
        if (at <= now) announcement.Announce(written);
        if (state == AnnouncementState.Withdrawn) announcement.Withdraw(written);
        return announcement;
    }

    // What a form takes out: neither the database nor a feed could hold it. Half of a surrogate pair is read as U+FFFD.
    static bool NoText(Rune rune) => rune.Value is < ' ' and not ('\n' or '\t') or 0x7f or 0xfffd or 0xfffe or 0xffff;
}
