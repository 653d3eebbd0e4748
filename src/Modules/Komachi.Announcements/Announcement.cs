using Komachi.Platform.Data;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Announcements;

internal enum AnnouncementState { Draft, Published, Withdrawn }

/// <summary>How an announcement stands at a moment: the state that people gave it, and what the clock made of it.</summary>
public enum Standing { Draft, Scheduled, Visible, Ended, Withdrawn }

/// <summary>What an announcement says, as its author gives it.</summary>
internal sealed record AnnouncementText(Said Title, Said Body, Category Category, Urgency Urgency, string Department, DateTimeOffset? UntilAt);

/// <summary>
/// Something that the town says. Residents see it while <see cref="AnnouncementQueries.VisibleAt"/> holds: the query looks at
/// the clock, so it comes and goes to the second and waits for no job.
/// </summary>
internal sealed class Announcement
{
    Announcement() { }

    public Guid Id { get; private init; } = Platform.Data.Id.New();

    /// <summary>Its name in the town's files, so that loading them again finds it; none when it was written at the desk.</summary>
    public string? Key { get; private init; }

    public AnnouncementState State { get; private set; }
    public Category Category { get; private set; }
    public Urgency Urgency { get; private set; }
    public string Department { get; private set; } = "";
    public Said Title { get; private set; } = [];
    public Said Body { get; private set; } = [];

    /// <summary>Languages in which both title and body are said: they are counted, and lists show which are missing.</summary>
    public string[] SaidIn { get; private set; } = [];

    /// <summary>Everything that it says, folded for searching.</summary>
    public string SearchKey { get; private set; } = "";

    /// <summary>When it goes out; for a draft, when that is planned.</summary>
    public DateTimeOffset? PublishAt { get; private set; }
    public DateTimeOffset? UntilAt { get; private set; }
    public DateTimeOffset? WithdrawnAt { get; private set; }

    /// <summary>When it is, or will be, no longer there: computed by the database, so that one index orders what is over.</summary>
    public DateTimeOffset? ClosedAt { get; private init; }

    public Guid? AuthorId { get; private init; }
    public DateTimeOffset CreatedAt { get; private init; }
    public DateTimeOffset ChangedAt { get; private set; }

    /// <summary>Every change by a person makes a new one. Forms and jobs carry it, and so notice what came in between.</summary>
    public int Version { get; private set; }

    /// <summary>When the house was told that it went out, and when its author was; see <see cref="PublishAnnouncement"/>.</summary>
    public DateTimeOffset? AnnouncedAt { get; private set; }
    public DateTimeOffset? AuthorToldAt { get; private set; }

    public static Announcement Draft(AnnouncementText text, DateTimeOffset? plannedAt, Guid? authorId, DateTimeOffset now, string? key = null)
    {
        var announcement = new Announcement { Key = key, AuthorId = authorId, CreatedAt = now };
        announcement.Write(text);
        announcement.KeepAsDraft(plannedAt, now);
        return announcement;
    }

    /// <summary>Puts these words in place of those that stood; one of the other verbs says what becomes of them.</summary>
    public void Write(AnnouncementText text)
    {
        (Title, Body) = (Trimmed(text.Title), Trimmed(text.Body));
        (Category, Urgency, Department, UntilAt) = (text.Category, text.Urgency, text.Department.Trim(), text.UntilAt);
        SaidIn = Lang.Shipped.Concat(Lang.Further).Select(l => l.Code).Where(l => Title.ContainsKey(l) && Body.ContainsKey(l)).ToArray();
        SearchKey = Folding.KeyOf([.. Title.Values, Department, .. Body.Values, .. ReadAsOne(Title), .. ReadAsOne(Body)]);
    }

    /// <summary>Back on the writing table. What residents can see is withdrawn instead, with a reason.</summary>
    public void KeepAsDraft(DateTimeOffset? plannedAt, DateTimeOffset now)
    {
        if (StandingAt(now) == Standing.Visible) throw new InvalidOperationException("What residents can see is withdrawn, not taken back in silence.");
        (State, PublishAt, WithdrawnAt) = (AnnouncementState.Draft, plannedAt, null);
        Changed(now);
        NotYetOut();
    }

    /// <summary>Out at that time, or now; also how a published one is changed.</summary>
    public void Publish(DateTimeOffset? at, DateTimeOffset now)
    {
        if (State == AnnouncementState.Withdrawn) NotYetOut();
        (State, PublishAt, WithdrawnAt) = (AnnouncementState.Published, at ?? WholeMinute(now), null);
        Changed(now);
        if (PublishAt > now) NotYetOut();
    }

    public void Withdraw(DateTimeOffset now)
    {
        if (State != AnnouncementState.Published) throw new InvalidOperationException("Only what was published can be withdrawn.");
        (State, WithdrawnAt) = (AnnouncementState.Withdrawn, now);
        Changed(now);
    }

    /// <summary>True once for each time that it goes out.</summary>
    public bool Announce(DateTimeOffset now)
    {
        if (State != AnnouncementState.Published || AnnouncedAt is not null) return false;
        AnnouncedAt = now;
        return true;
    }

    /// <summary>True once for each time that it goes out.</summary>
    public bool TellAuthor(DateTimeOffset now)
    {
        if (AuthorToldAt is not null) return false;
        AuthorToldAt = now;
        return true;
    }

    public Standing StandingAt(DateTimeOffset now) => State switch
    {
        AnnouncementState.Draft => Standing.Draft,
        AnnouncementState.Withdrawn => Standing.Withdrawn,
        _ when PublishAt > now => Standing.Scheduled,
        _ when UntilAt <= now => Standing.Ended,
        _ => Standing.Visible,
    };

    /// <summary>The reader's language where it says everything in it, or Japanese: the plain one for who reads a further language.</summary>
    public Lang LangFor(Lang reader) => SaidIn.Contains(reader.Code) ? reader : reader.IsFurther && SaidIn.Contains(Lang.Plain.Code) ? Lang.Plain : Lang.Japanese;

    // With readings within it 避難《ひなん》所《じょ》 would not be found as 避難所.
    static IEnumerable<string> ReadAsOne(Said said) => said.TryGetValue(Lang.Plain.Code, out var plain) && plain.Contains('《') ? [Furigana.Bare(plain)] : [];

    void Changed(DateTimeOffset now) => (ChangedAt, Version) = (now, Version + 1);

    void NotYetOut() => (AnnouncedAt, AuthorToldAt) = (null, null);

    static Said Trimmed(Said said)
    {
        var trimmed = new Said();
        foreach (var (lang, text) in said)
            if (text.Trim() is { Length: > 0 } kept) trimmed[lang] = kept;
        return trimmed;
    }

    // What a form shows, and sends back, has no seconds.
    static DateTimeOffset WholeMinute(DateTimeOffset at) => at.AddTicks(-(at.Ticks % TimeSpan.TicksPerMinute));

    internal static void Map(ModelBuilder model) => model.Entity<Announcement>(e =>
    {
        e.ToTable("announcements");
        e.Property(a => a.Title).InJson();
        e.Property(a => a.Body).InJson();
        e.Property(a => a.ClosedAt).HasComputedColumnSql("CASE state WHEN 'Withdrawn' THEN withdrawn_at WHEN 'Published' THEN until_at END", stored: true);
        e.Property(a => a.Version).IsConcurrencyToken();
        e.HasIndex(a => a.Key).IsUnique().HasDatabaseName("announcements_key");
        e.HasIndex(a => new { a.PublishAt, a.Id }).IsDescending().HasDatabaseName("announcements_newest").HasFilter("state = 'Published'");
        e.HasIndex(a => new { a.Category, a.PublishAt, a.Id }).IsDescending(false, true, true).HasDatabaseName("announcements_category_newest").HasFilter("state = 'Published'");
        e.HasIndex(a => a.PublishAt).HasDatabaseName("announcements_emergencies").HasFilter("state = 'Published' AND urgency = 'Emergency'");
        e.HasIndex(a => new { a.ChangedAt, a.Id }).IsDescending().HasDatabaseName("announcements_drafts").HasFilter("state = 'Draft'");
        e.HasIndex(a => new { a.ClosedAt, a.Id }).IsDescending().HasDatabaseName("announcements_closed").HasFilter("closed_at IS NOT NULL");
        e.HasIndex(a => a.SearchKey).HasMethod("gin").HasOperators("gin_trgm_ops").HasDatabaseName("announcements_search");
    });
}
