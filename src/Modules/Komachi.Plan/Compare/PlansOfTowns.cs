using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using Komachi.Platform.Towns;
using Komachi.Platform.Web;
using Komachi.Ui.Words;

namespace Komachi.Plan;

/// <summary>What a town says of its plan to everybody.</summary>
/// <param name="Base">What stands before the addresses of its pages: <c>/onojo</c>, or a whole address where another installation runs it.</param>
/// <param name="Plan">None where it did not answer just now.</param>
public sealed record TownsPlan(string Key, Said Name, string Base, PlanApi.PlanAnswer? Plan)
{
    public string Link(Lang lang, string path) => $"{Base}{lang.Segment}/{path}";
}

/// <summary>
/// The plans of the towns, read as any other program reads them: over HTTP from their public API, ours and those of other installations alike.
/// So what is compared is what is public, and a town that is away takes only its own column along. Kept for a minute: this page asks many.
/// </summary>
sealed class PlansOfTowns(Registry registry, OwnAddress own, WebOptions options, TimeProvider time)
{
    static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1), AwayFor = TimeSpan.FromSeconds(5);
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, MaxConnectionsPerServer = 8, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        Timeout = TimeSpan.FromSeconds(8), MaxResponseContentBufferSize = 8 * 1024 * 1024,
    };
    readonly ConcurrentDictionary<Uri, Kept> _kept = new();

    /// <summary>Those that let theirs be compared, and those that could not be asked; in the order of their codes, neighbours behind.</summary>
    public async Task<IReadOnlyList<TownsPlan>> All(CancellationToken stop)
    {
        var asked = Towns().Select(async town => (Town: town, Answer: await Read(town.Address).WaitAsync(stop))).ToArray();
        var all = new List<TownsPlan>();
        foreach (var (town, answer) in await Task.WhenAll(asked))
            if (answer is { Away: true } or { Plan.Compare: true }) all.Add(new(town.Key, answer.Plan?.Town.Name ?? town.Name, town.Base, answer.Plan));
        return all;
    }

    IEnumerable<(string Key, Said Name, string Base, Uri Address)> Towns()
    {
        if (own.Of() is { } here)
            foreach (var town in registry.Towns)
                if (town is { State: TownState.Open, IsTraining: false } && town.Modules.Contains("plan"))
                    yield return (town.Slug, town.Name, "/" + town.Slug, new(here, $"{town.Slug}/api/v1/plan"));
        foreach (var neighbour in options.Neighbours)
        {
            var address = neighbour.AbsoluteUri.TrimEnd('/');
            yield return (address, new() { ["ja"] = neighbour.Host, ["en"] = neighbour.Host }, address, new(address + "/api/v1/plan"));
        }
    }

    // Who comes while it is being read waits for the same answer.
    Task<Answer> Read(Uri address)
    {
        var now = time.GetUtcNow();
        var kept = _kept.GetOrAdd(address, _ => new(now, new(() => Ask(address))));
        if (kept.Answer is { IsValueCreated: true, Value: { IsCompleted: true } answer } && now - kept.At > (answer.Result.Away ? AwayFor : Fresh))
        {
            var next = new Kept(now, new(() => Ask(address)));
            kept = _kept.TryUpdate(address, next, kept) ? next : _kept[address];
        }
        return kept.Answer.Value;
    }

    async Task<Answer> Ask(Uri address)
    {
        try
        {
            using var answer = await _http.GetAsync(address);
            if (answer.StatusCode == System.Net.HttpStatusCode.NotFound) return new(null, Away: false);
            answer.EnsureSuccessStatusCode();
            var plan = await answer.Content.ReadFromJsonAsync<PlanApi.PlanAnswer>(Json);
            return IsWhole(plan) ? new(plan, Away: false) : new(null, Away: true);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or JsonException or InvalidOperationException or NotSupportedException)
        {
            return new(null, Away: true);
        }
    }

    // Somebody else's program may answer anything.
    static bool IsWhole(PlanApi.PlanAnswer? plan) =>
        plan is { Title: not null, Period: not null, From: not null, Until: not null, Town: { Name: not null, Slug: not null }, Totals.CostByYear: not null, Policies: not null, Measures: not null }
        && plan.Policies.All(p => p is { Indicators: not null }) && plan.Measures.All(m => m is { Code: not null, Title: not null, National: not null, Indicators: not null })
        && plan.Measures.SelectMany(m => m.Indicators).Concat(plan.Policies.SelectMany(p => p.Indicators)).All(i => i is not null);

    sealed record Kept(DateTimeOffset At, Lazy<Task<Answer>> Answer);

    sealed record Answer(PlanApi.PlanAnswer? Plan, bool Away);
}
