using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Komachi.Platform.OpenId.Jose;

namespace Komachi.Platform.OpenId;

/// <summary>
/// The providers that towns' settings name: their documents and keys, asked for once an hour and kept for all towns of this
/// process. What is kept under an issuer was fetched from that issuer's own address and says that it is of that issuer; no town
/// puts anything in. Answers are small, quick and final: no redirect is followed.
/// </summary>
sealed class Providers(TimeProvider time) : IDisposable
{
    const int LongestAnswer = 256 * 1024, MostKept = 1000;
    static readonly TimeSpan KeptFor = TimeSpan.FromHours(1), BetweenAsking = TimeSpan.FromMinutes(1);

    readonly ConcurrentDictionary<string, Kept> _kept = new();
    readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),    // a provider that moves is found again
        MaxResponseHeadersLength = 32,
        MaxResponseDrainSize = 0,
    }) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>How long one answer may take, from the first byte sent to the last one read.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);

    public async Task<Provider> Find(string issuer, CancellationToken stop)
    {
        var kept = Of(issuer);
        if (kept.Provider is { } known && time.GetElapsedTime(kept.ProviderAt) < KeptFor) return known;
        await kept.Turn.WaitAsync(stop);    // one asks, the others wait for what it hears
        try
        {
            if (kept.Provider is { } heard && time.GetElapsedTime(kept.ProviderAt) < KeptFor) return heard;
            kept.Provider = await Ask(issuer, stop);
            kept.ProviderAt = time.GetTimestamp();
            return kept.Provider;
        }
        finally
        {
            kept.Turn.Release();
        }
    }

    /// <summary>Asks anew, and keeps nothing: for who wants to know how it stands now.</summary>
    public async Task<Provider> Ask(string issuer, CancellationToken stop)
    {
        var address = Provider.DocumentOf(issuer) ?? throw new OpenIdRefused(Refusal.AddressNotAllowed);
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        var (status, document) = await Send(request, stop);
        return Provider.Read(status == HttpStatusCode.OK && document is { } read ? read : throw new OpenIdRefused(Refusal.AnswerUnreadable), issuer);
    }

    public async Task<IReadOnlyList<Jwk>> AskKeys(Provider provider, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, provider.Keys);
        var (status, set) = await Send(request, stop);
        return (status == HttpStatusCode.OK && set is { } read ? Jwk.ReadSet(read) : null) ?? throw new OpenIdRefused(Refusal.AnswerUnreadable);
    }

    /// <summary>
    /// The one key that may have signed it. For a name that is not known the keys are asked for anew, at most once a minute: a
    /// provider changes its keys now and then, and tokens with made-up names must not make us knock all the time.
    /// </summary>
    public async Task<Jwk> KeyOf(Provider provider, Jws token, CancellationToken stop)
    {
        var kept = Of(provider.Issuer);
        if (Fresh(kept) && One(kept.Keys, token) is { } known) return known;
        await kept.Turn.WaitAsync(stop);
        try
        {
            if (Fresh(kept))
            {
                if (One(kept.Keys, token) is { } heard) return heard;
                if (kept.AskedAgainAt is { } at && time.GetElapsedTime(at) < BetweenAsking) throw new OpenIdRefused(Refusal.TokenKeyUnknown);
                kept.AskedAgainAt = time.GetTimestamp();
            }
            kept.Keys = await AskKeys(provider, stop);
            (kept.KeysAt, kept.KeysFrom) = (time.GetTimestamp(), provider.Keys);
            return One(kept.Keys, token) ?? throw new OpenIdRefused(Refusal.TokenKeyUnknown);
        }
        finally
        {
            kept.Turn.Release();
        }

        bool Fresh(Kept k) => k.Keys is not null && k.KeysFrom == provider.Keys && time.GetElapsedTime(k.KeysAt) < KeptFor;
    }

    /// <summary>By its name; without a name only where there is no choice. Two that fit are none.</summary>
    static Jwk? One(IReadOnlyList<Jwk>? keys, Jws token)
    {
        var fitting = (keys ?? []).Where(k => k.Fits(token.Algorithm) && (token.KeyId is null || k.Id == token.KeyId)).Take(2).ToArray();
        return fitting.Length == 1 ? fitting[0] : null;
    }

    /// <summary>One question and its answer: its status, and the JSON object that it is, if it is one.</summary>
    public async Task<(HttpStatusCode Status, JsonElement? Answer)> Send(HttpRequestMessage request, CancellationToken stop)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, patience.Token);
        request.Headers.Accept.ParseAdd("application/json");
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            if (response.Content.Headers.ContentLength > LongestAnswer) throw new OpenIdRefused(Refusal.AnswerUnreadable);
            await using var body = await response.Content.ReadAsStreamAsync(either.Token);
            var bytes = new byte[LongestAnswer + 1];
            var length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, either.Token);
            if (length > LongestAnswer) throw new OpenIdRefused(Refusal.AnswerUnreadable);
            if ((int)response.StatusCode >= 500) throw new OpenIdRefused(Refusal.Away);
            return (response.StatusCode, StrictJson.Object(bytes.AsSpan(0, length)));
        }
        catch (Exception e) when (!stop.IsCancellationRequested && e is HttpRequestException or IOException or OperationCanceledException)
        {
            throw new OpenIdRefused(Refusal.Away);
        }
    }

    Kept Of(string issuer)
    {
        // Far more than there are: whoever makes up issuers makes us forget, not grow.
        if (_kept.Count >= MostKept && !_kept.ContainsKey(issuer)) _kept.Clear();
        return _kept.GetOrAdd(issuer, static _ => new());
    }

    public void Dispose() => _http.Dispose();

    sealed class Kept
    {
        public readonly SemaphoreSlim Turn = new(1);
        public volatile Provider? Provider;
        public long ProviderAt;
        public volatile IReadOnlyList<Jwk>? Keys;
        public volatile Uri? KeysFrom;
        public long KeysAt;
        public long? AskedAgainAt;
    }
}
