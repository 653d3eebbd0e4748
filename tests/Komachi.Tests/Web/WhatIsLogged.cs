using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Komachi.Tests.Audit;
using Komachi.Tests.Harness;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Komachi.Tests.Web;

/// <summary>The program's log, as any writer behind it gets it: that something failed, where and with which number; never what somebody typed.</summary>
[Trait("Category", "long")]
public sealed class WhatIsLogged(TestProgram program)
{
    const string Password = "himitsu-no-kotoba-4711", Name = "見本 隠乃丞", Mail = "kakure-no-jo@example.jp", Code = "918273", Number = "983205673214", Token = "naisho-no-token-4711";
    static readonly string[] Secrets = [Password, Name, "隠乃丞", Mail, "kakure-no-jo", Code, Number, "9832-0567-3214", Token];

    /// <summary>Hears everything that passes the filters, and the messages of exceptions, which the console writes too.</summary>
    sealed class Ear : ILoggerProvider, ILogger
    {
        public readonly ConcurrentQueue<string> Lines = new();
        public ILogger CreateLogger(string categoryName) => this;
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
        public bool IsEnabled(LogLevel level) => true;
        public void Log<TState>(LogLevel level, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines.Enqueue($"{level} {formatter(state, exception)} {exception?.Message}");
        public void Dispose() { }
    }

    [Fact]
    public async Task Of_what_was_typed_in_right_and_in_wrong_places_nothing_is_logged_and_a_500_is_with_its_number_and_route()
    {
        var town = await program.NewTown();
        var ear = new Ear();
        program.Service<ILoggerFactory>().AddProvider(ear);
        // The server's own scopes hold the path as it was typed: none is written.
        Assert.False(program.Service<IOptionsMonitor<JsonConsoleFormatterOptions>>().CurrentValue.IncludeScopes);
        var (stranger, joho) = (town.Visitor(), await town.Staff("joho"));

        // At the doors: right fields, wrong fields, wrong codes.
        foreach (var secret in Secrets)
        {
            await stranger.Submit(await stranger.Open("sign-in"), new() { ["name"] = secret, ["password"] = Password });
            await stranger.Submit(await stranger.Open("sign-in/code"), new() { ["email"] = secret });
            await stranger.Submit(await stranger.Open("desk/sign-in/invitation"), new() { ["email"] = Mail, ["code"] = secret, ["password"] = Password });
            await stranger.Submit(await stranger.Open($"sign-in/forgot/{Guid.CreateVersion7()}"), new() { ["code"] = secret, ["password"] = Password });
            await joho.Find("desk/persons", ("q", secret), ("bornOn", secret));
            await joho.Submit(await joho.Open("desk/persons/new"), new() { ["name"] = secret, ["phone"] = secret, ["bornOn"] = secret, ["postcode"] = secret });
        }
        // Where nobody should type them: addresses, queries, headers, cookies, bodies that are no forms, tokens.
        foreach (var secret in Secrets.Select(Uri.EscapeDataString))
        {
            foreach (var path in new[] { $"{secret}", $"desk/persons/{secret}", $"announcements?q={secret}&after={secret}", $"sign-in?then={secret}", $"desk/persons?find={secret}&after={secret}", $"api/v1/announcements?limit={secret}", $"desk/audit/entries?account={secret}" })
                foreach (var who in new[] { stranger, joho })
                    (await who.Send(HttpMethod.Get, path)).Dispose();
            foreach (var content in new HttpContent[] { new FormUrlEncodedContent(new Dictionary<string, string> { ["_token"] = secret, ["password"] = secret }), new StringContent(secret, Encoding.UTF8, "text/plain"),
                new StringContent("--x\r\nContent-Disposition: form-data; name=\"" + secret + "\"\r\n\r\n" + secret, Encoding.UTF8, "multipart/form-data"), new StringContent("{\"" + secret, Encoding.UTF8, "application/json") })
                (await joho.Send(HttpMethod.Post, "desk/persons/new", content)).Dispose();
            using var odd = new HttpRequestMessage(HttpMethod.Get, $"/{town.Slug}/desk");
            foreach (var header in new[] { "Cookie", "User-Agent", "X-Forwarded-For", "Referer", "Accept-Language" }) odd.Headers.TryAddWithoutValidation(header, secret);
            (await stranger.Http.SendAsync(odd)).Dispose();
        }

        // A database that says no with the very value that was typed: the worst of messages.
        await town.Tamper("""
            CREATE FUNCTION people.say_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no place for %', NEW.name; END $$;
            CREATE TRIGGER say_it BEFORE INSERT ON people.persons FOR EACH ROW EXECUTE FUNCTION people.say_it()
            """);
        var failed = await joho.Submit(await joho.Open("desk/persons/new"), new() { ["name"] = Name });
        Assert.Equal(HttpStatusCode.InternalServerError, failed.Status);
        Assert.DoesNotContain("no place for", failed.Html);
        var line = Assert.Single(ear.Lines, l => l.Contains(failed.Headers["X-Request-Id"]));
        Assert.StartsWith("Error ", line);
        Assert.Contains("POST", line);
        Assert.Contains("/desk/persons/new", line);

        await town.Until("count(*) >= 1 FROM audit.entries WHERE action = 'house.wrong_token'");
        foreach (var said in ear.Lines)
            foreach (var secret in Secrets)
                Assert.False(said.Contains(secret, StringComparison.OrdinalIgnoreCase) || said.Contains(Uri.EscapeDataString(secret), StringComparison.OrdinalIgnoreCase), said);
    }
}
