using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Komachi.Platform.OpenId.Jose;

/// <summary>
/// A signed token in its compact form (RFC 7515), read but not yet believed: <see cref="IsSignedBy"/> says whether it may be.
/// Keys that a token brings along or points to (jwk, jku, x5c, x5u) are never looked at.
/// </summary>
sealed class Jws
{
    const int Longest = 32 * 1024;

    readonly byte[] _signed, _signature;

    Jws(JwsAlgorithm algorithm, string? keyId, JsonElement payload, byte[] signed, byte[] signature) =>
        (Algorithm, KeyId, Payload, _signed, _signature) = (algorithm, keyId, payload, signed, signature);

    public JwsAlgorithm Algorithm { get; }
    public string? KeyId { get; }

    /// <summary>What it claims.</summary>
    public JsonElement Payload { get; }

    /// <param name="allowed">The algorithms that the settings name: the token's own must be among them.</param>
    public static Jws Read(string compact, IReadOnlyCollection<JwsAlgorithm> allowed)
    {
        var parts = compact.Length <= Longest ? compact.Split('.') : [];
        if (parts.Length != 3 || StrictJson.Base64(parts[0]) is not { } head || StrictJson.Base64(parts[1]) is not { } body || StrictJson.Base64(parts[2]) is not { } signature
            || StrictJson.Object(head) is not { } header || StrictJson.Object(body) is not { } payload)
            throw new OpenIdRefused(Refusal.TokenUnreadable);
        // By their names as they stand: "RS256" and nothing that only looks like it.
        var named = header.Text("alg");
        var algorithm = allowed.Where(a => a.ToString() == named).Select(a => (JwsAlgorithm?)a).FirstOrDefault() ?? throw new OpenIdRefused(Refusal.TokenAlgorithm);
        // Extensions that must be understood: we understand none.
        if (header.TryGetProperty("crit", out _) || header.TryGetProperty("b64", out _)) throw new OpenIdRefused(Refusal.TokenUnreadable);
        if (header.TryGetProperty("kid", out var id) && id.ValueKind != JsonValueKind.String) throw new OpenIdRefused(Refusal.TokenUnreadable);
        return new(algorithm, header.Text("kid"), payload, Encoding.ASCII.GetBytes(compact[..compact.LastIndexOf('.')]), signature);
    }

    /// <summary>By the owner of a published key. A secret is none, whatever the token says.</summary>
    public bool IsSignedBy(Jwk key) => Algorithm != JwsAlgorithm.HS256 && key.Signed(Algorithm, _signed, _signature);

    /// <summary>By who knows our secret (HS256).</summary>
    public bool IsSignedWith(byte[] secret) =>
        Algorithm == JwsAlgorithm.HS256 && secret.Length > 0 && CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(secret, _signed), _signature);

    /// <summary>The left half of a hash, as <c>at_hash</c> holds it: of the size that belongs to the token's algorithm.</summary>
    public string HalfHash(string of)
    {
        var bytes = Encoding.ASCII.GetBytes(of);
        var hash = Algorithm == JwsAlgorithm.ES384 ? SHA384.HashData(bytes) : SHA256.HashData(bytes);
        return Base64Url.EncodeToString(hash.AsSpan(0, hash.Length / 2));
    }

    public static string Sign(SigningKey key, object payload)
    {
        var head = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["alg"] = key.Algorithm.ToString(), ["kid"] = key.Id, ["typ"] = "JWT" });
        var signed = $"{Base64Url.EncodeToString(head)}.{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(payload))}";
        return $"{signed}.{Base64Url.EncodeToString(key.Sign(Encoding.ASCII.GetBytes(signed)))}";
    }
}
