using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Komachi.Platform.OpenId.Jose;

namespace Komachi.Platform.OpenId;

/// <summary>How we show the provider who asks for a token: by a secret in a header or a field, or by a signature of our own.</summary>
enum ClientAuthentication { ClientSecretBasic, ClientSecretPost, PrivateKeyJwt }

/// <summary>
/// All that tells one provider from another, as settings give it: the city's directory today; デジタル認証アプリ
/// (PrivateKeyJwt, ES256, acr "aal3 crl") and LINE Login (HS256 with the channel secret) are other values of these.
/// </summary>
sealed record Client
{
    public required string Issuer { get; init; }
    public required string Id { get; init; }
    public ClientAuthentication Authentication { get; init; }
    public string? Secret { get; init; }
    public SigningKey? Key { get; init; }

    /// <summary>The only algorithms in which an ID token is taken.</summary>
    public required IReadOnlyCollection<JwsAlgorithm> Algorithms { get; init; }
    public IReadOnlyList<string> Scopes { get; init; } = ["openid"];

    /// <summary>What is asked for as <c>acr_values</c>.</summary>
    public IReadOnlyList<string> AsksFor { get; init; } = [];

    /// <summary>The token's <c>acr</c> must be one of these; empty: it may be any or none.</summary>
    public IReadOnlyList<string> TakesAcr { get; init; } = [];
    public TimeSpan? MaxAge { get; init; }
    public bool AsksUserinfo { get; init; }
}

/// <summary>
/// One way to the provider and back: what must fit when they return. The browser carries it, sealed (<see cref="JourneyCookie"/>).
/// </summary>
/// <param name="Id">It counts once.</param>
sealed record Journey(Guid Id, string State, string Nonce, string Verifier, string Issuer, string ClientId, string BackTo, string Lang, string Then, DateTimeOffset BeganAt)
{
    public static readonly TimeSpan Lasts = TimeSpan.FromMinutes(10);
}

/// <summary>Who the provider says it is.</summary>
sealed record Identity(string Issuer, string Subject, JsonElement Token, JsonElement? Userinfo)
{
    /// <summary>A claim as text: from the signed token, or else from userinfo.</summary>
    public string? Claim(string name) => Token.Text(name) ?? Userinfo?.Text(name);

    /// <summary>Some providers write true as a text.</summary>
    public bool? Says(string name)
    {
        foreach (var from in new[] { Token, Userinfo ?? default })
            if (from.ValueKind == JsonValueKind.Object && from.TryGetProperty(name, out var value))
                return value.ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, JsonValueKind.String => value.GetString() == "true", _ => null };
        return null;
    }

    public string? Acr => Token.Text("acr");
    public IReadOnlyList<string> Amr => Token.Texts("amr");
}

/// <summary>
/// OpenID Connect, code flow only, with PKCE (S256), state and nonce always. It knows nothing of towns, staff or pages: it takes
/// a person to a provider and says who came back.
/// </summary>
sealed class RelyingParty(Providers providers, TimeProvider time)
{
    // Clocks of two houses differ a little.
    static readonly TimeSpan Skew = TimeSpan.FromMinutes(2);

    public async Task<(Uri To, Journey Journey)> Begin(Client client, string backTo, string lang, string then, CancellationToken stop)
    {
        var provider = await providers.Find(client.Issuer, stop);
        var journey = new Journey(Data.Id.New(), Random(), Random(), Random(), client.Issuer, client.Id, backTo, lang, then, time.GetUtcNow());
        var asks = new List<(string, string)>
        {
            ("response_type", "code"), ("client_id", client.Id), ("redirect_uri", backTo), ("scope", string.Join(' ', client.Scopes)),
            ("state", journey.State), ("nonce", journey.Nonce),
            ("code_challenge", Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(journey.Verifier)))), ("code_challenge_method", "S256"),
        };
        if (client.AsksFor.Count > 0) asks.Add(("acr_values", string.Join(' ', client.AsksFor)));
        if (client.MaxAge is { } age) asks.Add(("max_age", ((long)age.TotalSeconds).ToString(CultureInfo.InvariantCulture)));
        return (With(provider.Authorization, asks), journey);
    }

    /// <summary>Who came back: the code is changed for a token, and the token is held against all that was asked.</summary>
    /// <param name="namedItself">The parameter <c>iss</c> of the address that they came back to.</param>
    public async Task<Identity> Finish(Client client, Journey journey, string code, string? namedItself, CancellationToken stop)
    {
        // The settings may have changed while somebody was away.
        if (journey.Issuer != client.Issuer || journey.ClientId != client.Id) throw new OpenIdRefused(Refusal.IssuerDiffers);
        var provider = await providers.Find(client.Issuer, stop);
        // Another provider's answer never gets as far as our code exchange (mix-up, RFC 9207).
        if (namedItself is null ? provider.NamesItself : namedItself != client.Issuer) throw new OpenIdRefused(Refusal.IssuerDiffers);

        var (compact, access) = await Exchange(client, provider, journey, code, stop);
        var token = Jws.Read(compact, client.Algorithms);
        if (token.Algorithm == JwsAlgorithm.HS256 ? !token.IsSignedWith(Encoding.UTF8.GetBytes(client.Secret ?? "")) : !token.IsSignedBy(await providers.KeyOf(provider, token, stop)))
            throw new OpenIdRefused(Refusal.TokenSignature);
        var subject = Check(client, journey, token, access);

        JsonElement? userinfo = null;
        if (client.AsksUserinfo && provider.Userinfo is { } door)
        {
            using var ask = new HttpRequestMessage(HttpMethod.Get, door) { Headers = { Authorization = new("Bearer", access) } };
            var (status, answer) = await providers.Send(ask, stop);
            if (status != HttpStatusCode.OK || answer is null) throw new OpenIdRefused(Refusal.AnswerUnreadable);
            if (answer.Value.Text("sub") != subject) throw new OpenIdRefused(Refusal.UserinfoSubject);
            userinfo = answer;
        }
        return new(client.Issuer, subject, token.Payload, userinfo);
    }

    async Task<(string IdToken, string Access)> Exchange(Client client, Provider provider, Journey journey, string code, CancellationToken stop)
    {
        var fields = new List<KeyValuePair<string, string>>
        {
            new("grant_type", "authorization_code"), new("code", code), new("redirect_uri", journey.BackTo), new("code_verifier", journey.Verifier),
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, provider.Token);
        switch (client.Authentication)
        {
            case ClientAuthentication.ClientSecretBasic:
                // RFC 6749, 2.3.1: both written as in a form, then together in base64.
                request.Headers.Authorization = new AuthenticationHeaderValue("Basic",
                    Convert.ToBase64String(Encoding.ASCII.GetBytes($"{WebUtility.UrlEncode(client.Id)}:{WebUtility.UrlEncode(client.Secret)}")));
                break;
            case ClientAuthentication.ClientSecretPost:
                fields.Add(new("client_id", client.Id));
                fields.Add(new("client_secret", client.Secret ?? ""));
                break;
            case ClientAuthentication.PrivateKeyJwt:
                var now = time.GetUtcNow().ToUnixTimeSeconds();
                fields.Add(new("client_id", client.Id));
                fields.Add(new("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"));
                fields.Add(new("client_assertion", Jws.Sign(client.Key ?? throw new OpenIdRefused(Refusal.ClientRefused), new Dictionary<string, object>
                {
                    ["iss"] = client.Id, ["sub"] = client.Id, ["aud"] = provider.Token.OriginalString, ["jti"] = Random(), ["iat"] = now, ["exp"] = now + 60,
                })));
                break;
        }
        request.Content = new FormUrlEncodedContent(fields);
        var (status, answer) = await providers.Send(request, stop);
        if (status != HttpStatusCode.OK)
            throw new OpenIdRefused(answer?.Text("error") switch
            {
                "invalid_client" or "unauthorized_client" => Refusal.ClientRefused,
                "invalid_grant" => Refusal.CodeRefused,
                _ => status == HttpStatusCode.Unauthorized ? Refusal.ClientRefused : Refusal.AnswerUnreadable,
            });
        return answer?.Text("id_token") is { } token && answer.Value.Text("access_token") is { Length: > 0 } access && access.All(c => c is > ' ' and < '\x7f')
            && string.Equals(answer.Value.Text("token_type"), "Bearer", StringComparison.OrdinalIgnoreCase)
            ? (token, access) : throw new OpenIdRefused(Refusal.AnswerUnreadable);
    }

    /// <summary>OpenID Connect Core, 3.1.3.7. Says whom it is about.</summary>
    string Check(Client client, Journey journey, Jws token, string access)
    {
        var claims = token.Payload;
        var now = time.GetUtcNow();
        if (claims.Text("iss") != client.Issuer) throw new OpenIdRefused(Refusal.TokenIssuer);

        var audience = claims.Texts("aud");
        var party = claims.TryGetProperty("azp", out _) ? claims.Text("azp") ?? "" : null;
        if (!audience.Contains(client.Id) || (audience.Count > 1 && party is null) || (party is not null && party != client.Id)) throw new OpenIdRefused(Refusal.TokenAudience);

        if (claims.Moment("exp") is not { } ends || ends + Skew <= now) throw new OpenIdRefused(Refusal.TokenExpired);
        if (claims.Moment("iat") is not { } issued || issued > now + Skew) throw new OpenIdRefused(Refusal.TokenNotYet);
        // Made for this journey: one that is older is somebody's that was kept.
        if (issued < journey.BeganAt - Skew) throw new OpenIdRefused(Refusal.TokenExpired);
        if (claims.TryGetProperty("nbf", out _) && !(claims.Moment("nbf") <= now + Skew)) throw new OpenIdRefused(Refusal.TokenNotYet);

        if (claims.Text("nonce") is not { } nonce || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(nonce), Encoding.UTF8.GetBytes(journey.Nonce))) throw new OpenIdRefused(Refusal.TokenNonce);
        if (claims.Text("sub") is not { Length: > 0 and <= 255 } subject || subject.Any(char.IsControl)) throw new OpenIdRefused(Refusal.TokenSubject);
        if (claims.TryGetProperty("at_hash", out _) && claims.Text("at_hash") != token.HalfHash(access)) throw new OpenIdRefused(Refusal.TokenHash);
        if (client.MaxAge is { } most && !(claims.Moment("auth_time") + most + Skew >= now)) throw new OpenIdRefused(Refusal.TokenAge);
        if (client.TakesAcr.Count > 0 && !client.TakesAcr.Contains(claims.Text("acr"))) throw new OpenIdRefused(Refusal.TokenStrength);
        return subject;
    }

    /// <summary>Where they sign out of the provider as well. Without a hint of whom, since no token is kept: it asks them itself.</summary>
    public async Task<Uri?> WayOut(Client client, string backTo, CancellationToken stop) =>
        (await providers.Find(client.Issuer, stop)).EndSession is { } door ? With(door, [("client_id", client.Id), ("post_logout_redirect_uri", backTo)]) : null;

    static Uri With(Uri address, IEnumerable<(string Name, string Value)> asks) =>
        new(address.OriginalString + (address.Query.Length > 1 ? "&" : address.OriginalString.Contains('?') ? "" : "?") + string.Join('&', asks.Select(a => $"{a.Name}={Uri.EscapeDataString(a.Value)}")));

    static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
}
