using System.Globalization;
using Komachi.Platform.Audit;
using Komachi.Platform.Data;
using Komachi.Platform.Languages;
using Komachi.Platform.People;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Announcements;

/// <summary>The announcement that a page of the desk is about, as it is stored now.</summary>
public sealed record Stored(Guid Id, int Version, Standing Standing, DateTimeOffset ChangedAt, IReadOnlyList<AnnouncementView> Texts);

/// <summary>What was done to it.</summary>
public sealed record Happening(DateTimeOffset At, string? By, string Action, string? Reason);

/// <summary>
/// A new announcement, or one that stands: saved as a draft, published now or at its hour, or only shown as it would look.
/// </summary>
internal static class WriteAnnouncement
{
    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("new", () => Page.Show<WriteAnnouncementPage>(new { Form = AnnouncementForm.Empty }));
        to.MapPost("new", Create);
        to.MapGet("{id:guid}", Edit);
        to.MapPost("{id:guid}", Change);
    }

    static async Task<IResult> Edit(Guid id, string? done, TownDb db, TimeProvider time) =>
        await Find(db, id) is { } announcement
            ? await Show(AnnouncementForm.Of(announcement), announcement, db, time, done: done)
            : Page.NotFound;

    static async Task<IResult> Create(Form form, Visit visit, TownDb db, TimeProvider time)
    {
        var now = time.GetUtcNow();
        if (ChecksWords(form)) return await Show(form, null, db, time);
        var (text, publishAt) = AnnouncementForm.Read(form, now);
        if (form.Wrong || !Saves(form)) return await Show(form, null, db, time, preview: text);

        var announcement = Announcement.Draft(text, publishAt, visit.Visitor!.AccountId, now);
        db.Add(announcement);
        return await Save(announcement, publishAt, form, visit, db, now);
    }

    static async Task<IResult> Change(Guid id, Form form, Visit visit, TownDb db, TimeProvider time)
    {
        var now = time.GetUtcNow();
        if (await Find(db, id) is not { } announcement) return Page.NotFound;
        if (ChecksWords(form)) return await Show(form, announcement, db, time);

        var (text, publishAt) = AnnouncementForm.Read(form, now);
        if (form.Typed("do") == "draft" && announcement.StandingAt(now) == Standing.Visible)
            form.Wrongly("", "Residents can read this announcement: withdraw it, with a reason, before you work on it as a draft.");
        if (form.Wrong || !Saves(form)) return await Show(form, announcement, db, time, preview: text);
        if (!IsOf(form, announcement)) return await Overtaken(form, id, db, time);

        announcement.Write(text);
        try
        {
            return await Save(announcement, publishAt, form, visit, db, now);
        }
        catch (DbUpdateConcurrencyException)    // between our look and our save
        {
            return await Overtaken(form, id, db, time);
        }
    }

    static async Task<IResult> Save(Announcement announcement, DateTimeOffset? publishAt, Form form, Visit visit, TownDb db, DateTimeOffset now)
    {
        var before = announcement.StandingAt(now);
        if (form.Typed("do") == "draft") announcement.KeepAsDraft(publishAt, now);
        else announcement.Publish(publishAt, now);
        PublishAnnouncement.WhenDue(announcement, visit.Visitor!.AccountId, db, now);

        var done = (before, announcement.StandingAt(now)) switch
        {
            (_, Standing.Draft) => "draft",
            (_, Standing.Scheduled) => "schedule",
            (Standing.Visible or Standing.Ended, _) => "change",
            _ => "publish",
        };
        db.Audit(visit.Did("announcements." + done, SubjectOf(announcement.Id), at: now,
            details: new { announcement.Version, Title = announcement.Title.In(Lang.Japanese), announcement.PublishAt, announcement.UntilAt }));
        var path = $"desk/announcements/{announcement.Id}?done={done}";
        await db.Save(form.Once, visit.Link(path));
        return Page.Go(visit, path);
    }

    /// <summary>Somebody else was faster. What was typed stays, beside what stands now; sending it again is a decision.</summary>
    internal static async Task<IResult> Overtaken(Form form, Guid id, TownDb db, TimeProvider time)
    {
        db.ChangeTracker.Clear();
        return await Find(db, id) is { } now ? await Show(form, now, db, time, overtaken: true) : Page.NotFound;
    }

    internal static async Task<IResult> Show(Form form, Announcement? announcement, TownDb db, TimeProvider time,
        AnnouncementText? preview = null, bool overtaken = false, string? done = null, Form? withdrawal = null)
    {
        var now = time.GetUtcNow();
        return Page.Show<WriteAnnouncementPage>(new
        {
            Form = form,
            Withdrawal = withdrawal ?? Form.Empty,
            Stored = announcement is null ? null : StoredOf(announcement, now),
            Overtaken = overtaken,
            Preview = form.Typed("do") == "preview" && preview is not null ? Texts(Announcement.Draft(preview, form.Moment("publishAt") ?? now, null, now)) : [],
            Hints = ChecksWords(form) ? PlainJapanese.Check(form.Typed(AnnouncementForm.TitleIn(Lang.Plain)) + "\n" + form.Typed(AnnouncementForm.BodyIn(Lang.Plain))) : null,
            Done = done,
            History = announcement is null ? [] : await History(db, announcement.Id),
        }, overtaken ? 409 : form.Wrong || withdrawal is { Wrong: true } ? 422 : 200);
    }

    internal static Stored StoredOf(Announcement announcement, DateTimeOffset now) => new(announcement.Id, announcement.Version, announcement.StandingAt(now), announcement.ChangedAt, Texts(announcement));

    internal static Task<Announcement?> Find(TownDb db, Guid id) => db.Set<Announcement>().FirstOrDefaultAsync(a => a.Id == id);

    internal static string SubjectOf(Guid id) => $"announcements/{id}";

    /// <summary>Whether the form was filled from what is stored now.</summary>
    internal static bool IsOf(Form form, Announcement announcement) =>
        form.Typed("version") == announcement.Version.ToString(CultureInfo.InvariantCulture);

    // Anything but these two buttons only shows: a form sent by the Enter key publishes nothing.
    static bool Saves(Form form) => form.Typed("do") is "draft" or "publish";

    /// <summary>Only a look at the plain Japanese: what is still missing elsewhere is no mistake yet.</summary>
    static bool ChecksWords(Form form) => form.Typed("do") == "words";

    /// <summary>In each language in which it says something.</summary>
    static IReadOnlyList<AnnouncementView> Texts(Announcement announcement) =>
        Lang.Shipped.Concat(Lang.Further).Where(l => l == Lang.Japanese || announcement.SaidIn.Contains(l.Code)).Select(l => announcement.In(l, under: 3)).ToArray();

    static async Task<IReadOnlyList<Happening>> History(TownDb db, Guid id) =>
        await db.Set<AuditEntry>().Where(e => e.Subject == SubjectOf(id)).OrderByDescending(e => e.At).ThenByDescending(e => e.Id).Take(100)
            .LeftJoin(db.Set<Account>(), e => e.ActorId, a => (Guid?)a.Id, (e, a) => new { e, a })
            .OrderByDescending(h => h.e.At).ThenByDescending(h => h.e.Id)
            .Select(h => new Happening(h.e.At, h.a == null ? null : h.a.Name, h.e.Action, h.e.Reason)).ToListAsync();
}
