using System.Security.Claims;
using Komachi.Platform.Web;
using Komachi.Tests.Harness;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;

namespace Komachi.Tests.Web;

/// <summary>One token for the pages of some minutes: of one session, in one town, in one browser, and no other.</summary>
public sealed class TokensOfForms(TestProgram program)
{
    readonly Clock _clock = new();
    readonly Making _made = new();

    FormTokens Tokens() => new(_made, _clock);

    [Fact]
    public async Task A_token_is_used_again_for_ten_minutes_and_no_longer()
    {
        var (tokens, komaki) = (Tokens(), await program.NewTown());
        var first = tokens.For(Asked(komaki, "session-1"));
        _clock.Go(TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(1));
        Assert.Equal(first, tokens.For(Asked(komaki, "session-1")));
        _clock.Go(TimeSpan.FromSeconds(1));
        var second = tokens.For(Asked(komaki, "session-1"));
        Assert.NotEqual(first, second);
        // From then on it is the new one, and its own ten minutes count.
        _clock.Go(TimeSpan.FromMinutes(9));
        Assert.Equal(second, tokens.For(Asked(komaki, "session-1")));
        Assert.Equal(2, _made.Count);
    }

    [Fact]
    public async Task No_session_town_or_browser_is_given_the_token_of_another()
    {
        var (tokens, komaki, onojo) = (Tokens(), await program.NewTown(), await program.NewTown("onojo"));
        HttpContext[] visits =
        [
            Asked(komaki, "session-1"), Asked(komaki, "session-2"), Asked(onojo, "session-1"), Asked(komaki, "session-1", browser: "another"),
            Asked(komaki, "session-1 for somebody"),    // who acts for another has another name of the session: SessionDoor.UserOf
        ];
        var given = visits.Select(tokens.For).ToArray();
        Assert.Equal(visits.Length, given.Distinct().Count());
        Assert.Equal(given, visits.Select(tokens.For));
    }

    [Fact]
    public async Task Who_is_not_signed_in_or_has_no_cookie_yet_gets_one_each_time()
    {
        var (tokens, komaki) = (Tokens(), await program.NewTown());
        Func<HttpContext>[] asks = [() => Asked(komaki, null), () => Asked(komaki, "session-1", browser: null), () => new DefaultHttpContext()];
        foreach (var ask in asks) Assert.NotEqual(tokens.For(ask()), tokens.For(ask()));

        // Where the answer brings the browser another cookie, the token belongs to that one and is no use with the old.
        _made.GivesCookie = true;
        Assert.NotEqual(tokens.For(Asked(komaki, "session-1")), tokens.For(Asked(komaki, "session-1")));
    }

    [Fact]
    public async Task However_many_sessions_there_are_twenty_thousand_tokens_are_kept()
    {
        var (tokens, komaki) = (Tokens(), await program.NewTown());
        var first = tokens.For(Asked(komaki, "session-0"));
        for (var i = 1; i < 20_000; i++) tokens.For(Asked(komaki, "session-" + i));
        Assert.Equal(first, tokens.For(Asked(komaki, "session-0")));
        // One more than fit: what was kept is let go, and everybody is given a new one, which is kept again.
        tokens.For(Asked(komaki, "one too many"));
        var anew = tokens.For(Asked(komaki, "session-0"));
        Assert.NotEqual(first, anew);
        Assert.Equal(anew, tokens.For(Asked(komaki, "session-0")));
    }

    static DefaultHttpContext Asked(TestTown town, string? session, string? browser = "this one")
    {
        var http = new DefaultHttpContext();
        var visit = http.Visit();
        visit.Enter(town.Town, "/" + town.Slug, Komachi.Ui.Words.Lang.Japanese, "/");
        if (browser is not null) http.Request.Headers.Cookie = "komachi-form=" + Uri.EscapeDataString(browser);
        if (session is null) return http;
        visit.Visitor = new(Komachi.Platform.Data.Id.New(), Komachi.Platform.Data.Id.New(), "見本 花子", null, false, []);
        http.User = new(new ClaimsIdentity([new(ClaimTypes.NameIdentifier, session)], "session"));
        return http;
    }

    /// <summary>Counts on, so that no two tokens are the same.</summary>
    sealed class Making : IAntiforgery
    {
        public int Count { get; private set; }
        public bool GivesCookie { get; set; }

        public AntiforgeryTokenSet GetAndStoreTokens(HttpContext http) => new($"token {++Count}", GivesCookie ? "another cookie" : null, "_token", null);
        public AntiforgeryTokenSet GetTokens(HttpContext http) => throw new NotSupportedException();
        public Task<bool> IsRequestValidAsync(HttpContext http) => throw new NotSupportedException();
        public Task ValidateRequestAsync(HttpContext http) => throw new NotSupportedException();
        public void SetCookieTokenAndHeader(HttpContext http) => throw new NotSupportedException();
    }

    sealed class Clock : TimeProvider
    {
        long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;
        public override long GetTimestamp() => _now;

        public void Go(TimeSpan on) => _now += on.Ticks;
    }
}
