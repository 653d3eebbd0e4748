using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using AngleSharp.Html.Dom;
using Komachi.Platform.Systems;
using Komachi.Platform.Web;
using Komachi.Tests.Harness;
using Microsoft.AspNetCore.Routing;

namespace Komachi.Tests.Web;

/// <summary>
/// Nothing that a client sends becomes a 500, hangs, or ends the program: every endpoint, as everybody, with everything
/// that was ever seen to hurt a web program, and with what a seeded die makes of it.
/// </summary>
[Trait("Category", "long")]
public sealed class Fuzzing(TestProgram program)
{
    static readonly string[] OddValues =
    [
        "0", "-1", "99999999999999999999", "x", "null", "{}", "[]", "2026-13-45", "00000000-0000-0000-0000-000000000000", "%F0%A0%AE%B7", "%00", "a%00b", "%ED%A0%80", "%FF%FE", "%C0%AF",
        "..%2f..%2fetc%2fpasswd", "%2e%2e", "%252e%252e", "%E2%80%AE", "a%0d%0aX-Own:%201", "%", "%zz", "%u0041", "'--", "%3Cscript%3E", new('a', 2000), string.Concat(Enumerable.Repeat("%E5%90%89", 400)), "%EF%BF%BF", "%F4%90%80%80",
    ];

    // Halves of pairs, NUL, marks of direction, and what each parser of a field might stumble over.
    static readonly string[] OddTexts =
    [
        "", "\0", "a\0b", "𠮷\U000E0102", "\u202Eabc\u2066", "\ud842", "\udfb7x", "\r\n\r\n", "'; DROP TABLE x; --", "<script>alert(1)</script>", "{{7*7}}", "%s%n%00", "-1", "9999999999999999999999", "1e400", "NaN", "١٢٣",
        "2026-02-30T25:61", "0001-01-01T00:00", "9999-12-31T23:59", "../../../../etc/passwd", "javascript:alert(1)", "//example.com", "http://[::1", "a@b@c", new('あ', 3000), new('[', 3000), string.Concat(Enumerable.Repeat("**a_[", 2000)), new('\u0301', 500), "\uFFFE\uFFFF\uFEFF", "01994f1e-0000-7000-8000-000000000000",
    ];

    static readonly (string Name, string Value)[] OddHeaders =
    [
        ("Accept", "application/json"), ("Accept", ";;;,,,q=zz"), ("Accept", new('a', 8000)), ("Accept-Encoding", "br;q=nope,gzip;;,*"), ("Accept-Encoding", "identity;q=0"), ("Accept-Language", "-,;q=9"),
        ("Cookie", "komachi-form=garbage; komachi-x=%00%ff; =; ;;;a=\u0001"), ("Cookie", "komachi-form=" + new string('A', 4000)), ("If-None-Match", "\"a\", W/, *, \""), ("If-Modified-Since", "Thu, 99 Foo 9999 99:99:99 GMT"),
        ("Range", "bytes=99999999999999999999-"), ("Range", "bytes=5-1,,-"), ("X-Forwarded-For", "256.1.1.1, [::"), ("X-Forwarded-Host", "a b/c"), ("X-Forwarded-Proto", "gopher"), ("Origin", "null"), ("Referer", "http://[::1"),
        ("RequestVerificationToken", "garbage"), ("X-HTTP-Method-Override", "DELETE"), ("Expect", "the-unexpected"), ("Upgrade", "websocket"), ("traceparent", "00-zz-zz-zz"), ("baggage", new('%', 3000)), ("Content-Encoding", "gzip"), ("X-Own", new('y', 9000)),
    ];

    static readonly string[] OddQueries =
    [
        "?", "?=", "?&&&", "?a=1&a=2&a=3", "?then=%00", "?then=a&then=b", "?then=%ED%A0%80", "?q=%00", "?q=%F0%A0%AE%B7&q=", "?page=-1&after=garbage&before=%FF&year=99999&category=%00&lang=xx&month=13", "?after=!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!",
        "?after=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA&cursor=________________________________", "?q[]=1&q[a][b]=2", "?" + new string('a', 7000), "?v=%zz%", "?%00=%00", "?q=%E2%80%AE%EF%BF%BF", "?year=2026&year=abc", "?q=" + "%25",
    ];

    [Theory]
    [InlineData("nobody"), InlineData("a resident"), InlineData("staff who may everything"), InlineData("another system")]
    public async Task Nothing_that_anybody_sends_to_any_endpoint_becomes_a_500(string who)
    {
        var town = await program.NewTown(livedIn: true);
        using var person = await As(who, town);
        var token = await Token(person);
        using var elsewhere = (await program.NewTown("onojo")).Visitor();
        var foreign = await Token(elsewhere);
        var wrongs = new ConcurrentQueue<string>();

        var endpoints = program.Service<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Select(e => (
            Path: (e.Metadata.GetMetadata<EndpointPlace>() is null ? "" : "/" + town.Slug) + "/" + (e.RoutePattern.RawText ?? "").TrimStart('/'),
            Posts: e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains("POST") == true)).Distinct()
            .OrderBy(e => e.Path.EndsWith("/sign-out", StringComparison.Ordinal))    // signing out really signs out: last
            .ToArray();
        Assert.InRange(endpoints.Length, 10, 1000);
        var random = new Random(20261120);

        foreach (var (path, posts) in endpoints)
        {
            var cases = new List<(string What, Func<HttpRequestMessage> Make)>();
            var plain = Filled(path, "0");
            void Case(string what, string target, string method, Func<HttpContent?>? body = null, (string Name, string Value)? header = null) => cases.Add(($"{method} {target} {what}", () =>
            {
                var request = new HttpRequestMessage(new(method), Raw(target)) { Content = body?.Invoke() };
                if (header is { } h) request.Headers.TryAddWithoutValidation(h.Name, h.Value);
                return request;
            }));

            foreach (var method in new[] { "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "komachi" }) Case("", plain, method);
            foreach (var value in path.Contains('{') ? OddValues : OddValues.Take(4)) Case("", path.Contains('{') ? Filled(path, value) : plain + "/" + value, "GET");
            foreach (var query in OddQueries) Case("", plain + query, "GET");
            foreach (var header in OddHeaders) Case(header.Name, plain, "GET", header: header);
            foreach (var (what, make) in posts ? Bodies(token, foreign, random.Next()) : Bodies(token, foreign, random.Next()).Take(5)) Case(what, plain, "POST", make);
            if (posts)
            {
                foreach (var header in OddHeaders) Case(header.Name, plain, "POST", () => Fields(token, ("x", "1")), header);
                foreach (var value in path.Contains('{') ? OddValues : []) Case("", Filled(path, value), "POST", () => Fields(token, ("x", "1")));
            }
            await Parallel.ForEachAsync(cases, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (c, _) => await Try(person.Http, c.What, c.Make, wrongs));
        }
        Assert.True(wrongs.IsEmpty, string.Join('\n', wrongs.Take(30)));
        Assert.Equal("live", await person.Http.GetStringAsync("/health/live"));
    }

    [Theory]
    [InlineData("nobody"), InlineData("a resident"), InlineData("staff who may everything")]
    public async Task Every_field_of_every_form_takes_whatever_is_typed(string who)
    {
        var town = await program.NewTown(livedIn: true);
        using var person = await As(who, town);
        var wrongs = new ConcurrentQueue<string>();
        var forms = await FormsWithin(person, town);
        Assert.NotEmpty(forms);
        var jobs = new List<(string What, Func<HttpRequestMessage> Make)>();
        foreach (var form in forms)
            foreach (var field in form.Fields.Select(f => f.Key).Where(n => n != "_token").Distinct())
                foreach (var text in OddTexts)
                {
                    var what = $"{form.Method} {form.Action} {field}={Short(text)}";
                    var fields = form.Fields.Where(f => f.Key != field && f.Key != "_once").Append(new(field, text)).ToArray();
                    if (form.Method == "get") jobs.Add((what, () => new(HttpMethod.Get, Raw(form.Action.Split('?')[0] + "?" + Encoding.ASCII.GetString(Urlencoded(fields))))));
                    else
                    {
                        jobs.Add((what, () => new(HttpMethod.Post, form.Action) { Content = Body(Urlencoded(fields), "application/x-www-form-urlencoded") }));
                        if (text.Length < 10) jobs.Add((what + " as multipart", () => new(HttpMethod.Post, form.Action) { Content = Multipart(fields) }));
                    }
                }
        await Parallel.ForEachAsync(jobs, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (c, _) => await Try(person.Http, c.What, c.Make, wrongs));
        Assert.True(wrongs.IsEmpty, string.Join('\n', wrongs.Take(30)));
    }

    [Theory]
    [InlineData("announcements/日本語"), InlineData("desk/日本"), InlineData("𠮷"), InlineData("my?x=\u202E"), InlineData("my\ud842"), InlineData("my#%zz"), InlineData("my%0d%0aX: 1"), InlineData("\\\\example.com"), InlineData("/example.com"), InlineData("//example.com"), InlineData("https://example.com"), InlineData("my\u0085\u2028x"), InlineData("my x"), InlineData("../../../x")]
    public async Task Wherever_they_wanted_to_go_signing_in_leads_somewhere_of_ours(string then)
    {
        var town = await program.NewTown();
        using var person = town.Visitor();
        var fields = new KeyValuePair<string, string>[] { new("_token", await Token(person)), new("name", "hanako"), new("password", TestProgram.Password), new("then", then) };
        using var answer = await person.Send(HttpMethod.Post, "sign-in", Body(Urlencoded(fields), "application/x-www-form-urlencoded"));
        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        var to = new Uri(new Uri(program.Url), Assert.Single(answer.Headers.GetValues("Location")));
        Assert.Equal(new Uri(program.Url).Authority, to.Authority);
        Assert.True((int)(await person.Http.GetAsync(to)).StatusCode < 500);
    }

    [Fact]
    public async Task What_is_hardly_http_is_answered_or_hung_up_on()
    {
        var town = await program.NewTown();
        var host = $"Host: localhost\r\n";
        var end = "Connection: close\r\n\r\n";
        string Get(string target) => $"GET {target} HTTP/1.1\r\n{host}{end}";
        var home = "/" + town.Slug;
        string Post(string head, string body) => $"POST {home}/sign-in HTTP/1.1\r\n{host}Content-Type: application/x-www-form-urlencoded\r\n{head}Connection: close\r\n\r\n{body}";
        var random = new Random(42);
        string[] sent =
        [
            Get(home + "/%2e%2e/%2e%2e/etc/passwd"), Get(home + "/../../" + town.Slug), Get("//" + town.Slug), Get("//"), Get("///" + town.Slug + "//sign-in"), Get(home + "//"), Get(home + "/%00"), Get("/%00"), Get("/%"), Get(home + "/%zz"), Get(home + "/%ED%A0%80"),
            Get(home + "/𠮷"), Get(home + "/%F0%A0%AE%B7/%E2%80%AE"), Get(home + "/" + new string('a', 7000)), Get("/" + new string('/', 7000)), Get("/" + string.Concat(Enumerable.Repeat("../", 2000))), Get(home + "\\..\\..\\x"), Get("http://example.com" + home), Get("http://" + home), Get("*"), Get("x"),
            Get(home + "?" + new string('&', 7000)), Get(home + "/en/en/plain/en"), Get("/en"), Get("/plain/" + town.Slug), Get(home + "/assets/../x"), Get("/assets/%2e%2e/%2e%2e/komachi.dll"), Get("/assets/" + new string('x', 3000)), Get("/assets/\u00e9"),
            $"GET {home} HTTP/1.1\r\n{end}", $"GET {home} HTTP/1.1\r\nHost: a b\r\n{end}", $"GET {home} HTTP/1.1\r\nHost: \r\n{end}", $"GET {home} HTTP/1.1\r\nHost: [::\r\n{end}", $"GET {home} HTTP/1.1\r\nHost: {new string('h', 5000)}\r\n{end}", $"GET {home} HTTP/1.1\r\nHost: 日本.jp\r\n{end}", .. new[] { "xn--", "xn--a-", "xn--99999999", "xn--\u007f", "a.xn---.b" }.Select(odd => $"GET {home} HTTP/1.1\r\nHost: {odd}\r\n{end}"),
            $"GET {home} HTTP/1.0\r\n\r\n", $"GET {home} HTTP/9.9\r\n{host}{end}", $"GET {home}\r\n\r\n", "\r\n\r\n\r\n", "\0\0\0\0", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", $"CONNECT example.com:443 HTTP/1.1\r\n{host}{end}", $"OPTIONS * HTTP/1.1\r\n{host}{end}",
            $"GET {home} HTTP/1.1\r\n{host}X: {new string('z', 20_000)}\r\n{end}", $"GET {home} HTTP/1.1\r\n{host}{string.Concat(Enumerable.Range(0, 200).Select(i => $"X{i}: y\r\n"))}{end}", $"GET {home} HTTP/1.1\r\n{host}Cookie: {new string('c', 15_000)}\r\n{end}", $"GET {home} HTTP/1.1\r\n{host}Accept-Language: \u00ff\u00fe\r\nIf-None-Match: \"\u00e9\r\nAccept: \u0080\r\n{end}", $"GET {home} HTTP/1.1\r\n{host}X: a\0b\r\n{end}", $"GET {home} HTTP/1.1\r\n{host}No colon here\r\n{end}", $"GET {home} HTTP/1.1\r\n{host} folded: x\r\n{end}",
            Post("Content-Length: 5\r\n", "a=%00"), $"POST {home}/sign-in HTTP/1.1\r\n{host}Content-Type: \u00ff\r\nContent-Length: 0\r\n{end}", Post("Content-Length: -5\r\n", "a=b"), Post("Content-Length: 99999999999999999999\r\n", "a=b"), Post("Content-Length: 3\r\nContent-Length: 4\r\n", "a=bc"), Post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), Post("Transfer-Encoding: chunked\r\n", "zz\r\nabc\r\n0\r\n\r\n"), Post("Transfer-Encoding: gzip\r\n", "abc"),
            Post("Transfer-Encoding: chunked\r\n", "3\r\na=b\r\n0\r\nTrailer: x\r\n\r\n"), Post("Transfer-Encoding: chunked\r\n", "ffffffffffffffff\r\na"), Post("Expect: 100-continue\r\nContent-Length: 3\r\n", "a=b"), Post("", "a=b"),
            .. Enumerable.Range(0, 60).Select(_ => Get(home + "/" + string.Concat(Enumerable.Range(0, 40).Select(_ => (char)random.Next(0x21, 0x7f))))),
            .. Enumerable.Range(0, 60).Select(_ => Get(home + "/" + string.Concat(Enumerable.Range(0, 20).Select(_ => "%" + random.Next(256).ToString("x2"))))),
            .. Enumerable.Range(0, 60).Select(_ => string.Concat(Enumerable.Range(0, 200).Select(_ => (char)random.Next(256)))),
        ];
        var wrongs = new ConcurrentQueue<string>();
        await Parallel.ForEachAsync(sent, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (bytes, _) =>
        {
            var answer = await Hardly(bytes);
            if (answer.Length == 0 || answer[0] == '\0') return;    // hung up on, in one case in HTTP/2's own words
            var status = answer.StartsWith("HTTP/1.", StringComparison.Ordinal) && answer.Length > 12 && int.TryParse(answer.AsSpan(9, 3), out var s) ? s : 999;
            var ours = answer.Contains("X-Request-Id:", StringComparison.OrdinalIgnoreCase);
            // 505 and 501 say that this is not HTTP as we speak it; they come from the server before the program is asked.
            if ((status >= 500 && (ours || status is not (501 or 505))) || (ours && !answer.Contains("Content-Security-Policy:", StringComparison.OrdinalIgnoreCase))) wrongs.Enqueue($"{Short(bytes)} → {Short(answer)}");
        });
        Assert.True(wrongs.IsEmpty, string.Join('\n', wrongs));
        using var visitor = town.Visitor();
        Assert.Equal(HttpStatusCode.OK, (await visitor.Open()).Status);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_answered_so_that_its_sender_hears_why()
    {
        var town = await program.NewTown();
        using var person = town.Visitor();
        var token = await Token(person);
        var body = Body(Urlencoded([new("_token", token), new("x", new string('x', 3_000_000))]), "application/x-www-form-urlencoded");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/{town.Slug}/sign-in") { Content = body };
        using var answer = await person.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Contains(answer.Headers.GetValues("X-Request-Id").Single(), await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Sends one request and looks at the answer as a strict reader would.</summary>
    static async Task Try(HttpClient http, string what, Func<HttpRequestMessage> make, ConcurrentQueue<string> wrongs, bool again = false)
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            using var request = make();
            using var answer = await http.SendAsync(request);
            var body = await answer.Content.ReadAsStringAsync();
            var status = (int)answer.StatusCode;
            if (status >= 500) wrongs.Enqueue($"{status} {Short(what)}");
            if (!answer.Headers.Contains("X-Request-Id"))
            {
                // The server itself refuses what cannot be read as a request; then there is nothing but a number.
                if (status is not (400 or 408 or 411 or 413 or 414 or 417 or 431) || body.Length > 0) wrongs.Enqueue($"{status} without its headers: {Short(what)}");
                return;
            }
            foreach (var header in new[] { "Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy" })
                if (!answer.Headers.Contains(header)) wrongs.Enqueue($"{status} without {header}: {Short(what)}");
            var html = answer.Content.Headers.ContentType?.MediaType == "text/html";
            if (status >= 400 && status is not (410 or 422 or 429) && request.Method != HttpMethod.Head &&
                (html ? !body.Contains("</html>", StringComparison.Ordinal) || !body.Contains(answer.Headers.GetValues("X-Request-Id").Single(), StringComparison.Ordinal) : answer.Content.Headers.ContentType?.MediaType != "application/problem+json"))
                wrongs.Enqueue($"{status} is no page that helps: {Short(what)} → {answer.Content.Headers.ContentType} {Short(body)}");
            if (html && answer.Content.Headers.ContentEncoding.Count == 0 && (body.Contains('\0') || body.Contains('\u202e'))) wrongs.Enqueue($"NUL or a mark of direction came out: {Short(what)}");
        }
        // The server closes a connection after what it could not read to its end, and this request may have met that: before its answer, or
        // while it was still being sent. One that is hung up on by itself is hung up on again.
        catch (HttpRequestException e) when (!again && (e.HttpRequestError == HttpRequestError.ResponseEnded
            || e.InnerException is IOException { InnerException: SocketException { SocketErrorCode: SocketError.Shutdown or SocketError.ConnectionReset } }))
        {
            await Try(http, what, make, wrongs, again: true);
        }
        // No browser sends a form in pieces: who sends 3 MB so may be hung up on.
        catch (HttpRequestException) when (what.EndsWith(InPieces, StringComparison.Ordinal)) { }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or IOException)
        {
            wrongs.Enqueue($"no answer after {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s: {Short(what)} ({e.GetType().Name}: {e.InnerException?.Message ?? e.Message})");
        }
    }

    /// <summary>Bytes on the wire, and what comes back until it is closed.</summary>
    async Task<string> Hardly(string bytes)
    {
        var url = new Uri(program.Url);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await socket.ConnectAsync(url.Host, url.Port, patience.Token);
        var answer = new MemoryStream();
        try
        {
            await socket.SendAsync(bytes.Any(c => c > 0xff) ? Encoding.UTF8.GetBytes(bytes) : Encoding.Latin1.GetBytes(bytes), patience.Token);
            socket.Shutdown(SocketShutdown.Send);
            var buffer = new byte[8192];
            int read;
            while ((read = await socket.ReceiveAsync(buffer, patience.Token)) > 0) answer.Write(buffer, 0, read);
        }
        catch (SocketException) { }    // hung up in the middle
        return Encoding.Latin1.GetString(answer.ToArray());
    }

    static IEnumerable<(string What, Func<HttpContent?> Make)> Bodies(string token, string foreign, int seed)
    {
        const string form = "application/x-www-form-urlencoded";
        var right = "_token=" + Uri.EscapeDataString(token) + "&";
        var random = new Random(seed);
        var noise = new byte[300];
        random.NextBytes(noise);

        yield return ("no token", () => Fields(null, ("x", "1")));
        yield return ("a token of another town", () => Fields(foreign, ("x", "1")));
        yield return ("json", () => Body("{\"a\":\"\\ud842\",\"_token\":1}"u8.ToArray(), "application/json"));
        yield return ("3 MB", () => Body(Encoding.ASCII.GetBytes(right + "x=" + new string('x', 3_000_000)), form));
        yield return ("no body and no type", () => null);
        yield return ("garbage for a token", () => Fields("garbage\0\u202E" + new string('A', 5000), ("x", "1")));
        yield return ("an empty token", () => Fields("", ("x", "1")));
        yield return ("the token twice", () => Body(Encoding.ASCII.GetBytes(right + right + "x=1"), form));
        yield return ("the token and nothing else", () => Fields(token));
        yield return ("a field that repeats", () => Body(Encoding.ASCII.GetBytes(right + string.Concat(Enumerable.Repeat("job=x&name=&password=&_once=1&then=&", 100))), form));
        yield return ("broken escapes", () => Body(Encoding.ASCII.GetBytes(right + "a=%ED%A0%80&b=%00&c=%zz&=&&&=%&%=%&d=%C0%80&%00=%00&e=%F4%90%80%80"), form));
        yield return ("bytes that are no UTF-8", () => Body([.. Encoding.ASCII.GetBytes(right + "a="), 0xff, 0xfe, 0xed, 0xa0, 0x80, 0xc0, 0xaf, 0x00], form));
        yield return ("5,000 fields", () => Body(Encoding.ASCII.GetBytes(right + string.Concat(Enumerable.Range(0, 5000).Select(i => $"f{i}=x&"))), form));
        yield return ("100 kB in a field", () => Fields(token, ("name", new string('あ', 33_000)), ("title", new string('x', 100_000))));
        yield return ("a field with a long name", () => Fields(token, (new string('n', 5000), "x")));
        yield return ("marks of direction", () => Fields(token, ("name", "\u202E\u2066\u200F"), ("_once", "\u202E")));
        yield return ("half a pair", () => Body(Urlencoded([new("_token", token), new("name", "\ud842"), new("x\udfb7", "\udfb7")]), form));
        yield return (InPieces, () => Body(Encoding.ASCII.GetBytes(right + "x=" + new string('x', 3_000_000)), form, chunked: true));
        yield return ("3 MB as json", () => Body(new byte[3_000_000], "application/json"));
        foreach (var charset in new[] { "utf-7", "shift_jis", "utf-16", "garbage", "\"", "utf-8;charset=utf-7", "\"utf-8\"", new string('c', 500) })
            yield return ("charset=" + Short(charset), () => Body(Encoding.ASCII.GetBytes(right + "x=%82%A0+AGE-"), form + "; charset=" + charset));
        foreach (var type in new[] { "text/plain", "application/xml", "application/json;;;=", "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=" + new string('b', 300), "multipart/mixed; boundary=x", "application/x-www-form-urlencoded;;;=", "/", ";", "a/b/c", new string('t', 4000), "APPLICATION/X-WWW-FORM-URLENCODED" })
            yield return ("as " + Short(type), () => Body(Encoding.ASCII.GetBytes(right + "x=1"), type));
        yield return ("multipart in multipart", () => Parts(token, string.Concat(Enumerable.Range(0, 60).Select(i => $"Content-Disposition: form-data; name=\"m{i}\"\r\nContent-Type: multipart/mixed; boundary=b{i}\r\n\r\n--b{i}\r\n"))));
        yield return ("a file", () => Parts(token, "Content-Disposition: form-data; name=\"f\"; filename=\"../../x\0.exe\"\r\nContent-Type: application/x\r\n\r\nMZ"));
        yield return ("a part in utf-7", () => Parts(token, "Content-Disposition: form-data; name=\"name\"\r\nContent-Type: text/plain; charset=utf-7\r\n\r\n+AGE-"));
        yield return ("a part in shift_jis", () => Parts(token, "Content-Disposition: form-data; name=\"name\"\r\nContent-Type: text/plain; charset=shift_jis\r\n\r\nx"));
        yield return ("a part with NUL", () => Parts(token, "Content-Disposition: form-data; name=\"name\0\"\r\n\r\na\0b"));
        yield return ("a part without a name", () => Parts(token, "Content-Disposition: form-data\r\n\r\nx"));
        yield return ("a part without a header", () => Parts(token, "\r\nx"));
        yield return ("a part with a very long header", () => Parts(token, "Content-Disposition: form-data; name=\"" + new string('n', 9000) + "\"\r\n\r\nx"));
        yield return ("a part with 100 headers", () => Parts(token, string.Concat(Enumerable.Range(0, 100).Select(i => $"X{i}: y\r\n")) + "\r\nx"));
        yield return ("3,000 parts", () => Parts(token, [.. Enumerable.Range(0, 3000).Select(i => $"Content-Disposition: form-data; name=\"p{i}\"\r\n\r\nx")]));
        yield return ("a multipart that does not end", () => Body("--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\nendless"u8.ToArray(), "multipart/form-data; boundary=b"));
        yield return ("noise", () => Body(noise, form));
        yield return ("noise as multipart", () => Body(noise, "multipart/form-data; boundary=b"));
        for (var i = 0; i < 6; i++)
        {
            var drawn = Enumerable.Range(0, random.Next(1, 8)).Select(_ => new KeyValuePair<string, string>(Names[random.Next(Names.Length)], OddTexts[random.Next(OddTexts.Length)])).ToArray();
            yield return ($"drawn {i}", () => Body(Urlencoded([new("_token", token), .. drawn]), form));
        }
    }

    const string InPieces = "3 MB in pieces";

    static readonly string[] Names = ["_once", "then", "title", "body", "job", "id", "q", "version", "from", "until", "lang", "category", "email", "action", "\0", "𠮷", "a[b]"];

    static HttpContent Fields(string? token, params (string Name, string Value)[] fields) =>
        Body(Urlencoded([.. token is null ? [] : new[] { KeyValuePair.Create("_token", token) }, .. fields.Select(f => KeyValuePair.Create(f.Name, f.Value))]), "application/x-www-form-urlencoded");

    static ByteArrayContent Body(byte[] bytes, string type, bool chunked = false)
    {
        var body = chunked ? new Pieces(bytes) : new ByteArrayContent(bytes);
        body.Headers.TryAddWithoutValidation("Content-Type", type);
        return body;
    }

    sealed class Pieces(byte[] bytes) : ByteArrayContent(bytes)
    {
        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    static ByteArrayContent Parts(string token, params string[] parts) =>
        Body(Encoding.Latin1.GetBytes(string.Concat(parts.Prepend("Content-Disposition: form-data; name=\"_token\"\r\n\r\n" + token).Select(p => $"--b\r\n{p}\r\n")) + "--b--\r\n"), "multipart/form-data; boundary=b");

    static ByteArrayContent Multipart(IEnumerable<KeyValuePair<string, string>> fields) =>
        Body([.. fields.SelectMany(f => (byte[])[.. Encoding.ASCII.GetBytes($"--b\r\nContent-Disposition: form-data; name=\"{f.Key}\"\r\n\r\n"), .. Cesu(f.Value), .. "\r\n"u8]), .. "--b--\r\n"u8], "multipart/form-data; boundary=b");

    /// <summary>Halves of pairs as the three bytes that careless programs make of them, which no UTF-8 has.</summary>
    static byte[] Cesu(string text) => [.. text.EnumerateRunesAndHalves().SelectMany(p => p.Half is { } half
        ? [(byte)(0xe0 | half >> 12), (byte)(0x80 | half >> 6 & 0x3f), (byte)(0x80 | half & 0x3f)] : Encoding.UTF8.GetBytes(p.Rune.ToString()))];

    static byte[] Urlencoded(IEnumerable<KeyValuePair<string, string>> fields) => Encoding.ASCII.GetBytes(string.Join('&', fields.Select(f => Escaped(f.Key) + "=" + Escaped(f.Value))));

    static string Escaped(string text) => string.Concat(Cesu(text).Select(b => char.IsAsciiLetterOrDigit((char)b) ? ((char)b).ToString() : $"%{b:X2}"));

    static string Filled(string path, string value) =>
        System.Text.RegularExpressions.Regex.Replace(path, @"\{[^}]*\}", value.Replace("$", "$$"));

    /// <summary>As it stands, without the tidying that a browser does.</summary>
    Uri Raw(string target) => new(program.Url.TrimEnd('/') + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

    static string Short(string text) => (text.Length > 160 ? $"{text[..160]}… ({text.Length})" : text).Replace("\0", "␀").Replace("\r", "␍").Replace("\n", "␊");

    static async Task<Person> As(string who, TestTown town) => who switch
    {
        "nobody" => town.Visitor(),
        "a resident" => await town.Resident(),
        "another system" => await AsSystem(town),
        _ => await town.Staff("joho"),
    };

    /// <summary>With a key that opens every API of the house.</summary>
    static async Task<Person> AsSystem(TestTown town)
    {
        await using var db = town.Open();
        var now = TimeProvider.System.GetUtcNow();
        var system = OtherSystem.Named(new("見本", "見本", "keeper@example.jp", [.. town.Program.House.All<Scope>().Select(s => s.Key)], [], 1_000_000, 1_000_000), now);
        var (key, shown) = SystemKey.New(system, town.Slug, now);
        db.Add(system);
        db.Add(key);
        await db.Save();
        var person = town.Visitor();
        person.Http.DefaultRequestHeaders.Authorization = new("Bearer", shown);
        return person;
    }

    static async Task<string> Token(Person person) => (await person.Open("sign-in")).One("input[name=_token]").GetAttribute("value")!;

    sealed record Form(string Method, string Action, KeyValuePair<string, string>[] Fields);

    /// <summary>Follows every link within the town, as this person, and gathers the forms on the way.</summary>
    static async Task<List<Form>> FormsWithin(Person person, TestTown town)
    {
        var forms = new Dictionary<string, Form>();
        var seen = new HashSet<string>();
        var next = new Queue<string>(["", "desk", "sign-in", "desk/sign-in"]);
        while (next.TryDequeue(out var path) && seen.Count < 60)
        {
            if (!seen.Add(path)) continue;
            var page = await person.Open(path);
            foreach (var link in page.All("a[href]").Select(a => a.GetAttribute("href")!.Split('#')[0]).Where(h => h.StartsWith($"/{town.Slug}/", StringComparison.Ordinal)))
                // One page of each kind is enough: what differs only in an id is the same page.
                if (!link.Contains("/en/") && !link.Contains("/plain/") && seen.Count(s => Kind(s) == Kind(link)) < 2) next.Enqueue(link);
            foreach (var form in page.All("form").OfType<IHtmlFormElement>())
            {
                var action = form.GetAttribute("action") is { Length: > 0 } a ? a : new Uri(page.Url).PathAndQuery;
                if (action.EndsWith("/sign-out", StringComparison.Ordinal)) continue;
                var fields = form.Elements.Where(e => e.GetAttribute("name") is { Length: > 0 })
                    .Select(e => KeyValuePair.Create(e.GetAttribute("name")!, e switch { IHtmlInputElement i => i.Value, IHtmlTextAreaElement t => t.Value, IHtmlSelectElement s => s.Value ?? "", IHtmlButtonElement b => b.Value, _ => "" })).ToArray();
                forms.TryAdd($"{form.Method} {Kind(action)}", new(form.Method.ToLowerInvariant(), action, fields));
            }
        }
        return [.. forms.Values];

        static string Kind(string path) => System.Text.RegularExpressions.Regex.Replace(path.Split('?')[0], "[0-9a-f-]{20,}|[0-9]+", "*");
    }
}

static class Halves
{
    public static IEnumerable<(Rune Rune, char? Half)> EnumerateRunesAndHalves(this string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (Rune.TryGetRuneAt(text, i, out var rune))
            {
                yield return (rune, null);
                if (!rune.IsBmp) i++;
            }
            else yield return (default, text[i]);
        }
    }
}
