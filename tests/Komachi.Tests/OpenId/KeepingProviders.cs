using System.Net.Http.Json;
using System.Text.Json;
using Komachi.Platform.OpenId;
using Komachi.Platform.OpenId.Jose;
using Komachi.Tests.Harness;

namespace Komachi.Tests.OpenId;

/// <summary>What is kept of a provider, for how long, and how patient we are.</summary>
public sealed class KeepingProviders(TestProgram program)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_description_is_asked_for_once_an_hour_by_however_many()
    {
        using var world = new HttpClient { BaseAddress = program.World.Url };
        var (clock, issuer) = (new Clock(), Issuer());
        using var providers = new Providers(clock);
        await Fault("directory", new { kind = "delay", milliseconds = 50 });
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => providers.Find(issuer, Stop)));
        Assert.Equal(1, await Seen());
        clock.Forward(TimeSpan.FromMinutes(59));
        await providers.Find(issuer, Stop);
        Assert.Equal(1, await Seen());
        clock.Forward(TimeSpan.FromMinutes(2));
        await providers.Find(issuer, Stop);
        Assert.Equal(2, await Seen());

        string Issuer() => new Uri(program.World.Url, "directory/" + Realm).ToString();
        async Task Fault(string place, object fault)
        {
            var all = JsonSerializer.SerializeToNode(fault)!.AsObject();
            (all["service"], all["only"]) = (place, Realm);
            using var set = await world.PutAsJsonAsync("/api/faults", all, Stop);
            set.EnsureSuccessStatusCode();
        }
        async Task<int> Seen() => JsonDocument.Parse(await world.GetStringAsync("/api/faults", Stop)).RootElement.GetProperty("faults").EnumerateArray().Single(f => f.GetProperty("only").GetString() == Realm).GetProperty("seen").GetInt32();
    }

    const string Realm = "kept-for-an-hour";

    [Fact]
    public async Task Unknown_keys_are_asked_for_once_a_minute()
    {
        using var world = new HttpClient { BaseAddress = program.World.Url };
        const string realm = "knock-once";
        var clock = new Clock();
        using var providers = new Providers(clock);
        var provider = await providers.Find(new Uri(program.World.Url, "directory/" + realm).ToString(), Stop);
        var old = await Token();
        Assert.NotNull(await providers.KeyOf(provider, old, Stop));

        // New keys: found at once. And again within the minute: not before it is over.
        var second = await Rotated();
        Assert.NotNull(await providers.KeyOf(provider, second, Stop));
        var third = await Rotated();
        Assert.Equal(Refusal.TokenKeyUnknown, (await Assert.ThrowsAsync<OpenIdRefused>(() => providers.KeyOf(provider, third, Stop))).Why);
        Assert.NotNull(await providers.KeyOf(provider, second, Stop));
        clock.Forward(TimeSpan.FromSeconds(61));
        Assert.NotNull(await providers.KeyOf(provider, third, Stop));
        // What the provider took back is no key any more.
        clock.Forward(TimeSpan.FromMinutes(2));
        await Assert.ThrowsAsync<OpenIdRefused>(() => providers.KeyOf(provider, old, Stop));

        async Task<Jws> Token() => Named((await providers.AskKeys(provider, Stop))[0].Id!);
        async Task<Jws> Rotated()
        {
            using var answer = await world.PostAsync($"/api/directory/{realm}/rotate", null, Stop);
            return await Token();
        }
        static Jws Named(string id) => Jws.Read($"{System.Buffers.Text.Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(new { alg = "ES256", kid = id }))}.e30.AAAA", [JwsAlgorithm.ES256]);
    }

    [Fact]
    public async Task Who_is_slow_is_away()
    {
        using var world = new HttpClient { BaseAddress = program.World.Url };
        const string realm = "slow";
        using var set = await world.PutAsJsonAsync("/api/faults", new { service = "directory", kind = "delay", milliseconds = 60_000, times = 1, only = realm }, Stop);
        using var providers = new Providers(TimeProvider.System) { Patience = TimeSpan.FromMilliseconds(300) };
        var issuer = new Uri(program.World.Url, "directory/" + realm).ToString();
        Assert.Equal(Refusal.Away, (await Assert.ThrowsAsync<OpenIdRefused>(() => providers.Find(issuer, Stop))).Why);
        using var patient = new Providers(TimeProvider.System);
        Assert.NotNull(await patient.Find(issuer, Stop));
    }

    /// <summary>A clock that goes forward when it is told to; timers are real.</summary>
    sealed class Clock : TimeProvider
    {
        long _forward;

        public void Forward(TimeSpan by) => _forward += (long)(by.TotalSeconds * TimestampFrequency);

        public override long GetTimestamp() => base.GetTimestamp() + _forward;
    }
}
