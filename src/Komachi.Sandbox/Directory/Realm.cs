using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace Komachi.Sandbox.Directory;

/// <summary>What is wrong, on purpose, with what a directory says: one thing at a time, so that each check of the town is seen to be one.</summary>
public enum Wrong
{
    None, Signature, AlgorithmNone, SecretIsPublicKey, UnknownKey, NoKeyName, Critical, TwiceTheSame,
    Issuer, Audience, TwoAudiences, Expired, Stale, Future, Nonce, NoNonce, NoSubject, AccessHash, SignInTime, Strength,
    UserinfoSubject, WayBackIssuer, ErrorOnWayBack, NoToken, TokenIsRubbish, TokenIsHuge, TokenLeadsAway, DocumentIsRubbish, DocumentIsHuge, DocumentIssuer, KeysAreHuge,
}

/// <summary>A made-up member of staff.</summary>
public sealed record Clerk(string Username, string Name, string Email, bool EmailVerified = true, bool SecondFactor = true)
{
    public static readonly Clerk[] All =
    [
        new("joho", "見本 情報", "joho@example.jp"), new("koho", "見本 広報", "koho@example.jp"),
        new("shinjin", "見本 新人", "shinjin@example.jp", SecondFactor: false), new("hoka-no-machi", "見本 他市", "hoka@example.org", EmailVerified: false),
    ];
}

/// <summary>The town as the directory knows it.</summary>
/// <param name="Secret">For client_secret_basic and client_secret_post, and for HS256.</param>
/// <param name="PublicKey">For private_key_jwt: a JWK. Null: secrets are taken.</param>
/// <param name="BackTo">Where people may be sent back to; none: anywhere on this machine.</param>
public sealed record Registered(string Id, string Secret, JsonElement? PublicKey, IReadOnlyList<string> BackTo)
{
    public bool MayGoBackTo(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && (BackTo.Count > 0 ? BackTo.Contains(address) : uri.IsLoopback && uri.AbsolutePath.EndsWith("/desk/sign-in/directory/back", StringComparison.Ordinal));
}

/// <summary>Somebody who was let in, on their way to the town with a code.</summary>
public sealed record Grant(Clerk Clerk, string ClientId, string BackTo, string? Nonce, string Challenge, string? Acr, DateTimeOffset SignedInAt, DateTimeOffset Ends);

/// <summary>A directory: its keys, the town that it knows, its codes and tokens. Each has a name in its address, so that tests have one each.</summary>
public sealed class Realm(string name, TimeProvider time) : IDisposable
{
    public const string DemoClient = "komachi", DemoSecret = "mihon-no-himitsu-mihon-no-himitsu";
    public static readonly string[] Algorithms = ["ES256", "RS256", "PS256", "HS256"];

    readonly Lock _lock = new();
    readonly Dictionary<string, Grant> _codes = [];
    readonly Dictionary<string, Clerk> _access = [];
    readonly HashSet<string> _assertions = [];
    ECDsa _curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    RSA? _rsa;
    int _turn = 1;

    public string Name => name;
    public Registered Client { get; set; } = new(DemoClient, DemoSecret, null, []);
    public string Algorithm { get; set; } = "ES256";
    public Wrong Wrong { get; set; }

    /// <summary>It says who it is when it sends people back (RFC 9207).</summary>
    public bool NamesItself { get; set; } = true;
    public int SignIns { get; private set; }

    /// <summary>What the town asked for last, for people to look at and tests to hold it against.</summary>
    public IReadOnlyDictionary<string, string> LastAsked { get; set; } = new Dictionary<string, string>();

    public string KeyId(string kind) => $"{name}-{kind}-{_turn}";

    public ECDsa Curve { get { lock (_lock) return _curve; } }

    // Made when it is wanted: it takes a tenth of a second.
    public RSA Rsa { get { lock (_lock) return _rsa ??= RSA.Create(2048); } }

    /// <summary>New keys; the old ones are gone at once.</summary>
    public void Rotate()
    {
        lock (_lock)
        {
            (_curve, _rsa) = (ECDsa.Create(ECCurve.NamedCurves.nistP256), null);
            _turn++;
        }
    }

    public IReadOnlyList<object> PublicKeys
    {
        get
        {
            var point = Curve.ExportParameters(false).Q;
            var keys = new List<object> { new { kty = "EC", crv = "P-256", x = Base64Url.EncodeToString(point.X), y = Base64Url.EncodeToString(point.Y), kid = KeyId("ec"), use = "sig", alg = "ES256" } };
            if (name == Realms.Main || Algorithm is "RS256" or "PS256")
            {
                var numbers = Rsa.ExportParameters(false);
                keys.Add(new { kty = "RSA", n = Base64Url.EncodeToString(numbers.Modulus), e = Base64Url.EncodeToString(numbers.Exponent), kid = KeyId("rsa"), use = "sig" });
            }
            return keys;
        }
    }

    public string Admit(Grant grant)
    {
        var code = Random();
        lock (_lock)
        {
            if (_codes.Count > 1_000) _codes.Clear();
            _codes[code] = grant;
            SignIns++;
        }
        return code;
    }

    /// <summary>A code is good once.</summary>
    public Grant? Redeem(string code)
    {
        lock (_lock) return _codes.Remove(code, out var grant) && grant.Ends > time.GetUtcNow() ? grant : null;
    }

    public string AccessFor(Clerk clerk)
    {
        var token = Random();
        lock (_lock)
        {
            if (_access.Count > 1_000) _access.Clear();
            _access[token] = clerk;
        }
        return token;
    }

    public Clerk? WhoHas(string access)
    {
        lock (_lock) return _access.GetValueOrDefault(access);
    }

    /// <summary>An assertion is good once, too.</summary>
    public bool FirstTime(string assertionId)
    {
        lock (_lock) return _assertions.Add(assertionId);
    }

    /// <summary>Theirs for ever, and not what they are called.</summary>
    public string SubjectOf(Clerk clerk) => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{name}/{clerk.Username}")).AsSpan(0, 10));

    static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(24));

    public void Dispose()
    {
        _curve.Dispose();
        _rsa?.Dispose();
    }
}

/// <summary>All directories, made when somebody first asks for one.</summary>
public sealed class Realms(TimeProvider time)
{
    public const string Main = "main";
    const int Most = 2_000;

    readonly Dictionary<string, Realm> _byName = [];

    public Realm? Find(string name)
    {
        if (name.Length is 0 or > 60 || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c != '-')) return null;
        lock (_byName)
        {
            if (_byName.TryGetValue(name, out var realm)) return realm;
            return _byName.Count >= Most ? null : _byName[name] = new(name, time);
        }
    }

    public long SignIns
    {
        get { lock (_byName) return _byName.Values.Sum(r => (long)r.SignIns); }
    }
}
