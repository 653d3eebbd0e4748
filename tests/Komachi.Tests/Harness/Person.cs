using System.Net;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;

namespace Komachi.Tests.Harness;

/// <summary>Somebody with a browser that has no scripts: opens pages, fills in forms, keeps cookies. Redirects are followed as a browser does.</summary>
public sealed class Person : IDisposable
{
    readonly HttpClient _http;
    readonly string _town;

    public CookieContainer Cookies { get; } = new();

    public Person(string url, string town)
    {
        _http = new(new SocketsHttpHandler { CookieContainer = Cookies, AllowAutoRedirect = false }) { BaseAddress = new Uri(url), Timeout = TimeSpan.FromSeconds(60) };
        _http.DefaultRequestHeaders.Add("Accept", "text/html");
        _town = town;
    }

    public HttpClient Http => _http;

    /// <summary>Opens a page of the town: <c>Open("announcements")</c>, <c>Open("en/announcements")</c>; or of another house by its whole address.</summary>
    public Task<Seen> Open(string path = "") => Follow(new(HttpMethod.Get, Address(path)));

    /// <summary>One request, with no redirect followed.</summary>
    public async Task<HttpResponseMessage> Send(HttpMethod method, string path, HttpContent? content = null) =>
        await _http.SendAsync(new(method, Address(path)) { Content = content });

    /// <summary>
    /// Sends a form of a page as a browser would: with its hidden fields and what stands in it, changed by what is given
    /// (null takes a field out). <paramref name="press"/> is the button, by its words.
    /// </summary>
    public Task<Seen> Submit(Seen page, Dictionary<string, string?>? fill = null, string? press = null, string form = TheForm)
    {
        var element = page.Document.QuerySelector(form) as IHtmlFormElement ?? throw new InvalidOperationException($"No form {form} on {page.Url}");
        return Follow(new(HttpMethod.Post, Target(element, page)) { Content = new FormUrlEncodedContent(Fields(element, fill, press)) });
    }

    /// <summary>Looks for somebody with the search of a page: <c>Find("desk/persons", ("q", "見本"))</c>.</summary>
    public async Task<Seen> Find(string path, params (string Field, string Value)[] what) => await Submit(await Open(path), what.ToDictionary(w => w.Field, w => (string?)w.Value), form: Search);

    const string Search = "main form.filter-bar[method=post]", TheForm = "main form[method=post]:not(.filter-bar)";

    /// <summary>The request that <see cref="Submit"/> would send, to be sent as often as a test likes.</summary>
    public Func<Task<Seen>> Ready(Seen page, Dictionary<string, string?>? fill = null, string? press = null, string form = TheForm)
    {
        var element = (IHtmlFormElement)page.Document.QuerySelector(form)!;
        var (target, fields) = (Target(element, page), Fields(element, fill, press));
        return () => Follow(new(HttpMethod.Post, target) { Content = new FormUrlEncodedContent(fields) });
    }

    /// <summary>Pressed twice, and the browser goes by the second answer: the first one never came, nor what it gave.</summary>
    public async Task<Seen> SubmitTwice(Seen page, Dictionary<string, string?>? fill = null, string? press = null, string form = TheForm)
    {
        var element = (IHtmlFormElement)page.Document.QuerySelector(form)!;
        var target = new Uri(Target(element, page));
        using var unheard = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false });
        using var first = await unheard.SendAsync(new(HttpMethod.Post, target) { Content = new FormUrlEncodedContent(Fields(element, fill, press)), Headers = { { "Cookie", Cookies.GetCookieHeader(target) } } });
        Assert.Equal(HttpStatusCode.Found, first.StatusCode);
        return await Submit(page, fill, press, form);
    }

    /// <summary>Sends a file with the form of a page that takes one, as a browser without scripts does, and comes back to where that leads.</summary>
    public Task<Seen> SendFile(Seen page, string name, byte[] bytes)
    {
        var form = page.One("form[enctype='multipart/form-data']");
        var content = new MultipartFormDataContent();
        foreach (var input in form.QuerySelectorAll("input[type=hidden]")) content.Add(new StringContent(input.GetAttribute("value")!), input.GetAttribute("name")!);
        content.Add(new ByteArrayContent(bytes), "file", name);
        return Follow(new(HttpMethod.Post, Target((IHtmlFormElement)form, page)) { Content = content });
    }

    public async Task SignIn(string name, bool desk, string password = TestProgram.Password)
    {
        var page = await Open(desk ? "desk/sign-in" : "sign-in");
        var after = await Submit(page, new() { ["name"] = name, ["password"] = password });
        Assert.Equal(HttpStatusCode.OK, after.Status);
        if (after.Url.Contains("sign-in/set-up")) after = await SetUp(after);
        Assert.Equal(HttpStatusCode.OK, after.Status);
        Assert.DoesNotContain("sign-in/second", after.Url);
    }

    /// <summary>Staff without a second step set up an authenticator app before they are in; this is the page with the codes for the paper.</summary>
    public async Task<Seen> SetUp(Seen page)
    {
        Phone = Authenticator.Reading(page);
        var codes = await Submit(page, new() { ["code"] = Phone.Code() }, form: "form[action$=set-up]");
        Assert.Equal(8, codes.All("ol.codes code").Count());
        return codes;
    }

    /// <summary>With the authenticator app that was set up last.</summary>
    public Authenticator? Phone { get; private set; }

    string Address(string path) => path.StartsWith('/') || path.StartsWith("http://", StringComparison.Ordinal) ? path : path.StartsWith('?') ? $"/{_town}{path}" : $"/{_town}/{path}".TrimEnd('/');

    async Task<Seen> Follow(HttpRequestMessage request)
    {
        for (var hops = 0; hops < 10; hops++)
        {
            using var response = await _http.SendAsync(request);
            if (response.StatusCode is HttpStatusCode.Found or HttpStatusCode.SeeOther)
            {
                request = new(HttpMethod.Get, new Uri(request.RequestUri!.IsAbsoluteUri ? request.RequestUri : new Uri(_http.BaseAddress!, request.RequestUri), response.Headers.Location!));
                continue;
            }
            var html = await response.Content.ReadAsStringAsync();
            return new(response.StatusCode, request.RequestUri!.ToString(), html, new HtmlParser().ParseDocument(html), response.Headers.ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase));
        }
        throw new InvalidOperationException("Redirected in circles.");
    }

    /// <summary>Where a page's form goes: on that page's own host.</summary>
    static string Target(IHtmlFormElement form, Seen page) => form.GetAttribute("action") is { Length: > 0 } action ? new Uri(new Uri(page.Url), action).ToString() : page.Url;

    static List<KeyValuePair<string, string>> Fields(IHtmlFormElement form, Dictionary<string, string?>? fill, string? press)
    {
        var fields = new List<KeyValuePair<string, string>>();
        foreach (var field in form.Elements)
        {
            if (field.Closest("fieldset[disabled]") is not null) continue;
            var value = field switch
            {
                IHtmlInputElement { Type: "checkbox" or "radio" } box => box.IsChecked ? box.Value : null,
                IHtmlInputElement { Type: "submit" or "button" } => null,
                IHtmlInputElement input => input.Value,
                IHtmlTextAreaElement area => area.Value,
                IHtmlSelectElement select => select.Value,
                IHtmlButtonElement button => press is not null && button.TextContent.Trim() == press ? button.Value : null,
                _ => null,
            };
            if (value is not null && field.GetAttribute("name") is { Length: > 0 } name && fill?.ContainsKey(name) != true) fields.Add(new(name, value));
        }
        foreach (var (name, value) in fill ?? []) if (value is not null) fields.Add(new(name, value));
        return fields;
    }

    public void Dispose() => _http.Dispose();
}

/// <summary>An authenticator app on somebody's phone: it knows what it read from the page.</summary>
public sealed class Authenticator(byte[] secret)
{
    long _last;

    public static Authenticator Reading(Seen page) => Reading(page.One("code.key").TextContent);

    public static Authenticator Reading(string key)
    {
        const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        var bits = string.Concat(key.Where(c => !char.IsWhiteSpace(c)).Select(c => Convert.ToString(Letters.IndexOf(c), 2).PadLeft(5, '0')));
        return new([.. bits.Chunk(8).Where(b => b.Length == 8).Select(b => Convert.ToByte(new string(b), 2))]);
    }

    /// <summary>What it shows now; where that was used already, the next one, as after waiting half a minute.</summary>
    public string Code()
    {
        _last = Math.Max(_last + 1, Komachi.Platform.People.Totp.StepAt(TimeProvider.System.GetUtcNow()));
        return Komachi.Platform.People.Totp.CodeAt(secret, _last);
    }
}

/// <summary>A page as it arrived.</summary>
public sealed record Seen(HttpStatusCode Status, string Url, string Html, IHtmlDocument Document, IReadOnlyDictionary<string, string> Headers)
{
    public string Text => Document.Body?.TextContent ?? "";
    public IElement One(string selector) => Document.QuerySelector(selector) ?? throw new InvalidOperationException($"Nothing matches {selector} on {Url}");
    public IEnumerable<IElement> All(string selector) => Document.QuerySelectorAll(selector);
}
