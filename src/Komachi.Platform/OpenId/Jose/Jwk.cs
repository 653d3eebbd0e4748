using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Komachi.Platform.OpenId.Jose;

/// <summary>How a token may be signed. Which of them are taken is a setting, never what a token says of itself.</summary>
enum JwsAlgorithm { RS256, PS256, ES256, ES384, HS256 }

/// <summary>
/// A public key of a provider (RFC 7517): RSA of 2048 to 8192 bits, or an elliptic curve. Keys for other purposes, of other
/// kinds, and such as should never have been published are passed over, as the standard wants; secrets ("oct") among them.
/// </summary>
sealed class Jwk
{
    readonly RSAParameters? _rsa;
    readonly ECParameters? _curve;
    readonly JwsAlgorithm[] _fits;

    Jwk(string? id, RSAParameters? rsa, ECParameters? curve, JwsAlgorithm[] fits) => (Id, _rsa, _curve, _fits) = (id, rsa, curve, fits);

    public string? Id { get; }

    public bool Fits(JwsAlgorithm algorithm) => _fits.Contains(algorithm);

    /// <summary>The keys of a set that can check signatures; null when it is no set.</summary>
    public static IReadOnlyList<Jwk>? ReadSet(JsonElement set) =>
        set.TryGetProperty("keys", out var keys) && keys.ValueKind == JsonValueKind.Array && keys.GetArrayLength() <= 100
            ? keys.EnumerateArray().Select(Read).OfType<Jwk>().ToArray() : null;

    public static Jwk? Read(JsonElement key)
    {
        if (key.ValueKind != JsonValueKind.Object || key.TryGetProperty("d", out _)) return null;
        if (key.TryGetProperty("use", out var use) && !(use.ValueKind == JsonValueKind.String && use.GetString() == "sig")) return null;
        if (key.TryGetProperty("key_ops", out _) && !key.Texts("key_ops").Contains("verify")) return null;
        if (key.TryGetProperty("kid", out var id) && id.ValueKind != JsonValueKind.String) return null;
        var made = key.Text("kty") switch { "RSA" => Rsa(key), "EC" => Curve(key), _ => null };
        if (made is null || !key.TryGetProperty("alg", out var named)) return made;
        var only = made._fits.Where(a => named.ValueKind == JsonValueKind.String && a.ToString() == named.GetString()).ToArray();
        return only.Length == 0 ? null : new(made.Id, made._rsa, made._curve, only);
    }

    static Jwk? Rsa(JsonElement key)
    {
        if (StrictJson.Base64(key.Text("n")) is not { Length: >= 256 and <= 1024 } modulus || modulus[0] == 0 || modulus.Length == 256 && modulus[0] < 0x80) return null;
        if (StrictJson.Base64(key.Text("e")) is not { Length: >= 1 and <= 4 } exponent || exponent[0] == 0 || exponent is [1] || exponent[^1] % 2 == 0) return null;
        return new(key.Text("kid"), new RSAParameters { Modulus = modulus, Exponent = exponent }, null, [JwsAlgorithm.RS256, JwsAlgorithm.PS256]);
    }

    static Jwk? Curve(JsonElement key)
    {
        (ECCurve Curve, int Bytes, JwsAlgorithm Fits)? kind = key.Text("crv") switch
        {
            "P-256" => (ECCurve.NamedCurves.nistP256, 32, JwsAlgorithm.ES256),
            "P-384" => (ECCurve.NamedCurves.nistP384, 48, JwsAlgorithm.ES384),
            _ => null,
        };
        if (kind is not { } curve || StrictJson.Base64(key.Text("x")) is not { } x || StrictJson.Base64(key.Text("y")) is not { } y || x.Length != curve.Bytes || y.Length != curve.Bytes) return null;
        var point = new ECParameters { Curve = curve.Curve, Q = new() { X = x, Y = y } };
        try
        {
            using var _ = ECDsa.Create(point);    // a point beside the curve is no key
            return new(key.Text("kid"), null, point, [curve.Fits]);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    public bool Signed(JwsAlgorithm algorithm, ReadOnlySpan<byte> what, byte[] signature)
    {
        if (!Fits(algorithm)) return false;
        try
        {
            if (_rsa is { } parameters)
            {
                using var rsa = RSA.Create(parameters);
                return rsa.VerifyData(what, signature, HashAlgorithmName.SHA256, algorithm == JwsAlgorithm.PS256 ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
            }
            using var curve = ECDsa.Create(_curve!.Value);
            return signature.Length == (algorithm == JwsAlgorithm.ES256 ? 64 : 96)
                && curve.VerifyData(what, signature, algorithm == JwsAlgorithm.ES256 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA384, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}

/// <summary>A key of our own, with which we say who we are (private_key_jwt): P-256 (ES256) or RSA (RS256).</summary>
sealed class SigningKey
{
    readonly byte[] _pkcs8;

    SigningKey(byte[] pkcs8, JwsAlgorithm algorithm, IReadOnlyList<(string Name, string Value)> members)
    {
        (_pkcs8, Algorithm, Members) = (pkcs8, algorithm, members);
        // RFC 7638: the members that matter, in order of their names, without a space.
        var required = "{" + string.Join(',', members.OrderBy(m => m.Name, StringComparer.Ordinal).Select(m => $"\"{m.Name}\":\"{m.Value}\"")) + "}";
        Id = Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(required)));
    }

    public JwsAlgorithm Algorithm { get; }

    /// <summary>Its thumbprint (RFC 7638).</summary>
    public string Id { get; }

    /// <summary>What of it may be public.</summary>
    public IReadOnlyList<(string Name, string Value)> Members { get; }

    public Dictionary<string, string> PublicJwk => Members.Append(("kid", Id)).Append(("use", "sig")).Append(("alg", Algorithm.ToString())).ToDictionary(m => m.Item1, m => m.Item2);

    public byte[] Pkcs8 => _pkcs8;

    public static SigningKey New()
    {
        using var curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Read(curve.ExportPkcs8PrivateKey())!;
    }

    /// <summary>As other programs write keys: PEM, without a password. Null when it is none that we sign with.</summary>
    public static SigningKey? ReadPem(string pem)
    {
        try
        {
            if (!PemEncoding.TryFind(pem, out var found)) return null;
            switch (pem[found.Label])
            {
                case "PRIVATE KEY": return Read(Convert.FromBase64String(pem[found.Base64Data]));
                case "EC PRIVATE KEY":
                    using (var curve = ECDsa.Create())
                    {
                        curve.ImportFromPem(pem);
                        return Read(curve.ExportPkcs8PrivateKey());
                    }
                case "RSA PRIVATE KEY":
                    using (var rsa = RSA.Create())
                    {
                        rsa.ImportFromPem(pem);
                        return Read(rsa.ExportPkcs8PrivateKey());
                    }
                default: return null;
            }
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or FormatException)
        {
            return null;
        }
    }

    public static SigningKey? Read(byte[] pkcs8)
    {
        try
        {
            using var curve = ECDsa.Create();
            curve.ImportPkcs8PrivateKey(pkcs8, out _);
            var point = curve.ExportParameters(false);
            return point.Curve.Oid.Value == "1.2.840.10045.3.1.7" || point.Curve.Oid.FriendlyName is "nistP256" or "ECDSA_P256"
                ? new(pkcs8, JwsAlgorithm.ES256, [("crv", "P-256"), ("kty", "EC"), ("x", Text(point.Q.X!)), ("y", Text(point.Q.Y!))]) : null;
        }
        catch (CryptographicException) { }    // RSA, then
        try
        {
            using var rsa = RSA.Create();
            rsa.ImportPkcs8PrivateKey(pkcs8, out _);
            var numbers = rsa.ExportParameters(false);
            return rsa.KeySize is >= 2048 and <= 8192 ? new(pkcs8, JwsAlgorithm.RS256, [("e", Text(numbers.Exponent!)), ("kty", "RSA"), ("n", Text(numbers.Modulus!))]) : null;
        }
        catch (CryptographicException)
        {
            return null;
        }

        static string Text(byte[] bytes) => Base64Url.EncodeToString(bytes);
    }

    public byte[] Sign(ReadOnlySpan<byte> what)
    {
        if (Algorithm == JwsAlgorithm.ES256)
        {
            using var curve = ECDsa.Create();
            curve.ImportPkcs8PrivateKey(_pkcs8, out _);
            return curve.SignData(what, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
        using var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(_pkcs8, out _);
        return rsa.SignData(what.ToArray(), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }
}
