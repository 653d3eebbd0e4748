using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Komachi.Sandbox.Faults;
using Komachi.Sandbox.Web;

namespace Komachi.Sandbox.Directory;

/// <summary>The directory for programs: description, keys, tokens, userinfo. What it is asked it really checks.</summary>
static class OpenIdDoors
{
    public static void Map(WebApplication app)
    {
        var doors = app.MapGroup("/directory/{realm}");
        doors.MapGet(".well-known/openid-configuration", Document).WithFaults("directory", About);
        doors.MapGet("keys", Keys).WithFaults("directory", About);
        doors.MapPost("token", Token).DisableAntiforgery().WithFaults("directory.token", About);
        doors.MapGet("userinfo", Userinfo).WithFaults("directory.userinfo", About);
    }

    /// <summary>By whichever name it was reached, and in no language.</summary>
    public static string IssuerOf(HttpContext http, string realm) => $"{http.Request.Scheme}://{http.Request.Host}/directory/{realm}";

    static string[] About(HttpContext http) => [$"{http.Request.RouteValues["realm"]}"];

    static IResult Document(string realm, Realms realms, HttpContext http)
    {
        if (realms.Find(realm) is not { } it) return Results.NotFound();
        if (it.Wrong == Wrong.DocumentIsRubbish) return Results.Content("<html>It works!</html>", "text/html");
        if (it.Wrong == Wrong.DocumentIsHuge) return Huge();
        var issuer = IssuerOf(http, realm);
        return Answers.Json(new Dictionary<string, object>
        {
            ["issuer"] = it.Wrong == Wrong.DocumentIssuer ? issuer + "/" : issuer,
            ["authorization_endpoint"] = issuer + "/authorize",
            ["token_endpoint"] = issuer + "/token",
            ["userinfo_endpoint"] = issuer + "/userinfo",
            ["jwks_uri"] = issuer + "/keys",
            ["end_session_endpoint"] = issuer + "/end-session",
            ["response_types_supported"] = new[] { "code" },
            ["subject_types_supported"] = new[] { "public" },
            ["scopes_supported"] = new[] { "openid", "profile", "email" },
            ["id_token_signing_alg_values_supported"] = Realm.Algorithms,
            ["token_endpoint_auth_methods_supported"] = new[] { "client_secret_basic", "client_secret_post", "private_key_jwt" },
            ["code_challenge_methods_supported"] = new[] { "S256" },
            ["authorization_response_iss_parameter_supported"] = it.NamesItself,
        });
    }

    static IResult Keys(string realm, Realms realms) =>
        realms.Find(realm) is not { } it ? Results.NotFound() : it.Wrong == Wrong.KeysAreHuge ? Huge() : Answers.Json(new { keys = it.PublicKeys });

    static IResult Token(string realm, Realms realms, Happenings happenings, TimeProvider time, HttpContext http, IFormCollection form)
    {
        if (realms.Find(realm) is not { } it) return Results.NotFound();
        var issuer = IssuerOf(http, realm);
        if (!IsClient(it, form, http, issuer, time.GetUtcNow())) return No("invalid_client", 401);
        if (form["grant_type"] != "authorization_code") return No("unsupported_grant_type", 400);
        if (it.Redeem($"{form["code"]}") is not { } grant) return No("invalid_grant", 400);
        // What the code was given for is what it is good for.
        var challenge = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes($"{form["code_verifier"]}")));
        if (grant.BackTo != form["redirect_uri"] || grant.Challenge != challenge || $"{form["code_verifier"]}".Length < 43) return No("invalid_grant", 400);
        switch (it.Wrong)
        {
            case Wrong.TokenIsRubbish: return Results.Content("<html>Bad gateway</html>", "text/html");
            case Wrong.TokenIsHuge: return Huge();
            case Wrong.TokenLeadsAway: return Results.Redirect(issuer + "/keys", preserveMethod: true);
        }
        var access = it.AccessFor(grant.Clerk);
        var answer = new Dictionary<string, object> { ["access_token"] = access, ["token_type"] = "Bearer", ["expires_in"] = 300, ["scope"] = "openid profile email" };
        if (it.Wrong != Wrong.NoToken) answer["id_token"] = TokenPress.Press(it, grant, issuer, access, time.GetUtcNow());
        happenings.Say("directory", "/directory/" + realm, new Remark("Token for {0}", grant.Clerk.Username));
        return Answers.Json(answer);

        IResult No(string error, int status)
        {
            happenings.Say("directory", "/directory/" + realm, new Remark("No token was given: {0}", error));
            return Answers.Json(new { error }, status);
        }
    }

    static bool IsClient(Realm realm, IFormCollection form, HttpContext http, string issuer, DateTimeOffset now)
    {
        var client = realm.Client;
        if (client.PublicKey is not null)
            return form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" && form["client_id"] == client.Id
                && TokenPress.IsAssertionOf(client, realm, $"{form["client_assertion"]}", [issuer + "/token", issuer], now);
        if ($"{http.Request.Headers.Authorization}" is { } header && header.StartsWith("Basic ", StringComparison.Ordinal))
        {
            var bytes = new byte[header.Length];
            if (!Convert.TryFromBase64String(header["Basic ".Length..], bytes, out var length)) return false;
            var both = Encoding.UTF8.GetString(bytes, 0, length).Split(':', 2);
            return both.Length == 2 && WebUtility.UrlDecode(both[0]) == client.Id && WebUtility.UrlDecode(both[1]) == client.Secret;
        }
        return form["client_id"] == client.Id && form["client_secret"] == client.Secret;
    }

    static IResult Userinfo(string realm, Realms realms, HttpContext http)
    {
        if (realms.Find(realm) is not { } it) return Results.NotFound();
        var header = $"{http.Request.Headers.Authorization}";
        if (!header.StartsWith("Bearer ", StringComparison.Ordinal) || it.WhoHas(header["Bearer ".Length..]) is not { } clerk) return Answers.Json(new { error = "invalid_token" }, 401);
        return Answers.Json(new Dictionary<string, object>
        {
            ["sub"] = it.Wrong == Wrong.UserinfoSubject ? "the-mayor" : it.SubjectOf(clerk),
            ["name"] = clerk.Name, ["preferred_username"] = clerk.Username, ["email"] = clerk.Email, ["email_verified"] = clerk.EmailVerified,
            ["department"] = "見本課",
        });
    }

    /// <summary>Ten megabytes of a JSON object that never seems to end.</summary>
    static IResult Huge() => Results.Stream(async body =>
    {
        await body.WriteAsync("{\"issuer\":\""u8.ToArray());
        var much = new byte[64 * 1024];
        much.AsSpan().Fill((byte)'x');
        for (var i = 0; i < 160; i++) await body.WriteAsync(much);
        await body.WriteAsync("\"}"u8.ToArray());
    }, "application/json");
}
