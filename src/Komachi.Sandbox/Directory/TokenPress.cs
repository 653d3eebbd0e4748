using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Komachi.Sandbox.Directory;

/// <summary>Makes ID tokens, as they should be or wrong in the one way that is switched on. Written without the town's own code: two readings of one standard.</summary>
static class TokenPress
{
    public static string Press(Realm realm, Grant grant, string issuer, string access, DateTimeOffset now)
    {
        var wrong = realm.Wrong;
        var seconds = now.ToUnixTimeSeconds();
        var claims = new JsonObject
        {
            ["iss"] = wrong == Wrong.Issuer ? issuer + "-x" : issuer,
            ["sub"] = realm.SubjectOf(grant.Clerk),
            ["aud"] = wrong switch { Wrong.Audience => "somebody-else", Wrong.TwoAudiences => new JsonArray(grant.ClientId, "somebody-else"), _ => grant.ClientId },
            ["iat"] = wrong switch { Wrong.Future => seconds + 3600, Wrong.Stale => seconds - 3600, _ => seconds },
            ["exp"] = wrong switch { Wrong.Expired => seconds - 600, Wrong.Future => seconds + 7200, _ => seconds + 300 },
            ["auth_time"] = wrong == Wrong.SignInTime ? seconds - 90_000 : grant.SignedInAt.ToUnixTimeSeconds(),
            ["nonce"] = wrong == Wrong.Nonce ? "another" : grant.Nonce,
            ["at_hash"] = wrong == Wrong.AccessHash ? "AAAAAAAAAAAAAAAAAAAAAA" : Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(access)).AsSpan(0, 16)),
            ["preferred_username"] = grant.Clerk.Username,
            ["name"] = grant.Clerk.Name,
            ["email"] = grant.Clerk.Email,
            ["email_verified"] = grant.Clerk.EmailVerified,
            ["amr"] = grant.Clerk.SecondFactor ? new JsonArray("pwd", "otp", "mfa") : new JsonArray("pwd"),
        };
        if (grant.Acr is { } acr && wrong != Wrong.Strength) claims["acr"] = acr.Split(' ')[0];
        if (wrong == Wrong.NoNonce) claims.Remove("nonce");
        if (wrong == Wrong.NoSubject) claims.Remove("sub");
        var payload = claims.ToJsonString();
        if (wrong == Wrong.TwiceTheSame) payload = "{\"sub\":\"the-mayor\"," + payload[1..];

        var algorithm = wrong switch { Wrong.AlgorithmNone => "none", Wrong.SecretIsPublicKey => "HS256", _ => realm.Algorithm };
        var head = new JsonObject { ["alg"] = algorithm, ["typ"] = "JWT" };
        if (algorithm is "RS256" or "PS256") head["kid"] = realm.KeyId("rsa");
        else if (algorithm == "ES256" || wrong == Wrong.SecretIsPublicKey) head["kid"] = realm.KeyId("ec");
        if (wrong == Wrong.UnknownKey) head["kid"] = "nobodys";
        if (wrong == Wrong.NoKeyName) head.Remove("kid");
        if (wrong == Wrong.Critical) (head["crit"], head["urn:example:must-understand"]) = (new JsonArray("urn:example:must-understand"), true);

        var signed = $"{Text(head.ToJsonString())}.{Text(payload)}";
        var bytes = Encoding.ASCII.GetBytes(signed);
        var signature = wrong == Wrong.SecretIsPublicKey
            ? HMACSHA256.HashData(Encoding.ASCII.GetBytes(realm.Curve.ExportSubjectPublicKeyInfoPem()), bytes)
            : algorithm switch
            {
                "none" => [],
                "HS256" => HMACSHA256.HashData(Encoding.UTF8.GetBytes(realm.Client.Secret), bytes),
                "RS256" => realm.Rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
                "PS256" => realm.Rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pss),
                _ => realm.Curve.SignData(bytes, HashAlgorithmName.SHA256),
            };
        if (wrong == Wrong.Signature) signature[7] ^= 1;
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    /// <summary>Whether a client that signs (private_key_jwt) is the one whose key is registered.</summary>
    public static bool IsAssertionOf(Registered client, Realm realm, string assertion, IReadOnlyCollection<string> audiences, DateTimeOffset now)
    {
        var parts = assertion.Split('.');
        if (client.PublicKey is not { } key || parts.Length != 3) return false;
        try
        {
            var head = JsonNode.Parse(Base64Url.DecodeFromChars(parts[0]))!;
            var claims = JsonNode.Parse(Base64Url.DecodeFromChars(parts[1]))!;
            var (what, signature) = (Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]));
            var ends = DateTimeOffset.FromUnixTimeSeconds((long)claims["exp"]!);
            return Fits(key, (string?)head["alg"], what, signature) && (string?)claims["iss"] == client.Id && (string?)claims["sub"] == client.Id && audiences.Contains((string?)claims["aud"])
                && ends > now && ends < now.AddMinutes(5) && (string?)claims["jti"] is { Length: > 10 } id && realm.FirstTime(id);
        }
        catch (Exception e) when (e is FormatException or JsonException or InvalidOperationException or CryptographicException or NullReferenceException or KeyNotFoundException or ArgumentException)
        {
            return false;
        }
    }

    static bool Fits(JsonElement key, string? algorithm, byte[] what, byte[] signature)
    {
        byte[] Member(string name) => Base64Url.DecodeFromChars(key.GetProperty(name).GetString());
        switch (key.GetProperty("kty").GetString(), algorithm)
        {
            case ("EC", "ES256"):
                using (var curve = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new() { X = Member("x"), Y = Member("y") } }))
                    return curve.VerifyData(what, signature, HashAlgorithmName.SHA256);
            case ("RSA", "RS256"):
                using (var rsa = RSA.Create(new RSAParameters { Modulus = Member("n"), Exponent = Member("e") }))
                    return rsa.VerifyData(what, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            default: return false;
        }
    }

    static string Text(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
