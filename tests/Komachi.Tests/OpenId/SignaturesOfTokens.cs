using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Komachi.Platform.OpenId;
using Komachi.Platform.OpenId.Jose;

namespace Komachi.Tests.OpenId;

/// <summary>Tokens, keys and signatures against the standards' own examples, and against those who read more than stands there.</summary>
public sealed class SignaturesOfTokens
{
    const string Body = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

    // RFC 7515, A.1, A.2, A.3.
    const string Hs256 = $"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.{Body}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const string Hs256Key = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
    const string Rs256 = $"eyJhbGciOiJSUzI1NiJ9.{Body}.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    const string Modulus = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
    const string Es256 = $"eyJhbGciOiJFUzI1NiJ9.{Body}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    const string X = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", Y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

    static readonly JwsAlgorithm[] Every = Enum.GetValues<JwsAlgorithm>();

    static Jwk? Key(string json) => Jwk.Read(JsonDocument.Parse(json).RootElement);

    static Jwk Curve => Key($$"""{"kty":"EC","crv":"P-256","x":"{{X}}","y":"{{Y}}"}""")!;

    static Jwk Rsa => Key($$"""{"kty":"RSA","n":"{{Modulus}}","e":"AQAB"}""")!;

    [Fact]
    public void The_examples_of_the_standard_are_signed_by_their_keys_and_by_no_others()
    {
        var secret = Base64Url.DecodeFromChars(Hs256Key);
        Assert.True(Jws.Read(Hs256, Every).IsSignedWith(secret));
        Assert.True(Jws.Read(Rs256, Every).IsSignedBy(Rsa));
        Assert.True(Jws.Read(Es256, Every).IsSignedBy(Curve));
        Assert.Equal("joe", Jws.Read(Es256, Every).Payload.Text("iss"));

        Assert.False(Jws.Read(Rs256, Every).IsSignedBy(Curve));
        Assert.False(Jws.Read(Es256, Every).IsSignedBy(Rsa));
        Assert.False(Jws.Read(Rs256, Every).IsSignedWith(secret));
        Assert.False(Jws.Read(Hs256, Every).IsSignedBy(Rsa));
        Assert.False(Jws.Read(Hs256, Every).IsSignedWith(secret[1..]));
        Assert.False(Jws.Read(Hs256, Every).IsSignedWith([]));
    }

    [Fact]
    public void One_changed_bit_anywhere_and_it_is_not_signed()
    {
        foreach (var token in new[] { Rs256, Es256 })
        {
            var parts = token.Split('.');
            var signature = Base64Url.DecodeFromChars(parts[2]);
            for (var i = 0; i < signature.Length; i += 7)
            {
                signature[i] ^= 4;
                Assert.False(Jws.Read($"{parts[0]}.{parts[1]}.{Base64Url.EncodeToString(signature)}", Every) is var read && (read.IsSignedBy(Rsa) || read.IsSignedBy(Curve)));
                signature[i] ^= 4;
            }
            Assert.False(Jws.Read($"{parts[0]}.{Base64Url.EncodeToString("{\"iss\":\"jim\"}"u8)}.{parts[2]}", Every) is var other && (other.IsSignedBy(Rsa) || other.IsSignedBy(Curve)));
        }
        // A signature of another form: DER instead of two numbers, and one that is nothing at all.
        Assert.False(Jws.Read($"eyJhbGciOiJFUzI1NiJ9.{Body}.{Base64Url.EncodeToString(new byte[64])}", Every).IsSignedBy(Curve));
        Assert.False(Jws.Read($"eyJhbGciOiJFUzI1NiJ9.{Body}.", Every).IsSignedBy(Curve));
    }

    [Fact]
    public void What_a_token_says_of_its_algorithm_counts_only_if_the_settings_name_it()
    {
        Assert.Equal(Refusal.TokenAlgorithm, Refused(Hs256, JwsAlgorithm.RS256, JwsAlgorithm.ES256));
        foreach (var named in new[] { "none", "None", "", "rs256", "RS256 ", "0", "HS512", "ES512", "RS1" }) Assert.Equal(Refusal.TokenAlgorithm, Refused(Token($$"""{"alg":"{{named}}"}""")));
        Assert.Equal(Refusal.TokenAlgorithm, Refused(Token("{}")));
        Assert.Equal(Refusal.TokenAlgorithm, Refused(Token("""{"alg":["RS256"]}""")));
    }

    [Fact]
    public void Tokens_that_can_be_read_in_two_ways_are_not_read()
    {
        foreach (var head in new[]
        {
            """{"alg":"RS256","alg":"RS256"}""", """{"alg":"RS256","\u0061lg":"HS256"}""", """{"alg":"RS256","crit":["exp"],"exp":1}""", """{"alg":"RS256","b64":false}""", """{"alg":"RS256","kid":7}""",
            """["RS256"]""", """{"alg":"RS256"} """ + "x", """{"alg":"RS256",}""", """{"alg":"RS256"/**/}""", """{"alg":"RS256","x":"\ud800"}""", "", "null",
        })
            Assert.Equal(Refusal.TokenUnreadable, Refused(Token(head)));
        Assert.Equal(Refusal.TokenUnreadable, Refused(Token("""{"alg":"RS256"}""", """{"sub":"a","sub":"b"}""")));
        Assert.Equal(Refusal.TokenUnreadable, Refused(Token("""{"alg":"RS256"}""", """{"a":{"sub":1,"sub":2}}""")));
        Assert.Equal(Refusal.TokenUnreadable, Refused(Token("""{"alg":"RS256"}""", new string('[', 50) + new string(']', 50))));
        foreach (var broken in new[] { Rs256 + ".", Rs256 + "=", " " + Rs256, Rs256.Replace('.', '!'), Rs256 + "." + Body, "..", "", Rs256[..40], Rs256 + "\n", Rs256.Replace("eyJ", "eyJ\n", StringComparison.Ordinal) })
            Assert.Equal(Refusal.TokenUnreadable, Refused(broken));
        // Stray bits at the end: another text with the same bytes.
        Assert.Equal(Refusal.TokenUnreadable, Refused(Es256[..^1] + "R"));
        Assert.Equal(Refusal.TokenUnreadable, Refused(Token("""{"alg":"RS256"}""", "{\"a\":\"" + new string('x', 40_000) + "\"}")));
        Assert.Equal(Refusal.TokenUnreadable, Refused($"{Base64Url.EncodeToString([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])}.{Body}.AA"));
    }

    [Fact]
    public void Keys_that_are_too_small_broken_or_for_something_else_are_no_keys()
    {
        Assert.True(Rsa.Fits(JwsAlgorithm.RS256) && Rsa.Fits(JwsAlgorithm.PS256) && !Rsa.Fits(JwsAlgorithm.ES256) && !Rsa.Fits(JwsAlgorithm.HS256));
        Assert.True(Curve.Fits(JwsAlgorithm.ES256) && !Curve.Fits(JwsAlgorithm.ES384));
        using var small = RSA.Create(1024);
        var numbers = small.ExportParameters(false);
        foreach (var key in new[]
        {
            $$"""{"kty":"RSA","n":"{{Base64Url.EncodeToString(numbers.Modulus)}}","e":"AQAB"}""", $$"""{"kty":"RSA","n":"{{Modulus}}","e":"AQ"}""", $$"""{"kty":"RSA","n":"{{Modulus}}","e":"AAEAAQ"}""", $$"""{"kty":"RSA","n":"{{Modulus}}","e":"Ag"}""",
            $$"""{"kty":"RSA","n":"{{Modulus}}","e":"AQAB","use":"enc"}""", $$"""{"kty":"RSA","n":"{{Modulus}}","e":"AQAB","key_ops":["encrypt"]}""", $$"""{"kty":"RSA","n":"{{Modulus}}","e":"AQAB","alg":"RS1"}""",
            $$"""{"kty":"RSA","n":"{{Modulus}}","e":"AQAB","d":"AQAB"}""", $$"""{"kty":"oct","k":"{{Hs256Key}}"}""", $$"""{"kty":"EC","crv":"P-256","x":"{{X}}","y":"{{X}}"}""", $$"""{"kty":"EC","crv":"P-384","x":"{{X}}","y":"{{Y}}"}""",
            $$"""{"kty":"EC","crv":"secp256k1","x":"{{X}}","y":"{{Y}}"}""", """{"kty":"OKP","crv":"Ed25519","x":"AA"}""", "{}", "7",
        })
            Assert.Null(Key(key));
        var only = Key($$"""{"kty":"RSA","n":"{{Modulus}}","e":"AQAB","alg":"PS256"}""")!;
        Assert.True(only.Fits(JwsAlgorithm.PS256) && !only.Fits(JwsAlgorithm.RS256));
    }

    [Fact]
    public void Ours_are_signed_so_that_others_can_check_them()
    {
        using var rsa = RSA.Create(2048);
        foreach (var key in new[] { SigningKey.New(), SigningKey.ReadPem(rsa.ExportPkcs8PrivateKeyPem())!, SigningKey.ReadPem(rsa.ExportRSAPrivateKeyPem())! })
        {
            var token = Jws.Read(Jws.Sign(key, new { iss = "komachi" }), Every);
            Assert.Equal((key.Algorithm, key.Id), (token.Algorithm, token.KeyId));
            Assert.True(token.IsSignedBy(Key(JsonSerializer.Serialize(key.PublicJwk))!));
            Assert.DoesNotContain("\"d\"", JsonSerializer.Serialize(key.PublicJwk));
        }
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var small = RSA.Create(1024);
        foreach (var pem in new[] { other.ExportPkcs8PrivateKeyPem(), small.ExportPkcs8PrivateKeyPem(), rsa.ExportSubjectPublicKeyInfoPem(), "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "x", rsa.ExportEncryptedPkcs8PrivateKeyPem("x", new(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1000)) })
            Assert.Null(SigningKey.ReadPem(pem));
    }

    [Fact]
    public void ES384_and_PS256_are_checked_as_well()
    {
        using var curve = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var point = curve.ExportParameters(false).Q;
        var signed = $"{Base64Url.EncodeToString("{\"alg\":\"ES384\"}"u8)}.{Body}";
        var token = Jws.Read($"{signed}.{Base64Url.EncodeToString(curve.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA384))}", Every);
        Assert.True(token.IsSignedBy(Key($$"""{"kty":"EC","crv":"P-384","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"}""")!));
        Assert.Equal(32, token.HalfHash("x").Length);    // 24 bytes

        using var rsa = RSA.Create(2048);
        var numbers = rsa.ExportParameters(false);
        var key = Key($$"""{"kty":"RSA","n":"{{Base64Url.EncodeToString(numbers.Modulus)}}","e":"AQAB"}""")!;
        signed = $"{Base64Url.EncodeToString("{\"alg\":\"PS256\"}"u8)}.{Body}";
        Assert.True(Jws.Read($"{signed}.{Base64Url.EncodeToString(rsa.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pss))}", Every).IsSignedBy(key));
        Assert.False(Jws.Read($"{signed}.{Base64Url.EncodeToString(rsa.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}", Every).IsSignedBy(key));
    }

    [Theory]
    [InlineData("https://id.example.jp/", "https://id.example.jp/.well-known/openid-configuration")]
    [InlineData("https://id.example.jp/realms/main", "https://id.example.jp/realms/main/.well-known/openid-configuration")]
    [InlineData("http://localhost:8090/directory/main", "http://localhost:8090/directory/main/.well-known/openid-configuration")]
    [InlineData("http://id.example.jp", null), InlineData("https://id.example.jp?x=1", null), InlineData("https://id.example.jp/?", null), InlineData("https://id.example.jp/#x", null), InlineData("https://a:b@id.example.jp", null)]
    [InlineData("file:///etc/passwd", null), InlineData("//id.example.jp", null), InlineData("", null), InlineData("http://192.168.0.1", null), InlineData("http://127.0.0.1.example.jp", null)]
    public void Only_addresses_that_may_be_asked_are_asked(string issuer, string? document) => Assert.Equal(document, Provider.DocumentOf(issuer)?.ToString());

    [Fact]
    public void A_provider_out_there_cannot_send_us_to_our_own_machine()
    {
        Assert.Null(Provider.Address("http://127.0.0.1:5432/keys", "https://id.example.jp"));
        Assert.NotNull(Provider.Address("http://127.0.0.1:8090/keys", "http://localhost:8090/directory/main"));
        var document = JsonDocument.Parse("""{"issuer":"https://id.example.jp","authorization_endpoint":"https://id.example.jp/a","token_endpoint":"http://127.0.0.1/t","jwks_uri":"https://id.example.jp/k"}""").RootElement;
        Assert.Equal(Refusal.AddressNotAllowed, Assert.Throws<OpenIdRefused>(() => Provider.Read(document, "https://id.example.jp")).Why);
    }

    static string Token(string head, string body = """{"sub":"x"}""") => $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(head))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(body))}.AAAA";

    static Refusal Refused(string token, params JwsAlgorithm[] allowed) => Assert.Throws<OpenIdRefused>(() => Jws.Read(token, allowed.Length == 0 ? Every : allowed)).Why;
}
