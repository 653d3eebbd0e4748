using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.People;

public enum AccountKind { Resident, Staff }

/// <summary>
/// Someone who can sign in: a resident, who is a <see cref="Person"/>, or a member of staff. Ways in: a password, codes of an
/// authenticator app, codes on paper, passkeys, a code sent to the address, the city's directory; staff need two of them.
/// </summary>
public sealed class Account
{
    Account() { }

    public Guid Id { get; private init; } = Data.Id.New();

    /// <summary>What is typed at the door: small letters, unique in the town.</summary>
    public string SignInName { get; private set; } = "";

    /// <summary>Exactly as written, variation selectors included.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Where mail goes.</summary>
    public string? Email { get; private set; }

    /// <summary>The address, folded, when its owner proved to read it: then it is a sign-in name too.</summary>
    public string? EmailKey { get; private set; }

    /// <summary>A mobile number whose owner proved to read what comes there: eleven digits, a sign-in name too.</summary>
    public string? Phone { get; private set; }
    public AccountKind Kind { get; private init; }

    /// <summary>None for who signs in without one.</summary>
    public string? PasswordHash { get; private set; }

    /// <summary>Set while the password is one that a command printed: until then it leads to the page where another is chosen, and nowhere else.</summary>
    public DateTimeOffset? FirstPasswordUntil { get; private set; }

    /// <summary>The authenticator's secret, sealed with the town's key.</summary>
    public byte[]? TotpSecret { get; private set; }

    /// <summary>The half minute whose code was used last: no code is good twice.</summary>
    public long TotpStep { get; private set; }

    /// <summary>Held everywhere in the town and without an end.</summary>
    public string[] Permissions { get; private set; } = [];
    public Guid? PersonId { get; private set; }

    /// <summary>The colleague who said so; null where they proved it themselves, and for residents.</summary>
    public Guid? PersonSaidById { get; private set; }

    /// <summary>Of staff: single letters lead somewhere at the desk.</summary>
    public bool UsesKeys { get; private set; } = true;
    public DateTimeOffset CreatedAt { get; private init; }
    public DateTimeOffset? ClosedAt { get; private set; }

    /// <summary>For a resident there is a <paramref name="person"/>; staff may say later who they are as one.</summary>
    public static Account Open(AccountKind kind, string signInName, string name, string? email, IEnumerable<string> permissions, string? passwordHash, DateTimeOffset now, Person? person = null) => new()
    {
        Kind = kind,
        SignInName = FoldSignInName(signInName),
        Name = name,
        Email = email,
        Permissions = [.. permissions],
        PasswordHash = passwordHash,
        PersonId = person?.Id,
        CreatedAt = now,
    };

    public bool IsOpen => ClosedAt is null;
    /// <summary>As the city's directory knows them now.</summary>
    internal void KnownAs(string name, string? email)
    {
        Name = name;
        MayWrite(email);
    }


    /// <summary>One that its owner chose.</summary>
    public void SetPassword(string password) => (PasswordHash, FirstPasswordUntil) = (Passwords.Hash(password), null);

    /// <summary>One that somebody else saw, who gives it to its owner: as long good as an invitation.</summary>
    public void SetFirstPassword(string password, DateTimeOffset now) => (PasswordHash, FirstPasswordUntil) = (Passwords.Hash(password), now + TimeSpan.FromDays(7));

    /// <summary>Its owner reads mail that is sent there.</summary>
    public void Proved(string email) => (Email, EmailKey) = (email, FoldEmail(email));

    public void ProvedPhone(string mobile) => Phone = mobile;

    public void UseAuthenticator(byte[] sealedSecret, long step) => (TotpSecret, TotpStep) = (sealedSecret, step);

    public void UsedCodeOf(long step) => TotpStep = step;

    public void ForgetAuthenticator() => (TotpSecret, TotpStep) = (null, 0);

    public void Rename(string name) => Name = name;

    /// <summary>Of a member of staff: which resident they are. What a colleague says raises alerts and opens nothing.</summary>
    public void IsPerson(Guid person, Guid? saidBy = null) => (PersonId, PersonSaidById) = (person, saidBy);

    public void IsNobodyHere() => (PersonId, PersonSaidById) = (null, null);

    public void UseKeys(bool on) => UsesKeys = on;

    public void MayWrite(string? email) => (Email, EmailKey) = (email, FoldEmail(email ?? "") == EmailKey ? EmailKey : null);

    public void Grant(IEnumerable<string> permissions) => Permissions = [.. permissions.Distinct().Order(StringComparer.Ordinal)];

    public void Close(DateTimeOffset now) => ClosedAt ??= now;

    public void Reopen() => ClosedAt = null;

    /// <summary>Its owner was forgotten: the row stays, so that what refers to it does not break, and says nothing.</summary>
    public bool IsErased => ClosedAt is not null && Name.Length == 0;

    internal void Erase(DateTimeOffset now)
    {
        (SignInName, Name, Email, EmailKey, Phone, PasswordHash, FirstPasswordUntil, Permissions) = ($"erased-{Id:N}", "", null, null, null, null, null, []);
        ForgetAuthenticator();
        Close(now);
    }

    /// <summary>Names typed with another keyboard setting are the same name.</summary>
    public static string FoldSignInName(string typed) => typed.Trim().Normalize(System.Text.NormalizationForm.FormKC).ToLowerInvariant();

    /// <summary>Two addresses that differ in case alone lead to one mailbox nearly everywhere.</summary>
    public static string FoldEmail(string typed) => FoldSignInName(typed);

    internal static void Map(ModelBuilder model) => model.Entity<Account>(e =>
    {
        e.ToTable("accounts");
        e.Ignore(a => a.IsOpen);
        e.Ignore(a => a.IsErased);
        e.Property(a => a.UsesKeys).HasDefaultValue(true);
        e.Property(a => a.TotpStep).IsConcurrencyToken();    // of two that show one code at once, one was first
        e.HasIndex(a => a.SignInName).IsUnique().HasDatabaseName("accounts_sign_in_name");
        e.HasIndex(a => new { a.Kind, a.EmailKey }).IsUnique().HasDatabaseName("accounts_email_key").HasFilter("closed_at IS NULL");
        e.HasIndex(a => new { a.Kind, a.Phone }).IsUnique().HasDatabaseName("accounts_phone").HasFilter("closed_at IS NULL");
        e.HasIndex(a => a.PersonId).HasDatabaseName("accounts_person");
        e.HasOne<Person>().WithMany().HasForeignKey(a => a.PersonId).HasConstraintName("accounts_person_id_fkey").OnDelete(DeleteBehavior.NoAction);
    });
}
