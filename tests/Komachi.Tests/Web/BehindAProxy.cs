using System.Net;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using Komachi.Host;
using Komachi.Platform.Audit;
using Komachi.Platform.Web;
using Komachi.Tests.Harness;
using Komachi.Tests.OpenId;
using Komachi.Tests.Operator;
using Komachi.Tests.Towns;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Net.Http.Headers;

namespace Komachi.Tests.Web;

/// <summary>The program as it stands in earnest: a proxy on this machine ends TLS and says for whom, how and under which name it asks.</summary>
public sealed class ProxiedProgram : TestProgram
{
    protected override WebOptions Options => base.Options with { TrustedProxies = [IPNetwork.Parse("127.0.0.0/8")] };

    /// <summary>Another process on the same towns.</summary>
    public Task<WebApplication> Beside(Func<WebOptions, WebOptions> with) => Serving.Start(House, Servers, with(Options), ["http://127.0.0.1:0"]);
}

/// <summary>What a proxy says counts, and what a visitor writes into the same headers does not.</summary>
[Trait("Category", "long")]
public sealed class BehindAProxy(ProxiedProgram program) : IClassFixture<ProxiedProgram>
{
    const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'";

    [Theory]
    [InlineData("https", true, "__Host-", "/"), InlineData("https", false, "__Secure-", "/{town}"), InlineData("http", true, "", "/"), InlineData("http", false, "", "/{town}")]
    public async Task A_towns_cookies_are_called_what_a_browser_holds_them_to(string scheme, bool hasHost, string begins, string path)
    {
        var (town, host) = await Town(hasHost);
        path = path.Replace("{town}", town.Slug);
        using var hanako = new Browser(program.Url, scheme, host);
        var home = hasHost ? "" : "/" + town.Slug;
        var door = await hanako.Ask(HttpMethod.Get, home + "/sign-in");
        // A form's token belongs to the whole host, since its town stands in the token.
        Is(Assert.Single(door.Cookies), (scheme == "https" ? "__Host-" : "") + "komachi-form", "/", SameSiteMode.Strict);

        var inside = await hanako.Send(door, home + "/sign-in", ("name", "hanako"), ("password", TestProgram.Password));
        Assert.Equal(HttpStatusCode.Found, inside.Status);
        Assert.Equal(2, inside.Cookies.Count);
        Is(Named(inside, $"komachi-{town.Slug}"), $"{begins}komachi-{town.Slug}", path, SameSiteMode.Lax);
        Is(Named(inside, "-device-"), $"{begins}komachi-device-{town.Slug}", path, SameSiteMode.Lax);

        var my = await hanako.Ask(HttpMethod.Get, home + "/my");
        Assert.Equal(HttpStatusCode.OK, my.Status);
        // The value alone is worth nothing: under another name it may have come by http, or from a neighbouring host.
        using var planted = new Browser(program.Url, scheme, host);
        planted.Jar[(begins.Length > 0 ? "" : "__Secure-") + $"komachi-{town.Slug}"] = hanako.Jar[$"{begins}komachi-{town.Slug}"];
        Assert.Equal(HttpStatusCode.Found, (await planted.Ask(HttpMethod.Get, home + "/my")).Status);

        var outside = await hanako.Send(my, home + "/sign-out");
        var gone = Named(outside, $"komachi-{town.Slug}");
        Is(gone, $"{begins}komachi-{town.Slug}", path, SameSiteMode.Lax);
        Assert.True(gone.Expires < TimeProvider.System.GetUtcNow());
        Assert.Equal(HttpStatusCode.Found, (await hanako.Ask(HttpMethod.Get, home + "/my")).Status);

        void Is(SetCookieHeaderValue cookie, string name, string of, SameSiteMode sameSite)
        {
            Assert.Equal((name, of, true, scheme == "https", sameSite), (cookie.Name.ToString(), cookie.Path.ToString(), cookie.HttpOnly, cookie.Secure, cookie.SameSite));
            Assert.False(cookie.Domain.HasValue);    // a browser refuses __Host- with one
        }
    }

    [Theory]
    [InlineData("https", "__Secure-"), InlineData("http", "")]
    public async Task An_operators_cookie_goes_to_the_operators_pages_alone(string scheme, string begins)
    {
        using var running = await Running.Make(program);
        using var operators = new Browser(program.Url, scheme);
        var inside = await operators.Send(await operators.Ask(HttpMethod.Get, "/operator/sign-in"), "/operator/sign-in", ("name", running.Name), ("password", Running.Password), ("code", running.Code()));
        Assert.Equal(HttpStatusCode.Found, inside.Status);
        Assert.Equal(["/en/operator", "/operator", "/plain/operator"], inside.Cookies.Select(c => c.Path.ToString()).Order(StringComparer.Ordinal));
        Assert.All(inside.Cookies, c => Assert.Equal((begins + "komachi-operator", true, scheme == "https", SameSiteMode.Strict), (c.Name.ToString(), c.HttpOnly, c.Secure, c.SameSite)));
        Assert.Equal(HttpStatusCode.OK, (await operators.Ask(HttpMethod.Get, "/operator")).Status);
    }

    [Fact]
    public async Task The_way_to_the_directory_keeps_its_cookies_by_https_too()
    {
        using var story = await DirectoryStory.Begin(program, s => s with { SignsOutToo = true });
        var (slug, home) = (story.Town.Slug, $"/{story.Town.Slug}/desk/sign-in");
        using var joho = new Browser(program.Url, "https");
        var way = await joho.Send(await joho.Ask(HttpMethod.Get, home), home + "/directory");
        Is(Assert.Single(way.Cookies), $"__Secure-komachi-{slug}-way-");

        using var there = story.Town.Visitor();
        var back = new Uri(await story.WayBack(there, await there.Open(way.One("main .actions a").GetAttribute("href")!)));
        Assert.Equal("https", back.Scheme);
        var inside = await joho.Ask(HttpMethod.Get, back.PathAndQuery);
        Assert.Equal(HttpStatusCode.Found, inside.Status);
        Is(inside.Cookies.Single(c => c.Name == $"__Secure-komachi-{slug}-directory"), $"__Secure-komachi-{slug}-directory");
        Assert.Contains(inside.Cookies, c => c.Name.StartsWith($"__Secure-komachi-{slug}-way-", StringComparison.Ordinal) && c.Expires < TimeProvider.System.GetUtcNow());
        Assert.Contains("komachi-" + slug, joho.Jar.Keys.Single(k => k == $"__Secure-komachi-{slug}"));

        void Is(SetCookieHeaderValue cookie, string begins)
        {
            Assert.StartsWith(begins, cookie.Name.ToString());
            Assert.Equal(("/" + slug, true, true, SameSiteMode.Lax), (cookie.Path.ToString(), cookie.HttpOnly, cookie.Secure, cookie.SameSite));
        }
    }

    [Theory]
    [InlineData("https"), InlineData("http")]
    public async Task Every_answer_says_the_policy_word_for_word_and_by_https_that_it_is_https_alone(string scheme)
    {
        var town = await program.NewTown(livedIn: true);
        using var visitor = new Browser(program.Url, scheme);
        var sheet = (await visitor.Ask(HttpMethod.Get, "/" + town.Slug)).One("link[rel=stylesheet]").GetAttribute("href")!;
        var answers = new List<Answer>();
        foreach (var (path, status) in new (string, int)[]
        {
            ("/", 200), ("/health/live", 200), ("", 200), ("", 200), ("/en", 200), ("/announcements", 200), ("/announcements/feed.xml", 200), ("/api/v1/figures", 200), ("/api/v1/openapi.json", 200),
            ("/sign-in", 200), ("/my", 302), ("/desk", 302), ("/desk/jobs", 302), ("/nowhere", 404), ("/api/v1/nowhere", 404), ("/nowhere-at-all", 404), ("/sign-out", 405), (sheet, 200),
        })
        {
            var answer = await visitor.Ask(HttpMethod.Get, path is "/" or "/health/live" or "/nowhere-at-all" || path == sheet ? path : $"/{town.Slug}{path}");
            Assert.Equal((path, status), (path, (int)answer.Status));
            answers.Add(answer);
        }
        answers.Add(await visitor.Send(null, $"/{town.Slug}/sign-in"));    // no token: 400
        answers.Add(await visitor.Ask(HttpMethod.Patch, $"/{town.Slug}/sign-in"));
        answers.Add(await visitor.Ask(HttpMethod.Get, $"/{town.Slug}", null, ("X-Forwarded-Host", "xn--99999999")));
        foreach (var answer in answers)
        {
            Assert.Equal(Policy, answer.Header("Content-Security-Policy"));
            Assert.Equal(scheme == "https" ? "max-age=31536000" : null, answer.Header("Strict-Transport-Security"));
            Assert.Equal("nosniff", answer.Header("X-Content-Type-Options"));
        }
        Assert.Contains(answers, a => a.Status == HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task The_trusted_proxys_last_entry_counts_and_an_invented_one_before_it_does_not()
    {
        var (town, host) = await Town(hasHost: true);
        using var visitor = new Browser(program.Url, "https", host);
        var door = await visitor.Ask(HttpMethod.Get, "/sign-in");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await visitor.Ask(HttpMethod.Post, "/sign-in", Wrongly(door), ("X-Forwarded-For", "203.0.113.9, 198.51.100.7"), ("X-Forwarded-Proto", "http, https"), ("X-Forwarded-Host", $"evil.example, {host}"))).Status);
        Assert.Equal("198.51.100.7", await LastRefused(town));

        // Each of the three by its last entry.
        var feed = await visitor.Ask(HttpMethod.Get, "/api/v1/openapi.json", null, ("X-Forwarded-Proto", "https, http"), ("X-Forwarded-Host", $"{host}, nowhere.example"));
        Assert.Equal((HttpStatusCode.NotFound, null), (feed.Status, feed.Header("Strict-Transport-Security")));
        Assert.Equal(HttpStatusCode.OK, (await visitor.Ask(HttpMethod.Get, "/api/v1/openapi.json", null, ("X-Forwarded-Host", $"nowhere.example, {host}"))).Status);
    }

    [Theory]
    [InlineData(null), InlineData("10.0.0.0/8")]
    public async Task What_a_visitor_says_of_themselves_counts_for_nothing(string? trusted)
    {
        var (town, host) = await Town(hasHost: true);
        // Asked straight, past the proxy: nobody is trusted, or another machine is.
        await using var app = await program.Beside(o => o with { TrustedProxies = trusted is null ? [] : [IPNetwork.Parse(trusted)] });
        using var visitor = new Browser(app.Urls.Single(), "http");
        (string, string)[] invented = [("X-Forwarded-For", "198.51.100.7"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", host!), ("X-Forwarded-Prefix", "/evil"), ("Forwarded", $"for=198.51.100.7;proto=https;host={host}"), ("X-Real-IP", "198.51.100.7")];
        Assert.Equal(HttpStatusCode.NotFound, (await visitor.Ask(HttpMethod.Get, "/sign-in", null, invented)).Status);    // of the town that the invented host has

        var door = await visitor.Ask(HttpMethod.Get, $"/{town.Slug}/sign-in", null, invented);
        Assert.Equal((HttpStatusCode.OK, null), (door.Status, door.Header("Strict-Transport-Security")));
        Assert.Equal(("komachi-form", false), (Assert.Single(door.Cookies).Name.ToString(), door.Cookies[0].Secure));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await visitor.Ask(HttpMethod.Post, $"/{town.Slug}/sign-in", Wrongly(door), invented)).Status);
        Assert.Equal("127.0.0.1", await LastRefused(town));
        Assert.DoesNotContain(host!, (await visitor.Ask(HttpMethod.Get, $"/{town.Slug}/sign-in", null, invented)).Text);
    }

    [Theory]
    [InlineData("xn--99999999"), InlineData("xn--"), InlineData("xn--a-"), InlineData("a.xn---.b")]
    public async Task A_name_from_the_proxy_that_cannot_be_read_is_the_askers_mistake(string broken)
    {
        var town = await program.NewTown();
        using var visitor = new Browser(program.Url, "https");
        var answer = await visitor.Ask(HttpMethod.Get, $"/{town.Slug}", null, ("X-Forwarded-Host", broken));
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains(answer.Header("X-Request-Id")!, answer.Text);
    }

    [Theory]
    [InlineData("a b/c"), InlineData("[::"), InlineData("a:99999999"), InlineData(""), InlineData(",")]
    public async Task Nor_does_an_odd_one_become_an_error_of_ours(string odd)
    {
        var town = await program.NewTown();
        using var visitor = new Browser(program.Url, "https");
        foreach (var header in new[] { "X-Forwarded-Host", "X-Forwarded-For", "X-Forwarded-Proto" })
            Assert.InRange((int)(await visitor.Ask(HttpMethod.Get, $"/{town.Slug}/figures", null, (header, odd))).Status, 200, 499);
    }

    [Fact]
    public async Task Over_the_limit_a_network_waits_and_every_other_goes_on()
    {
        // The second does not end while it is counted.
        await using var app = await program.Beside(o => o with { RequestsASecond = 3, Time = new StandingClock() });
        using var http = new Browser(app.Urls.Single(), "https");
        async Task<Answer> From(string address) => await http.Ask(HttpMethod.Get, "/health/live", null, ("X-Forwarded-For", address));

        for (var i = 0; i < 3; i++) Assert.Equal(HttpStatusCode.OK, (await From("192.0.2.1")).Status);
        var late = await From("192.0.2.1");
        Assert.Equal((HttpStatusCode.TooManyRequests, "2"), (late.Status, late.Header("Retry-After")));
        Assert.Contains("短い時間に操作が集中しました", late.Text);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await From("::ffff:192.0.2.1")).Status);    // as a listener for both writes it

        // Of one /64 there are addresses without number, and all of them are one.
        for (var i = 0; i < 3; i++) Assert.Equal(HttpStatusCode.OK, (await From($"2001:db8:ffff:1::{i:x}")).Status);
        for (var i = 0; i < 20; i++) Assert.Equal(HttpStatusCode.TooManyRequests, (await From($"2001:db8:ffff:1:{i:x}::7")).Status);

        // Each address of IPv4 is its own, however the listener writes it. In a table of 65,536 cells two may share one, seldom.
        Assert.InRange(await GoOn(i => $"192.0.2.{i + 10}"), 19, 20);
        Assert.InRange(await GoOn(i => $"::ffff:198.51.100.{i}"), 19, 20);
        Assert.InRange(await GoOn(i => $"2001:db8:0:{i:x}::1"), 19, 20);

        async Task<int> GoOn(Func<int, string> address)
        {
            var on = 0;
            for (var i = 0; i < 20; i++) if ((await From(address(i))).Status == HttpStatusCode.OK) on++;
            return on;
        }
    }

    sealed class StandingClock : TimeProvider
    {
        readonly DateTimeOffset _now = System.GetUtcNow();

        public override DateTimeOffset GetUtcNow() => _now;
    }

    /// <summary>A town with its own host, or on the one that many share.</summary>
    async Task<(TestTown Town, string? Host)> Town(bool hasHost)
    {
        if (!hasHost) return (await program.NewTown(), null);
        using var folder = new OwnFolder();
        File.Copy(Path.Combine(TestProgram.TownsFolder, "komaki/accounts.yaml"), Path.Combine(folder.Path, "accounts.yaml"));
        var name = $"p{Guid.CreateVersion7():N}"[..24];
        folder.Write($"slug: {name}", $"hosts: [{name}.example.jp]");
        return (await program.NewTownFrom(folder.Path, name), name + ".example.jp");
    }

    static SetCookieHeaderValue Named(Answer answer, string part) =>
        answer.Cookies.Single(c => part.StartsWith('-') ? c.Name.ToString().Contains(part, StringComparison.Ordinal) : c.Name.EndsWith(part, StringComparison.Ordinal) && !c.Name.ToString().Contains("-device-", StringComparison.Ordinal));

    static FormUrlEncodedContent Wrongly(Answer door) => new([new("_token", door.Token), new("name", "hanako"), new("password", "chigau")]);

    static async Task<string?> LastRefused(TestTown town)
    {
        await using var db = town.Open();
        return await db.Set<AuditEntry>().Where(e => e.Action == "people.sign_in_refused").OrderByDescending(e => e.Id).Select(e => e.FromAddress).FirstAsync();
    }

    sealed record Answer(HttpStatusCode Status, string Text, IReadOnlyList<SetCookieHeaderValue> Cookies, Dictionary<string, string> Headers)
    {
        public IElement One(string selector) => new HtmlParser().ParseDocument(Text).QuerySelector(selector) ?? throw new InvalidOperationException($"Nothing matches {selector}");
        public string Token => One("input[name=_token]").GetAttribute("value")!;
        public string? Header(string name) => Headers.GetValueOrDefault(name);
    }

    /// <summary>
    /// A browser and the proxy before the program in one: it says how it was asked, and gives cookies back by the names under which they came
    /// (a real one would not send a Secure cookie to our http).
    /// </summary>
    sealed class Browser(string url, string scheme, string? host = null) : IDisposable
    {
        readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = new(url) };

        public Dictionary<string, string> Jar { get; } = [];

        /// <param name="headers">In the place of what this proxy says by itself.</param>
        public async Task<Answer> Ask(HttpMethod method, string path, HttpContent? content = null, params (string Name, string Value)[] headers)
        {
            using var ask = new HttpRequestMessage(method, path) { Content = content };
            ask.Headers.Add("Accept", "text/html");
            foreach (var (name, value) in headers) ask.Headers.TryAddWithoutValidation(name, value);
            if (!ask.Headers.Contains("X-Forwarded-Proto")) ask.Headers.Add("X-Forwarded-Proto", scheme);
            if (host is not null && !ask.Headers.Contains("X-Forwarded-Host")) ask.Headers.Add("X-Forwarded-Host", host);
            if (Jar.Count > 0) ask.Headers.Add("Cookie", string.Join("; ", Jar.Select(c => $"{c.Key}={c.Value}")));
            using var answer = await _http.SendAsync(ask);
            var cookies = SetCookieHeaderValue.ParseList(answer.Headers.TryGetValues("Set-Cookie", out var set) ? [.. set] : []);
            foreach (var cookie in cookies)
                if (cookie.Expires < TimeProvider.System.GetUtcNow()) Jar.Remove(cookie.Name.ToString());
                else Jar[cookie.Name.ToString()] = cookie.Value.ToString();
            return new(answer.StatusCode, await answer.Content.ReadAsStringAsync(), [.. cookies],
                answer.Headers.Concat(answer.Content.Headers).ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase));
        }

        /// <summary>A form of that page, with its token; without a page, with none.</summary>
        public Task<Answer> Send(Answer? page, string path, params (string Name, string Value)[] fields) =>
            Ask(HttpMethod.Post, path, new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value)).Concat(page is null ? [] : [new("_token", page.Token)])));

        public void Dispose() => _http.Dispose();
    }
}
