using System.Security.Cryptography;
using System.Text;
using Komachi.Platform.Data;
using Komachi.Platform.Web;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Komachi.Platform.People;

/// <summary>
/// WebAuthn, with the reading and the checking done by ASP.NET Core Identity. What we asked goes with the page and comes back
/// sealed: bound to the town and the account, good for ten minutes, and once.
/// </summary>
public sealed class Passkeys(TownDb db, Visit visit, IDataProtectionProvider protection)
{
    static readonly TimeSpan GoodFor = TimeSpan.FromMinutes(10);

    /// <summary>What the browser is asked, and the sealed half that comes back with its answer.</summary>
    public sealed record Question(string Options, string State);

    public async Task<Question> AskForNew(Account account, HttpContext http)
    {
        var asked = await Handler(http).MakeCreationOptionsAsync(new() { Id = HandleOf(account.Id), Name = account.SignInName, DisplayName = account.Name }, http);
        return new(asked.CreationOptionsJson, Sealed(account.Id.ToString(), asked.AttestationState!));
    }

    public async Task<UserPasskeyInfo?> TakeNew(Account account, string state, string answer, HttpContext http)
    {
        if (Opened(account.Id.ToString(), state) is not { } asked || !IsAnAnswer(answer)) return null;
        var result = await Handler(http).PerformAttestationAsync(new() { HttpContext = http, CredentialJson = answer, AttestationState = asked });
        return result.Succeeded ? result.Passkey : null;
    }

    /// <param name="of">Whose key it must be, or null where the key itself says who comes.</param>
    public async Task<Question> AskWho(Account? of, HttpContext http)
    {
        var asked = await Handler(http).MakeRequestOptionsAsync(of!, http);
        return new(asked.RequestOptionsJson, Sealed(SecondOf(of), asked.AssertionState!));
    }

    /// <summary>Who answered, with the key that was used; and the question's own key for being answered once.</summary>
    public async Task<(Account Account, Passkey Key, Guid Once)?> Who(Account? of, string state, string answer, HttpContext http)
    {
        if (Opened(SecondOf(of), state) is not { } asked || !IsAnAnswer(answer)) return null;
        var result = await Handler(http).PerformAssertionAsync(new() { HttpContext = http, CredentialJson = answer, AssertionState = asked });
        if (!result.Succeeded) return null;
        var key = await db.Set<Passkey>().SingleAsync(p => p.CredentialId == result.Passkey.CredentialId);
        (key.SignCount, key.BackedUp, key.UserVerified) = (result.Passkey.SignCount, result.Passkey.IsBackedUp, result.Passkey.IsUserVerified);
        return (result.User, key, new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(state)).AsSpan(0, 16)));
    }

    // What was asked at the second step is no answer at the door, where a passkey counts for both.
    static string SecondOf(Account? of) => of is null ? "door" : $"second {of.Id}";

    PasskeyHandler<Account> Handler(HttpContext http)
    {
        var users = new UserManager<Account>(new Store(db), Options.Create(new IdentityOptions()), null!, [], [], null!, null!, http.RequestServices, NullLogger<UserManager<Account>>.Instance);
        return new(users, Options.Create(new IdentityPasskeyOptions
        {
            // Said, not guessed: a key belongs to this name for ever. A town with hosts of its own is asked by one of them.
            ServerDomain = http.Request.Host.Host,
            UserVerificationRequirement = "required",    // it counts for two proofs: the device, and a finger, a face or its own code
            ResidentKeyRequirement = "required",    // nobody has to type a name
            ValidateOrigin = origin => ValueTask.FromResult(!origin.CrossOrigin && Uri.TryCreate(origin.Origin, UriKind.Absolute, out var from)
                && from.Scheme == http.Request.Scheme && from.Authority == new Uri($"{http.Request.Scheme}://{http.Request.Host}").Authority),
        }));
    }

    string Sealed(string whose, string state) => Protector(whose).Protect(state, GoodFor);

    string? Opened(string whose, string state)
    {
        try
        {
            return state.Length is 0 or > 8000 ? null : Protector(whose).Unprotect(state);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    ITimeLimitedDataProtector Protector(string whose) => protection.CreateProtector("passkeys", visit.Town.Slug, whose).ToTimeLimitedDataProtector();

    static bool IsAnAnswer(string json) => json.Length is > 2 and < 20_000;

    /// <summary>What a key keeps of the account: a number, no name.</summary>
    static string HandleOf(Guid account) => account.ToString("N");

    /// <summary>What Identity asks of an account; it writes nothing.</summary>
    sealed class Store(TownDb db) : IUserPasskeyStore<Account>
    {
        public async Task<Account?> FindByIdAsync(string handle, CancellationToken stop) =>
            Guid.TryParseExact(handle, "N", out var id) ? await db.Set<Account>().SingleOrDefaultAsync(a => a.Id == id && a.ClosedAt == null, stop) : null;

        public async Task<Account?> FindByPasskeyIdAsync(byte[] credential, CancellationToken stop) =>
            await db.Set<Account>().SingleOrDefaultAsync(a => a.ClosedAt == null && db.Set<Passkey>().Any(p => p.CredentialId == credential && p.AccountId == a.Id), stop);

        public async Task<IList<UserPasskeyInfo>> GetPasskeysAsync(Account account, CancellationToken stop) =>
            [.. (await db.Set<Passkey>().AsNoTracking().Where(p => p.AccountId == account.Id).ToListAsync(stop)).Select(p => p.Info)];

        public async Task<UserPasskeyInfo?> FindPasskeyAsync(Account account, byte[] credential, CancellationToken stop) =>
            (await db.Set<Passkey>().AsNoTracking().SingleOrDefaultAsync(p => p.AccountId == account.Id && p.CredentialId == credential, stop))?.Info;

        public Task<string> GetUserIdAsync(Account account, CancellationToken stop) => Task.FromResult(HandleOf(account.Id));
        public Task<string?> GetUserNameAsync(Account account, CancellationToken stop) => Task.FromResult<string?>(account.SignInName);

        public Task AddOrUpdatePasskeyAsync(Account account, UserPasskeyInfo key, CancellationToken stop) => throw new NotSupportedException();
        public Task RemovePasskeyAsync(Account account, byte[] credential, CancellationToken stop) => throw new NotSupportedException();
        public Task<string?> GetNormalizedUserNameAsync(Account account, CancellationToken stop) => throw new NotSupportedException();
        public Task SetUserNameAsync(Account account, string? name, CancellationToken stop) => throw new NotSupportedException();
        public Task SetNormalizedUserNameAsync(Account account, string? name, CancellationToken stop) => throw new NotSupportedException();
        public Task<IdentityResult> CreateAsync(Account account, CancellationToken stop) => throw new NotSupportedException();
        public Task<IdentityResult> UpdateAsync(Account account, CancellationToken stop) => throw new NotSupportedException();
        public Task<IdentityResult> DeleteAsync(Account account, CancellationToken stop) => throw new NotSupportedException();
        public Task<Account?> FindByNameAsync(string name, CancellationToken stop) => throw new NotSupportedException();
        public void Dispose() { }
    }
}
