using System.Buffers.Text;
using Komachi.Platform.Data;
using Komachi.Platform.Mail;
using Komachi.Platform.Web;
using Komachi.Ui.Words;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Komachi.Platform.People;

/// <summary>
/// Lets somebody in who proved who they are: every way in ends here, and sessions begin nowhere else. Who owes a second proof
/// waits at the door with a session that is none yet.
/// </summary>
static class Entrance
{
    static readonly TimeSpan Longest = TimeSpan.FromHours(12), AtTheDoor = TimeSpan.FromMinutes(15);

    /// <summary>How long a device may lie there unused.</summary>
    public static TimeSpan IdleOf(bool staff) => TimeSpan.FromHours(staff ? 2 : 4);

    /// <param name="how">What was shown: <c>password</c>, <c>passkey</c>, <c>mail</c>, <c>directory</c>, …</param>
    /// <param name="strong">It counts for two: nothing else is asked.</param>
    internal static async Task<IResult> Let(Account account, string how, bool strong, string then, Visit visit, TownDb db, HttpContext http, TimeProvider time)
    {
        Waiting? waits = null;
        if (!strong && (account.Kind == AccountKind.Staff || account.TotpSecret is not null))
            waits = account.TotpSecret is not null || await db.Set<Passkey>().AnyAsync(p => p.AccountId == account.Id) ? Waiting.SecondFactor : Waiting.SetUp;

        var now = time.GetUtcNow();
        var (secret, hash) = SessionDoor.NewSecret();
        var session = new Session
        {
            AccountId = account.Id, SecretHash = hash, How = [how], WaitsFor = waits, Device = Device.NameOf(http.Request.Headers.UserAgent.ToString()), FromAddress = visit.From,
            BeganAt = now, SeenAt = now, ProvedAt = now, LatestAt = now + Longest, EndsAt = now + (waits is null ? IdleOf(account.Kind == AccountKind.Staff) : AtTheDoor),
        };
        db.Add(session);
        await EndTheOneBefore(visit, db);
        if (waits is null) return await Enter(account, session, secret, then, visit, db, http, now);

        visit.AtTheDoor = new(VisitorOf(account, session), waits.Value);
        db.Audit(visit.Did("people.sign_in_begun", subject: SubjectOf(account), details: new { how }));
        await db.Save();
        SessionDoor.Give(http, visit, secret, session.LatestAt);
        return Page.Go(visit, (account.Kind == AccountKind.Staff ? "desk/" : "") + (waits == Waiting.SetUp ? "sign-in/set-up" : "sign-in/second") + Then.Query(then));
    }

    /// <summary>The second proof: the session gets another secret, so that who knew the first one knows nothing.</summary>
    internal static async Task<IResult> Complete(string how, string then, Visit visit, TownDb db, HttpContext http, TimeProvider time)
    {
        var now = time.GetUtcNow();
        var (account, session, secret) = await Promote(how, visit, db, now);
        return await Enter(account, session, secret, then, visit, db, http, now);
    }

    /// <summary>As <see cref="Complete"/>, where the answer is a page: codes that are shown once.</summary>
    internal static async Task CompleteHere(string how, Visit visit, TownDb db, HttpContext http, TimeProvider time)
    {
        var now = time.GetUtcNow();
        var (account, session, secret) = await Promote(how, visit, db, now);
        await Enter(account, session, secret, "", visit, db, http, now);
    }

    static async Task<(Account, Session, string)> Promote(string how, Visit visit, TownDb db, DateTimeOffset now)
    {
        var who = visit.AtTheDoor!.Who;
        var account = await db.Set<Account>().SingleAsync(a => a.Id == who.AccountId);
        var session = await db.Set<Session>().SingleAsync(s => s.Id == who.SessionId);
        var (secret, hash) = SessionDoor.NewSecret();
        (session.SecretHash, session.WaitsFor, session.ProvedAt, session.SeenAt, session.EndsAt) = (hash, null, now, now, now + IdleOf(who.IsStaff));
        session.How = [.. session.How, how];
        return (account, session, secret);
    }

    static async Task<IResult> Enter(Account account, Session session, string secret, string then, Visit visit, TownDb db, HttpContext http, DateTimeOffset now)
    {
        var who = VisitorOf(account, session);
        http.User = SessionDoor.UserOf(who);    // what is rendered from here on carries the new session's tokens
        if (account.FirstPasswordUntil is null)
        {
            (visit.Visitor, visit.AtTheDoor) = (who, null);
            db.Audit(visit.Did("people.sign_in", subject: SubjectOf(account), details: new { how = string.Join('+', session.How), session.Device }));
            await KnownDevices.Note(account, session, visit, db, http, now);
        }
        else
        {
            visit.AtTheDoor = new(who, Waiting.NewPassword);
            db.Audit(visit.Did("people.sign_in_begun", subject: SubjectOf(account), details: new { how = string.Join('+', session.How) }));
        }
        await db.Save();
        SessionDoor.Give(http, visit, secret, session.LatestAt);
        return Page.Go(visit, On(account, then));
    }

    /// <summary>Where the way leads from the last proof.</summary>
    internal static string On(Account account, string then) =>
        account.FirstPasswordUntil is null ? Then.After(account.Kind, then) : FirstPassword.PathOf(account.Kind == AccountKind.Staff) + Then.Query(then);

    static async Task EndTheOneBefore(Visit visit, TownDb db)
    {
        if ((visit.Visitor ?? visit.AtTheDoor?.Who) is not { } before) return;
        if (await db.Set<Session>().SingleOrDefaultAsync(s => s.Id == before.SessionId) is { } session) db.Remove(session);
        visit.Visitor = null;
    }

    static Visitor VisitorOf(Account account, Session session) =>
        new(account.Id, session.Id, account.Name, account.Email, account.Kind == AccountKind.Staff, account.Permissions) { PersonId = account.PersonId, ProvedAt = session.ProvedAt };

    internal static string SubjectOf(Account account) => $"accounts/{account.Id}";
}

/// <summary>Where they wanted to go before they were asked who they are.</summary>
static class Then
{
    /// <summary>Back there, if that is one of our own paths on the same side.</summary>
    public static string After(AccountKind kind, string then)
    {
        var home = kind == AccountKind.Staff ? "desk" : "my";
        var ours = then.Length is > 0 and < 500 && !then.StartsWith('/') && !then.Contains(':') && !then.Contains('\\') && !then.Any(char.IsControl);
        return ours && then.StartsWith("desk", StringComparison.Ordinal) == (kind == AccountKind.Staff) ? then : home;
    }

    public static string Query(string then) => then.Length == 0 ? "" : "?then=" + Uri.EscapeDataString(then);
}

/// <summary>A device on which an account was signed in before.</summary>
sealed class KnownDevice
{
    public required byte[] SecretHash { get; init; }
    public Guid AccountId { get; init; }
    public DateTimeOffset SeenAt { get; set; }
    public DateTimeOffset EndsAt { get; set; }

    public static void Map(Microsoft.EntityFrameworkCore.ModelBuilder model) => model.Entity<KnownDevice>(e =>
    {
        e.ToTable("devices");
        e.HasKey(d => new { d.SecretHash, d.AccountId });
        e.HasIndex(d => d.AccountId).HasDatabaseName("devices_account");
        e.HasOne<Account>().WithMany().HasForeignKey(d => d.AccountId).HasConstraintName("devices_account_id_fkey").OnDelete(DeleteBehavior.Cascade);
    });
}

/// <summary>
/// A device remembers with a cookie of its own that somebody signed in there: wrong guesses made elsewhere do not slow it down,
/// and a device that is new is told of by mail. It opens nothing.
/// </summary>
static class KnownDevices
{
    static readonly TimeSpan Remembered = TimeSpan.FromDays(365);

    static HouseCookie CookieOf(Visit visit) => HouseCookie.Of(visit, "komachi-device-" + visit.Town.Slug);

    public static byte[]? HashOf(HttpContext http, Visit visit) => CookieOf(visit).Read(http) is { } secret ? SessionDoor.HashOf(secret) : null;

    public static async Task<bool> Knows(Guid account, Visit visit, TownDb db, HttpContext http, DateTimeOffset now) =>
        HashOf(http, visit) is { } hash && await db.Set<KnownDevice>().AnyAsync(d => d.SecretHash == hash && d.AccountId == account && d.EndsAt > now);

    /// <summary>The device's own mark where it knows this account.</summary>
    public static async Task<byte[]?> HashFor(Account? account, Visit visit, TownDb db, HttpContext http, TimeProvider time) =>
        account is not null && await Knows(account.Id, visit, db, http, time.GetUtcNow()) ? HashOf(http, visit) : null;

    public static async Task Note(Account account, Session session, Visit visit, TownDb db, HttpContext http, DateTimeOffset now)
    {
        var hash = HashOf(http, visit);
        if (hash is not null && await db.Set<KnownDevice>().SingleOrDefaultAsync(d => d.SecretHash == hash && d.AccountId == account.Id) is { } known)
        {
            (known.SeenAt, known.EndsAt) = (now, now + Remembered);
            return;
        }
        if (hash is null)
        {
            (var secret, hash) = SessionDoor.NewSecret();
            CookieOf(visit).Give(http, secret, now + Remembered);
        }
        var first = !await db.Set<KnownDevice>().AnyAsync(d => d.AccountId == account.Id);
        db.Add(new KnownDevice { SecretHash = hash, AccountId = account.Id, SeenAt = now, EndsAt = now + Remembered });
        if (first || account.Email is null) return;
        var words = http.RequestServices.GetRequiredService<Words>();
        db.Enqueue(new SendMail(account.Email, words["A new device signed in: {0}", visit.Town.Name.In(visit.Lang)],
            words.Dear(account.Name) + "\n\n" + words["Somebody signed in with your account on a device that we did not know: {0}, {1}. If that was you, all is well. If not: sign in, open “Signing in and devices”, end that device and choose a new password.",
                session.Device.Length == 0 ? words["a device"] : session.Device, Days.JapanTime.Show(now, visit.Lang)]));
    }
}

/// <summary>What a browser calls itself, in words that its owner knows.</summary>
static class Device
{
    static readonly (string Mark, string Name)[] Browsers = [("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox/", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari")];
    static readonly (string Mark, string Name)[] Systems = [("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "Mac"), ("CrOS", "Chromebook"), ("Linux", "Linux")];

    public static string NameOf(string userAgent)
    {
        var found = new[] { Browsers, Systems }.Select(list => list.FirstOrDefault(p => userAgent.Contains(p.Mark, StringComparison.Ordinal)).Name).Where(n => n is not null);
        return string.Join(" · ", found);
    }
}
