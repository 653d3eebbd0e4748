using System.Globalization;
using Komachi.Platform.Data;
using Komachi.Platform.OpenId.Jose;
using Komachi.Platform.People;
using Komachi.Platform.Web;
using Komachi.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Primitives;

namespace Komachi.Platform.OpenId;

/// <summary>What trying it found: a sentence (a key of the words) and how good or bad it is.</summary>
public sealed record Finding(Tone Tone, string Sentence, params object[] Values);

/// <summary>Somebody of the directory, and whose account they have.</summary>
public sealed record LinkLine(Guid Id, string Name, string SignInName, DateTimeOffset LinkedAt, DateTimeOffset UsedAt);

/// <summary>The desk's page for the city's directory: set up, try, switch on; and see whose accounts are linked.</summary>
static class SetUpDirectory
{
    const int MostLinks = 200, ShortestSecret = 32;

    public static readonly DirectorySettings Usual = new("", "", ClientAuthentication.ClientSecretBasic, ["RS256", "PS256", "ES256", "ES384"], "openid profile email", "", null,
        AsksUserinfo: false, "preferred_username", MatchBy.SignInName, "name", CreatesAccounts: false, IsEnough: true, SignsOutToo: false, IsOn: false);

    public static void Routes(IEndpointRouteBuilder to)
    {
        to.MapGet("", async (string? done, Sought sought, Visit visit, TownDb db, TownKeys keys, HttpContext http) =>
        {
            var provider = await DirectoryProvider.Find(db, http.RequestAborted);
            return await Show(Filled(provider), provider, db, keys, visit, http, done: done, sought: sought);
        });
        to.MapPost("", Post);
        to.MapPost("links/{id:guid}/remove", Unlink);
    }

    static async Task<IResult> Post(Form form, Visit visit, TownDb db, TownKeys keys, Providers providers, TimeProvider time, HttpContext http)
    {
        var (stop, now) = (http.RequestAborted, time.GetUtcNow());
        var provider = await DirectoryProvider.Find(db, stop);
        var settings = Read(form);

        // Anything but this button only tries: the Enter key changes nothing.
        if (form.Typed("do") != "save")
        {
            if (form.Mistakes.Any(m => m.Field is "issuer" or "algorithms")) return await Show(form, provider, db, keys, visit, http);
            var findings = await Try(settings, providers, stop);
            db.Audit(visit.Did("directory.try", "directory/staff", new { settings.Issuer, Fine = findings.All(f => f.Tone != Tone.Danger) }, at: now));
            await db.Save();
            return await Show(form, provider, db, keys, visit, http, findings: findings);
        }

        var (secret, pem) = (form.Typed("secret").Trim(), form.Typed("key").Trim());
        var key = pem.Length == 0 ? null : SigningKey.ReadPem(pem);
        if (pem.Length > 0 && key is null) form.Wrongly("key", "This is not a private key that can be used: PEM without a password, P-256 or RSA from 2048 bits.");
        if (secret.Length > 500) form.Wrongly("secret", "Please use at most {0} characters; there are {1}.", 500, secret.Length);
        if (settings.Authentication != ClientAuthentication.PrivateKeyJwt && secret.Length == 0 && (provider?.SealedSecret is null || provider.Issuer != settings.Issuer) && settings.IsOn)
            form.Wrongly("secret", "Please write the secret. One that was given for another issuer is not sent to a new one.");
        if (settings.Algorithms.Contains("HS256") && (secret.Length > 0 ? secret : provider is null ? null : (await provider.Open(keys, db, stop)).Secret) is { Length: < ShortestSecret })
            form.Wrongly("secret", "With HS256 the secret signs the tokens and has at least {0} characters.", ShortestSecret);
        if (form.Wrong) return await Show(form, provider, db, keys, visit, http);
        if (form.Typed("version") != Invariant(provider?.Version ?? 0)) return await Overtaken(form, db, keys, visit, http);

        var before = provider?.Settings ?? Usual;
        if (provider is null) db.Add(provider = new());
        provider.Change(settings, now);
        if (secret.Length > 0) await provider.Keep(secret, keys, db, stop);
        // A key that we make never leaves the house: the directory gets its public half.
        if (key is null && settings.Authentication == ClientAuthentication.PrivateKeyJwt && (provider.SealedKey is null || form.Ticked("newKey"))) key = SigningKey.New();
        if (key is not null) await provider.Keep(key, keys, db, stop);

        db.Audit(visit.Did("directory.set_up", "directory/staff", at: now, details: new
        {
            provider.Version, settings.Issuer, settings.ClientId, settings.IsOn, Changed = Changes(before, settings), NewSecret = secret.Length > 0, NewKey = key?.Id,
        }));
        try
        {
            await db.Save(form.Once, visit.Link("desk/directory?done=saved"));
        }
        catch (DbUpdateException e) when (e is DbUpdateConcurrencyException || before == Usual)    // between our look and our save
        {
            return await Overtaken(form, db, keys, visit, http);
        }
        return Page.Go(visit, "desk/directory?done=saved");
    }

    static async Task<IResult> Unlink(Guid id, Form form, Visit visit, TownDb db)
    {
        if (await db.Set<DirectoryLink>().FirstOrDefaultAsync(l => l.Id == id) is not { } link) return Page.NotFound;
        db.Remove(link);
        db.Audit(visit.Did("directory.unlink", $"accounts/{link.AccountId}"));
        await db.Save(form.Once, visit.Link("desk/directory?done=unlinked"));
        return Page.Go(visit, "desk/directory?done=unlinked");
    }

    static DirectorySettings Read(Form form)
    {
        var issuer = form.Text("issuer", 500, required: true);
        if (issuer.Length > 0 && Provider.DocumentOf(issuer) is null) form.Wrongly("issuer", "Please write an address that begins with https:// and has no question mark.");
        var algorithms = form.Many("algorithms").Where(a => Enum.GetNames<JwsAlgorithm>().Contains(a)).Distinct().ToArray();
        if (algorithms.Length == 0) form.Wrongly("algorithms", "Please choose at least one.");
        int? age = form.Typed("maxAge").Trim().Length == 0 ? null : form.Number("maxAge", 1, 100_000);
        var scopes = Words(form.Text("scopes", 300));
        if (scopes.Contains('"') || scopes.Contains('\\')) form.Wrongly("scopes", "Please write words with a space between them.");
        if (!scopes.Split(' ').Contains("openid")) scopes = $"openid {scopes}".Trim();
        return new(issuer, form.Text("clientId", 255, required: true), Chosen<ClientAuthentication>(form, "authentication"), algorithms, scopes, Words(form.Text("acr", 300)), age,
            form.Ticked("userinfo"), form.Text("matchClaim", 60, required: true), Chosen<MatchBy>(form, "matchBy"), form.Text("nameClaim", 60, required: true),
            form.Ticked("creates"), form.Ticked("enough"), form.Ticked("signsOutToo"), form.Ticked("on"));

        static string Words(string text) => string.Join(' ', text.Split([' ', '\n', '\t', '　', ','], StringSplitOptions.RemoveEmptyEntries));
        static T Chosen<T>(Form form, string name) where T : struct, Enum => Enum.TryParse<T>(form.Choice(name, Enum.GetNames<T>()), out var chosen) ? chosen : default;
    }

    static Form Filled(DirectoryProvider? provider)
    {
        var s = provider?.Settings ?? Usual;
        var values = new Dictionary<string, StringValues>
        {
            ["version"] = Invariant(provider?.Version ?? 0), ["issuer"] = s.Issuer, ["clientId"] = s.ClientId, ["authentication"] = s.Authentication.ToString(), ["algorithms"] = s.Algorithms,
            ["scopes"] = s.Scopes, ["acr"] = s.AcrValues, ["maxAge"] = s.MaxAgeMinutes is { } age ? Invariant(age) : "", ["matchClaim"] = s.MatchClaim, ["matchBy"] = s.MatchBy.ToString(), ["nameClaim"] = s.NameClaim,
            ["userinfo"] = Tick(s.AsksUserinfo), ["creates"] = Tick(s.CreatesAccounts), ["enough"] = Tick(s.IsEnough), ["signsOutToo"] = Tick(s.SignsOutToo), ["on"] = Tick(s.IsOn),
        };
        return new(values);

        static string Tick(bool on) => on ? "true" : "";
    }

    /// <summary>As they were typed, before anything is saved. Asked anew, past what is kept, so that it says how it stands now.</summary>
    static async Task<IReadOnlyList<Finding>> Try(DirectorySettings settings, Providers providers, CancellationToken stop)
    {
        Provider provider;
        try
        {
            provider = await providers.Ask(settings.Issuer, stop);
        }
        catch (OpenIdRefused e)
        {
            return [new(Tone.Danger, e.Why switch
            {
                Refusal.Away => "The directory does not answer at this address, or too slowly.",
                Refusal.IssuerDiffers => "The directory answers, but says that it is another issuer. Compare the two letter by letter, the slash at the end too.",
                Refusal.DocumentIncomplete => "The directory answers, but its description does not say where to sign in, where tokens are or where its keys are.",
                Refusal.AddressNotAllowed => "The directory's description names an address that does not begin with https://.",
                _ => "Something answers at this address, but it is no description of an OpenID Connect provider.",
            })];
        }
        var findings = new List<Finding> { new(Tone.Success, "The directory answers and is the issuer that you wrote.") };
        if (settings.Algorithms is not ["HS256"])
            try
            {
                var keys = await providers.AskKeys(provider, stop);
                var usable = keys.Count(k => settings.Algorithms.Any(a => k.Fits(Enum.Parse<JwsAlgorithm>(a))));
                findings.Add(usable > 0 ? new(Tone.Success, "Keys with which its tokens can be checked: {0}.", usable)
                    : new(Tone.Danger, "It publishes no key that fits the algorithms chosen below ({0}).", string.Join(", ", settings.Algorithms)));
            }
            catch (OpenIdRefused)
            {
                findings.Add(new(Tone.Danger, "Its keys cannot be fetched or read."));
            }
        if (provider.Algorithms.Count > 0 && !provider.Algorithms.Intersect(settings.Algorithms).Any())
            findings.Add(new(Tone.Danger, "It signs with {0}: choose one of these below.", string.Join(", ", provider.Algorithms.Take(10))));
        var method = settings.Authentication switch { ClientAuthentication.ClientSecretBasic => "client_secret_basic", ClientAuthentication.ClientSecretPost => "client_secret_post", _ => "private_key_jwt" };
        if (provider.ClientAuthentication.Count > 0 && !provider.ClientAuthentication.Contains(method))
            findings.Add(new(Tone.Danger, "It does not take the way of proving ourselves that is chosen below; it takes {0}.", string.Join(", ", provider.ClientAuthentication.Take(10))));
        if (!provider.ChallengeMethods.Contains("S256")) findings.Add(new(Tone.Warning, "It does not say that it checks PKCE (S256). We send it anyway; ask who runs the directory."));
        if (provider.Scopes.Count > 0 && settings.Scopes.Split(' ').Except(provider.Scopes).ToArray() is { Length: > 0 } missing)
            findings.Add(new(Tone.Warning, "It does not say that it knows these scopes: {0}.", string.Join(", ", missing)));
        if (settings.AsksUserinfo && provider.Userinfo is null) findings.Add(new(Tone.Warning, "It has no address for userinfo: only what stands in its token is known."));
        if (settings.SignsOutToo && provider.EndSession is null) findings.Add(new(Tone.Warning, "It has no address for signing out: staff stay signed in there."));
        if (findings.All(f => f.Tone != Tone.Danger)) findings.Add(new(Tone.Info, "Whether it knows us and our secret shows when somebody signs in: try that in a private window."));
        return findings;
    }

    static async Task<IResult> Overtaken(Form form, TownDb db, TownKeys keys, Visit visit, HttpContext http)
    {
        db.ChangeTracker.Clear();
        return await Show(form, await DirectoryProvider.Find(db, http.RequestAborted), db, keys, visit, http, overtaken: true);
    }

    static async Task<IResult> Show(Form form, DirectoryProvider? stored, TownDb db, TownKeys keys, Visit visit, HttpContext http,
        IReadOnlyList<Finding>? findings = null, bool overtaken = false, string? done = null, Sought? sought = null)
    {
        sought ??= Sought.Nothing;
        var issuer = stored?.Issuer ?? "";
        var links = db.Set<DirectoryLink>().AsNoTracking().Where(l => l.Issuer == issuer).Join(db.Set<Account>(), l => l.AccountId, a => a.Id, (l, a) => new { l, a });
        if (sought["q"] is { } search) links = links.Where(p => p.a.Name.Contains(search) || p.a.SignInName.Contains(search));
        var key = stored is null ? null : await stored.OpenKey(keys, db, http.RequestAborted);
        return Page.Show<SetUpDirectoryPage>(new
        {
            Form = form,
            Version = stored?.Version ?? 0,
            Stored = stored is null ? null : new StoredDirectory(stored.IsOn, stored.SealedSecret is not null, key?.PublicJwk, stored.ChangedAt),
            BackTo = DirectorySignIn.BackTo(visit, http),
            KeysAt = DirectorySignIn.Absolute(visit, http, "desk/sign-in/directory/keys.json"),
            SignedOutAt = DirectorySignIn.Absolute(visit, http, "desk/sign-in"),
            Findings = findings ?? [],
            Overtaken = overtaken,
            Done = done,
            Sought = sought,
            Links = await links.OrderByDescending(p => p.l.UsedAt).ThenBy(p => p.l.Id).Take(MostLinks).Select(p => new LinkLine(p.l.Id, p.a.Name, p.a.SignInName, p.l.LinkedAt, p.l.UsedAt)).ToListAsync(http.RequestAborted),
        }, overtaken ? 409 : form.Wrong ? 422 : 200);
    }

    /// <summary>Which settings are others now: names, for the audit.</summary>
    static string[] Changes(DirectorySettings before, DirectorySettings after) =>
        [.. typeof(DirectorySettings).GetProperties().Where(p => p.Name != "EqualityContract").Where(p => p.GetValue(before) is string[] a ? !a.SequenceEqual((string[])p.GetValue(after)!) : !Equals(p.GetValue(before), p.GetValue(after))).Select(p => p.Name)];

    static string Invariant(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What stands now, without the secrets.</summary>
public sealed record StoredDirectory(bool IsOn, bool HasSecret, Dictionary<string, string>? PublicKey, DateTimeOffset ChangedAt);
