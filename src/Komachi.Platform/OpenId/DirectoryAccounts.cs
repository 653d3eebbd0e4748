using System.Globalization;
using System.Security.Cryptography;
using Komachi.Platform.Data;
using Komachi.Platform.People;
using Komachi.Platform.Web;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.OpenId;

/// <summary>Whose account it is that somebody from the directory comes to.</summary>
static class DirectoryAccounts
{
    const int LongestName = 100;

    /// <summary>
    /// Their link says so. Without one, the claim that the town chose is held against the accounts of staff, once: an account that
    /// has a link is nobody else's, whatever claims say later. What is found here is saved by the caller, with the sign-in.
    /// </summary>
    public static async Task<(Account? Account, Trouble Trouble)> Find(Identity identity, DirectoryProvider provider, Visit visit, TownDb db, DateTimeOffset now, CancellationToken stop)
    {
        var link = await db.Set<DirectoryLink>().FirstOrDefaultAsync(l => l.Issuer == identity.Issuer && l.Subject == identity.Subject, stop);
        Account? account;
        if (link is not null)
        {
            account = await db.Set<Account>().FirstAsync(a => a.Id == link.AccountId, stop);
            link.UsedAt = now;
        }
        else
        {
            var (found, unclear) = await Match(identity, provider, db, stop);
            if (unclear) return (null, Trouble.NoAccount);
            account = found;
            if (account is null)
            {
                if (!provider.CreatesAccounts) return (null, Trouble.NoAccount);
                account = await Create(identity, provider, db, now, stop);
                db.Audit(visit.Did("directory.create_account", $"accounts/{account.Id}", at: now));
            }
            else if (account.ClosedAt is not null) return (account, Trouble.Closed);
            db.Add(new DirectoryLink { Issuer = identity.Issuer, Subject = identity.Subject, AccountId = account.Id, LinkedAt = now, UsedAt = now });
            db.Audit(visit.Did("directory.link", $"accounts/{account.Id}", at: now));
        }
        if (account.ClosedAt is not null || account.Kind != AccountKind.Staff) return (account, Trouble.Closed);
        account.KnownAs(NameIn(identity, provider) ?? account.Name, EmailIn(identity) ?? account.Email);
        return (account, default);
    }

    static async Task<(Account? Found, bool Unclear)> Match(Identity identity, DirectoryProvider provider, TownDb db, CancellationToken stop)
    {
        if (identity.Claim(provider.MatchClaim) is not { Length: > 0 and <= 200 } claimed) return (null, false);
        var staff = db.Set<Account>().Where(a => a.Kind == AccountKind.Staff);
        if (provider.MatchBy == MatchBy.SignInName)
        {
            var name = Account.FoldSignInName(claimed);
            staff = staff.Where(a => a.SignInName == name);
        }
        else
        {
            // An address counts when the directory says that it looked; else anybody could write a colleague's.
            if (provider.MatchClaim == "email" && identity.Says("email_verified") != true) return (null, false);
            var address = claimed.Trim().ToLowerInvariant();
            // Lower-cased there and here, and no two by chance: addresses are ASCII.
#pragma warning disable CA1304, CA1311, CA1862
            staff = staff.Where(a => a.Email != null && a.Email.ToLower() == address);
#pragma warning restore CA1304, CA1311, CA1862
        }
        var fitting = await staff.OrderBy(a => a.ClosedAt != null).Take(2).ToListAsync(stop);
        if (fitting.Count == 0) return (null, false);
        if (fitting.Count > 1 && fitting[1].ClosedAt is null) return (null, true);
        var one = fitting[0];
        return await db.Set<DirectoryLink>().AnyAsync(l => l.AccountId == one.Id && l.Issuer == identity.Issuer, stop) ? (null, true) : (one, false);
    }

    /// <summary>Without permissions: what they may do is the town's to say, not the directory's.</summary>
    static async Task<Account> Create(Identity identity, DirectoryProvider provider, TownDb db, DateTimeOffset now, CancellationToken stop)
    {
        var wanted = Account.FoldSignInName((provider.MatchBy == MatchBy.SignInName ? identity.Claim(provider.MatchClaim) : null) ?? identity.Claim("preferred_username") ?? "");
        if (wanted.Length is 0 or > LongestName || wanted.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)) || await db.Set<Account>().AnyAsync(a => a.SignInName == wanted, stop))
            wanted = "directory-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(5));
        // Nobody knows it: this account comes from the directory.
        var nobodys = Passwords.Hash(Convert.ToHexString(RandomNumberGenerator.GetBytes(32)));
        var account = Account.Open(AccountKind.Staff, wanted, NameIn(identity, provider) ?? wanted, EmailIn(identity), [], nobodys, now);
        db.Add(account);
        return account;
    }

    static string? NameIn(Identity identity, DirectoryProvider provider) =>
        FormDoor.Clean(identity.Claim(provider.NameClaim) ?? "").ReplaceLineEndings(" ").Trim() is { Length: > 0 } name && new StringInfo(name).LengthInTextElements <= LongestName ? name : null;

    static string? EmailIn(Identity identity) =>
        identity.Says("email_verified") != false && identity.Claim("email") is { Length: > 0 and <= 254 } address && System.Net.Mail.MailAddress.TryCreate(address, out var read) && read.Address == address ? address : null;
}
