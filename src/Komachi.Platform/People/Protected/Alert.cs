using Komachi.Platform.Data;
using Komachi.Platform.Mail;
using Komachi.Platform.Offices;
using Komachi.Ui.Words;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.People;

enum AlertKind { ProtectedOpened, OwnRecord, RelativesRecord }

/// <summary>
/// A member of staff opened what has to be looked at by a second person: a protected record, their own, or a relative's.
/// For a protected one this row is also what opens it, for a quarter of an hour and for that account alone.
/// </summary>
sealed class Alert
{
    static readonly TimeSpan OpenFor = TimeSpan.FromMinutes(15);

    public Guid Id { get; init; } = Data.Id.New();
    public AlertKind Kind { get; init; }
    public Guid PersonId { get; init; }
    public Guid AccountId { get; init; }
    public string? Reason { get; init; }
    public DateTimeOffset RaisedAt { get; init; }
    public DateTimeOffset? OpenUntil { get; init; }
    public DateTimeOffset? SeenAt { get; private set; }
    public Guid? SeenById { get; private set; }

    public void Acknowledge(Guid by, DateTimeOffset now) => (SeenAt, SeenById) = (now, by);

    /// <summary>Saved with what is being saved; those who look after protected people get a mail that names nobody.</summary>
    public static async Task Raise(AlertKind kind, Guid person, Guid account, string? reason, TownDb db, House house, DateTimeOffset now)
    {
        db.Add(new Alert { Kind = kind, PersonId = person, AccountId = account, Reason = reason, RaisedAt = now, OpenUntil = kind == AlertKind.ProtectedOpened ? now + OpenFor : null });
        var words = new Words(Lang.Japanese, house.Words);
        foreach (var email in await Guardians(db, butNot: account))
            db.Enqueue(new SendMail(email, words["{0}: a record was opened that needs a second look", db.Town.Name.In(Lang.Japanese)],
                words["A colleague opened a record of a protected person, of themselves or of a relative. Please look at it at the desk, under “Alerts”. This mail names nobody, on purpose."]));
    }

    /// <summary>The addresses of those who look after protected people.</summary>
    public static Task<List<string>> Guardians(TownDb db, Guid? butNot = null) =>
        db.HoldersOf(Protection.Permission, Days.JapanTime.DayOf(TimeProvider.System.GetUtcNow())).Where(a => a.Email != null && a.Id != butNot)
            .Select(a => a.Email!).ToListAsync();

    public static void Map(ModelBuilder model) => model.Entity<Alert>(e =>
    {
        e.ToTable("alerts");
        e.HasIndex(a => new { a.AccountId, a.PersonId, a.RaisedAt }).HasDatabaseName("alerts_account");
        e.HasIndex(a => a.AccountId).HasDatabaseName("alerts_unseen").HasFilter("seen_at IS NULL");
        e.HasIndex(a => a.RaisedAt).HasDatabaseName("alerts_raised");
        e.HasIndex(a => a.PersonId).HasDatabaseName("alerts_person");
        e.HasIndex(a => a.SeenById).HasDatabaseName("alerts_seen_by");
        e.HasOne<Person>().WithMany().HasForeignKey(a => a.PersonId).HasConstraintName("alerts_person_id_fkey").OnDelete(DeleteBehavior.Cascade);
        e.HasOne<Account>().WithMany().HasForeignKey(a => a.AccountId).HasConstraintName("alerts_account_id_fkey").OnDelete(DeleteBehavior.Cascade);
        e.HasOne<Account>().WithMany().HasForeignKey(a => a.SeenById).HasConstraintName("alerts_seen_by_id_fkey").OnDelete(DeleteBehavior.NoAction);
    });
}
