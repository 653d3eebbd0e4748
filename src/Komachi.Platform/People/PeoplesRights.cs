using Komachi.Platform.Rights;
using Microsoft.EntityFrameworkCore;

namespace Komachi.Platform.People;

/// <summary>What is held about a person as such, how long, and how they are forgotten.</summary>
static class PeoplesRights
{
    const string Sessions = "people.sessions", Codes = "people.codes", Devices = "people.devices", Closed = "people.closed_accounts";

    public static void Define(ModuleBuilder m)
    {
        m.Retains(Sessions, "Devices that were signed in", "Needed while somebody is signed in", Keep.Days(0),
            night => night.Db.Set<Session>().Where(s => s.EndsAt < night.Before && !Of(night).Any(a => a.Id == s.AccountId)));
        m.Retains(Codes, "Codes that were sent by mail", "Needed to see that a code is used once", Keep.Days(1),
            night => night.Db.Set<SentCode>().Where(c => c.EndsAt < night.Before && !Of(night).Any(a => a.Id == c.AccountId)));
        m.Retains(Devices, "Devices that are known", "Strangers' wrong guesses do not slow down a device that is known", Keep.Days(0),
            night => night.Db.Set<KnownDevice>().Where(d => d.EndsAt < night.Before && !Of(night).Any(a => a.Id == d.AccountId)));
        m.Retains(Closed, "Closed accounts of residents", "Somebody may ask within that time for what was done with it", Keep.Years(1),
            all: night => night.Db.Set<Account>().Where(a => a.Kind == AccountKind.Resident && a.ClosedAt != null && a.Name != "").Take(RightsRegistration.MostCounted + 1).CountAsync(night.Stop),
            due: night => ClosedBefore(night).Take(RightsRegistration.MostCounted + 1).CountAsync(night.Stop),
            erase: EraseClosed);
        m.Discloses("You, your account and your devices", Tell);
        m.Forgets(Look, Forget);
    }

    /// <summary>Accounts of persons of whom nothing may be erased now.</summary>
    static IQueryable<Account> Of(Night night)
    {
        var held = night.Held;
        return night.Db.Set<Account>().Where(a => a.PersonId != null && held.Contains(a.PersonId.Value));
    }

    static IQueryable<Account> ClosedBefore(Night night)
    {
        var held = night.Held;
        return night.Db.Set<Account>().Where(a => a.Kind == AccountKind.Resident && a.ClosedAt < night.Before && a.Name != "" && !(a.PersonId != null && held.Contains(a.PersonId.Value)));
    }

    static async Task<int> EraseClosed(Night night, int most)
    {
        var accounts = await ClosedBefore(night).OrderBy(a => a.Id).Take(most).ToListAsync(night.Stop);
        foreach (var account in accounts) account.Erase(night.Now);
        await ForgetWaysIn([.. accounts.Select(a => a.Id)], [], night.Db, night.Stop);
        await night.Db.Save(stop: night.Stop);
        night.Db.ChangeTracker.Clear();
        return accounts.Count;
    }

    static async Task ForgetWaysIn(Guid[] accounts, string[] addresses, Data.TownDb db, CancellationToken stop)
    {
        await db.Set<Session>().Where(s => accounts.Contains(s.AccountId)).ExecuteDeleteAsync(stop);
        await db.Set<KnownDevice>().Where(d => accounts.Contains(d.AccountId)).ExecuteDeleteAsync(stop);
        await db.Set<Passkey>().Where(p => accounts.Contains(p.AccountId)).ExecuteDeleteAsync(stop);
        await db.Set<RecoveryCode>().Where(c => accounts.Contains(c.AccountId)).ExecuteDeleteAsync(stop);
        await db.Set<SentCode>().Where(c => c.AccountId != null && accounts.Contains(c.AccountId.Value) || c.AccountId == null && addresses.Contains(c.Address.ToLower())).ExecuteDeleteAsync(stop);
    }

    static IQueryable<Account> AccountsOf(AboutPerson about) => about.Db.Set<Account>().Where(a => a.PersonId == about.PersonId && a.Kind == AccountKind.Resident);

    static async Task<IReadOnlyList<HeldRecord>> Tell(AboutPerson about)
    {
        var (words, db) = (about.Words, about.Db);
        var told = new List<HeldRecord>();
        if (await db.Set<Person>().AsNoTracking().SingleOrDefaultAsync(p => p.Id == about.PersonId, about.Stop) is not { Name.Length: > 0 } person) return told;
        told.Add(new(words["You"], person.CreatedAt,
        [
            new("name", words["Name"], person.Name),
            new("kana", words["Reading"], person.Kana),
            new("bornOn", words["Born on"], person.BornOn?.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture)),
            new("postcode", words["Postcode"], person.Postcode),
            new("address", words["Address"], person.Address),
            new("phone", words["Telephone"], person.Phone),
            new("email", words["E-mail address"], person.Email),
        ], Because: words["So that the town knows who applies for something"]));
        // Who the others are is theirs to tell; and that somebody is protected is told by the office, not by a page that others may see.
        foreach (var mandate in await db.Set<Mandate>().AsNoTracking().Where(m => m.AgentId == about.PersonId || m.PrincipalId == about.PersonId).OrderBy(m => m.AskedAt).ToListAsync(about.Stop))
            told.Add(new(words["Acting for another"], mandate.AskedAt,
            [
                new("side", words["Your side"], mandate.AgentId == about.PersonId ? words["You act for somebody"] : words["Somebody acts for you"]),
                new("ground", words["Ground"], words[Mandate.Title(mandate.Ground)]),
                new("until", words["Until when"], mandate.UntilOn?.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture)),
            ], Ended: mandate.EndedAt));
        foreach (var relation in await db.Set<Relation>().AsNoTracking().Where(r => r.PersonId == about.PersonId || r.OtherId == about.PersonId).OrderBy(r => r.RecordedAt).ToListAsync(about.Stop))
            told.Add(new(words["Relatives and household"], relation.RecordedAt, [new("kind", words["Relation"], words[Relation.Title(relation.PersonId == about.PersonId ? relation.Kind : Relation.FromTheOther(relation.Kind))])]));
        var accounts = await AccountsOf(about).AsNoTracking().OrderBy(a => a.CreatedAt).ToListAsync(about.Stop);
        var ids = accounts.Select(a => a.Id).ToArray();
        foreach (var account in accounts)
            told.Add(new(words["Account"], account.CreatedAt,
            [
                new("signInName", words["Sign-in name"], account.SignInName),
                new("name", words["Name"], account.Name),
                new("email", words["E-mail address"], account.Email),
                new("phone", words["Telephone"], account.Phone),
                new("password", words["Password"], account.PasswordHash is null ? null : "••••••"),
                new("authenticator", words["Authenticator app"], account.TotpSecret is null ? null : "••••••"),
            ], Kind: account.ClosedAt is null ? null : Closed, Ended: account.ClosedAt, Because: account.ClosedAt is null ? words["Your way in"] : null));
        foreach (var key in await db.Set<Passkey>().AsNoTracking().Where(p => ids.Contains(p.AccountId)).OrderBy(p => p.AddedAt).ToListAsync(about.Stop))
            told.Add(new(words["Passkey"], key.AddedAt, [new("name", words["Name"], key.Name)], Because: words["Your way in"]));
        foreach (var session in await db.Set<Session>().AsNoTracking().Where(s => ids.Contains(s.AccountId)).OrderByDescending(s => s.SeenAt).ToListAsync(about.Stop))
            told.Add(new(words["A device that is signed in"], session.BeganAt,
            [
                new("device", words["Device"], session.Name ?? session.Device),
                new("from", words["From where"], session.FromAddress),
                new("seenAt", words["Used last"], Days.JapanTime.Show(session.SeenAt, words.Lang)),
            ], Sessions, session.EndsAt));
        foreach (var device in await db.Set<KnownDevice>().AsNoTracking().Where(d => ids.Contains(d.AccountId)).OrderByDescending(d => d.SeenAt).ToListAsync(about.Stop))
            told.Add(new(words["A device that is known"], null, [new("seenAt", words["Used last"], Days.JapanTime.Show(device.SeenAt, words.Lang))], Devices, device.EndsAt));
        foreach (var code in await db.Set<SentCode>().AsNoTracking().Where(c => c.AccountId != null && ids.Contains(c.AccountId.Value)).OrderByDescending(c => c.MadeAt).ToListAsync(about.Stop))
            told.Add(new(words["A code that was sent"], code.MadeAt, [new("address", words["E-mail address"], code.Address)], Codes, code.EndsAt));
        return told;
    }

    static async Task<IReadOnlyList<Fate>> Look(AboutPerson about)
    {
        var (words, db) = (about.Words, about.Db);
        var ids = AccountsOf(about).Select(a => a.Id);
        var known = await db.Set<Person>().CountAsync(p => p.Id == about.PersonId && p.Name != "", about.Stop);
        return
        [
            new(words["The account, with all ways in"], await AccountsOf(about).CountAsync(a => a.Name != "", about.Stop)),
            new(words["Devices that were signed in"], await db.Set<Session>().CountAsync(s => ids.Contains(s.AccountId), about.Stop)),
            about.WhoStays
                ? new(words["Name, birth date and address"], known, words["Something that has to stay says whom it is about"], about.WhoStaysUntil)
                : new(words["Name, birth date, address and all else about the person"], known),
        ];
    }

    static async Task Forget(AboutPerson about)
    {
        var accounts = await AccountsOf(about).ToListAsync(about.Stop);
        var person = await about.Db.Set<Person>().SingleOrDefaultAsync(p => p.Id == about.PersonId, about.Stop);
        string[] addresses = [.. accounts.Select(a => a.Email).Append(person?.Email).OfType<string>().Select(e => e.ToLowerInvariant())];
        await ForgetWaysIn([.. accounts.Select(a => a.Id)], addresses, about.Db, about.Stop);
        await about.Db.Set<Mandate>().Where(m => m.AgentId == about.PersonId || m.PrincipalId == about.PersonId).ExecuteDeleteAsync(about.Stop);
        await about.Db.Set<Relation>().Where(r => r.PersonId == about.PersonId || r.OtherId == about.PersonId).ExecuteDeleteAsync(about.Stop);
        await about.Db.Set<Alert>().Where(a => a.PersonId == about.PersonId).ExecuteDeleteAsync(about.Stop);
        await about.Db.Set<Protection>().Where(p => p.PersonId == about.PersonId).ExecuteDeleteAsync(about.Stop);
        foreach (var account in accounts) account.Erase(about.Now);
        if (about.WhoStays) person?.KeepIdentity();
        else person?.Erase();
    }
}
