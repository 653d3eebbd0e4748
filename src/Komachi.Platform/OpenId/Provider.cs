using System.Text.Json;
using Komachi.Platform.OpenId.Jose;

namespace Komachi.Platform.OpenId;

/// <summary>What a provider says of itself (OpenID Connect Discovery): where its doors are. Lists are empty where it says nothing.</summary>
sealed record Provider
{
    public required string Issuer { get; init; }
    public required Uri Authorization { get; init; }
    public required Uri Token { get; init; }
    public required Uri Keys { get; init; }
    public Uri? Userinfo { get; init; }
    public Uri? EndSession { get; init; }
    public IReadOnlyList<string> Algorithms { get; init; } = [];
    public IReadOnlyList<string> ClientAuthentication { get; init; } = [];
    public IReadOnlyList<string> ChallengeMethods { get; init; } = [];
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>It promises to say who it is when it sends people back (RFC 9207).</summary>
    public bool NamesItself { get; init; }

    /// <summary>Where the document of an issuer is.</summary>
    public static Uri? DocumentOf(string issuer) =>
        Address(issuer, issuer) is { Query: "" } && !issuer.Contains('?') && !issuer.Contains('#') ? new(issuer.TrimEnd('/') + "/.well-known/openid-configuration") : null;

    /// <summary>An address that we ask: https, or on this very machine where the issuer itself is (the Sandbox, tests).</summary>
    public static Uri? Address(string? text, string issuer)
    {
        if (text is not { Length: > 0 and <= 2000 } || !Uri.TryCreate(text, UriKind.Absolute, out var address) || address.UserInfo.Length > 0 || address.Fragment.Length > 0) return null;
        if (address.Scheme == Uri.UriSchemeHttps) return address;
        return address.Scheme == Uri.UriSchemeHttp && address.IsLoopback && Uri.TryCreate(issuer, UriKind.Absolute, out var home) && home.Scheme == Uri.UriSchemeHttp && home.IsLoopback ? address : null;
    }

    public static Provider Read(JsonElement document, string issuer)
    {
        // Letter by letter: who answers for another issuer answers for nobody.
        if (document.Text("issuer") != issuer) throw new OpenIdRefused(Refusal.IssuerDiffers);
        return new()
        {
            Issuer = issuer,
            Authorization = Door("authorization_endpoint") ?? throw new OpenIdRefused(Refusal.DocumentIncomplete),
            Token = Door("token_endpoint") ?? throw new OpenIdRefused(Refusal.DocumentIncomplete),
            Keys = Door("jwks_uri") ?? throw new OpenIdRefused(Refusal.DocumentIncomplete),
            Userinfo = Door("userinfo_endpoint"),
            EndSession = Door("end_session_endpoint"),
            Algorithms = document.Texts("id_token_signing_alg_values_supported"),
            ClientAuthentication = document.Texts("token_endpoint_auth_methods_supported"),
            ChallengeMethods = document.Texts("code_challenge_methods_supported"),
            Scopes = document.Texts("scopes_supported"),
            NamesItself = document.TryGetProperty("authorization_response_iss_parameter_supported", out var names) && names.ValueKind == JsonValueKind.True,
        };

        Uri? Door(string name) => !document.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null ? null
            : Address(value.ValueKind == JsonValueKind.String ? value.GetString() : null, issuer) ?? throw new OpenIdRefused(Refusal.AddressNotAllowed);
    }
}
