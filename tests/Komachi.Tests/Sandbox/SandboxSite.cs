using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Komachi.Sandbox;
using Xunit;

namespace Komachi.Tests.Sandbox;

/// <summary>The site itself: mailbox, panel, long-poll, and an answer to whatever is asked.</summary>
public sealed class SandboxSite(World world) : IClassFixture<World>
{
    [Fact]
    public async Task Waiting_ends_when_the_mail_arrives()
    {
        var to = World.Somebody();
        var waiting = world.Json($"/api/mail/wait?to={to}&subject=確認&seconds=30");
        await world.Send(to, "別の件");
        await world.Send(World.Somebody(), "確認");
        Assert.False(waiting.IsCompleted);
        var clock = Stopwatch.StartNew();
        await world.Send(to, "予約の確認です");
        var came = await waiting;
        Assert.Equal("予約の確認です", came.GetProperty("subject").GetString());
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));

        // What is there already is the answer at once, unless it is known.
        var id = came.GetProperty("id").GetInt64();
        Assert.Equal(id, (await world.Json($"/api/mail/wait?to={to}&subject=確認")).GetProperty("id").GetInt64());
        await world.Json($"/api/mail/wait?to={to}&subject=確認&after={id}&seconds=0.2", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Many_may_wait_for_one_mail()
    {
        var to = World.Somebody();
        var waiting = Enumerable.Range(0, 20).Select(_ => world.Arrived(to)).ToList();
        await world.Send(to);
        Assert.Single((await Task.WhenAll(waiting)).Select(m => m.GetProperty("id").GetInt64()).Distinct());
    }

    [Fact]
    public async Task Who_waits_does_not_hold_up_the_end()
    {
        var alone = await OutsideWorld.Open();
        using var http = new HttpClient { BaseAddress = alone.Url };
        var waiting = http.GetAsync("/api/mail/wait?seconds=100", World.Stop);
        using var talk = await Talk.Begin(alone.SmtpPort);
        while (!(await http.GetStringAsync("/api/about", World.Stop)).Contains("smtpPort")) { }
        var clock = Stopwatch.StartNew();
        await alone.DisposeAsync();
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.StartsWith("421", await talk.Answer());
        await waiting.ContinueWith(_ => { }, World.Stop);
    }

    [Fact]
    public async Task About_tells_the_ports_and_the_log_what_happened()
    {
        var to = World.Somebody();
        await world.Send(to, "できごと");
        var about = await world.Json("/api/about");
        Assert.Equal(world.SmtpPort, about.GetProperty("smtpPort").GetInt32());
        Assert.Contains("できごと", (await world.Json("/api/log?service=mail")).GetProperty("events")[0].GetProperty("text").GetString());
        Assert.Contains("できごと", await world.Http.GetStringAsync("/", World.Stop));
    }

    [Fact]
    public async Task The_mailbox_is_narrowed_turned_and_emptied()
    {
        var to = World.Somebody();
        for (var i = 0; i < 60; i++) await world.Send(to, $"第{i}号");
        await world.Send(World.Somebody(), "別の人");
        var first = await world.Http.GetStringAsync($"/mail?to={to}", World.Stop);
        Assert.Contains("第59号", first);
        Assert.DoesNotContain("第9号", first);
        Assert.DoesNotContain("別の人", first);
        var before = (await world.Json($"/api/mail?to={to}&limit=50")).GetProperty("mails")[49].GetProperty("id").GetInt64();
        Assert.Contains("第9号", await world.Http.GetStringAsync($"/mail?to={to}&before={before}", World.Stop));

        using var deleted = await world.Http.PostAsync("/mail/delete", Form(("to", to)), World.Stop);
        Assert.Equal(HttpStatusCode.Redirect, deleted.StatusCode);
        Assert.Contains("60", await world.Http.GetStringAsync(deleted.Headers.Location, World.Stop));
        Assert.Equal(0, await world.Count(to));
        Assert.Contains("別の人", await world.Http.GetStringAsync("/mail", World.Stop));
        await world.Send(to);
        Assert.Equal(1, (await World.Read(await world.Http.DeleteAsync($"/api/mail?to={to}", World.Stop))).GetProperty("deleted").GetInt32());
    }

    [Fact]
    public async Task A_mail_cannot_take_over_the_page()
    {
        var to = World.Somebody();
        using (var talk = await world.Talk())
        {
            await talk.Envelope(to);
            await talk.Write("Subject: <script>alert(1)</script>\r\nContent-Type: text/html\r\n\r\n<script>alert(2)</script><a href=\"https://example.jp/go\">go</a>\r\n.\r\n");
            await talk.Answer();
        }
        var id = (await world.Arrived(to)).GetProperty("id");
        using var page = await world.Http.GetAsync($"/mail/{id}", World.Stop);
        var html = await page.Content.ReadAsStringAsync(World.Stop);
        Assert.DoesNotContain("<script>alert", html);
        Assert.Contains("href=\"https://example.jp/go\"", html);
        Assert.DoesNotContain("unsafe", page.Headers.GetValues("Content-Security-Policy").Single());
        using var part = await world.Http.GetAsync($"/mail/{id}/html", World.Stop);
        var policy = part.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("sandbox;", policy);
        Assert.Contains("default-src 'none'", policy);
        Assert.Contains("<script>alert(2)", await part.Content.ReadAsStringAsync(World.Stop));
        using var raw = await world.Http.GetAsync($"/mail/{id}/raw", World.Stop);
        Assert.Equal("attachment", raw.Content.Headers.ContentDisposition!.DispositionType);
    }

    [Fact]
    public async Task The_panel_works_without_scripts()
    {
        using var set = await world.Http.PostAsync("/en/faults", Form(("service", "mail"), ("kind", "delay"), ("milliseconds", "1234"), ("times", "3"), ("every", "1"), ("only", "panel@")), World.Stop);
        Assert.Equal("/en/faults", set.Headers.Location?.OriginalString);
        var page = await world.Http.GetStringAsync("/en/faults", World.Stop);
        Assert.Contains("late by 1,234 ms", page);
        var id = (await world.Json("/api/faults")).GetProperty("faults").EnumerateArray().Single(f => f.GetProperty("only").GetString() == "panel@").GetProperty("id");
        using var off = await world.Http.PostAsync("/faults/off", Form(("id", $"{id}")), World.Stop);
        Assert.Equal(HttpStatusCode.Redirect, off.StatusCode);
        Assert.DoesNotContain("1,234", await world.Http.GetStringAsync("/faults", World.Stop));
        using var lost = await world.Http.PostAsync("/faults/off", Form(("id", "")), World.Stop);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, lost.StatusCode);
    }

    [Fact]
    public async Task What_was_written_is_kept_when_something_is_wrong_with_it()
    {
        using var answer = await world.Http.PostAsync("/faults", Form(("service", "mail"), ("kind", "refuse"), ("status", "二百"), ("times", "０"), ("only", "<b>残る</b>")), World.Stop);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        var page = await answer.Content.ReadAsStringAsync(World.Stop);
        Assert.Contains("整数を半角数字で入力してください", page);
        Assert.Contains("二百", page);
        Assert.Contains("&lt;b&gt;残る", page);
    }

    [Theory]
    [InlineData("/faults")]
    [InlineData("/faults/off")]
    [InlineData("/mail/delete")]
    [InlineData("/directory/main/rotate")]
    [InlineData("/directory/main/settings")]
    public async Task Another_sites_page_can_change_nothing(string path)
    {
        foreach (var (name, value) in new[] { ("Origin", "https://evil.example"), ("Origin", "null"), ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site") })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = Form(("id", "all")) };
            request.Headers.Add(name, value);
            using var answer = await world.Http.SendAsync(request, World.Stop);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        }
        using var own = new HttpRequestMessage(HttpMethod.Post, path) { Content = Form(("id", "all"), ("to", "nobody@nowhere.jp")) };
        own.Headers.Add("Origin", world.Http.BaseAddress!.GetLeftPart(UriPartial.Authority));
        own.Headers.Add("Sec-Fetch-Site", "same-origin");
        using var good = await world.Http.SendAsync(own, World.Stop);
        Assert.NotEqual(HttpStatusCode.Forbidden, good.StatusCode);
    }

    [Fact]
    public async Task A_name_that_was_pointed_here_opens_nothing()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/mail");
        request.Headers.Host = "evil.example";
        using var answer = await world.Http.SendAsync(request, World.Stop);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/mail")]
    [InlineData("/faults")]
    [InlineData("/nowhere")]
    public async Task Pages_have_two_languages_and_say_what_may_run(string path)
    {
        foreach (var (lang, prefix) in new[] { ("ja", ""), ("en", "/en") })
        {
            using var answer = await world.Http.GetAsync(prefix + path, World.Stop);
            Assert.Contains($"<html lang=\"{lang}\"", await answer.Content.ReadAsStringAsync(World.Stop));
            var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
            Assert.StartsWith("default-src 'none'", policy);
            Assert.DoesNotContain("unsafe", policy);
            Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        }
    }

    [Fact]
    public async Task Whatever_is_asked_the_answer_is_never_a_failure()
    {
        string[] paths =
        [
            "/api/mail?limit=0", "/api/mail?limit=x", "/api/mail?after=99999999999999999999", "/api/mail/9999999", "/api/mail/x", "/api/mail/9999999/raw", "/api/mail/wait?seconds=-1",
            "/api/mail/wait?seconds=NaN", "/api/mail/wait?seconds=1e9", "/api/mail?to=%00%ff%ed%a0%80", "/mail?before=x", "/mail?deleted=x", "/mail?to=%00%ff", "/mail/1/parts/99", "/mail/99999999999999999999",
            "/mail/0/html", "/assets/../../etc/passwd", "/assets/nothing.css", "/en/en", "/%2e%2e/", "/faults/off", "/api/log?limit=-5", "/api/faults/x",
            "/directory", "/directory/%20", "/directory/main/token", "/directory/main/keys", "/directory/main/authorize", "/directory/main/authorize?client_id=komachi&redirect_uri=%00", "/directory/main/userinfo",
            "/directory/main/end-session?post_logout_redirect_uri=x&client_id=komachi", "/api/directory/x%20y", "/api/directory/never-failing", "/api/directory/never-failing/rotate",
        ];
        foreach (var path in paths)
            foreach (var method in new[] { HttpMethod.Get, HttpMethod.Post, HttpMethod.Put, HttpMethod.Delete, HttpMethod.Head, HttpMethod.Patch })
            {
                using var request = new HttpRequestMessage(method, path);
                using var answer = await world.Http.SendAsync(request, World.Stop);
                Assert.True((int)answer.StatusCode < 500, $"{method} {path}: {answer.StatusCode}");
                if (path.StartsWith("/api", StringComparison.Ordinal) && (int)answer.StatusCode >= 400 && method != HttpMethod.Head)
                    Assert.NotEmpty((await World.Read(answer, answer.StatusCode)).GetProperty("error").GetString()!);
            }
    }

    [Fact]
    public async Task Bodies_that_cannot_be_read_are_answered_with_4xx()
    {
        foreach (var path in new[] { "/faults", "/faults/off", "/mail/delete" })
        {
            await Is(413, path, new ByteArrayContent(new byte[2 * 1024 * 1024]), "application/x-www-form-urlencoded");
            await Is(415, path, new StringContent("id=1"), "application/x-www-form-urlencoded; charset=utf-7");
            await Is(415, path, new StringContent("{}"), "application/json");
            await Is(400, path, new StringContent("x"), "multipart/form-data");
            await Is(400, path, new StringContent("--b\r\nContent-Disposition: form-data; name=id\r\n\r\nnever ends"), "multipart/form-data; boundary=b");
            await Is(null, path, new StringContent("--b\r\nContent-Disposition: form-data; name=id\r\nContent-Type: text/plain; charset=utf-7\r\n\r\n1\r\n--b--\r\n"), "multipart/form-data; boundary=b");
            await Is(null, path, new StringContent("to=%00%ff%ed%a0%80&id=%00&service=%00&kind=%ff&=&&=="), "application/x-www-form-urlencoded");
            await Is(400, path, new StringContent(string.Join('&', Enumerable.Range(0, 5_000).Select(i => $"f{i}=1"))), "application/x-www-form-urlencoded");
        }
        using var json = new HttpRequestMessage(HttpMethod.Put, "/api/faults") { Content = new StringContent(new string(' ', 2 * 1024 * 1024)) };
        json.Content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/json");
        json.Headers.TransferEncodingChunked = true;
        using var large = await world.Http.SendAsync(json, World.Stop);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
        using var text = await world.Http.PutAsync("/api/faults", new StringContent("{}"), World.Stop);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, text.StatusCode);

        async Task Is(int? status, string path, HttpContent content, string type)
        {
            content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
            using var answer = await world.Http.PostAsync(path, content, World.Stop);
            if (status is null) Assert.True((int)answer.StatusCode < 500, $"{path} {type}: {answer.StatusCode}");
            else Assert.True(status == (int)answer.StatusCode, $"{path} {type}: {answer.StatusCode}, not {status}");
        }
    }

    [Theory]
    [InlineData("--smtp-port", "x")]
    [InlineData("--smtp-port", "70000")]
    [InlineData("--urls", "nonsense")]
    [InlineData("--urls", "https://127.0.0.1:0")]
    [InlineData("--smtp-address", "nowhere")]
    [InlineData("--colour", "green")]
    [InlineData("--mail-keep")]
    public async Task Options_that_cannot_be_are_refused_with_a_sentence(params string[] arguments) =>
        Assert.NotEmpty((await Assert.ThrowsAsync<SandboxRefused>(() => OutsideWorld.Open(arguments))).Message);

    [Fact]
    public async Task A_port_that_is_taken_is_said_to_be() =>
        Assert.Contains($"{world.SmtpPort}", (await Assert.ThrowsAsync<SandboxRefused>(() => OutsideWorld.Open("--smtp-port", $"{world.SmtpPort}"))).Message);

    static FormUrlEncodedContent Form(params (string Name, string Value)[] fields) => new(fields.Select(f => KeyValuePair.Create(f.Name, f.Value)));
}
