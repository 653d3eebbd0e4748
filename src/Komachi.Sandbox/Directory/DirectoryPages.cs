using System.Text.Json;
using Komachi.Sandbox.Web;

namespace Komachi.Sandbox.Directory;

/// <summary>The directory for people: signing in as one of its staff, and making it go wrong.</summary>
static class DirectoryPages
{
    static readonly string[] Asked = ["response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge", "code_challenge_method", "acr_values", "max_age"];

    public static void Map(WebApplication app)
    {
        app.MapGet("/directory", (Realms realms, HttpContext http) => Overview(realms.Find(Realms.Main)!, http));
        app.MapGet("/directory/{realm}", (string realm, Realms realms, HttpContext http) => realms.Find(realm) is { } it ? Overview(it, http) : Results.NotFound());
        app.MapPost("/directory/{realm}/settings", Set).DisableAntiforgery();
        app.MapPost("/directory/{realm}/rotate", Rotate).DisableAntiforgery();
        app.MapGet("/directory/{realm}/authorize", Ask);
        app.MapPost("/directory/{realm}/authorize", Answer).DisableAntiforgery();
        app.MapGet("/directory/{realm}/end-session", End);
    }

    static IResult Overview(Realm realm, HttpContext http, int status = 200, Remark? wrong = null, IFormCollection? form = null) => Page.Show<DirectoryPage>(new
    {
        Realm = realm, Issuer = OpenIdDoors.IssuerOf(http, realm.Name), Mistake = wrong, Form = form,
    }, status);

    static IResult Set(string realm, Realms realms, Here here, Happenings happenings, HttpContext http, IFormCollection form)
    {
        if (realms.Find(realm) is not { } it) return Results.NotFound();
        JsonElement? key = null;
        var typed = $"{form["publicKey"]}".Trim();
        if (typed.Length > 0)
            try
            {
                using var document = JsonDocument.Parse(typed);
                if (document.RootElement.ValueKind != JsonValueKind.Object) throw new JsonException();
                key = document.RootElement.Clone();
            }
            catch (JsonException)
            {
                return Overview(it, http, 422, new("The public key is not written as JSON: copy the whole line from the town's page."), form);
            }
        if (!Enum.GetNames<Wrong>().Contains($"{form["wrong"]}") || !Enum.TryParse<Wrong>(form["wrong"], out var wrong) || !Realm.Algorithms.Contains($"{form["algorithm"]}")) return Overview(it, http, 422, new("Choose one of the list."), form);
        var (id, secret) = ($"{form["clientId"]}".Trim(), $"{form["secret"]}".Trim());
        if (id.Length is 0 or > 200 || secret.Length > 200) return Overview(it, http, 422, new("The town needs a name here (client ID)."), form);
        it.Client = it.Client with { Id = id, Secret = secret, PublicKey = key };
        (it.Wrong, it.Algorithm) = (wrong, $"{form["algorithm"]}");
        happenings.Say("directory", "/directory/" + realm, new Remark("The directory's settings were changed"));
        return Results.LocalRedirect(here.Url("/directory/" + realm));
    }

    static IResult Rotate(string realm, Realms realms, Here here, Happenings happenings)
    {
        if (realms.Find(realm) is not { } it) return Results.NotFound();
        it.Rotate();
        happenings.Say("directory", "/directory/" + realm, new Remark("New keys"));
        return Results.LocalRedirect(here.Url("/directory/" + realm));
    }

    static IResult Ask(string realm, Realms realms, TimeProvider time, HttpContext http)
    {
        if (realms.Find(realm) is not { } it) return Results.NotFound();
        var asked = Read(name => $"{http.Request.Query[name]}");
        if (Mistake(it, asked) is { } mistake) return Page.Show<WrongPage>(new { What = mistake }, 400);
        it.LastAsked = asked;
        if (Error(asked) is { } error) return Back(it, asked, http, ("error", error));
        // Its answer leads to the town, another house: the policy of this page must let it.
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = headers.ContentSecurityPolicy.ToString().Replace("form-action 'self'", $"form-action 'self' {new Uri(asked["redirect_uri"]).GetLeftPart(UriPartial.Authority)}");
        headers["Referrer-Policy"] = "same-origin";    // so that our own form says where it comes from
        return Page.Show<AuthorizePage>(new { Realm = it, Asked = asked, Still = http.Request.Cookies[CookieOf(it)] });
    }

    static IResult Answer(string realm, Realms realms, Happenings happenings, TimeProvider time, HttpContext http, IFormCollection form)
    {
        if (realms.Find(realm) is not { } it) return Results.NotFound();
        var asked = Read(name => $"{form[name]}");
        if (Mistake(it, asked) is { } mistake) return Page.Show<WrongPage>(new { What = mistake }, 400);
        if (it.Wrong == Wrong.ErrorOnWayBack) return Back(it, asked, http, ("error", "server_error"));
        if (Error(asked) is { } error) return Back(it, asked, http, ("error", error));
        if (form["decision"] != "sign-in")
        {
            happenings.Say("directory", "/directory/" + realm, new Remark("Somebody refused to sign in"));
            return Back(it, asked, http, ("error", "access_denied"));
        }
        var clerk = Clerk.All.FirstOrDefault(c => c.Username == form["who"]);
        if (clerk is null && $"{form["username"]}".Trim() is { Length: > 0 and < 100 } username)
            clerk = new(username, Or("name", username), Or("email", username + "@example.jp"), form["unverified"].Count == 0, form["weak"].Count == 0);
        if (clerk is null) return Page.Show<WrongPage>(new { What = new Remark("Choose somebody, or write a sign-in name.") }, 422);
        var now = time.GetUtcNow();
        var code = it.Admit(new(clerk, asked["client_id"], asked["redirect_uri"], asked.GetValueOrDefault("nonce"), asked["code_challenge"], asked.GetValueOrDefault("acr_values"), now, now.AddMinutes(1)));
        http.Response.Cookies.Append(CookieOf(it), clerk.Username, new() { HttpOnly = true, SameSite = SameSiteMode.Lax, Path = "/" });
        happenings.Say("directory", "/directory/" + realm, new Remark("{0} signed in", clerk.Username));
        return Back(it, asked, http, ("code", code));

        string Or(string field, string otherwise) => $"{form[field]}".Trim() is { Length: > 0 } text ? text : otherwise;
    }

    static IResult End(string realm, Realms realms, Happenings happenings, HttpContext http, string? post_logout_redirect_uri, string? client_id)
    {
        if (realms.Find(realm) is not { } it) return Results.NotFound();
        var was = http.Request.Cookies[CookieOf(it)];
        http.Response.Cookies.Delete(CookieOf(it), new() { Path = "/" });
        happenings.Say("directory", "/directory/" + realm, new Remark("{0} signed out", was ?? "?"));
        var back = client_id == it.Client.Id && Uri.TryCreate(post_logout_redirect_uri, UriKind.Absolute, out var uri) && uri.IsLoopback ? uri.AbsoluteUri : null;
        return Page.Show<SignedOutPage>(new { Back = back });
    }

    static Dictionary<string, string> Read(Func<string, string> from) => Asked.Select(name => (name, value: from(name))).Where(p => p.value.Length > 0).ToDictionary(p => p.name, p => p.value);

    /// <summary>Where nobody may be sent back to: then the page says it.</summary>
    static Remark? Mistake(Realm realm, Dictionary<string, string> asked) =>
        asked.GetValueOrDefault("client_id") != realm.Client.Id ? new("No town is known here by the name {0}.", asked.GetValueOrDefault("client_id") ?? "")
        : !realm.Client.MayGoBackTo(asked.GetValueOrDefault("redirect_uri") ?? "") ? new("This address to come back to is not registered: {0}", asked.GetValueOrDefault("redirect_uri") ?? "")
        : null;

    static string? Error(Dictionary<string, string> asked) =>
        asked.GetValueOrDefault("response_type") != "code" ? "unsupported_response_type"
        : !asked.GetValueOrDefault("scope", "").Split(' ').Contains("openid") ? "invalid_scope"
        : asked.GetValueOrDefault("code_challenge_method") != "S256" || asked.GetValueOrDefault("code_challenge", "").Length != 43 ? "invalid_request"
        : null;

    static IResult Back(Realm realm, Dictionary<string, string> asked, HttpContext http, (string Name, string Value) said)
    {
        var query = QueryString.Create(said.Name, said.Value);
        if (asked.GetValueOrDefault("state") is { } state) query = query.Add("state", state);
        if (realm.NamesItself) query = query.Add("iss", OpenIdDoors.IssuerOf(http, realm.Name) + (realm.Wrong == Wrong.WayBackIssuer ? "-x" : ""));
        return Results.Redirect(asked["redirect_uri"] + query.ToUriComponent());
    }

    static string CookieOf(Realm realm) => "directory-" + realm.Name;
}
